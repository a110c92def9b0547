"""Budgets: sums of answered exchanges by day and month, the threshold, the end, and what the ledger remembers."""

from pathlib import Path

import msgspec
import pytest

from copilot_api.errors import StoreUnavailable
from copilot_api.gateway.admission.budgets import Budgets, Spent, Standing, describe, used_up
from copilot_api.gateway.ledger import UsageRecord
from copilot_api.settings import AccountEntry, Budget, ClientKeyEntry, Settings
from unit.gateway.admission.clockwork import Time

NOV_20 = 1_795_132_800.0
"""2026-11-20T00:00:00Z."""
DAY_S = 86_400.0
BASE = Settings(data_directory=Path("/nowhere"), accounts=(AccountEntry("7", "octo", "t"),))


def record(nano_aiu: int | None, *, at: float = NOV_20, key: str = "k1", account: str = "7") -> UsageRecord:
    """An answered exchange."""
    return UsageRecord(
        trace_id="t",
        ingress="chat",
        path="/",
        started_unix_s=at,
        key_id=key,
        account_id=account,
        nano_aiu=nano_aiu,
    )


def budgets(time: Time, told: list[Standing] | None = None, **fields: object) -> Budgets:
    """Budgets of these settings."""
    heard = [] if told is None else told
    made = Budgets(clock=time.clock, tell=heard.append)
    made.adopt(msgspec.structs.replace(BASE, **fields))
    return made


def key(budget: Budget) -> ClientKeyEntry:
    """The key of these tests with a budget."""
    return ClientKeyEntry("k1", "laptop", "ab" * 32, budget=budget)


def test_without_budgets_there_is_nothing_to_ask() -> None:
    """Sums are kept all the same: a budget that comes later begins with them."""
    time = Time(NOV_20)
    made = budgets(time)
    assert not made
    made.spend(record(4 * 10**9))
    assert made.nearest("k1", "7") is None
    made.adopt(msgspec.structs.replace(BASE, budget=Budget(credits=5)))
    standing = made.nearest("k1", "7")
    assert standing is not None
    assert (standing.scope, standing.spent_credits, standing.used_ratio) == ("all", 4.0, 0.8)


def test_the_nearest_of_several_is_told() -> None:
    """Everybody's, the account's and the key's; what is below the threshold is not."""
    time = Time(NOV_20)
    made = budgets(
        time,
        budget=Budget(requests=100),
        account_budgets={"7": Budget(requests=10)},
        client_keys=(key(Budget(requests=9, period="day")),),
    )
    for _ in range(8):
        made.spend(record(None))
    standing = made.nearest("k1", "7")
    assert standing is not None
    assert (standing.scope, standing.id, standing.spent_requests) == ("key", "k1", 8)
    assert describe(standing) == "key; requests=8/9; period=day; resets=2026-11-21T00:00:00Z"
    other = made.nearest("k2", "7")
    assert other is not None
    assert (other.scope, other.name) == ("account", "the account 'octo'")
    assert made.nearest("k2", "8") is None


def test_a_day_ends_at_midnight_and_a_month_on_the_first() -> None:
    """UTC, whoever asks."""
    time = Time(NOV_20 + DAY_S - 1)
    made = budgets(time, client_keys=(key(Budget(credits=1, period="day")),), budget=Budget(credits=1))
    made.spend(record(10**9, at=NOV_20))
    (everybody, mine) = made.standings()
    assert (everybody.used_ratio, mine.used_ratio) == (1.0, 1.0)
    assert (everybody.resets_at, mine.resets_at) == ("2026-12-01T00:00:00Z", "2026-11-21T00:00:00Z")
    time.now_s += 1
    (everybody, mine) = made.standings()
    assert (everybody.used_ratio, mine.used_ratio) == (1.0, 0.0)
    time.now_s += 10 * DAY_S
    assert [standing.used_ratio for standing in made.standings()] == [0.0, 0.0]


def test_each_threshold_is_told_once_in_a_period() -> None:
    """At eight tenths, at the end, and again in the next month."""
    time = Time(NOV_20)
    told: list[Standing] = []
    made = budgets(time, told, budget=Budget(requests=10))
    for _ in range(12):
        made.spend(record(None))
    assert [standing.spent_requests for standing in told] == [8, 10]
    time.now_s += 15 * DAY_S
    for _ in range(9):
        made.spend(record(None, at=time.now_s))
    assert [standing.spent_requests for standing in told] == [8, 10, 8]


def test_a_budget_of_nothing_limited_is_none() -> None:
    """The admin page may leave both fields empty."""
    assert not budgets(Time(NOV_20), budget=Budget(), client_keys=(key(Budget()),))


def test_the_refusal_says_how_much_how_long_and_what_to_do() -> None:
    """402, which no client sends again by itself."""
    made = budgets(Time(NOV_20), client_keys=(key(Budget(credits=2, requests=3)),))
    made.spend(record(2_500_000_000))
    standing = made.nearest("k1", "7")
    assert standing is not None
    error = used_up(standing)
    assert (error.status, error.code) == (402, "budget_exhausted")
    assert error.message == (
        "The budget of the key 'laptop' is used up: 2.50/2 credits and 1/3 requests this month (UTC). It begins anew "
        "at 2026-12-01T00:00:00Z; until then the operator may raise it in the admin or in config.json."
    )


async def test_what_was_spent_before_comes_from_the_ledger_day_by_day() -> None:
    """From the first of the month to the moment this process began, and never twice."""
    time = Time(NOV_20 + 3_600.0)
    made = budgets(time, budget=Budget(credits=100), client_keys=(key(Budget(credits=10, period="day")),))
    asked: list[tuple[str, str, float, float]] = []

    async def load(scope: str, whose: str, from_unix_s: float, until_unix_s: float) -> Spent:
        asked.append((scope, whose, from_unix_s, until_unix_s))
        return Spent(10**9, 2)

    time.now_s += 60.0
    made.spend(record(10**9, at=time.now_s))
    assert await made.load_missing(load)
    assert await made.load_missing(load)
    assert len(asked) == 40
    assert asked[0] == ("all", "", NOV_20 - 19 * DAY_S, NOV_20 - 18 * DAY_S)
    assert asked[19] == ("all", "", NOV_20, NOV_20 + 3_600.0)
    (everybody, mine) = made.standings()
    assert (everybody.spent_credits, everybody.spent_requests) == (21.0, 41)
    assert (mine.spent_credits, mine.spent_requests) == (2.0, 3)


async def test_a_ledger_that_cannot_be_read_is_asked_again() -> None:
    """And half of an answer counts for nothing, or it would count twice."""
    time = Time(NOV_20)
    made = budgets(time, budget=Budget(requests=100))
    asked = 0

    async def load(scope: str, whose: str, from_unix_s: float, until_unix_s: float) -> Spent:
        nonlocal asked
        asked += 1
        if asked == 3:
            raise StoreUnavailable("locked")
        return Spent(0, 1)

    assert not await made.load_missing(load)
    assert made.standings()[0].spent_requests == 0
    assert await made.load_missing(load)
    assert made.standings()[0].spent_requests == 20


@pytest.mark.parametrize(("nano_aiu", "ratio"), [(None, 0.0), (500_000_000, 0.5)])
def test_an_exchange_that_nobody_priced_costs_no_credits(nano_aiu: int | None, ratio: float) -> None:
    """It is a request all the same."""
    made = budgets(Time(NOV_20), budget=Budget(credits=1, requests=10**6))
    made.spend(record(nano_aiu))
    assert made.standings()[0].used_ratio == pytest.approx(max(ratio, 1e-6))
