"""The Keys tab: keys are made, seen once, used, limited, rotated and revoked."""

import re
import urllib.error
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from browser.conftest import OpenPage
from browser.stage import ask, call
from browser.watch import PHONE, Watched
from live import CLIENT_KEY, Gateway

MODEL = "gpt-5.4"


def row(watched: Watched, name: str) -> Locator:
    """The row of one key."""
    return watched.page.get_by_role("row").filter(has=watched.page.get_by_role("rowheader", name=name))


def menu(watched: Watched, name: str, item: str) -> None:
    """Choose from a key's menu."""
    watched.button(f"Actions for {name}").click()
    watched.page.get_by_role("menuitem", name=item, exact=True).click()


def create(watched: Watched, name: str) -> str:
    """Make a key with nothing but a name and return its value."""
    watched.page.get_by_role("link", name="Create key", exact=True).first.click()
    watched.dialog().get_by_label("Name", exact=True).fill(name)
    watched.page.keyboard.press("Enter")
    value = watched.dialog().get_by_label("Key", exact=True).inner_text()
    watched.button("I have stored it", watched.dialog()).click()
    return value


def key_of(gateway: Gateway, name: str) -> dict[str, Any]:
    """A key as the gateway describes it."""
    found: dict[str, Any] = next(key for key in call(gateway, "GET", "/keys")["keys"] if key["name"] == name)
    return found


def refusal(gateway: Gateway, key: str, model: str = MODEL) -> int:
    """The status with which a request is refused; 200 when it is not."""
    try:
        ask(gateway, model, "hello", key=key)
    except urllib.error.HTTPError as error:
        return error.code
    return 200


def test_a_key_is_shown_once_and_works(open_page: OpenPage, gateway: Gateway) -> None:
    """It can be copied then, and is nowhere in the page afterwards."""
    watched = open_page("#/keys")
    watched.page.get_by_role("link", name="Create key", exact=True).first.click()
    expect(watched.dialog().get_by_label("Name", exact=True)).to_be_focused()
    watched.dialog().get_by_label("Name", exact=True).fill("laptop")
    watched.button("Create key", watched.dialog()).click()
    value = watched.dialog().get_by_label("Key", exact=True).inner_text()
    assert re.fullmatch(r"cpa_[A-Za-z0-9_-]{20,}", value)
    watched.button("Copy key", watched.dialog()).click()
    expect(watched.button("Copied", watched.dialog())).to_be_visible()
    assert watched.page.evaluate("navigator.clipboard.readText()") == value
    watched.button("I have stored it", watched.dialog()).click()
    expect(row(watched, "laptop")).to_contain_text("Not yet")
    assert value not in watched.page.content()
    assert refusal(gateway, value) == 200
    expect(row(watched, "laptop")).to_contain_text("just now")
    for _ in range(20):  # uses are written in batches, behind the answers
        watched.page.reload()
        watched.settle()
        if "Not yet" not in row(watched, "laptop").inner_text():
            break
        watched.page.wait_for_timeout(250)
    expect(row(watched, "laptop")).to_contain_text("just now")


def test_a_press_beside_the_dialog_does_not_lose_the_new_key(open_page: OpenPage) -> None:
    """What cannot be had again is closed on purpose only."""
    watched = open_page("#/keys/new")
    watched.dialog().get_by_label("Name", exact=True).fill("laptop")
    watched.page.keyboard.press("Enter")
    expect(watched.dialog()).to_contain_text("This is the only time you see it")
    watched.page.mouse.click(5, 5)
    expect(watched.dialog()).to_contain_text("This is the only time you see it")


