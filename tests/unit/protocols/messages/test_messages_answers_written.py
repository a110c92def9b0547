"""Answers for Messages clients, streamed and whole."""

import pytest

from copilot_api.neutral.events import (
    CitationAdded,
    Event,
    OpaqueSet,
    PartEnded,
    PartStarted,
    ReasoningDelta,
    ReplyEnded,
    ReplyFailed,
    ReplyStarted,
    TextDelta,
    ToolInputDelta,
    UsageSeen,
)
from copilot_api.neutral.extras import Json, JsonObject
from copilot_api.neutral.fold import fold
from copilot_api.neutral.opaque import Opaque, seal
from copilot_api.neutral.parts import (
    Citation,
    NativePart,
    Reasoning,
    Refusal,
    Text,
    ToolCall,
)
from copilot_api.neutral.usage import Finish, FinishReason, Usage
from copilot_api.protocols.messages.writing.reply import write_reply
from copilot_api.protocols.messages.writing.stream import MessagesWriter
from unit.protocols.messages.talk import ASKED, NO_NAMES, VOICE, deltas, told

STARTED = ReplyStarted("chatcmpl-1", "")
ENDED = ReplyEnded(Finish(FinishReason.STOP, "stop"))
BLOB = Opaque("chat:gpt:1", {"reasoning_opaque": "r"})
BESIDE = seal(Opaque("chat:gpt:1", {"reasoning_opaque": "r", "@beside": "previous"}))


def streamed(*events: Event) -> list[Json]:
    """The blocks of an answer with these events between its start and its end."""
    return deltas(told(STARTED, *events, ENDED))


EMPTY_TEXT: JsonObject = {"type": "text", "text": ""}
EMPTY_THOUGHT: JsonObject = {"type": "thinking", "thinking": "", "signature": ""}
CALL: JsonObject = {"type": "tool_use", "id": "t", "name": "f", "input": {}}


def words(text: str) -> JsonObject:
    """A piece of text."""
    return {"type": "text_delta", "text": text}


def thought(text: str) -> JsonObject:
    """A piece of thinking."""
    return {"type": "thinking_delta", "thinking": text}


def given(text: str) -> JsonObject:
    """A piece of a call's input."""
    return {"type": "input_json_delta", "partial_json": text}


