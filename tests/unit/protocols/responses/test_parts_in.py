"""The parts of a streamed answer, in events."""

from typing import Any

import pytest

from copilot_api.neutral.events import (
    CitationAdded,
    OpaqueSet,
    PartEnded,
    PartStarted,
    ReasoningDelta,
    ReplyEnded,
    TextDelta,
    ToolInputDelta,
)
from copilot_api.neutral.extras import Extras
from copilot_api.neutral.fold import fold
from copilot_api.neutral.opaque import Opaque, seal
from copilot_api.neutral.parts import Citation, NativePart, Reasoning, Refusal, Text, ToolCall
from copilot_api.neutral.usage import Finish, FinishReason
from unit.protocols.responses.asking import (
    COMPLETED,
    CREATED,
    added,
    delta,
    done,
    frame,
    heard,
    inner,
)

CALLED = ReplyEnded(Finish(FinishReason.TOOL_CALLS, "completed"))


def test_text_is_said_as_it_comes_and_corrected_at_the_end() -> None:
    """The message's phase is known from its beginning."""
    noted = Extras("responses", {}, {"phase": "final_answer"})
    whole = Text("Hello.", extras=noted)
    assert inner(
        added(0, type="message", id="a", phase="final_answer", content=[]),
        frame("response.content_part.added", output_index=0, content_index=0, part={"type": "output_text"}),
        delta("output_text", "Hello", content_index=0),
        delta("output_text", "", content_index=0),
        delta("output_text", 7, content_index=0),
        done(
            0,
            type="message",
            id="b",
            phase="final_answer",
            content=[{"type": "output_text", "text": "Hello.", "annotations": [], "logprobs": []}],
        ),
        delta("output_text", "too late", content_index=0),
    ) == [PartStarted(0, Text("", extras=noted)), TextDelta(0, "Hello"), PartEnded(0, whole)]


def test_a_message_has_as_many_parts_as_its_content() -> None:
    """Text and refusal; what no delta said is said at the end."""
    content = [
        {"type": "output_text", "text": "a", "logprobs": [{"token": "a"}], "x": None, "y": 1},
        {"type": "refusal", "refusal": "no"},
        {"type": "refusal", "refusal": "never"},
        {"type": "odd"},
    ]
    text = Text("a", extras=Extras("responses", {"y": 1}))
    assert inner(
        added(0, type="message"),
        delta("output_text", "a", content_index=0),
        delta("refusal", "no", content_index=1),
        delta("refusal", "", content_index=1),
        done(0, type="message", content=content),
    ) == [
        PartStarted(0, Text("")),
        TextDelta(0, "a"),
        PartEnded(0, text),
        PartStarted(1, Refusal("")),
        TextDelta(1, "no"),
        PartEnded(1, Refusal("no")),
        PartStarted(2, Refusal("")),
        TextDelta(2, "never"),
        PartEnded(2, Refusal("never")),
        PartStarted(3, NativePart("responses", {"type": "odd"})),
        PartEnded(3, NativePart("responses", {"type": "odd"})),
    ]


def test_a_part_that_turns_out_to_be_another_is_ended_as_it_began() -> None:
    """Kinds do not change; parts beyond the content end too."""
    assert inner(
        frame("response.content_part.added", output_index=0, content_index=0, part={"type": "refusal"}),
        frame("response.content_part.added", output_index=0, content_index=1, part={"type": "output_text"}),
        frame("response.content_part.added", output_index=0, content_index=2, part={"type": "odd"}),
        frame("response.content_part.added", output_index=0, content_index=2, part=None),
        done(0, type="message", content=[{"type": "output_text", "text": "a"}]),
    ) == [
        PartStarted(0, Refusal("")),
        PartEnded(0),
        PartStarted(1, Text("")),
        PartEnded(1),
    ]


URL = {"type": "url_citation", "url": "https://e.org", "title": "E", "start_index": 0, "end_index": 1}
FILE = {"type": "file_citation", "filename": "a.txt"}


