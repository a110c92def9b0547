"""What a Responses client is streamed, event by event."""

from typing import Any

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
from copilot_api.neutral.extras import Extras
from copilot_api.neutral.loss import Handling, Loss
from copilot_api.neutral.opaque import Opaque, open_sealed
from copilot_api.neutral.parts import (
    Citation,
    Image,
    Link,
    NativePart,
    Part,
    Reasoning,
    Refusal,
    Text,
    ToolCall,
    ToolResult,
)
from copilot_api.neutral.usage import Finish, FinishReason, Usage
from copilot_api.protocols.base import ToolNames
from unit.protocols.responses.asking import lost_in_answer, read, said

START = ReplyStarted("chatcmpl-1", "claude")
STOP = ReplyEnded(Finish(FinishReason.STOP, "stop"))
MSG = "msg_65c9b8cb250bc114967b5d28762e7cec"
RS = "rs_65c9b8cb250bc114967b5d28762e7cec"
FC = "fc_65c9b8cb250bc114967b5d28762e7cec"
"""All made from the answer's id and the place 0."""


def inner(*events: Event, **more: Any) -> list[dict[str, Any]]:
    """The frames between `in_progress` and the end, without numbers."""
    frames = said(START, *events, STOP, **more)
    assert [frame["sequence_number"] for frame in frames] == list(range(len(frames)))
    return [
        {name: value for name, value in frame.items() if name != "sequence_number"} for frame in frames[2:-1]
    ]


def output_of(*events: Event, **more: Any) -> list[Any]:
    """The finished items: those of the done events are those of the end."""
    frames = said(START, *events, STOP, **more)
    done = [frame["item"] for frame in frames if frame["type"] == "response.output_item.done"]
    output: list[Any] = frames[-1]["response"]["output"]
    assert done == output
    return output


def whole(part: Part, *inside: Event, last: Part | None = None) -> list[Event]:
    """One part from start to end."""
    return [PartStarted(0, part), *inside, PartEnded(0, last)]


def test_text_is_a_message_with_its_whole_life() -> None:
    """One id in all events; what is done repeats what was said."""
    part = {"type": "output_text", "annotations": [], "logprobs": []}
    where = {"item_id": MSG, "output_index": 0, "content_index": 0}
    head = {"id": MSG, "type": "message", "role": "assistant"}
    assert inner(*whole(Text("He"), TextDelta(0, "l"), TextDelta(0, ""), TextDelta(0, "lo"))) == [
        {
            "type": "response.output_item.added",
            "output_index": 0,
            "item": {**head, "status": "in_progress", "content": []},
        },
        {"type": "response.content_part.added", **where, "part": {**part, "text": ""}},
        {"type": "response.output_text.delta", **where, "logprobs": [], "delta": "He"},
        {"type": "response.output_text.delta", **where, "logprobs": [], "delta": "l"},
        {"type": "response.output_text.delta", **where, "logprobs": [], "delta": "lo"},
        {"type": "response.output_text.done", **where, "text": "Hello", "logprobs": []},
        {"type": "response.content_part.done", **where, "part": {**part, "text": "Hello"}},
        {
            "type": "response.output_item.done",
            "output_index": 0,
            "item": {**head, "status": "completed", "content": [{**part, "text": "Hello"}]},
        },
    ]


def test_a_refusal_is_a_part_of_its_own_kind() -> None:
    """Without annotations or logprobs."""
    where = {"item_id": MSG, "output_index": 0, "content_index": 0}
    frames = inner(*whole(Refusal(""), TextDelta(0, "no")))
    assert frames[1:5] == [
        {"type": "response.content_part.added", **where, "part": {"type": "refusal", "refusal": ""}},
        {"type": "response.refusal.delta", **where, "delta": "no"},
        {"type": "response.refusal.done", **where, "refusal": "no"},
        {"type": "response.content_part.done", **where, "part": {"type": "refusal", "refusal": "no"}},
    ]


