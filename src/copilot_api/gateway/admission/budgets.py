"""What may be spent in a day or a month, by a key, by an account, by everybody; and what has been.

The sums are of this process: every exchange that Copilot answered is added when it ends, whether it has a budget or
not. What was spent in the period before the process began comes from the ledger, once for each budget, by

    load(scope, id, from_unix_s, until_unix_s) -> Spent

which returns what the answered exchanges that began in [from, until) cost: `scope` is "key", "account" or "all", `id`
the record's `key_id` or `account_id` ("" for "all"); token counts are no exchanges here. `until` is when this process
began, so the two never overlap. A ledger that cannot be read leaves a sum at what this process has seen, and says so.

An exchange costs what it costs: a budget is checked before one, so the last one may go over.
"""

import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Literal, NamedTuple

import msgspec
import structlog

from copilot_api.errors import BudgetExhausted
from copilot_api.gateway.ledger import UsageRecord
from copilot_api.settings import Budget, Period, Settings

_log: structlog.stdlib.BoundLogger = structlog.get_logger()

Scope = Literal["key", "account", "all"]
Whose = tuple[Scope, str]
EVERYBODY: Whose = ("all", "")
NANO = 10**9
_DAY_S = 86_400


class Spent(NamedTuple):
    """What answered exchanges came to. Units: 1e-9 AI credits; requests."""

    nano_aiu: int = 0
    requests: int = 0


Load = Callable[[Scope, str, float, float], Awaitable[Spent]]


class Standing(msgspec.Struct, frozen=True, rename="camel"):
    """A budget and what is gone of it.

    Units: `used_ratio` from 0; above 1 once the last exchange went over. `resets_at` ISO 8601 in UTC. `spent_*`
    in credits and requests, None where not limited.
    """

    scope: Scope
    id: str
    name: str
    period: Period
    credits: float | None
    requests: int | None
    spent_credits: float
    spent_requests: int
    used_ratio: float
    resets_at: str


