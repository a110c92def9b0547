"""What the pages of this room work with: the windows of the running gateway, the folder, and the way between them."""

import asyncio
from functools import partial
from typing import Any

import structlog

from copilot_api.errors import StoreUnavailable
from copilot_api.gateway.capture.keeper import Keeper
from copilot_api.gateway.gateway import Gateway
from copilot_api.store.captures import folder_of
from copilot_api.store.captures.form import Foreign
from copilot_api.store.ledger import Book, Questions
from copilot_api.web.admin.captures.view import CapturesView, Explanation, captures_view, explanation
from copilot_api.web.admin.desk import Desk
from copilot_api.web.admin.door import Door

_log: structlog.stdlib.BoundLogger = structlog.get_logger()
PRUNE_EVERY_S = 600.0
LOOK_EVERY_S = 1.0
"""As often as config.json is looked at."""


class CaptureRoom:
    """Joins the gateway's register with the folder; the feed hears of every change."""

    def __init__(self, desk: Desk, door: Door, gateway: Gateway, book: Book | None) -> None:
        self.desk = desk
        self.captures = gateway.captures
        self.folder = folder_of(desk.config.path.parent, desk.config.vault)
        self._door = door
        self._book = book
        self._changed = asyncio.Event()
        keeper = Keeper(self.folder, spawn=gateway.spawn, secrets=self._secrets, tell=self.tell)
        self.captures.keep = keeper.take
        self.captures.tell = self._windows_changed
        desk.keep("captures", self.run)
        desk.keep("captures.folder", self.watch)

    async def run(self) -> None:
        """Close windows when their time is over, and let go of captures when theirs is; for ever."""
        while True:
            await self._prune()
            self._changed.clear()
            left_s = self.captures.close_ended()
            try:
                async with asyncio.timeout(PRUNE_EVERY_S if left_s is None else min(left_s, PRUNE_EVERY_S)):
                    await self._changed.wait()
            except TimeoutError:
                continue

    async def watch(self) -> None:
        """Let open pages hear of what others do to the folder, such as `copilot-api capture clear`; for ever."""
        seen = await asyncio.to_thread(self.folder.version)
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            if not self.desk.feed.is_heard:
                continue
            version = await asyncio.to_thread(self.folder.version)
            if version != seen:
                seen = version
                self.tell()

    async def view(self) -> CapturesView:
        """Everything. Raises: StoreUnavailable."""
        self.captures.close_ended()
        listing = await asyncio.to_thread(self.folder.listing)
        windows = sorted(self.captures.register.values(), key=lambda window: window.since_unix_s)
        return captures_view(windows, listing, self.folder.bounds)

    async def explain(self, trace_id: str) -> Explanation | None:
        """Explain one request; None when nothing is known of it.

        Raises: StoreUnavailable when it was captured, cannot be opened, and is not in the usage log either.
        """
        rows: list[dict[str, Any]] = []
        if self._book is not None:
            rows = await Questions(self._book).by_trace(trace_id)
        try:
            found = await asyncio.to_thread(self.folder.read, trace_id)
        except Foreign as error:
            if not rows:
                raise
            return explanation(trace_id, None, rows, known=self._secrets(), problem=error.message)
        work = partial(explanation, trace_id, found and found[1], rows, known=self._secrets())
        return await asyncio.to_thread(work)

    def tell(self) -> None:
        """Something changed."""
        self.desk.feed.publish("captures", {})

    def _windows_changed(self) -> None:
        self._changed.set()
        self.tell()

    def _secrets(self) -> tuple[str, ...]:
        """What has no form of its own and must not be in a capture."""
        tokens = [token for account in self.desk.accounts.all() for token in account.credential.tokens]
        return (*self.desk.settings.plain_keys, *self._door.spoken_secrets, *tokens)

    async def _prune(self) -> None:
        try:
            if await asyncio.to_thread(self.folder.prune):
                self.tell()
        except StoreUnavailable as error:
            _log.error("captures.kept_too_long", problem=error.message)
