"""The chat spoke: peek, errors, tap."""

import msgspec
import pytest

from copilot_api.errors import (
    ContextOverflow,
    GatewayError,
    MalformedRequest,
    QuotaExhausted,
    Unauthorized,
    UnknownModel,
    UpstreamRejected,
    UpstreamTimeout,
)
from copilot_api.neutral.usage import Finish, FinishReason, TokenCost, Usage
from copilot_api.protocols.base import RequestPeek, Speaker
from copilot_api.protocols.chat import PROTOCOL
from copilot_api.protocols.chat.tap import ChatTap
from copilot_api.wire.sse import Frame, SseDecoder
from recorded import reply, stream

peek = PROTOCOL.ingress.peek


def tapped(name: str) -> ChatTap:
    """A tap that has seen a recorded stream."""
    tap = ChatTap()
    for frame in SseDecoder().feed(stream(name)):
        tap.feed(frame)
    return tap


def ask(*messages: str, more: str = "") -> bytes:
    """A request of these messages, each written as JSON."""
    return ('{"model":"m","messages":[' + ",".join(messages) + "]" + more + "}").encode()


USER = '{"role":"user","content":"hi"}'
SYSTEM = '{"role":"system","content":"be brief"}'
ASSISTANT = '{"role":"assistant","content":"hello","tool_calls":null}'
TOOL = '{"role":"tool","tool_call_id":"1","content":"42"}'


@pytest.mark.parametrize(
    ("messages", "speaker", "human_turn"),
    [
        ([USER], Speaker.HUMAN, (0, "hi")),
        ([SYSTEM, USER], Speaker.HUMAN, (1, "hi")),
        ([USER, SYSTEM], Speaker.HUMAN, (0, "hi")),
        ([USER, '{"role":"developer","content":"x"}'], Speaker.HUMAN, (0, "hi")),
        ([USER, ASSISTANT, TOOL], Speaker.TOOL, (0, "hi")),
        ([USER, ASSISTANT, '{"role":"function","name":"f","content":"1"}'], Speaker.TOOL, (0, "hi")),
        ([USER, ASSISTANT], Speaker.ASSISTANT, (0, "hi")),
        ([USER, ASSISTANT, TOOL, USER], Speaker.HUMAN, (3, "hi")),
        ([TOOL], Speaker.TOOL, None),
        ([SYSTEM], Speaker.NOBODY, None),
        ([], Speaker.NOBODY, None),
        (['{"role":7}'], Speaker.NOBODY, None),
        (['{"role":"user","content":null}'], Speaker.HUMAN, (0, "")),
        (['{"role":"user","content":{"odd":1}}'], Speaker.HUMAN, (0, "")),
        (
            [
                '{"role":"user","content":[{"type":"text","text":"a"},{"type":"image_url"},{"type":"text","text":"b"}]}'
            ],
            Speaker.HUMAN,
            (0, "a\nb"),
        ),
        (['{"role":"user","content":[{"type":"text","text":7}]}'], Speaker.HUMAN, (0, "")),
        (['{"role":"user","content":"cut \\ud83d"}'], Speaker.HUMAN, (0, "cut \ufffd")),
    ],
)
def test_the_newest_turn_that_counts_says_who_spoke(
    messages: list[str], speaker: Speaker, human_turn: tuple[int, str] | None
) -> None:
    """System turns are nobody's; the newest human turn is found however far back."""
    peeked = peek(ask(*messages))
    assert (peeked.speaker, peeked.human_turn) == (speaker, human_turn)


@pytest.mark.parametrize("words", ["Attached media from tool result:", "Attached image(s) from tool result:"])
def test_a_picture_behind_a_tools_result_is_not_the_humans(words: str) -> None:
    """opencode and pi give it a user turn; the human spoke before the call."""
    picture = f'{{"role":"user","content":[{{"type":"text","text":"{words}"}},{{"type":"image_url"}}]}}'
    tool = '{"role":"tool","tool_call_id":"1","content":"read"}'
    peeked = peek(ask(SYSTEM, USER, ASSISTANT, tool, picture))
    assert (peeked.speaker, peeked.human_turn, peeked.has_images) == (Speaker.TOOL, (1, "hi"), True)


