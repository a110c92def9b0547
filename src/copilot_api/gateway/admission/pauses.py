"""What Copilot asked us to leave alone: an account's model, for as long as its 429 said.

A request that comes in that time is told how long, and is never sent: neither to Copilot nor to another account.
"""

import asyncio
import math
from collections.abc import Awaitable, Callable

import msgspec
import structlog

from copilot_api.errors import QuotaExhausted, UpstreamFault

_log: structlog.stdlib.BoundLogger = structlog.get_logger()


class Pause(msgspec.Struct, frozen=True):
    """One account's model left alone.

    Units: `until_s` on the monotonic clock, `ends_at_unix_s` on the wall's. `reason` is Copilot's word.
    """

    account_id: str
    account: str
    model: str
    until_s: float
    ends_at_unix_s: float
    reason: str


class Pauses:
    """Every pause there is. `tell` is called when one begins or is lifted."""

    def __init__(
        self,
        *,
        clock: Callable[[], float],
        wall: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        tell: Callable[[], None] = lambda: None,
    ) -> None:
        self._clock = clock
        self._wall = wall
        self._sleep = sleep
        self.tell = tell
        self.register: dict[tuple[str, str], Pause] = {}
        """By account and model. Every request looks whether it is empty, so that is no call."""
        self.is_on = True
        """Whether a 429 begins a pause at all."""
        self.patience_s = 0.0
        """How long a request may wait for the end of a pause, instead of being refused."""
        self.waiting = 0
        self.refused = 0

    def current(self) -> tuple[Pause, ...]:
        """What is left alone now, the longest first."""
        now_s = self._clock()
        for key, pause in tuple(self.register.items()):
            if pause.until_s <= now_s:
                del self.register[key]
        return tuple(sorted(self.register.values(), key=lambda pause: -pause.until_s))

    def note(self, account_id: str, account: str, model: str, fault: UpstreamFault) -> None:
        """Begin a pause where the fault asks for one: a 429 that says for how long."""
        wait_s = fault.retry_after_s
        if fault.status != 429 or not wait_s or not self.is_on:
            return
        pause = Pause(account_id, account, model, self._clock() + wait_s, self._wall() + wait_s, fault.code)
        before = self.register.get((account_id, model))
        if before is None or before.until_s < pause.until_s:
            self.register[account_id, model] = pause
            _log.warning(
                "pause.began", account=account, model=model, seconds=round(wait_s, 1), reason=fault.code
            )
            self.tell()

    def lift(self, account_id: str, model: str) -> bool:
        """End a pause before its time, because a person knows better; False when there is none."""
        if self.register.pop((account_id, model), None) is None:
            return False
        self.tell()
        return True

    async def respect(self, account_id: str, model: str) -> None:
        """Return when the model is not paused, waiting where that is allowed and short enough.

        Raises: QuotaExhausted with what is left of the pause.
        """
        while (pause := self.register.get((account_id, model))) is not None:
            left_s = pause.until_s - self._clock()
            if left_s <= 0:
                self.register.pop((account_id, model), None)
                return
            if left_s > self.patience_s:
                self.refused += 1
                raise _refusal(pause, left_s)
            self.waiting += 1
            try:
                await self._sleep(left_s)
            finally:
                self.waiting -= 1


def _refusal(pause: Pause, left_s: float) -> QuotaExhausted:
    return QuotaExhausted(
        f"Copilot asked the account {pause.account!r} to leave the model {pause.model!r} alone (429 {pause.reason}) "
        f"for {math.ceil(left_s)} more seconds; this request was not sent. Try again then, or use another model.",
        code="upstream_paused",
        retry_after_s=left_s,
    )
