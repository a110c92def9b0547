"""Messages answers into the hub, streamed and whole."""

import pytest

from copilot_api.errors import UpstreamProtocolError
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
from copilot_api.neutral.fold import Completion, fold
from copilot_api.neutral.opaque import Opaque
from copilot_api.neutral.parts import Citation, NativePart, Reasoning, Text, ToolCall
from copilot_api.neutral.usage import Finish, FinishReason, Usage
from copilot_api.protocols.messages.reading.reply import read_reply
from copilot_api.protocols.messages.reading.stream import MessagesReader
from copilot_api.wire.sse import Frame
from unit.protocols.messages.talk import frame, heard

START: JsonObject = {"type": "message_start", "message": {"id": "msg_1", "model": "m", "stop_details": None}}
STOP: JsonObject = {"type": "message_stop"}
STARTED = ReplyStarted("msg_1", "m")
CUT = ReplyFailed("cut", "The upstream's answer ended before it was complete.", "cut")


def begin(block: JsonObject, index: int = 0) -> JsonObject:
    """A block begins."""
    return {"type": "content_block_start", "index": index, "content_block": block}


def delta(kind: str, index: int = 0, **fields: Json) -> JsonObject:
    """A piece of a block."""
    return {"type": "content_block_delta", "index": index, "delta": {"type": kind, **fields}}


def end(index: int = 0) -> JsonObject:
    """A block is over."""
    return {"type": "content_block_stop", "index": index}


TEXT = begin({"type": "text", "text": ""})
CALL: JsonObject = {"type": "tool_use", "id": "t", "name": "f", "input": {}}


