"""What the fuzz targets have found, in its smallest form and with what must come of it."""

import json
from typing import Any

import pytest

from copilot_api.copilot.quirks.messages.frames import MessagesRepair
from copilot_api.copilot.quirks.responses.frames import ResponsesRepair
from copilot_api.neutral.events import (
    Event,
    NativeEvent,
    PartEnded,
    PartStarted,
    ReplyEnded,
    ReplyFailed,
    ReplyStarted,
    TextDelta,
    UsageSeen,
)
from copilot_api.neutral.parts import NativePart, Reasoning, Text, ToolCall
from copilot_api.neutral.stops import StopFilter
from copilot_api.neutral.usage import Finish, FinishReason, Usage
from copilot_api.protocols.billing import as_count
from copilot_api.protocols.gemini.writing.framing import JsonArray
from copilot_api.wire.sse import Frame
from laws.hub.pairs import read_events

NAMELESS = ReplyFailed("error", "The upstream called a tool without naming it.", "invalid_event")


def heard(protocol: str, *documents: dict[str, Any]) -> list[Event]:
    """The events of a stream of these."""
    return read_events(
        protocol, b"".join(b"data: " + json.dumps(one).encode() + b"\n\n" for one in documents)
    )


def begin(block: dict[str, Any]) -> dict[str, Any]:
    """A Messages block begins."""
    return {"type": "content_block_start", "index": 0, "content_block": block}


@pytest.mark.parametrize(
    ("protocol", "documents"),
    [
        ("chat", [{"choices": [{"index": 0, "delta": {"tool_calls": [{"index": 0, "id": "1"}]}}]}]),
        ("messages", [begin({"type": "tool_use", "id": "1", "name": "", "input": {}})]),
        (
            "responses",
            [{"type": "response.output_item.done", "item": {"type": "function_call", "call_id": "1"}}],
        ),
        (
            "responses",
            [{"type": "response.completed", "response": {"output": [{"type": "function_call"}] * 2}}],
        ),
    ],
)
def test_a_call_of_no_tool_fails_the_answer(protocol: str, documents: list[dict[str, Any]]) -> None:
    """Nobody could run it: its client would answer "unknown tool" until somebody stops it."""
    assert heard(protocol, *documents) == [ReplyStarted("", ""), NAMELESS]


def test_nothing_is_counted_inside_a_part() -> None:
    """Messages: a start that comes late, or an end of a block that never came; no count is lost."""
    late = {"type": "message_start", "message": {"usage": {"input_tokens": 5}}}
    assert heard("messages", begin({"type": "text", "text": ""}), late, {"type": "message_stop"}) == [
        ReplyStarted("", ""),
        PartStarted(0, Text("")),
        PartEnded(0),
        UsageSeen(Usage(input_tokens=5)),
        ReplyEnded(Finish(FinishReason.OTHER, "")),
    ]
    assert heard("messages", begin({"type": "text", "text": ""}), late)[-2:] == [
        UsageSeen(Usage(input_tokens=5)),
        ReplyFailed("cut", "The upstream's answer ended before it was complete.", "cut"),
    ]


@pytest.mark.parametrize(
    ("block", "reason", "expected"),
    [
        ({"type": "text", "text": ""}, "tool_use", FinishReason.STOP),
        ({"type": "tool_use", "id": "1", "name": "f", "input": {}}, "end_turn", FinishReason.TOOL_CALLS),
        ({"type": "tool_use", "id": "1", "name": "f", "input": {}}, "max_tokens", FinishReason.LENGTH),
    ],
)
def test_the_reason_fits_the_calls(block: dict[str, Any], reason: str, expected: FinishReason) -> None:
    """Messages, as chat: clients run calls, or look for them, by that word."""
    end = {"type": "message_delta", "delta": {"stop_reason": reason}}
    ended = heard("messages", begin(block), end, {"type": "message_stop"})[-1]
    assert ended == ReplyEnded(Finish(expected, reason))