def test_a_key_with_everything_is_made_and_shown(open_page: OpenPage, gateway: Gateway) -> None:
    """Scopes, account, models, expiry, limits, budget and strictness arrive at the gateway and in the list."""
    watched = open_page("#/keys/new")
    form = watched.dialog()
    form.get_by_label("Name", exact=True).fill("ci")
    form.get_by_label("Account", exact=True).select_option(label="octo-free")
    form.get_by_label("Expires", exact=True).select_option(label="In 30 days")
    form.get_by_label("See usage").check()
    form.get_by_text("Models, limits, budget").click()
    form.get_by_label("Models", exact=True).fill("gpt-5*")
    form.get_by_label("Add a model…").select_option("claude-haiku-4.5")
    form.get_by_label("Requests a minute").fill("60")
    form.get_by_label("Requests at once").fill("4")
    form.get_by_label("Budget, AI credits").fill("12.5")
    form.get_by_label("Counted by").select_option("day")
    form.get_by_role("switch", name="Strict").click()
    watched.button("Create key", form).click()
    watched.button("I have stored it", watched.dialog()).click()
    shown = row(watched, "ci")
    for text in (
        "octo-free",
        "See usage",
        "Strict",
        "gpt-5*",
        "claude-haiku-4.5",
        "60 requests/min · 4 at once",
    ):
        expect(shown).to_contain_text(text)
    expect(shown).to_contain_text("12.5 credits a day")
    key = key_of(gateway, "ci")
    assert key["models"] == ["gpt-5*", "claude-haiku-4.5"]
    assert key["scopes"] == ["inference", "usage"]
    assert key["rateLimit"] == {"requestsPerMinute": 60, "tokensPerMinute": None, "concurrency": 4}
    assert key["budget"] == {"credits": 12.5, "requests": None, "period": "day"}
    assert key["isStrict"] is True
    assert key["accountLogin"] == "octo-free"
    assert key["expiresAt"] is not None


def test_a_key_is_changed(open_page: OpenPage, gateway: Gateway) -> None:
    """Only what was touched is changed; nothing touched is nothing to save."""
    watched = open_page("#/keys")
    value = create(watched, "laptop")
    menu(watched, "laptop", "Edit")
    expect(watched.button("Save", watched.dialog())).to_be_disabled()
    watched.dialog().get_by_text("Models, limits, budget").click()
    watched.dialog().get_by_label("Models", exact=True).fill("claude-*")
    watched.button("Save", watched.dialog()).click()
    expect(watched.toast("laptop saved")).to_be_visible()
    expect(row(watched, "laptop")).to_contain_text("claude-*")
    assert key_of(gateway, "laptop")["scopes"] == ["inference"]
    assert refusal(gateway, value) in {400, 403, 404}
    assert refusal(gateway, value, "claude-haiku-4.5") == 200


def test_what_is_wrong_is_said_where_it_is(open_page: OpenPage) -> None:
    """Before anything is sent, and again when the gateway knows better."""
    watched = open_page("#/keys")
    create(watched, "laptop")
    watched.page.get_by_role("link", name="Create key", exact=True).first.click()
    watched.button("Create key", watched.dialog()).click()
    name = watched.dialog().get_by_label("Name", exact=True)
    expect(name).to_have_attribute("aria-invalid", "true")
    expect(watched.dialog()).to_contain_text("A key needs a name.")
    name.fill("spare")
    watched.dialog().get_by_label("Use models").uncheck()
    expect(watched.dialog()).to_contain_text("choose at least one")
    watched.dialog().get_by_label("Use models").check()
    watched.dialog().get_by_text("Models, limits, budget").click()
    watched.dialog().get_by_label("Requests a minute").fill("-3")
    expect(watched.dialog()).to_contain_text("A whole number above 0, or nothing.")


def test_a_name_that_is_taken_is_refused_beside_the_name(open_page: OpenPage) -> None:
    """The dialog keeps what was typed."""
    watched = open_page("#/keys")
    create(watched, "laptop")
    watched.expected |= {409, 422}
    watched.page.get_by_role("link", name="Create key", exact=True).first.click()
    watched.dialog().get_by_label("Name", exact=True).fill("laptop")
    watched.page.keyboard.press("Enter")
    expect(watched.dialog().get_by_role("alert").first).to_be_visible()
    expect(watched.dialog().get_by_label("Name", exact=True)).to_have_value("laptop")


