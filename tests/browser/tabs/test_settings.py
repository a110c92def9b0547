"""The Settings tab: every value a person may change, checked while it is typed, saved together or not at all."""

from typing import Any

from playwright.sync_api import Locator, Route, expect

from browser.conftest import OpenPage
from browser.stage import call
from browser.watch import Watched
from live import Gateway


def setting(watched: Watched, name: str) -> Locator:
    """One setting's place on the page, by its key in config.json."""
    return watched.page.locator(f'[data-setting="{name}"]')


def saved(gateway: Gateway, name: str) -> Any:
    """What the gateway has."""
    found = [entry for entry in call(gateway, "GET", "/settings")["settings"] if entry["name"] == name]
    return found[0]["value"]


def save(watched: Watched) -> None:
    """Press Save and wait until it is done."""
    with watched.page.expect_response(lambda answer: answer.request.method == "PATCH") as told:
        watched.button("Save").click()
    assert told.value.status == 200
    expect(watched.button("Save")).to_have_count(0)


def test_a_number_is_changed_and_goes_back_to_its_default(open_page: OpenPage, gateway: Gateway) -> None:
    """The default is one button away."""
    watched = open_page("#/settings/limits")
    shown = setting(watched, "requestsPerMinute")
    shown.get_by_label("Requests per minute").fill("90")
    save(watched)
    assert saved(gateway, "requestsPerMinute") == 90
    watched.button("Back to default: none", shown).click()
    save(watched)
    assert saved(gateway, "requestsPerMinute") is None


def test_a_switch_is_turned(open_page: OpenPage, gateway: Gateway) -> None:
    """A boolean is a switch, and counts as a change until it is saved."""
    watched = open_page("#/settings/limits")
    watched.page.get_by_role("switch", name="Wait instead of refusing").click()
    expect(watched.page.get_by_text("1 unsaved change", exact=True)).to_be_visible()
    save(watched)
    assert saved(gateway, "rateLimitWait") is True


def test_a_value_that_is_not_accepted_says_so_while_it_is_typed(
    open_page: OpenPage, gateway: Gateway
) -> None:
    """In its place, with what is accepted; it cannot be saved."""
    watched = open_page("#/settings/limits")
    shown = setting(watched, "requestsPerMinute")
    shown.get_by_label("Requests per minute").fill("-3")
    expect(shown.locator(".field-error")).to_be_visible()
    expect(watched.button("Save")).to_be_disabled()
    watched.button("Discard").click()
    expect(shown.locator(".field-error")).to_have_count(0)
    assert saved(gateway, "requestsPerMinute") is None


def test_changes_of_several_sections_are_saved_together(open_page: OpenPage, gateway: Gateway) -> None:
    """Moving between sections keeps what was typed."""
    watched = open_page("#/settings/limits")
    watched.page.get_by_label("Requests at a time").fill("4")
    watched.page.get_by_role("link", name="Usage", exact=True).last.click()
    watched.page.get_by_label("One line of the log stands for").select_option("conversation")
    expect(watched.page.get_by_text("2 unsaved changes", exact=True)).to_be_visible()
    save(watched)
    assert saved(gateway, "concurrency") == 4
    assert saved(gateway, "usageLogCountMode") == "conversation"


def test_leaving_with_unsaved_changes_asks_first(open_page: OpenPage) -> None:
    """Nobody loses what they typed by a click."""
    watched = open_page("#/settings/limits")
    watched.page.get_by_label("Requests at a time").fill("4")
    watched.page.get_by_role("link", name="Models", exact=True).first.click()
    expect(watched.dialog()).to_be_visible()
    watched.page.keyboard.press("Escape")
    expect(watched.page.get_by_label("Requests at a time")).to_have_value("4")
    watched.button("Discard").click()
    watched.page.get_by_role("link", name="Models", exact=True).first.click()
    expect(watched.page.get_by_role("heading", level=1, name="Models")).to_be_visible()


def test_extra_prompts_are_added_and_removed(open_page: OpenPage, gateway: Gateway) -> None:
    """A map has a row for each entry."""
    watched = open_page("#/settings/prompts")
    watched.page.get_by_label("New entry").fill("gpt-5.5")
    watched.page.keyboard.press("Enter")
    watched.page.get_by_label("Value for gpt-5.5").fill("Be brief.")
    save(watched)
    assert saved(gateway, "extraPrompts") == {"gpt-5.5": "Be brief."}
    watched.button("Remove gpt-5.5").click()
    save(watched)
    assert saved(gateway, "extraPrompts") == {}


def test_a_list_has_one_entry_on_each_line(open_page: OpenPage, gateway: Gateway) -> None:
    """Empty lines count for nothing."""
    watched = open_page("#/settings/security")
    watched.page.get_by_label("Further names of this server").fill("gateway.lan\n\nbox.local\n")
    save(watched)
    assert saved(gateway, "allowedHosts") == ["gateway.lan", "box.local"]


def test_somebody_elses_change_shows_and_leaves_what_was_typed(open_page: OpenPage, gateway: Gateway) -> None:
    """The page follows the gateway; a draft stays a draft."""
    watched = open_page("#/settings/limits")
    watched.page.get_by_label("Requests at a time").fill("4")
    call(gateway, "PATCH", "/settings", {"changes": {"requestsPerMinute": 77}})
    expect(watched.page.get_by_label("Requests per minute")).to_have_value("77")
    save(watched)
    assert (saved(gateway, "concurrency"), saved(gateway, "requestsPerMinute")) == (4, 77)


def test_a_save_that_comes_too_late_overwrites_nothing(open_page: OpenPage, gateway: Gateway) -> None:
    """It is refused, the page shows what is there now, and the draft can be saved again."""
    watched = open_page("#/settings/limits")
    watched.expected |= {412}
    pattern = "**/admin/api/settings"

    def overtake(route: Route) -> None:
        if route.request.method == "PATCH":
            call(gateway, "PATCH", "/settings", {"changes": {"requestsPerMinute": 77}})
        route.continue_()

    watched.page.route(pattern, overtake)
    watched.page.get_by_label("Requests at a time").fill("4")
    with watched.page.expect_response(lambda answer: answer.status == 412):
        watched.button("Save").click()
    expect(watched.page.get_by_label("Requests per minute")).to_have_value("77")
    watched.page.unroute(pattern)
    save(watched)
    assert (saved(gateway, "concurrency"), saved(gateway, "requestsPerMinute")) == (4, 77)
