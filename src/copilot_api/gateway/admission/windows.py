"""What was counted in the last minute, under any name. Memory of this process; `shared.py` is that of many.

Exact: every request and every answer's tokens leave the window a minute after they came, so the wait that is told
is the wait that is needed. `limits` has a moving window in memory, too: it costs 48 µs a request here against 2 of
this one, starts a task and a thread for each, and reads a clock that no test can move (decision 0027).
"""

from collections import deque
from collections.abc import Callable
from typing import NamedTuple, Protocol

WINDOW_S = 60.0


class Stand(NamedTuple):
    """How a window stands.

    Units: `used` in what is counted; `wait_s` until one more fits, 0 when it does now; `reset_s` until all is free.
    """

    used: int
    wait_s: float
    reset_s: float


class Windows(Protocol):
    """Counters of the last minute."""

    @property
    def problem(self) -> str | None:
        """Why they are not what the operator asked for; None if they are."""
        ...

    async def look(self, name: str, limit: int) -> Stand:
        """How it stands against `limit`."""
        ...

    async def take(self, name: str, limit: int) -> bool:
        """Count one more, unless that would be more than `limit`."""
        ...

    async def add(self, name: str, amount: int) -> None:
        """Count what has been used, whatever the limit."""
        ...

    async def aclose(self) -> None:
        """Let go of connections."""
        ...


class MemoryWindows:
    """Counters of this process. Units: `clock` monotonic seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.problem: str | None = None
        self._logs: dict[str, _Log] = {}

    async def look(self, name: str, limit: int) -> Stand:
        """How it stands against `limit`."""
        return self._log(name).stand(limit, self._clock())

    async def take(self, name: str, limit: int) -> bool:
        """Count one more, unless that would be more than `limit`."""
        now_s = self._clock()
        log = self._log(name)
        if log.stand(limit, now_s).wait_s > 0:
            return False
        log.add(1, now_s)
        return True

    async def add(self, name: str, amount: int) -> None:
        """Count what has been used, whatever the limit."""
        if amount > 0:
            self._log(name).add(amount, self._clock())

    async def aclose(self) -> None:
        """There is nothing to let go of."""

    def _log(self, name: str) -> "_Log":
        log = self._logs.get(name)
        if log is None:
            log = self._logs[name] = _Log()
        return log


class _Log:
    """What came when, oldest first, and its sum."""

    __slots__ = ("_entries", "_used")

    def __init__(self) -> None:
        self._entries: deque[tuple[float, int]] = deque()
        self._used = 0

    def add(self, amount: int, now_s: float) -> None:
        self._entries.append((now_s, amount))
        self._used += amount

    def stand(self, limit: int, now_s: float) -> Stand:
        entries = self._entries
        while entries and entries[0][0] <= now_s - WINDOW_S:
            self._used -= entries.popleft()[1]
        reset_s = entries[-1][0] + WINDOW_S - now_s if entries else 0.0
        if self._used < limit:
            return Stand(self._used, 0.0, reset_s)
        used = self._used
        for came_s, amount in entries:
            used -= amount
            if used < limit:
                return Stand(self._used, came_s + WINDOW_S - now_s, reset_s)
        return Stand(self._used, reset_s, reset_s)  # a limit of nothing: all must leave