def test_annotations_are_citations_once() -> None:
    """Streamed, or only in the whole."""
    events = inner(
        added(0, type="message"),
        delta("output_text", "a", content_index=0),
        frame("response.output_text.annotation.added", output_index=0, content_index=0, annotation=URL),
        frame("response.output_text.annotation.added", output_index=0, content_index=0, annotation=None),
        done(0, type="message", content=[{"type": "output_text", "text": "a", "annotations": [URL, FILE]}]),
    )
    one = Citation("responses", URL, "https://e.org", "E", None, 0, 1)
    two = Citation("responses", FILE, None, "a.txt")
    assert events[2:] == [CitationAdded(0, one), CitationAdded(0, two), PartEnded(0, Text("a", (one, two)))]


def test_reasoning_is_read_in_all_its_forms() -> None:
    """Pieces of a summary without gaps, raw reasoning, the blob of the done event only."""
    blob = Opaque("responses:m:1", {"encrypted_content": "gBBB", "id": "rs_done"})
    whole = Reasoning(("a", "b", "c"), "raw", blob)
    assert inner(
        added(0, type="reasoning", id="rs_added", encrypted_content="gAAA", summary=[]),
        delta("reasoning_summary_text", "a", summary_index=1),
        delta("reasoning_summary_text", "", summary_index=1),
        delta("reasoning_summary_text", "b", summary_index=3),
        delta("reasoning_text", "raw", content_index=0),
        delta("reasoning_text", "", content_index=0),
        done(
            0,
            type="reasoning",
            id="rs_done",
            encrypted_content="gBBB",
            summary=[{"type": "summary_text", "text": text} for text in "abc"],
            content=[{"type": "reasoning_text", "text": "raw"}],
        ),
    ) == [
        PartStarted(0, Reasoning()),
        ReasoningDelta(0, "a", 0),
        ReasoningDelta(0, "b", 1),
        ReasoningDelta(0, "raw", is_raw=True),
        ReasoningDelta(0, "c", 2),
        OpaqueSet(0, blob),
        PartEnded(0, whole),
    ]


def test_reasoning_without_deltas_is_said_at_the_end() -> None:
    """Its blob may be one that we sealed."""
    blob = Opaque("messages:x:1", {"data": "EvAB"})
    item = {
        "type": "reasoning",
        "summary": [],
        "content": [{"type": "reasoning_text", "text": "raw"}],
        "encrypted_content": seal(blob),
    }
    assert inner(done(0, **item)) == [
        PartStarted(0, Reasoning()),
        ReasoningDelta(0, "raw", is_raw=True),
        OpaqueSet(0, blob),
        PartEnded(0, Reasoning((), "raw", blob)),
    ]
    assert fold(heard(done(0, type="reasoning", encrypted_content=seal(blob)))).parts == (
        Reasoning(opaque=blob),
    )


@pytest.mark.parametrize(
    ("kind", "field", "name"),
    [
        ("function", "arguments", "function_call_arguments"),
        ("custom", "input", "custom_tool_call_input"),
    ],
)
def test_calls_are_read(kind: Any, field: str, name: str) -> None:
    """Their input is text and stays it; ids of items are not kept."""
    item: dict[str, Any] = {
        "type": "function_call" if kind == "function" else "custom_tool_call",
        "id": "x",
        "call_id": "c",
        "name": "f",
        "namespace": "n",
    }
    assert inner(
        added(0, **item, **{field: ""}),
        delta(name, "{", item_id="y"),
        delta(name, "", item_id="y"),
        delta(name, "}", item_id="z"),
        frame(f"response.{name}.done", output_index=0),
        done(0, **item, **{field: "{}"}, status="completed"),
    ) == [
        PartStarted(0, ToolCall("c", "f", "", kind, "n")),
        ToolInputDelta(0, "{"),
        ToolInputDelta(0, "}"),
        PartEnded(0, ToolCall("c", "f", "{}", kind, "n")),
    ]


