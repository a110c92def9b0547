"""Our own limits: the spacing of requests. Knows no protocol and no account.

The rate limit is a fair queue: waiters leave it in the order in which they came, each at least the interval
after the one before, whatever the clock did while they slept.
"""

import asyncio
from collections.abc import Awaitable, Callable

from copilot_api.errors import Throttled

Clock = Callable[[], float]
Sleep = Callable[[float], Awaitable[None]]


class RateLimit:
    """At least `interval_s` between two admitted requests; None admits everything.

    Units: seconds on a monotonic clock.
    """

    def __init__(
        self,
        interval_s: float | None,
        *,
        is_waiting_allowed: bool,
        clock: Clock,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self.interval_s = interval_s
        self.is_waiting_allowed = is_waiting_allowed
        self._clock = clock
        self._sleep = sleep
        self._turn = asyncio.Lock()
        self._free_at_s = float("-inf")
        self.waiting = 0

    def adopt(self, interval_s: float | None, *, is_waiting_allowed: bool) -> None:
        """Take a new setting; whoever waits already keeps their place."""
        self.interval_s = interval_s
        self.is_waiting_allowed = is_waiting_allowed

    async def admit(self) -> None:
        """Return when this request may go.

        Raises: Throttled with `retry_after_s` when waiting is not allowed and it is too early.
        """
        if self.interval_s is None:
            return
        if not self.is_waiting_allowed:
            self._admit_now()
            return
        self.waiting += 1
        try:
            async with self._turn:
                while (early_s := self._free_at_s - self._clock()) > 0:
                    await self._sleep(early_s)
                self._free_at_s = self._clock() + (self.interval_s or 0.0)
        finally:
            self.waiting -= 1

    def _admit_now(self) -> None:
        interval_s = self.interval_s or 0.0
        now_s = self._clock()
        early_s = self._free_at_s - now_s
        if early_s > 0 or self._turn.locked():
            wait_s = max(early_s, 0.0) + interval_s * self.waiting
            raise Throttled(
                f"This gateway admits one request every {interval_s:g} s (RATE_LIMIT). "
                f"Try again in {wait_s:.1f} s, or set RATE_LIMIT_WAIT=true to queue requests instead.",
                retry_after_s=wait_s,
            )
        self._free_at_s = now_s + interval_s
