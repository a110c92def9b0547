"""How often one peer may guess a secret: five times in ten minutes.

Owns who failed and when, by the socket's address and nothing a caller can choose. An attempt counts as a failure from
its first moment, so that a hundred guesses at once are not all let through before the first is judged.
"""

import asyncio
import contextlib
import ipaddress
import time
from collections import OrderedDict
from collections.abc import AsyncGenerator, Callable

from copilot_api.errors import Throttled

MAX_FAILURES = 5
WINDOW_S = 600.0
MAX_PEERS = 16_384
"""Peers remembered at most; the one that failed longest ago is forgotten first."""
MAX_AT_ONCE = 2
MAX_WAITING = 16
"""A guess costs tens of milliseconds and tens of megabytes: more of them at once would be a way to stop the server."""


class Throttle:
    """`async with throttle.attempt(peer) as judged:` — call `judged()` when the guess was right."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures: OrderedDict[str, list[float]] = OrderedDict()
        self._slots = asyncio.Semaphore(MAX_AT_ONCE)
        self._waiting = 0

    @contextlib.asynccontextmanager
    async def attempt(self, peer: str) -> AsyncGenerator[Callable[[], None]]:
        """Let one guess be judged.

        Raises: Throttled for the sixth failure of a peer within the window, and when too many are being judged.
        """
        place = _place(peer)
        self._check(place, peer)
        if self._waiting >= MAX_WAITING:
            raise Throttled(
                "Too many secrets are being checked at this moment.",
                code="admin_throttled",
                retry_after_s=1.0,
                remedy="Try again in a second.",
            )
        self._count(place)
        self._waiting += 1
        try:
            async with self._slots:
                yield lambda: self._forget(place)
        finally:
            self._waiting -= 1

    def _check(self, place: str, peer: str) -> None:
        now_s = self._clock()
        recent = [at_s for at_s in self._failures.get(place, ()) if now_s - at_s < WINDOW_S]
        if len(recent) >= MAX_FAILURES:
            wait_s = WINDOW_S - (now_s - recent[0])
            raise Throttled(
                f"Too many wrong admin secrets from {peer}.",
                code="admin_throttled",
                retry_after_s=wait_s,
                remedy=f"Try again in {wait_s:.0f} s, or restart the gateway.",
            )
        if place in self._failures:
            self._failures[place] = recent

    def _count(self, place: str) -> None:
        self._failures.setdefault(place, []).append(self._clock())
        self._failures.move_to_end(place)
        while len(self._failures) > MAX_PEERS:
            self._failures.popitem(last=False)

    def _forget(self, place: str) -> None:
        self._failures.pop(place, None)


def _place(peer: str) -> str:
    """Whom a peer is counted as: forwarded headers change nothing, and a whole IPv6 /64 is one."""
    address = peer.removeprefix("forwarded by ")
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.IPv6Network((parsed, 64), strict=False))
    return address
