"""What to write where, for each client."""

import json
import tomllib
from pathlib import Path

import pytest
import yaml

from copilot_api.gateway.accounting.clients import recognise
from copilot_api.web.admin.connect.guide import Guide, fill
from copilot_api.web.admin.connect.guides import GUIDES, guide, suggest
from gate import running_gate
from web.admin.visiting import Visitor

VALUES = {"address": "http://localhost:4141", "key": "cpa_KEY", "model": "claude-sonnet-4.6"}


async def test_every_client_is_there_with_a_model_to_begin_with(tmp_path: Path) -> None:
    """From the live catalogue, by what each speaks."""
    async with running_gate(tmp_path) as gate:
        document = (await Visitor(gate).get("/connect")).document
    assert document["address"] == gate.url
    assert document["baseUrls"] == {"openai": f"{gate.url}/v1", "anthropic": gate.url, "gemini": gate.url}
    assert document["needsKey"] is False
    clients = {client["id"]: client for client in document["clients"]}
    assert list(clients) == [
        "claude-code", "codex", "gemini-cli", "opencode", "aider", "cline", "continue", "zed",
        "openai-python", "anthropic-python", "google-python", "openai-js", "anthropic-js", "google-js", "curl",
    ]  # fmt: skip
    assert clients["claude-code"]["suggestedModel"].startswith("claude-sonnet")
    assert clients["codex"]["suggestedModel"].startswith("gpt-5")
    assert clients["gemini-cli"]["suggestedModel"].startswith("gemini")
    models = {model["id"]: model["protocols"] for model in document["models"]}
    assert all(client["suggestedModel"] in models for client in clients.values())
    assert "messages" in models[clients["claude-code"]["suggestedModel"]]
    assert "responses" in models[clients["codex"]["suggestedModel"]]
    assert not any("embedding" in name for name in models)


async def test_hidden_models_are_not_offered(tmp_path: Path) -> None:
    """And a gateway with keys says that one is needed."""
    async with running_gate(tmp_path, COPILOT_API_KEY="cpa_0123456789abcdef0123456789abcdef") as gate:
        first = (await Visitor(gate).get("/connect")).document
        hidden = first["clients"][0]["suggestedModel"]
        state = gate.config.update(lambda document: document.update(hiddenModels=[hidden]))
        await gate.house.desk._adopt(state)  # at once, as the desk does
        document = (await Visitor(gate).get("/connect")).document
    assert document["needsKey"] is True
    assert hidden not in {model["id"] for model in document["models"]}
    assert document["clients"][0]["suggestedModel"] != hidden


async def test_without_an_account_the_guides_are_there_all_the_same(tmp_path: Path) -> None:
    """A person may read them before the first login."""
    async with running_gate(tmp_path, document={}, is_ready=False) as gate:
        document = (await Visitor(gate).get("/connect")).document
    assert document["models"] == []
    assert {client["suggestedModel"] for client in document["clients"]} == {""}


@pytest.mark.parametrize("one", GUIDES, ids=lambda one: one.id)
def test_a_snippet_is_what_it_says(one: Guide) -> None:
    """It parses in its language once filled, holds every value that it needs, and leaves no placeholder."""
    together = ""
    for snippet in one.snippets:
        text = fill(snippet.text, **VALUES)
        together += text
        assert "{{" not in text
        assert text.endswith("\n")
        if snippet.language == "json":
            json.loads(text)
        elif snippet.language == "toml":
            tomllib.loads(text)
        elif snippet.language == "yaml":
            yaml.safe_load(text)
        elif snippet.language == "py":
            compile(text, one.id, "exec")
    assert all(value in together for value in VALUES.values())
    assert not any("{{" in note for note in one.notes)


def test_codex_reads_the_settings_that_are_meant() -> None:
    """The provider is the one that is defined, and its key is the variable that is exported."""
    settings, start = (fill(snippet.text, **VALUES) for snippet in guide("codex").snippets)  # type: ignore[union-attr]  # it is there
    document = tomllib.loads(settings)
    provider = document["model_providers"][document["model_provider"]]
    assert provider["base_url"] == "http://localhost:4141/v1"
    assert provider["wire_api"] == "responses"
    assert f'export {provider["env_key"]}="cpa_KEY"' in start


@pytest.mark.parametrize(
    ("client", "user_agent", "hint"),
    [
        ("claude-code", "claude-cli/2.1.330 (external, cli)", "claude-code"),
        ("codex", "codex_exec/0.169.0 (Debian 12; x86_64) unknown", ""),
        ("gemini-cli", "GeminiCLI-tui/0.61.0/gemini-2.5-pro (linux; x64; terminal)", ""),
        ("opencode", "opencode/1.18.33 ai-sdk/provider-utils/4.0", ""),
        ("openai-python", "OpenAI/Python 3.54.0", ""),
        ("anthropic-python", "Anthropic/Python 2.12.0", ""),
        ("google-python", "google-genai-sdk/3.4.0 gl-python/3.11", ""),
        ("openai-js", "OpenAI/JS 7.57.0", ""),
        ("curl", "curl/8.5.0", ""),
    ],
)
def test_a_client_is_recognised_by_the_name_of_its_guide(client: str, user_agent: str, hint: str) -> None:
    """Else the page would wait for ever for a request that has arrived."""
    found = guide(client)
    assert found is not None
    assert recognise(user_agent, hint)[0] in found.client_names


def test_nothing_is_suggested_where_there_is_nothing() -> None:
    """No model, no name."""
    assert suggest([], "chat") is None
    assert guide("nobody") is None
