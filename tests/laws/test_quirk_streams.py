"""Laws of the answer repairs over every recorded stream: splitting, twice is once, and the official SDKs agree."""

import json
from typing import cast

import httpx2
import pytest
from anthropic import Anthropic
from anthropic.types import MessageParam
from hypothesis import given
from hypothesis import strategies as st
from openai import OpenAI

import recorded
from copilot_api.copilot.quirks import QuirkContext, QuirkRoute, before_send
from copilot_api.wire.body import Body
from unit.quirks.streams import events, model_for, repaired

REPAIRABLE = [name for name in recorded.STREAM_NAMES if name != "chat-whitespace-args"]


def route_of(name: str) -> QuirkRoute:
    return cast(QuirkRoute, recorded.protocol_of(name))


@pytest.mark.parametrize("name", REPAIRABLE)
def test_repairing_twice_is_repairing_once(name: str) -> None:
    """repair(repair(x)) == repair(x)."""
    once = repaired(route_of(name), recorded.stream(name), model_for(name))
    assert repaired(route_of(name), once, model_for(name)) == once


@pytest.mark.parametrize("name", REPAIRABLE)
@given(step=st.integers(1, 400))
def test_any_split_of_the_stream_gives_the_same_answer(name: str, step: int) -> None:
    """L2: chunk borders mean nothing."""
    stream, route, model = recorded.stream(name), route_of(name), model_for(name)
    assert repaired(route, stream, model, step) == repaired(route, stream, model)


def complete(prefix: str) -> list[str]:
    cut = ("error", "truncated", "failed", "incomplete")
    return [name for name in REPAIRABLE if name.startswith(prefix) and not any(word in name for word in cut)]


def answering(name: str) -> httpx2.Client:
    """A transport that answers every request with the repaired stream; no network."""
    body = repaired(route_of(name), recorded.stream(name), model_for(name))
    head = {"content-type": "text/event-stream"}
    return httpx2.Client(
        transport=httpx2.MockTransport(lambda _: httpx2.Response(200, headers=head, content=body))
    )


@pytest.mark.parametrize("name", complete("chat"))
def test_the_openai_sdk_accumulates_every_chat_stream(name: str) -> None:
    """One choice, a finish reason, calls with whole arguments, no id that is empty."""
    with answering(name) as http, OpenAI(api_key="k", base_url="http://sdk", http_client=http) as client:
        chunks = list(client.chat.completions.create(model="m", messages=[], stream=True))
    assert len({(chunk.id, chunk.model, chunk.object) for chunk in chunks}) == 1
    assert all(chunk.id and chunk.object == "chat.completion.chunk" for chunk in chunks)
    choices = [choice for chunk in chunks for choice in chunk.choices]
    assert {choice.index for choice in choices} == {0}
    (reason,) = [choice.finish_reason for choice in choices if choice.finish_reason]
    calls: dict[int, str] = {}
    for call in [call for choice in choices for call in choice.delta.tool_calls or []]:
        assert call.function is not None
        calls[call.index] = calls.get(call.index, "") + (call.function.arguments or "")
    assert (reason == "tool_calls") == bool(calls)
    assert list(calls) == list(range(len(calls)))
    assert all(isinstance(json.loads(arguments), dict) for arguments in calls.values())


@pytest.mark.parametrize("name", complete("responses"))
def test_the_openai_sdk_accumulates_every_responses_stream(name: str) -> None:
    """Each delta finds its item, and the final response holds what was streamed."""
    with (
        answering(name) as http,
        OpenAI(api_key="k", base_url="http://sdk", http_client=http) as client,
        client.responses.stream(model="m", input="x") as stream,
    ):
        seen = list(stream)
        final = stream.get_final_response()
    done = [event.item.id for event in seen if event.type == "response.output_item.done"]
    assert [item.id for item in final.output] == done
    assert {event.item_id for event in seen if event.type.endswith(".delta")} <= set(done)


@pytest.mark.parametrize("name", complete("messages"))
def test_the_anthropic_sdk_accumulates_every_messages_stream(name: str) -> None:
    """The stop reason arrives, and with it the blocks."""
    ask: list[MessageParam] = [{"role": "user", "content": "x"}]
    with (
        answering(name) as http,
        Anthropic(api_key="k", base_url="http://sdk", http_client=http) as client,
        client.messages.stream(model="m", max_tokens=1, messages=ask) as stream,
    ):
        message = stream.get_final_message()
    assert message.stop_reason in ("end_turn", "tool_use", "refusal", "pause_turn")
    assert message.content or message.stop_reason == "refusal"


def test_what_a_client_replays_is_what_upstream_gave() -> None:
    """The finished pair of id and ciphertext survives the way out and back, in every recorded answer."""
    for name in complete("responses"):
        given = [
            event["item"] for event in events(recorded.stream(name)) if event["type"].endswith("item.done")
        ]
        shown = [
            event["item"]
            for event in events(repaired("responses", recorded.stream(name)))
            if event["type"].endswith("item.done")
        ]
        body = Body(json.dumps({"input": shown}).encode())
        before_send("responses", body, QuirkContext(model=model_for(name)))
        back = json.loads(body.encode())["input"]
        bare = [{k: v for k, v in item.items() if k != "id" or item["type"] == "reasoning"} for item in given]
        assert back == bare