def test_thinking_is_a_reasoning_item_with_a_sealed_blob() -> None:
    """Pieces of the summary one after another; the blob in the finished item only."""
    blob = Opaque("messages:claude:1", {"signature": "EvAB"})
    frames = inner(
        *whole(
            Reasoning(),
            ReasoningDelta(0, "a", 0),
            ReasoningDelta(0, "", 0),
            ReasoningDelta(0, "b", 0),
            ReasoningDelta(0, "c", 1),
            ReasoningDelta(0, "raw", is_raw=True),
            OpaqueSet(0, Opaque("x", {})),
            OpaqueSet(0, blob),
        )
    )
    assert [frame["type"].removeprefix("response.") for frame in frames] == [
        "output_item.added",
        "reasoning_summary_part.added",
        "reasoning_summary_text.delta",
        "reasoning_summary_text.delta",
        "reasoning_summary_text.done",
        "reasoning_summary_part.done",
        "reasoning_summary_part.added",
        "reasoning_summary_text.delta",
        "reasoning_summary_text.done",
        "reasoning_summary_part.done",
        "content_part.added",
        "reasoning_text.delta",
        "reasoning_text.done",
        "content_part.done",
        "output_item.done",
    ]
    where = {"item_id": RS, "output_index": 0}
    assert frames[0]["item"] == {"id": RS, "type": "reasoning", "summary": []}
    assert frames[2] == {
        "type": "response.reasoning_summary_text.delta", **where, "summary_index": 0, "delta": "a",
    }  # fmt: skip
    assert frames[4] == {
        "type": "response.reasoning_summary_text.done", **where, "summary_index": 0, "text": "ab",
    }  # fmt: skip
    assert frames[13]["part"] == {"type": "reasoning_text", "text": "raw"}
    sealed = frames[-1]["item"].pop("encrypted_content")
    assert open_sealed(sealed) == blob
    assert frames[-1]["item"] == {
        "id": RS,
        "type": "reasoning",
        "summary": [{"type": "summary_text", "text": "ab"}, {"type": "summary_text", "text": "c"}],
        "content": [{"type": "reasoning_text", "text": "raw"}],
    }


def test_a_call_is_a_function_call() -> None:
    """Its id stays the client's handle; empty arguments become an object."""
    call = {"id": FC, "type": "function_call", "call_id": "toolu_1", "name": "f", "namespace": "n"}
    where = {"item_id": FC, "output_index": 0}
    events = whole(
        ToolCall("toolu_1", "f", "", namespace="n"), ToolInputDelta(0, "{"), ToolInputDelta(0, "}")
    )
    assert inner(*events) == [
        {
            "type": "response.output_item.added",
            "output_index": 0,
            "item": {**call, "arguments": "", "status": "in_progress"},
        },
        {"type": "response.function_call_arguments.delta", **where, "delta": "{"},
        {"type": "response.function_call_arguments.delta", **where, "delta": "}"},
        {"type": "response.function_call_arguments.done", **where, "arguments": "{}", "name": "f"},
        {
            "type": "response.output_item.done",
            "output_index": 0,
            "item": {**call, "arguments": "{}", "status": "completed"},
        },
    ]
    assert inner(*whole(ToolCall("toolu_1", "f", "", namespace="n")))[1] == inner(
        *whole(ToolCall("toolu_1", "f", "{}", namespace="n"))
    )[1]  # fmt: skip


def test_a_freeform_call_has_input() -> None:
    """Also where it was a function upstream: the text comes out while it streams."""
    names = ToolNames(back={"apply_patch": ("apply_patch", None, "custom")})
    events = whole(
        ToolCall("c", "apply_patch", ""),
        *(ToolInputDelta(0, text) for text in ('{"inp', 'ut":"*** B', 'eg\\n"}')),
    )
    frames = inner(*events, names=names)
    assert [frame["delta"] for frame in frames if "delta" in frame] == ["*** B", "eg\n"]
    assert frames[-2]["type"] == "response.custom_tool_call_input.done"
    assert output_of(*events, names=names) == [
        {
            "id": "ctc_65c9b8cb250bc114967b5d28762e7cec",
            "type": "custom_tool_call",
            "call_id": "c",
            "name": "apply_patch",
            "input": "*** Beg\n",
            "status": "completed",
        }
    ]
    assert output_of(*whole(ToolCall("c", "p", "", "custom")))[0]["input"] == ""


@pytest.mark.parametrize(
    ("arguments", "asked"),
    [('{"query":"x"}', {"query": "x"}), ("", {}), ("x", {"query": "x"}), ("[1]", {"query": "[1]"})],
)
def test_a_tool_search_has_an_item_of_its_own(arguments: str, asked: dict[str, Any]) -> None:
    """Upstream it is a function; its arguments are an object here."""
    request = read({"tools": [{"type": "tool_search", "execution": "client", "parameters": {}}]})
    item = {"type": "tool_search_call", "call_id": "c", "execution": "client"}
    frames = inner(*whole(ToolCall("c", "tool_search", ""), ToolInputDelta(0, arguments)), request=request)
    identity = frames[0]["item"]["id"]
    assert [frame["item"] for frame in frames] == [
        {"id": identity, **item, "arguments": {}, "status": "in_progress"},
        {"id": identity, **item, "arguments": asked, "status": "completed"},
    ]
    other = output_of(*whole(ToolCall("", "tool_search", arguments or "{}")))
    assert other[0]["type"] == "function_call"
    (search,) = output_of(
        *whole(ToolCall("", "tool_search", "x"), last=ToolCall("", "tool_search", '{"a":1}')), request=request
    )
    assert search["arguments"] == {"a": 1}
    assert search["call_id"].startswith("call_")


