"""The Responses spoke: peek, errors, tap."""

import msgspec
import pytest

from copilot_api.errors import ContextOverflow, MalformedRequest, UpstreamTimeout
from copilot_api.neutral.usage import Finish, FinishReason, TokenCost, Usage
from copilot_api.protocols.base import RequestPeek, Speaker
from copilot_api.protocols.responses import PROTOCOL
from copilot_api.protocols.responses.tap import ResponsesTap
from copilot_api.wire.sse import Frame, SseDecoder
from recorded import reply, stream

peek = PROTOCOL.ingress.peek


def tapped(name: str) -> ResponsesTap:
    """A tap that has seen a recorded stream."""
    tap = ResponsesTap()
    for frame in SseDecoder().feed(stream(name)):
        tap.feed(frame)
    return tap


def ask(*items: str, more: str = "") -> bytes:
    """A request of these input items, each written as JSON."""
    return ('{"model":"m","input":[' + ",".join(items) + "]" + more + "}").encode()


USER = '{"type":"message","role":"user","content":[{"type":"input_text","text":"hi"}]}'
BARE_USER = '{"role":"user","content":"hi"}'
DEVELOPER = '{"type":"message","role":"developer","content":[]}'
ASSISTANT = '{"type":"message","role":"assistant","content":[]}'


@pytest.mark.parametrize(
    ("items", "speaker", "human_turn"),
    [
        ([USER], Speaker.HUMAN, (0, "hi")),
        ([DEVELOPER, BARE_USER], Speaker.HUMAN, (1, "hi")),
        ([USER, DEVELOPER], Speaker.HUMAN, (0, "hi")),
        ([USER, '{"role":"system","content":"x"}'], Speaker.HUMAN, (0, "hi")),
        ([USER, '{"type":"additional_tools","role":"developer","tools":[]}'], Speaker.HUMAN, (0, "hi")),
        ([USER, ASSISTANT], Speaker.ASSISTANT, (0, "hi")),
        ([USER, '{"role":"assistant","content":"x"}'], Speaker.ASSISTANT, (0, "hi")),
        ([USER, '{"type":"function_call","name":"f"}'], Speaker.ASSISTANT, (0, "hi")),
        ([USER, '{"type":"reasoning","content":null}'], Speaker.ASSISTANT, (0, "hi")),
        ([USER, '{"type":"agent_message","author":"a","content":[]}'], Speaker.ASSISTANT, (0, "hi")),
        ([USER, '{"type":"agent_message","role":"user","content":[]}'], Speaker.ASSISTANT, (0, "hi")),
        ([USER, '{"type":"function_call_output","output":"x"}'], Speaker.TOOL, (0, "hi")),
        ([USER, '{"type":"custom_tool_call_output","output":"x"}'], Speaker.TOOL, (0, "hi")),
        ([USER, '{"type":"tool_search_output","tools":[]}'], Speaker.TOOL, (0, "hi")),
        ([USER, '{"type":"local_shell_call_output"}'], Speaker.TOOL, (0, "hi")),
        ([USER, '{"type":7}'], Speaker.ASSISTANT, (0, "hi")),
        ([], Speaker.NOBODY, None),
    ],
)
def test_the_newest_item_that_counts_says_who_spoke(
    items: list[str], speaker: Speaker, human_turn: tuple[int, str] | None
) -> None:
    """Instructions and tools are nobody's turn; another agent is not a human."""
    peeked = peek(ask(*items))
    assert (peeked.speaker, peeked.human_turn) == (speaker, human_turn)


@pytest.mark.parametrize(
    ("body", "peeked"),
    [
        (b'{"model":"m","input":"hi"}', RequestPeek("m", False, Speaker.HUMAN, False, (0, "hi"))),
        (b'{"model":"m","input":"","stream":true}', RequestPeek("m", True, Speaker.NOBODY, False)),
        (b'{"model":"m","input":null,"stream":null}', RequestPeek("m", False, Speaker.NOBODY, False)),
        (
            b'{"model":"m","prompt_cache_key":"thread","client_metadata":null}',
            RequestPeek("m", False, Speaker.NOBODY, False, None, "thread"),
        ),
    ],
)
def test_the_input_may_be_a_string_or_nothing(body: bytes, peeked: RequestPeek) -> None:
    """A string is a human's; nothing is for upstream to refuse."""
    assert peek(body) == peeked


@pytest.mark.parametrize(
    ("body", "background"),
    [
        (ask(USER, '{"type":"compaction_trigger"}'), "compaction"),
        (ask(USER, '{"type":"function_call_output","output":"compaction_trigger"}'), None),
        (
            ask(
                '{"role":"user","content":"You are performing a CONTEXT CHECKPOINT COMPACTION. Create a summary"}'
            ),
            "compaction",
        ),
        (
            ask('{"role":"user","content":"You are performing a CONTEXT CHECKPOINT COMPACTION."}', ASSISTANT),
            None,
        ),
        (ask(USER, more=',"client_metadata":{"x-openai-subagent":"collab_spawn"}'), "subagent"),
        (ask('{"role":"user","content":"Generate a title for this conversation:\\n"}', BARE_USER), "title"),
        (b'{"model":"m","input":"hi"}', None),
        (ask(USER, more=',"client_metadata":{"thread_id":"1"}'), None),
        (ask(USER, more=',"client_metadata":["x-openai-subagent"]'), None),
    ],
)
def test_a_side_call_is_known_by_what_its_body_says(body: bytes, background: str | None) -> None:
    """Triggers, Codex's own compaction prompt and its sub-agent mark; nothing is guessed."""
    assert peek(body).background == background


