"""Clients are recognised by what they say; strangers keep their own words. From recordings (2026-11)."""

import pytest

from copilot_api.gateway.accounting.clients import client_hint, conversation_of, recognise
from copilot_api.protocols.base import RequestPeek, Speaker


@pytest.mark.parametrize(
    ("user_agent", "hint", "expected"),
    [
        ("claude-cli/2.1.330 (external, cli)", "claude-code", ("Claude Code", "2.1.330")),
        ("claude-cli/2.1.330 (external, sdk-cli)", "", ("Claude Code", "2.1.330")),
        (
            "claude-cli/2.1.330 (external, sdk-py, agent-sdk/0.2.187)",
            "claude-code",
            ("Claude Agent SDK", "2.1.330"),
        ),
        ("claude-cli/0.24.4 (external, cli)", "", ("Qwen Code", "0.24.4")),
        ("QwenCode/0.24.4 (linux; x64)", "", ("Qwen Code", "0.24.4")),
        (
            "codex_exec/0.169.0 (Debian 12.0.0; x86_64) dumb (codex_exec; 0.169.0)",
            "codex_exec",
            ("Codex", "0.169.0"),
        ),
        ("codex_cli_rs/0.170.1 (Mac OS 15)", "codex_cli_rs", ("Codex", "0.170.1")),
        ("codex-tui/0.170.1", "", ("Codex", "0.170.1")),
        ("GeminiCLI-tui/0.61.0/gemini-3.1-pro-preview (linux; x64; terminal)", "", ("Gemini CLI", "0.61.0")),
        ("GeminiCLI/0.40.0/gemini-2.5-pro (darwin; arm64)", "", ("Gemini CLI", "0.40.0")),
        ("opencode/1.18.33 ai-sdk/provider-utils/4.0.46 runtime/bun/1.3.14", "", ("opencode", "1.18.33")),
        ("OpenAI/Python 3.54.0", "", ("OpenAI SDK for Python", "3.54.0")),
        ("AsyncOpenAI/Python 3.54.0", "", ("OpenAI SDK for Python", "3.54.0")),
        ("OpenAI/JS 7.57.0", "", ("OpenAI SDK for JavaScript", "7.57.0")),
        ("AsyncAnthropic/Python 2.12.0", "", ("Anthropic SDK for Python", "2.12.0")),
        ("Anthropic/JS 1.12.0", "", ("Anthropic SDK for JavaScript", "1.12.0")),
        ("google-genai-sdk/3.4.0 gl-python/3.11.7", "", ("Google Gen AI SDK for Python", "3.4.0")),
        ("google-genai-sdk/1.30.0 gl-node/v20.20.2", "", ("Google Gen AI SDK for JavaScript", "1.30.0")),
        ("ai-sdk/openai-compatible/3.0.92 runtime/node.js/20", "", ("AI SDK", "3.0.92")),
        ("litellm/1.106.2", "", ("LiteLLM", "1.106.2")),
        ("curl/7.88.1", "", ("curl", "7.88.1")),
        ("Python/3.11 aiohttp/3.14.5", "", ("aiohttp", "3.14.5")),
        ("Mozilla/5.0 (X11; Linux x86_64)", "", ("a web browser", "")),
        ("RooCode/3.30.0", "Roo Code", ("Roo Code", "3.30.0")),
        ("OpenAI/JS 5.0.0", "My Editor", ("OpenAI SDK for JavaScript", "5.0.0")),
        ("", "My Editor", ("My Editor", "")),
        ("my-tool/1.2.3 (x)", "My Editor", ("My Editor", "1.2.3")),
        ("my-tool/1.2.3 (x)", "", ("my-tool", "1.2.3")),
        ("just words", "", ("just words", "")),
        ("", "", ("", "")),
        ("xcurl/1.0", "", ("xcurl", "1.0")),
    ],
)
def test_a_client_is_called_by_its_name(user_agent: str, hint: str, expected: tuple[str, str]) -> None:
    """Programs before the libraries they are built on."""
    assert recognise(user_agent, hint) == expected


def test_what_a_client_calls_itself_is_copied_and_nothing_else() -> None:
    """Two headers at most, never its credentials."""
    assert client_hint({"x-claude-code-session-id": "s", "x-title": "t"}) == "claude-code"
    assert client_hint({"x-title": "Cline", "originator": "o"}) == "Cline"
    assert client_hint({"originator": "codex_exec", "authorization": "Bearer secret"}) == "codex_exec"
    assert client_hint({"authorization": "Bearer secret"}) == ""


def test_the_conversation_is_the_clients_own_session() -> None:
    """In the body first, then in the headers that clients use for it."""
    peek = RequestPeek(model="m", stream=False, speaker=Speaker.HUMAN, has_images=False)
    named = RequestPeek(model="m", stream=False, speaker=Speaker.HUMAN, has_images=False, session="body")
    headers = {"x-session-id": "other", "x-claude-code-session-id": "claude"}
    assert conversation_of(named, headers) == "body"
    assert conversation_of(peek, headers) == "claude"
    assert conversation_of(peek, {"session-id": "codex"}) == "codex"
    assert conversation_of(peek, {"x-interaction-id": "turn"}) == "turn"
    assert conversation_of(peek, {}) == ""