@pytest.mark.parametrize(
    ("documents", "expected"),
    [
        (
            [TEXT, delta("text_delta", text="hi"), delta("text_delta", text=""), end()],
            [PartStarted(0, Text("")), TextDelta(0, "hi"), PartEnded(0)],
        ),
        (
            [
                TEXT,
                delta("citations_delta", citation={"type": "x", "cited_text": "q", "title": None}),
                delta("citations_delta", citation=1),
                end(),
            ],
            [
                PartStarted(0, Text("")),
                CitationAdded(
                    0, Citation("messages", {"type": "x", "cited_text": "q", "title": None}, quote="q")
                ),
                PartEnded(0),
            ],
        ),
        (
            [
                begin({"type": "thinking", "thinking": "a", "signature": "s"}),
                delta("thinking_delta", thinking="b"),
                end(),
            ],
            [
                PartStarted(0, Reasoning(("a",), opaque=Opaque("o", {"signature": "s"}))),
                ReasoningDelta(0, "b"),
                PartEnded(0),
            ],
        ),
        (
            [
                begin({"type": "thinking", "thinking": "", "signature": ""}),
                delta("signature_delta", signature="s"),
                end(),
            ],
            [PartStarted(0, Reasoning()), OpaqueSet(0, Opaque("o", {"signature": "s"})), PartEnded(0)],
        ),
        (
            [begin({"type": "redacted_thinking", "data": "d", "odd": 1}), end()],
            [
                PartStarted(
                    0,
                    Reasoning(
                        opaque=Opaque("o", {"data": "d"}),
                        is_redacted=True,
                        extras=Extras("messages", {"odd": 1}),
                    ),
                ),
                PartEnded(0),
            ],
        ),
        (
            [
                begin(CALL),
                delta("input_json_delta", partial_json='{"a'),
                delta("input_json_delta", partial_json='":1}'),
                end(),
            ],
            [
                PartStarted(0, ToolCall("t", "f", "")),
                ToolInputDelta(0, '{"a'),
                ToolInputDelta(0, '":1}'),
                PartEnded(0),
            ],
        ),
        (
            [begin(CALL), delta("input_json_delta", partial_json=""), end()],
            [PartStarted(0, ToolCall("t", "f", "")), ToolInputDelta(0, "{}"), PartEnded(0)],
        ),
        (
            [begin({"type": "tool_use", "id": "t", "name": "f"}), end()],
            [PartStarted(0, ToolCall("t", "f", "")), ToolInputDelta(0, "{}"), PartEnded(0)],
        ),
        (
            [begin({**CALL, "input": {"a": 1}}), end()],
            [PartStarted(0, ToolCall("t", "f", "")), ToolInputDelta(0, '{"a":1}'), PartEnded(0)],
        ),
        (
            [
                begin({"type": "server_tool_use", "id": "s", "name": "n", "input": {}}),
                delta("input_json_delta", partial_json='{"q":'),
                delta("input_json_delta", partial_json="1}"),
                end(),
            ],
            [
                PartStarted(
                    0,
                    NativePart(
                        "messages", {"type": "server_tool_use", "id": "s", "name": "n", "input": {"q": 1}}
                    ),
                ),
                PartEnded(0),
            ],
        ),
        (
            [begin({"type": "server_tool_use"}), delta("input_json_delta", partial_json=" "), end()],
            [PartStarted(0, NativePart("messages", {"type": "server_tool_use", "input": {}})), PartEnded(0)],
        ),
        (
            [begin({"type": "server_tool_use"}), delta("input_json_delta", partial_json="{"), end()],
            [PartStarted(0, NativePart("messages", {"type": "server_tool_use", "input": "{"})), PartEnded(0)],
        ),
        (
            [begin({"type": "compaction"}), delta("compaction_delta", content="So far", odd=None), end()],
            [
                PartStarted(0, NativePart("messages", {"type": "compaction", "content": "So far"}, "So far")),
                PartEnded(0),
            ],
        ),
        (
            [begin({"type": "text"}), end()],
            [PartStarted(0, NativePart("messages", {"type": "text"})), PartEnded(0)],
        ),
        (
            [TEXT, delta("odd_delta", odd=1), end()],
            [
                PartStarted(0, Text("")),
                NativeEvent("messages", {"delta": {"type": "odd_delta", "odd": 1}}, 0),
                PartEnded(0),
            ],
        ),
        (
            [TEXT, {**delta("text_delta", text="hi"), "copilot_annotations": {"a": 1}}, end()],
            [
                PartStarted(0, Text("")),
                TextDelta(0, "hi"),
                NativeEvent("messages", {"copilot_annotations": {"a": 1}}, 0),
                PartEnded(0),
            ],
        ),
        (
            [
                {"type": "content_block_start", "content_block": {"type": "text", "text": "h"}},
                {"type": "content_block_delta", "delta": {"type": "text_delta", "text": "i"}},
                {"type": "content_block_stop"},
                {"type": "content_block_stop"},
            ],
            [PartStarted(0, Text("h")), TextDelta(0, "i"), PartEnded(0)],
        ),
        (
            [TEXT, begin({"type": "text", "text": "again"})],
            [PartStarted(0, Text("")), PartEnded(0), PartStarted(1, Text("again"))],
        ),
        (
            [
                TEXT,
                begin(CALL, 1),
                delta("input_json_delta", 1, partial_json="{}"),
                delta("text_delta", text="hi"),
                end(1),
                end(1),
                end(),
            ],
            [
                PartStarted(0, Text("")),
                TextDelta(0, "hi"),
                PartEnded(0),
                PartStarted(1, ToolCall("t", "f", "")),
                ToolInputDelta(1, "{}"),
                PartEnded(1),
            ],
        ),
        (
            [
                TEXT,
                begin(CALL, 1),
                end(),
                delta("input_json_delta", 1, partial_json="{}"),
                end(1),
            ],
            [
                PartStarted(0, Text("")),
                PartEnded(0),
                PartStarted(1, ToolCall("t", "f", "")),
                ToolInputDelta(1, "{}"),
                PartEnded(1),
            ],
        ),
    ],
)
def test_blocks_become_parts(documents: list[Json], expected: list[Event]) -> None:
    """One after another; the stream was cut here, and what was open has no end."""
    assert heard(START, *documents) == [STARTED, *expected, CUT]


def test_an_answer_ends_once_with_its_counts() -> None:
    """Counts are cumulative and win field by field; what follows the end is not heard."""
    assert heard(
        {
            "type": "message_start",
            "message": {"usage": {"input_tokens": 5, "output_tokens": 1}, "container": "c"},
        },
        {"type": "ping"},
        {
            "type": "message_delta",
            "delta": {"stop_reason": "stop_sequence", "stop_sequence": "END", "stop_details": None},
            "usage": {"output_tokens": 7, "cache_read_input_tokens": 2, "server_tool_use": {"n": 1}},
            "context_management": {"applied_edits": []},
        },
        {"type": "message_stop", "amazon-bedrock-invocationMetrics": {"ms": 1}},
        {"type": "message_stop"},
        TEXT,
    ) == [
        ReplyStarted("", ""),
        UsageSeen(Usage(input_tokens=5, output_tokens=1)),
        UsageSeen(Usage(input_tokens=7, output_tokens=7, cache_read_tokens=2)),
        ReplyEnded(
            Finish(FinishReason.STOP, "stop_sequence"),
            "END",
            Extras(
                "messages",
                {"container": "c", "context_management": {"applied_edits": []}},
                {"amazon-bedrock-invocationMetrics": {"ms": 1}, "usage": {"server_tool_use": {"n": 1}}},
            ),
        ),
    ]


