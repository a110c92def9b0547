"""openai-python on /v1/responses."""

from typing import Any

import openai
import pytest

from live import PIXEL
from sdk.watching import Copilot

MODEL = "gpt-5.5"
TOOLS: list[Any] = [
    {
        "type": "function",
        "name": "read",
        "strict": False,
        "parameters": {"type": "object", "properties": {"path": {"type": "string"}}},
    }
]
REASONED_CALLS = (
    '[[sim: thinking="which file?"; tool=read{"path":"a"}; tool=read{"path":"b"} '
    '|| thinking="now I know"; text="both read"]]'
)


def test_a_whole_answer_has_its_text_and_the_usage_that_was_billed(
    openai_client: openai.OpenAI, copilot: Copilot
) -> None:
    """The SDK reads text, status and usage; usage is what upstream counted."""
    reply = openai_client.responses.create(
        model=MODEL, input='[[sim: text="a heron"; thinking=no; input_tokens=90; cached=30; output_tokens=5]]'
    )
    assert reply.output_text == "a heron"
    assert reply.status == "completed"
    assert reply.usage is not None
    assert (reply.usage.input_tokens, reply.usage.output_tokens) == (90, 5)
    assert reply.usage.input_tokens_details.cached_tokens == 30
    (bill,) = copilot.billed()
    assert (bill["input"], bill["cache_read"], bill["output"]) == (60, 30, 5)


def test_a_stream_has_stable_item_ids(openai_client: openai.OpenAI) -> None:
    """Copilot rotates item ids on every event; a client must see one id for each item."""
    ids: dict[int, set[str]] = {}
    text, final = "", None
    with openai_client.responses.create(
        model=MODEL, input='[[sim: thinking; text="one two three"; chunks=4]]', stream=True
    ) as stream:
        for event in stream:
            if event.type == "response.output_text.delta":
                text += event.delta
                ids.setdefault(event.output_index, set()).add(event.item_id)
            elif event.type in ("response.output_item.added", "response.output_item.done"):
                ids.setdefault(event.output_index, set()).add(event.item.id or "")
            elif event.type == "response.completed":
                final = event.response
    assert text == "one two three"
    assert final is not None
    assert {index: len(seen) for index, seen in ids.items()} == {0: 1, 1: 1}
    assert [ids[0], ids[1]] == [{final.output[0].id}, {final.output[1].id}]


@pytest.mark.parametrize("is_stream", [False, True])
def test_reasoning_replays_in_a_tool_loop(
    openai_client: openai.OpenAI, copilot: Copilot, is_stream: bool
) -> None:
    """The (id, encrypted_content) pair of a reasoning item comes back as upstream gave it: the simulator checks it."""
    items: list[Any] = [{"role": "user", "content": REASONED_CALLS}]
    options: dict[str, Any] = {
        "model": MODEL, "tools": TOOLS, "include": ["reasoning.encrypted_content"], "store": False
    }  # fmt: skip
    if is_stream:
        with openai_client.responses.stream(input=items, **options) as stream:
            first: Any = stream.get_final_response()
    else:
        first = openai_client.responses.create(input=items, **options)
    calls = [item for item in first.output if item.type == "function_call"]
    assert [item.type for item in first.output] == ["reasoning", "function_call", "function_call"]
    assert [call.arguments for call in calls] == ['{"path":"a"}', '{"path":"b"}']
    items += [item.model_dump(exclude_none=True, exclude={"parsed_arguments"}) for item in first.output]
    items += [{"type": "function_call_output", "call_id": call.call_id, "output": "done"} for call in calls]
    second = openai_client.responses.create(input=items, **options)
    assert second.output_text == "both read"
    requests = copilot.requests()
    assert [request.status for request in requests] == [200, 200]
    assert [request.initiator for request in requests] == ["user", "agent"]
    assert requests[0].interaction_id == requests[1].interaction_id
    assert [item["type"] for item in requests[1].body["input"] if item.get("type") == "reasoning"] == [
        "reasoning"
    ]


def test_an_image_is_announced_to_upstream(openai_client: openai.OpenAI, copilot: Copilot) -> None:
    """A data-URL image passes, with the header Copilot asks for."""
    content: list[Any] = [
        {"type": "input_text", "text": '[[sim: text="a pixel"]]'},
        {"type": "input_image", "detail": "auto", "image_url": f"data:image/png;base64,{PIXEL}"},
    ]
    reply = openai_client.responses.create(model=MODEL, input=[{"role": "user", "content": content}])
    assert reply.output_text == "a pixel"
    (request,) = copilot.requests()
    assert request.headers["copilot-vision-request"] == "true"


def test_storing_is_not_offered_yet_not_fatal(openai_client: openai.OpenAI, copilot: Copilot) -> None:
    """Copilot refuses `store: true`, which the SDK's users send: it is taken out before sending."""
    reply = openai_client.responses.create(model=MODEL, input='[[sim: text="kept nowhere"]]', store=True)
    assert reply.output_text == "kept nowhere"
    (request,) = copilot.requests()
    assert request.body.get("store") is not True


async def test_the_asynchronous_client_streams(async_openai_client: openai.AsyncOpenAI) -> None:
    """The asynchronous client's accumulator accepts the stream."""
    async with async_openai_client.responses.stream(
        model=MODEL, input='[[sim: text="a heron"; chunks=3]]'
    ) as stream:
        final = await stream.get_final_response()
    assert final.output_text == "a heron"


@pytest.mark.parametrize("end", ["cut_after", "end_after"])
def test_a_cut_stream_fails_and_never_completes(openai_client: openai.OpenAI, end: str) -> None:
    """Half an answer ends in `response.failed`, which is how this SDK's users are told; there is no final response."""
    words = f'[[sim: text="never whole"; chunks=6; {end}=8]]'
    with openai_client.responses.create(model=MODEL, input=words, stream=True) as events:
        last = list(events)[-1]
    assert last.type == "response.failed"
    assert last.response.status == "failed"
    assert last.response.error is not None
    assert last.response.error.message
    with (
        openai_client.responses.stream(model=MODEL, input=words) as stream,
        pytest.raises(RuntimeError, match=r"response\.completed"),
    ):
        stream.get_final_response()
