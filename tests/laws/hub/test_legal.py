"""The strategies make legal streams, and the judge of legality knows illegal ones."""

import pytest
from hypothesis import given

from copilot_api.neutral.events import (
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
from copilot_api.neutral.fold import fold, unfold
from copilot_api.neutral.opaque import Opaque
from copilot_api.neutral.parts import Reasoning, Refusal, Text, ToolCall
from copilot_api.neutral.usage import Finish, FinishReason, Usage
from laws.hub.replies import replies
from laws.legal import faults_of

START = ReplyStarted("", "m")
END = ReplyEnded(Finish(FinishReason.STOP, "stop"))
CALL = ToolCall("c", "f", "")


@given(events=replies())
def test_the_strategy_makes_legal_streams(events: list[Event]) -> None:
    """Every one of them."""
    assert faults_of(events) == []


@given(events=replies())
def test_unfolding_a_completion_makes_a_legal_stream_that_folds_to_it(events: list[Event]) -> None:
    """Natives lose their place and nothing else."""
    completion = fold(events)
    again = unfold(completion)
    natives = [event for event in again if isinstance(event, NativeEvent)]
    rest = [event for event in again if not isinstance(event, NativeEvent)]
    assert faults_of(rest) == []
    assert fold(again) == completion
    assert tuple(natives) == completion.natives


@pytest.mark.parametrize("inside", [[], [UsageSeen(Usage())]])
def test_a_failure_may_interrupt_a_part(inside: list[Event]) -> None:
    """What is not whole does not end; the newest count of tokens may still come."""
    assert faults_of([START, PartStarted(0, Text("")), *inside, ReplyFailed("cut", "")]) == []


ILLEGAL: dict[str, tuple[list[Event], list[str]]] = {
    "nothing": ([], ["no end"]),
    "no start": ([END], ["ReplyEnded before ReplyStarted"]),
    "two starts": ([START, START, END], ["ReplyStarted twice"]),
    "two ends": ([START, END, ReplyFailed("cut", "")], ["ReplyFailed after the end"]),
    "a gap": ([START, PartStarted(1, Text("")), PartEnded(0), END], ["part 1, not 0"]),
    "an overlap": (
        [START, PartStarted(0, Text("")), PartStarted(1, Text("")), PartEnded(1), END],
        ["PartStarted inside a part"],
    ),
    "an open part": ([START, PartStarted(0, Text("")), END], ["the end inside a part"]),
    "an end of none": ([START, PartEnded(0), END], ["PartEnded(0)"]),
    "another kind": (
        [START, PartStarted(0, Text("")), PartEnded(0, Refusal("")), END],
        ["PartEnded with another kind of part"],
    ),
    "usage inside": (
        [START, PartStarted(0, Text("")), UsageSeen(Usage()), PartEnded(0), END],
        ["UsageSeen inside a part"],
    ),
    "a native elsewhere": ([START, NativeEvent("chat", {}, 0), END], ["NativeEvent of part 0, not None"]),
    "a wrong delta": (
        [START, PartStarted(0, Text("")), ToolInputDelta(0, ""), PartEnded(0), END],
        ["ToolInputDelta in Text"],
    ),
    "a blob on a refusal": (
        [START, PartStarted(0, Refusal("")), OpaqueSet(0, Opaque("chat", {})), PartEnded(0), END],
        ["OpaqueSet in Refusal"],
    ),
    "a delta of another part": (
        [START, PartStarted(0, Text("")), TextDelta(1, ""), PartEnded(0), END],
        ["TextDelta of part 1, not 0"],
    ),
    "a piece left out": (
        [START, PartStarted(0, Reasoning()), ReasoningDelta(0, "", 1), PartEnded(0), END],
        ["piece 1"],
    ),
    "no call": ([START, ReplyEnded(Finish(FinishReason.TOOL_CALLS, ""))], ["TOOL_CALLS without a call"]),
    "a call": ([START, PartStarted(0, CALL), PartEnded(0), END], ["STOP after a call"]),
}


@pytest.mark.parametrize("name", ILLEGAL)
def test_an_illegal_stream_is_told_what_is_wrong(name: str) -> None:
    """One fault, one sentence."""
    events, faults = ILLEGAL[name]
    assert faults_of(events) == faults
