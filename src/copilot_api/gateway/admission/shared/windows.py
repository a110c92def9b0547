"""Windows that several gateways share, through `limits`.

Its sliding window counter weighs the minute before against this one, so what it tells is near, not exact.
"""

from math import floor
from typing import cast

from limits.aio.storage import RedisStorage

from copilot_api.gateway.admission.shared.server import Server
from copilot_api.gateway.admission.windows import WINDOW_S, MemoryWindows, Stand

_UNLIMITED = 2**31
_MOMENT_S = 0.01
"""The counter rounds down, so there is room a moment after the wait that comes out as none."""
_EXPIRY_S = int(WINDOW_S)


class SharedWindows:
    """Counters in a server; every gateway that names it counts together."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._storage = RedisStorage(
            "async+valkey://",
            wrap_exceptions=True,
            key_prefix="copilot-api",
            connection_pool=cast("str", server.pool),  # takes one, and types all options as numbers and texts
        )
        self._alone = MemoryWindows(server.clock)

    @property
    def problem(self) -> str | None:
        """Why this gateway counts for itself; None while it counts together with the others."""
        return self._server.problem

    async def look(self, name: str, limit: int) -> Stand:
        """How it stands against `limit`."""

        async def ask() -> Stand:
            return weighed(*await self._storage.get_sliding_window(name, _EXPIRY_S), limit)

        return await self._server.together(ask, lambda: self._alone.look(name, limit))

    async def take(self, name: str, limit: int) -> bool:
        """Count one more, unless that would be more than `limit`."""

        async def ask() -> bool:
            return await self._storage.acquire_sliding_window_entry(name, limit, _EXPIRY_S, 1)

        return await self._server.together(ask, lambda: self._alone.take(name, limit))

    async def add(self, name: str, amount: int) -> None:
        """Count what has been used, whatever the limit."""
        if amount <= 0:
            return

        async def ask() -> None:
            await self._storage.acquire_sliding_window_entry(name, _UNLIMITED, _EXPIRY_S, amount)

        await self._server.together(ask, lambda: self._alone.add(name, amount))

    async def aclose(self) -> None:
        """Close the connections."""
        await self._server.aclose()


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