def test_a_call_that_nobody_announced_is_said_when_it_is_done() -> None:
    """Or was announced without its name; deltas that belong to nothing are dropped."""
    item: dict[str, Any] = {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"}
    told = [
        PartStarted(0, ToolCall("c", "f", "")),
        ToolInputDelta(0, "{}"),
        PartEnded(0, ToolCall("c", "f", "{}")),
    ]
    assert inner(delta("function_call_arguments", "{}"), done(0, **item)) == told
    assert inner(added(0, type="function_call", call_id="c"), done(0, **item)) == told
    assert inner(added(0, **item), done(0, **item), done(0, **item))[1:] == told[1:]


def test_a_tool_search_for_the_client_is_a_call() -> None:
    """One that the server ran is its own."""
    client = {"type": "tool_search_call", "call_id": "c", "execution": "client", "arguments": {"query": "x"}}
    server = {"type": "tool_search_call", "execution": "server"}
    parts = fold(heard(CREATED, done(0, **client), done(1, **server), COMPLETED)).parts
    assert parts == (ToolCall("c", "tool_search", '{"query":"x"}'), NativePart("responses", server))


def test_what_the_server_ran_is_carried_whole() -> None:
    """Without its id; a compaction's pair is a blob."""
    pair = Opaque("responses:m:1", {"encrypted_content": "gAAA", "id": "cmp"})
    events = inner(
        added(0, type="web_search_call", id="a", status="in_progress"),
        frame("response.web_search_call.searching", output_index=0, item_id="a"),
        done(0, type="web_search_call", id="b", status="completed"),
        added(1, type="compaction", id="x", encrypted_content=""),
        done(1, type="compaction", id="cmp", encrypted_content="gAAA"),
    )
    assert events == [
        PartStarted(0, NativePart("responses", {"type": "web_search_call", "status": "in_progress"})),
        PartEnded(0, NativePart("responses", {"type": "web_search_call", "status": "completed"})),
        PartStarted(1, NativePart("responses", {"type": "compaction"})),
        OpaqueSet(1, pair),
        PartEnded(1, NativePart("responses", {"type": "compaction"}, opaque=pair)),
    ]


def test_parts_that_speak_at_once_are_heard_one_after_another() -> None:
    """Parallel calls may interleave; the second waits, the third is already done when its turn comes."""
    one, two, three = ({"type": "function_call", "call_id": f"c{index}", "name": "f"} for index in range(3))
    events = inner(
        added(0, **one),
        added(1, **two),
        added(2, **three),
        delta("function_call_arguments", "2", 1),
        delta("function_call_arguments", "1", 0),
        delta("function_call_arguments", "3", 2),
        done(2, **three, arguments="3"),
        done(0, **one, arguments="1"),
        delta("function_call_arguments", "2", 1),
        done(1, **two, arguments="22"),
    )
    assert [(type(event).__name__, getattr(event, "index", None)) for event in events] == [
        ("PartStarted", 0),
        ("ToolInputDelta", 0),
        ("PartEnded", 0),
        ("PartStarted", 1),
        ("ToolInputDelta", 1),
        ("ToolInputDelta", 1),
        ("PartEnded", 1),
        ("PartStarted", 2),
        ("ToolInputDelta", 2),
        ("PartEnded", 2),
    ]


def test_an_answer_that_only_its_terminal_event_tells_is_heard() -> None:
    """Some upstreams send no items; those that do are not told twice."""
    output = [{"type": "message", "content": [{"type": "output_text", "text": "hi"}]}, "odd"]
    last = frame("response.completed", response={"status": "completed", "output": output})
    assert [type(event).__name__ for event in heard(last)] == [
        "ReplyStarted", "PartStarted", "TextDelta", "PartEnded", "ReplyEnded",
    ]  # fmt: skip
    again = frame("response.completed", response={"output": [output[0], output[0]]})
    events = heard(CREATED, done(0, **output[0]), again)  # type: ignore[arg-type]  # the message
    assert len(fold(events).parts) == 1


def test_an_item_that_was_never_done_is_told_by_the_terminal_event() -> None:
    """Its open part gets the whole."""
    item = {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"}
    other = {"type": "message", "content": []}
    last = frame("response.completed", response={"output": [other, item]})
    events = heard(CREATED, done(0, **other), added(1, **{**item, "arguments": ""}), last)
    assert fold(events).parts == (ToolCall("c", "f", "{}"),)
    assert events[-1] == CALLED


def test_an_item_that_cannot_be_read_ends_with_what_its_deltas_said() -> None:
    """Never an exception."""
    bad = {"type": "message", "content": [{"type": "output_text", "text": 7}]}
    assert inner(delta("output_text", "a", content_index=0), done(0, **bad)) == [
        PartStarted(0, Text("")),
        TextDelta(0, "a"),
        PartEnded(0),
    ]
