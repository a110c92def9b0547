"""The Usage tab: what is left, what was used, and every request of it."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from browser.conftest import OpenPage
from browser.stage import ask, call
from browser.watch import PHONE, Watched
from live import Gateway


def rows(gateway: Gateway) -> list[Any]:
    """The log as the gateway has it."""
    found: list[Any] = call(gateway, "GET", "/usage/log?account=all&limit=100")["rows"]
    return found


@pytest.fixture
def used(gateway: Gateway) -> Gateway:
    """Three answers of two models, written down."""
    for model in ("gpt-4.1", "gpt-4.1", "claude-sonnet-5"):
        ask(gateway, model, '[[sim: text="done"]]', agent="claude-cli/2.1.330 (external, cli)")
    for _ in range(100):
        if len(rows(gateway)) == 3:
            return gateway
    raise AssertionError("the log did not get its three lines")


def lines(watched: Watched) -> int:
    """How many requests the log shows."""
    return watched.page.locator(".usage-log tbody tr").count()


def test_sums_and_shares_are_shown(open_page: OpenPage, used: Gateway) -> None:
    """Requests, tokens, and who took the most."""
    watched = open_page("#/usage")
    expect(watched.page.locator(".usage-tile").first).to_contain_text(re.compile(r"Requests\s*3"))
    top = watched.page.locator(".usage-top").first
    expect(top).to_contain_text("gpt-4.1")
    expect(top).to_contain_text("claude-sonnet-5")
    expect(watched.page.get_by_role("meter", name="Premium requests").first).to_be_visible()


def test_a_chart_is_drawn_and_its_figures_can_be_read(open_page: OpenPage, used: Gateway) -> None:
    """Each quantity, split as one likes; the same in a table."""
    watched = open_page("#/usage")
    expect(watched.page.locator(".usage-chart canvas")).to_be_visible()
    watched.page.get_by_label("Split by").select_option("model")
    watched.page.get_by_label("What", exact=True).select_option("tokens")
    expect(watched.page.locator(".u-legend")).to_contain_text("claude-sonnet-5")
    watched.page.get_by_text("The figures").click()
    expect(watched.page.get_by_role("columnheader", name="claude-sonnet-5")).to_be_visible()


def test_a_request_is_looked_at(open_page: OpenPage, used: Gateway) -> None:
    """Route, timings, tokens, client: everything that was written down."""
    watched = open_page("#/usage")
    watched.page.locator(".usage-open").first.click()
    dialog = watched.dialog()
    expect(dialog).to_contain_text("claude-sonnet-5")
    expect(dialog).to_contain_text("Claude Code")
    expect(dialog).to_contain_text(rows(used)[0]["traceId"])
    watched.page.keyboard.press("Escape")
    expect(watched.dialog()).to_have_count(0)


def test_the_log_is_filtered(open_page: OpenPage, used: Gateway) -> None:
    """By words and by outcome."""
    watched = open_page("#/usage")
    expect(watched.page.locator(".usage-log tbody tr")).to_have_count(3)
    watched.page.get_by_label("Search model, client, key, error or trace id").fill("sonnet")
    expect(watched.page.locator(".usage-log tbody tr")).to_have_count(1)
    watched.page.get_by_label("Outcome").select_option("failed")
    expect(watched.page.get_by_text("No request fits.")).to_be_visible()


def test_the_log_has_an_account_choice_of_its_own(open_page: OpenPage, used: Gateway) -> None:
    """Without one it follows the tab's; with one the sums above stay as they are, and so does what is exported."""
    other = call(used, "GET", "/accounts")["accounts"][1]
    key = {"name": "other", "scopes": ["inference"], "accountId": other["id"]}
    value = call(used, "POST", "/keys", key)["value"]
    ask(used, "gpt-4.1", "hello", key=value)
    watched = open_page("#/usage")
    line, mine = watched.page.locator(".usage-log tbody tr"), watched.page.get_by_label("Account used")
    expect(line).to_have_count(4)
    expect(mine.locator("option")).to_have_text(["All accounts", "octo-dev", "octo-free", "octo-free-legacy"])
    mine.select_option("octo-free")
    expect(line).to_have_count(1)
    expect(line).to_contain_text("other")
    expect(watched.page.locator(".usage-tile").first).to_contain_text(re.compile(r"Requests\s*4"))
    watched.button("All requests").click()
    expect(line).to_have_count(4)
    watched.page.get_by_label("Account", exact=True).select_option("octo-free")
    expect(line).to_have_count(1)
    expect(mine.locator("option").first).to_have_text("As chosen above")
    mine.select_option("All accounts")
    expect(line).to_have_count(4)
    expect(watched.page.locator(".usage-tile").first).to_contain_text(re.compile(r"Requests\s*1"))


