"""`/admin/api/usage`: the log, charts, sums, pace, reconciliation; cleared and taken home."""

import asyncio
import time
from collections.abc import Callable
from typing import Annotated, Literal

import msgspec
from litestar import Response, delete, get
from litestar.di import NamedDependency, Provide
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.response import Stream

from copilot_api.errors import StoreUnavailable
from copilot_api.store.captures import is_kept
from copilot_api.store.ledger import Book, Choice, Group, Metric, Questions
from copilot_api.web.admin.desk import AnyRequest, Desk, NotAccepted, NotFound, answered, asks, caller_of
from copilot_api.web.admin.usage import asked, export
from copilot_api.web.admin.usage.asked import AccountId, Filter, From, Limit, Text, To, filter_of
from copilot_api.web.admin.usage.view import (
    PaceView,
    Reconciliation,
    SeriesView,
    SummaryView,
    UsageDetail,
    UsagePage,
    detail_view,
    pace_view,
    reconciliation_view,
    row_view,
    series_view,
    summary_view,
)

TAGS = ("usage",)
FILTERED = {"wanted": Provide(filter_of, sync_to_thread=False)}
Wanted = NamedDependency[Filter]
_Mode = Annotated[Literal["request", "conversation"] | None, QueryParameter(name="mode", required=False)]
_Days = Annotated[int, QueryParameter(name="days", ge=1, le=92, required=False)]
_Offset = Annotated[int, QueryParameter(name="offsetMinutes", ge=-840, le=840, required=False)]
_Format = Annotated[Literal["csv", "json"], QueryParameter(name="format", required=False)]


class Removed(msgspec.Struct, frozen=True):
    """How many rows went."""

    removed: int


class Words(msgspec.Struct, frozen=True):
    """What there is to filter by."""

    models: list[str]
    clients: list[str]
    keys: list[str]
    upstreams: list[str]
    accounts: list[str]
    outcomes: list[str]


class Reader:
    """The ledger, read for a page; refuses where there is none."""

    def __init__(self, desk: Desk, book: Book | None, clock: Callable[[], float] = time.time) -> None:
        self.desk = desk
        self.clock = clock
        self._book = book

    @property
    def book(self) -> Book:
        """The ledger.

        Raises: StoreUnavailable when it is switched off.
        """
        if self._book is None:
            raise StoreUnavailable(
                "Usage is not written down. Set usageLedger (COPILOT_API_USAGE_LEDGER) to true and restart."
            )
        return self._book

    @property
    def questions(self) -> Questions:
        """Its reading side."""
        return Questions(self.book)

    @property
    def now_ms(self) -> int:
        """Now."""
        return int(self.clock() * 1000)


def routes(reader: Reader) -> list[HTTPRouteHandler]:
    """Return the routes that read and clear the ledger."""
    return [*_log(reader), *_charts(reader), *_quotas(reader), *_files(reader)]


def _log(reader: Reader) -> list[HTTPRouteHandler]:
    @get("/usage/log", tags=TAGS, dependencies=FILTERED)
    async def log(
        wanted: Wanted, mode: _Mode = None, limit: Limit = 50, cursor: Text = ""
    ) -> Response[UsagePage]:
        """One page of the log, newest first; no row is repeated or left out while new ones come in."""
        choice = wanted.choice(reader.desk, "active")
        by_conversation = (mode or reader.desk.settings.usage_log_count_mode) == "conversation"
        return answered(await _page(reader.questions, choice, limit, cursor, by_conversation=by_conversation))

    @get("/usage/log/{trace_id:str}", tags=TAGS, opt=asks(refuses=(404,)))
    async def one(trace_id: FromPath[str]) -> Response[UsageDetail]:
        """One request with everything that is known of it."""
        rows = await reader.questions.by_trace(trace_id)
        if not rows:
            raise NotFound(
                f"No request {trace_id!r} is in the log.", remedy="It may be older than the log reaches."
            )
        directory = reader.desk.config.path.parent
        is_captured = await asyncio.to_thread(is_kept, directory, trace_id)
        return answered(detail_view(rows, is_captured=is_captured))

    @get("/usage/words", tags=TAGS)
    async def words(account: Text = "") -> Response[Words]:
        """What there is to filter by."""
        found = await reader.questions.words(asked.account_id(account, reader.desk))
        return answered(
            Words(
                models=found["model"],
                clients=found["client_name"],
                keys=found["key"],
                upstreams=found["upstream"],
                accounts=found["account"],
                outcomes=found["outcome"],
            )
        )

    return [log, one, words]


