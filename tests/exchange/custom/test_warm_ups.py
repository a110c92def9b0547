"""A client's warm-up goes to `smallModel`; a request that anybody might mean never does."""

from typing import Any

import pytest

from exchange.custom.asking import configure, repairs, sent
from gate import CHAT, MESSAGES, Gate

QUOTA = {"model": "claude-haiku-4-5", "max_tokens": 1, "messages": [{"role": "user", "content": "quota"}]}
TEST = {**QUOTA, "temperature": 1, "messages": [{"role": "user", "content": "test"}]}
WARM_UP = {
    "model": "claude-sonnet-4-6",
    "max_tokens": 32000,
    "stream": True,
    "system": [{"type": "text", "text": "You explore."}],
    "messages": [{"role": "user", "content": [{"type": "text", "text": "Warmup"}]}],
}
ATTRIBUTION = [{"type": "text", "text": "x-anthropic-billing-header: cc_version=2.1.330;"}]


@pytest.mark.parametrize(
    "body", [QUOTA, TEST, WARM_UP, {**QUOTA, "system": ATTRIBUTION, "metadata": {"user_id": "u"}}]
)
async def test_a_warm_up_goes_to_the_small_model(gate: Gate, body: dict[str, Any]) -> None:
    """The answer's headers say both names, and no human is said to have asked."""
    status, headers, _ = await gate.post(MESSAGES, body)
    assert status == 200
    assert headers["x-copilot-api-requested-model"] == body["model"]
    assert headers["x-copilot-api-mapped-model"] == "gpt-5-mini"
    (reached,) = gate.inference_requests()
    assert str(reached["path"]).endswith("/responses")
    assert reached["headers"]["x-initiator"] == "agent"  # type: ignore[index]  # a JSON object
    assert "small-model" in await repairs(gate)


MEANT: list[dict[str, Any]] = [
    {**QUOTA, "messages": [{"role": "user", "content": "."}]},  # is this model there?
    {**QUOTA, "messages": [{"role": "user", "content": "Hi"}]},
    {**QUOTA, "max_tokens": 2},
    {**QUOTA, "stream": True},
    {**QUOTA, "system": "Answer with one letter."},
    {**QUOTA, "tools": [{"name": "f", "input_schema": {"type": "object", "properties": {}}}]},
    {**QUOTA, "messages": [*QUOTA["messages"], {"role": "assistant", "content": "a"}, *QUOTA["messages"]]},  # type: ignore[misc]
    {**WARM_UP, "tools": [{"name": "f", "input_schema": {"type": "object", "properties": {}}}]},
    {**WARM_UP, "messages": [{"role": "user", "content": "Warmup exercises for runners"}]},
    {
        "model": "claude-sonnet-4.6",
        "max_tokens": 99,
        "messages": [{"role": "user", "content": "Name this conversation."}],
    },
]


@pytest.mark.parametrize("body", MEANT)
async def test_nothing_else_does(gate: Gate, body: dict[str, Any]) -> None:
    """A beta header and no tools are no sign of a warm-up."""
    reached = await sent(gate, MESSAGES, body, {"anthropic-beta": "context-1m-2025-08-07"})
    assert reached["model"] in ("claude-haiku-4.5", "claude-sonnet-4.6")
    assert "small-model" not in await repairs(gate)


async def test_other_protocols_and_the_counter_have_no_warm_ups(gate: Gate) -> None:
    """No client of theirs sends any."""
    turns = QUOTA["messages"]
    reached = await sent(gate, CHAT, {"model": "gpt-4.1", "max_tokens": 1, "messages": turns})
    assert reached["model"] == "gpt-4.1"
    count = {"model": "claude-haiku-4-5", "messages": turns}
    reached = await sent(gate, "/v1/messages/count_tokens", count)
    assert reached["model"] == "claude-haiku-4.5"


@pytest.mark.parametrize("small", ["no-such-model", "text-embedding-3-small"])
async def test_without_a_usable_small_model_the_named_one_answers(gate: Gate, small: str) -> None:
    """A warm-up never fails for the lack of it."""
    await configure(gate, smallModel=small)
    reached = await sent(gate, MESSAGES, QUOTA)
    assert reached["model"] == "claude-haiku-4.5"


async def test_the_small_model_may_be_an_alias(gate: Gate) -> None:
    """It is resolved as every name is."""
    await configure(gate, smallModel="tiny", modelMapping={"tiny": "gpt-4.1"})
    reached = await sent(gate, MESSAGES, QUOTA)
    assert reached["model"] == "gpt-4.1"