def test_a_peek_reads_model_stream_and_session() -> None:
    """What is absent has its plain default."""
    assert peek(ask(USER)) == RequestPeek("m", False, Speaker.HUMAN, False, (0, "hi"), None, None)
    assert peek(ask(USER, more=',"stream":true,"prompt_cache_key":"s"')) == RequestPeek(
        "m", True, Speaker.HUMAN, False, (0, "hi"), "s", None
    )
    assert peek(ask(USER, more=',"stream":null,"prompt_cache_key":7')).stream is False


def test_opencodes_title_call_is_known_by_its_first_turn() -> None:
    """It speaks in the user's name; the conversation to be named follows."""
    title = '{"role":"user","content":"Generate a title for this conversation:\\n"}'
    assert peek(ask(SYSTEM, title, USER)).background == "title"
    assert peek(ask(SYSTEM, title, USER, ASSISTANT)).background is None
    assert peek(ask(title)).background is None


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ('[{"type":"image_url","image_url":{"url":"data:"}}]', True),
        ('[{"type" : "image_url"}]', True),
        ('"an \\"image\\" and image_url\\""', False),
        ('[{"type":"text","text":"image"}]', False),
        ('[{"type":"text","text":"x","image_url":"image"}]', False),
        ('[{"type":["image"]}]', False),
        ('["image"]', False),
    ],
)
def test_images_are_found_by_part_not_by_word(content: str, found: bool) -> None:
    """A body that talks about images has none."""
    assert peek(ask('{"role":"user","content":' + content + "}")).has_images is found


def test_an_image_in_a_tool_schema_or_in_arguments_is_none() -> None:
    """Only content is looked at."""
    call = '{"role":"assistant","tool_calls":[{"function":{"arguments":{"type":"image"}}}]}'
    assert peek(ask(USER, call, more=',"tools":[{"type":"image"}]')).has_images is False


@pytest.mark.parametrize(
    ("body", "message", "param"),
    [
        (b'{"messages":[]}', "'model' is missing. Name a model, as GET /v1/models lists them.", "model"),
        (
            b'{"model":"","messages":[]}',
            "'model' is missing. Name a model, as GET /v1/models lists them.",
            "model",
        ),
        (b'{"model":7,"messages":[]}', "'model' must be a string or null, not an integer.", "model"),
        (b'{"model":"m"}', "'messages' is missing. Send a list of messages.", "messages"),
        (b'{"model":"m","messages":null}', "'messages' is missing. Send a list of messages.", "messages"),
        (b'{"model":"m","messages":"hi"}', "'messages' must be a list or null, not a string.", "messages"),
        (b'{"model":"m","messages":["hi"]}', "'messages[0]' must be an object.", "messages[0]"),
        (
            b'{"model":"m","messages":[],"stream":1}',
            "'stream' must be true or false or null, not an integer.",
            "stream",
        ),
    ],
)
def test_a_request_that_cannot_be_routed_is_refused_by_field(body: bytes, message: str, param: str) -> None:
    """The message names the field and what is accepted."""
    with pytest.raises(MalformedRequest) as caught:
        peek(body)
    assert (caught.value.message, caught.value.param) == (message, param)


def overflow(prompt: int | None, limit: int | None) -> ContextOverflow:
    """An overflow with what upstream said of it."""
    error = ContextOverflow("too long, they said", param="x")
    error.prompt_tokens, error.limit_tokens = prompt, limit
    return error


