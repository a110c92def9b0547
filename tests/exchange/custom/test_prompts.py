"""`extraPrompts` stand after the system text of their model, at a place that does not move."""

import json
from typing import Any

import pytest

from exchange.custom.asking import INGRESSES, MODELS, configure, repairs, request, sent
from gate import CHAT, MESSAGES, RESPONSES, Gate

EXTRA = "Batch your reads."


def system_in(upstream: str, body: dict[str, Any]) -> object:
    """The system text as that upstream reads it."""
    if upstream == "chat":
        return [turn["content"] for turn in body["messages"] if turn["role"] in ("system", "developer")]
    if upstream == "messages":
        return body["system"]
    leading = [item["content"] for item in body["input"] if item["role"] in ("system", "developer")]
    return [body.get("instructions"), *leading]


@pytest.mark.parametrize("ingress", INGRESSES)
@pytest.mark.parametrize("upstream", MODELS)
async def test_it_is_appended_on_every_route(gate: Gate, ingress: str, upstream: str) -> None:
    """After the client's own system text, where there is one, else alone."""
    model = MODELS[upstream]
    await configure(gate, extraPrompts={model: EXTRA})
    body = await sent(gate, *request(ingress, model, "Hi", system="Be brief."))
    said = json.dumps(system_in(upstream, body))
    assert said.index("Be brief.") < said.index(EXTRA)
    assert said.count(EXTRA) == 1
    body = await sent(gate, *request(ingress, model, "Hi"))
    assert EXTRA in json.dumps(system_in(upstream, body))
    assert "extra-prompt" in await repairs(gate)


@pytest.mark.parametrize("ingress", INGRESSES)
@pytest.mark.parametrize("upstream", MODELS)
async def test_a_longer_history_begins_with_the_shorter_one(gate: Gate, ingress: str, upstream: str) -> None:
    """So that the prompt cache keeps fitting."""
    model = MODELS[upstream]
    await configure(gate, extraPrompts={model: EXTRA})
    first = await sent(gate, *request(ingress, model, "One", system="s"))
    second = await sent(gate, *request(ingress, model, "One", "Yes.", "Two", system="s"))
    turns = "input" if upstream == "responses" else "messages"
    assert system_in(upstream, first) == system_in(upstream, second)
    assert second[turns][: len(first[turns])] == first[turns]


async def test_blocks_of_the_system_text_keep_their_cache_marks(gate: Gate) -> None:
    """The text is a block of its own after them."""
    await configure(gate, extraPrompts={"claude-sonnet-4.6": EXTRA})
    block = {"type": "text", "text": "s", "cache_control": {"type": "ephemeral"}}
    _, body = request("messages", "claude-sonnet-4.6", "Hi")
    reached = await sent(gate, MESSAGES, {**body, "system": [block]})
    assert reached["system"] == [block, {"type": "text", "text": EXTRA}]


async def test_on_chat_it_follows_the_leading_system_turns(gate: Gate) -> None:
    """In their role; a system turn further down is history."""
    await configure(gate, extraPrompts={"gpt-5-mini": EXTRA})
    lead = [{"role": "system", "content": "a"}, {"role": "developer", "content": "b"}]
    rest = [{"role": "user", "content": "Hi"}, {"role": "system", "content": "c"}]
    reached = await sent(gate, CHAT, {"model": "gpt-5-mini", "messages": [*lead, *rest]})
    assert reached["messages"] == [*lead, {"role": "developer", "content": EXTRA}, *rest]


async def test_without_instructions_it_follows_the_leading_items(gate: Gate) -> None:
    """Codex has its system text in a developer item."""
    await configure(gate, extraPrompts={"gpt-5.5": EXTRA})
    lead = {
        "type": "message",
        "role": "developer",
        "content": [{"type": "input_text", "text": "You are Codex."}],
    }
    turn = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Hi"}]}
    reached = await sent(gate, RESPONSES, {"model": "gpt-5.5", "input": [lead, turn]})
    extra = {"type": "message", "role": "developer", "content": [{"type": "input_text", "text": EXTRA}]}
    assert reached["input"] == [lead, extra, turn]
    assert "instructions" not in reached


async def test_it_is_counted_too(gate: Gate) -> None:
    """What is sent must be what was counted."""
    await configure(gate, extraPrompts={"claude-sonnet-4.6": EXTRA})
    _, body = request("messages", "claude-sonnet-4.6", "Hi", system="s")
    body.pop("max_tokens")
    reached = await sent(gate, "/v1/messages/count_tokens", body)
    assert reached["system"] == f"s\n\n{EXTRA}"


async def test_the_name_that_was_asked_for_is_a_key_too(gate: Gate) -> None:
    """The resolved id comes first; an empty text switches it off."""
    await configure(gate, extraPrompts={"mine": EXTRA}, modelMapping={"mine": "gpt-5-mini"})
    body = await sent(gate, *request("responses", "mine", "Hi"))
    assert body["instructions"] == EXTRA
    await configure(gate, extraPrompts={"mine": EXTRA, "gpt-5-mini": ""})
    body = await sent(gate, *request("responses", "mine", "Hi"))
    assert "instructions" not in body
    assert await repairs(gate) == []


async def test_other_models_and_embeddings_stay_as_they_are(gate: Gate) -> None:
    """Only the model that has a text gets one."""
    await configure(gate, extraPrompts={"gpt-5.5": EXTRA, "text-embedding-3-small": EXTRA})
    body = await sent(gate, *request("responses", "gpt-5-mini", "Hi"))
    assert "instructions" not in body
    body = await sent(gate, "/v1/embeddings", {"model": "text-embedding-3-small", "input": ["a"]})
    assert body == {"model": "text-embedding-3-small", "input": ["a"]}
