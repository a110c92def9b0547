"""Freeform tools for targets that know only functions: the text goes into one string property, `input`.

Owns the wrapping and the incremental unwrapping of `{"input":"..."}`. Whole texts are unwrapped by the same
machine, so that a streamed answer and a whole one cannot differ.

    arguments := ws "{" ws '"input"' ws ":" ws '"' text '"' ignored*
               | anything else             given back at the end: the value of "input" where it is a string,
                                           else as it came
"""

import re
from typing import Final, cast

import msgspec

from copilot_api.neutral.extras import JsonObject
from copilot_api.neutral.parts import CacheHint
from copilot_api.neutral.request import CustomTool, FunctionTool

INPUT: Final = "input"
"""The property that holds a freeform input, or a value whose schema is no object."""

_HEAD: Final = re.compile(r'\s*\{\s*"input"\s*:\s*"')
_HEAD_CHARS: Final = 64
"""Models write the head in 10 characters; text that does not begin like it within this many is something else."""
_TOKEN: Final = re.compile(
    r'[^"\\]+'
    r"|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    r"|\\u[0-9a-fA-F]{4}"
    r"|\\[^u]"
    r"|\\u(?=[0-9a-fA-F]{0,3}[^0-9a-fA-F])",  # broken: taken as it stands
    re.DOTALL,
)
_HALF_PAIR: Final = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}")
_BEGUN_ESCAPE: Final = re.compile(r"(?:\\(?:u[0-9a-fA-F]{0,3})?)?")
_ESCAPES: Final = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}


def wrap_custom(tool: CustomTool, name: str, cache: CacheHint | None = None) -> FunctionTool:
    """A freeform tool as a function; its grammar, which nobody enforces any more, is told in the description."""
    pieces = [tool.description] if tool.description else []
    pieces.append(f"Give the whole freeform text as `{INPUT}`.")
    grammar = _grammar(tool.format)
    if grammar is not None:
        pieces.append(f"It must follow this {grammar[0]} grammar:\n{grammar[1]}")
    return FunctionTool(
        name=name,
        description="\n\n".join(pieces),
        parameters={
            "type": "object",
            "properties": {INPUT: {"type": "string"}},
            "required": [INPUT],
            "additionalProperties": False,
        },
        cache=cache,
    )


def _grammar(format: JsonObject | None) -> tuple[str, str] | None:
    """Syntax and definition; flat as Responses spells them or nested as chat does."""
    fields = format or {}
    nested = fields.get("grammar")
    fields = nested if isinstance(nested, dict) else fields
    syntax, definition = fields.get("syntax"), fields.get("definition")
    if isinstance(syntax, str) and isinstance(definition, str):
        return syntax, definition
    return None


def wrap_input(text: str) -> str:
    """The arguments of a function that stands for a freeform tool."""
    return '{"input":' + msgspec.json.encode(text).decode() + "}"


def unwrap_input(arguments: str) -> str:
    """The freeform input in a function's arguments; arguments of another shape are given back as they are."""
    unwrapper = InputUnwrapper()
    return unwrapper.feed(arguments) + unwrapper.finish()


class InputUnwrapper:
    """Takes the pieces of `{"input":"..."}` and gives the text in it as soon as it is certain."""

    __slots__ = ("_pending", "_pieces", "_state")

    def __init__(self) -> None:
        self._state = "head"  # then "text", and "over" after the closing quote; or "other" until the end
        self._pending = ""
        self._pieces: list[str] = []

    def feed(self, piece: str) -> str:
        """More of the arguments; returns more of the text, possibly nothing."""
        if self._state == "text":
            return self._read(piece)
        if self._state == "head":
            self._pending += piece
            head = _HEAD.match(self._pending)
            if head is not None:
                self._state, rest, self._pending = "text", self._pending[head.end() :], ""
                return self._read(rest)
            if len(self._pending) > _HEAD_CHARS:
                self._state = "other"
                self._pieces.append(self._pending)
        elif self._state == "other":
            self._pieces.append(piece)
        return ""

    def finish(self) -> str:
        """The rest: what an unfinished text held back, or all of what was not of the expected shape."""
        if self._state == "over":
            return ""
        if self._state == "text":
            return "\ufffd" if _HALF_PAIR.match(self._pending) else ""
        text = self._pending if self._state == "head" else "".join(self._pieces)
        try:
            fields: object = msgspec.json.decode(text)
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            return text
        value = cast("dict[str, object]", fields).get(INPUT) if isinstance(fields, dict) else None
        return value if isinstance(value, str) else text

    def _read(self, piece: str) -> str:
        if not self._pending and '"' not in piece and "\\" not in piece:
            return piece
        text, self._pending = self._pending + piece, ""
        said: list[str] = []
        at = 0
        while at < len(text):
            match = _TOKEN.match(text, at)
            if match is None:
                if text[at] == '"':
                    self._state = "over"
                else:
                    self._pending = text[at:]
                break
            token = match.group()
            rest = text[match.end() : match.end() + 6]
            if _HALF_PAIR.fullmatch(token) and _BEGUN_ESCAPE.fullmatch(rest):
                self._pending = text[at:]
                break
            said.append(_plain(token))
            at = match.end()
        return "".join(said)


def _plain(piece: str) -> str:
    """What plain characters or one escape stand for."""
    if piece[0] != "\\" or len(piece) == 2:
        return piece if piece[0] != "\\" or piece[1] == "u" else _ESCAPES.get(piece[1], piece[1])
    units = b"".join(int(piece[at + 2 : at + 6], 16).to_bytes(2, "big") for at in range(0, len(piece), 6))
    return units.decode("utf-16-be", "replace")