def test_what_is_missing_in_a_call_is_made_up() -> None:
    """A client breaks without."""
    (call,) = output_of(*whole(ToolCall("", "", "{}")))
    assert call["name"] == "unnamed"
    assert call["call_id"].startswith("call_")


CORRECTIONS: list[tuple[list[Event], Any]] = [
    (whole(Text(""), TextDelta(0, "a"), last=Text("ab")), "ab"),
    (whole(Text(""), TextDelta(0, "a"), last=Text("x")), "a"),
    (whole(Text(""), last=Text("x")), "x"),
    (whole(ToolCall("c", "f", ""), ToolInputDelta(0, "{"), last=ToolCall("c", "f", "{}")), "{}"),
    (whole(ToolCall("c", "f", ""), ToolInputDelta(0, "{}"), last=ToolCall("c", "f", "[]")), "{}"),
    (whole(Reasoning(("a", "b")), ReasoningDelta(0, "c", 1)), ["a", "bc"]),
    (whole(Reasoning(("a",)), ReasoningDelta(0, "b", 0), last=Reasoning(("abc", "d"))), ["abc", "d"]),
    (whole(Reasoning(), ReasoningDelta(0, "a", 0), last=Reasoning(("x",), "raw")), ["a"]),
    (whole(Reasoning(("a",), "raw"), last=Reasoning(("a",), "raw"),), ["a"]),
    (whole(Text("a"), last=Reasoning(("x",))), "a"),
]  # fmt: skip


@pytest.mark.parametrize(("events", "words"), CORRECTIONS)
def test_the_end_says_what_the_deltas_left_out(events: list[Event], words: Any) -> None:
    """More words are said; other words cannot be unsaid."""
    (item,) = output_of(*events)
    match item:
        case {"type": "message", "content": [{"text": text}]} | {"arguments": text}:
            assert text == words
        case _:
            assert [piece["text"] for piece in item["summary"]] == words


def test_raw_reasoning_that_came_first_is_not_said_twice() -> None:
    """Even where pieces alternate."""
    events = whole(Reasoning(text="r"), ReasoningDelta(0, "s", 0), last=Reasoning(("s",), "r"))
    (item,) = output_of(*events)
    assert item["content"] == [{"type": "reasoning_text", "text": "r"}]
    (item,) = output_of(*whole(Reasoning(), last=Reasoning((), "r")))
    assert item["content"] == [{"type": "reasoning_text", "text": "r"}]


NOTHING: list[list[Event]] = [
    whole(Text("")),
    whole(Refusal("")),
    whole(Reasoning(("", ""))),
    whole(Text(""), ReasoningDelta(0, "x")),
    whole(NativePart("messages", {"type": "x"})),
    [NativeEvent("responses", {"type": "x"})],
]


@pytest.mark.parametrize("events", NOTHING)
def test_what_says_nothing_is_no_item(events: list[Event]) -> None:
    """An empty message would only be sent back."""
    assert inner(*events) == []
    assert output_of(*events) == []


def test_citations_are_annotations() -> None:
    """Those with an address; also the ones that the part began with."""
    link = Citation("messages", {}, "https://e.org", "E", None, 1, None)
    native = Citation("responses", {"type": "file_path", "file_id": "f"})
    quote = Citation("messages", {}, quote="q")
    events = whole(Text("", (link,)), CitationAdded(0, quote), TextDelta(0, "a"), CitationAdded(0, native))
    annotations = [
        {"type": "url_citation", "url": "https://e.org", "title": "E", "start_index": 1, "end_index": 1},
        {"type": "file_path", "file_id": "f"},
    ]
    frames = inner(*events)
    assert [frame["annotation"] for frame in frames if "annotation" in frame] == annotations
    assert [frame["annotation_index"] for frame in frames if "annotation" in frame] == [0, 1]
    assert output_of(*events)[0]["content"][0]["annotations"] == annotations
    reason = "Responses has no place for a source without an address"
    assert lost_in_answer(START, *events) == [
        Loss("output[0].annotations", "messages", "responses", Handling.DROPPED, reason)
    ]
    assert output_of(*whole(Refusal("no"), CitationAdded(0, link)))[0]["content"] == [
        {"type": "refusal", "refusal": "no"}
    ]


