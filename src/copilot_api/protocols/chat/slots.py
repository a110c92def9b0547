"""The `reasoning_opaque` slot: where a chat message carries the blob that proves its reasoning.

A message has one slot, an answer may have thought several times, between texts and calls. One blob is sealed by
itself, next to its text in the open. Several go in together, with their texts and places, since whoever signed
them wants them back in their places, byte for byte.

    slot   := seal(blob)  |  seal(Opaque("chat.thoughts", {"0": thought, "1": thought...}))
    thought := json([seal(blob) or "", summary, text, is_redacted, characters of content before, calls before])

Clients made for OpenRouter keep and send back `reasoning_details` instead, pi only next to the call whose id stands
in it; so an answer with calls says the slot there too.
Source: openrouter.ai/docs, "Preserving reasoning"; pi-ai 0.73, providers/openai-completions.js (read 2026-11).
"""

from typing import Final

import msgspec

from copilot_api.neutral.extras import Json
from copilot_api.neutral.opaque import Opaque, open_sealed, seal
from copilot_api.neutral.parts import NativePart, Part, Reasoning, Text, ToolCall
from copilot_api.protocols.chat.words import ORIGIN

FIELD: Final = "reasoning_opaque"
DETAILS: Final = "reasoning_details"
_THOUGHTS: Final = "chat.thoughts"


class _Thought(msgspec.Struct, frozen=True, array_like=True):
    sealed: str
    summary: list[str]
    text: str | None
    is_redacted: bool
    chars_before: int
    calls_before: int


_THOUGHT: Final = msgspec.json.Decoder(_Thought)


class SlotWriter:
    """Collects the blobs of an answer, part by part; `write` gives what stands for them all."""

    def __init__(self) -> None:
        self._thoughts: list[_Thought] = []
        self._alone: Opaque | None = None
        self._chars = self._calls = 0

    def add(self, part: Part) -> None:
        """The next part, whole."""
        match part:
            case Reasoning():
                self._think(part, part.opaque)
            case Text():
                self.add_text(len(part.text), part.opaque)
            case ToolCall():
                self.add_call(part.opaque)
            case NativePart():
                self.add_text(len(part.text or ""), None)
            case _:
                pass

    def add_text(self, chars: int, opaque: Opaque | None) -> None:
        """The next part is a text of so many characters; a blob on it is a thought without words before it."""
        if opaque is not None:
            self._think(Reasoning(is_redacted=True), opaque)
        self._chars += chars

    def add_call(self, opaque: Opaque | None) -> None:
        """The next part is a tool call."""
        if opaque is not None:
            self._think(Reasoning(is_redacted=True), opaque)
        self._calls += 1

    def _think(self, part: Reasoning, opaque: Opaque | None) -> None:
        if not (self._thoughts or self._chars or self._calls):
            self._alone = opaque
        sealed = "" if opaque is None else seal(opaque)
        thought = _Thought(sealed, [*part.summary], part.text, part.is_redacted, self._chars, self._calls)
        self._thoughts.append(thought)

    def write(self) -> str | None:
        """What goes into the slot; None where nothing was proved."""
        if len(self._thoughts) == 1 and self._alone is not None:
            return seal(self._alone)
        if not any(thought.sealed for thought in self._thoughts):
            return None
        return seal(Opaque(_THOUGHTS, {str(at): _pack(thought) for at, thought in enumerate(self._thoughts)}))


def write_details(slot: str, call_id: str) -> list[Json]:
    """What `reasoning_details` says of an answer with that slot, and a call of that id."""
    return [{"type": "reasoning.encrypted", "id": call_id, "index": 0, "data": slot}]


def read_details(details: Json) -> str | None:
    """The slot in `reasoning_details`; None where something stands there that we did not write."""
    match details:
        case [{"type": "reasoning.encrypted", "data": str(slot)}] if open_sealed(slot) is not None:
            return slot
        case _:
            return None


def _pack(thought: _Thought) -> str:
    return msgspec.json.encode(thought).decode()


def read_slot(slot: str) -> Opaque | tuple[tuple[Reasoning, int, int], ...]:
    """The blob in a slot, or several thoughts, each with the characters of content and the calls before it.

    What was not sealed is chat's own.
    """
    opened = open_sealed(slot)
    if opened is None:
        return Opaque(ORIGIN, {FIELD: slot})
    if opened.origin != _THOUGHTS:
        return opened
    return tuple(
        _unpack(packed) for _, packed in sorted(opened.payload.items(), key=lambda item: _at(item[0]))
    )


def _at(key: str) -> int:
    return int(key) if key.isascii() and key.isdigit() and len(key) < 6 else 0


def _unpack(packed: str) -> tuple[Reasoning, int, int]:
    try:
        thought = _THOUGHT.decode(packed)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        # Sealing proves nothing: somebody wrote this himself.
        return Reasoning(is_redacted=True), 0, 0
    part = Reasoning(
        tuple(thought.summary), thought.text, open_sealed(thought.sealed), is_redacted=thought.is_redacted
    )
    return part, thought.chars_before, thought.calls_before


def place(thoughts: tuple[tuple[Reasoning, int, int], ...], parts: list[Part]) -> list[Part]:
    """Put thoughts back into a message of at most one text and then calls; a text is split where one stood in it."""
    placed: list[Part] = []
    waiting = list(thoughts)
    calls = 0
    for part in parts:
        at = 0
        while (
            waiting
            and waiting[0][2] <= calls
            and (not isinstance(part, Text) or waiting[0][1] <= len(part.text))
        ):
            thought, chars, _ = waiting.pop(0)
            if isinstance(part, Text) and chars > at:
                placed.append(msgspec.structs.replace(part, text=part.text[at:chars]))
                at = chars
            placed.append(thought)
        if not isinstance(part, Text):
            placed.append(part)
        elif at < len(part.text) or not at:
            placed.append(msgspec.structs.replace(part, text=part.text[at:]) if at else part)
        calls += isinstance(part, ToolCall)
    return [*placed, *(thought for thought, _, _ in waiting)]