def test_a_stream_has_the_strict_form() -> None:
    """Event lines, usage at both ends, stop reason, terminal event; our id where upstream's does not fit."""
    usage = Usage(
        input_tokens=10, output_tokens=3, cache_read_tokens=4, cache_write_tokens=1, reasoning_tokens=2
    )
    assert told(
        STARTED, PartStarted(0, Text("")), TextDelta(0, "hi"), PartEnded(0), UsageSeen(usage), ENDED, ENDED
    ) == [
        {
            "type": "message_start",
            "message": {
                "id": "msg_ours",
                "type": "message",
                "role": "assistant",
                "model": "gpt-5",
                "content": [],
                "stop_reason": None,
                "stop_sequence": None,
                "stop_details": None,
                "usage": {
                    "input_tokens": 0,
                    "cache_creation_input_tokens": 0,
                    "cache_read_input_tokens": 0,
                    "output_tokens": 0,
                },
            },
        },
        {"type": "content_block_start", "index": 0, "content_block": EMPTY_TEXT},
        {"type": "content_block_delta", "index": 0, "delta": words("hi")},
        {"type": "content_block_stop", "index": 0},
        {
            "type": "message_delta",
            "delta": {"stop_reason": "end_turn", "stop_sequence": None, "stop_details": None},
            "usage": {
                "input_tokens": 5,
                "cache_creation_input_tokens": 1,
                "cache_read_input_tokens": 4,
                "output_tokens": 3,
                "output_tokens_details": {"thinking_tokens": 2},
            },
        },
        {"type": "message_stop"},
    ]


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([PartStarted(0, Text("")), TextDelta(0, ""), PartEnded(0)], []),
        (
            [PartStarted(0, Text("a")), TextDelta(0, "b"), PartEnded(0)],
            [EMPTY_TEXT, words("a"), words("b"), "stop"],
        ),
        (
            [PartStarted(0, Text("")), TextDelta(0, "a"), PartEnded(0, Text("ab"))],
            [EMPTY_TEXT, words("a"), words("b"), "stop"],
        ),
        (
            [PartStarted(0, Text("")), TextDelta(0, "a"), PartEnded(0, Text("x"))],
            [EMPTY_TEXT, words("a"), "stop"],
        ),
        (
            [PartStarted(0, Refusal("no")), TextDelta(0, "!"), PartEnded(0)],
            [EMPTY_TEXT, words("no"), words("!"), "stop"],
        ),
        (
            [PartStarted(0, Text("", (Citation("messages", {"type": "x"}),))), PartEnded(0)],
            [EMPTY_TEXT, {"type": "citations_delta", "citation": {"type": "x"}}, "stop"],
        ),
        (
            [
                PartStarted(0, Text("a")),
                CitationAdded(0, Citation("chat", {}, url="https://a", title="A")),
                PartEnded(0),
            ],
            [
                EMPTY_TEXT,
                words("a"),
                {
                    "type": "citations_delta",
                    "citation": {
                        "type": "web_search_result_location",
                        "url": "https://a",
                        "title": "A",
                        "cited_text": "",
                        "encrypted_index": "",
                    },
                },
                "stop",
            ],
        ),
        (
            [
                PartStarted(0, Text("a")),
                OpaqueSet(0, BLOB),
                PartEnded(0),
                PartStarted(1, Text("b")),
                PartEnded(1),
            ],
            [
                *(EMPTY_TEXT, words("a"), "stop"),
                *({"type": "redacted_thinking", "data": BESIDE}, "stop"),
                *(EMPTY_TEXT, words("b"), "stop"),
            ],
        ),
        (
            [PartStarted(0, Text("", opaque=BLOB)), PartEnded(0)],
            [{"type": "redacted_thinking", "data": seal(BLOB)}, "stop"],
        ),
        (
            [
                PartStarted(0, Reasoning()),
                ReasoningDelta(0, "a"),
                ReasoningDelta(0, "b"),
                ReasoningDelta(0, "c", piece=1),
                ReasoningDelta(0, "d", is_raw=True),
                ReasoningDelta(0, ""),
                OpaqueSet(0, Opaque("old", {})),
                OpaqueSet(0, BLOB),
                PartEnded(0),
            ],
            [
                EMPTY_THOUGHT,
                thought("a"),
                thought("b"),
                thought("\n\nc"),
                thought("\n\nd"),
                {"type": "signature_delta", "signature": seal(BLOB)},
                "stop",
            ],
        ),
        (
            [PartStarted(0, Reasoning(("a", "b"), "c")), PartEnded(0)],
            [EMPTY_THOUGHT, thought("a"), thought("\n\nb"), thought("\n\nc"), "stop"],
        ),
        ([PartStarted(0, Reasoning()), PartEnded(0)], []),
        (
            [PartStarted(0, Reasoning(opaque=Opaque("messages", {"signature": "s"}))), PartEnded(0)],
            [EMPTY_THOUGHT, {"type": "signature_delta", "signature": "s"}, "stop"],
        ),
        (
            [
                PartStarted(0, Reasoning(is_redacted=True)),
                OpaqueSet(0, Opaque("messages", {"data": "d"})),
                PartEnded(0),
            ],
            [{"type": "redacted_thinking", "data": "d"}, "stop"],
        ),
        (
            [PartStarted(0, Reasoning()), PartEnded(0, Reasoning(("late",), opaque=BLOB))],
            [EMPTY_THOUGHT, thought("late"), {"type": "signature_delta", "signature": seal(BLOB)}, "stop"],
        ),
        (
            [PartStarted(0, Reasoning()), ReasoningDelta(0, "a"), PartEnded(0, Reasoning(("b",)))],
            [EMPTY_THOUGHT, thought("a"), "stop"],
        ),
        (
            [
                PartStarted(0, ToolCall("t", "f", " ")),
                ToolInputDelta(0, '{"a'),
                ToolInputDelta(0, '":1}'),
                PartEnded(0),
            ],
            [CALL, given(' {"a'), given('":1}'), "stop"],
        ),
        ([PartStarted(0, ToolCall("t", "f", "")), ToolInputDelta(0, ""), PartEnded(0)], [CALL, "stop"]),
        (
            [
                PartStarted(0, ToolCall("t", "f", "")),
                ToolInputDelta(0, '["'),
                ToolInputDelta(0, "]"),
                PartEnded(0),
            ],
            [CALL, given('{"raw_arguments":"[\\"'), given("]"), given('"}'), "stop"],
        ),
        (
            [PartStarted(0, ToolCall("t", "f", "", kind="custom")), ToolInputDelta(0, 'a"'), PartEnded(0)],
            [CALL, given('{"input":"'), given('a\\"'), given('"}'), "stop"],
        ),
        (
            [
                PartStarted(0, ToolCall("t", "f", "", opaque=BLOB)),
                ToolInputDelta(0, "{"),
                PartEnded(0, ToolCall("t", "f", "{}")),
            ],
            [CALL, given("{"), given("}"), "stop", {"type": "redacted_thinking", "data": BESIDE}, "stop"],
        ),
        (
            [PartStarted(0, ToolCall("t", "f", "{}")), PartEnded(0, ToolCall("t", "f", '{"a":1}'))],
            [CALL, given("{}"), "stop"],
        ),
        (
            [
                PartStarted(0, NativePart("messages", {"type": "server_tool_use", "input": {"q": 1}})),
                PartEnded(0),
            ],
            [{"type": "server_tool_use", "input": {}}, given('{"q":1}'), "stop"],
        ),
        (
            [
                PartStarted(0, NativePart("messages", {"type": "odd"})),
                PartEnded(0, NativePart("messages", {})),
            ],
            [{"type": "odd"}, "stop"],
        ),
        (
            [PartStarted(0, NativePart("responses", {"type": "odd"}, "told")), PartEnded(0)],
            [EMPTY_TEXT, words("told"), "stop"],
        ),
        (
            [
                PartStarted(0, NativePart("responses", {})),
                TextDelta(0, "x"),
                ToolInputDelta(0, "x"),
                PartEnded(0),
            ],
            [],
        ),
        ([PartStarted(0, Text("")), ReasoningDelta(0, "x"), PartEnded(0)], []),
        (
            [
                PartStarted(0, Refusal("")),
                CitationAdded(0, Citation("chat", {}, url="https://a")),
                PartEnded(0),
            ],
            [],
        ),
    ],
)
def test_parts_become_blocks(events: list[Event], expected: list[Json]) -> None:
    """Begun with the first word, signed at the end, numbered without gaps."""
    assert streamed(*events) == expected