def rejected(upstream_type: str | None) -> UpstreamRejected:
    """A rejection in upstream's words."""
    error = UpstreamRejected("no such thing", code="unsupported_value", param="store")
    error.upstream_type = upstream_type
    return error


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (
            MalformedRequest("bad", param="model"),
            400,
            '{"message":"bad","type":"invalid_request_error","param":"model","code":"invalid_request"}',
        ),
        (
            Unauthorized("who?"),
            401,
            '{"message":"who?","type":"authentication_error","param":null,"code":"invalid_api_key"}',
        ),
        (
            UnknownModel("none"),
            404,
            '{"message":"none","type":"not_found_error","param":null,"code":"model_not_found"}',
        ),
        (
            QuotaExhausted("slow down", code="user_weekly_rate_limited"),
            429,
            '{"message":"slow down","type":"rate_limit_error","param":null,"code":"user_weekly_rate_limited"}',
        ),
        (
            QuotaExhausted("gone", code="quota_exceeded"),
            429,
            '{"message":"gone","type":"insufficient_quota","param":null,"code":"quota_exceeded"}',
        ),
        (
            QuotaExhausted("gone", code="quota_exceeded", status=402),
            402,
            '{"message":"gone","type":"insufficient_quota","param":null,"code":"quota_exceeded"}',
        ),
        (
            UpstreamTimeout("late"),
            504,
            '{"message":"late","type":"server_error","param":null,"code":"upstream_timeout"}',
        ),
        (
            GatewayError("bug"),
            500,
            '{"message":"bug","type":"server_error","param":null,"code":"internal_error"}',
        ),
        (
            rejected("their_type"),
            400,
            '{"message":"no such thing","type":"their_type","param":"store","code":"unsupported_value"}',
        ),
        (
            rejected(None),
            400,
            '{"message":"no such thing","type":"invalid_request_error","param":"store","code":"unsupported_value"}',
        ),
        (
            overflow(300, 200),
            400,
            '{"message":"This model\'s maximum context length is 200 tokens. However, your messages resulted in '
            '300 tokens. Please reduce the length of the messages.","type":"invalid_request_error",'
            '"param":"messages","code":"context_length_exceeded"}',
        ),
        (
            overflow(None, 200),
            400,
            '{"message":"This model\'s maximum context length is 200 tokens. too long, they said",'
            '"type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}',
        ),
        (
            overflow(300, None),
            400,
            '{"message":"This model\'s maximum context length was exceeded. too long, they said",'
            '"type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}',
        ),
        (
            MalformedRequest("half \ud83d"),
            400,
            '{"message": "half \\ud83d", "type": "invalid_request_error", "param": null, "code": "invalid_request"}',
        ),
    ],
)
def test_an_error_is_said_in_openais_envelope(error: GatewayError, status: int, said: str) -> None:
    """Status, code and message stay; the type follows the status."""
    written = PROTOCOL.ingress.write_error(error)
    assert written.status == status
    assert written.body.replace(b'{"error": ', b'{"error":') == b'{"error":' + said.encode() + b"}"


def test_a_running_stream_ends_in_one_error_chunk_without_done() -> None:
    """A `[DONE]` after it would make the answer look complete."""
    assert PROTOCOL.ingress.write_stream_error(UpstreamTimeout("late")) == (
        b'data: {"error":{"message":"late","type":"server_error","param":null,"code":"upstream_timeout"}}\n\n'
    )


def test_the_spoke_says_where_it_lives() -> None:
    """Paths are exact; the keepalive is a whole frame."""
    assert PROTOCOL.ingress.paths == ("/v1/chat/completions", "/chat/completions")
    assert PROTOCOL.ingress.keepalive == b": keepalive\n\n"
    assert PROTOCOL.upstream is not None
    assert PROTOCOL.upstream.path == "/chat/completions"
    assert PROTOCOL.upstream.endpoints == {"/chat/completions"}
    assert isinstance(PROTOCOL.upstream.new_tap(), ChatTap)


AZURE = Usage(
    input_tokens=21,
    output_tokens=4,
    total_nano_aiu=7_400_000,
    costs=(
        TokenCost("input", 21, 4_200_000),
        TokenCost("cache_read", 0, 0),
        TokenCost("cache_write", 0, 0),
        TokenCost("output", 4, 3_200_000),
    ),
)
CLAUDE_THINKING = Usage(
    input_tokens=51,
    output_tokens=62,
    reasoning_tokens=7,
    total_nano_aiu=108_300_000,
    costs=(
        TokenCost("input", 51, 15_300_000),
        TokenCost("cache_read", 0, 0),
        TokenCost("cache_write", 0, 0),
        TokenCost("output", 62, 93_000_000),
    ),
)
GEMINI_TOOLS = Usage(input_tokens=19581, output_tokens=53, cache_read_tokens=17068, reasoning_tokens=134)


