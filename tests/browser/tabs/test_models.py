"""The Models tab: what Copilot offers, what is hidden, what it costs, and how hard each model thinks."""

from typing import Any

from playwright.sync_api import Locator, expect

from browser.conftest import OpenPage
from browser.stage import call
from browser.watch import Watched
from live import Gateway


def card(watched: Watched, model_id: str) -> Locator:
    """The card of one model."""
    return watched.page.locator(f'[data-model="{model_id}"]')


def model(gateway: Gateway, model_id: str) -> Any:
    """What the gateway says of a model."""
    return next(entry for entry in call(gateway, "GET", "/models")["models"] if entry["id"] == model_id)


def test_models_are_grouped_by_provider(open_page: OpenPage) -> None:
    """Anthropic, Google and OpenAI first; a group can be closed and stays so."""
    watched = open_page("#/models")
    headings = watched.page.get_by_role("heading", level=2).all_inner_texts()
    assert [heading.strip() for heading in headings[:3]] == ["Anthropic", "Google", "OpenAI"]
    watched.button("Anthropic").click()
    expect(card(watched, "claude-sonnet-5")).to_have_count(0)
    watched.page.reload()
    watched.settle()
    expect(watched.button("Anthropic")).to_have_attribute("aria-expanded", "false")


def test_models_are_found_by_what_they_are_called_and_can_do(open_page: OpenPage) -> None:
    """Words and endpoints narrow the list; nothing that fits says so."""
    watched = open_page("#/models")
    search = watched.page.get_by_label("Search models")
    search.fill("sonnet vision")
    expect(card(watched, "claude-sonnet-5")).to_be_visible()
    expect(card(watched, "gpt-5.5")).to_have_count(0)
    search.fill("")
    watched.page.get_by_label("Endpoint").select_option("responses")
    expect(card(watched, "gpt-5.5")).to_be_visible()
    expect(card(watched, "claude-sonnet-5")).to_have_count(0)
    search.fill("no such model")
    expect(watched.page.get_by_text("Nothing fits. Take away a filter.")).to_be_visible()


def test_a_model_is_hidden_and_comes_back(open_page: OpenPage, gateway: Gateway) -> None:
    """Hiding is one press while managing, and can be undone."""
    watched = open_page("#/models")
    watched.button("Manage").click()
    watched.button("Hide GPT-5.5").click()
    expect(card(watched, "gpt-5.5")).to_have_count(0)
    assert model(gateway, "gpt-5.5")["isHidden"] is True
    watched.page.get_by_role("radio", name="Hidden (1)").check()
    expect(card(watched, "gpt-5.5")).to_contain_text("Hidden")
    watched.toast("GPT-5.5 is hidden").get_by_role("button", name="Undo").click()
    expect(watched.page.get_by_text("Hidden (0)")).to_be_visible()
    assert model(gateway, "gpt-5.5")["isHidden"] is False


def test_hidden_models_can_be_disabled(open_page: OpenPage, gateway: Gateway) -> None:
    """The policy is a switch; a hidden model is then not usable, and says why."""
    call(gateway, "POST", "/models-visibility", {"ids": ["gpt-5.5"], "isHidden": True})
    watched = open_page("#/models")
    watched.button("Manage").click()
    watched.page.get_by_role("switch", name="Hidden models are disabled").click()
    watched.page.get_by_role("radio", name="Hidden (1)").check()
    expect(card(watched, "gpt-5.5").locator(".models-warning").first).to_be_visible()
    assert model(gateway, "gpt-5.5")["isUsable"] is False


def test_a_multiplier_is_edited_with_the_keyboard_and_given_back(
    open_page: OpenPage, gateway: Gateway
) -> None:
    """Enter opens and saves; an empty value is Copilot's own again."""
    watched = open_page("#/models")
    shown = card(watched, "gpt-5.5").get_by_role("button", name="Edit Multiplier of GPT-5.5")
    shown.focus()
    watched.page.keyboard.press("Enter")
    watched.page.get_by_label("Multiplier of GPT-5.5", exact=True).fill("2.5")
    watched.page.keyboard.press("Enter")
    expect(card(watched, "gpt-5.5")).to_contain_text("2.5×")
    assert model(gateway, "gpt-5.5")["multiplierFrom"] == "operator"
    shown.dblclick()
    watched.page.get_by_label("Multiplier of GPT-5.5", exact=True).fill("")
    watched.page.keyboard.press("Enter")
    expect(card(watched, "gpt-5.5")).not_to_contain_text("2.5×")
    assert model(gateway, "gpt-5.5")["multiplierFrom"] != "operator"


def test_a_default_reasoning_effort_is_chosen_from_the_models_own(
    open_page: OpenPage, gateway: Gateway
) -> None:
    """The list is what the model offers."""
    watched = open_page("#/models")
    name = "Reasoning effort where the client names none, for GPT-5.5"
    with watched.page.expect_response(lambda answer: answer.request.method == "PATCH"):
        watched.page.get_by_label(name).select_option("low")
    assert model(gateway, "gpt-5.5")["effort"] == "low"


def test_details_tell_the_prices_and_take_an_extra_prompt(open_page: OpenPage, gateway: Gateway) -> None:
    """Everything that is known of a model in one place."""
    watched = open_page("#/models")
    watched.button("Details of Claude Sonnet 5").click()
    dialog = watched.dialog()
    expect(dialog.get_by_role("row", name="Cache read")).to_be_visible()
    dialog.get_by_label("Extra prompt").fill("Answer in French.")
    watched.button("Save", dialog).click()
    expect(watched.dialog()).to_have_count(0)
    assert model(gateway, "claude-sonnet-5")["extraPrompt"] == "Answer in French."


def test_an_id_is_copied(open_page: OpenPage) -> None:
    """One press puts it on the clipboard."""
    watched = open_page("#/models")
    watched.button("Copy gpt-5.5").click()
    assert watched.page.evaluate("navigator.clipboard.readText()") == "gpt-5.5"


def test_the_list_is_read_anew(open_page: OpenPage) -> None:
    """On demand; the page says when it was."""
    watched = open_page("#/models")
    watched.button("Refresh").click()
    expect(watched.toast("Read anew")).to_be_visible()


def test_another_accounts_models_can_be_seen(open_page: OpenPage) -> None:
    """Each account has a list of its own."""
    watched = open_page("#/models")
    watched.page.get_by_label("Account", exact=True).select_option(label="octo-free")
    expect(watched.page.get_by_text("What Copilot offers to octo-free.")).to_be_visible()