PROOF: JsonObject = {"type": "redacted_thinking", "data": seal(BLOB)}
LATE_PROOF: list[Event] = [
    PartStarted(0, Text("a")),
    PartEnded(0),
    PartStarted(1, Reasoning(opaque=BLOB, is_redacted=True)),
    PartEnded(1),
]


def test_a_proof_behind_a_text_waits_for_a_block_to_follow() -> None:
    """Claude Code prints the last block if that is a text: behind the last text a proof would hide the answer."""
    call = [PartStarted(2, ToolCall("t", "f", "{}")), PartEnded(2)]
    assert streamed(*LATE_PROOF, *call) == [
        EMPTY_TEXT,
        words("a"),
        "stop",
        PROOF,
        "stop",
        CALL,
        given("{}"),
        "stop",
    ]
    assert streamed(*LATE_PROOF) == [EMPTY_TEXT, words("a"), "stop"]
    writer = MessagesWriter(ASKED, VOICE, NO_NAMES)
    for event in (STARTED, *LATE_PROOF, ENDED):
        writer.feed(event)
    assert [loss.path for loss in writer.losses] == ["content[1]"]


def test_a_whole_answer_ends_in_its_text_too() -> None:
    """Both forms say the same; where no text is hidden, a proof stays."""
    document, losses = write_reply(fold((STARTED, *LATE_PROOF, ENDED)), ASKED, VOICE, NO_NAMES)
    assert document["content"] == [{"type": "text", "text": "a"}]
    assert [loss.path for loss in losses] == ["content[1]"]
    alone = [PartStarted(0, Reasoning(opaque=BLOB, is_redacted=True)), PartEnded(0)]
    assert streamed(*alone) == [PROOF, "stop"]
    document, losses = write_reply(fold((STARTED, *alone, ENDED)), ASKED, VOICE, NO_NAMES)
    assert (document["content"], losses) == ([PROOF], ())


@pytest.mark.parametrize(
    ("failure", "expected"),
    [
        (
            ReplyFailed("cut", "It broke off."),
            {"type": "api_error", "message": "It broke off.", "code": "upstream_protocol_error"},
        ),
        (
            ReplyFailed("error", "Overloaded", "overloaded_error"),
            {"type": "overloaded_error", "message": "Overloaded", "code": "overloaded_error"},
        ),
        (
            ReplyFailed("error", "Odd"),
            {"type": "api_error", "message": "Odd", "code": "upstream_rejected"},
        ),
    ],
)
def test_a_failure_is_the_last_word(failure: ReplyFailed, expected: JsonObject) -> None:
    """One error event, upstream's own type where it is Anthropic's; then nothing."""
    documents = told(STARTED, PartStarted(0, Text("a")), PartEnded(0), failure, ENDED)
    assert documents[-1] == {"type": "error", "error": expected}