@pytest.mark.parametrize(
    ("name", "model", "usage", "finish"),
    [
        ("chat-azure-text", "gpt-4.1-2025-04-14", AZURE, "stop"),
        ("chat-claude-thinking", "claude-sonnet-4.5", CLAUDE_THINKING, "stop"),
        ("chat-claude-split-choices", "claude-sonnet-4.5", Usage(569, 54), "tool_calls"),
        ("chat-gemini-parallel-tools", "gemini-3.1-pro-preview", GEMINI_TOOLS, "tool_calls"),
        ("chat-gemini-stop-with-tools", "gemini-3.1-pro-preview", GEMINI_TOOLS, "stop"),
        ("chat-annotations", "gpt-4.1-2025-04-14", Usage(5, 6), "stop"),
        ("chat-length", "gpt-4.1-2025-04-14", Usage(12, 3), "length"),
        ("chat-content-filter", "gpt-4.1-2025-04-14", None, "content_filter"),
    ],
)
def test_a_recorded_stream_is_accounted_for(name: str, model: str, usage: Usage | None, finish: str) -> None:
    """Wherever the usage is put and whatever surrounds it."""
    tap = tapped(name)
    assert (tap.model, tap.usage, tap.finish) == (model, usage, Finish(FinishReason(finish), finish))
    assert (tap.is_complete, tap.failure) == (True, None)


def test_a_stream_cut_before_its_finish_is_not_complete() -> None:
    """No finish reason and no `[DONE]`: it was cut."""
    tap = tapped("chat-truncated-no-done")
    assert (tap.is_complete, tap.finish, tap.usage, tap.failure) == (False, None, None, None)
    assert tap.answer_id == "chatcmpl-Cexample01"


@pytest.mark.parametrize(
    ("error", "failure"),
    [
        ('{"code":"model_overloaded","message":"The model is overloaded."}', "The model is overloaded."),
        ('{"code":"model_overloaded"}', "model_overloaded"),
        ('"plain words"', "plain words"),
        ("[7]", "The upstream sent an error without words."),
    ],
)
def test_an_error_chunk_ends_the_stream_with_its_message(error: str, failure: str) -> None:
    """Whatever its shape."""
    tap = ChatTap()
    tap.feed(Frame(b'data: {"error":' + error.encode() + b"}\n\n"))
    assert (tap.is_complete, tap.failure) == (True, failure)
    assert tapped("chat-inline-error").failure == "The model is overloaded."


def chunk(choices: str, more: str = "") -> Frame:
    """A chunk of a stream."""
    return Frame(('data: {"id":"1","model":"m","choices":[' + choices + "]" + more + "}\n\n").encode())


def delta(text: str, index: int = 0, finish: str = "null") -> str:
    """One choice of a chunk."""
    return '{"delta":{"content":"' + text + '"},"finish_reason":' + finish + ',"index":' + str(index) + "}"


def test_a_split_answer_is_complete_when_every_choice_has_finished() -> None:
    """Claude's text and tool calls may end apart."""
    tap = ChatTap()
    for frame in (chunk(delta("a")), chunk(delta("b")), chunk(delta("c", 1)), chunk(delta("d"))):
        tap.feed(frame)
    tap.feed(chunk(delta("", finish='"tool_calls"')))
    assert tap.is_complete is False
    tap.feed(chunk(delta("", 1, finish='"tool_calls"')))
    assert tap.is_complete is True


def test_done_completes_a_stream_without_a_finish_reason() -> None:
    """It is the protocol's own last word; text that only mentions it is not."""
    tap = ChatTap()
    tap.feed(chunk(delta("data: [DONE]")))
    assert tap.is_complete is False
    tap.feed(Frame(b"data: [DONE]\n\n"))
    assert (tap.is_complete, tap.finish) == (True, None)