@pytest.mark.parametrize(
    ("item", "found"),
    [
        ('{"role":"user","content":[{"type":"input_image","image_url":"data:"}]}', True),
        ('{"type":"function_call_output","output":[{"type":"input_image","image_url":"data:"}]}', True),
        ('{"type":"computer_call_output","output":{"type":"computer_screenshot","image_url":"data:"}}', True),
        ('{"type":"function_call_output","output":"\\"input_image\\""}', False),
        ('{"type":"additional_tools","tools":[{"type":"image"}]}', False),
    ],
)
def test_images_are_found_in_messages_and_tool_outputs(item: str, found: bool) -> None:
    """Copilot wants to know of both."""
    assert peek(ask(item)).has_images is found


@pytest.mark.parametrize(
    ("body", "message", "param"),
    [
        (b'{"input":[]}', "'model' is missing. Name a model, as GET /v1/models lists them.", "model"),
        (b'{"model":"m","input":7}', "'input' must be a string or a list or null, not an integer.", "input"),
        (b'{"model":"m","input":[[]]}', "'input[0]' must be an object.", "input[0]"),
    ],
)
def test_a_request_that_cannot_be_routed_is_refused_by_field(body: bytes, message: str, param: str) -> None:
    """The message names the field and what is accepted."""
    with pytest.raises(MalformedRequest) as caught:
        peek(body)
    assert (caught.value.message, caught.value.param) == (message, param)


def test_an_error_is_said_in_openais_envelope() -> None:
    """The overflow names `input`, which holds the prompt here."""
    error = ContextOverflow("x", status=413)
    error.prompt_tokens, error.limit_tokens = 300, 200
    written = PROTOCOL.ingress.write_error(error)
    assert written.status == 413
    assert written.body == (
        b'{"error":{"message":"This model\'s maximum context length is 200 tokens. However, your messages resulted '
        b'in 300 tokens. Please reduce the length of the messages.","type":"invalid_request_error","param":"input",'
        b'"code":"context_length_exceeded"}}'
    )


def test_a_running_stream_ends_in_one_response_failed() -> None:
    """Codex shows the message of this event and of no other; our own tap takes it for an ending too."""
    frames = SseDecoder().feed(PROTOCOL.ingress.write_stream_error(UpstreamTimeout("late"), "resp_7"))
    assert [frame.event for frame in frames] == ["response.failed"]
    event = msgspec.json.decode(frames[0].data)
    assert (event["type"], event["sequence_number"]) == ("response.failed", 2147483647)
    assert (event["response"]["id"], event["response"]["status"]) == ("resp_7", "failed")
    assert event["response"]["error"] == {"code": "upstream_timeout", "message": "late"}
    tap = ResponsesTap()
    tap.feed(frames[0])
    assert (tap.is_complete, tap.failure) == (True, "late")


def test_a_stream_that_fails_before_it_began_begins_first() -> None:
    """The accumulating SDK wants `response.created` first, with the same id."""
    frames = SseDecoder().feed(PROTOCOL.ingress.write_stream_error(UpstreamTimeout("late")))
    events = [msgspec.json.decode(frame.data) for frame in frames]
    assert [frame.event for frame in frames] == ["response.created", "response.failed"]
    assert [event["sequence_number"] for event in events] == [0, 1]
    assert [event["response"]["id"] for event in events] == ["resp_failed", "resp_failed"]
    assert [event["response"]["error"] for event in events] == [
        None,
        {"code": "upstream_timeout", "message": "late"},
    ]


def test_the_spoke_says_where_it_lives() -> None:
    """Paths are exact; the keepalive is a whole frame."""
    assert PROTOCOL.ingress.paths == ("/v1/responses", "/responses")
    assert PROTOCOL.ingress.keepalive == b": keepalive\n\n"
    assert PROTOCOL.upstream is not None
    assert PROTOCOL.upstream.path == "/responses"
    assert PROTOCOL.upstream.endpoints == {"/responses"}
    assert isinstance(PROTOCOL.upstream.new_tap(), ResponsesTap)


CODEX = Usage(
    input_tokens=1202,
    output_tokens=87,
    cache_read_tokens=1024,
    reasoning_tokens=64,
    total_nano_aiu=170_870_000,
    costs=(
        TokenCost("input", 178, 31_150_000),
        TokenCost("cache_read", 1024, 17_920_000),
        TokenCost("cache_write", 0, 0),
        TokenCost("output", 87, 121_800_000),
    ),
)


