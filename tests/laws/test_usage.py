"""L8: a tap counts what the official SDKs count, from the same bytes."""

import anthropic
import httpx2
import msgspec
import openai
import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot_api.neutral.usage import Usage
from copilot_api.protocols.base import Tap
from copilot_api.wire.sse import Frame, SseDecoder
from laws.taps import new_tap
from recorded import STREAM_NAMES, protocol_of, reply, stream

Counts = tuple[int, int, int, int]
"""Input, output, read from a cache, reasoning."""

EXPECTED: dict[str, Counts | None] = {
    "chat-annotations": (5, 6, 0, 0),
    "chat-azure-text": (21, 4, 0, 0),
    "chat-azure-tools": (88, 41, 64, 0),
    "chat-claude-split-choices": (569, 54, 0, 0),
    "chat-claude-thinking": (51, 62, 0, 7),
    "chat-content-filter": None,
    "chat-gemini-opaque-no-text": (19581, 53, 17068, 134),
    "chat-gemini-opaque-with-first-text": (19581, 53, 17068, 134),
    "chat-gemini-parallel-tools": (19581, 53, 17068, 134),
    "chat-gemini-stop-with-tools": (19581, 53, 17068, 134),
    "chat-gemini-text": (19581, 53, 17068, 134),
    "chat-inline-error": None,
    "chat-length": (12, 3, 0, 0),
    "chat-stop-with-tools": (30, 9, 0, 0),
    "chat-truncated-no-done": None,
    "chat-whitespace-args": (30, 500, 0, 0),
    "messages-anthropic-text-ping": (16, 4, 0, 0),
    "messages-bedrock-text": (16, 17, 0, 0),
    "messages-context-edit": (632, 9, 0, 0),
    "messages-midstream-error": (16, 3, 0, 0),
    "messages-omitted-thinking": (40, 30, 0, 24),
    "messages-refusal": (30, 1, 0, 0),
    "messages-stray-done": (16, 4, 0, 0),
    "messages-thinking-tool": (1771, 154, 1202, 71),
    "messages-tool-search": (1608, 139, 0, 0),
    "messages-truncated": (16, 3, 0, 0),
    "responses-error-event": None,
    "responses-failed": None,
    "responses-incomplete": (1202, 87, 1024, 64),
    "responses-reasoning-tool": (1202, 87, 1024, 64),
    "responses-summary-only-in-done": (1202, 87, 1024, 64),
    "responses-text": (1202, 87, 1024, 64),
}
REPLIES: dict[str, Counts] = {
    "chat-azure": (21, 4, 0, 0),
    "chat-claude-split": (569, 54, 0, 0),
    "messages-compaction-nonstream": (84, 5, 0, 0),
    "messages-nonstream": (51, 62, 0, 7),
    "responses-compaction": (1202, 87, 1024, 64),
    "responses-nonstream": (1202, 87, 1024, 64),
}


def tapped(name: str) -> Tap:
    """A tap that has seen a recorded stream."""
    tap = new_tap(name)
    for frame in SseDecoder().feed(stream(name)):
        tap.feed(frame)
    return tap


def counts(usage: Usage | None) -> Counts | None:
    """The four counts of a usage."""
    if usage is None:
        return None
    return usage.input_tokens, usage.output_tokens, usage.cache_read_tokens, usage.reasoning_tokens


def serving(body: bytes, content_type: str) -> httpx2.Client:
    """An HTTP client that answers everything with these bytes."""
    answer = httpx2.Response(200, headers={"content-type": content_type}, content=body)
    return httpx2.Client(transport=httpx2.MockTransport(lambda request: answer))


def openai_client(body: bytes, content_type: str) -> openai.OpenAI:
    """The official OpenAI client, answered with these bytes."""
    http = serving(body, content_type)
    return openai.OpenAI(api_key="k", base_url="http://127.0.0.1/v1", http_client=http, max_retries=0)


def anthropic_client(body: bytes, content_type: str) -> anthropic.Anthropic:
    """The official Anthropic client, answered with these bytes."""
    http = serving(body, content_type)
    return anthropic.Anthropic(api_key="k", base_url="http://127.0.0.1", http_client=http, max_retries=0)


def chat_counts(usage: object) -> Counts | None:
    """What the OpenAI SDK says a chat answer used; Gemini puts reasoning where only extras see it."""
    if not isinstance(usage, openai.types.CompletionUsage):
        return None
    details = usage.completion_tokens_details
    reasoning = (details.reasoning_tokens if details else None) or (usage.model_extra or {}).get(
        "reasoning_tokens", 0
    )
    cached = (usage.prompt_tokens_details.cached_tokens if usage.prompt_tokens_details else None) or 0
    return usage.prompt_tokens, usage.completion_tokens, cached, reasoning


def responses_counts(usage: object) -> Counts | None:
    """What the OpenAI SDK says a Responses answer used."""
    if not isinstance(usage, openai.types.responses.ResponseUsage):
        return None
    cached, reasoning = usage.input_tokens_details.cached_tokens, usage.output_tokens_details.reasoning_tokens
    return usage.input_tokens, usage.output_tokens, cached, reasoning


