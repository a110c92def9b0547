"""openai-python on /v1/chat/completions, against the gateway and the simulated Copilot."""

from typing import Any

import openai
import pytest

from live import PIXEL
from sdk.watching import Copilot

MODEL = "gpt-5.1"
TOOLS: list[Any] = [
    {
        "type": "function",
        "function": {
            "name": "read",
            "parameters": {"type": "object", "properties": {"path": {"type": "string"}}},
        },
    }
]
TWO_CALLS = '[[sim: tool=read{"path":"a"}; tool=read{"path":"b"} || text="both read"]]'


def _said(words: str) -> list[Any]:
    return [{"role": "user", "content": words}]


def test_a_whole_answer_has_its_text_and_the_usage_that_was_billed(
    openai_client: openai.OpenAI, copilot: Copilot
) -> None:
    """The SDK reads text, finish and usage; usage is what upstream counted."""
    reply = openai_client.chat.completions.create(
        model=MODEL, messages=_said('[[sim: text="a heron"; input_tokens=120; cached=20; output_tokens=7]]')
    )
    assert reply.choices[0].message.content == "a heron"
    assert reply.choices[0].finish_reason == "stop"
    assert reply.usage is not None
    assert (reply.usage.prompt_tokens, reply.usage.completion_tokens) == (120, 7)
    assert reply.usage.prompt_tokens_details is not None
    assert reply.usage.prompt_tokens_details.cached_tokens == 20
    (bill,) = copilot.billed()
    assert (bill["input"], bill["cache_read"], bill["output"]) == (100, 20, 7)
    assert [request.initiator for request in copilot.requests()] == ["user"]


def test_a_stream_has_the_same_text_and_usage(openai_client: openai.OpenAI, copilot: Copilot) -> None:
    """Deltas join to the text; the usage chunk says what was billed."""
    text, usage, finish = "", None, None
    with openai_client.chat.completions.create(
        model=MODEL,
        messages=_said('[[sim: text="one two three"; chunks=5; input_tokens=50; output_tokens=9]]'),
        stream=True,
        stream_options={"include_usage": True},
    ) as stream:
        for chunk in stream:
            usage = chunk.usage or usage
            for choice in chunk.choices:
                text += choice.delta.content or ""
                finish = choice.finish_reason or finish
    assert text == "one two three"
    assert finish == "stop"
    assert usage is not None
    assert (usage.prompt_tokens, usage.completion_tokens) == (50, 9)
    (bill,) = copilot.billed()
    assert (bill["input"], bill["output"]) == (50, 9)


@pytest.mark.parametrize("model", ["gpt-5.1", "claude-sonnet-4.6", "gemini-3-flash-preview"])
def test_a_tool_loop_with_parallel_calls_ends_in_its_answer(
    openai_client: openai.OpenAI, copilot: Copilot, model: str
) -> None:
    """Both calls arrive whole, their results go back, and the second turn is the agent's in the same interaction."""
    messages = _said(TWO_CALLS)
    first = openai_client.chat.completions.create(model=model, messages=messages, tools=TOOLS)
    calls = [
        call
        for choice in first.choices
        for call in choice.message.tool_calls or []
        if call.type == "function"
    ]
    assert [call.function.arguments for call in calls] == ['{"path":"a"}', '{"path":"b"}']
    assert first.choices[0].finish_reason == "tool_calls"
    messages.append(first.choices[0].message.model_dump(exclude_none=True))
    messages += [{"role": "tool", "tool_call_id": call.id, "content": "done"} for call in calls]
    second = openai_client.chat.completions.create(model=model, messages=messages, tools=TOOLS)
    assert second.choices[0].message.content == "both read"
    requests = copilot.requests()
    assert [request.status for request in requests] == [200, 200]
    assert [request.initiator for request in requests] == ["user", "agent"]
    assert requests[0].interaction_id == requests[1].interaction_id


@pytest.mark.parametrize("model", ["gpt-5.1", "claude-sonnet-4.6", "gemini-3-flash-preview"])
def test_streamed_parallel_calls_are_assembled_by_the_sdk(openai_client: openai.OpenAI, model: str) -> None:
    """The SDK's own accumulator sees two calls with whole arguments in one choice."""
    with openai_client.chat.completions.stream(model=model, messages=_said(TWO_CALLS), tools=TOOLS) as stream:
        whole = stream.get_final_completion()
    calls = whole.choices[0].message.tool_calls or []
    assert [call.function.arguments for call in calls] == ['{"path":"a"}', '{"path":"b"}']
    assert len(whole.choices) == 1


def test_an_image_is_announced_to_upstream(openai_client: openai.OpenAI, copilot: Copilot) -> None:
    """A data-URL image passes, with the header Copilot asks for."""
    content: Any = [
        {"type": "text", "text": '[[sim: text="a pixel"]]'},
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PIXEL}"}},
    ]
    reply = openai_client.chat.completions.create(
        model=MODEL,
        messages=[{"role": "user", "content": content}],
    )
    assert reply.choices[0].message.content == "a pixel"
    (request,) = copilot.requests()
    assert request.headers["copilot-vision-request"] == "true"


async def test_the_asynchronous_client_streams(async_openai_client: openai.AsyncOpenAI) -> None:
    """The asynchronous client reads the same stream."""
    stream = await async_openai_client.chat.completions.create(
        model=MODEL, messages=_said('[[sim: text="a heron"; chunks=3]]'), stream=True
    )
    async with stream:
        text = "".join([chunk.choices[0].delta.content or "" async for chunk in stream if chunk.choices])
    assert text == "a heron"


@pytest.mark.parametrize("end", ["cut_after", "end_after"])
def test_a_cut_stream_raises(openai_client: openai.OpenAI, end: str) -> None:
    """Half an answer is an error to the SDK, whether upstream broke off or just stopped."""
    with (
        pytest.raises(openai.APIError),
        openai_client.chat.completions.create(
            model=MODEL, messages=_said(f'[[sim: text="never whole"; chunks=6; {end}=3]]'), stream=True
        ) as stream,
    ):
        for _ in stream:
            pass


def test_an_error_inside_a_stream_raises(openai_client: openai.OpenAI) -> None:
    """An upstream error after the first bytes reaches the SDK as an error."""
    with (
        pytest.raises(openai.APIError),
        openai_client.chat.completions.create(
            model=MODEL, messages=_said('[[sim: text="never whole"; chunks=6; error_after=3]]'), stream=True
        ) as stream,
    ):
        for _ in stream:
            pass
