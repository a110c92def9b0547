"""The whole is the fold of the stream, and the stream can be made from the whole."""

from copilot_api.neutral.events import (
    CitationAdded,
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
from copilot_api.neutral.fold import Completion, fold, unfold
from copilot_api.neutral.opaque import Opaque
from copilot_api.neutral.parts import Citation, NativePart, Reasoning, Refusal, Text, ToolCall
from copilot_api.neutral.usage import Finish, FinishReason, Usage

STOP = Finish(FinishReason.STOP, "end_turn")
BLOB = Opaque("messages", {"signature": "Erm"})
SOURCE = Citation("messages", {"type": "page_location"}, url="https://example.org")

STREAM = (
    ReplyStarted("msg_1", "claude", 7),
    PartStarted(0, Reasoning()),
    ReasoningDelta(0, "let me "),
    ReasoningDelta(0, "see"),
    ReasoningDelta(0, "more", piece=1),
    ReasoningDelta(0, "raw", is_raw=True),
    OpaqueSet(0, Opaque("messages", {"signature": "E"})),
    OpaqueSet(0, BLOB),
    PartEnded(0),
    PartStarted(1, Text("Good ")),
    TextDelta(1, "day"),
    CitationAdded(1, SOURCE),
    PartEnded(1),
    UsageSeen(Usage(input_tokens=1)),
    PartStarted(2, ToolCall("call_1", "f", "")),
    ToolInputDelta(2, '{"a":'),
    ToolInputDelta(2, "1}"),
    PartEnded(2),
    PartStarted(3, Refusal("")),
    TextDelta(3, "no"),
    PartEnded(3),
    PartStarted(4, NativePart("messages", {"type": "server_tool_use"})),
    PartEnded(4),
    UsageSeen(Usage(input_tokens=3, output_tokens=4)),
    ReplyEnded(STOP, stop_sequence="END"),
)

WHOLE = Completion(
    id="msg_1",
    model="claude",
    created_unix_s=7,
    parts=(
        Reasoning(summary=("let me see", "more"), text="raw", opaque=BLOB),
        Text("Good day", citations=(SOURCE,)),
        ToolCall("call_1", "f", '{"a":1}'),
        Refusal("no"),
        NativePart("messages", {"type": "server_tool_use"}),
    ),
    usage=Usage(input_tokens=3, output_tokens=4),
    finish=STOP,
    stop_sequence="END",
)


def test_deltas_add_up_and_blobs_and_counts_replace() -> None:
    """Text, thinking in pieces, arguments and citations grow; opaque and usage are the last ones."""
    assert fold(STREAM) == WHOLE


def test_unfolding_a_whole_and_folding_it_again_changes_nothing() -> None:
    """Law L3 for the hub itself."""
    assert fold(unfold(WHOLE)) == WHOLE


def test_a_part_repeated_at_its_end_wins_over_its_deltas() -> None:
    """Upstream's last word; the blob still hangs on it."""
    events = (
        PartStarted(0, ToolCall("c", "f", "")),
        ToolInputDelta(0, "{"),
        OpaqueSet(0, BLOB),
        PartEnded(0, ToolCall("c", "f", "{}")),
    )
    assert fold(events).parts == (ToolCall("c", "f", "{}", opaque=BLOB),)


def test_an_answer_that_broke_off_keeps_what_it_had() -> None:
    """The open part counts, and the failure is told."""
    failure = ReplyFailed("cut", "cut off")
    events = (ReplyStarted("1", "m"), PartStarted(0, Text("")), TextDelta(0, "half"), failure)
    whole = fold(events)
    assert whole.parts == (Text("half"),)
    assert whole.failure == failure
    assert whole.finish is None
    assert fold(unfold(whole)) == whole


def test_deltas_without_an_open_part_are_nobodys() -> None:
    """The fold is total: it never raises."""
    assert fold((TextDelta(0, "lost"), PartEnded(0))) == Completion(id="", model="", parts=())


def test_native_events_are_kept_beside_the_parts() -> None:
    """What only the origin says."""
    native = NativeEvent("chat", {"copilot_annotations": []})
    whole = fold((ReplyStarted("1", "m"), native, ReplyEnded(STOP)))
    assert whole.natives == (native,)
    assert fold(unfold(whole)) == whole
