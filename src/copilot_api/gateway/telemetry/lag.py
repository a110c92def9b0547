"""How late the event loop is: a task that sleeps a second and looks how much longer it was."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from copilot_api.gateway.telemetry.tally import Histogram

LAG_BUCKETS_S: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)


class LoopLag:
    """A histogram of latenesses. Units: seconds; `clock` monotonic."""

    def __init__(
        self,
        clock: Callable[[], float],
        *,
        tick_s: float = 1.0,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._clock = clock
        self._tick_s = tick_s
        self._sleep = sleep
        self.late = Histogram(LAG_BUCKETS_S)

    async def run(self) -> None:
        """Measure for ever."""
        while True:
            due_s = self._clock() + self._tick_s
            await self._sleep(self._tick_s)
            self.late.add(max(0.0, self._clock() - due_s))