def test_the_log_can_be_narrowed_to_an_account_on_a_phone(open_page: OpenPage, used: Gateway) -> None:
    """In Chinese, and within the width."""
    del used
    watched = open_page("#/usage", width=PHONE, language="zh-CN")
    line = watched.page.locator(".usage-log tbody tr")
    expect(line).to_have_count(3)
    watched.page.get_by_label("使用的账号").select_option("octo-free")
    expect(line).to_have_count(0)
    assert watched.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_a_request_shows_up_while_one_looks(open_page: OpenPage, used: Gateway) -> None:
    """The first page is live."""
    watched = open_page("#/usage")
    expect(watched.page.locator(".usage-log tbody tr")).to_have_count(3)
    ask(used, "gpt-5-mini", '[[sim: text="done"]]')
    expect(watched.page.locator(".usage-log tbody tr")).to_have_count(4)


def test_the_log_goes_page_by_page(open_page: OpenPage, gateway: Gateway) -> None:
    """Each line once, forth and back."""
    for _ in range(23):
        ask(gateway, "gpt-4.1", '[[sim: text="done"]]')
    watched = open_page("#/usage")
    expect(watched.page.locator(".usage-log tbody tr")).to_have_count(20)
    watched.button("Next").click()
    expect(watched.page.locator(".usage-log tbody tr")).to_have_count(3)
    watched.button("Previous").click()
    expect(watched.page.locator(".usage-log tbody tr")).to_have_count(20)


def test_the_log_is_exported(open_page: OpenPage, used: Gateway) -> None:
    """As a file of comma-separated lines."""
    watched = open_page("#/usage")
    watched.button("Export").click()
    with watched.page.expect_download() as download:
        watched.page.get_by_role("menuitem", name="As CSV").click()
    assert download.value.suggested_filename == "copilot-api-usage.csv"
    text = download.value.path().read_text()
    assert text.count("claude-sonnet-5") >= 1


def test_the_log_is_cleared_after_a_question(open_page: OpenPage, used: Gateway) -> None:
    """It cannot be taken back, so it asks."""
    watched = open_page("#/usage")
    watched.button("Clear…").click()
    watched.page.get_by_role("menuitem", name="Clear the whole log").click()
    watched.button("Clear…", watched.dialog()).click()
    expect(watched.toast("3 lines deleted")).to_be_visible()
    assert rows(used) == []


def test_the_usage_test_is_set_and_run(open_page: OpenPage, gateway: Gateway) -> None:
    """Its interval is edited in place; running it says how it went."""
    watched = open_page("#/usage")
    watched.page.get_by_role("button", name="Edit Every: 10").dblclick()
    watched.page.get_by_label("Every", exact=True).fill("30")
    watched.page.keyboard.press("Enter")
    expect(watched.page.get_by_text("30 min")).to_be_visible()
    assert call(gateway, "GET", "/usage/test")["intervalMinutes"] == 30
    watched.button("Test now").click()
    expect(watched.page.get_by_text(re.compile("Last test: .*ok"))).to_be_visible()


def test_the_log_is_narrowed_by_what_is_in_it(open_page: OpenPage, used: Gateway) -> None:
    """Models, clients and keys are choices; a new one is a choice as soon as it was seen; one press shows all again."""
    watched = open_page("#/usage")
    log = watched.page.locator(".usage-log tbody tr")
    expect(log).to_have_count(3)
    watched.page.get_by_label("Model", exact=True).select_option("claude-sonnet-5")
    expect(log).to_have_count(1)
    watched.button("All requests").click()
    expect(log).to_have_count(3)
    expect(watched.page.get_by_label("Key", exact=True)).to_have_count(0)
    made = call(used, "POST", "/keys", {"name": "laptop", "scopes": ["inference"]})
    ask(used, "gpt-5-mini", '[[sim: text="done"]]', key=made["value"])
    watched.page.get_by_label("Key", exact=True).select_option("laptop")
    expect(log).to_have_count(1)
    expect(log).to_contain_text("gpt-5-mini")
    watched.page.get_by_label("Model", exact=True).select_option("gpt-4.1")
    expect(watched.page.get_by_text("No request fits.")).to_be_visible()


def test_plans_have_the_names_that_people_know(open_page: OpenPage, used: Gateway) -> None:
    """Not the gateway's own words for them."""
    watched = open_page("#/usage")
    card = watched.page.locator("section.card").filter(
        has=watched.page.get_by_role("heading", name="octo-dev")
    )
    expect(card.locator(".card-head")).to_contain_text(re.compile("Pro|Individual"))
    assert "individual" not in card.locator(".card-head").inner_text()
