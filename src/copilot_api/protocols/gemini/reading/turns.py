"""Gemini's `contents` and `systemInstruction` as turns and instructions.

Owns who speaks. A streamed answer comes back as one content per chunk from clients that record chunks (google-genai's
chats do), so contents of the model that follow each other are one turn, and pieces of text in it are one text.
Source: google-genai 3.4 `types.Content`, `chats.py`; Gemini API reference (read 2026-11).
"""

from typing import Final

import msgspec

from copilot_api.errors import MalformedRequest
from copilot_api.neutral.extras import Json
from copilot_api.neutral.opaque import Opaque
from copilot_api.neutral.parts import Part, Reasoning, Text
from copilot_api.neutral.request import Role, Turn
from copilot_api.protocols.gemini.reading.calls import Calls
from copilot_api.protocols.gemini.reading.fields import ORIGIN, Fields
from copilot_api.protocols.gemini.reading.parts import read_parts

_ROLES: Final[dict[str, Role]] = {
    "user": "user",
    "model": "assistant",
    "function": "tool",
    # Not Google's words, but what clients of other protocols write into them.
    "assistant": "assistant",
    "tool": "tool",
    "system": "system",
    "developer": "developer",
}
_NO_WORDS: Final = Text("")


class Placed(msgspec.Struct, frozen=True):
    """A turn, and where it and its parts stood."""

    turn: Turn
    path: str
    parts: tuple[str, ...]


def read_turns(value: Json, calls: Calls) -> list[Placed]:
    """All turns of `contents`: a list of contents or of strings, one content, or a string.

    Raises: MalformedRequest
    """
    entries = value if isinstance(value, list) else [value]
    if value is None or not entries:
        raise MalformedRequest(
            "'contents' is missing. Send at least one content, such as "
            '{"role": "user", "parts": [{"text": "Hello"}]}.',
            param="contents",
        )
    turns: list[Placed] = []
    answer: _Answer | None = None
    for index, entry in enumerate(entries):
        path = f"contents[{index}]"
        turn, places = _read_turn(entry, path, calls)
        if turn.role == "assistant" and turn.extras is None:
            answer = answer or _Answer(path)
            answer.add(turn, places)
            continue
        if answer is not None:
            turns.append(answer.turn())
            answer = None
        turns.append(Placed(turn, path, tuple(places)))
    return [*turns, answer.turn()] if answer is not None else turns


def read_instructions(value: Json, calls: Calls) -> tuple[tuple[Part, ...], bool]:
    """The parts of `systemInstruction`, and whether it was a bare string: a string, a content, a part or parts.

    Raises: MalformedRequest
    """
    if value is None or isinstance(value, str):
        return ((Text(value),) if value else ()), value is not None
    path = "systemInstruction"
    if isinstance(value, dict):
        content = Fields(value, path)
        value = content.take("parts") if content.has("parts") or content.has("role") else value
    if not isinstance(value, str | list | dict | None):
        raise MalformedRequest(f"{path} must be a string, a content or a list of parts.", param=path)
    return tuple(read_parts(value, f"{path}.parts", calls)[0]), False


def _read_turn(entry: Json, path: str, calls: Calls) -> tuple[Turn, list[str]]:
    if isinstance(entry, str):
        return Turn("user", (Text(entry),), is_plain=True), [path]
    if not isinstance(entry, dict):
        raise MalformedRequest(f"{path} must be an object or a string, not {repr(entry)[:80]}.", param=path)
    content = Fields(entry, path)
    if not content.has("parts") and not content.has("role"):
        # A part on its own, as the SDKs let people write it.
        parts, _ = read_parts(entry, path, calls)
        return Turn("user", tuple(parts)), [path] * len(parts)
    word = content.text("role") or "user"
    role = _ROLES.get(word)
    if role is None:
        raise MalformedRequest(
            f"{path}.role must be 'user', 'model' or 'function', not {word!r}.", param=f"{path}.role"
        )
    parts, places = read_parts(content.take("parts"), f"{path}.parts", calls)
    return Turn(role, tuple(parts), extras=content.extras()), places


class _Answer:
    """One turn of the model, put together from the contents in which it came back."""

    __slots__ = ("_opaque", "_parts", "_path", "_pieces", "_place")

    def __init__(self, path: str) -> None:
        self._path = path
        self._parts: list[tuple[Part, str]] = []
        self._pieces: list[str] = []
        self._place = ""  # of the open text
        self._opaque: Opaque | None = None

    def add(self, turn: Turn, places: list[str]) -> None:
        """Take the parts of one more content."""
        for part, place in zip(turn.parts, places, strict=True):
            if isinstance(part, Text) and part.extras is None and self._takes(part):
                self._pieces.append(part.text)
                self._opaque = self._opaque or part.opaque
                continue
            self._close_text()
            if isinstance(part, Text) and part.extras is None:
                self._pieces, self._place, self._opaque = [part.text], place, part.opaque
                continue
            if isinstance(part, Reasoning) and part.opaque is not None and part.opaque.origin != ORIGIN:
                self._drop_shown()
            self._parts.append((part, place))

    def turn(self) -> Placed:
        """The whole turn, without the empty text that a stream's last chunk may hold, unless it is all there is."""
        self._close_text()
        said = [placed for placed in self._parts if placed[0] != _NO_WORDS] or self._parts
        turn = Turn("assistant", tuple(part for part, _ in said))
        return Placed(turn, self._path, tuple(place for _, place in said))

    def _takes(self, part: Text) -> bool:
        """Whether this is more of the open text: a signature may come with its first piece, or alone after it."""
        return bool(self._pieces) and (part.opaque is None or (self._opaque is None and not part.text))

    def _close_text(self) -> None:
        if self._pieces:
            self._parts.append((Text("".join(self._pieces), opaque=self._opaque), self._place))
        self._pieces, self._opaque = [], None

    def _drop_shown(self) -> None:
        """Forget what was shown of a thought that came back whole, with its blob, in a later part's slot."""
        while self._parts:
            last, _ = self._parts[-1]
            if not isinstance(last, Reasoning) or last.opaque is not None:
                return
            self._parts.pop()
