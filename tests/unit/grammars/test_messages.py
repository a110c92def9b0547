"""The judge of Messages streams."""

import pytest

from unit.grammars.wire_words import judge, named

Event = dict[str, object]

MESSAGE: Event = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "m",
    "content": [],
    "stop_reason": None,
    "stop_sequence": None,
    "usage": {"input_tokens": 3, "output_tokens": 1},
}
START: Event = {"type": "message_start", "message": MESSAGE}
STOP: Event = {"type": "message_stop"}
TEXT: Event = {"type": "text", "text": ""}
THINKING: Event = {"type": "thinking", "thinking": "", "signature": ""}
TOOL: Event = {"type": "tool_use", "id": "toolu_1", "name": "f", "input": {}}


def begin(index: int, block: Event) -> Event:
    """A block's first event."""
    return {"type": "content_block_start", "index": index, "content_block": block}


def delta(index: int, kind: str, **more: object) -> Event:
    """A delta."""
    return {"type": "content_block_delta", "index": index, "delta": {"type": kind, **more}}


def end(index: int) -> Event:
    """A block's last event."""
    return {"type": "content_block_stop", "index": index}


def stop(reason: str | None, sequence: str | None = None) -> Event:
    """The message's delta."""
    said = {"stop_reason": reason, "stop_sequence": sequence}
    return {"type": "message_delta", "delta": said, "usage": {"output_tokens": 9}}


def test_the_strict_form_is_legal() -> None:
    """Every kind of block and delta, a ping in between, two message_deltas."""
    events = (
        {"type": "ping"},
        START,
        begin(0, THINKING),
        delta(0, "thinking_delta", thinking="a"),
        delta(0, "signature_delta", signature="s"),
        end(0),
        begin(1, {"type": "redacted_thinking", "data": "x"}),
        end(1),
        begin(2, TEXT),
        {"type": "ping"},
        delta(2, "text_delta", text="a"),
        delta(2, "citations_delta", citation={"type": "char_location"}),
        end(2),
        begin(3, {"type": "web_search_tool_result", "content": []}),
        end(3),
        begin(4, {**TOOL, "type": "server_tool_use"}),
        delta(4, "input_json_delta", partial_json="{}"),
        end(4),
        begin(5, TOOL),
        delta(5, "input_json_delta", partial_json='{"a":'),
        delta(5, "input_json_delta", partial_json="1}"),
        end(5),
        stop(None),
        stop("tool_use"),
        STOP,
    )
    assert judge("messages", named(*events)) == []


def test_a_call_that_was_cut_short_may_have_half_an_input() -> None:
    """The SDK reads it as far as it goes."""
    half = delta(0, "input_json_delta", partial_json=' {"a')
    assert judge("messages", named(START, begin(0, TOOL), half, end(0), stop("max_tokens"), STOP)) == []


def test_a_hit_stop_sequence_is_named() -> None:
    """Both or neither."""
    assert judge("messages", named(START, stop("stop_sequence", "x"), STOP)) == []
    for said in (stop("stop_sequence"), stop("end_turn", "x")):
        assert judge("messages", named(START, said, STOP)) == [
            "frame 1: delta disagrees with itself on the stop sequence"
        ]


def test_an_error_ends_a_stream() -> None:
    """Even inside a block; nothing follows it."""
    error: Event = {"type": "error", "error": {"type": "api_error", "message": "no"}}
    assert judge("messages", named(START, begin(0, TEXT), error)) == []
    assert judge("messages", named(error, STOP)) == ["frame 1: comes after the end"]