@pytest.mark.parametrize("part", [Text("a"), ToolCall("c", "f", "{}")])
def test_a_blob_without_a_place_travels_beside_its_part(part: Part) -> None:
    """In a reasoning item behind it, which brings it back."""
    blob = Opaque("chat:gemini:1", {"thought_signature": "x"})
    first, beside = output_of(*whole(part, OpaqueSet(0, blob)), PartStarted(1, Text("b")), PartEnded(1))[:2]
    assert beside["type"] == "reasoning"
    request = read({"input": [first, beside]})
    (turn,) = request.turns
    assert getattr(turn.parts[0], "opaque", None) == blob


def test_an_own_native_part_is_its_item() -> None:
    """Under an id of ours, a blob sealed."""
    search = {"type": "web_search_call", "id": "x", "status": "completed"}
    (item,) = output_of(*whole(NativePart("responses", search)))
    assert item == {
        "id": "ws_65c9b8cb250bc114967b5d28762e7cec",
        "type": "web_search_call",
        "status": "completed",
    }
    blob = Opaque("responses:m:1", {"id": "cmp", "encrypted_content": "gAAA"})
    frames = inner(*whole(NativePart("responses", {"type": "compaction"}, opaque=blob)))
    assert "encrypted_content" not in frames[0]["item"]
    assert open_sealed(frames[1]["item"]["encrypted_content"]) == blob
    odd = output_of(*whole(NativePart("responses", {"type": "odd"})))
    assert odd[0]["id"] == "item_65c9b8cb250bc114967b5d28762e7cec"


def test_a_foreign_part_is_said_as_text_where_it_can_be() -> None:
    """The loss is told."""
    part = NativePart("messages", {"type": "x"}, "said")
    assert output_of(*whole(part))[0]["content"][0]["text"] == "said"
    (loss,) = lost_in_answer(START, *whole(part))
    assert (loss.path, loss.origin, loss.handling) == ("output[0]", "messages", Handling.APPROXIMATED)


PICTURE = Image(Link("https://e.org/a"))
FOREIGN = Extras("chat", {"x": 1, "y": None})
LOSSES: list[tuple[list[Event], list[str]]] = [
    (whole(PICTURE), ["output[0]"]),
    (whole(ToolResult("c")), ["output[0]"]),
    (whole(NativePart("messages", {})), ["output[0]"]),
    (whole(NativePart("responses", {})), ["output[0]"]),
    (whole(Text("a", extras=FOREIGN)), ["output[0].x"]),
    (whole(Text("a", extras=Extras("responses", {"x": 1}))), []),
    ([NativeEvent("messages", {"type": "ping"}), NativeEvent("messages", {"type": "ping"})], ["ping"]),
    ([NativeEvent("messages", {})], ["event"]),
    ([ReplyEnded(Finish(FinishReason.STOP, "x"), extras=FOREIGN)], ["response.x"]),
    ([ReplyFailed("error", "x", extras=FOREIGN)], ["error.x"]),
    ([ReplyEnded(Finish(FinishReason.PAUSE, "pause_turn"))], ["response"]),
]


@pytest.mark.parametrize(("events", "paths"), LOSSES)
def test_every_loss_is_told_once(events: list[Event], paths: list[str]) -> None:
    """With its place."""
    assert [loss.path for loss in lost_in_answer(START, *events)] == paths


def test_what_the_start_leaves_out_is_told() -> None:
    """Fields that only another protocol's answer has."""
    assert [loss.path for loss in lost_in_answer(ReplyStarted("", "m", extras=FOREIGN))] == ["response.x"]


def test_nothing_is_said_before_the_start() -> None:
    """Illegal, and harmless."""
    assert said(STOP) == []


def test_usage_is_counted_at_the_end() -> None:
    """Input with what came from a cache."""
    usage = Usage(
        input_tokens=10, output_tokens=5, cache_read_tokens=4, cache_write_tokens=1, reasoning_tokens=2
    )
    last = said(START, UsageSeen(usage), STOP)[-1]
    assert last["response"]["usage"] == {
        "input_tokens": 10,
        "input_tokens_details": {"cached_tokens": 4, "cache_write_tokens": 1},
        "output_tokens": 5,
        "output_tokens_details": {"reasoning_tokens": 2},
        "total_tokens": 15,
    }
