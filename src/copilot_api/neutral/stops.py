"""Stop sequences for a target that has none: events pass through, and the reply ends where one is met.

Owns the search in the words of the answer: across deltas, never across parts, never in thinking, refusals or
tool calls. The sequence that is complete first wins, the longer one where two are complete at once: a model
that stops by itself would have stopped there. How the words are split into deltas changes nothing.
Text that could be the beginning of a sequence is held back, and no more than that; so are the probabilities of its
tokens, which are told with the last of their text or not at all.
"""

import msgspec

from copilot_api.neutral.events import (
    Event,
    PartEnded,
    PartStarted,
    ReplyEnded,
    TextDelta,
)
from copilot_api.neutral.parts import Part, Text, TokenLogprob, ToolCall
from copilot_api.neutral.usage import Finish, FinishReason


class _Search:
    """One sequence, searched in linear time (Knuth, Morris, Pratt), one delta after the other."""

    __slots__ = ("_borders", "matched", "sequence")

    def __init__(self, sequence: str) -> None:
        self.sequence = sequence
        self.matched = 0  # how much of the sequence the text so far ends in
        self._borders = [0] * len(sequence)
        border = 0
        for position in range(1, len(sequence)):
            while border and sequence[position] != sequence[border]:
                border = self._borders[border - 1]
            border += sequence[position] == sequence[border]
            self._borders[position] = border

    def advance(self, text: str) -> int | None:
        """Read on; return how many characters of `text` it took to complete the sequence."""
        sequence, matched = self.sequence, self.matched
        start = 0
        if not matched:
            start = text.find(sequence[0])
            if start < 0:
                return None
        for position in range(start, len(text)):
            while matched and text[position] != sequence[matched]:
                matched = self._borders[matched - 1]
            matched += text[position] == sequence[matched]
            if matched == len(sequence):
                return position + 1
        self.matched = matched
        return None


class _Tokens:
    """The probabilities of tokens whose text is not wholly said yet."""

    __slots__ = ("_room", "_waiting")

    def __init__(self) -> None:
        self._room = 0  # characters that were said and belong to no token yet
        self._waiting: list[TokenLogprob] = []

    def add(self, tokens: tuple[TokenLogprob, ...]) -> None:
        """More tokens."""
        self._waiting += tokens

    def take(self, said: str) -> tuple[TokenLogprob, ...]:
        """Those that are whole with this text."""
        self._room += len(said)
        count = 0
        for token in self._waiting:
            if len(token.token) > self._room:
                break
            self._room -= len(token.token)
            count += 1
        taken, self._waiting = self._waiting[:count], self._waiting[count:]
        return tuple(taken)

    def rest(self) -> tuple[TokenLogprob, ...]:
        """All that are left."""
        taken, self._waiting = self._waiting, []
        return tuple(taken)


class StopFilter:
    """Takes a reply's events and gives those that the client may see.

    Once `has_stopped`, the reply has been ended: upstream may be cancelled, and whatever it still says is
    swallowed.
    """

    __slots__ = ("_has_call", "_held", "_searches", "_tokens", "has_stopped")

    def __init__(self, sequences: tuple[str, ...]) -> None:
        self._searches = [_Search(sequence) for sequence in sequences if sequence]
        self._held: str | None = None  # the tail of the open text part; None while none is open
        self._tokens = _Tokens()
        self._has_call = False
        self.has_stopped = False

    def feed(self, event: Event) -> tuple[Event, ...]:
        """Pass one event on, with the text that may go; or end the reply."""
        if self.has_stopped:
            return ()
        match event:
            case TextDelta() if self._held is not None:
                self._tokens.add(event.logprobs)
                return self._speak(event.index, event.text, self._held)
            case PartStarted(part=Text() as part) if self._searches:
                return self._begin(event, part)
            case PartEnded() if self._held is not None:
                return self._end_part(event, self._held)
            case _:
                self._has_call = self._has_call or (
                    isinstance(event, PartStarted) and isinstance(event.part, ToolCall)
                )
                return (event,)

    def _begin(self, event: PartStarted, part: Text) -> tuple[Event, ...]:
        self._restart()
        self._held, self._tokens = "", _Tokens()
        if not part.text:
            return (event,)
        self._tokens.add(part.logprobs)
        bare = PartStarted(event.index, msgspec.structs.replace(part, text="", logprobs=()))
        return (bare, *self._speak(event.index, part.text, ""))

    def _restart(self) -> None:
        for search in self._searches:
            search.matched = 0

    def _find(self, text: str, held: str) -> tuple[str, str] | None:
        """Read on; return the text before the sequence that is complete first, and that sequence."""
        found = [
            (end, -len(search.sequence), search.sequence)
            for search in self._searches
            if (end := search.advance(text)) is not None
        ]
        if not found:
            return None
        end, negative_length, sequence = min(found)
        return (held + text)[: len(held) + end + negative_length], sequence

    def _speak(self, index: int, text: str, held: str) -> tuple[Event, ...]:
        found = self._find(text, held)
        if found is not None:
            return (*self._words(index, found[0]), PartEnded(index), self._stop(found[1]))
        words = held + text
        keep = max(search.matched for search in self._searches)
        self._held = words[len(words) - keep :]
        return self._words(index, words[: len(words) - keep])

    def _end_part(self, event: PartEnded, held: str) -> tuple[Event, ...]:
        self._held = None
        if isinstance(event.part, Text):
            # What upstream repeats at the end may hold more than its deltas did.
            self._restart()
            found = self._find(event.part.text, "")
            if found is not None:
                tokens = _Tokens()
                tokens.add(event.part.logprobs)
                part: Part = msgspec.structs.replace(
                    event.part, text=found[0], logprobs=tokens.take(found[0])
                )
                return (PartEnded(event.index, part), self._stop(found[1]))
        rest = self._words(event.index, held)
        late = self._tokens.rest()
        return (*rest, *([TextDelta(event.index, "", late)] if late else ()), event)

    def _words(self, index: int, text: str) -> tuple[Event, ...]:
        tokens = self._tokens.take(text)
        return (TextDelta(index, text, tokens),) if text or tokens else ()

    def _stop(self, sequence: str) -> ReplyEnded:
        self.has_stopped = True
        if self._has_call:
            # What was called before the text has been told whole, and the client is to run it.
            return ReplyEnded(Finish(FinishReason.TOOL_CALLS, "tool_calls"))
        return ReplyEnded(Finish(FinishReason.STOP, "stop"), stop_sequence=sequence)
