"""One clock tick for all open exchanges: who is silent, and who is overdue.

A timer per read costs microseconds on every event; a sweep costs nothing until something is silent. A watch is
touched with a plain assignment on each chunk, and the sweeper looks at all of them once per tick.
"""

import asyncio
from collections.abc import Awaitable, Callable
from enum import StrEnum

from copilot_api.copilot.flight import Spawn


class End(StrEnum):
    """How a watch came to its end; the first two cancel the exchange."""

    CLIENT_GONE = "client_gone"
    SILENT = "silent"
    FINISHED = "finished"


class Watch:
    """The pulse of one exchange.

    `silent_s` counts since upstream's last byte, `quiet_s` since our last byte to the client. The relay zeroes
    them; the sweeper adds to them. `limit_s` is the patience that applies now (first byte, then idle).
    """

    __slots__ = ("_task", "end", "is_stream", "keepalive", "keepalive_s", "limit_s", "quiet_s", "silent_s")

    def __init__(
        self,
        task: "asyncio.Task[object]",
        keepalive: Callable[[], Awaitable[None]],
        *,
        keepalive_s: float,
        limit_s: float,
        is_stream: bool = False,
    ) -> None:
        self._task = task
        self.is_stream = is_stream
        self.keepalive = keepalive
        self.keepalive_s = keepalive_s
        self.limit_s = limit_s
        self.quiet_s = 0.0
        self.silent_s = 0.0
        self.end: End | None = None

    def cancel(self, end: End) -> None:
        """Stop the exchange's task, once; `end` says why."""
        if self.end is None:
            self.end = end
            self._task.cancel()

    def absorb(self) -> None:
        """Take back the cancellation that `cancel` sent, so that the task may go on and finish in order."""
        self._task.uncancel()


class Sweeper:
    """Looks at every watch once per tick."""

    def __init__(self, spawn: Spawn, *, tick_s: float = 1.0) -> None:
        self._spawn = spawn
        self.tick_s = tick_s
        self.watches: set[Watch] = set()

    async def run(self) -> None:
        """Sweep until cancelled."""
        while True:
            await asyncio.sleep(self.tick_s)
            self.sweep(self.tick_s)

    def sweep(self, elapsed_s: float) -> None:
        """Age every watch by `elapsed_s`; send keepalives, cancel the overdue."""
        for watch in tuple(self.watches):
            watch.silent_s += elapsed_s
            watch.quiet_s += elapsed_s
            if watch.silent_s >= watch.limit_s:
                watch.cancel(End.SILENT)
            elif watch.quiet_s >= watch.keepalive_s:
                watch.quiet_s = 0.0
                self._spawn(_ignore_result(watch.keepalive))


async def _ignore_result(keepalive: Callable[[], Awaitable[None]]) -> None:
    await keepalive()
