"""What a query string asks for: the account, the filter, the span, the place in the log.

Raises: NotAccepted with the parameter's name, NotFound for an account that is not there.
"""

from typing import Annotated

import msgspec
from litestar.params import QueryParameter

from copilot_api.settings import read_instant
from copilot_api.store.ledger import Choice, Mark
from copilot_api.web.admin.desk import Desk, NotAccepted

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
MAX_SPANS = {"hour": 62 * 24, "day": 800}
DEFAULT_SPANS = {"hour": 24, "day": 30}

Text = Annotated[str, QueryParameter(required=False, max_length=200)]
Limit = Annotated[int, QueryParameter(name="limit", ge=1, le=200, required=False)]
From = Annotated[str, QueryParameter(name="from", required=False, max_length=40)]
To = Annotated[str, QueryParameter(name="to", required=False, max_length=40)]
AccountId = Annotated[str, QueryParameter(name="accountId", required=False, max_length=200)]


class Filter(msgspec.Struct, frozen=True):
    """The parameters that choose rows, as they were given."""

    account: str
    source: str
    model: str
    client: str
    key: str
    upstream: str
    outcome: str
    from_: str
    to: str
    q: str

    def choice(self, desk: Desk, account: str) -> Choice:
        """Read it; `account` is whose rows are meant where nobody is named."""
        if self.source not in {"", "all", "request"}:
            raise _refused("source", self.source, "all or request")
        return Choice(
            account_id=account_id(self.account or account, desk),
            model=self.model,
            client=self.client,
            key=self.key,
            upstream=self.upstream,
            outcome=self.outcome,
            source="request" if self.source == "request" else "",
            q=self.q.strip(),
            from_ms=read_moment("from", self.from_),
            to_ms=read_moment("to", self.to),
        )


def filter_of(
    *,
    account: Text = "",
    source: Text = "",
    model: Text = "",
    client: Text = "",
    key: Text = "",
    upstream: Text = "",
    outcome: Text = "",
    from_: From = "",
    to: To = "",
    q: Text = "",
) -> Filter:
    """Gather the parameters of a filter; a dependency of the routes that take one."""
    return Filter(account, source, model, client, key, upstream, outcome, from_, to, q)


def account_id(text: str, desk: Desk) -> str:
    """The account that is meant; "" for all, also while none is active.

    One that was removed still has its rows.
    """
    if text == "all":
        return ""
    if text in {"", "active"}:
        active = desk.accounts.active
        return active.id if active is not None else ""
    return text


def read_moment(name: str, text: str) -> int | None:
    """Read ISO 8601 as Unix milliseconds; None where nothing was given."""
    if not text:
        return None
    try:
        return round(read_instant(text) * 1000)
    except (ValueError, OverflowError, OSError):
        raise _refused(name, text, "a time such as 2026-11-22T10:00:00Z") from None


def read_cursor(text: str) -> Mark | None:
    """Read where a page ended."""
    if not text:
        return None
    parts = text.split(".")
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() and len(part) <= 16 for part in parts):
        raise _refused("cursor", text, "the nextCursor of an earlier page")
    return Mark(*map(int, parts))


def write_cursor(mark: Mark | None) -> str | None:
    """Write where a page ended."""
    return None if mark is None else f"{mark.at_ms}.{mark.id}.{mark.as_of}"


def read_spans(by: str, from_: str, to: str, now_ms: int, offset_min: int) -> tuple[range, int, int]:
    """Read the spans of a chart: their numbers since 1970, and the moments between which they lie."""
    length_ms = HOUR_MS if by == "hour" else DAY_MS
    shift_ms = offset_min * 60_000 if by == "day" else 0
    to_ms = read_moment("to", to)
    from_ms = read_moment("from", from_)
    end = -(-((to_ms if to_ms is not None else now_ms) + shift_ms) // length_ms)
    begin = end - DEFAULT_SPANS[by] if from_ms is None else (from_ms + shift_ms) // length_ms
    if end - begin > MAX_SPANS[by]:
        raise _refused("from", from_, f"a span of at most {MAX_SPANS[by]} {by}s")
    spans = range(begin, max(begin, end))
    return spans, spans.start * length_ms - shift_ms, spans.stop * length_ms - shift_ms


def _refused(name: str, value: str, form: str) -> NotAccepted:
    return NotAccepted(
        f"{name}: {value!r} is not accepted.", remedy=f"Give {form}.", fields={name: f"Give {form}."}
    )
