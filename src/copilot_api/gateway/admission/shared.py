"""Windows that several gateways share, in Redis or Valkey, through `limits`.

Its sliding window counter weighs the minute before against this one, so what it tells is near, not exact. A server
that does not answer makes each gateway count for itself until it does: no request fails for the lack of it.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from math import floor
from typing import TypeVar, cast

import structlog
from limits.aio.storage import RedisStorage
from limits.errors import StorageError
from valkey.asyncio import ConnectionPool

from copilot_api.gateway.admission.windows import WINDOW_S, MemoryWindows, Stand

_log: structlog.stdlib.BoundLogger = structlog.get_logger()

T = TypeVar("T")
PATIENCE_S = 1.0
"""A limit must not become the slowest part of a request."""
AGAIN_S = 10.0
"""After a failure the server is left alone for this long."""
_UNLIMITED = 2**31
_MOMENT_S = 0.01
"""The counter rounds down, so there is room a moment after the wait that comes out as none."""
_EXPIRY_S = int(WINDOW_S)


class SharedWindows:
    """Counters in the server at `url`; every gateway that names it counts together."""

    def __init__(self, url: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Shape: `url` as redis://, rediss://, valkey:// or valkeys://; the client knows the latter names only."""
        self._pool = ConnectionPool.from_url(  # pyright: ignore[reportUnknownMemberType]  # its options are untyped
            url.replace("redis", "valkey", 1) if url.startswith("redis") else url,
            socket_timeout=PATIENCE_S,
            socket_connect_timeout=PATIENCE_S,
        )
        self._storage = RedisStorage(
            "async+valkey://",
            wrap_exceptions=True,
            key_prefix="copilot-api",
            connection_pool=cast("str", self._pool),  # takes one, and types all options as numbers and texts
        )
        self._clock = clock
        self._alone = MemoryWindows(clock)
        self._again_at_s = float("-inf")
        self.problem: str | None = None
        """Why this gateway counts for itself; None while it counts together with the others."""

    async def look(self, name: str, limit: int) -> Stand:
        """How it stands against `limit`."""

        async def ask() -> Stand:
            return weighed(*await self._storage.get_sliding_window(name, _EXPIRY_S), limit)

        return await self._together(ask, lambda: self._alone.look(name, limit))

    async def take(self, name: str, limit: int) -> bool:
        """Count one more, unless that would be more than `limit`."""

        async def ask() -> bool:
            return await self._storage.acquire_sliding_window_entry(name, limit, _EXPIRY_S, 1)

        return await self._together(ask, lambda: self._alone.take(name, limit))

    async def add(self, name: str, amount: int) -> None:
        """Count what has been used, whatever the limit."""
        if amount <= 0:
            return

        async def ask() -> None:
            await self._storage.acquire_sliding_window_entry(name, _UNLIMITED, _EXPIRY_S, amount)

        await self._together(ask, lambda: self._alone.add(name, amount))

    async def aclose(self) -> None:
        """Close the connections."""
        await self._pool.aclose()

    async def _together(self, ask: Callable[[], Awaitable[T]], alone: Callable[[], Awaitable[T]]) -> T:
        if self._clock() < self._again_at_s:
            return await alone()
        try:
            async with asyncio.timeout(PATIENCE_S):
                answer = await ask()
        except (StorageError, OSError, TimeoutError) as error:
            self._again_at_s = self._clock() + AGAIN_S
            if self.problem is None:
                _log.warning("limits.counted_alone", problem=repr(error), again_in_s=AGAIN_S)
            self.problem = f"The server of COPILOT_API_LIMITS_URL does not answer ({type(error).__name__})."
            return await alone()
        if self.problem is not None:
            _log.info("limits.counted_together")
            self.problem = None
        return answer


def weighed(before: int, before_left_s: float, now: int, now_left_s: float, limit: int) -> Stand:
    """How a sliding window counter stands, and when one more fits.

    Units: counts of the window before and of this one; seconds until each is forgotten. The one before counts for
    the part of it that is still in the last minute; this one takes its place when it has a minute left.
    """
    used = floor(before * before_left_s / WINDOW_S + now)
    reset_s = now_left_s if now else before_left_s
    if used < limit:
        return Stand(used, 0.0, reset_s)
    room = limit - 1 - now
    if room >= 0 and before:
        return Stand(used, max(_MOMENT_S, before_left_s - WINDOW_S * (room + 1) / before), reset_s)
    rolls_in_s = max(_MOMENT_S, now_left_s - WINDOW_S)
    return Stand(used, rolls_in_s + max(0.0, WINDOW_S * (1 - limit / max(now, 1))), reset_s)
