"""A clock that only sleeping moves; sleepers wake in the order of their deadlines."""

import asyncio


class Time:
    """Monotonic and wall time in one. Units: seconds."""

    def __init__(self, now_s: float = 100.0) -> None:
        self.now_s = now_s

    def clock(self) -> float:
        """Seconds."""
        return self.now_s

    async def sleep(self, seconds: float) -> None:
        """Move on."""
        await asyncio.sleep(0)
        self.now_s += seconds