@pytest.mark.parametrize(("grace", "old"), [("stops at once", 401), ("works for another hour", 200)])
def test_a_rotated_key_has_a_new_value(open_page: OpenPage, gateway: Gateway, grace: str, old: int) -> None:
    """The old one goes at once or after the time that was granted."""
    watched = open_page("#/keys")
    before = create(watched, "laptop")
    menu(watched, "laptop", "Rotate")
    watched.dialog().get_by_label("The old value").select_option(label=grace)
    watched.button("Rotate", watched.dialog()).click()
    after = watched.dialog().get_by_label("Key", exact=True).inner_text()
    watched.button("I have stored it", watched.dialog()).click()
    assert after != before
    assert refusal(gateway, after) == 200
    assert refusal(gateway, before) == old


def test_a_revoked_key_is_refused(open_page: OpenPage, gateway: Gateway) -> None:
    """It asks first; Escape means no."""
    watched = open_page("#/keys")
    value = create(watched, "laptop")
    menu(watched, "laptop", "Revoke")
    watched.page.keyboard.press("Escape")
    assert refusal(gateway, value) == 200
    menu(watched, "laptop", "Revoke")
    watched.button("Revoke", watched.dialog()).click()
    expect(row(watched, "laptop")).to_have_count(0)
    expect(watched.toast("laptop revoked")).to_be_visible()
    assert refusal(gateway, value) == 401


def test_a_key_of_config_json_is_shown_but_not_changed_here(open_page: OpenPage) -> None:
    """Where it comes from is said; there is no menu."""
    watched = open_page("#/keys")
    expect(watched.page.get_by_text("From config.json")).to_be_visible()
    expect(watched.page.get_by_role("row").get_by_role("button")).to_have_count(0)


def test_keys_without_a_mouse(open_page: OpenPage, gateway: Gateway) -> None:
    """Made and revoked with the keyboard alone; the focus comes back to where it was."""
    watched = open_page("#/keys")
    watched.page.get_by_role("link", name="Create key", exact=True).focus()
    watched.page.keyboard.press("Enter")
    expect(watched.dialog().get_by_label("Name", exact=True)).to_be_focused()
    watched.page.keyboard.type("typed")
    watched.page.keyboard.press("Enter")
    expect(watched.dialog()).to_contain_text("This is the only time you see it")
    watched.page.keyboard.press("Escape")
    actions = watched.button("Actions for typed")
    actions.focus()
    for key in ("Enter", "End", "Enter"):
        watched.page.keyboard.press(key)
    expect(watched.dialog()).to_contain_text("Revoke typed?")
    watched.page.keyboard.press("Tab")
    watched.page.keyboard.press("Enter")
    expect(row(watched, "typed")).to_have_count(0)
    assert [key["name"] for key in call(gateway, "GET", "/keys")["keys"] if key["name"] == "typed"] == []


def test_on_a_phone_each_key_is_a_card(open_page: OpenPage) -> None:
    """Nothing has to be scrolled sideways, and each value has its title beside it."""
    watched = open_page("#/keys", width=PHONE)
    create(watched, "laptop")
    assert watched.sideways() == []
    content = watched.page.evaluate(
        "getComputedStyle(document.querySelector('td[data-title]'), '::before').content"
    )
    assert content == '"May do"'


def test_a_key_that_may_look_sees_everything_and_changes_nothing(open_page: OpenPage) -> None:
    """The plain key of the test has no such scope: the page is for this machine, and there it is."""
    watched = open_page("#/keys")
    expect(watched.page.get_by_role("link", name="Create key", exact=True)).to_be_visible()
    assert CLIENT_KEY not in watched.page.content()
