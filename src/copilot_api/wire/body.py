"""Edits of a foreign JSON object at its top level: what is not touched keeps its bytes.

Owns splicing. Must never know what a field means. A value goes out as it came in (key order, number spelling,
white space inside values); only white space *between* top-level members is lost, and only when something
changed.
"""

from collections.abc import Collection, Mapping
from typing import Final

import msgspec

from copilot_api.errors import MalformedRequest
from copilot_api.wire.reading import malformed, mend_surrogates, read_json

_FIELDS: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ENCODER: Final = msgspec.json.Encoder()


def splice(body: bytes, changes: Mapping[str, object], drop: Collection[str] = ()) -> bytes:
    """Set and drop top-level members; every other value keeps its bytes.

    Shape: (b'{"model":"a","n":1.0}', {"model": "b"}) -> b'{"model":"b","n":1.0}'
    Raises: MalformedRequest when the body is not a JSON object.
    """
    edited = Body(body)
    for name in drop:
        edited.drop(name)
    for name, value in changes.items():
        edited.set(name, value)
    return edited.encode()


class Body:
    """An editable view of a JSON object's top level.

    `get` decodes a value on first use and gives the same object each time. Changing that object changes
    nothing until it is handed to `set`.
    """

    __slots__ = ("_changed", "_fields", "_hides_surrogates", "_values", "raw")

    def __init__(self, raw: bytes) -> None:
        """Read the top level only.

        Raises: MalformedRequest when `raw` is not a JSON object.
        """
        self.raw = raw
        self._fields, self._hides_surrogates = _read_fields(raw)
        self._values: dict[str, object] = {}
        self._changed = False

    def has(self, name: str) -> bool:
        """Whether the member is there, be it null."""
        return name in self._fields

    def get(self, name: str) -> object:
        """Decode the value of a member; None when it is absent.

        Raises: MalformedRequest when the value's text is not valid (bad UTF-8, nested too deeply).
        """
        if name in self._values:
            return self._values[name]
        field = self._fields.get(name)
        if field is None:
            return None
        text = bytes(field)
        value = read_json(text.replace(b"\xff", b"\\") if self._hides_surrogates else text)
        self._values[name] = value
        return value

    def text(self, name: str) -> bytes:
        """Give the bytes of a member as it is now; empty when it is absent.

        Shape: a lone surrogate's backslash is 0xFF in it (wire/reading.py); `encode` puts it back.
        """
        return bytes(self._fields.get(name, b""))

    def set_text(self, name: str, text: bytes) -> None:
        """Give a member a new value that is already JSON, made from what `text` gave."""
        self._fields[name] = msgspec.Raw(text)
        self._values.pop(name, None)
        self._changed = True

    def set(self, name: str, value: object) -> None:
        """Give a member a new value, in its old place or at the end.

        Raises: MalformedRequest when the value is nested too deeply.
        """
        try:
            self._fields[name] = msgspec.Raw(_ENCODER.encode(value))
        except RecursionError as error:
            raise malformed(error) from error
        self._values[name] = value
        self._changed = True

    def drop(self, name: str) -> None:
        """Remove a member; a member that is not there stays so."""
        if self._fields.pop(name, None) is not None:
            self._values.pop(name, None)
            self._changed = True

    def encode(self) -> bytes:
        """Write the original bytes when nothing changed, else the members as they are now."""
        if not self._changed:
            return self.raw
        encoded = _ENCODER.encode(self._fields)
        return encoded.replace(b"\xff", b"\\") if self._hides_surrogates else encoded


def _read_fields(raw: bytes) -> tuple[dict[str, msgspec.Raw], bool]:
    try:
        try:
            return _FIELDS.decode(raw), False
        except msgspec.ValidationError:
            raise
        except msgspec.DecodeError:
            hidden = mend_surrogates(raw)
            if hidden is None:
                raise
            return _FIELDS.decode(hidden), True
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise malformed(error) from error


__all__ = ["Body", "MalformedRequest", "splice"]