@pytest.mark.parametrize(
    ("documents", "expected"),
    [
        ([], [CUT]),
        (
            [{"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}],
            [ReplyFailed("error", "Overloaded", "overloaded_error")],
        ),
        (
            [{"type": "error"}],
            [ReplyFailed("error", "The upstream sent an error without words.", "")],
        ),
        (
            [delta("text_delta", text="hi")],
            [ReplyFailed("error", "The upstream sent a piece of no open block.", "invalid_event")],
        ),
        ([STOP], [ReplyEnded(Finish(FinishReason.OTHER, ""))]),
        (
            [{"type": "message_delta", "delta": {"stop_reason": "odd"}}, STOP],
            [ReplyEnded(Finish(FinishReason.OTHER, "odd"))],
        ),
        ([1, {"type": "odd"}, {"type": ["odd"]}, end()], [CUT]),
        (
            [TEXT, begin(CALL, 1), end(1), STOP],
            [
                PartStarted(0, Text("")),
                PartEnded(0),
                PartStarted(1, ToolCall("t", "f", "")),
                ToolInputDelta(1, "{}"),
                PartEnded(1),
                ReplyEnded(Finish(FinishReason.OTHER, "")),
            ],
        ),
        ([TEXT, STOP], [PartStarted(0, Text("")), PartEnded(0), ReplyEnded(Finish(FinishReason.OTHER, ""))]),
    ],
)
def test_every_stream_has_exactly_one_end(documents: list[Json], expected: list[Event]) -> None:
    """Whatever comes, and even where nothing does."""
    assert heard(*documents) == [ReplyStarted("", ""), *expected]


def test_a_frame_that_is_no_json_ends_the_answer() -> None:
    """Words may be missing: half an answer never passes for a whole one."""
    reader = MessagesReader("o")
    assert reader.feed(Frame(b": comment\n\n")) == ()
    assert reader.feed(Frame(b"data: [DONE]\n\n")) == ()
    assert reader.feed(Frame(b"data: {\n\n")) == (
        ReplyStarted("", ""),
        ReplyFailed("error", "The upstream sent an event that is no JSON.", "invalid_event"),
    )
    assert reader.feed(frame(START)) == ()
    assert reader.finish() == ()


def test_a_whole_answer_is_the_fold_of_the_streamed_one() -> None:
    """L3, with every kind of block."""
    document: JsonObject = {
        "id": "msg_1",
        "model": "m",
        "content": [
            {"type": "thinking", "thinking": "hm", "signature": "s"},
            {"type": "text", "text": "hi", "citations": [{"type": "x", "cited_text": "q"}]},
            {"type": "tool_use", "id": "t", "name": "f", "input": {}},
            "odd",
        ],
        "stop_reason": "refusal",
        "stop_details": {"category": "cyber"},
        "usage": {"input_tokens": 1, "output_tokens": 2, "cache_creation": None},
    }
    streamed = heard(
        {"type": "message_start", "message": {"id": "msg_1", "model": "m"}},
        begin({"type": "thinking", "thinking": "", "signature": ""}),
        delta("thinking_delta", thinking="hm"),
        delta("signature_delta", signature="s"),
        end(),
        begin({"type": "text", "text": "", "citations": None}, 1),
        delta("text_delta", 1, text="hi"),
        delta("citations_delta", 1, citation={"type": "x", "cited_text": "q"}),
        end(1),
        begin(CALL, 2),
        end(2),
        {
            "type": "message_delta",
            "delta": {"stop_reason": "refusal", "stop_details": {"category": "cyber"}},
            "usage": {"input_tokens": 1, "output_tokens": 2},
        },
        STOP,
    )
    completion = read_reply(document, "o")
    assert fold(streamed) == completion
    assert completion == Completion(
        "msg_1",
        "m",
        (
            Reasoning(("hm",), opaque=Opaque("o", {"signature": "s"})),
            Text("hi", (Citation("messages", {"type": "x", "cited_text": "q"}, quote="q"),)),
            ToolCall("t", "f", "{}"),
        ),
        Usage(input_tokens=1, output_tokens=2),
        Finish(FinishReason.REFUSAL, "refusal"),
        end_extras=Extras("messages", {"stop_details": {"category": "cyber"}}),
    )


def test_a_document_that_is_no_answer_is_an_upstream_fault() -> None:
    """Whatever upstream sent instead."""
    with pytest.raises(UpstreamProtocolError):
        read_reply({"type": "message"}, "o")
    assert read_reply({"content": []}, "o") == Completion("", "", (), finish=Finish(FinishReason.OTHER, ""))
