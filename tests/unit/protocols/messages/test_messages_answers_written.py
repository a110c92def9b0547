"""Answers for Messages clients, streamed and whole."""

import msgspec
import pytest

from copilot_api.neutral.events import (
    CitationAdded,
    Event,
    NativeEvent,
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
from copilot_api.neutral.extras import Extras, Json, JsonObject
from copilot_api.neutral.fold import Completion, unfold
from copilot_api.neutral.opaque import Opaque, seal
from copilot_api.neutral.parts import (
    Bytes,
    Citation,
    Image,
    NativePart,
    Part,
    Reasoning,
    Refusal,
    Text,
    ToolCall,
)
from copilot_api.neutral.request import ReasoningOptions
from copilot_api.neutral.usage import Finish, FinishReason, Usage
from copilot_api.protocols.base import ToolNames
from copilot_api.protocols.messages.writing.reply import write_reply
from copilot_api.protocols.messages.writing.stream import MessagesWriter
from unit.protocols.messages.talk import ASKED, NO_NAMES, VOICE, paths, seen, summed, told

STARTED = ReplyStarted("chatcmpl-1", "")
ENDED = ReplyEnded(Finish(FinishReason.STOP, "stop"))
BLOB = Opaque("chat:gpt:1", {"reasoning_opaque": "r"})
BESIDE = seal(Opaque("chat:gpt:1", {"reasoning_opaque": "r", "@beside": "previous"}))
HIDDEN = msgspec.structs.replace(ASKED, reasoning=ReasoningOptions(shows_thoughts=False))


def deltas(documents: list[JsonObject]) -> list[Json]:
    """The blocks that begin, the deltas, and "stop" for each end."""
    said: list[Json] = []
    for document in documents:
        if document["type"] == "content_block_stop":
            said.append("stop")
        elif document["type"] in ("content_block_start", "content_block_delta"):
            said.append(document.get("content_block") or document.get("delta"))
    return said


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
            [PartStarted(0, Text("a")), OpaqueSet(0, BLOB), PartEnded(0)],
            [EMPTY_TEXT, words("a"), "stop", {"type": "redacted_thinking", "data": BESIDE}, "stop"],
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


def test_thinking_is_not_shown_to_a_client_that_does_not_want_it() -> None:
    """Its blob is, so that it can come back."""
    events: list[Event] = [
        PartStarted(0, Reasoning()),
        ReasoningDelta(0, "hm"),
        OpaqueSet(0, BLOB),
        PartEnded(0),
    ]
    assert deltas(told(STARTED, *events, ENDED, request=HIDDEN)) == [
        EMPTY_THOUGHT,
        {"type": "signature_delta", "signature": seal(BLOB)},
        "stop",
    ]
    completion = Completion("", "", (Reasoning(("hm",), opaque=BLOB),))
    assert write_reply(completion, HIDDEN, VOICE, NO_NAMES)[0]["content"] == [
        {"type": "thinking", "thinking": "", "signature": seal(BLOB)}
    ]


def test_tools_get_their_names_and_shapes_back() -> None:
    """Renamed tools and wrapped schemas are our own business."""
    names = ToolNames(back={"f": ("odd name", None, "function")}, wrapped=frozenset({"f"}))
    events: list[Event] = [
        PartStarted(0, ToolCall("t", "f", "")),
        ToolInputDelta(0, '{"input":{"a":'),
        ToolInputDelta(0, "1}}"),
        PartEnded(0),
    ]
    document = summed(told(STARTED, *events, ENDED, names=names))
    assert document["content"] == [{"type": "tool_use", "id": "t", "name": "odd name", "input": {"a": 1}}]
    completion = Completion("", "", (ToolCall("t", "f", '{"input":{"a":1}}'),))
    assert write_reply(completion, ASKED, VOICE, names)[0]["content"] == document["content"]


@pytest.mark.parametrize(
    ("finish", "sequence", "parts", "expected"),
    [
        (Finish(FinishReason.STOP, "stop"), None, (Text("a"),), ("end_turn", None)),
        (Finish(FinishReason.STOP, "stop"), "END", (Text("a"),), ("stop_sequence", "END")),
        (Finish(FinishReason.STOP, "stop"), None, (ToolCall("t", "f", "{}"),), ("tool_use", None)),
        (Finish(FinishReason.STOP, "stop"), None, (Refusal("no"),), ("refusal", None)),
        (Finish(FinishReason.LENGTH, "length"), "END", (Text("a"),), ("max_tokens", None)),
        (Finish(FinishReason.TOOL_CALLS, "tool_calls"), None, (Text("a"),), ("end_turn", None)),
        (Finish(FinishReason.CONTENT_FILTER, "content_filter"), None, (), ("refusal", None)),
        (Finish(FinishReason.PAUSE, "pause"), None, (), ("pause_turn", None)),
        (Finish(FinishReason.CONTEXT, "x"), None, (), ("model_context_window_exceeded", None)),
        (Finish(FinishReason.OTHER, "odd"), None, (Text("a"),), ("end_turn", None)),
        (Finish(FinishReason.PAUSE, "pause_turn"), None, (), ("pause_turn", None)),
        (Finish(FinishReason.STOP, "stop_sequence"), None, (), ("end_turn", None)),
    ],
)
def test_the_stop_reason_agrees_with_what_was_said(
    finish: Finish, sequence: str | None, parts: tuple[Part, ...], expected: tuple[str, str | None]
) -> None:
    """Streamed and whole."""
    completion = Completion("", "", parts, finish=finish, stop_sequence=sequence)
    document, _ = write_reply(completion, ASKED, VOICE, NO_NAMES)
    assert (document["stop_reason"], document["stop_sequence"]) == expected
    assert summed(told(*unfold(completion))) == seen(document)


WHOLE = Completion(
    "msg_theirs",
    "m",
    (
        Reasoning(("a", "b"), "c", opaque=BLOB),
        Reasoning(is_redacted=True, opaque=BLOB),
        Reasoning(is_redacted=True),
        Reasoning(),
        Text("hi", (Citation("messages", {"type": "char_location"}),), opaque=BLOB),
        Text(""),
        Text("", opaque=BLOB),
        Refusal("no"),
        Refusal(""),
        ToolCall("t", "f", '{"a":1}', opaque=BLOB),
        ToolCall("u", "f", "", kind="custom"),
        NativePart("messages", {"type": "odd"}),
        NativePart("responses", {"type": "odd"}, "told"),
    ),
    finish=Finish(FinishReason.STOP, "stop"),
)


def test_a_whole_answer_says_what_the_streamed_one_says() -> None:
    """The official SDK sums them up alike."""
    document, losses = write_reply(WHOLE, ASKED, VOICE, NO_NAMES)
    assert document["content"] == [
        {"type": "thinking", "thinking": "a\n\nb\n\nc", "signature": seal(BLOB)},
        {"type": "redacted_thinking", "data": seal(BLOB)},
        {"type": "text", "text": "hi", "citations": [{"type": "char_location"}]},
        {"type": "redacted_thinking", "data": BESIDE},
        {"type": "redacted_thinking", "data": seal(BLOB)},
        {"type": "text", "text": "no"},
        {"type": "tool_use", "id": "t", "name": "f", "input": {"a": 1}},
        {"type": "redacted_thinking", "data": BESIDE},
        {"type": "tool_use", "id": "u", "name": "f", "input": {"input": ""}},
        {"type": "odd"},
        {"type": "text", "text": "told"},
    ]
    assert losses == ()
    assert (document["id"], document["model"]) == ("msg_theirs", "m")
    assert summed(told(*unfold(WHOLE))) == seen(document)


def test_broken_arguments_stand_in_an_object() -> None:
    """Whole answers can hold nothing else."""
    completion = Completion("", "", (ToolCall("t", "f", '{"a'),))
    document, losses = write_reply(completion, ASKED, VOICE, NO_NAMES)
    assert document["content"] == [
        {"type": "tool_use", "id": "t", "name": "f", "input": {"raw_arguments": '{"a'}}
    ]
    assert paths(losses) == [("content[0]", "approximated")]


def test_what_cannot_be_told_is_noted_once() -> None:
    """Streamed and whole alike; fields of Messages' own are told."""
    extras = Extras("chat", {"system_fingerprint": "f", "none": None})
    parts: tuple[Part, ...] = (
        Text("a", (Citation("chat", {}),), extras=Extras("messages", {"odd": 1})),
        Image(Bytes("image/png", "aQ==")),
        NativePart("responses", {"type": "odd"}),
    )
    own = Extras(
        "messages", {"context_management": {}, "stop_details": {"category": "cyber"}}, {"usage": {"x": 1}}
    )
    completion = Completion(
        "",
        "",
        parts,
        extras=extras,
        end_extras=own,
        natives=(NativeEvent("chat", {}), NativeEvent("chat", {}), NativeEvent("chat", {"a": 1})),
    )
    document, losses = write_reply(completion, ASKED, VOICE, NO_NAMES)
    assert document["content"] == [{"type": "text", "text": "a", "odd": 1}]
    assert (document["context_management"], document["stop_details"]) == ({}, {"category": "cyber"})
    expected = [
        ("content[0].citations", "dropped"),
        ("content[1]", "dropped"),
        ("content[2]", "dropped"),
        ("system_fingerprint", "dropped"),
        ("event", "dropped"),
        ("a", "dropped"),
    ]
    assert paths(losses) == expected
    writer = MessagesWriter(ASKED, VOICE, NO_NAMES)
    ended = ReplyEnded(Finish(FinishReason.STOP, "stop"), extras=Extras("chat", {"late": 1}))
    for event in (*unfold(completion), ended):
        writer.feed(event)
    assert sorted(paths(writer.losses)) == sorted(
        [
            ("system_fingerprint", "dropped"),
            ("content[0].citations", "dropped"),
            ("content[1]", "dropped"),
            ("content[1]", "dropped"),
            ("event", "dropped"),
            ("a", "dropped"),
            ("late", "dropped"),
        ]
    )


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
