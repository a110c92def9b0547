"""The Mappings tab: names are led to models, in an order, and one can see what a name leads to."""

from playwright.sync_api import expect

from browser.conftest import OpenPage
from browser.stage import call
from browser.watch import Watched
from live import Gateway


def mapped(gateway: Gateway) -> list[tuple[str, str]]:
    """The mappings as the gateway has them."""
    document = call(gateway, "GET", "/mappings")
    return [(entry["from"], entry["to"]) for entry in document["mappings"]]


def given(gateway: Gateway, *pairs: tuple[str, str]) -> None:
    """Mappings that are there when the page is opened."""
    for origin, target in pairs:
        call(gateway, "POST", "/mappings", {"from": origin, "to": target})


def fill(watched: Watched, origin: str, target: str) -> None:
    """Type into the dialog and save it with Enter."""
    dialog = watched.dialog()
    dialog.get_by_label("Requested name").fill(origin)
    dialog.get_by_role("combobox", name="Answered by").fill(target)
    watched.page.keyboard.press("Enter")


def test_a_mapping_is_added_and_holds_at_once(open_page: OpenPage, gateway: Gateway) -> None:
    """The next request for the name is answered by the model."""
    watched = open_page("#/mappings")
    watched.button("Add mapping").click()
    fill(watched, "claude-haiku-*", "gpt-5-mini")
    expect(watched.page.get_by_role("list", name="Model mappings")).to_contain_text("claude-haiku-*")
    expect(watched.page.get_by_text("Wildcard")).to_be_visible()
    assert mapped(gateway) == [("claude-haiku-*", "gpt-5-mini")]


def test_an_empty_mapping_is_refused_where_it_is_typed(open_page: OpenPage, gateway: Gateway) -> None:
    """Both fields say what they need; nothing is sent."""
    watched = open_page("#/mappings")
    watched.button("Add mapping").click()
    watched.button("Save", watched.dialog()).click()
    expect(watched.dialog()).to_contain_text("Type the name that the client asks for.")
    expect(watched.dialog()).to_contain_text("Choose a model, or type its id.")
    assert mapped(gateway) == []


def test_a_name_that_is_mapped_already_is_refused_in_the_dialog(
    open_page: OpenPage, gateway: Gateway
) -> None:
    """The dialog stays with what was typed."""
    given(gateway, ("fast", "gpt-5-mini"))
    watched = open_page("#/mappings")
    watched.expected |= {409, 422}
    watched.button("Add mapping").click()
    fill(watched, "fast", "gpt-4.1")
    expect(watched.dialog().get_by_label("Requested name")).to_have_value("fast")
    expect(watched.dialog()).to_contain_text("fast")
    assert mapped(gateway) == [("fast", "gpt-5-mini")]


def test_a_mapping_is_edited(open_page: OpenPage, gateway: Gateway) -> None:
    """Both sides can be changed; its place stays."""
    given(gateway, ("fast", "gpt-5-mini"), ("slow", "gpt-5.5"))
    watched = open_page("#/mappings")
    watched.button("Edit fast: gpt-5-mini").click()
    fill(watched, "quick", "gpt-4.1")
    expect(watched.page.get_by_text("quick", exact=True)).to_be_visible()
    assert mapped(gateway) == [("quick", "gpt-4.1"), ("slow", "gpt-5.5")]


def test_a_mapping_is_copied_and_removed_and_comes_back(open_page: OpenPage, gateway: Gateway) -> None:
    """Undo puts it where it was."""
    given(gateway, ("fast", "gpt-5-mini"), ("slow", "gpt-5.5"))
    watched = open_page("#/mappings")
    watched.button("Actions for fast").click()
    watched.page.get_by_role("menuitem", name="Copy").click()
    expect(watched.page.get_by_text("fast-copy", exact=True)).to_be_visible()
    watched.button("Actions for fast", None).click()
    watched.page.get_by_role("menuitem", name="Remove").click()
    expect(watched.toast("Removed the mapping of fast")).to_be_visible()
    assert "fast" not in dict(mapped(gateway))
    watched.toast("Removed the mapping of fast").get_by_role("button", name="Undo").click()
    expect(watched.page.get_by_text("fast", exact=True)).to_be_visible()
    assert mapped(gateway)[0] == ("fast", "gpt-5-mini")


def test_the_order_is_changed_with_the_keyboard(open_page: OpenPage, gateway: Gateway) -> None:
    """Space takes, an arrow moves, Space drops; the order is saved."""
    given(gateway, ("claude-*", "gpt-5-mini"), ("claude-haiku-*", "gpt-4.1"))
    watched = open_page("#/mappings")
    watched.button("Move claude-haiku-* to gpt-4.1").focus()
    watched.page.keyboard.press("Space")
    watched.page.keyboard.press("ArrowUp")
    with watched.page.expect_response(lambda answer: answer.request.method == "PUT"):
        watched.page.keyboard.press("Space")
    assert [origin for origin, _ in mapped(gateway)] == ["claude-haiku-*", "claude-*"]


def test_what_is_doubtful_is_said_at_the_mapping(open_page: OpenPage, gateway: Gateway) -> None:
    """A target that nobody offers stands there with its reason."""
    given(gateway, ("fast", "no-such-model"))
    watched = open_page("#/mappings")
    expect(watched.page.get_by_text("Copilot offers this account no model 'no-such-model'.")).to_be_visible()


def test_a_name_is_tried_and_tried_again_when_the_list_changes(open_page: OpenPage, gateway: Gateway) -> None:
    """Each step is told; a change elsewhere shows at once."""
    watched = open_page("#/mappings")
    watched.page.get_by_label("Model name").fill("fast")
    watched.page.keyboard.press("Enter")
    expect(watched.page.get_by_text("No model answers to fast")).to_be_visible()
    given(gateway, ("fast", "gpt-5-mini"))
    expect(watched.page.get_by_text("Answered by gpt-5-mini")).to_be_visible()


def test_a_name_full_of_markup_is_only_text(open_page: OpenPage, gateway: Gateway) -> None:
    """Nothing of it runs, and it can be removed."""
    hostile = "<img src=x onerror=alert(1)>"
    given(gateway, (hostile, "gpt-5-mini"))
    watched = open_page("#/mappings")
    expect(watched.page.get_by_text(hostile, exact=True)).to_be_visible()
    watched.button(f"Actions for {hostile}").click()
    watched.page.get_by_role("menuitem", name="Remove").click()
    expect(watched.page.get_by_text(hostile, exact=True)).to_have_count(0)
