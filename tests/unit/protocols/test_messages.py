"""The Messages spoke: peek, errors, tap."""

import pytest

from copilot_api.errors import (
    BodyTooLarge,
    ContextOverflow,
    GatewayError,
    MalformedRequest,
    NoAccount,
    QuotaExhausted,
    UnsupportedContent,
    UpstreamRejected,
    UpstreamTimeout,
    UpstreamUnavailable,
)
from copilot_api.neutral.usage import Finish, FinishReason, TokenCost, Usage
from copilot_api.protocols.base import RequestPeek, Speaker
from copilot_api.protocols.messages import PROTOCOL
from copilot_api.protocols.messages.tap import MessagesTap
from copilot_api.wire.sse import Frame, SseDecoder
from recorded import reply, stream

peek = PROTOCOL.ingress.peek


def tapped(name: str) -> MessagesTap:
    """A tap that has seen a recorded stream."""
    tap = MessagesTap()
    for frame in SseDecoder().feed(stream(name)):
        tap.feed(frame)
    return tap


def ask(*messages: str, more: str = "") -> bytes:
    """A request of these messages, each written as JSON."""
    return ('{"model":"m","messages":[' + ",".join(messages) + "]" + more + "}").encode()


def user(*parts: str) -> str:
    """A user turn of these parts."""
    return '{"role":"user","content":[' + ",".join(parts) + "]}"


USER = '{"role":"user","content":"hi"}'
ASSISTANT = '{"role":"assistant","content":[{"type":"text","text":"hello"}]}'
RESULT = '{"type":"tool_result","tool_use_id":"1","content":"42"}'
TEXT = '{"type":"text","text":"hi","cache_control":{"type":"ephemeral"}}'
REMINDER = '{"type":"text","text":"<system-reminder>\\nbe good\\n</system-reminder>\\n"}'
LOADED = '{"type":"text","text":"Tool loaded."}'


@pytest.mark.parametrize(
    ("messages", "speaker", "human_turn"),
    [
        ([USER], Speaker.HUMAN, (0, "hi")),
        ([user(TEXT)], Speaker.HUMAN, (0, "hi")),
        ([user(REMINDER, TEXT)], Speaker.HUMAN, (0, "hi")),
        (
            [USER, '{"role":"system","content":"x","output_config":{"effort":"high"}}'],
            Speaker.HUMAN,
            (0, "hi"),
        ),
        ([USER, ASSISTANT], Speaker.ASSISTANT, (0, "hi")),
        ([USER, ASSISTANT, user(RESULT)], Speaker.TOOL, (0, "hi")),
        ([USER, ASSISTANT, user(RESULT, RESULT)], Speaker.TOOL, (0, "hi")),
        ([USER, ASSISTANT, user(RESULT, TEXT)], Speaker.HUMAN, (2, "hi")),
        ([USER, ASSISTANT, user(RESULT, '{"type":"image"}')], Speaker.HUMAN, (2, "")),
        ([USER, ASSISTANT, user(RESULT, REMINDER)], Speaker.TOOL, (0, "hi")),
        ([USER, ASSISTANT, user(RESULT, LOADED)], Speaker.TOOL, (0, "hi")),
        ([USER, ASSISTANT, user(LOADED)], Speaker.HUMAN, (2, "Tool loaded.")),
        ([USER, ASSISTANT, user(RESULT), '{"role":"system","content":"x"}'], Speaker.TOOL, (0, "hi")),
        ([USER, ASSISTANT, user(REMINDER)], Speaker.ASSISTANT, (0, "hi")),
        ([user()], Speaker.NOBODY, None),
        ([], Speaker.NOBODY, None),
    ],
)
def test_the_newest_turn_that_counts_says_who_spoke(
    messages: list[str], speaker: Speaker, human_turn: tuple[int, str] | None
) -> None:
    """A user turn is human when it holds something that neither a tool nor the client wrote."""
    peeked = peek(ask(*messages))
    assert (peeked.speaker, peeked.human_turn) == (speaker, human_turn)


