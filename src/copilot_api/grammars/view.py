"""A wire object under examination: what is asked for and not found as it should be becomes a fault.

Owns the wording of type faults and the reading of frames. Must never know an API.
"""

from abc import ABC, abstractmethod

import msgspec

from copilot_api.wire.sse import Frame

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]


class View:
    """One object, its path and the list that its faults go to. Nothing here raises.

    A method without `maybe` requires its field: a missing one is a fault and reads as empty.
    """

    __slots__ = ("document", "faults", "path")

    def __init__(self, document: dict[str, Json], faults: list[str], path: str = "") -> None:
        self.document = document
        self.faults = faults
        self.path = path

    def fault(self, words: str) -> None:
        """Note what is wrong here."""
        self.faults.append(f"{self.path} {words}" if self.path else words)

    def check(self, is_right: bool, words: str) -> None:
        """Note `words` unless it is right."""
        if not is_right:
            self.fault(words)

    def has(self, name: str) -> bool:
        """Whether the field is there and not null."""
        return self.document.get(name) is not None

    def maybe_text(self, name: str) -> str | None:
        """A string, or None when absent or null."""
        value = self.document.get(name)
        if value is None or isinstance(value, str):
            return value
        self.fault(f"has a {name} that is no string")
        return None

    def text(self, name: str) -> str:
        """A string, possibly empty."""
        self.check(self.has(name), f"has no {name}")
        return self.maybe_text(name) or ""

    def words(self, name: str) -> str:
        """A string that is not empty."""
        value = self.text(name)
        self.check(value != "" or not self.has(name), f"has an empty {name}")
        return value

    def must_be(self, name: str, *accepted: str) -> str:
        """One of the given strings."""
        value = self.text(name)
        self.check(value in accepted, f"has {name} {value!r}, not {' or '.join(map(repr, accepted))}")
        return value

    def maybe_whole(self, name: str) -> int | None:
        """An integer, not negative, or None when absent or null."""
        value = self.document.get(name)
        if value is None:
            return None
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return value
        self.fault(f"has a {name} that is no count")
        return None

    def whole(self, name: str) -> int:
        """An integer, not negative."""
        self.check(self.has(name), f"has no {name}")
        return self.maybe_whole(name) or 0

    def must_be_null(self, name: str) -> None:
        """The key itself is there, and null."""
        self.check(name in self.document, f"has no {name}")
        self.check(not self.has(name), f"has a {name} already")

    def maybe_inside(self, name: str) -> "View | None":
        """An object, or None when absent or null."""
        value = self.document.get(name)
        if value is None:
            return None
        if isinstance(value, dict):
            return View(value, self.faults, f"{self.path}.{name}" if self.path else name)
        self.fault(f"has a {name} that is no object")
        return None

    def inside(self, name: str) -> "View":
        """An object; an empty one, whose faults go nowhere, when it is missing."""
        found = self.maybe_inside(name)
        if found is None:
            self.check(self.has(name), f"has no {name}")
            return View({}, [])
        return found

    def maybe_each(self, name: str) -> "list[View] | None":
        """A list of objects, or None when absent or null."""
        value = self.document.get(name)
        if value is None:
            return None
        if not isinstance(value, list):
            self.fault(f"has a {name} that is no list")
            return None
        path = f"{self.path}.{name}" if self.path else name
        found: list[View] = []
        for position, entry in enumerate(value):
            if isinstance(entry, dict):
                found.append(View(entry, self.faults, f"{path}[{position}]"))
            else:
                self.fault(f"has a {name}[{position}] that is no object")
        return found

    def each(self, name: str) -> "list[View]":
        """A list of objects, possibly empty."""
        self.check(self.has(name), f"has no {name}")
        return self.maybe_each(name) or []


class Reading(ABC):
    """Counts frames, decodes them and collects what is wrong with each; a checker says the rest.

    A frame without data (a comment, a keepalive) is legal anywhere.
    """

    def __init__(self) -> None:
        self.frame_number = -1
        self.has_ended = False

    def feed(self, frame: Frame) -> tuple[str, ...]:
        """Take one frame."""
        self.frame_number += 1
        data = frame.data
        if not data:
            return ()
        faults: list[str] = []
        if self.has_ended:
            faults.append("comes after the end")
        else:
            self.read(frame, data, faults)
        return tuple(f"frame {self.frame_number}: {words}" for words in faults)

    def finish(self) -> tuple[str, ...]:
        """Say what is missing."""
        return () if self.has_ended else ("the stream has no end",)

    @abstractmethod
    def read(self, frame: Frame, data: bytes, faults: list[str]) -> None:
        """Take one frame that carries data; each checker has its own."""


def decode(data: bytes, faults: list[str]) -> View | None:
    """Read the JSON object of a frame."""
    try:
        document: Json = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        faults.append("is no JSON")
        return None
    if not isinstance(document, dict):
        faults.append("is no JSON object")
        return None
    return View(document, faults)
