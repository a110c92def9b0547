"""anthropic-sdk-python on /v1/messages, its counter and the models list."""

from typing import Any

import anthropic
import pytest

from live import PIXEL
from sdk.watching import Copilot

MODEL = "claude-sonnet-4.6"
TOOLS: list[Any] = [
    {"name": "read", "input_schema": {"type": "object", "properties": {"path": {"type": "string"}}}}
]
CALLS = '[[sim: thinking="which file?"; tool=read{"path":"a"}; tool=read{"path":"b"} || text="both read"]]'


def _said(words: str) -> list[Any]:
    return [{"role": "user", "content": words}]


def test_a_whole_answer_has_its_text_and_the_usage_that_was_billed(
    anthropic_client: anthropic.Anthropic, copilot: Copilot
) -> None:
    """The SDK reads text, stop reason and usage; usage is what upstream counted."""
    words = '[[sim: text="a heron"; input_tokens=100; cached=40; cache_written=10; output_tokens=6]]'
    reply = anthropic_client.messages.create(model=MODEL, max_tokens=100, messages=_said(words))
    assert [block.text for block in reply.content if block.type == "text"] == ["a heron"]
    assert reply.stop_reason == "end_turn"
    usage = reply.usage
    assert (usage.input_tokens, usage.cache_read_input_tokens, usage.cache_creation_input_tokens) == (
        50,
        40,
        10,
    )
    assert usage.output_tokens == 6
    (bill,) = copilot.billed()
    assert (bill["input"], bill["cache_read"], bill["cache_write"], bill["output"]) == (50, 40, 10, 6)
    assert [request.initiator for request in copilot.requests()] == ["user"]


def test_a_stream_is_assembled_by_the_sdk(anthropic_client: anthropic.Anthropic, copilot: Copilot) -> None:
    """The SDK's accumulator sees the text and the final usage."""
    words = '[[sim: text="one two three"; chunks=4; input_tokens=60; output_tokens=8]]'
    with anthropic_client.messages.stream(model=MODEL, max_tokens=100, messages=_said(words)) as stream:
        pieces = list(stream.text_stream)
        whole = stream.get_final_message()
    assert len(pieces) == 4
    assert "".join(pieces) == "one two three"
    assert (whole.usage.input_tokens, whole.usage.output_tokens) == (60, 8)
    (bill,) = copilot.billed()
    assert (bill["input"], bill["output"]) == (60, 8)


@pytest.mark.parametrize("model", ["claude-sonnet-4.6", "claude-opus-4.8", "claude-haiku-4-5-20251001"])
@pytest.mark.parametrize("is_stream", [False, True])
def test_thinking_replays_in_a_tool_loop_with_parallel_calls(
    anthropic_client: anthropic.Anthropic, copilot: Copilot, model: str, is_stream: bool
) -> None:
    """The signature comes back as upstream gave it, which the simulator checks; the second turn is the agent's."""
    thinking: Any = {"type": "enabled", "budget_tokens": 1024} if "haiku" in model else {"type": "adaptive"}
    options: dict[str, Any] = {"model": model, "max_tokens": 4096, "tools": TOOLS, "thinking": thinking}
    messages = _said(CALLS)
    if is_stream:
        with anthropic_client.messages.stream(messages=messages, **options) as stream:
            first: Any = stream.get_final_message()
    else:
        first = anthropic_client.messages.create(messages=messages, **options)
    assert [block.type for block in first.content] == ["thinking", "tool_use", "tool_use"]
    assert first.stop_reason == "tool_use"
    calls = [block for block in first.content if block.type == "tool_use"]
    assert [call.input for call in calls] == [{"path": "a"}, {"path": "b"}]
    messages.append({"role": "assistant", "content": first.content})
    results = [{"type": "tool_result", "tool_use_id": call.id, "content": "done"} for call in calls]
    messages.append({"role": "user", "content": results})
    second = anthropic_client.messages.create(messages=messages, **options)
    assert [block.text for block in second.content if block.type == "text"] == ["both read"]
    requests = copilot.requests()
    assert [request.status for request in requests] == [200, 200]
    assert [request.initiator for request in requests] == ["user", "agent"]
    assert requests[0].interaction_id == requests[1].interaction_id
    assert requests[1].body["messages"][1]["content"][0]["signature"] == first.content[0].signature


