"""The Limits tab: requests that wait for a yes, budgets, rate limits and pauses, and the way to each setting."""

import contextlib
import json
import re
import urllib.error
from collections.abc import Generator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from browser.conftest import OpenPage
from browser.stage import ask, call
from browser.watch import PHONE, Watched
from live import CLIENT_KEY, Gateway, Simulator


def settle(gateway: Gateway, **changes: Any) -> None:
    """Change settings as a script does."""
    call(gateway, "PATCH", "/settings", {"changes": changes})


@pytest.fixture
def by_hand(gateway: Gateway) -> Gateway:
    """A gateway that asks a person before each request."""
    settle(gateway, manualApproval=True, approvalTimeoutSeconds=120)
    return gateway


@pytest.fixture
def clients() -> Generator[ThreadPoolExecutor]:
    """Clients that wait for their answers beside the test."""
    with ThreadPoolExecutor(4) as pool:
        yield pool


def code_of(answer: "Future[Any]") -> str:
    """What a client was told: the code of its error, or "" when it got an answer."""
    try:
        answer.result(15)
    except urllib.error.HTTPError as refusal:
        return str(json.load(refusal)["error"]["code"])
    return ""


def card(watched: Watched, title: str) -> Locator:
    """One card of the page, by its title."""
    return watched.page.locator("section.card").filter(
        has=watched.page.get_by_role("heading", level=2, name=title)
    )


def waiting(watched: Watched) -> Locator:
    """The requests that wait."""
    return watched.page.locator(".limits-waiting")


def test_each_part_says_how_to_switch_it_on(open_page: OpenPage, gateway: Gateway) -> None:
    """A gateway without limits is no empty page: every part leads to its settings."""
    watched = open_page("#/limits")
    expect(card(watched, "Waiting for approval")).to_contain_text("Requests go without asking")
    expect(card(watched, "Budgets")).to_contain_text("No budget is set")
    expect(card(watched, "Rate limits")).to_contain_text("No rate limit is set")
    expect(card(watched, "Pauses")).to_contain_text("Nothing is paused.")
    for name, place in (
        ("Switch on in Settings", "#/settings/limits"),
        ("Budget for all or an account", "#/settings/usage"),
        ("Budget for a key", "#/keys"),
        ("Limit for all", "#/settings/limits"),
        ("Limit for a key", "#/keys"),
        ("Settings of the limits", "#/settings/limits"),
    ):
        expect(watched.page.get_by_role("link", name=name, exact=True)).to_have_attribute("href", place)


def test_a_request_is_approved(open_page: OpenPage, by_hand: Gateway, clients: ThreadPoolExecutor) -> None:
    """It shows up by itself, says who asks for what and how long it still waits, and goes on with a yes."""
    watched = open_page("#/limits")
    expect(watched.page.get_by_text("Nobody waits.")).to_be_visible()
    answer = clients.submit(ask, by_hand, "gpt-4.1", "hello", agent="claude-cli/2.1.0 (external, cli)")
    entry = waiting(watched)
    expect(entry).to_have_count(1)
    for told in ("gpt-4.1", "api key 1", "octo-dev", "claude-cli/2.1.0", "tokens in", "left"):
        expect(entry).to_contain_text(told)
    assert "hello" not in watched.page.content()
    expect(entry).to_contain_text(re.compile(r"[01]:\d\d left"))
    watched.button("Approve gpt-4.1 for api key 1").click()
    expect(waiting(watched)).to_have_count(0)
    assert code_of(answer) == ""
    expect(watched.page.get_by_role("heading", level=1)).to_be_focused()


