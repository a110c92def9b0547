"""Whole answers for Messages clients, and what they share with streamed ones."""

import msgspec
import pytest

from copilot_api.neutral.events import (
    Event,
    NativeEvent,
    OpaqueSet,
    PartEnded,
    PartStarted,
    ReasoningDelta,
    ReplyEnded,
    ReplyStarted,
    ToolInputDelta,
)
from copilot_api.neutral.extras import Extras, JsonObject
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
from copilot_api.neutral.usage import Finish, FinishReason
from copilot_api.protocols.base import ToolNames
from copilot_api.protocols.messages.writing.reply import write_reply
from copilot_api.protocols.messages.writing.stream import MessagesWriter
from unit.protocols.messages.talk import ASKED, NO_NAMES, VOICE, deltas, paths, seen, summed, told

STARTED = ReplyStarted("chatcmpl-1", "")
ENDED = ReplyEnded(Finish(FinishReason.STOP, "stop"))
BLOB = Opaque("chat:gpt:1", {"reasoning_opaque": "r"})
BESIDE = seal(Opaque("chat:gpt:1", {"reasoning_opaque": "r", "@beside": "previous"}))
HIDDEN = msgspec.structs.replace(ASKED, reasoning=ReasoningOptions(shows_thoughts=False))


EMPTY_THOUGHT: JsonObject = {"type": "thinking", "thinking": "", "signature": ""}


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


@pytest.mark.parametrize(
    ("end_extras", "has_nulls"), [(None, True), (Extras("chat", {}), True), (Extras("messages", {}), False)]
)
def test_a_foreign_answer_has_every_field_the_schema_requires(
    end_extras: Extras | None, has_nulls: bool
) -> None:
    """With null where nobody knows; Messages' own answers come back as they were."""
    completion = Completion("", "", (Text("hi"),), end_extras=end_extras)
    document, _ = write_reply(completion, ASKED, VOICE, NO_NAMES)
    usage = document["usage"]
    assert isinstance(usage, dict)
    nulls = {name for name, value in usage.items() if value is None}
    breakdowns = {"cache_creation", "inference_geo", "server_tool_use", "service_tier"}
    assert nulls == (breakdowns if has_nulls else set())
    assert ("container" in document) == has_nulls


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