def test_an_image_in_a_tool_result_is_announced_to_upstream(
    anthropic_client: anthropic.Anthropic, copilot: Copilot
) -> None:
    """A base64 image passes, with the header Copilot asks for."""
    image: Any = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PIXEL}}
    content: list[Any] = [image, {"type": "text", "text": '[[sim: text="a pixel"]]'}]
    reply = anthropic_client.messages.create(
        model=MODEL, max_tokens=100, messages=[{"role": "user", "content": content}]
    )
    assert [block.text for block in reply.content if block.type == "text"] == ["a pixel"]
    (request,) = copilot.requests()
    assert request.headers["copilot-vision-request"] == "true"


def test_tokens_are_counted_without_a_bill(anthropic_client: anthropic.Anthropic, copilot: Copilot) -> None:
    """Copilot's own counter answers and nothing is billed."""
    count = anthropic_client.messages.count_tokens(model=MODEL, messages=_said("How long is this?"))
    assert count.input_tokens > 0
    assert copilot.billed() == []
    assert [request.path for request in copilot.requests()] == ["/v1/messages/count_tokens"]
    assert [request.initiator for request in copilot.requests()] == ["agent"]


def test_the_tool_runner_goes_on_without_message_threads(
    anthropic_client: anthropic.Anthropic, copilot: Copilot
) -> None:
    """Copilot keeps no threads: told so in the SDK's own code, the runner sends whole histories instead."""

    @anthropic.beta_tool
    def read(path: str) -> str:
        """Read a file."""
        return f"contents of {path}"

    words = '[[sim: tool=read{"path":"a"} || tool=read{"path":"b"} || text="both read"]]'
    runner = anthropic_client.beta.messages.tool_runner(
        model=MODEL, max_tokens=100, tools=[read], messages=_said(words)
    )
    last = runner.until_done()
    assert [block.text for block in last.content if block.type == "text"] == ["both read"]
    requests = copilot.requests()
    assert [request.status for request in requests] == [200, 200, 200]
    assert [len(request.body["messages"]) for request in requests] == [1, 3, 5]
    assert [request.initiator for request in requests] == ["user", "agent", "agent"]


def test_models_are_listed_in_anthropics_shape(anthropic_client: anthropic.Anthropic) -> None:
    """The caller's `anthropic-version` header chooses the shape; the SDK pages through all of it."""
    models = list(anthropic_client.models.list())
    assert "claude-opus-4.8" in {model.id for model in models}
    assert {model.type for model in models} == {"model"}
    assert anthropic_client.models.retrieve("claude-opus-4.8").display_name == "Claude Opus 4.8"


async def test_the_asynchronous_client_streams(async_anthropic_client: anthropic.AsyncAnthropic) -> None:
    """The asynchronous client reads the same stream."""
    async with async_anthropic_client.messages.stream(
        model=MODEL, max_tokens=100, messages=_said('[[sim: text="a heron"; chunks=3]]')
    ) as stream:
        text = await stream.get_final_text()
    assert text == "a heron"


@pytest.mark.parametrize("end", ["cut_after", "end_after"])
def test_a_cut_stream_raises(anthropic_client: anthropic.Anthropic, end: str) -> None:
    """Half an answer is an error to the SDK, whether upstream broke off or just stopped."""
    with (
        pytest.raises(anthropic.APIError),
        anthropic_client.messages.stream(
            model=MODEL, max_tokens=100, messages=_said(f'[[sim: text="never whole"; chunks=6; {end}=4]]')
        ) as stream,
    ):
        for _ in stream:
            pass


def test_an_error_inside_a_stream_raises(anthropic_client: anthropic.Anthropic) -> None:
    """An upstream error after the first bytes reaches the SDK as an error."""
    with (
        pytest.raises(anthropic.APIError),
        anthropic_client.messages.stream(
            model=MODEL,
            max_tokens=100,
            messages=_said('[[sim: text="never whole"; chunks=6; error_after=4]]'),
        ) as stream,
    ):
        for _ in stream:
            pass