def test_a_cache_mark_that_moves_does_not_change_the_human_turn() -> None:
    """Clients move their marks each request; the interaction stays the same."""
    marked, unmarked = user(TEXT), user('{"type":"text","text":"hi"}')
    assert peek(ask(marked)).human_turn == peek(ask(unmarked)).human_turn == (0, "hi")


@pytest.mark.parametrize(
    ("metadata", "session"),
    [
        ('{"user_id":"{\\"device_id\\":\\"d\\",\\"session_id\\":\\"5d0e\\"}"}', "5d0e"),
        ('{"user_id":"user_ab12_account__session_5d0e-4a"}', "5d0e-4a"),
        ('{"user_id":"user-123"}', None),
        ('{"user_id":"{\\"session_id\\":7}"}', None),
        ('{"user_id":"[]"}', None),
        ('{"user_id":"cut \\ud83d"}', None),
        ('{"user_id":7}', None),
        ("{}", None),
        ("null", None),
        ("[]", None),
    ],
)
def test_claude_codes_session_is_read_in_both_its_forms(metadata: str, session: str | None) -> None:
    """Anything else is somebody's own user id, and no reason to refuse."""
    assert peek(ask(USER, more=',"metadata":' + metadata)).session == session


@pytest.mark.parametrize(
    ("system", "background"),
    [
        (
            '[{"type":"text","text":"x-anthropic-billing-header: cc_entrypoint=sdk-cli; cc_is_subagent=true; "}]',
            "subagent",
        ),
        ('[{"type":"text","text":"x-anthropic-billing-header: cc_entrypoint=sdk-cli; "}]', None),
        ('[{"type":"text","text":"say cc_is_subagent=true"}]', None),
        ('[{"type":"text","text":"x-anthropic-billing-header: "},{"text":"cc_is_subagent=true"}]', None),
        ('{"cc_is_subagent=true":1}', None),
        ('[{"type":"text","text":7,"note":"cc_is_subagent=true"}]', None),
        ('[{"type":"text","text":"say x-anthropic-billing-header: cc_is_subagent=true"}]', None),
        ('"be brief"', None),
        ("null", None),
    ],
)
def test_claude_codes_sub_agents_say_so(system: str, background: str | None) -> None:
    """The attribution block is the first one, or it is not the client's."""
    assert peek(ask(USER, more=',"system":' + system)).background == background


CLAUDE_CODE = ',"system":[{"type":"text","text":"x-anthropic-billing-header: cc_entrypoint=cli; "}]'
SEARCH = '{"role":"user","content":"Perform a web search for the query: weather"}'
TITLE = '{"type":"text","text":"Generate a title for this conversation:\\n"}'


@pytest.mark.parametrize(
    ("body", "background"),
    [
        (ask(SEARCH, more=CLAUDE_CODE), "web_search"),
        (ask(SEARCH), None),
        (ask(SEARCH, ASSISTANT, more=CLAUDE_CODE), None),
        (ask(USER, more=CLAUDE_CODE), None),
        (ask(user(TITLE, TEXT)), "title"),
        (ask(user(TITLE), user(TEXT)), "title"),
        (ask(user(TITLE, TEXT), ASSISTANT), None),
        (ask("7", user(TEXT)), None),
        (ask(user(TITLE)), None),
    ],
)
def test_a_side_call_is_known_by_what_its_body_says(body: bytes, background: str | None) -> None:
    """Claude Code's own web search and opencode's title; nothing is guessed."""
    assert peek(body).background == background


def test_an_empty_system_list_has_no_attribution() -> None:
    """Nor has a mark elsewhere in it."""
    assert peek(ask(USER, more=',"system":[],"stream":true')) == RequestPeek(
        "m", True, Speaker.HUMAN, False, (0, "hi")
    )


