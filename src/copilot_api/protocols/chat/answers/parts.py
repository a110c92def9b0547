"""The parts of one answer while it comes in: who speaks, and who must wait.

Owns the hub's grammar: one part speaks at a time. A tool call is over when its arguments are whole JSON, any other
part when the next one begins; until then the deltas of later calls are held back, until the end at the latest.

    queue := speaking waiting*          the first is open, the others collect what they will say
"""

import msgspec

from copilot_api.neutral.events import (
    CitationAdded,
    Event,
    OpaqueSet,
    PartEnded,
    PartStarted,
    ReasoningDelta,
    TextDelta,
    ToolInputDelta,
)
from copilot_api.neutral.opaque import Opaque
from copilot_api.neutral.parts import Citation, Part, Reasoning, Refusal, Text, TokenLogprob, ToolCall


class Weighed(msgspec.Struct, frozen=True):
    """Words, and how likely their tokens were."""

    text: str
    logprobs: tuple[TokenLogprob, ...]


_Said = str | Weighed | Opaque | Citation


class Speaking:
    """A part in the making. `part` is what it began as."""

    __slots__ = ("_checked", "blob", "is_open", "part", "pieces", "waiting")

    def __init__(self, part: Part) -> None:
        self.part = part
        self.is_open = False
        self.blob = ""
        self._checked = 0  # how many pieces there were when they were found not to be whole
        self.pieces: list[str] = []  # of a tool call's arguments
        self.waiting: list[_Said] = []

    def is_whole(self) -> bool:
        """Whether nothing more can come, as far as can be told from what came."""
        if not isinstance(self.part, ToolCall):
            return True
        if len(self.pieces) == self._checked:
            return False
        self._checked = len(self.pieces)
        try:
            msgspec.json.decode("".join(self.pieces))
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            return False
        return True


class PartQueue:
    """Turns what comes in into events; `out` collects them until they are taken."""

    __slots__ = ("_index", "_queue", "has_calls", "out")

    def __init__(self) -> None:
        self._queue: list[Speaking] = []
        self._index = 0
        self.has_calls = False
        self.out: list[Event] = []

    def take(self) -> tuple[Event, ...]:
        """The events so far."""
        events = tuple(self.out)
        self.out = []
        return events

    def last(self) -> Part | None:
        """What the newest part began as; None before the first."""
        return self._queue[-1].part if self._queue else None

    def text(self, text: str, logprobs: tuple[TokenLogprob, ...] = ()) -> None:
        """More words."""
        queue = self._queue
        if len(queue) == 1 and isinstance(queue[0].part, Text):
            self.out.append(TextDelta(self._index, text, logprobs))
        else:
            said = Weighed(text, logprobs) if logprobs else text
            self._say(self._newest(Text) or self.start(Text("")), said)

    def refusal(self, text: str) -> None:
        """More words of a refusal."""
        self._say(self._newest(Refusal) or self.start(Refusal("")), text)

    def thought(self, text: str) -> None:
        """More thinking."""
        self._say(self._newest(Reasoning) or self.start(Reasoning()), text)

    def prove(self, origin: str, name: str, blob: str, *, is_apart: bool) -> None:
        """More of the blob of the thinking that speaks; `is_apart`: of thinking that has no words."""
        speaking = (None if is_apart else self._newest(Reasoning)) or self.start(Reasoning(is_redacted=True))
        speaking.blob += blob
        self._say(speaking, Opaque(origin, {name: speaking.blob}))

    def cite(self, citation: Citation) -> bool:
        """A source of the text that speaks; False when none does."""
        speaking = self._newest(Text)
        if speaking is not None:
            self._say(speaking, citation)
        return speaking is not None

    def start_call(self, call: ToolCall) -> Speaking:
        """A tool call begins."""
        self.has_calls = True
        return self.start(call)

    def input(self, call: Speaking, text: str) -> None:
        """More arguments of a call; what comes after the call was ended is white space and not said."""
        if call in self._queue:
            call.pieces.append(text)
            self._say(call, text)

    def start(self, part: Part) -> Speaking:
        """A part begins, at once where everything before it is over."""
        speaking = Speaking(part)
        self._queue.append(speaking)
        self._advance()
        return speaking

    def end(self) -> None:
        """Nothing more comes: everybody says what he has, in order."""
        while self._queue:
            self._open()
            self._close()

    def _newest(self, kind: type[Part]) -> Speaking | None:
        """The newest part where it is of this kind: only the newest may still grow without being named."""
        if self._queue and isinstance(self._queue[-1].part, kind):
            return self._queue[-1]
        return None

    def _say(self, speaking: Speaking, said: _Said) -> None:
        if not speaking.is_open:
            speaking.waiting.append(said)
            self._advance()
            return
        index, part = self._index, speaking.part
        match said:
            case Opaque():
                self.out.append(OpaqueSet(index, said))
            case Citation():
                self.out.append(CitationAdded(index, said))
            case Weighed():
                self.out.append(TextDelta(index, said.text, said.logprobs))
            case _ if isinstance(part, ToolCall):
                self.out.append(ToolInputDelta(index, said))
            case _ if isinstance(part, Reasoning):
                self.out.append(ReasoningDelta(index, said))
            case _:
                self.out.append(TextDelta(index, said))

    def _advance(self) -> None:
        """Let the next one speak where the first is over."""
        self._open()
        while len(self._queue) > 1 and self._queue[0].is_whole():
            self._close()
            self._open()

    def _open(self) -> None:
        first = self._queue[0]
        if first.is_open:
            return
        first.is_open = True
        self.out.append(PartStarted(self._index, first.part))
        for said in first.waiting:
            self._say(first, said)
        first.waiting = []

    def _close(self) -> None:
        del self._queue[0]
        self.out.append(PartEnded(self._index))
        self._index += 1
