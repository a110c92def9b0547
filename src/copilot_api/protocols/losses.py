"""The book a request writer keeps of what it could not say.

Owns strictness: a strict request is refused at the first thing that would be dropped. Must never know a wire.
"""

from typing import Final

from copilot_api.errors import UnsupportedContent
from copilot_api.neutral.extras import Extras
from copilot_api.neutral.loss import Handling, Loss

_TURNS: Final = {"responses": "input", "gemini": "contents"}
_PARTS: Final = {"gemini": "parts"}


def turn_path(origin: str, turn: int, part: int | None = None) -> str:
    """Where a turn, or a part of it, stands in the origin's own words: `messages[3].content[0]`."""
    path = f"{_TURNS.get(origin, 'messages')}[{turn}]"
    return path if part is None else f"{path}.{_PARTS.get(origin, 'content')}[{part}]"


class Losses:
    """Collects losses in the order they are met; `all` is what was collected."""

    def __init__(self, origin: str, target: str, *, is_strict: bool = False) -> None:
        self.origin = origin
        self.target = target
        self._is_strict = is_strict
        self._all: dict[Loss, None] = {}

    @property
    def all(self) -> tuple[Loss, ...]:
        """Everything noted so far, each thing once."""
        return tuple(self._all)

    def drop(self, path: str, reason: str, origin: str | None = None) -> None:
        """Note something that is not said at all; `origin` where it is not the request's.

        Raises: UnsupportedContent when the request is strict.
        """
        if self._is_strict:
            raise UnsupportedContent(
                f"{path!r} cannot be carried to {self.target}: {reason}. Leave it out, choose a model that takes "
                "it, or allow losses.",
                param=path,
            )
        self._note(Loss(path, origin or self.origin, self.target, Handling.DROPPED, reason))

    def approximate(self, path: str, reason: str, origin: str | None = None) -> None:
        """Note something that is said in other words; `origin` where it is not the request's."""
        self._note(Loss(path, origin or self.origin, self.target, Handling.APPROXIMATED, reason))

    def _note(self, loss: Loss) -> None:
        self._all[loss] = None

    def drop_extras(self, path: str, extras: Extras | None) -> None:
        """Note each field that the reader did not understand; nulls say nothing.

        Raises: UnsupportedContent when the request is strict.
        """
        if extras is None:
            return
        for name, value in extras.fields.items():
            if value is not None:
                self.drop(f"{path}.{name}" if path else name, f"only {extras.origin} has this field")
