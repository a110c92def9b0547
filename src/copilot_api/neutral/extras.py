"""What a reader did not understand, kept with the name of the protocol it came from.

Owns the Json aliases and the one way a wire document is read: known keys are taken out, the rest is carried.
A `null` counts as absent for whoever takes it and stays in the rest, so that nothing disappears.
"""

from collections.abc import Mapping

import msgspec

from copilot_api.errors import MalformedRequest

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]
JsonObject = dict[str, Json]


class Extras(msgspec.Struct, frozen=True):
    """Unread fields of one wire object, and the protocol whose words they are.

    `spelled` says how the origin wrote what was understood (ids, states, one of several forms): only its own
    writer needs it, and nothing is lost where another leaves it out.
    """

    origin: str
    fields: JsonObject
    spelled: JsonObject = {}


class Remainder:
    """A wire object that is being read: `take` what you know, then ask for the `extras`.

    `path` is where the object stands in the request, for error messages ("messages[3].content[0]").
    """

    __slots__ = ("_fields", "_spelled", "origin", "path")

    def __init__(self, document: Mapping[str, Json], origin: str, path: str = "") -> None:
        self._fields: JsonObject = dict(document)
        self._spelled: JsonObject = {}
        self.origin = origin
        self.path = path

    def has(self, name: str) -> bool:
        """Whether the field is there and not null."""
        return self._fields.get(name) is not None

    def peek(self, name: str) -> Json:
        """The value without taking it; None when absent or null."""
        return self._fields.get(name)

    def take(self, name: str) -> Json:
        """The value, taken out; None when absent or null (null stays in the rest)."""
        value = self._fields.get(name)
        if value is not None:
            del self._fields[name]
        return value

    def text(self, name: str) -> str | None:
        """A string.

        Raises: MalformedRequest for any other type; so do all that follow.
        """
        value = self.take(name)
        if value is None or isinstance(value, str):
            return value
        raise self.wrong(name, "a string", value)

    def flag(self, name: str) -> bool | None:
        """A boolean."""
        value = self.take(name)
        if value is None or isinstance(value, bool):
            return value
        raise self.wrong(name, "true or false", value)

    def whole(self, name: str) -> int | None:
        """An integer; 3.0 counts as 3."""
        value = self.take(name)
        if isinstance(value, bool) or not (value is None or isinstance(value, int | float)):
            raise self.wrong(name, "an integer", value)
        if isinstance(value, float):
            if not value.is_integer():
                raise self.wrong(name, "an integer", value)
            return int(value)
        return value

    def number(self, name: str) -> float | int | None:
        """A number, as it was spelled: 1 stays 1."""
        value = self.take(name)
        if isinstance(value, bool) or not (value is None or isinstance(value, int | float)):
            raise self.wrong(name, "a number", value)
        return value

    def array(self, name: str) -> list[Json] | None:
        """A list."""
        value = self.take(name)
        if value is None or isinstance(value, list):
            return value
        raise self.wrong(name, "a list", value)

    def object(self, name: str) -> JsonObject | None:
        """An object."""
        value = self.take(name)
        if value is None or isinstance(value, dict):
            return value
        raise self.wrong(name, "an object", value)

    def nested(self, name: str) -> "Remainder | None":
        """An object that is read on in the same way."""
        value = self.object(name)
        return None if value is None else Remainder(value, self.origin, self.at(name))

    def at(self, name: str) -> str:
        """The path of a field."""
        return f"{self.path}.{name}" if self.path else name

    def wrong(self, name: str, accepted: str, value: Json) -> MalformedRequest:
        """The error for a field of the wrong type."""
        shown = repr(value)
        shown = shown if len(shown) <= 80 else shown[:77] + "..."
        return MalformedRequest(f"{self.at(name)} must be {accepted}, not {shown}.", param=self.at(name))

    def spelled(self, name: str) -> Json:
        """What was noted under a name; None when nothing was."""
        return self._spelled.get(name)

    def spell(self, name: str, value: Json) -> None:
        """Note how something understood was written; see `Extras.spelled`."""
        self._spelled[name] = value

    def keep(self, *names: str) -> None:
        """Note fields that say nothing of the content, null or not, just as they are: ids, states."""
        for name in names:
            if name in self._fields:
                self._spelled[name] = self._fields.pop(name)

    def extras(self) -> Extras | None:
        """What was not taken, and what was noted; None when there is neither."""
        if not (self._fields or self._spelled):
            return None
        return Extras(self.origin, self._fields, self._spelled)