def test_who_approves_sees_what_it_comes_to(
    open_page: OpenPage, by_hand: Gateway, clients: ThreadPoolExecutor
) -> None:
    """As the gateway counted it: tokens, what they cost, and the most that the whole may; and what nobody knows."""
    english, chinese = open_page("#/limits"), open_page("#/limits", width=PHONE, language="zh-CN")
    priced = clients.submit(ask, by_hand, "gpt-5.4", "word " * 900)
    expect(waiting(english)).to_have_count(1)
    free = clients.submit(ask, by_hand, "gpt-4.1", "hello")
    expect(waiting(english)).to_have_count(2)
    first, second = waiting(english).nth(0), waiting(english).nth(1)
    expect(first).to_contain_text("908 tokens in, from 0.227 AI credits, at most 192.227")
    expect(second).to_contain_text("8 tokens in, no price in the catalogue")
    expect(waiting(chinese).nth(0)).to_contain_text(
        "输入 908 个 token，至少 0.227 个 AI 点数，最多 192.227 个"
    )
    expect(waiting(chinese).nth(1)).to_contain_text("输入 8 个 token，目录中没有价格")
    assert chinese.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    english.button("Approve all").click()
    assert (code_of(priced), code_of(free)) == ("", "")


def test_a_request_is_refused_with_the_keyboard(
    open_page: OpenPage, by_hand: Gateway, clients: ThreadPoolExecutor
) -> None:
    """The client is told so; the focus goes to the next request and not to its button."""
    watched = open_page("#/limits")
    first = clients.submit(ask, by_hand, "gpt-4.1", "one")
    expect(waiting(watched)).to_have_count(1)
    second = clients.submit(ask, by_hand, "gpt-5-mini", "two")
    expect(waiting(watched)).to_have_count(2)
    watched.button("Refuse gpt-4.1 for api key 1").focus()
    watched.page.keyboard.press("Enter")
    expect(waiting(watched)).to_have_count(1)
    assert code_of(first) == "approval_denied"
    expect(waiting(watched)).to_be_focused()
    watched.page.keyboard.press("Enter")
    expect(waiting(watched)).to_have_count(1)
    watched.page.keyboard.press("Tab")
    watched.page.keyboard.press("Tab")
    assert watched.focused() == "Approve gpt-5-mini for api key 1"
    watched.page.keyboard.press("Enter")
    assert code_of(second) == ""


@pytest.mark.parametrize(
    ("button", "code"), [("Approve all", ""), ("Refuse all", "approval_denied")], ids=["approve", "refuse"]
)
def test_all_are_answered_at_once(
    open_page: OpenPage, by_hand: Gateway, clients: ThreadPoolExecutor, button: str, code: str
) -> None:
    """One press for everybody who waits."""
    watched = open_page("#/limits")
    answers = [clients.submit(ask, by_hand, "gpt-4.1", f"{number}") for number in range(3)]
    expect(waiting(watched)).to_have_count(3)
    watched.button(button).click()
    expect(waiting(watched)).to_have_count(0)
    assert [code_of(answer) for answer in answers] == [code] * 3


def test_who_waits_is_seen_on_every_tab(
    open_page: OpenPage, by_hand: Gateway, clients: ThreadPoolExecutor
) -> None:
    """A number in the navigation, on a phone in the bar above; it goes when nobody waits any more."""
    desk, phone = open_page("#/about"), open_page("#/about", width=PHONE)
    expect(desk.page.locator(".nav-count")).to_have_count(0)
    answer = clients.submit(ask, by_hand, "gpt-4.1", "hello")
    expect(desk.page.get_by_role("link", name="Limits 1 request waits for you")).to_be_visible()
    badge = phone.page.get_by_role("link", name="1 request waits for you")
    badge.click()
    phone.button("Approve gpt-4.1 for api key 1").click()
    assert code_of(answer) == ""
    expect(desk.page.locator(".nav-count")).to_have_count(0)
    expect(badge).to_have_count(0)


def test_a_request_that_was_answered_elsewhere_goes(
    open_page: OpenPage, by_hand: Gateway, clients: ThreadPoolExecutor
) -> None:
    """Two pages show the same."""
    one, other = open_page("#/limits"), open_page("#/limits")
    answer = clients.submit(ask, by_hand, "gpt-4.1", "hello")
    one.button("Approve gpt-4.1 for api key 1").click()
    expect(waiting(other)).to_have_count(0)
    assert code_of(answer) == ""


