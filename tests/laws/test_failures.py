"""Every failure reaches the official SDKs as their own exception, before the stream and inside it."""

import anthropic
import httpx2
import openai
import pytest

from copilot_api.errors import ContextOverflow, GatewayError, UpstreamTimeout
from copilot_api.protocols.registry import PROTOCOLS
from copilot_api.wire.sse import Frame, SseDecoder
from recorded import stream


def serving(status: int, body: bytes, content_type: str) -> httpx2.Client:
    """An HTTP client that answers everything with these bytes."""
    answer = httpx2.Response(status, headers={"content-type": content_type}, content=body)
    return httpx2.Client(transport=httpx2.MockTransport(lambda request: answer))


def openai_client(status: int, body: bytes, content_type: str) -> openai.OpenAI:
    """The official OpenAI client, answered with these bytes."""
    http = serving(status, body, content_type)
    return openai.OpenAI(api_key="k", base_url="http://127.0.0.1/v1", http_client=http, max_retries=0)


def anthropic_client(status: int, body: bytes, content_type: str) -> anthropic.Anthropic:
    """The official Anthropic client, answered with these bytes."""
    http = serving(status, body, content_type)
    return anthropic.Anthropic(api_key="k", base_url="http://127.0.0.1", http_client=http, max_retries=0)


SAID = [{"role": "user", "content": "hi"}]
STATUSES = {
    400: "BadRequestError",
    401: "AuthenticationError",
    403: "PermissionDeniedError",
    404: "NotFoundError",
    413: "",
    429: "RateLimitError",
    500: "InternalServerError",
    502: "InternalServerError",
    503: "InternalServerError",
    504: "InternalServerError",
    529: "InternalServerError",
}


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("protocol", ["chat", "responses"])
def test_openais_sdk_raises_its_own_class_with_our_words(protocol: str, status: int) -> None:
    """Message, code and type arrive where the SDK looks for them."""
    spec = next(spec for spec in PROTOCOLS.values() if spec.name == protocol)
    written = spec.ingress.write_error(GatewayError("our words", code="our_code", status=status))
    client = openai_client(written.status, written.body, "application/json")
    ask = {
        "chat": lambda: client.chat.completions.create(model="m", messages=SAID),
        "responses": lambda: client.responses.create(model="m", input="hi"),
    }[protocol]
    with pytest.raises(openai.APIStatusError) as caught:
        ask()
    assert type(caught.value).__name__ == (STATUSES[status] or "APIStatusError")
    assert (caught.value.status_code, caught.value.code) == (status, "our_code")
    assert "our words" in caught.value.message


@pytest.mark.parametrize("status", STATUSES)
def test_anthropics_sdk_raises_its_own_class_with_our_words(status: int) -> None:
    """It has classes of its own for 413, 503, 504 and 529."""
    own = {
        413: "ContentTooLargeError",
        503: "ServiceUnavailableError",
        504: "GatewayTimeoutError",
        529: "OverloadedError",
    }
    written = PROTOCOLS["messages"].ingress.write_error(GatewayError("our words", status=status))
    with pytest.raises(anthropic.APIStatusError) as caught:
        anthropic_client(written.status, written.body, "application/json").messages.create(
            model="m", max_tokens=1, messages=SAID
        )
    assert isinstance(caught.value, getattr(anthropic, STATUSES[status] or "APIStatusError"))
    assert type(caught.value).__name__ == own.get(status, STATUSES[status])
    assert "our words" in caught.value.message


@pytest.mark.parametrize("frames_before", [0, 2])
def test_openais_sdk_raises_on_a_chat_stream_that_we_end(frames_before: int) -> None:
    """Also when the very first frame is the error."""
    before = b"".join(
        frame.raw for frame in SseDecoder().feed(stream("chat-claude-thinking"))[:frames_before]
    )
    body = before + PROTOCOLS["chat"].ingress.write_stream_error(UpstreamTimeout("our words"))
    chunks = openai_client(200, body, "text/event-stream").chat.completions.create(
        model="m", messages=SAID, stream=True
    )
    with pytest.raises(openai.APIError, match="our words"):
        list(chunks)


@pytest.mark.parametrize("frames_before", [0, 1, 3])
def test_openais_sdk_hands_out_the_failure_of_a_responses_stream(frames_before: int) -> None:
    """As the typed terminal event, from the plain stream and from the accumulating one."""
    before = b"".join(frame.raw for frame in SseDecoder().feed(stream("responses-text"))[:frames_before])
    upstream = PROTOCOLS["responses"].upstream
    assert upstream is not None
    tap = upstream.new_tap()
    for frame in SseDecoder().feed(before):
        tap.feed(frame)
    body = before + PROTOCOLS["responses"].ingress.write_stream_error(
        ContextOverflow("our words"), tap.answer_id
    )
    client = openai_client(200, body, "text/event-stream")
    last = list(client.responses.create(model="m", input="hi", stream=True))[-1]
    assert last.type == "response.failed"
    assert last.response.status == "failed"
    assert last.response.error is not None
    assert last.response.error.code == "context_length_exceeded"
    assert "our words" in last.response.error.message
    with client.responses.stream(model="m", input="hi") as events:
        assert [event.type for event in events][-1] == "response.failed"


@pytest.mark.parametrize("frames_before", [0, 2])
def test_anthropics_sdk_raises_on_a_messages_stream_that_we_end(frames_before: int) -> None:
    """Also when the very first frame is the error."""
    before = b"".join(
        frame.raw for frame in SseDecoder().feed(stream("messages-bedrock-text"))[:frames_before]
    )
    body = before + PROTOCOLS["messages"].ingress.write_stream_error(UpstreamTimeout("our words"))
    client = anthropic_client(200, body, "text/event-stream")
    with (
        pytest.raises(anthropic.APIStatusError, match="our words"),
        client.messages.stream(model="m", max_tokens=1, messages=SAID) as events,
    ):
        list(events)


@pytest.mark.parametrize("name", sorted(PROTOCOLS))
def test_a_stream_error_is_whole_frames_and_our_taps_know_it(name: str) -> None:
    """One terminal event, the last frame, told from a whole answer."""
    spec = next(spec for spec in PROTOCOLS.values() if spec.name == name)
    decoder = SseDecoder()
    frames = decoder.feed(spec.ingress.write_stream_error(UpstreamTimeout("our words")))
    assert (len(frames), decoder.finish()) == (2 if name == "responses" else 1, b"")
    if spec.upstream is not None:
        tap = spec.upstream.new_tap()
        for frame in frames:
            assert not tap.is_complete
            tap.feed(frame)
        assert (tap.is_complete, tap.failure) == (True, "our words")


@pytest.mark.parametrize("name", sorted(PROTOCOLS))
def test_a_keepalive_says_nothing_and_leaves_the_next_frame_whole(name: str) -> None:
    """Sent at any frame border, it changes no answer: a comment, a ping, or a blank line."""
    spec = next(spec for spec in PROTOCOLS.values() if spec.name == name)
    decoder = SseDecoder()
    frame, *others = decoder.feed(spec.ingress.keepalive + b"data: {}\n\n")
    assert decoder.finish() == b""
    if others:
        assert (frame.event, frame.data) in {("", b""), ("ping", b'{"type":"ping"}')}
    assert [others[-1].data if others else frame.data] == [b"{}"]
    if spec.upstream is not None:
        tap = spec.upstream.new_tap()
        tap.feed(Frame(spec.ingress.keepalive))
        assert (tap.usage, tap.finish, tap.is_complete, tap.failure) == (None, None, False, None)
