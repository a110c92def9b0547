"""What a legal event stream is, judged independently of readers and writers.

The grammar of `neutral/events.py`, and what it says between the lines: a delta fits its part, the pieces of a
summary are counted without gaps, an ending for tool calls has one.
"""

from collections.abc import Iterable
from typing import Final

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
from copilot_api.neutral.parts import NativePart, Part, Reasoning, Refusal, Text, ToolCall
from copilot_api.neutral.usage import FinishReason

Delta = TextDelta | ReasoningDelta | ToolInputDelta | CitationAdded | OpaqueSet

_TAKES: Final[dict[type[Delta], tuple[type[Part], ...]]] = {
    TextDelta: (Text, Refusal),
    ReasoningDelta: (Reasoning,),
    ToolInputDelta: (ToolCall,),
    CitationAdded: (Text,),
    OpaqueSet: (Text, Reasoning, ToolCall, NativePart),
}


class Legality:
    """Takes events one by one and notes what breaks the grammar."""

    def __init__(self) -> None:
        self.faults: list[str] = []
        self._has_started = False
        self._has_ended = False
        self._parts = 0
        self._open: Part | None = None
        self._piece = 0  # the newest piece of the open summary
        self._pieces = 0  # how many it has
        self._has_call = False
        self._has_counted_inside = False

    def feed(self, event: Event) -> None:
        """Take one event."""
        name = type(event).__name__
        if self._has_ended:
            self.faults.append(f"{name} after the end")
        elif not self._has_started and not isinstance(event, ReplyStarted):
            self.faults.append(f"{name} before ReplyStarted")
            self._has_started = True
        self._note(not self._has_counted_inside or isinstance(event, ReplyFailed), "UsageSeen inside a part")
        self._has_counted_inside = isinstance(event, UsageSeen) and self._open is not None
        match event:
            case ReplyStarted():
                self._note(not self._has_started, "ReplyStarted twice")
                self._has_started = True
            case PartStarted() | PartEnded():
                self._bound(event)
            case UsageSeen():
                pass  # inside a part it is judged by what follows
            case NativeEvent():
                index = None if self._open is None else self._parts - 1
                self._note(event.index == index, f"NativeEvent of part {event.index}, not {index}")
            case ReplyEnded() | ReplyFailed():
                self._end(event)
            case _:
                self._delta(event)

    def finish(self) -> list[str]:
        """Every fault, and what is missing."""
        return self.faults if self._has_ended else [*self.faults, "no end"]

    def _note(self, is_right: bool, words: str) -> None:
        if not is_right:
            self.faults.append(words)

    def _bound(self, event: PartStarted | PartEnded) -> None:
        if isinstance(event, PartStarted):
            self._note(self._open is None, "PartStarted inside a part")
            self._note(event.index == self._parts, f"part {event.index}, not {self._parts}")
            self._parts += 1
            self._open = event.part
            self._note(not isinstance(event.part, ToolCall) or event.part.name != "", "a call without a name")
            self._has_call = self._has_call or isinstance(event.part, ToolCall)
            self._piece = 0
            self._pieces = len(event.part.summary) if isinstance(event.part, Reasoning) else 0
            return
        self._note(event.index == self._parts - 1 and self._open is not None, f"PartEnded({event.index})")
        if event.part is not None:
            self._note(type(event.part) is type(self._open), "PartEnded with another kind of part")
        self._open = None

    def _delta(self, event: Delta) -> None:
        name = type(event).__name__
        self._note(event.index == self._parts - 1, f"{name} of part {event.index}, not {self._parts - 1}")
        self._note(isinstance(self._open, _TAKES[type(event)]), f"{name} in {type(self._open).__name__}")
        if isinstance(event, ReasoningDelta) and not event.is_raw:
            self._note(self._piece <= event.piece <= self._pieces, f"piece {event.piece}")
            self._piece = event.piece
            self._pieces = max(self._pieces, event.piece + 1)

    def _end(self, event: ReplyEnded | ReplyFailed) -> None:
        self._note(self._open is None or isinstance(event, ReplyFailed), "the end inside a part")
        self._has_ended = True
        if isinstance(event, ReplyEnded):
            reason = event.finish.reason
            self._note(reason is not FinishReason.TOOL_CALLS or self._has_call, "TOOL_CALLS without a call")
            self._note(reason is not FinishReason.STOP or not self._has_call, "STOP after a call")


def faults_of(events: Iterable[Event]) -> list[str]:
    """Everything that is illegal about a stream; empty for a legal one."""
    legality = Legality()
    for event in events:
        legality.feed(event)
    return legality.finish()