@pytest.mark.parametrize(
    ("part", "found"),
    [
        ('{"type":"image","source":{}}', True),
        ('{"type":"tool_result","content":[{"type":"text","text":"x"},{"type":"image","source":{}}]}', True),
        ('{"type":"document","source":{"type":"content","content":[{"type":"image"}]}}', False),
        ('{"type":"tool_result","content":"{\\"type\\":\\"image\\"}"}', False),
        ('{"type":"tool_use","input":{"type":"image"}}', False),
    ],
)
def test_images_are_found_in_turns_and_tool_results(part: str, found: bool) -> None:
    """Not in documents, nor in what tools were asked."""
    assert peek(ask(user(part))).has_images is found


@pytest.mark.parametrize(
    ("body", "message", "param"),
    [
        (b'{"messages":[]}', "'model' is missing. Name a model, as GET /v1/models lists them.", "model"),
        (b'{"model":"m"}', "'messages' is missing. Send a list of messages.", "messages"),
        (b'{"model":"m","messages":{}}', "'messages' must be a list or null, not an object.", "messages"),
        (b'{"model":"m","messages":[7]}', "'messages[0]' must be an object.", "messages[0]"),
    ],
)
def test_a_request_that_cannot_be_routed_is_refused_by_field(body: bytes, message: str, param: str) -> None:
    """The message names the field and what is accepted."""
    with pytest.raises(MalformedRequest) as caught:
        peek(body)
    assert (caught.value.message, caught.value.param) == (message, param)


def overflow(message: str, prompt: int | None, limit: int | None) -> ContextOverflow:
    """An overflow with what upstream said of it."""
    error = ContextOverflow(message, code="model_max_prompt_tokens_exceeded")
    error.prompt_tokens, error.limit_tokens = prompt, limit
    return error


def rejected(upstream_type: str | None, status: int = 400) -> UpstreamRejected:
    """A rejection in upstream's words."""
    error = UpstreamRejected("no", code="unsupported_value", status=status)
    error.upstream_type = upstream_type
    return error


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (MalformedRequest("bad"), 400, '{"type":"invalid_request_error","message":"bad"}'),
        (BodyTooLarge("big"), 413, '{"type":"request_too_large","message":"big"}'),
        (NoAccount("log in"), 503, '{"type":"api_error","message":"log in"}'),
        (GatewayError("bug"), 500, '{"type":"api_error","message":"bug"}'),
        (
            QuotaExhausted("gone", code="quota_exceeded", status=402),
            402,
            '{"type":"billing_error","message":"gone","code":"quota_exceeded"}',
        ),
        (QuotaExhausted("slow"), 429, '{"type":"rate_limit_error","message":"slow","code":"rate_limited"}'),
        (UpstreamTimeout("late"), 504, '{"type":"timeout_error","message":"late","code":"upstream_timeout"}'),
        (
            UpstreamUnavailable("busy", status=529),
            529,
            '{"type":"overloaded_error","message":"busy","code":"upstream_unavailable"}',
        ),
        (rejected(None), 400, '{"type":"invalid_request_error","message":"no","code":"unsupported_value"}'),
        (
            rejected("overloaded_error"),
            400,
            '{"type":"overloaded_error","message":"no","code":"unsupported_value"}',
        ),
        (
            rejected("openai_words", 404),
            404,
            '{"type":"not_found_error","message":"no","code":"unsupported_value"}',
        ),
        (
            UnsupportedContent("no threads", code="thread_unsupported_request"),
            400,
            '{"type":"invalid_request_error","message":"no threads",'
            '"details":{"error_code":"thread_unsupported_request","unsupported":[]}}',
        ),
        (
            overflow("x", 250000, 200000),
            400,
            '{"type":"invalid_request_error","message":"prompt is too long: 250000 tokens > 200000 maximum",'
            '"code":"model_max_prompt_tokens_exceeded"}',
        ),
        (
            overflow("Request body is too large for model context window", None, 200000),
            400,
            '{"type":"invalid_request_error","message":"prompt is too long: Request body is too large for model '
            'context window","code":"model_max_prompt_tokens_exceeded"}',
        ),
        (
            overflow("prompt is too long, they said", 7, None),
            400,
            '{"type":"invalid_request_error","message":"prompt is too long, they said",'
            '"code":"model_max_prompt_tokens_exceeded"}',
        ),
    ],
)
def test_an_error_is_said_in_anthropics_envelope(error: GatewayError, status: int, said: str) -> None:
    """Status and message stay; the type is one that Anthropic knows."""
    written = PROTOCOL.ingress.write_error(error)
    assert (written.status, written.body) == (status, b'{"type":"error","error":' + said.encode() + b"}")


