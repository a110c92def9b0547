"""Google's JSON objects as clients really spell them: camelCase, snake_case or both, with and without nulls.

Owns the spelling. Every level that is a message of Google's API is read through `Fields`; what users own (arguments,
responses, schemas) never is. A null means "not set" in proto3 JSON, so nothing is lost where it is left out.
Source: protobuf JSON mapping; google-genai 3.4, which mixes both spellings; litellm 1.81 (read 2026-11).
"""

from typing import Final

from copilot_api.errors import MalformedRequest
from copilot_api.neutral.extras import Json, JsonObject, Remainder

ORIGIN: Final = "gemini"


class Fields(Remainder):
    """A Google message that is being read, its fields under their camelCase names."""

    __slots__ = ()

    def __init__(self, document: JsonObject, path: str = "") -> None:
        super().__init__(_camel_case(document), ORIGIN, path)

    def nested(self, name: str) -> "Fields | None":
        """A message that is read on in the same way."""
        value = self.object(name)
        return None if value is None else Fields(value, self.at(name))

    def several(self, name: str) -> list["Fields"]:
        """A list of messages; one on its own counts as a list of one.

        Raises: MalformedRequest
        """
        value = self.take(name)
        path = self.at(name)
        if value is None:
            return []
        if isinstance(value, dict):
            return [Fields(value, path)]
        if not isinstance(value, list):
            raise self.wrong(name, "a list of objects", value)
        return [as_fields(entry, f"{path}[{index}]") for index, entry in enumerate(value)]

    def texts(self, name: str) -> tuple[str, ...] | None:
        """A list of strings; one on its own counts as a list of one.

        Raises: MalformedRequest
        """
        value = self.take(name)
        if value is None:
            return None
        values = value if isinstance(value, list) else [value]
        texts = tuple(entry for entry in values if isinstance(entry, str))
        if len(texts) < len(values):
            raise self.wrong(name, "a list of strings", value)
        return texts

    def word(self, name: str) -> str | None:
        """An enum's value, in capitals.

        Raises: MalformedRequest
        """
        value = self.text(name)
        return None if value is None else value.upper()

    def put(self, name: str, value: Json) -> None:
        """Put back what was taken and not understood."""
        self._fields[name] = value

    def rest(self) -> JsonObject:
        """What was not taken."""
        return self._fields

    def absorb(self, inner: "Fields") -> None:
        """Take what is left of a message below this one into the rest of this one, under dotted names."""
        below = inner.path[len(self.path) :].lstrip(".")
        for name, value in inner._fields.items():
            self._fields[f"{below}.{name}"] = value


def as_fields(value: Json, path: str) -> Fields:
    """A message on its own.

    Raises: MalformedRequest
    """
    if isinstance(value, dict):
        return Fields(value, path)
    raise MalformedRequest(f"{path} must be an object, not {repr(value)[:80]}.", param=path)


def _camel_case(document: JsonObject) -> JsonObject:
    return {
        _camel_word(name) if "_" in name else name: value
        for name, value in document.items()
        if value is not None
    }


def _camel_word(name: str) -> str:
    if name.startswith("_"):
        return name
    head, *tail = name.split("_")
    return head + "".join(word[:1].upper() + word[1:] for word in tail)
