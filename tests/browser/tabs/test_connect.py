"""The Connect tab: the exact settings of each tool, filled in, and whether its first request has come."""

from playwright.sync_api import expect

from browser.conftest import OpenPage
from browser.stage import ask
from live import CLIENT_KEY, Gateway


def test_settings_hold_this_address_the_model_and_the_key(open_page: OpenPage, gateway: Gateway) -> None:
    """What is typed and chosen stands in every line that needs it."""
    watched = open_page("#/connect")
    watched.page.get_by_label("Tool").select_option("claude-code")
    watched.page.get_by_label("Model", exact=True).select_option("claude-sonnet-5")
    watched.page.get_by_label("Client key").fill(CLIENT_KEY)
    code = watched.page.locator("pre").first
    expect(code).to_contain_text(f'"ANTHROPIC_BASE_URL": "{gateway.url}"')
    expect(code).to_contain_text(CLIENT_KEY)
    expect(code).to_contain_text("claude-sonnet-5")
    watched.page.locator(".code").first.get_by_role("button").click()
    assert gateway.url in watched.page.evaluate("navigator.clipboard.readText()")


def test_every_tool_has_settings_without_a_hole(open_page: OpenPage, gateway: Gateway) -> None:
    """No placeholder is left for any tool."""
    watched = open_page("#/connect")
    tools = watched.page.get_by_label("Tool").locator("option")
    values: list[str] = tools.evaluate_all("options => options.map((option) => option.value)")
    assert {"claude-code", "codex", "gemini-cli", "opencode", "aider", "cline", "continue", "zed"} <= set(
        values
    )
    for value in values:
        watched.page.get_by_label("Tool").select_option(value)
        texts = " ".join(watched.page.locator("pre").all_inner_texts())
        assert "{{" not in texts
        assert gateway.url.split("//")[1].split(":")[1] in texts


def test_the_first_request_of_a_tool_is_seen(open_page: OpenPage, gateway: Gateway) -> None:
    """While one waits: another tool's request does not count."""
    watched = open_page("#/connect")
    watched.page.get_by_label("Tool").select_option("claude-code")
    expect(watched.page.get_by_text("Waiting for a request from Claude Code")).to_be_visible()
    ask(gateway, "gpt-4.1", "hi", agent="OpenAI/Python 3.54.0")
    expect(watched.page.get_by_text("Other requests since you opened this page")).to_be_visible()
    expect(watched.page.get_by_text("Waiting for a request from Claude Code")).to_be_visible()
    ask(gateway, "gpt-4.1", "hi", agent="claude-cli/2.1.330 (external, cli)")
    expect(watched.page.get_by_text("It works: Claude Code has asked for gpt-4.1")).to_be_visible()


def test_a_key_is_made_for_the_tool(open_page: OpenPage) -> None:
    """It is filled in at once, and works."""
    watched = open_page("#/connect")
    watched.page.get_by_label("Tool").select_option("codex")
    watched.button("Make a key for it").click()
    dialog = watched.page.get_by_role("dialog")
    if dialog.count():
        watched.button("Make a key for it", dialog).click()
    expect(watched.toast("The key codex was made.")).to_be_visible()
    assert watched.page.get_by_label("Client key").input_value().startswith("cpa_")
