"""The reference gateway's `usage-logs.sqlite`, read as entries. Its file is opened for reading only.

Owns what its columns mean. Rows bear their own ids, by which a second import of the same file adds nothing.
Source: the reference gateway's table `usage_logs`, versions 1.0 to 3.0 (read 2026-11); older files lack columns.
"""

import contextlib
import hashlib
import sqlite3
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from copilot_api.errors import StoreUnavailable
from copilot_api.store.ledger.entry import Entry, Facet, Form, Manner

NANO = 1_000_000_000
_PORTION = 1_000
_UPSTREAMS = {
    "/chat/completions": ("chat", "inference"),
    "/responses": ("responses", "inference"),
    "/messages": ("messages", "inference"),
    "/embeddings": ("chat", "embeddings"),
}
_FAR_MS = 10**11
"""Smaller numbers are seconds: as milliseconds they would be before 1974."""


def read_reference(path: Path, logins: Mapping[str, str]) -> Iterator[list[Entry]]:
    """Yield the rows of a file as entries, oldest first, some at a time. `logins` names accounts by their ids.

    Raises: StoreUnavailable where the file is not such a log.
    """
    try:
        with contextlib.closing(
            sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
        ) as connection:
            connection.row_factory = sqlite3.Row
            cursor = connection.execute("SELECT * FROM usage_logs ORDER BY created_at, id")
            while rows := cursor.fetchmany(_PORTION):
                found = [_entry(dict(row), logins) for row in rows]
                yield [entry for entry in found if entry is not None]
    except (sqlite3.Error, OSError) as error:
        raise StoreUnavailable(
            f"{str(path)!r} cannot be read as the reference gateway's usage log: {error}. Give its "
            "usage-logs.sqlite; it stands beside its config.json."
        ) from error


def _entry(row: Mapping[str, object], logins: Mapping[str, str]) -> Entry | None:
    """One row; None for one that tells no time or is no request (old versions kept snapshots among them)."""
    at_ms = _moment_ms(row.get("created_at"))
    if at_ms is None or _text(row.get("source")) not in {"", "request"}:
        return None
    identity = _text(row.get("id"))
    weight = _number(row.get("multiplier"))
    spent = _number(row.get("quota_delta"))
    if spent is None:
        spent = _number(row.get("delta"))
    premium = spent if spent is not None else (weight or 0.0)
    left = _number(row.get("premium_remaining"))
    return Entry(
        at_ms=at_ms,
        form=_form(row, logins, weight),
        manner=Manner(is_stream=_text(row.get("response_type")) == "streaming"),
        trace_id=identity,
        conversation=_text(row.get("conversation_id")),
        requests=max(1, int(_number(row.get("request_count")) or 1)),
        premium=premium,
        charge_nano=round(premium * NANO),
        quota_before=None if left is None else left + premium,
        quota_after=left,
        imported=hashlib.blake2b(identity.encode(), digest_size=16).digest(),
    )


def _form(row: Mapping[str, object], logins: Mapping[str, str], weight: float | None) -> Form:
    path = _text(row.get("endpoint"))
    upstream, operation = _UPSTREAMS.get(path.removeprefix("/v1"), ("", "inference"))
    account_id, model = _text(row.get("account_id")), _text(row.get("model"))
    status = int(_number(row.get("status_code")) or 0)
    facet = Facet(
        account_id=account_id,
        account=logins.get(account_id, account_id),
        client_name="",
        model=model,
        upstream=upstream,
        operation=operation,
        outcome="completed" if status < 400 else "failed",
    )
    return Form(
        facet=facet,
        path=path,
        answering_model=model,
        reason="imported",
        has_conversation=bool(_text(row.get("conversation_id"))),
        status=status if 0 <= status < 1000 else 0,
        multiplier=weight,
    )


def _moment_ms(value: object) -> int | None:
    """ISO 8601, or a number of seconds or milliseconds since 1970."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return int(value if value >= _FAR_MS else value * 1000)
    try:
        moment = datetime.fromisoformat(_text(value).replace("Z", "+00:00"))
    except ValueError:
        return None
    return round((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and abs(value) < 2**53 else None


def _text(value: object) -> str:
    return value.replace("\0", "")[:200] if isinstance(value, str) else ""
