"""So many exchanges at a time, for one key and for everybody. A slot that is given back goes to who waited longest."""

import asyncio
from collections import deque
from typing import Protocol

from copilot_api.errors import Throttled

RETRY_AFTER_S = 1.0
"""Nobody knows when an answer ends; a second is what clients wait anyway."""


class Slots(Protocol):
    """Slots under any name. A name's limit may change; who is in stays in."""

    @property
    def waiting(self) -> int:
        """How many stand in line here."""
        ...

    async def check(self, name: str, limit: int, whose: str, remedy: str) -> None:
        """Look whether there is a slot; none is taken.

        Raises: Throttled.
        """
        ...

    async def take(self, name: str, limit: int, whose: str, remedy: str, patience_s: float) -> str:
        """Take a slot and return what gives it back; wait up to `patience_s` for one.

        Raises: Throttled when there is none in that time.
        """
        ...

    def give(self, lease: str) -> None:
        """Give back what `take` returned."""
        ...

    async def run(self) -> None:
        """Keep what is taken, as long as the server runs."""
        ...

    async def aclose(self) -> None:
        """Give back what is still taken."""
        ...


class MemorySlots:
    """Slots of this process."""

    def __init__(self) -> None:
        self._limits: dict[str, int] = {}
        self._held: dict[str, int] = {}
        self._lines: dict[str, deque[asyncio.Future[None]]] = {}

    @property
    def waiting(self) -> int:
        """How many stand in line."""
        return sum(len(line) for line in self._lines.values())

    async def check(self, name: str, limit: int, whose: str, remedy: str) -> None:
        """Look whether there is a slot; none is taken.

        Raises: Throttled.
        """
        if self._held.get(name, 0) >= limit:
            raise refusal(limit, whose, remedy)

    def take_now(self, name: str, limit: int) -> bool:
        """Take a slot if there is one; nobody waits."""
        self._limits[name] = limit
        if self._held.get(name, 0) >= limit:
            return False
        self._held[name] = self._held.get(name, 0) + 1
        return True

    async def take(self, name: str, limit: int, whose: str, remedy: str, patience_s: float) -> str:
        """Take a slot and return its name; wait up to `patience_s` for one. `whose` and `remedy` are for people.

        Raises: Throttled when there is none in that time.
        """
        if self.take_now(name, limit):
            return name
        if patience_s <= 0:
            raise refusal(limit, whose, remedy)
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        line = self._lines.setdefault(name, deque())
        line.append(turn)
        try:
            async with asyncio.timeout(patience_s):
                await turn
        except TimeoutError:
            self._leave(name, turn)
            raise refusal(limit, whose, remedy) from None
        except asyncio.CancelledError:
            self._leave(name, turn)
            raise
        return name

    def give(self, lease: str) -> None:
        """Give a slot back."""
        self._held[lease] -= 1
        line = self._lines.get(lease)
        while line and self._held[lease] < self._limits[lease]:
            turn = line.popleft()
            if not turn.done():
                self._held[lease] += 1
                turn.set_result(None)

    async def run(self) -> None:
        """There is nothing to do."""

    async def aclose(self) -> None:
        """There is nothing to give back."""

    def _leave(self, name: str, turn: "asyncio.Future[None]") -> None:
        """Stand in line no longer; a slot that came at the last moment is passed on."""
        if turn.done() and not turn.cancelled():
            self.give(name)
        else:
            self._lines[name].remove(turn)


def refusal(limit: int, whose: str, remedy: str) -> Throttled:
    """Say that no slot is free, in words for people."""
    plural = "" if limit == 1 else "s"
    return Throttled(
        f"{whose} may have {limit} request{plural} under way at a time. Try again when one has ended, or {remedy}.",
        code="concurrency_exceeded",
        retry_after_s=RETRY_AFTER_S,
    )
