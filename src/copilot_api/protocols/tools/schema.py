"""Parameter schemas as every target takes them: an object at the root, and nothing but an object.

Owns the wrapping of other schemas under one property and the way back for the arguments.
Source: OpenAI ("schema must have type 'object' and not have 'oneOf'/'anyOf'/'allOf'/'enum'/'not' at the top
level") and Anthropic ("input_schema does not support oneOf, allOf, or anyOf at the top level"), errors as
published (read 2026-11); user reports: a missing `properties` is refused too.
"""

import re
from typing import Final

from copilot_api.neutral.extras import JsonObject
from copilot_api.protocols.tools.custom import INPUT

_NOT_AT_ROOT: Final = ("anyOf", "oneOf", "allOf", "enum", "not", "const", "$ref")
_SHARED: Final = ("$schema", "$defs", "definitions")
"""What must stay at the root: references of the form `#/$defs/...` lead there."""
_HEAD: Final = re.compile(r'\s*\{\s*"input"\s*:\s*')
_HEAD_CHARS: Final = 64
"""Arguments that do not begin like it within this many characters are something else."""


def object_schema(parameters: JsonObject | None) -> tuple[JsonObject, bool]:
    """A schema with an object at its root, and whether the given one had to be wrapped under `input` for it.

    A fit schema is returned as it is, the same object.
    """
    if parameters is None:
        return {"type": "object", "properties": {}}, False
    type_ = parameters.get("type")
    is_object = type_ == "object" or (type_ is None and not any(name in parameters for name in _NOT_AT_ROOT))
    if is_object and not any(name in parameters for name in _NOT_AT_ROOT):
        if type_ == "object" and isinstance(parameters.get("properties"), dict):
            return parameters, False
        properties = parameters.get("properties")
        return {
            **parameters,
            "type": "object",
            "properties": properties if isinstance(properties, dict) else {},
        }, False
    inner = {name: value for name, value in parameters.items() if name not in _SHARED}
    shared: JsonObject = {name: parameters[name] for name in _SHARED if name in parameters}
    return {"type": "object", "properties": {INPUT: inner}, "required": [INPUT], **shared}, True


def wrap_value(arguments: str) -> str:
    """The arguments of a function whose schema was wrapped."""
    return '{"input":' + (arguments if arguments.strip() else "{}") + "}"


def unwrap_value(arguments: str) -> str:
    """The other way; arguments of another shape are given back as they are."""
    unwrapper = ValueUnwrapper()
    return unwrapper.feed(arguments) + unwrapper.finish()


class ValueUnwrapper:
    """Takes the pieces of `{"input":<value>}` and gives the value's text; the last brace is held until the end."""

    __slots__ = ("_has_begun", "_other", "_pending")

    def __init__(self) -> None:
        self._has_begun = False
        self._pending = ""
        self._other: list[str] = []

    def feed(self, piece: str) -> str:
        """More of the arguments; returns more of the value, possibly nothing."""
        if self._other:
            self._other.append(piece)
            return ""
        text, self._pending = self._pending + piece, ""
        if not self._has_begun:
            head = _HEAD.match(text)
            if head is None or head.end() == len(text):
                self._pending = text
                if len(text) > _HEAD_CHARS:
                    self._other.append(text)
                return ""
            self._has_begun, text = True, text[head.end() :]
        end = _tail_start(text)
        self._pending = text[end:]
        return text[:end]

    def finish(self) -> str:
        """All of it where it was of another shape; else nothing: the wrapping's brace is dropped."""
        return "" if self._has_begun else "".join(self._other) or self._pending


def _tail_start(text: str) -> int:
    """Where the white space and the brace that may be the wrapping's last ones begin."""
    kept = text.rstrip()
    return len(kept[:-1].rstrip()) if kept.endswith("}") else len(kept)
