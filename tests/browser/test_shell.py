"""The frame around the tabs: where one is, in which language and theme, on what kind of screen."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from browser.conftest import OpenPage
from browser.stage import staged
from browser.watch import PHONE
from live import Simulator, free_port


def test_a_tab_is_an_address(open_page: OpenPage) -> None:
    """A link leads to it, the browser's back button leads back, and the title says where one is."""
    watched = open_page("#/about")
    expect(watched.page).to_have_title("About · copilot-api")
    watched.page.get_by_role("link", name="Keys", exact=True).click()
    expect(watched.page.get_by_role("heading", level=1)).to_have_text("Keys")
    expect(watched.page).to_have_title("Keys · copilot-api")
    watched.page.go_back()
    expect(watched.page.get_by_role("heading", level=1)).to_have_text("About")


def test_an_address_that_is_no_tab_leads_to_the_first(open_page: OpenPage) -> None:
    """A stale bookmark is no dead end."""
    watched = open_page("#/nowhere/%E0%A4%A")
    expect(watched.page.get_by_role("heading", level=1)).to_have_text("Accounts")


def test_the_language_follows_the_browser_until_it_is_chosen(open_page: OpenPage) -> None:
    """Chosen once, it stays over a reload; the document says which it is."""
    watched = open_page("", language="zh-CN")
    expect(watched.page.get_by_role("heading", level=1)).to_have_text("账号")
    expect(watched.page.locator("html")).to_have_attribute("lang", "zh-CN")
    watched.page.get_by_label("语言").select_option("en")
    expect(watched.page.get_by_role("heading", level=1)).to_have_text("Accounts")
    watched.page.reload()
    expect(watched.page.get_by_role("heading", level=1)).to_have_text("Accounts")
    expect(watched.page.locator("html")).to_have_attribute("lang", "en")


def test_the_theme_follows_the_system_until_it_is_chosen(open_page: OpenPage) -> None:
    """Chosen once, it is there before the first paint of the next visit."""
    watched = open_page("", theme="dark")
    body = watched.page.locator("body")
    expect(body).to_have_css("background-color", "rgb(13, 18, 24)")
    watched.page.get_by_role("radio", name="Light").check(force=True)
    expect(body).to_have_css("background-color", "rgb(244, 246, 248)")
    watched.page.reload()
    watched.settle()
    assert watched.page.evaluate("document.documentElement.dataset.theme") == "light"
    expect(body).to_have_css("background-color", "rgb(244, 246, 248)")


def test_on_a_phone_the_tabs_are_in_a_drawer(open_page: OpenPage) -> None:
    """It opens with the menu button, closes with Escape, and closes by itself when one went somewhere."""
    watched = open_page("", width=PHONE)
    menu = watched.button("Menu")
    menu.click()
    drawer = watched.dialog()
    expect(drawer.get_by_role("link", name="Keys", exact=True)).to_be_visible()
    watched.page.keyboard.press("Escape")
    expect(drawer).to_have_count(0)
    expect(menu).to_be_focused()
    menu.click()
    drawer.get_by_role("link", name="Keys", exact=True).click()
    expect(watched.page.get_by_role("heading", level=1)).to_have_text("Keys")
    expect(drawer).to_have_count(0)


def test_the_keyboard_reaches_the_content_past_the_sidebar(open_page: OpenPage) -> None:
    """The first stop skips to the content; every stop shows where it is."""
    watched = open_page("")
    watched.page.keyboard.press("Tab")
    assert watched.focused() == "Skip to content"
    watched.page.keyboard.press("Enter")
    watched.page.keyboard.press("Tab")
    assert watched.focused() == "Add account"
    outline = "getComputedStyle(document.activeElement).outlineStyle"
    assert watched.page.evaluate(outline) == "solid"


def test_going_to_a_tab_takes_the_focus_along(open_page: OpenPage) -> None:
    """A screen reader hears the new page's title."""
    watched = open_page("")
    watched.page.get_by_role("link", name="About", exact=True).focus()
    watched.page.keyboard.press("Enter")
    expect(watched.page.get_by_role("heading", level=1)).to_have_text("About")
    expect(watched.page.get_by_role("heading", level=1)).to_be_focused()


def test_what_is_hidden_from_view_asks_for_nothing(open_page: OpenPage) -> None:
    """A page in a background tab closes its event stream; coming back it is live again and up to date."""
    watched = open_page("")
    state = watched.page.locator(".signed-in .dot")
    expect(state).to_have_class(re.compile("dot-good"))
    hide = """(isHidden) => {
        Object.defineProperty(document, "hidden", { value: isHidden, configurable: true });
        document.dispatchEvent(new Event("visibilitychange"));
    }"""
    watched.page.evaluate(hide, True)
    expect(state).to_have_class(re.compile("dot-plain"))
    with watched.page.expect_response(re.compile("/admin/api/accounts$")):
        watched.page.evaluate(hide, False)
    expect(state).to_have_class(re.compile("dot-good"))


def test_a_gateway_that_goes_and_comes_back_is_noticed(
    open_page: OpenPage, simulator: Simulator, tmp_path: Path
) -> None:
    """The page says so, keeps trying, and is up to date again without a reload."""
    port = free_port()
    with staged(simulator, tmp_path / "second", port=port) as gateway:
        watched = open_page(url=gateway.url)
        watched.expected |= {0}
        expect(watched.page.locator(".signed-in .dot")).to_have_class(re.compile("dot-good"))
    expect(watched.page.get_by_role("alert")).to_contain_text("The gateway does not answer.")
    with staged(simulator, tmp_path / "third", port=port):
        expect(watched.page.get_by_role("alert")).to_have_count(0, timeout=40_000)
        expect(watched.page.locator(".signed-in .dot")).to_have_class(re.compile("dot-good"))


def test_twenty_open_pages_cost_no_more_than_one(open_page: OpenPage, simulator: Simulator) -> None:
    """What GitHub and Copilot are asked depends on the clock, never on how many people look."""
    first = open_page()
    before = simulator.count()
    pages = [first, *(open_page() for _ in range(19))]
    for watched in pages:
        expect(watched.page.locator(".signed-in .dot")).to_have_class(re.compile("dot-good"))
    assert simulator.count() - before <= 1


@pytest.mark.parametrize("width", [PHONE, 1440])
def test_it_says_that_it_is_unofficial(open_page: OpenPage, width: int) -> None:
    """On every page, and at length on the About page."""
    watched = open_page("#/about", width=width)
    expect(watched.page.get_by_text("It is not made, endorsed or supported by GitHub")).to_be_visible()
    if width == PHONE:
        watched.button("Menu").click()
    expect(watched.page.get_by_text("Unofficial. Not supported by GitHub.").last).to_be_visible()
