"""What is left of each plan: asked for seldom, shared by all who look, told for free by traffic."""

import asyncio
import contextlib
from pathlib import Path
from typing import Any

import msgspec
import pytest

from copilot_api.copilot.accounts import Accounts, QuotaMeter
from copilot_api.copilot.quota import read_user_quota
from copilot_api.settings import Settings
from copilot_api.web.admin.accounts.quota import quota_view
from copilot_api.web.admin.accounts.telling import AccountsTeller
from copilot_api.web.admin.desk import Feed
from gate import CHAT, request, running_gate, until
from recorded import reply
from unit.copilot.test_accounts import entry, settings, settle, world
from web.admin.accounts.scene import ANN, BOB, by_id, count, three
from web.admin.listening import listening
from web.admin.visiting import Visitor

SEAT, TOKEN, MODELS = "/copilot_internal/user", "/copilot_internal/v2/token", "/models"


def shown(document: dict[str, Any], headers: dict[str, str] | None = None) -> dict[str, Any]:
    """The view of a seat's document, and of a reply's headers after it, as JSON."""
    meter = QuotaMeter(lambda: 1_700_000_000.0)
    meter.tell(read_user_quota(document))
    if headers is not None:
        meter.observe(headers)
    found: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(quota_view(meter)))
    return found


def recorded_seat(name: str) -> dict[str, Any]:
    """A recorded answer of GitHub."""
    document: dict[str, Any] = msgspec.json.decode(reply(name))
    return document


def test_nobody_told_is_no_quota() -> None:
    """Not a row of zeros."""
    assert quota_view(QuotaMeter(lambda: 0.0)) is None


def test_unlimited_overdrawn_and_absent_are_told_apart() -> None:
    """The three that look alike as numbers: no cap, less than nothing left, not part of the plan."""
    business = shown(recorded_seat("user-business"))
    premium, chat, completions = business["buckets"]
    assert [bucket["name"] for bucket in (premium, chat, completions)] == [
        "premium_interactions",
        "chat",
        "completions",
    ]
    assert (premium["remaining"], premium["used"], premium["entitlement"]) == (-1.0, 301.0, 300.0)
    assert premium["percentRemaining"] == pytest.approx(-1 / 3)
    assert (chat["isUnlimited"], chat["isApplicable"], chat["remaining"], chat["used"]) == (
        True,
        True,
        None,
        None,
    )
    free = shown(recorded_seat("user-free"))
    premium, chat, _ = free["buckets"]
    assert (premium["isApplicable"], premium["isUnlimited"], premium["used"]) == (False, False, None)
    assert (chat["entitlement"], chat["remaining"], chat["used"]) == (200.0, 163.0, 37.0)
    assert free["readAt"] == "2023-11-14T22:13:20Z"
    assert free["resetsAt"] == "2026-10-01T00:00:00Z"
    assert free["aiCredits"] is None
    legacy = shown(recorded_seat("user-free-legacy"))
    assert legacy["resetsAt"] == "2026-09-18T00:00:00Z"
    assert [(bucket["name"], bucket["used"]) for bucket in legacy["buckets"]] == [
        ("chat", 13.0),
        ("completions", 200.0),
    ]


def test_ai_credits_stand_apart_and_replies_keep_them_there() -> None:
    """With token billing the premium bucket counts credits; a reply's header does not say so, and need not."""
    seat = recorded_seat("user-enterprise-tbb")
    first = shown(seat)
    assert first["isTokenBilled"] is True
    assert [bucket["name"] for bucket in first["buckets"]] == ["chat", "completions"]
    assert (first["aiCredits"]["entitlement"], first["aiCredits"]["used"]) == (7000.0, 1789.75)
    assert first["aiCredits"]["remaining"] == 5210.25
    header = "ent=7000&ov=0.0&ovPerm=true&rem=50.0&rst=2026-10-01T00%3A00%3A00Z&totRem=3500.0"
    told = {"x-quota-snapshot-premium_interactions": header, "x-usage-ratelimit-weekly": "ent=100&rem=18.5"}
    later = shown(seat, told)
    assert (later["aiCredits"]["used"], later["aiCredits"]["remaining"]) == (3500.0, 3500.0)
    assert later["aiCredits"]["isOveragePermitted"] is True
    assert [(bucket["name"], bucket["percentRemaining"]) for bucket in later["limiters"]] == [
        ("weekly", 18.5)
    ]
    assert later["isTokenBilled"] is True


def test_a_plan_that_counts_requests_again_has_no_credits_any_more() -> None:
    """GitHub's newest word wins over what was."""
    meter = QuotaMeter(lambda: 0.0)
    meter.tell(read_user_quota(recorded_seat("user-enterprise-tbb")))
    meter.tell(read_user_quota(recorded_seat("user-individual")))
    view = quota_view(meter)
    assert view is not None
    assert (view.is_token_billed, view.ai_credits) == (False, None)


def test_a_reset_may_be_a_number() -> None:
    """GitHub writes dates as text, as times and as seconds."""
    bucket = {"entitlement": 10, "remaining": 4, "has_quota": True, "quota_reset_at": 1_790_892_000}
    found = shown({"quota_snapshots": {"chat": bucket}, "quota_reset_date": "nonsense"})
    assert found["buckets"][0]["resetsAt"] == "2026-10-01T22:00:00Z"
    assert found["resetsAt"] == "2026-10-01T22:00:00Z"
    left = {
        "limited_user_quotas": {"chat": 1},
        "monthly_quotas": {"chat": 2},
        "limited_user_reset_date": 10**18,
    }
    assert shown(left)["resetsAt"] is None


