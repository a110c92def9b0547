"""`modelReasoningEfforts` fills the effort that a client leaves out, in the upstream's words, and nothing else."""

from typing import Any

import pytest

from exchange.custom.asking import INGRESSES, MODELS, configure, repairs, request, sent
from gate import CHAT, MESSAGES, RESPONSES, Gate

FIELDS = {"messages": ("output_config", "effort"), "responses": ("reasoning", "effort")}


def effort_in(upstream: str, body: dict[str, Any]) -> object:
    """The effort as that upstream reads it."""
    if upstream == "chat":
        return body.get("reasoning_effort")
    field, name = FIELDS[upstream]
    return body.get(field, {}).get(name)


@pytest.mark.parametrize("ingress", INGRESSES)
@pytest.mark.parametrize("upstream", MODELS)
async def test_an_effort_is_filled_in_on_every_route(gate: Gate, ingress: str, upstream: str) -> None:
    """The client said nothing, so the operator's word counts; the record names it."""
    model = MODELS[upstream]
    await configure(gate, modelReasoningEfforts={model: "low"})
    body = await sent(gate, *request(ingress, model, "Hi"))
    assert effort_in(upstream, body) == "low"
    assert "reasoning-effort" in await repairs(gate)


SAID: list[tuple[str, str, dict[str, Any]]] = [
    (CHAT, "gpt-5-mini", {"reasoning_effort": "high"}),
    (CHAT, "gpt-5.5", {"reasoning_effort": "high"}),
    (CHAT, "claude-sonnet-4.6", {"thinking_budget": 2048}),
    (RESPONSES, "gpt-5.5", {"reasoning": {"effort": "high", "summary": "auto"}}),
    (MESSAGES, "claude-sonnet-4.6", {"output_config": {"effort": "high"}}),
    (MESSAGES, "claude-sonnet-4.6", {"thinking": {"type": "adaptive"}}),
    (MESSAGES, "gpt-5.5", {"thinking": {"type": "disabled"}}),
    (MESSAGES, "gpt-5.5", {"output_config": {"effort": "high"}}),
]


@pytest.mark.parametrize(("path", "model", "said"), SAID)
async def test_what_the_client_says_stands(gate: Gate, path: str, model: str, said: dict[str, Any]) -> None:
    """An effort, a budget or any word about thinking is the client's choice."""
    ingress = {CHAT: "chat", RESPONSES: "responses", MESSAGES: "messages"}[path]
    await configure(gate, modelReasoningEfforts={model: "low"})
    _, body = request(ingress, model, "Hi")
    await sent(gate, path, {**body, **said})
    assert "reasoning-effort" not in await repairs(gate)


async def test_a_turns_own_effort_is_a_word_too(gate: Gate) -> None:
    """Claude Code says it on a system turn."""
    await configure(gate, modelReasoningEfforts={"claude-opus-5": "low"})
    turn = {"role": "system", "content": "Be quick.", "output_config": {"effort": "high"}}
    body = {"model": "claude-opus-5", "max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}, turn]}
    reached = await sent(gate, MESSAGES, body)
    assert "output_config" not in reached


async def test_geminis_thinking_config_is_a_word_too(gate: Gate) -> None:
    """Whatever it says."""
    await configure(gate, modelReasoningEfforts={"gpt-5.5": "low"})
    path, body = request("gemini", "gpt-5.5", "Hi")
    body["generationConfig"] = {"thinkingConfig": {"thinkingLevel": "high"}}
    reached = await sent(gate, path, body)
    assert reached["reasoning"]["effort"] == "high"


async def test_an_effort_that_the_model_lacks_becomes_the_nearest_lower(gate: Gate) -> None:
    """`xhigh` is not to be had of gpt-5-mini, and no effort of grok."""
    await configure(gate, modelReasoningEfforts={"gpt-5-mini": "xhigh", "grok-code-fast-1": "high"})
    body = await sent(gate, *request("responses", "gpt-5-mini", "Hi"))
    assert body["reasoning"] == {"effort": "high"}
    body = await sent(gate, *request("chat", "grok-code-fast-1", "Hi"))
    assert "reasoning_effort" not in body


async def test_neighbours_of_the_effort_stay(gate: Gate) -> None:
    """`summary` and `format` are other words."""
    await configure(gate, modelReasoningEfforts={"gpt-5.5": "low", "claude-opus-5": "low"})
    _, body = request("responses", "gpt-5.5", "Hi")
    reached = await sent(gate, RESPONSES, {**body, "reasoning": {"effort": None, "summary": "auto"}})
    assert reached["reasoning"] == {"effort": "low", "summary": "auto"}
    _, body = request("messages", "claude-opus-5", "Hi")
    form = {
        "type": "json_schema",
        "schema": {"type": "object", "properties": {}, "additionalProperties": False},
    }
    reached = await sent(gate, MESSAGES, {**body, "output_config": {"format": form}})
    assert reached["output_config"] == {"format": form, "effort": "low"}


async def test_counting_tokens_needs_no_effort(gate: Gate) -> None:
    """The counter has no such field to fill."""
    await configure(gate, modelReasoningEfforts={"claude-sonnet-4.6": "low"})
    _, body = request("messages", "claude-sonnet-4.6", "Hi")
    body.pop("max_tokens")
    reached = await sent(gate, "/v1/messages/count_tokens", body)
    assert "output_config" not in reached
