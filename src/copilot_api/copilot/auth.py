"""One account's credential: the GitHub token as it is, or the short-lived Copilot token made from it.

Owns when to exchange, when to refresh, how long to leave GitHub alone after a failure. Must never know HTTP:
the exchange, the clock, the sleep and the background TaskGroup are arguments. Source: upstream contract 1.4,
1.5, 1.8.

States: empty -> (exchange) -> fresh -> (< 5 min left) -> stale: served while a refresh runs -> expired ->
empty.
"""

from collections.abc import Awaitable, Callable

import msgspec

from copilot_api.copilot.flight import SingleFlight, Spawn
from copilot_api.copilot.github.answers import CANNOT_EXCHANGE, TokenEnvelope
from copilot_api.errors import (
    CredentialRefused,
    GatewayError,
    QuotaExhausted,
    UpstreamFault,
    UpstreamTimeout,
    UpstreamUnavailable,
)
from copilot_api.settings import CredentialMode

REFRESH_AHEAD_S = 300.0
"""VS Code refreshes when less than five minutes remain (contract 1.4)."""
EXPIRY_MARGIN_S = 60.0
"""`expires_at` is overridden by now + refresh_in + 60 of our own clock: theirs may differ (contract 1.4)."""
RETRY_DELAYS_S = (0.5, 1.0, 2.0)
"""Three retries with exponential back-off (contract 1.4)."""
LONGEST_POLITE_WAIT_S = 10.0
"""A longer Retry-After is not slept through with callers waiting: it becomes the cool-down."""
COOL_DOWNS_S = (5.0, 15.0, 60.0, 300.0)
"""After each failure in a row GitHub is left alone for longer: the endpoint is itself rate limited."""
MAX_REJECTIONS = 3
REJECTION_WINDOW_S = 60.0
"""More refused tokens than this in the window: another exchange will not help, and would be a loop."""
REFUSAL_COOL_DOWN_S = 300.0
"""401, 403 and 429 do not mend quickly, and hammering on 403 gets accounts revoked (contract 1.5)."""

_TRANSIENT = (UpstreamUnavailable, UpstreamTimeout)


class Bearer(msgspec.Struct, frozen=True):
    """What goes into Authorization. An exchanged one makes Copilot ask for Editor-Version (contract 2.3)."""

    token: str
    is_exchanged: bool

    def __repr__(self) -> str:
        """Never the token: a repr ends up in tracebacks and logs."""
        return f"Bearer(is_exchanged={self.is_exchanged})"


class Renewals:
    """How often a token was exchanged, and how often that failed, since the start."""

    __slots__ = ("done", "failed")

    def __init__(self) -> None:
        self.done = 0
        self.failed = 0