def test_text_that_spells_the_tail_of_a_chunk_does_not_hide_a_choice() -> None:
    """A second choice in one chunk is read, though the chunk begins and ends like the ones before."""
    tap = ChatTap()
    tap.feed(chunk(delta("a")))
    tap.feed(chunk(delta("b", finish='"stop"') + "," + delta("c")))
    assert tap.finish == Finish(FinishReason.STOP, "stop")


def test_chunks_that_differ_in_more_than_their_delta_are_still_read() -> None:
    """Changing ids and padding stop the short cut, not the accounting."""
    tap = ChatTap()
    for number in range(20):
        tap.feed(chunk(delta("a"), f',"obfuscation":"{number}"'))
    tap.feed(chunk(delta("", finish='"new_reason"'), ',"usage":{"prompt_tokens":3,"completion_tokens":2.0}'))
    assert tap.finish == Finish(FinishReason.OTHER, "new_reason")
    assert tap.usage == Usage(3, 2)


@pytest.mark.parametrize(
    "raw",
    [
        b": comment\n\n",
        b"data: {\n\n",
        b"data: \xff\n\n",
        b"data: []\n\n",
        b'data: {"choices":[7]}\n\n',
        b'data: {"choices":' + b"[" * 9000 + b"\n\n",
        b'data: {"model":7,"choices":[{"delta":null,"finish_reason":null}],"usage":[]}\n\n',
        b'data: {"choices":[{"note":"\\"delta\\":","delta" : {}}]}\n\n',
        b'data: {"choices":[{"delta":{"delta":1} }]}\n\n',
        b'data: {"model":"","choices":[],"usage":{"prompt_tokens":true,"completion_tokens":1.5}}\n\n',
    ],
)
def test_a_broken_frame_changes_nothing(raw: bytes) -> None:
    """A tap observes; it never raises."""
    tap = ChatTap()
    tap.feed(Frame(raw))
    assert (tap.usage, tap.finish, tap.model, tap.is_complete, tap.failure) == (None, None, None, False, None)


def test_a_price_without_counts_brings_its_own() -> None:
    """`copilot_usage` counts tokens too; a price that comes before the counts is kept."""
    line = '{"token_type":"input","token_count":5,"batch_size":10,"cost_per_batch":4}'
    price = ',"copilot_usage":{"token_details":[' + line + "]}"
    tap = ChatTap()
    tap.feed(chunk("", price))
    assert tap.usage == Usage(input_tokens=5, total_nano_aiu=2, costs=(TokenCost("input", 5, 2),))
    tap.feed(chunk("", ',"usage":{"prompt_tokens":7,"completion_tokens":1}'))
    assert tap.usage == Usage(7, 1, total_nano_aiu=2, costs=(TokenCost("input", 5, 2),))


@pytest.mark.parametrize(
    ("name", "model", "usage", "finish"),
    [
        ("chat-azure", "gpt-4.1-2025-04-14", AZURE, "stop"),
        (
            "chat-claude-split",
            "claude-sonnet-4.5",
            Usage(
                569,
                54,
                total_nano_aiu=251_700_000,
                costs=(
                    TokenCost("input", 569, 170_700_000),
                    TokenCost("cache_read", 0, 0),
                    TokenCost("cache_write", 0, 0),
                    TokenCost("output", 54, 81_000_000),
                ),
            ),
            "tool_calls",
        ),
    ],
)
def test_a_whole_reply_is_accounted_for(name: str, model: str, usage: Usage, finish: str) -> None:
    """The non-streaming twin of the same accounting."""
    tap = ChatTap()
    tap.read_reply(reply(name))
    assert (tap.model, tap.usage, tap.finish) == (model, usage, Finish(FinishReason(finish), finish))
    assert tap.is_complete


def test_a_whole_reply_that_is_not_json_is_not_complete() -> None:
    """What cannot be read is not an answer."""
    tap = ChatTap()
    tap.read_reply(b"<html>")
    assert tap.is_complete is False
    tap.read_reply(msgspec.json.encode({"choices": []}))
    assert tap.is_complete is True
