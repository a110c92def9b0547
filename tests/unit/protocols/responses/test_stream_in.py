"""A streamed answer as a whole: recordings, endings, and whatever else upstream may send."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot_api.neutral.events import (
    Event,
    PartEnded,
    PartStarted,
    ReasoningDelta,
    ReplyEnded,
    ReplyFailed,
    ReplyStarted,
    UsageSeen,
)
from copilot_api.neutral.fold import fold
from copilot_api.neutral.parts import Reasoning, ToolCall
from copilot_api.neutral.usage import Finish, FinishReason, TokenCost, Usage
from copilot_api.protocols.responses.reading.output import read_reply
from copilot_api.protocols.responses.reading.stream import ResponsesReader
from copilot_api.wire.sse import Frame, SseDecoder
from laws.hub.replies import JSON
from laws.legal import faults_of
from recorded import STREAM_NAMES, stream
from unit.protocols.responses.asking import (
    COMPLETED,
    CREATED,
    STARTED,
    STOP,
    added,
    frame,
    heard,
)

RECORDED = [name for name in STREAM_NAMES if name.startswith("responses-")]


def test_a_recorded_answer_is_read() -> None:
    """Reasoning with its blob from the done event, a call, the bill."""
    events = heard(*SseDecoder().feed(stream("responses-reasoning-tool")))
    whole = fold(events)
    thought, call = whole.parts
    assert isinstance(thought, Reasoning)
    assert thought.summary == ("**Checking the request**\n\nNeed the weather tool.",)
    assert thought.opaque is not None
    assert thought.opaque.origin == "responses:m:1"
    assert thought.opaque.payload["id"].startswith("5dNsTiaZ")
    assert thought.opaque.payload["encrypted_content"].startswith("gAAAAAmf47PC")
    assert call == ToolCall("call_Example01", "get_weather", '{"city":"Paris"}')
    assert whole.finish == Finish(FinishReason.TOOL_CALLS, "completed")
    assert whole.usage == Usage(
        input_tokens=1202,
        output_tokens=87,
        cache_read_tokens=1024,
        reasoning_tokens=64,
        total_nano_aiu=170870000,
        costs=(
            TokenCost("input", 178, 31150000),
            TokenCost("cache_read", 1024, 17920000),
            TokenCost("cache_write", 0, 0),
            TokenCost("output", 87, 121800000),
        ),
    )


def test_a_summary_that_comes_only_at_the_end_is_said() -> None:
    """So that a client that shows thinking shows it."""
    events = heard(*SseDecoder().feed(stream("responses-summary-only-in-done")))
    assert ReasoningDelta(0, "**Checking the request**\n\nNeed the weather tool.") in events


@pytest.mark.parametrize("name", [name for name in RECORDED if name != "responses-error-event"])
def test_a_stream_says_what_its_terminal_event_repeats(name: str) -> None:
    """L3, but for blobs: only those of the done events replay."""
    frames = SseDecoder().feed(stream(name))
    last = msgspec.json.decode(frames[-1].data)
    document = {**last["response"], "copilot_usage": last.get("copilot_usage")}
    dones = [msgspec.json.decode(one.data)["item"] for one in frames if one.event.endswith("item.done")]
    document["output"] = dones or document["output"]
    assert fold(heard(*frames)) == read_reply(document, "responses:m:1")


@pytest.mark.parametrize("name", RECORDED)
def test_any_byte_split_gives_the_same_events(name: str) -> None:
    """L2."""
    data = stream(name)
    decoder, reader = SseDecoder(), ResponsesReader("responses:m:1")
    events = [
        event
        for at in range(0, len(data), 7)
        for one in decoder.feed(data[at : at + 7])
        for event in reader.feed(one)
    ]
    assert events == heard(*SseDecoder().feed(data))


@pytest.mark.parametrize("name", RECORDED)
def test_a_cut_answer_is_never_a_whole_one(name: str) -> None:
    """L9: it ends in a failure, after any frame."""
    frames = SseDecoder().feed(stream(name))
    for count in range(len(frames)):
        events = heard(*frames[:count], is_whole=True)
        assert faults_of(events) == []
        assert events[-1] == ReplyFailed("cut", "The upstream's answer broke off before it was complete.")


def test_nothing_follows_the_end() -> None:
    """Nor is the end said twice."""
    assert heard(CREATED, COMPLETED, COMPLETED, is_whole=True) == [STARTED, STOP]


ENDINGS: list[tuple[Frame, list[Event]]] = [
    (
        frame(
            "response.incomplete",
            response={"incomplete_details": {"reason": "content_filter"}, "usage": {"output_tokens": 3}},
        ),
        [
            UsageSeen(Usage(output_tokens=3)),
            ReplyEnded(Finish(FinishReason.CONTENT_FILTER, "content_filter")),
        ],
    ),
    (
        frame("response.failed", response={"error": {"code": "server_error", "message": "Boom."}}),
        [ReplyFailed("error", "Boom.", "server_error")],
    ),
    (
        frame("response.failed"),
        [ReplyFailed("error", "The upstream sent an error without words.")],
    ),
    (
        frame("response.cancelled", response={}),
        [ReplyFailed("error", "The upstream cancelled the answer.", "cancelled")],
    ),
    (frame("error", message="Slow.", code="slow"), [ReplyFailed("error", "Slow.", "slow")]),
    (frame("error", error={"code": "slow"}), [ReplyFailed("error", "slow", "slow")]),
    (Frame(b'data: {"error":{"message":"Bad."}}\n\n'), [ReplyFailed("error", "Bad.")]),
]


@pytest.mark.parametrize(("last", "events"), ENDINGS)
def test_every_ending_is_read(last: Frame, events: list[Event]) -> None:
    """An open part is ended before it, but not by a failure."""
    assert heard(CREATED, last) == [STARTED, *events]
    with_part = heard(CREATED, added(0, type="reasoning"), last)
    ended = [PartEnded(0)] if isinstance(events[-1], ReplyEnded) else []
    assert with_part[1:] == [PartStarted(0, Reasoning()), *ended, *events]


@pytest.mark.parametrize(
    "data",
    [
        b": comment\n\n",
        b"data: [DONE]\n\n",
        b"data: [1]\n\n",
        b"data: {}\n\n",
        b'data: {"type":7}\n\n',
        b"data: {\n\n",
    ],
)
def test_frames_that_say_nothing_are_skipped(data: bytes) -> None:
    """Whatever they hold."""
    assert heard(Frame(data)) == []


@pytest.mark.parametrize("kind", ["output_item.added", "output_item.done"])
def test_an_item_event_without_an_item_is_skipped(kind: str) -> None:
    """It starts the answer and says nothing."""
    assert heard(frame(f"response.{kind}", item=None)) == [ReplyStarted("", "")]


KINDS = st.sampled_from(
    [
        "response.created", "response.output_item.added", "response.output_item.done", "response.content_part.added",
        "response.output_text.delta", "response.output_text.annotation.added", "response.refusal.delta",
        "response.reasoning_summary_text.delta", "response.reasoning_text.delta",
        "response.function_call_arguments.delta", "response.custom_tool_call_input.delta", "response.completed",
        "response.incomplete", "response.failed", "response.cancelled", "error", "odd",
    ]
)  # fmt: skip
ITEM_KINDS = st.sampled_from(
    ["message", "reasoning", "function_call", "custom_tool_call", "tool_search_call", "compaction", "odd"]
)
CONTENT = st.fixed_dictionaries(
    {"type": st.sampled_from(["output_text", "refusal", "odd"])},
    optional={"text": JSON, "refusal": JSON, "annotations": JSON},
)
ITEM = st.fixed_dictionaries(
    {"type": ITEM_KINDS},
    optional={
        "content": st.lists(CONTENT, max_size=2) | JSON,
        "summary": JSON,
        "call_id": JSON,
        "name": JSON,
        "arguments": JSON,
        "input": JSON,
        "encrypted_content": JSON,
        "execution": st.just("client"),
    },
)
EVENT = st.fixed_dictionaries(
    {"type": KINDS},
    optional={
        "output_index": st.integers(0, 2) | JSON,
        "content_index": st.integers(0, 1) | JSON,
        "summary_index": st.integers(0, 2) | JSON,
        "item": ITEM | JSON,
        "part": CONTENT | JSON,
        "delta": JSON,
        "annotation": JSON,
        "error": JSON,
        "response": st.fixed_dictionaries(
            {}, optional={"output": st.lists(ITEM | JSON, max_size=2), "id": JSON}
        )
        | JSON,
    },
)


@given(events=st.lists(EVENT, max_size=12))
def test_whatever_upstream_sends_the_events_are_legal(events: list[dict[str, Any]]) -> None:
    """Totality: no exception, and the grammar holds."""
    frames = [Frame(b"data: %b\n\n" % msgspec.json.encode(event)) for event in events]
    assert faults_of(heard(*frames, is_whole=True)) == []


def test_an_item_that_is_announced_twice_is_one_item() -> None:
    """The first part stays open for whatever comes, and is ended once."""
    added = {"type": "response.output_item.added", "output_index": 0, "item": {"type": "reasoning"}}
    one = Frame(b"data: %b\n\n" % msgspec.json.encode(added))
    events = heard(one, one, is_whole=True)
    assert faults_of(events) == []
    assert [type(event).__name__ for event in events].count("PartStarted") == 1