async def test_twenty_open_pages_cost_nothing_upstream(tmp_path: Path) -> None:
    """They are told everything they need; within the interval GitHub and Copilot hear of none of them."""
    async with running_gate(tmp_path, document=three()) as gate:
        await until(lambda: count(gate, SEAT) == 3)
        await until(lambda: count(gate, MODELS) == 2)
        before = len(gate.simulator.recorder.entries)
        async with listening(gate, 20) as pages:
            browsers = [Visitor(gate) for _ in pages]
            for _ in range(3):
                await asyncio.gather(*(browser.get("/accounts") for browser in browsers))
                await asyncio.gather(
                    *(browser.write("POST", f"/accounts/{ANN}/refresh") for browser in browsers)
                )
                await asyncio.sleep(1.1)
            assert len(gate.simulator.recorder.entries) == before
            assert (await gate.post(CHAT, request(CHAT, "hi", stream=False)))[0] == 200
            for page in pages:
                await page.hears("quota", accountId=ANN)
        assert len(gate.simulator.recorder.entries) == before + 1


async def test_traffic_tells_every_page_what_is_left(tmp_path: Path) -> None:
    """The headers of a reply move the bars; nobody asked."""
    async with running_gate(tmp_path, document=three()) as gate, listening(gate) as (page,):
        await until(lambda: count(gate, SEAT) == 3)
        await asyncio.sleep(1.2)  # what the start had to tell is told
        browser = Visitor(gate)
        before = by_id((await browser.get("/accounts")).document, ANN)["quota"]
        await gate.post(CHAT, request(CHAT, "hi", stream=False) | {"model": "claude-sonnet-4.6"})
        heard = (await page.hears("quota", accountId=ANN))["quota"]
        assert heard["buckets"][0]["remaining"] < before["buckets"][0]["remaining"]
        assert [limiter["name"] for limiter in heard["limiters"]] == ["session", "weekly"]
        assert by_id((await browser.get("/accounts")).document, ANN)["quota"] == heard


async def test_a_refresh_asks_once_in_the_interval_whoever_presses(tmp_path: Path) -> None:
    """The first one asks; all others get its answer, and are told when GitHub may be asked again."""
    async with running_gate(tmp_path, document=three()) as gate:
        await until(lambda: count(gate, SEAT) == 3)
        account = gate.house.accounts.choose(BOB)
        account.meter.asked_at_unix_s = 0.0
        answers = await asyncio.gather(
            *(Visitor(gate).write("POST", f"/accounts/{BOB}/refresh") for _ in range(10))
        )
        assert [answer.status for answer in answers] == [200] * 10
        assert count(gate, SEAT) == 4
        assert all(
            answer.document["nextRefreshAt"] > answer.document["quota"]["readAt"] for answer in answers
        )


async def test_without_an_interval_github_is_asked_on_demand_alone(tmp_path: Path) -> None:
    """Null means: when a person wants to know, and still not twice in a minute."""
    document = three() | {"usageTestIntervalMinutes": None}
    async with running_gate(tmp_path, document=document) as gate, listening(gate):
        await until(lambda: count(gate, SEAT) == 3)
        for account in gate.house.accounts.all():
            account.meter.asked_at_unix_s = 0.0
        await asyncio.sleep(1.2)
        assert count(gate, SEAT) == 3
        for _ in range(3):
            await Visitor(gate).write("POST", f"/accounts/{BOB}/refresh")
        assert count(gate, SEAT) == 4


async def test_a_github_that_fails_is_left_alone_as_long(tmp_path: Path) -> None:
    """A failure is an answer too: what was known stays, and the problem is told."""
    async with running_gate(tmp_path, document=three()) as gate:
        await until(lambda: count(gate, SEAT) == 3)
        gate.simulator.break_route(SEAT, "502")
        gate.house.accounts.choose(BOB).meter.asked_at_unix_s = 0.0
        browser = Visitor(gate)
        for _ in range(3):
            answer = await browser.write("POST", f"/accounts/{BOB}/refresh")
            assert (answer.status, answer.document["state"]) == (200, "ready")
            assert "502" in answer.document["problem"]["message"]
            assert answer.document["quota"] is not None
        assert count(gate, SEAT) == 4


class Desk:
    """As much of a desk as a teller looks at."""

    def __init__(self, accounts: Accounts, settings: Settings) -> None:
        self.accounts = accounts
        self.settings = settings
        self.feed = Feed()


async def test_a_teller_asks_once_an_interval_while_somebody_looks() -> None:
    """Twenty readers, an hour of ten-minute intervals: six questions for each account; none when all have left."""
    async with world() as here:
        chosen = settings(entry("1"), entry("2"))
        await here.accounts.apply(chosen)
        await settle()
        desk = Desk(here.accounts, chosen)
        teller = AccountsTeller(desk, lambda: None, sleep=here.clock.sleep)  # type: ignore[arg-type]  # see Desk
        readers = [desk.feed.join() for _ in range(20)]
        running = asyncio.get_running_loop().create_task(teller.run())
        start_s = here.clock.now
        while here.clock.now < start_s + 3660:  # each question is noted a tick late
            await asyncio.sleep(0)
        assert here.github.count(SEAT) == 2 + 6 * 2
        for reader in readers:
            desk.feed.leave(reader)
        while here.clock.now < start_s + 36_000:
            await asyncio.sleep(0)
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
        assert here.github.count(SEAT) == 2 + 6 * 2