WRONG: dict[str, tuple[tuple[Event, ...], str]] = {
    "no end": ((START, stop("end_turn")), "the stream has no end"),
    "no start": ((stop("end_turn"), STOP), "frame 0: has message_delta before message_start"),
    "two starts": ((START, START, stop("end_turn"), STOP), "frame 1: starts the message again"),
    "content at the start": (
        ({**START, "message": {**MESSAGE, "content": [TEXT]}}, stop("end_turn"), STOP),
        "frame 0: message has content already",
    ),
    "a reason at the start": (
        ({**START, "message": {**MESSAGE, "stop_reason": "end_turn"}}, stop("end_turn"), STOP),
        "frame 0: message has a stop_reason already",
    ),
    "no usage": (
        (
            {"type": "message_start", "message": {**MESSAGE, "usage": None}},
            stop("end_turn"),
            STOP,
        ),
        "frame 0: message has no usage",
    ),
    "a block in a block": (
        (START, begin(0, TEXT), begin(1, TEXT), end(1), stop("end_turn"), STOP),
        "frame 2: starts a block inside another",
    ),
    "an index out of order": (
        (START, begin(1, TEXT), end(0), stop("end_turn"), STOP),
        "frame 1: has an index out of order",
    ),
    "text at the start": (
        (START, begin(0, {"type": "text", "text": "a"}), end(0), stop("end_turn"), STOP),
        "frame 1: content_block begins with text",
    ),
    "a delta outside": (
        (START, delta(0, "text_delta", text="a"), stop("end_turn"), STOP),
        "frame 1: has a delta outside a block",
    ),
    "a delta of another index": (
        (START, begin(0, TEXT), delta(1, "text_delta", text="a"), end(0), stop("end_turn"), STOP),
        "frame 2: has the index of another block",
    ),
    "a delta of another kind": (
        (START, begin(0, TEXT), delta(0, "thinking_delta", thinking="a"), end(0), stop("end_turn"), STOP),
        "frame 2: has a thinking_delta in a text block",
    ),
    "a delta of a block without deltas": (
        (
            START,
            begin(0, {"type": "redacted_thinking", "data": "x"}),
            delta(0, "text_delta", text="a"),
            end(0),
            stop("end_turn"),
            STOP,
        ),
        "frame 2: has a text_delta in a redacted_thinking block",
    ),
    "thinking after the signature": (
        (
            START,
            begin(0, THINKING),
            delta(0, "signature_delta", signature="s"),
            delta(0, "thinking_delta", thinking="a"),
            end(0),
            stop("end_turn"),
            STOP,
        ),
        "frame 3: delta comes after the signature",
    ),
    "a stop without a block": (
        (START, end(0), stop("end_turn"), STOP),
        "frame 1: stops a block that is not open",
    ),
    "a stop of another block": (
        (START, begin(0, TEXT), end(1), stop("end_turn"), STOP),
        "frame 2: has the index of another block",
    ),
    "an input at the start": (
        (START, begin(0, {**TOOL, "input": {"a": 1}}), end(0), stop("tool_use"), STOP),
        "frame 1: content_block has an input that is not an empty object",
    ),
    "a broken input": (
        (
            START,
            begin(0, TOOL),
            delta(0, "input_json_delta", partial_json="[]"),
            end(0),
            stop("tool_use"),
            STOP,
        ),
        "frame 3: ends a tool input that is no JSON object",
    ),
    "an open block at the end": (
        (START, begin(0, TEXT), stop("end_turn"), STOP),
        "frame 2: has message_delta inside a block",
    ),
    "a block after the delta": (
        (START, stop("end_turn"), begin(0, TEXT), STOP),
        "frame 2: has content_block_start after message_delta",
    ),
    "no reason": (
        (START, stop(None), STOP),
        "frame 2: has message_stop without a stop_reason before it",
    ),
    "an unknown type": (
        (START, {"type": "message_end"}, stop("end_turn"), STOP),
        "frame 1: has an unknown type 'message_end'",
    ),
    "a tool that was not called": (
        (START, stop("tool_use"), STOP),
        "frame 1: delta stops for a tool that was not called",
    ),
    "the end of a turn after a call": (
        (START, begin(0, TOOL), end(0), stop("end_turn"), STOP),
        "frame 3: delta ends the turn after a tool call",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_broken_stream_is_told_what_is_wrong(name: str) -> None:
    """One fault, one sentence."""
    events, words = WRONG[name]
    assert judge("messages", named(*events)) == [words]


def test_an_event_line_is_required() -> None:
    """Claude Code reads nothing without it."""
    data = named(START, stop("end_turn")) + b'data: {"type":"message_stop"}\n\n'
    assert judge("messages", data) == ["frame 2: has the event line '' for type 'message_stop'"]


def test_what_is_no_json_is_a_fault() -> None:
    """And the rest is judged on."""
    assert judge("messages", b"data: [DONE]\n\n" + named(START, stop("end_turn"), STOP)) == [
        "frame 0: is no JSON"
    ]