@pytest.mark.parametrize(
    ("name", "usage", "finish", "failure"),
    [
        ("responses-text", CODEX, Finish(FinishReason.STOP, "completed"), None),
        ("responses-summary-only-in-done", CODEX, Finish(FinishReason.STOP, "completed"), None),
        ("responses-reasoning-tool", CODEX, Finish(FinishReason.TOOL_CALLS, "completed"), None),
        ("responses-incomplete", CODEX, Finish(FinishReason.LENGTH, "max_output_tokens"), None),
        ("responses-failed", None, Finish(FinishReason.ERROR, "failed"), "The server had an error."),
        ("responses-error-event", None, Finish(FinishReason.ERROR, "failed"), "Rate limit reached."),
    ],
)
def test_a_recorded_stream_is_accounted_for(
    name: str, usage: Usage | None, finish: Finish, failure: str | None
) -> None:
    """Every terminal event completes the stream, failures too."""
    tap = tapped(name)
    assert (tap.model, tap.usage, tap.finish, tap.failure) == ("gpt-5.3-codex", usage, finish, failure)
    assert tap.is_complete


@pytest.mark.parametrize(
    ("response", "finish", "failure"),
    [
        (
            '{"status":"cancelled"}',
            Finish(FinishReason.OTHER, "cancelled"),
            "The upstream cancelled the answer.",
        ),
        (
            '{"status":"incomplete","incomplete_details":{"reason":"content_filter"}}',
            Finish(FinishReason.CONTENT_FILTER, "content_filter"),
            None,
        ),
        ('{"status":"incomplete","incomplete_details":null}', Finish(FinishReason.OTHER, ""), None),
        (
            '{"status":"completed","output":[{"type":7},{"type":"custom_tool_call"}]}',
            Finish(FinishReason.TOOL_CALLS, "completed"),
            None,
        ),
        (
            '{"status":"failed","error":{"code":"server_error"}}',
            Finish(FinishReason.ERROR, "failed"),
            "server_error",
        ),
        (
            '{"status":"failed","error":null}',
            Finish(FinishReason.ERROR, "failed"),
            "The upstream sent an error without words.",
        ),
    ],
)
def test_every_status_is_an_ending(response: str, finish: Finish, failure: str | None) -> None:
    """The status decides; `event:` lines may be missing."""
    tap = ResponsesTap()
    tap.feed(Frame(b'data: {"type":"response.completed","response":' + response.encode() + b"}\n\n"))
    assert (tap.finish, tap.failure, tap.is_complete) == (finish, failure, True)


def test_an_error_event_may_wrap_its_words() -> None:
    """OpenAI itself sends both forms, and the WebSocket the wrapped one."""
    tap = ResponsesTap()
    tap.feed(Frame(b'event: error\ndata: {"type":"error","error":{"code":"c","message":"wrapped"}}\n\n'))
    assert (tap.failure, tap.is_complete) == ("wrapped", True)


@pytest.mark.parametrize(
    "raw",
    [
        b": comment\n\n",
        b'event: response.output_text.delta\ndata: {"type":"response.completed","response":{"status":"completed"}}\n\n',
        b'data: {"type":"response.output_text.delta","delta":"\\"response.completed\\""}\n\n',
        b'data: {"type":"response.output_text.delta","response":{"status":"completed"},"x":"response.completed"}\n\n',
        b'data: {"type":"response.completed"}\n\n',
        b'data: {"type":"response.completed","response":[]}\n\n',
        b"event: response.completed\ndata: {\n\n",
        b"event: response.completed\ndata: \xff\n\n",
        b'event: response.completed\ndata: {"x":' + b"[" * 9000 + b"\n\n",
        b'data: {"type":"response.created","response":{"status":"in_progress","model":""}}\n\n',
    ],
)
def test_a_frame_that_is_broken_or_no_ending_changes_nothing(raw: bytes) -> None:
    """A tap observes; it never raises."""
    tap = ResponsesTap()
    tap.feed(Frame(raw))
    assert (tap.usage, tap.finish, tap.model, tap.is_complete, tap.failure) == (None, None, None, False, None)


def test_a_stream_cut_before_its_ending_is_not_complete() -> None:
    """The model is known from the first event on."""
    tap = ResponsesTap()
    for frame in SseDecoder().feed(stream("responses-text"))[:-1]:
        tap.feed(frame)
    assert (tap.model, tap.is_complete, tap.finish) == ("gpt-5.3-codex", False, None)
    assert tap.answer_id is not None
    assert tap.answer_id.startswith("MkCaqVph6I")


@pytest.mark.parametrize("name", ["responses-nonstream", "responses-compaction"])
def test_a_whole_reply_is_accounted_for(name: str) -> None:
    """The price stands beside the usage there."""
    tap = ResponsesTap()
    tap.read_reply(reply(name))
    assert (tap.model, tap.usage) == ("gpt-5.3-codex", CODEX)
    assert tap.finish == Finish(FinishReason.STOP, "completed")
    assert tap.is_complete


def test_a_whole_reply_that_is_not_json_is_not_complete() -> None:
    """What cannot be read is not an answer."""
    tap = ResponsesTap()
    tap.read_reply(b"<html>")
    assert tap.is_complete is False
