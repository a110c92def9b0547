"""So many requests and tokens in a minute, for one key and for everybody; who waits leaves in the order they came.

Each scope has one line. A request stands in its key's line first, then in everybody's, and takes from the windows
only when all of them have room: a refusal costs nothing, and one key's waiting never blocks another's.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from typing import Literal, NamedTuple

from copilot_api.errors import Throttled
from copilot_api.gateway.admission.windows import Stand, Windows

_MOMENT_S = 0.01
Unit = Literal["requests", "tokens"]
Clock = Callable[[], float]
Sleep = Callable[[float], Awaitable[None]]


class Rule(NamedTuple):
    """At most `limit` in a minute. `scope` names the line, `whose` says it to people, `remedy` what to do about it."""

    scope: str
    unit: Unit
    limit: int
    whose: str
    remedy: str

    @property
    def window(self) -> str:
        """The name of what is counted."""
        return f"{self.scope}/{self.unit}"


class Reading(NamedTuple):
    """How a rule stood when a request was let in, that request counted."""

    unit: Unit
    limit: int
    remaining: int
    reset_s: float


class RateExceeded(Throttled):
    """Too much for a minute. `reading` is how the rule stood."""

    reading: Reading


class Rates:
    """Lets requests in as the rules allow. Units: `clock` monotonic seconds."""

    def __init__(self, windows: Windows, *, clock: Clock, sleep: Sleep = asyncio.sleep) -> None:
        self._windows = windows
        self._clock = clock
        self._sleep = sleep
        self._lines: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self.waiting = 0

    async def check(self, rules: Sequence[Rule]) -> None:
        """Look whether a request could go now; nothing is taken.

        Raises: RateExceeded.
        """
        for rule in rules:
            stand = await self._windows.look(rule.window, rule.limit)
            if stand.wait_s > 0:
                raise refusal(rule, stand)

    async def enter(self, rules: Sequence[Rule], patience_s: float) -> list[Reading]:
        """Take one request from every window; wait up to `patience_s` for room.

        Raises: RateExceeded when there will be none in that time.
        """
        deadline_s = self._clock() + patience_s
        self.waiting += 1
        try:
            async with AsyncExitStack() as lines:
                for scope in dict.fromkeys(rule.scope for rule in rules):
                    await lines.enter_async_context(self._lines[scope])
                    await self._until_room([rule for rule in rules if rule.scope == scope], deadline_s)
                return await self._take(rules, deadline_s)
        finally:
            self.waiting -= 1

    async def add_tokens(self, rules: Sequence[Rule], tokens: int) -> None:
        """Count what an answer took, once that is known."""
        for rule in rules:
            if rule.unit == "tokens":
                await self._windows.add(rule.window, tokens)

    async def _until_room(self, rules: Sequence[Rule], deadline_s: float) -> None:
        for rule in rules:
            while (stand := await self._windows.look(rule.window, rule.limit)).wait_s > 0:
                if self._clock() + stand.wait_s > deadline_s:
                    raise refusal(rule, stand)
                await self._sleep(stand.wait_s)

    async def _take(self, rules: Sequence[Rule], deadline_s: float) -> list[Reading]:
        """Nobody of this process can have come in between; of another one that shares the windows somebody may."""
        for rule in rules:
            while rule.unit == "requests" and not await self._windows.take(rule.window, rule.limit):
                await self._sleep(_MOMENT_S)
                await self._until_room([rule], deadline_s)
        readings: list[Reading] = []
        for rule in rules:
            stand = await self._windows.look(rule.window, rule.limit)
            readings.append(Reading(rule.unit, rule.limit, max(0, rule.limit - stand.used), stand.reset_s))
        return readings


def refusal(rule: Rule, stand: Stand) -> RateExceeded:
    """What a request is told that comes too early."""
    refused = RateExceeded(
        f"{rule.whose} may use {rule.limit} {rule.unit} in a minute, and has used {stand.used}. Try again in "
        f"{stand.wait_s:.1f} s, or {rule.remedy}.",
        retry_after_s=stand.wait_s,
    )
    refused.reading = Reading(rule.unit, rule.limit, 0, stand.reset_s)
    return refused