def messages_counts(usage: anthropic.types.Usage) -> Counts:
    """What the Anthropic SDK says a Messages answer used; its input leaves out what was cached."""
    read, written = usage.cache_read_input_tokens or 0, usage.cache_creation_input_tokens or 0
    details = usage.output_tokens_details
    return (
        usage.input_tokens + read + written,
        usage.output_tokens,
        read,
        (details.thinking_tokens if details else 0),
    )


def sdk_stream_counts(name: str) -> Counts | None:
    """Read a recorded stream through its official SDK."""
    last: Counts | None = None
    if protocol_of(name) == "messages":
        with anthropic_client(stream(name), "text/event-stream").messages.stream(
            model="m", max_tokens=1, messages=[{"role": "user", "content": "hi"}]
        ) as events:
            try:
                for _ in events:
                    last = messages_counts(events.current_message_snapshot.usage)
            except anthropic.APIStatusError:
                assert "error" in name
        return last
    client = openai_client(stream(name), "text/event-stream")
    try:
        if protocol_of(name) == "chat":
            for chunk in client.chat.completions.create(
                model="m", messages=[{"role": "user", "content": "hi"}], stream=True
            ):
                last = chat_counts(chunk.usage) or last
        else:
            for event in client.responses.create(model="m", input="hi", stream=True):
                last = responses_counts(getattr(getattr(event, "response", None), "usage", None)) or last
    except openai.APIError:
        assert "error" in name
    return last


@pytest.mark.parametrize("name", STREAM_NAMES)
def test_a_tap_counts_a_stream_as_the_official_sdk_does(name: str) -> None:
    """And both as the recording says."""
    assert counts(tapped(name).usage) == EXPECTED[name]
    assert sdk_stream_counts(name) == EXPECTED[name]


@pytest.mark.parametrize("name", REPLIES)
def test_a_tap_counts_a_whole_reply_as_the_official_sdk_does(name: str) -> None:
    """The non-streaming form of the same law."""
    tap = new_tap(name)
    tap.read_reply(reply(name))
    assert counts(tap.usage) == REPLIES[name]
    assert tap.is_complete
    if protocol_of(name) == "messages":
        messages = anthropic_client(reply(name), "application/json").messages
        answer = messages.create(model="m", max_tokens=1, messages=[{"role": "user", "content": "hi"}])
        assert messages_counts(answer.usage) == REPLIES[name]
        return
    client = openai_client(reply(name), "application/json")
    if protocol_of(name) == "chat":
        completion = client.chat.completions.create(model="m", messages=[{"role": "user", "content": "hi"}])
        assert chat_counts(completion.usage) == REPLIES[name]
    else:
        assert responses_counts(client.responses.create(model="m", input="hi").usage) == REPLIES[name]


@pytest.mark.parametrize("name", STREAM_NAMES)
def test_a_price_is_the_sum_of_its_lines(name: str) -> None:
    """Copilot's own arithmetic, in whole nano-AIU; the edited context is the one recording it charges otherwise."""
    usage = tapped(name).usage
    if usage is not None and usage.total_nano_aiu is not None and name != "messages-context-edit":
        assert sum(cost.nano_aiu for cost in usage.costs) == usage.total_nano_aiu > 0


@pytest.mark.parametrize("protocol", ["chat", "responses", "messages"])
@given(
    frames=st.lists(
        st.binary(max_size=40).map(lambda data: b"data: " + data + b"\n\n") | st.binary(max_size=40)
    )
)
def test_no_frame_makes_a_tap_raise(protocol: str, frames: list[bytes]) -> None:
    """Whatever passes by."""
    tap = new_tap(protocol)
    for raw in frames:
        tap.feed(Frame(raw))
        tap.read_reply(raw)


KNOWN_NAMES = [
    "type",
    "model",
    "error",
    "usage",
    "response",
    "message",
    "delta",
    "choices",
    "index",
    "finish_reason",
    "output",
    "status",
    "stop_reason",
    "prompt_tokens",
    "output_tokens",
    "copilot_usage",
    "token_details",
    "batch_size",
    "total_nano_aiu",
    "incomplete_details",
]
SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KNOWN_NAMES), inner, max_size=5)
    ),
    max_leaves=12,
)


@pytest.mark.parametrize("protocol", ["chat", "responses", "messages"])
@given(document=VALUES)
def test_no_document_makes_a_tap_raise(protocol: str, document: object) -> None:
    """Known names with values of any type."""
    raw = msgspec.json.encode(document)
    tap = new_tap(protocol)
    tap.read_reply(raw)
    tap.feed(Frame(b"data: " + raw + b"\n\n"))
    for event in ("response.completed", "message_delta", "message_start", "error"):
        tap.feed(
            Frame(
                b'data: {"type":"' + event.encode() + b'","response":' + raw + b',"message":' + raw + b"}\n\n"
            )
        )