def test_a_running_stream_ends_in_one_error_event() -> None:
    """The event the SDK raises on."""
    assert PROTOCOL.ingress.write_stream_error(UpstreamUnavailable("busy", status=529)) == (
        b'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"busy",'
        b'"code":"upstream_unavailable"}}\n\n'
    )


def test_the_spoke_says_where_it_lives() -> None:
    """Paths are exact; the keepalive is Anthropic's own ping."""
    assert PROTOCOL.ingress.paths == ("/v1/messages", "/messages")
    assert PROTOCOL.ingress.keepalive == b'event: ping\ndata: {"type":"ping"}\n\n'
    assert PROTOCOL.upstream is not None
    assert PROTOCOL.upstream.path == "/v1/messages"
    assert PROTOCOL.upstream.endpoints == {"/v1/messages"}
    assert isinstance(PROTOCOL.upstream.new_tap(), MessagesTap)


def priced(inputs: tuple[int, int], read: tuple[int, int], output: tuple[int, int]) -> tuple[TokenCost, ...]:
    """The four priced lines of Messages, (tokens, nano-AIU) each; nothing was written to a cache."""
    return (
        TokenCost("input", *inputs),
        TokenCost("cache_read", *read),
        TokenCost("cache_write", 0, 0),
        TokenCost("output", *output),
    )


@pytest.mark.parametrize(
    ("name", "usage", "finish"),
    [
        (
            "messages-anthropic-text-ping",
            Usage(16, 4, total_nano_aiu=10_800_000, costs=priced((16, 4_800_000), (0, 0), (4, 6_000_000))),
            Finish(FinishReason.STOP, "end_turn"),
        ),
        (
            "messages-bedrock-text",
            Usage(16, 17, total_nano_aiu=30_300_000, costs=priced((16, 4_800_000), (0, 0), (17, 25_500_000))),
            Finish(FinishReason.STOP, "end_turn"),
        ),
        (
            "messages-thinking-tool",
            Usage(
                1771,
                154,
                cache_read_tokens=1202,
                reasoning_tokens=71,
                total_nano_aiu=437_760_000,
                costs=priced((569, 170_700_000), (1202, 36_060_000), (154, 231_000_000)),
            ),
            Finish(FinishReason.TOOL_CALLS, "tool_use"),
        ),
        (
            "messages-stray-done",
            Usage(16, 4, total_nano_aiu=10_800_000, costs=priced((16, 4_800_000), (0, 0), (4, 6_000_000))),
            Finish(FinishReason.STOP, "end_turn"),
        ),
    ],
)
def test_a_recorded_stream_is_accounted_for(name: str, usage: Usage, finish: Finish) -> None:
    """Input counts what was cached; the counts of the last `message_delta` win."""
    tap = tapped(name)
    assert (tap.model, tap.usage, tap.finish) == ("claude-sonnet-4-6", usage, finish)
    assert (tap.is_complete, tap.failure) == (True, None)


def test_a_refusal_is_an_ending_of_its_own() -> None:
    """It completes the stream."""
    tap = tapped("messages-refusal")
    assert tap.finish == Finish(FinishReason.REFUSAL, "refusal")
    assert (tap.model, tap.is_complete) == ("claude-fable-5", True)