class Credential:
    """The bearer of one account, refreshed once for everybody.

    `fault` is what a person must know or do, None while all is well; with a still valid token it is only a
    warning (`is_usable`). Units: `refreshed_at_unix_s` when a token was last had from GitHub, None before.
    """

    def __init__(
        self,
        *,
        github_token: str,
        mode: CredentialMode,
        exchange: Callable[[], Awaitable[TokenEnvelope]],
        clock: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]],
        spawn: Spawn,
    ) -> None:
        self._direct = Bearer(token=github_token, is_exchanged=False)
        self._exchange = exchange
        self._clock = clock
        self._sleep = sleep
        self._flight = SingleFlight(self._refresh, spawn)
        self._current: Bearer | None = self._direct if mode == "direct" else None
        self._may_go_direct = mode == "auto"
        self._rejected_at_unix_s: list[float] = []
        self._expires_at_unix_s = float("inf")
        self._refresh_at_unix_s = float("inf")
        self._cool_until_unix_s = 0.0
        self._failures_in_a_row = 0
        self._failure: UpstreamFault | None = None
        self.envelope: TokenEnvelope | None = None
        self.fault: GatewayError | None = None
        self.refreshed_at_unix_s: float | None = None
        self.renewals = Renewals()

    @property
    def problem(self) -> str | None:
        """The words of `fault`."""
        return None if self.fault is None else self.fault.message

    @property
    def expires_at_unix_s(self) -> float | None:
        """When the token at hand ends; None for one that does not, and where there is none."""
        is_timed = self._current is not None and self._expires_at_unix_s != float("inf")
        return self._expires_at_unix_s if is_timed else None

    @property
    def tokens(self) -> tuple[str, ...]:
        """What nobody may read: the GitHub token, and the one it was exchanged for."""
        current = () if self._current is None or self._current is self._direct else (self._current.token,)
        return (self._direct.token, *current)

    @property
    def is_direct(self) -> bool:
        """Whether the GitHub token itself is the bearer."""
        return self._current is self._direct

    @property
    def is_usable(self) -> bool:
        """Whether a bearer is at hand now, without asking anyone."""
        return self._current is not None and self._clock() < self._expires_at_unix_s

    async def bearer(self) -> Bearer:
        """Return the bearer to send now; refreshed ahead of time without making anyone wait.

        Raises: CredentialRefused, QuotaExhausted or another UpstreamFault, each with its remedy; Draining.
        """
        current = self._current
        if current is not None:
            now = self._clock()
            if now < self._refresh_at_unix_s:
                return current
            if now < self._expires_at_unix_s:
                if now >= self._cool_until_unix_s:
                    self._flight.start()
                return current
        if self._failure is not None and not self._flight.is_running:
            remaining_s = self._cool_until_unix_s - self._clock()
            if remaining_s > 0:
                raise self._repeated(self._failure, remaining_s)
        return await self._flight.join()

    def reject(self, token: str) -> None:
        """Note a 401 to `token`: the next `bearer()` refreshes. Nothing happens when a newer one is there.

        A GitHub token sent directly cannot be refreshed; then a person must log in again.
        """
        current = self._current
        if current is None or current.token != token:
            return
        if current.is_exchanged:
            self._current = None
            self.envelope = None
            self._count_rejection()
        else:
            remedy = "run `copilot-api login` again."
            self.fault = CredentialRefused(f"Copilot refused the GitHub token; {remedy}", remedy=remedy)

    def accept(self) -> None:
        """Copilot answered well: a refused direct token is trusted again."""
        if self._failure is None:
            self.fault = None

    async def renew(self) -> Bearer:
        """Exchange now, whatever is at hand (after a login, or when the API host is in doubt).

        Raises: as `bearer`.
        """
        return self._direct if self.is_direct else await self._flight.join()

    async def _refresh(self) -> Bearer:
        try:
            envelope = await self._exchange_patiently()
        except CredentialRefused as error:
            if self._may_go_direct and error.code == CANNOT_EXCHANGE:
                return self._go_direct()
            self._note_failure(error)
            raise
        except UpstreamFault as error:
            self._note_failure(error)
            raise
        return self._take(envelope)

    async def _exchange_patiently(self) -> TokenEnvelope:
        for delay_s in RETRY_DELAYS_S:
            try:
                return await self._exchange()
            except _TRANSIENT as error:
                if (error.retry_after_s or 0.0) > LONGEST_POLITE_WAIT_S:
                    raise
                await self._sleep(max(delay_s, error.retry_after_s or 0.0))
        return await self._exchange()

    def _take(self, envelope: TokenEnvelope) -> Bearer:
        fresh = Bearer(token=envelope.token, is_exchanged=True)
        self._expires_at_unix_s = self._clock() + envelope.refresh_in_s + EXPIRY_MARGIN_S
        # A token shorter than the margin is still refreshed once per life, not on every request.
        ahead_s = min(REFRESH_AHEAD_S, (envelope.refresh_in_s + EXPIRY_MARGIN_S) / 2)
        self._refresh_at_unix_s = self._expires_at_unix_s - ahead_s
        self._current = fresh
        self.renewals.done += 1
        self.refreshed_at_unix_s = self._clock()
        self.envelope = envelope
        self._clear_failure()
        return fresh

    def _go_direct(self) -> Bearer:
        self._current = self._direct
        self._refresh_at_unix_s = self._expires_at_unix_s = float("inf")
        self._clear_failure()
        return self._direct

    def _count_rejection(self) -> None:
        now = self._clock()
        recent = [then for then in self._rejected_at_unix_s if now - then < REJECTION_WINDOW_S]
        self._rejected_at_unix_s = [*recent, now]
        if len(recent) >= MAX_REJECTIONS:
            remedy = "check its host with `copilot-api doctor`, or run `copilot-api login` again."
            fault = CredentialRefused(
                f"Copilot refuses even fresh tokens of this account; {remedy}",
                code="fresh_token_refused",
                remedy=remedy,
            )
            self._note_failure(fault, pause_s=REJECTION_WINDOW_S)

    def _clear_failure(self) -> None:
        self._failure = None
        self._failures_in_a_row = 0
        self._cool_until_unix_s = 0.0
        self.fault = None

    def _note_failure(self, error: UpstreamFault, pause_s: float | None = None) -> None:
        if pause_s is None:
            step = min(self._failures_in_a_row, len(COOL_DOWNS_S) - 1)
            is_refusal = isinstance(error, CredentialRefused | QuotaExhausted) and error.retry_after_s is None
            pause_s = REFUSAL_COOL_DOWN_S if is_refusal else COOL_DOWNS_S[step]
        self._cool_until_unix_s = self._clock() + max(pause_s, error.retry_after_s or 0.0)
        self._failures_in_a_row += 1
        self.renewals.failed += 1
        self._failure = self.fault = error

    @staticmethod
    def _repeated(failure: UpstreamFault, remaining_s: float) -> GatewayError:
        """Return the stored failure as a new instance, so that tracebacks do not pile up."""
        return type(failure)(
            failure.message,
            code=failure.code,
            status=failure.status,
            retry_after_s=None if isinstance(failure, CredentialRefused) else remaining_s,
            param=failure.param,
            remedy=failure.remedy,
        )
