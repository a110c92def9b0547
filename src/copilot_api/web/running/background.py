"""The one owner of background work: a TaskGroup in which nothing can bring the server down.

A task that fails is logged and, when it was to run for ever, started again after a pause.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from types import TracebackType
from typing import Self

import structlog

_log: structlog.stdlib.BoundLogger = structlog.get_logger()


class Background:
    """`async with Background() as background:` — leaving the block cancels what still runs.

    Units: `pause_s` before a failed task is started again.
    """

    def __init__(self, *, pause_s: float = 5.0) -> None:
        self._group = asyncio.TaskGroup()
        self._kept: list[asyncio.Task[None]] = []
        self._pause_s = pause_s

    async def __aenter__(self) -> Self:
        await self._group.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._kept:
            task.cancel()
        await self._group.__aexit__(kind, error, trace)

    def spawn(self, coroutine: Coroutine[object, object, None]) -> asyncio.Task[None]:
        """Run once; a failure is logged."""
        return self._group.create_task(_contain(coroutine))

    def keep(self, name: str, run: Callable[[], Awaitable[None]]) -> None:
        """Run until the block is left; a failure is logged and `run` is called again after a pause."""
        self._kept.append(self._group.create_task(self._keep(name, run), name=name))

    async def _keep(self, name: str, run: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await run()
            except Exception:
                _log.exception("background.failed", task=name, again_in_s=self._pause_s)
                await asyncio.sleep(self._pause_s)
            else:
                return


async def _contain(coroutine: Coroutine[object, object, None]) -> None:
    try:
        await coroutine
    except Exception:
        _log.exception("background.failed", task=getattr(coroutine, "__qualname__", repr(coroutine)))