def test_an_error_event_ends_the_stream_with_its_message() -> None:
    """What was counted so far stays."""
    tap = tapped("messages-midstream-error")
    assert (tap.is_complete, tap.failure, tap.usage) == (True, "Overloaded", Usage(16, 3))


@pytest.mark.parametrize(
    ("error", "failure"),
    [('{"type":"api_error"}', "api_error"), ("null", "The upstream sent an error without words.")],
)
def test_an_error_event_may_lack_words(error: str, failure: str) -> None:
    """Its type will do."""
    tap = MessagesTap()
    tap.feed(Frame(b'event: error\ndata: {"type":"error","error":' + error.encode() + b"}\n\n"))
    assert (tap.is_complete, tap.failure) == (True, failure)


def test_a_stream_cut_before_its_end_is_not_complete() -> None:
    """`message_stop` never came."""
    tap = tapped("messages-truncated")
    assert (tap.is_complete, tap.finish, tap.usage) == (False, None, Usage(16, 3))
    assert tap.answer_id == "msg_bdrk_01ExampleMessage000000"


def test_counts_merge_field_by_field() -> None:
    """A null in `message_delta` does not undo what `message_start` said."""
    tap = MessagesTap()
    tap.feed(
        Frame(
            b'data: {"type":"message_start","message":{"usage":{"input_tokens":5,"cache_read_input_tokens":7,'
            b'"cache_creation_input_tokens":11,"output_tokens":1}}}\n\n'
        )
    )
    tap.feed(
        Frame(
            b'data: {"type":"message_delta","delta":{},"usage":{"input_tokens":null,"output_tokens":9}}\n\n'
        )
    )
    assert tap.usage == Usage(23, 9, cache_read_tokens=7, cache_write_tokens=11)
    assert tap.finish is None


@pytest.mark.parametrize(
    "raw",
    [
        b": comment\n\n",
        b'event: content_block_delta\ndata: {"type":"message_stop"}\n\n',
        b'data: {"type":"content_block_delta","delta":{"text":"message_stop"}}\n\n',
        b'event: ping\ndata: {"type":"ping"}\n\n',
        b'data: {"type":"new_event"}\n\n',
        b"event: message_stop\ndata: {\n\n",
        b"event: message_stop\ndata: \xff\n\n",
        b'event: message_stop\ndata: {"x":' + b"[" * 9000 + b"\n\n",
        b'data: {"type":"message_start"}\n\n',
        b'data: {"type":"message_start","message":{"model":"","usage":7}}\n\n',
        b"data: [DONE]\n\n",
    ],
)
def test_a_frame_that_is_broken_or_quiet_changes_nothing(raw: bytes) -> None:
    """A tap observes; it never raises."""
    tap = MessagesTap()
    tap.feed(Frame(raw))
    assert (tap.usage, tap.finish, tap.model, tap.is_complete, tap.failure) == (None, None, None, False, None)


def test_a_whole_reply_is_accounted_for() -> None:
    """The non-streaming twin of the same accounting; a stop reason of the future is kept as its word."""
    tap = MessagesTap()
    tap.read_reply(reply("messages-nonstream"))
    assert tap.usage == Usage(
        51,
        62,
        reasoning_tokens=7,
        total_nano_aiu=108_300_000,
        costs=priced((51, 15_300_000), (0, 0), (62, 93_000_000)),
    )
    assert (tap.model, tap.finish, tap.is_complete) == (
        "claude-sonnet-4-6",
        Finish(FinishReason.STOP, "end_turn"),
        True,
    )
    tap.read_reply(b'{"stop_reason":"of_the_future"}')
    assert tap.finish == Finish(FinishReason.OTHER, "of_the_future")


def test_a_whole_reply_that_is_not_json_is_not_complete() -> None:
    """What cannot be read is not an answer."""
    tap = MessagesTap()
    tap.read_reply(b"<html>")
    assert tap.is_complete is False
