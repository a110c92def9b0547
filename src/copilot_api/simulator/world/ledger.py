"""What was billed: nano-AIU per request, and the quota headers that fall with it.

Owns: `Usage`, `Ledger`, the header grammar of quota snapshots, the `copilot_usage` object.
Must never know: protocols, HTTP.
Source: upstream contract §9. 1e9 nano-AIU = 1 AI credit = USD 0.01.
"""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

from copilot_api.simulator.shapes import Json, as_float, as_int, as_object, load_data
from copilot_api.simulator.world.accounts import Account
from copilot_api.simulator.world.catalogue import NANO_PER_CREDIT, Model
from copilot_api.simulator.world.months import iso, next_month

_ENTRIES_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one answer; `input` excludes what the cache read or wrote."""

    input: int
    output: int
    cache_read: int = 0
    cache_write: int = 0
    reasoning: int = 0

    @property
    def prompt(self) -> int:
        """All prompt tokens, cached ones included."""
        return self.input + self.cache_read + self.cache_write


@dataclass(frozen=True, slots=True)
class Cost:
    """What one answer used and what that costs."""

    usage: Usage
    nano_aiu: int = 0


def bill(model: Model, usage: Usage, with_model: bool = False) -> tuple[Json | None, int]:
    """Price an answer: the `copilot_usage` object (None for multiplier models) and its nano-AIU."""
    prices = model.prices(usage.prompt)
    if prices is None:
        return None, 0
    details: list[Json] = []
    total = 0
    for kind, count, cost in (
        ("input", usage.input, prices.input),
        ("cache_read", usage.cache_read, prices.cache_read),
        ("cache_write", usage.cache_write, prices.cache_write),
        ("output", usage.output, prices.output),
    ):
        detail: Json = {"batch_size": prices.batch_size, "cost_per_batch": cost}
        if with_model:
            detail["model"] = model.id
        detail.update(token_count=count, token_type=kind)
        details.append(detail)
        total += count * cost // prices.batch_size
    return {"token_details": details, "total_nano_aiu": total}, total


@dataclass(slots=True)
class Balance:
    """One quota bucket of one account, in its own unit."""

    entitlement: float
    remaining: float
    is_unlimited: bool
    overage_permitted: bool

    def spend(self, amount: float) -> None:
        """Take an amount off; balances may go negative, as upstream's do."""
        if not self.is_unlimited:
            self.remaining -= amount

    @property
    def percent(self) -> float:
        """Percent remaining, as the header says it."""
        if self.is_unlimited:
            return 100.0
        return self.remaining / self.entitlement * 100 if self.entitlement else 0.0

    def header(self, resets_at: str) -> str:
        """Write the snapshot in the header grammar; unlimited is `ent=-1`."""
        entitlement = "-1" if self.is_unlimited else f"{self.entitlement:g}"
        total = "-1" if self.is_unlimited else f"{self.remaining:.9g}"
        overage = "true" if self.overage_permitted else "false"
        used_over = 0.0 if self.is_unlimited or not self.overage_permitted else max(0.0, -self.remaining)
        return (
            f"ent={entitlement}&ov={used_over:.1f}&ovPerm={overage}"
            f"&rem={self.percent:.7g}&rst={quote(resets_at, safe='-')}&totRem={total}"
        )

    def snapshot(self, resets_at: str) -> Json:
        """Write the snapshot as the JSON twin on terminal Responses events."""
        return {
            "entitlement": "-1" if self.is_unlimited else f"{self.entitlement:g}",
            "has_quota": self.is_unlimited or self.entitlement > 0,
            "overage_count": 0,
            "overage_permitted": self.overage_permitted,
            "percent_remaining": round(self.percent, 6),
            "reset_date": resets_at,
        }


_LEGACY_FREE = {"chat": (50.0, 37.0), "completions": (2000.0, 1800.0)}