def test_budgets_show_what_is_gone(open_page: OpenPage, gateway: Gateway) -> None:
    """Of everybody, an account and a key: used, how much of it, when it begins anew, and where it is changed."""
    account = call(gateway, "GET", "/accounts")["accounts"][0]["id"]
    of_account = {account: {"credits": None, "requests": 2, "period": "month"}}
    settle(gateway, **{"budget.requests": 100, "budget.period": "day", "accountBudgets": of_account})
    key = {"name": "laptop", "scopes": ["inference"], "budget": {"credits": 5, "requests": None}}
    call(gateway, "POST", "/keys", key)
    watched = open_page("#/limits")
    budgets = watched.page.locator(".limits-budget")
    expect(budgets).to_have_count(3)
    expect(budgets.filter(has_text="octo-dev")).to_contain_text("Within")
    for _ in range(2):
        ask(gateway, "gpt-4.1", "hello")
    expect(budgets.filter(has_text="octo-dev")).to_contain_text("Used up")
    expect(budgets.filter(has_text="octo-dev").get_by_role("meter", name="Requests")).to_have_attribute(
        "aria-valuetext", "2 of 2"
    )
    expect(budgets.filter(has_text="octo-dev")).to_contain_text("Requests are refused until")
    expect(budgets.filter(has_text="All clients together")).to_contain_text("2 of 100")
    expect(budgets.filter(has_text="laptop")).to_contain_text("0 of 5")
    for name, place in (("octo-dev", "#/settings/usage"), ("laptop", "#/keys")):
        change = watched.page.get_by_role("link", name=f"Change: {name}")
        expect(change).to_have_attribute("href", place)
    with contextlib.suppress(urllib.error.HTTPError):
        ask(gateway, "gpt-4.1", "hello")


def test_rate_limits_in_force_are_listed(open_page: OpenPage, gateway: Gateway) -> None:
    """Of everybody and of single keys, and what becomes of those who come too early; live."""
    watched = open_page("#/limits")
    settle(gateway, requestsPerMinute=1200, rateLimitSeconds=0.5, rateLimitWait=True)
    limited = {"name": "ci", "scopes": ["inference"], "rateLimit": {"requestsPerMinute": 7, "concurrency": 3}}
    call(gateway, "POST", "/keys", limited)
    table = watched.page.get_by_role("table", name="Rate limits")
    row = table.get_by_role("row").filter(has_text="All clients together")
    expect(row).to_contain_text("1,200")
    expect(table.get_by_role("row").filter(has_text="ci")).to_contain_text(re.compile(r"7.*–.*3"))
    rates = card(watched, "Rate limits")
    expect(rates).to_contain_text("At least 0.5 s between two requests")
    expect(rates).to_contain_text("waits in line, at most 60 s")
    expect(rates).to_contain_text("Nobody stands in line")


def test_a_pause_is_shown_and_lifted(open_page: OpenPage, gateway: Gateway, simulator: Simulator) -> None:
    """With its reason and the time that is left; lifted, the model is asked again."""
    watched = open_page("#/limits")
    simulator.script("error=429; retry_after=90")
    with contextlib.suppress(urllib.error.HTTPError):
        ask(gateway, "claude-haiku-4.5", "hello")
    row = watched.page.get_by_role("row").filter(has_text="claude-haiku-4.5")
    expect(row).to_contain_text(re.compile(r"1:[012]\d"))
    watched.button("Lift the pause of claude-haiku-4.5 for octo-dev").click()
    expect(watched.toast("claude-haiku-4.5 may be asked again")).to_be_visible()
    expect(watched.page.get_by_text("Nothing is paused.")).to_be_visible()
    assert ask(gateway, "claude-haiku-4.5", "hello", key=CLIENT_KEY)["choices"]


def test_a_pause_that_runs_out_goes(open_page: OpenPage, gateway: Gateway, simulator: Simulator) -> None:
    """Nobody has to reload the page for that."""
    watched = open_page("#/limits")
    simulator.script("error=429; retry_after=12")
    with contextlib.suppress(urllib.error.HTTPError):
        ask(gateway, "claude-haiku-4.5", "hello")
    expect(watched.page.get_by_role("row").filter(has_text="claude-haiku-4.5")).to_be_visible()
    expect(watched.page.get_by_text("Nothing is paused.")).to_be_visible(timeout=20_000)