async def _page(
    questions: Questions, choice: Choice, limit: int, cursor: str, *, by_conversation: bool
) -> UsagePage:
    after = asked.read_cursor(cursor)
    page = await questions.page(choice, limit, after, by_conversation=by_conversation)
    total = None if after is not None or by_conversation else await questions.total(choice)
    return UsagePage(tuple(map(row_view, page.rows)), asked.write_cursor(page.end), total)


def _charts(reader: Reader) -> list[HTTPRouteHandler]:
    @get("/usage/series", tags=TAGS)
    async def series(
        *,
        by: FromQuery[Literal["hour", "day"]] = "day",
        group: FromQuery[Group] = "none",
        metric: FromQuery[Metric] = "requests",
        from_: From = "",
        to: To = "",
        account: Text = "",
        offset_minutes: _Offset = 0,
    ) -> Response[SeriesView]:
        """A chart by hour or day. Of latency: ms to the first byte, median and 95th percentile, or each group's mean.

        Days begin `offsetMinutes` before midnight in UTC: 480 for Shanghai.
        """
        spans, from_ms, to_ms = asked.read_spans(by, from_, to, reader.now_ms, offset_minutes)
        choice = Choice(account_id=asked.account_id(account, reader.desk), from_ms=from_ms, to_ms=to_ms)
        found = await reader.questions.series(
            choice, by=by, group=group, metric=metric, offset_min=offset_minutes
        )
        return answered(
            series_view(found, spans, by=by, group=group, metric=metric, offset_min=offset_minutes)
        )

    @get("/usage/summary", tags=TAGS)
    async def summary(from_: From = "", to: To = "", account: Text = "") -> Response[SummaryView]:
        """The sums of a span; without one, of everything that was ever written down."""
        choice = Choice(
            account_id=asked.account_id(account, reader.desk),
            from_ms=asked.read_moment("from", from_),
            to_ms=asked.read_moment("to", to),
        )
        questions = reader.questions
        found = await questions.summary(choice)
        percentiles = await questions.percentiles(choice, 0.5, 0.95)
        return answered(summary_view(found, percentiles, choice.from_ms, choice.to_ms))

    return [series, summary]


def _quotas(reader: Reader) -> list[HTTPRouteHandler]:
    @get("/usage/pace", tags=TAGS)
    async def pace(account_id: AccountId = "") -> Response[PaceView]:
        """What was left of each bucket over this period, and how long it lasts at this pace."""
        found = asked.account_id(account_id, reader.desk)
        return answered(pace_view(found or None, await reader.questions.pace(found, reader.now_ms)))

    @get("/usage/reconciliation", tags=TAGS)
    async def reconciliation(account_id: AccountId = "", days: _Days = 14) -> Response[Reconciliation]:
        """Each day's sums here beside the change in GitHub's own numbers."""
        found = asked.account_id(account_id, reader.desk)
        bucket, told = await reader.questions.reconciliation(found, days, reader.now_ms)
        return answered(reconciliation_view(found or None, bucket, told))

    return [pace, reconciliation]


def _files(reader: Reader) -> list[HTTPRouteHandler]:
    @delete("/usage/log", tags=TAGS, status_code=200)
    async def clear(request: AnyRequest, account: Text = "") -> Response[Removed]:
        """Forget everything of one account, or of all: rows, sums and quota readings. There is no way back."""
        if not account:
            raise NotAccepted(
                "Nothing was removed.", fields={"account": "Give the id of an account, active, or all."}
            )
        chosen = asked.account_id(account, reader.desk)
        if not chosen and account != "all":
            raise NotFound("No account is active.", remedy="Name one, or give all.")
        removed = await reader.book.clear(chosen or None)
        await reader.desk.note(caller_of(request), "usage.clear", chosen or "all", f"{removed} rows")
        reader.desk.feed.publish("usage", {"cleared": chosen or "all"})
        return answered(Removed(removed))

    @get("/usage/export", tags=TAGS, dependencies=FILTERED)
    async def take_home(wanted: Wanted, format_: _Format = "csv") -> Stream:
        """The log as a file, newest first; it is written while it is read, so it may be large."""
        choice = wanted.choice(reader.desk, "all")
        portions = reader.questions.rows(choice)
        write = export.as_csv if format_ == "csv" else export.as_json
        name = time.strftime("usage-%Y%m%d", time.gmtime(reader.clock()))
        headers = {
            "cache-control": "no-store",
            "content-type": export.MEDIA_TYPES[format_],
            "content-disposition": f'attachment; filename="{name}.{format_}"',
        }
        return Stream(write(portions), media_type=export.MEDIA_TYPES[format_], headers=headers)

    return [clear, take_home]
