"""The one gate in front of Copilot.

The order in which a request is asked:

    pause -> budget -> could it go now? -> approval -> rate -> slot -> spacing

What refuses comes before what waits, and what a person is bothered with comes after everything that would have
refused anyway. A request that nothing here concerns does not come in at all (`concerns`).
"""

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from copilot_api.copilot.flight import Spawn
from copilot_api.gateway.admission.approvals import Approval, Approvals
from copilot_api.gateway.admission.budgets import Budgets, Standing, used_up
from copilot_api.gateway.admission.pauses import Pauses
from copilot_api.gateway.admission.rates import RateExceeded, Rates, Reading, Rule
from copilot_api.gateway.admission.slots import MemorySlots, Slots
from copilot_api.gateway.admission.spacing import RateLimit
from copilot_api.gateway.admission.windows import Windows
from copilot_api.gateway.estimate import LATE, NOT_COUNTED, Estimate, Price
from copilot_api.gateway.ledger import UsageRecord
from copilot_api.settings import ClientKeyEntry, RateLimits, Settings

EVERYBODY = "all"
_KEY_REMEDY = "let the operator raise the key's limits in the admin"
_RATE_REMEDY = "let the operator raise COPILOT_API_REQUESTS_PER_MINUTE or COPILOT_API_TOKENS_PER_MINUTE"
_SLOT_REMEDY = "let the operator raise COPILOT_API_CONCURRENCY"
PRICE_PATIENCE_S = 3.0
"""The process that counts takes a second to start, and a megabyte another one; whoever approves is not kept longer."""

AskPrice = Callable[[], Estimate | None]
"""Begins to count a request; None for what is not counted."""


class Limits(NamedTuple):
    """What one scope may: rules of a minute, and slots (None: any number). `whose` and `remedy` are for people."""

    scope: str
    rules: tuple[Rule, ...]
    slots: int | None
    whose: str
    remedy: str


class Ticket:
    """What a request was given, and what it may be told; `Admission.leave` takes it back.

    `readings` are of the rates that hold for it, or of the one that refused it; `budget` is one that is nearly, or
    wholly, used up.
    """

    __slots__ = ("budget", "readings", "rules", "slots")

    def __init__(self) -> None:
        self.readings: list[Reading] = []
        self.budget: Standing | None = None
        self.rules: tuple[Rule, ...] = ()
        self.slots: list[str] = []