class Budgets:
    """Every budget there is. `tell` hears of one that passes the threshold, and of one that is used up."""

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.time,
        tell: Callable[[Standing], None] = lambda standing: None,
    ) -> None:
        """Units: `clock` Unix seconds."""
        self._clock = clock
        self.tell = tell
        self._began_unix_s = clock()
        self._limits: dict[Whose, tuple[Budget, str]] = {}
        self._by_day: dict[Whose, dict[int, list[int]]] = {}
        self._loaded: set[Whose] = set()
        self._told: dict[Whose, tuple[float, int]] = {}
        self._warn_ratio = 0.8

    def __bool__(self) -> bool:
        return bool(self._limits)

    def adopt(self, settings: Settings) -> None:
        """Take the budgets of new settings; what is spent stays spent."""
        named: list[tuple[Whose, Budget | None, str]] = [(EVERYBODY, settings.budget, "this gateway")]
        for account in settings.accounts:
            budget = settings.account_budgets.get(account.id)
            named.append((("account", account.id), budget, f"the account {account.login!r}"))
        for key in settings.client_keys:
            named.append((("key", key.id), key.budget, f"the key {key.name!r}"))
        self._limits = {
            whose: (budget, name)
            for whose, budget, name in named
            if budget is not None and (budget.credits is not None or budget.requests is not None)
        }
        self._warn_ratio = settings.budget_warn_ratio

    async def load_missing(self, load: Load) -> bool:
        """Add what was spent before this process began, for every budget that lacks it; False when some still do."""
        missing = [whose for whose in self._limits if whose not in self._loaded]
        for whose in missing:
            try:
                await self._load(whose, load)
            except Exception as error:
                _log.warning("budget.sum_unknown", scope=whose[0], id=whose[1], problem=repr(error))
                return False
            self._loaded.add(whose)
        return True

    def spend(self, record: UsageRecord) -> None:
        """Add what an answered exchange cost."""
        day = int(record.started_unix_s // _DAY_S)
        nano_aiu, by_day = record.nano_aiu or 0, self._by_day
        for whose in _all_of(record.key_id, record.account_id):
            try:
                spent = by_day[whose][day]
            except KeyError:  # the first one of a day
                self._add(whose, day, nano_aiu, 1)
            else:
                spent[0] += nano_aiu
                spent[1] += 1
        if self._limits:
            self._watch(record)

    def nearest(self, key_id: str, account_id: str) -> Standing | None:
        """The standing nearest to its end among those past the threshold, None while all are below it."""
        standings = [self._standing(whose) for whose in _all_of(key_id, account_id) if whose in self._limits]
        nearest = max(standings, key=lambda standing: standing.used_ratio, default=None)
        return nearest if nearest is not None and nearest.used_ratio >= self._warn_ratio else None

    def standings(self) -> tuple[Standing, ...]:
        """Every budget as it stands."""
        return tuple(self._standing(whose) for whose in self._limits)

    def _add(self, whose: Whose, day: int, nano_aiu: int, requests: int) -> None:
        spent = self._by_day.setdefault(whose, {}).setdefault(day, [0, 0])
        spent[0] += nano_aiu
        spent[1] += requests

    async def _load(self, whose: Whose, load: Load) -> None:
        """One sum for each day of the month so far, so that a budget may change its period later."""
        began = self._began_unix_s
        today = int(began // _DAY_S)
        spent: dict[int, Spent] = {}
        for day in range(_first_day("month", began), today + 1):
            until_unix_s = min(float((day + 1) * _DAY_S), began)
            spent[day] = await load(whose[0], whose[1], float(day * _DAY_S), until_unix_s)
        for day, sums in spent.items():
            self._add(whose, day, sums.nano_aiu, sums.requests)

    def _spent(self, whose: Whose, period: Period) -> Spent:
        first = _first_day(period, self._clock())
        days = self._by_day.get(whose, {})
        recent = [spent for day, spent in days.items() if day >= first]
        return Spent(sum(spent[0] for spent in recent), sum(spent[1] for spent in recent))

    def _standing(self, whose: Whose) -> Standing:
        budget, name = self._limits[whose]
        spent = self._spent(whose, budget.period)
        ratios = [0.0]
        if budget.credits is not None:
            ratios.append(spent.nano_aiu / (budget.credits * NANO))
        if budget.requests is not None:
            ratios.append(spent.requests / budget.requests)
        return Standing(
            scope=whose[0],
            id=whose[1],
            name=name,
            period=budget.period,
            credits=budget.credits,
            requests=budget.requests,
            spent_credits=spent.nano_aiu / NANO,
            spent_requests=spent.requests,
            used_ratio=max(ratios),
            resets_at=_end_of(budget.period, self._clock()).strftime("%Y-%m-%dT%H:%M:%SZ"),
        )

    def _watch(self, record: UsageRecord) -> None:
        """Say once in a period that the threshold is passed, and once that nothing is left."""
        for whose in _all_of(record.key_id, record.account_id):
            if whose not in self._limits:
                continue
            standing = self._standing(whose)
            reached = 1.0 if standing.used_ratio >= 1.0 else self._warn_ratio
            if standing.used_ratio < reached:
                continue
            told = (reached, _first_day(standing.period, self._clock()))
            if self._told.get(whose) != told:
                self._told[whose] = told
                _log.warning("budget.used_up" if reached >= 1.0 else "budget.nearly_used", **_facts(standing))
                self.tell(standing)


def describe(standing: Standing) -> str:
    """For the header. Shape: key; credits=8.10/10; period=month; resets=2026-12-01T00:00:00Z."""
    facts = _facts(standing)
    return "; ".join(
        [standing.scope, *(f"{name}={facts[name]}" for name in facts if name not in {"scope", "whose"})]
    )


def _facts(standing: Standing) -> dict[str, str]:
    facts = {"scope": standing.scope, "whose": standing.name}
    if standing.credits is not None:
        facts["credits"] = f"{standing.spent_credits:.2f}/{standing.credits:g}"
    if standing.requests is not None:
        facts["requests"] = f"{standing.spent_requests}/{standing.requests}"
    return {**facts, "period": standing.period, "resets": standing.resets_at}


def used_up(standing: Standing) -> BudgetExhausted:
    """What a request is told that no budget is left for: 402, which clients do not send again by themselves."""
    facts = _facts(standing)
    gone = " and ".join(f"{facts[unit]} {unit}" for unit in ("credits", "requests") if unit in facts)
    return BudgetExhausted(
        f"The budget of {standing.name} is used up: {gone} this {standing.period} (UTC). It begins anew at "
        f"{standing.resets_at}; until then the operator may raise it in the admin or in config.json."
    )


def _first_day(period: Period, unix_s: float) -> int:
    """The number of the first day of a period. Units: days since 1970."""
    if period == "day":
        return int(unix_s // _DAY_S)
    now = datetime.fromtimestamp(unix_s, UTC)
    return int(unix_s // _DAY_S) - (now.day - 1)


def _end_of(period: Period, unix_s: float) -> datetime:
    today = datetime.fromtimestamp(unix_s, UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    if period == "day":
        return today + timedelta(days=1)
    return (today.replace(day=1) + timedelta(days=32)).replace(day=1)


def _all_of(key_id: str, account_id: str) -> tuple[Whose, Whose, Whose]:
    """Everyone whose budget an exchange counts against."""
    return EVERYBODY, ("account", account_id), ("key", key_id)
