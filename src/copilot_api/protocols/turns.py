"""Who speaks in a list of turns, and whether it shows images: what all peeks ask, in one place.

Owns the walk from the newest turn back. Must never know how a protocol spells a turn: each peek brings its
own judge. Source: upstream contract 8.1, the truthful rule for a stateless gateway (read 2026-11).
"""

from collections.abc import Callable, Sequence
from typing import Final, cast

import msgspec

from copilot_api.errors import MalformedRequest
from copilot_api.protocols.base import Speaker
from copilot_api.wire.reading import read, read_json

Verdict = tuple[Speaker | None, str]
"""Who made a turn (None: nobody who counts, look further back) and, for a human, the text."""


class Part(msgspec.Struct, frozen=True):
    """A content part, as far as peeks look. `object`, since a wrong type here is for upstream to refuse."""

    type: object = None
    text: object = None


_CONTENT: Final = msgspec.json.Decoder(str | list[Part] | None)

NULL: Final = msgspec.Raw(b"null")


def read_parts(content: msgspec.Raw) -> Sequence[Part]:
    """Read the parts of a content field; a string is one text part, an unreadable shape one of no type."""
    try:
        value = read(content, _CONTENT)
    except MalformedRequest:
        return (Part(),)
    if isinstance(value, str):
        return (Part("text", value),)
    return value or ()


def join_text(parts: Sequence[Part]) -> str:
    """Join the text of the parts that have one, a line break between them."""
    return "\n".join([part.text for part in parts if isinstance(part.text, str)])


_PICTURES: Final = frozenset({"Attached media from tool result:", "Attached image(s) from tool result:"})
"""What opencode 1.18 and pi 0.73 say over pictures that a tool read, where a result has no place for them (chat,
Gemini): a user turn behind the result, and not the human's."""


def find_speaker(
    turns: Sequence[msgspec.Raw], judge: Callable[[msgspec.Raw], Verdict], field: str
) -> tuple[Speaker, tuple[int, str] | None]:
    """Who made the newest turn, and the newest human turn: its index and text.

    Raises: MalformedRequest when a turn on the way is not an object.
    """
    speaker: Speaker | None = None
    for index in range(len(turns) - 1, -1, -1):
        try:
            who, text = judge(turns[index])
        except MalformedRequest as error:
            name = f"{field}[{index}]"
            raise MalformedRequest(f"{name!r} must be an object.", param=name) from error
        if who is None:
            continue
        if who is Speaker.HUMAN and text in _PICTURES:
            who = Speaker.TOOL
        speaker = speaker or who
        if who is Speaker.HUMAN:
            return speaker, (index, text)
    return speaker or Speaker.NOBODY, None


_OPENCODE_TITLE: Final = "Generate a title for this conversation:\n"
"""What opencode 1.18 puts before a conversation it wants a title for: a turn or a part of its own."""


def is_title_call(
    turns: Sequence[msgspec.Raw], judge: Callable[[msgspec.Raw], Verdict], human_turn: tuple[int, str]
) -> bool:
    """Whether the newest human turn is not a human's: opencode asks for a title in the user's name."""
    index, text = human_turn
    if text.startswith(_OPENCODE_TITLE + "\n"):
        return True
    try:
        return index > 0 and judge(turns[index - 1]) == (Speaker.HUMAN, _OPENCODE_TITLE)
    except MalformedRequest:
        return False


_IMAGE_TYPES: Final = frozenset({"image", "image_url", "input_image", "computer_screenshot"})
# Where content nests: turns hold `content`, tool outputs of Responses hold `output`. Nowhere else: a tool
# call's arguments or a JSON schema may well say {"type": "image"}.
_NESTS: Final = ("content", "output")


def has_images(body: bytes, turns: Sequence[msgspec.Raw]) -> bool:
    """Whether any turn holds an image part, also inside tool results."""
    if not _mentions_image(body):
        return False
    return any(_mentions_image(text) and _holds_image(read_json(text)) for text in map(bytes, turns))


def _mentions_image(text: bytes) -> bool:
    return b'image"' in text or b'image_url"' in text


def _holds_image(document: object) -> bool:
    waiting = [document]
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            waiting += cast("list[object]", value)
        elif isinstance(value, dict):
            fields = cast("dict[str, object]", value)
            kind = fields.get("type")
            if isinstance(kind, str) and kind in _IMAGE_TYPES:
                return True
            waiting += [fields[name] for name in _NESTS if name in fields]
    return False


def require_model(model: str | None) -> str:
    """Insist on the model's name.

    Raises: MalformedRequest when it is missing or empty.
    """
    if not model:
        raise MalformedRequest(
            "'model' is missing. Name a model, as GET /v1/models lists them.", param="model"
        )
    return model


def as_text(value: object) -> str | None:
    """Take a non-empty string; None for everything else, where a field is read only if well-formed."""
    return value if isinstance(value, str) and value else None