class Admission:
    """Decides who may go now. Units: `clock` monotonic seconds, `wall` Unix seconds."""

    def __init__(
        self,
        settings: Settings,
        *,
        windows: Windows,
        slots: Slots | None = None,
        spawn: Spawn,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        new_id: Callable[[], str] = lambda: secrets.token_hex(6),
    ) -> None:
        self._spawn = spawn
        self._windows = windows
        self._wall = wall
        self._new_id = new_id
        self.rates = Rates(windows, clock=clock, sleep=sleep)
        self.slots: Slots = slots or MemorySlots()
        self.pauses = Pauses(clock=clock, wall=wall, sleep=sleep)
        self.budgets = Budgets(clock=wall)
        self.approvals = Approvals()
        self.spacing = RateLimit(None, is_waiting_allowed=False, clock=clock, sleep=sleep)
        self._keys: dict[str, Limits] = {}
        self._everybody = _limits_of(EVERYBODY, RateLimits(), "All clients of this gateway together", "")
        self.adopt(settings)

    def adopt(self, settings: Settings) -> None:
        """Take new settings; who waits already keeps their place."""
        self._settings = settings
        self._patience_s = settings.rate_limit_max_wait_s if settings.rate_limit_wait else 0.0
        self.pauses.patience_s, self.pauses.is_on = self._patience_s, settings.adaptive_pause
        self.spacing.adopt(settings.rate_limit_s, is_waiting_allowed=settings.rate_limit_wait)
        self.budgets.adopt(settings)
        everybody = RateLimits(settings.requests_per_minute, settings.tokens_per_minute, settings.concurrency)
        self._everybody = self._everybody._replace(
            rules=_rules(EVERYBODY, everybody, self._everybody.whose, _RATE_REMEDY),
            slots=everybody.concurrency,
            remedy=_SLOT_REMEDY,
        )
        self._keys = {
            key.id: _limits_of(f"key/{key.id}", key.rate_limit, f"The key {key.name!r}", _KEY_REMEDY)
            for key in settings.client_keys
            if key.rate_limit != RateLimits()
        }
        self._concerns_all = (
            everybody != RateLimits()
            or settings.rate_limit_s is not None
            or settings.manual_approval
            or bool(self.budgets)
        )

    @property
    def shared_problem(self) -> str | None:
        """Why minutes are not counted together with other gateways, where they should be."""
        return self._windows.problem

    def concerns(self, key: ClientKeyEntry | None) -> bool:
        """Whether anything here has a say in a request of this key."""
        return self._concerns_all or bool(self.pauses.register) or (key is not None and key.id in self._keys)

    async def enter(
        self,
        ticket: Ticket,
        record: UsageRecord,
        key: ClientKeyEntry | None,
        ask_price: AskPrice = lambda: None,
    ) -> None:
        """Return when the request may go; `leave` must follow, whatever happens here.

        `ask_price` is called where a person is asked, who wants to know; the request does not wait for it.
        Raises: QuotaExhausted in a pause, BudgetExhausted, Throttled, Forbidden.
        """
        await self.pauses.respect(record.account_id, record.mapped_model)
        ticket.budget = self.budgets.nearest(record.key_id, record.account_id)
        if ticket.budget is not None and ticket.budget.used_ratio >= 1.0:
            raise used_up(ticket.budget)
        limits = self._limits(key)
        rules = tuple(rule for limit in limits for rule in limit.rules)
        try:
            if not self._patience_s:
                await self._check(rules, limits)
            if self._settings.manual_approval:
                await self._ask(record, ask_price())
            if rules:
                ticket.readings = await self.rates.enter(rules, self._patience_s)
                ticket.rules = rules
        except RateExceeded as refused:
            ticket.readings = [refused.reading]
            raise
        for limit in limits:
            if limit.slots is not None:
                ticket.slots.append(
                    await self.slots.take(
                        limit.scope, limit.slots, limit.whose, limit.remedy, self._patience_s
                    )
                )
        if record.operation == "inference":
            await self.spacing.admit()

    def leave(self, ticket: Ticket, tokens: int) -> None:
        """Give back what was taken; `tokens` is what the answer came to, both directions."""
        for lease in ticket.slots:
            self.slots.give(lease)
        ticket.slots.clear()
        if tokens and any(rule.unit == "tokens" for rule in ticket.rules):
            self._spawn(self.rates.add_tokens(ticket.rules, tokens))

    def _limits(self, key: ClientKeyEntry | None) -> list[Limits]:
        of_key = self._keys.get(key.id) if key is not None else None
        return [limits for limits in (of_key, self._everybody) if limits is not None]

    async def _check(self, rules: tuple[Rule, ...], limits: list[Limits]) -> None:
        """Refuse before anything is taken and anybody is asked."""
        await self.rates.check(rules)
        for limit in limits:
            if limit.slots is not None:
                await self.slots.check(limit.scope, limit.slots, limit.whose, limit.remedy)

    async def _ask(self, record: UsageRecord, estimate: Estimate | None) -> None:
        now_s, patience_s = self._wall(), self._settings.approval_timeout_s
        approval = Approval(
            id=self._new_id(),
            asked_at_unix_s=now_s,
            expires_at_unix_s=now_s + patience_s,
            trace_id=record.trace_id,
            key=record.key,
            account=record.account,
            model=record.mapped_model,
            requested_model=record.requested_model,
            path=record.path,
            client=record.client,
            is_stream=record.is_stream,
            request_bytes=record.request_bytes,
            price=Price(problem=NOT_COUNTED) if estimate is None else None,
        )
        if estimate is not None:
            self._spawn(self._price(approval.id, estimate))
        await self.approvals.ask(approval, patience_s)

    async def _price(self, approval_id: str, estimate: Estimate) -> None:
        """Tell who decides, as soon as it is counted; that it is late, as soon as it is."""
        try:
            async with asyncio.timeout(PRICE_PATIENCE_S):
                price = await estimate.price()
        except TimeoutError:
            self.approvals.price(approval_id, Price(problem=LATE))
            price = await estimate.price()
        self.approvals.price(approval_id, price)


def _limits_of(scope: str, limits: RateLimits, whose: str, remedy: str) -> Limits:
    return Limits(scope, _rules(scope, limits, whose, remedy), limits.concurrency, whose, remedy)


def _rules(scope: str, limits: RateLimits, whose: str, remedy: str) -> tuple[Rule, ...]:
    rules: list[Rule] = []
    if limits.requests_per_minute is not None:
        rules.append(Rule(scope, "requests", limits.requests_per_minute, whose, remedy))
    if limits.tokens_per_minute is not None:
        rules.append(Rule(scope, "tokens", limits.tokens_per_minute, whose, remedy))
    return tuple(rules)