def test_a_piece_says_nothing_in_a_part_of_another_kind() -> None:
    """Responses: arguments of an item that is no call, a summary of one that is."""
    call = {"type": "function_call", "call_id": "1", "name": "f"}
    events = heard(
        "responses",
        {"type": "response.output_item.added", "output_index": 0, "item": {"type": "odd"}},
        {"type": "response.function_call_arguments.delta", "output_index": 0, "delta": "{}"},
        {"type": "response.output_item.done", "output_index": 0, "item": {"type": "odd"}},
        {"type": "response.output_item.added", "output_index": 1, "item": call},
        {"type": "response.reasoning_summary_text.delta", "output_index": 1, "delta": "Hm."},
    )
    assert events == [
        ReplyStarted("", ""),
        PartStarted(0, NativePart("responses", {"type": "odd"})),
        PartEnded(0, NativePart("responses", {"type": "odd"})),
        PartStarted(1, ToolCall("1", "f", "")),
        ReplyFailed("cut", "The upstream's answer broke off before it was complete."),
    ]


def test_a_piece_of_another_kind_of_block_is_told_as_it_is() -> None:
    """Messages: input in a thought is no input, and nothing of it is lost."""
    piece = {"type": "input_json_delta", "partial_json": "{}"}
    events = heard(
        "messages",
        begin({"type": "thinking", "thinking": "", "signature": ""}),
        {"type": "content_block_delta", "index": 0, "delta": piece},
    )
    assert events == [
        ReplyStarted("", ""),
        PartStarted(0, Reasoning()),
        NativeEvent("messages", {"delta": piece}, 0),
        ReplyFailed("cut", "The upstream's answer ended before it was complete.", "cut"),
    ]


def test_a_piece_of_a_block_that_is_over_fails_the_answer() -> None:
    """It waited behind an open one: its piece would stand behind its end."""
    text = {"type": "text", "text": ""}
    events = heard(
        "messages",
        begin(text),
        {**begin(text), "index": 1},
        {"type": "content_block_stop", "index": 1},
        {"type": "content_block_delta", "index": 1, "delta": {"type": "text_delta", "text": "late"}},
    )
    assert events[-1] == ReplyFailed("error", "The upstream sent a piece of no open block.", "invalid_event")
    assert not any(isinstance(event, TextDelta) for event in events)


@pytest.mark.parametrize(
    ("said", "count"),
    [
        (7, 7),
        (7.0, 7),
        (-1, 0),
        (-1.0, 0),
        (2**53 - 1, 2**53 - 1),
        (2**53, 0),
        (1e308, 0),
        (True, 0),
        ("7", 0),
    ],
)
def test_a_count_is_a_number_that_can_be_one(said: object, count: int) -> None:
    """Less than nothing, or more than a database takes, is no count: the ledger would stumble over it."""
    assert as_count(said) == count


def test_a_stop_sequence_behind_a_call_leaves_the_call_to_be_run() -> None:
    """Clients do not run what ended with "stop"."""
    stops = StopFilter(("END",))
    stops.feed(PartStarted(0, ToolCall("1", "f", "")))
    stops.feed(PartEnded(0))
    stops.feed(PartStarted(1, Text("")))
    assert stops.feed(TextDelta(1, "so END")) == (
        TextDelta(1, "so "),
        PartEnded(1),
        ReplyEnded(Finish(FinishReason.TOOL_CALLS, "tool_calls")),
    )


@pytest.mark.parametrize(
    "raw",
    [
        b'data: {"type":"response.output_item.added","item":{"type":"reasoning","encrypted_content":"\x80"}}\n\n',
        b'data: {"type":"response.output_text.delta","item_id":"x","output_index":"\x80"}\n\n',
        b'data: {"type":"response.output_text.delta","item_id":"x","output_index":null}\n\n',
    ],
)
def test_a_frame_that_cannot_be_repaired_passes_as_it_is(raw: bytes) -> None:
    """It was blamed on the client's request before, or ended the exchange."""
    assert ResponsesRepair().feed(Frame(raw)) == raw
    body = b'{"output":[{"type":"reasoning","encrypted_content":"\x80"}]}'
    assert ResponsesRepair().read_reply(body) == body


def test_arguments_that_are_no_text_pass_as_they_are() -> None:
    """Messages: the guard against endless white space reads them."""
    raw = b'data: {"delta":{"type":"input_json_delta","partial_json":"\\n\x80"}}\n\n'
    assert MessagesRepair().feed(Frame(raw)) == raw


def test_an_array_takes_frames_in_any_pieces() -> None:
    """A blank line may come alone, and ends what came before it."""
    array = JsonArray()
    pieces = [array.feed(piece) for piece in (b'data: {"a"', b":1}", b"\n\n", b"\n\n", b'data: {"b":2}\n\n')]
    assert json.loads(b"".join(pieces) + array.finish()) == [{"a": 1}, {"b": 2}]