class Ledger:
    """Balances per account and one entry per billed answer.

    A new month, by the clock, fills the balances anew; those that a plan document tells are of a month half gone.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._resets_at = self.resets_at
        self._is_first_month = True
        self.entries: deque[Json] = deque(maxlen=_ENTRIES_KEPT)
        self.total_nano_aiu = 0
        self.requests = 0
        self._balances: dict[str, dict[str, Balance]] = {}

    def reset(self) -> None:
        """Forget what was billed; balances return to the plan's first state."""
        self.entries.clear()
        self._balances.clear()
        self._resets_at, self._is_first_month = self.resets_at, True
        self.total_nano_aiu = 0
        self.requests = 0

    @property
    def resets_at(self) -> str:
        """When quotas begin anew. Units: ISO 8601."""
        return iso(next_month(self._clock()))

    def balances(self, account: Account) -> dict[str, Balance]:
        """Return the account's buckets, as its plan document starts them."""
        if self.resets_at != self._resets_at:
            self._resets_at, self._is_first_month = self.resets_at, False
            self._balances.clear()
        found = self._balances.get(account.plan)
        if found is None:
            found = self._balances[account.plan] = _first_balances(account.plan)
            for balance in () if self._is_first_month else found.values():
                balance.remaining = balance.entitlement
        return found

    def record(self, account: Account, model: Model, path: str, cost: Cost, is_user: bool) -> Json:
        """Bill one answer: credits for priced models, multiplier per human turn for the others; returns the entry."""
        usage, nano = cost.usage, cost.nano_aiu
        self.requests += 1
        self.total_nano_aiu += nano
        premium = nano / NANO_PER_CREDIT if nano else (model.multiplier if is_user else 0.0)
        buckets = self.balances(account)
        for name in ("premium_interactions", "session", "weekly"):
            if name in buckets:
                buckets[name].spend(premium)
        if is_user:
            buckets["chat"].spend(1)
        entry: Json = {
            "account": account.login,
            "plan": account.plan,
            "model": model.id,
            "path": path,
            "input": usage.input,
            "cache_read": usage.cache_read,
            "cache_write": usage.cache_write,
            "output": usage.output,
            "reasoning": usage.reasoning,
            "nano_aiu": nano,
            "initiator": "user" if is_user else "agent",
            "premium": premium,
        }
        self.entries.append(entry)
        return entry

    def settle(self, account: Account, model: Model, entry: Json, told: Usage | None) -> None:
        """Bill an answer that broke off for what was told of it; one that nobody was told of is not billed."""
        cost = Cost(told, bill(model, told)[1]) if told is not None else Cost(Usage(0, 0))
        nano_before = as_int(entry["nano_aiu"])
        self.total_nano_aiu += cost.nano_aiu - nano_before
        buckets = self.balances(account)
        for name in ("premium_interactions", "session", "weekly"):
            if name in buckets and (nano_before or told is None):
                buckets[name].spend(cost.nano_aiu / NANO_PER_CREDIT - as_float(entry["premium"]))
        if told is None:
            self.entries.remove(entry)
            self.requests -= 1
            if entry["initiator"] == "user":
                buckets["chat"].spend(-1)
            return
        entry.update(
            input=told.input,
            cache_read=told.cache_read,
            cache_write=told.cache_write,
            output=told.output,
            reasoning=told.reasoning,
            nano_aiu=cost.nano_aiu,
        )

    def headers(self, account: Account) -> list[tuple[str, str]]:
        """Return the quota headers of a successful inference answer."""
        buckets = self.balances(account)
        premium = "premium_models" if account.plan.startswith("free") else "premium_interactions"
        return [
            (name, buckets[bucket].header(self._resets_at))
            for name, bucket in (
                ("x-quota-snapshot-chat", "chat"),
                ("x-quota-snapshot-completions", "completions"),
                (f"x-quota-snapshot-{premium}", "premium_interactions"),
                ("x-usage-ratelimit-session", "session"),
                ("x-usage-ratelimit-weekly", "weekly"),
            )
        ]

    def snapshots(self, account: Account) -> Json:
        """Return `copilot_quota_snapshots`."""
        buckets = self.balances(account)
        return {name: buckets[name].snapshot(self._resets_at) for name in ("chat", "premium_interactions")}


def _first_balances(plan: str) -> dict[str, Balance]:
    shown = as_object(as_object(as_object(load_data("plans.json")[plan])["user"]).get("quota_snapshots"))
    balances: dict[str, Balance] = {}
    for name in ("chat", "completions", "premium_interactions"):
        bucket = as_object(shown.get(name))
        entitlement, remaining = _LEGACY_FREE.get(name, (0.0, 0.0))
        balances[name] = Balance(
            entitlement=as_float(bucket.get("entitlement"), 0.0 if bucket else entitlement),
            remaining=as_float(bucket.get("quota_remaining"), 0.0 if bucket else remaining),
            is_unlimited=bucket.get("unlimited") is True,
            overage_permitted=bucket.get("overage_permitted") is True,
        )
    balances["session"] = Balance(100.0, 62.0, False, False)
    balances["weekly"] = Balance(100.0, 18.5, False, False)
    return balances
