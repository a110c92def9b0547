"""The gate's part of the composition: where minutes are counted, what budgets begin with, and who hears of it."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import structlog

from copilot_api.copilot.flight import Spawn
from copilot_api.gateway.admission.admission import Admission
from copilot_api.gateway.admission.budgets import Load, Scope, Spent
from copilot_api.gateway.admission.slots import MemorySlots, Slots
from copilot_api.gateway.admission.windows import MemoryWindows, Windows
from copilot_api.settings import SettingsError
from copilot_api.store.ledger import Book
from copilot_api.store.ledger.questions import Questions
from copilot_api.web.admin.desk import Feed
from copilot_api.web.admin.limits import view_of

_log: structlog.stdlib.BoundLogger = structlog.get_logger()

RETRY_S = 60.0
"""After the ledger could not be read; sums are too low until then."""

PATIENCE_S = 5.0
"""How long a start waits for the ledger's sums."""


def places_for(url: str | None, spawn: Spawn) -> tuple[Windows, Slots]:
    """Where minutes and slots are counted: here, or together with other gateways.

    Raises: SettingsError when that needs packages that are not installed.
    """
    if url is None:
        return MemoryWindows(time.monotonic), MemorySlots()
    try:
        from copilot_api.gateway.admission.shared import Server, SharedSlots, SharedWindows  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise SettingsError(
            "COPILOT_API_LIMITS_URL needs the packages limits and valkey. Install "
            "copilot-api-gateway[shared-limits], or unset it."
        ) from error
    server = Server(url)
    return SharedWindows(server), SharedSlots(server, spawn=spawn)


def loader(book: Book) -> Load:
    """What the ledger remembers, in the words of the budgets."""
    questions = Questions(book)

    async def load(scope: Scope, whose: str, from_unix_s: float, until_unix_s: float) -> Spent:
        return Spent(
            *await questions.spent(scope, whose, round(from_unix_s * 1000), round(until_unix_s * 1000))
        )

    return load


class Sums:
    """Keeps every budget's sum whole: what was spent before this process began comes from the ledger."""

    def __init__(
        self,
        admission: Admission,
        load: Load,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._admission = admission
        self._load = load
        self._sleep = sleep
        self._changed = asyncio.Event()

    def look(self) -> None:
        """Look for budgets whose sum is not known yet: after every change of the settings."""
        self._changed.set()

    async def settle(self) -> None:
        """Load what is missing before the first request is let in: a budget used up yesterday is used up today.

        A ledger that does not answer in time keeps nobody from starting; `run` tries again.
        """
        try:
            async with asyncio.timeout(PATIENCE_S):
                await self._admission.budgets.load_missing(self._load)
        except TimeoutError:
            _log.warning("budget.sums_late", after_s=PATIENCE_S)

    async def run(self) -> None:
        """Load what is missing, for ever."""
        while True:
            self._changed.clear()
            if await self._admission.budgets.load_missing(self._load):
                await self._changed.wait()
            else:
                await self._sleep(RETRY_S)


def tell_limits(admission: Admission, feed: Feed) -> None:
    """Let the feed hear of pauses and of budgets that come to their end, under the topic `limits`."""

    def tell(_: object = None) -> None:
        feed.publish("limits", lambda: view_of(admission))

    admission.pauses.tell = tell
    admission.budgets.tell = tell
