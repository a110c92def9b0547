"""Every question that can be put to the ledger, each on one snapshot of it.

SQLAlchemy is imported by the first one, in its thread.
Raises: StoreUnavailable, from every method.
"""

from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING, Any, Literal

from copilot_api.store.ledger.answers import Choice, Day, Group, Mark, Metric, Pace, Page, Summary
from copilot_api.store.ledger.book import Book

if TYPE_CHECKING:
    from sqlalchemy import Connection

PORTION = 1_000
"""Rows of an export that are read together."""


class Questions:
    """The reading side of a book."""

    def __init__(self, book: Book) -> None:
        self._book = book

    async def page(
        self, choice: Choice, limit: int, after: Mark | None = None, *, by_conversation: bool = False
    ) -> Page:
        """One page of the log, newest first; a row for each request, or for each conversation."""

        def ask(connection: "Connection") -> Page:
            from copilot_api.store.ledger.queries import conversations, log

            if by_conversation:
                return conversations.page(connection, choice, limit, after)
            return log.page(connection, choice, limit, after)

        return await self._book.ask(ask)

    async def by_trace(self, trace_id: str) -> list[dict[str, Any]]:
        """The rows of a trace id, newest first."""

        def ask(connection: "Connection") -> list[dict[str, Any]]:
            from copilot_api.store.ledger.queries import log

            return log.by_trace(connection, trace_id)

        return await self._book.ask(ask)

    async def total(self, choice: Choice) -> int | None:
        """How many requests a choice is, where the sums can tell."""

        def ask(connection: "Connection") -> int | None:
            from copilot_api.store.ledger.queries import log

            return log.total(connection, choice)

        return await self._book.ask(ask)

    async def rows(self, choice: Choice) -> AsyncGenerator[list[dict[str, Any]]]:
        """Every row of a choice, newest first, some at a time: an export holds no more in memory."""
        mark: Mark | None = None
        while True:
            page = await self.page(choice, PORTION, mark)
            if page.rows:
                yield page.rows
            mark = page.end
            if mark is None:
                return

    async def summary(self, choice: Choice) -> Summary:
        """The sums of a span."""

        def ask(connection: "Connection") -> Summary:
            from copilot_api.store.ledger.queries import sums

            return sums.summary(connection, choice)

        return await self._book.ask(ask)

    async def spent(
        self, scope: Literal["key", "account", "all"], whose: str, from_ms: int, to_ms: int
    ) -> tuple[int, int]:
        """Nano-AIU and requests that Copilot answered, for a budget."""

        def ask(connection: "Connection") -> tuple[int, int]:
            from copilot_api.store.ledger.queries import spent

            return spent.spent(connection, scope, whose, from_ms, to_ms)

        return await self._book.ask(ask)

    async def percentiles(self, choice: Choice, *shares: float) -> list[float | None]:
        """Times to the first byte, in ms."""

        def ask(connection: "Connection") -> list[float | None]:
            from copilot_api.store.ledger.queries import sums

            return sums.percentiles(connection, choice, shares)

        return await self._book.ask(ask)

    async def series(
        self, choice: Choice, *, by: Literal["hour", "day"], group: Group, metric: Metric, offset_min: int = 0
    ) -> dict[str, dict[int, float | None]]:
        """Values by name and span."""

        def ask(connection: "Connection") -> dict[str, dict[int, float | None]]:
            from copilot_api.store.ledger.queries import sums

            return sums.series(connection, choice, by=by, group=group, metric=metric, offset_min=offset_min)

        return await self._book.ask(ask)

    async def words(self, account_id: str = "") -> dict[str, list[str]]:
        """What there is to filter by."""

        def ask(connection: "Connection") -> dict[str, list[str]]:
            from copilot_api.store.ledger.queries import sums

            return sums.words(connection, account_id)

        return await self._book.ask(ask)

    async def pace(self, account_id: str, now_ms: int) -> list[Pace]:
        """How fast each bucket of an account goes."""

        def ask(connection: "Connection") -> list[Pace]:
            from copilot_api.store.ledger.queries import quotas

            return quotas.pace(connection, account_id, now_ms)

        return await self._book.ask(ask)

    async def reconciliation(self, account_id: str, days: int, now_ms: int) -> tuple[str, list[Day]]:
        """Our sums beside GitHub's numbers, day by day."""

        def ask(connection: "Connection") -> tuple[str, list[Day]]:
            from copilot_api.store.ledger.queries import quotas

            return quotas.reconciliation(connection, account_id, days, now_ms)

        return await self._book.ask(ask)
