"""Takes what was seen off the requests' way: told, sealed and written in a thread, one capture at a time.

Must never fail or delay a request. What cannot be written is logged and lost; nothing of it reaches the log.
"""

import asyncio
import traceback
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import structlog

from copilot_api.copilot.flight import Spawn
from copilot_api.errors import StoreUnavailable
from copilot_api.gateway.capture.document import encoded
from copilot_api.gateway.capture.seen import Seen
from copilot_api.gateway.capture.telling import told
from copilot_api.store.captures import CaptureFolder

_log: structlog.stdlib.BoundLogger = structlog.get_logger()

MAX_WAITING: Final = 200
"""As many as are kept; what is beyond would be pruned before anybody saw it."""


class Keeper:
    """`secrets` tells at each capture what must not be in it; `tell` hears of everything that was kept."""

    def __init__(
        self,
        folder: CaptureFolder,
        *,
        spawn: Spawn,
        secrets: Callable[[], Sequence[str]],
        tell: Callable[[], None],
    ) -> None:
        self.folder = folder
        self.lost = 0
        """Captures that could not be kept since the start."""
        self._spawn = spawn
        self._secrets = secrets
        self._tell = tell
        self._waiting: deque[tuple[Seen, Sequence[str]]] = deque()
        self._is_running = False

    def take(self, seen: Seen) -> None:
        """Keep what was seen of one request, soon. Never blocks, never raises."""
        if len(self._waiting) >= MAX_WAITING:
            self._lose(seen, "too many wait")
            return
        self._waiting.append((seen, self._secrets()))
        if not self._is_running:
            self._is_running = True
            work = self._keep_all()
            try:
                self._spawn(work)
            except RuntimeError:  # the server is shutting down, and takes no more work
                work.close()
                self._lose(seen, "the server stops")
                self._waiting.clear()

    async def _keep_all(self) -> None:
        try:
            while self._waiting:
                seen, secrets = self._waiting.popleft()
                try:
                    await asyncio.to_thread(self._keep, seen, secrets)
                except StoreUnavailable as error:
                    self._lose(seen, error.message)
                except Exception as bug:
                    self._lose(seen, _place_of(bug))
                else:
                    seen.let_go()
                self._tell()
        finally:
            self._is_running = False

    def _keep(self, seen: Seen, secrets: Sequence[str]) -> None:
        head, captured = told(seen, secrets)
        self.folder.keep(head, encoded(captured))

    def _lose(self, seen: Seen, reason: str) -> None:
        self.lost += 1
        seen.let_go()
        _log.error("capture.lost", trace_id=seen.trace_id, reason=reason)


def _place_of(bug: Exception) -> str:
    """Where a bug is; its words may quote what was captured, and go nowhere."""
    places = traceback.extract_tb(bug.__traceback__)
    return f"{type(bug).__name__} at {Path(places[-1].filename).name}:{places[-1].lineno}"
