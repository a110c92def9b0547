"""The book a request writer keeps of what it could not say.

Owns what is written into it, in the client's own words. Must never know a wire.
"""

import re
from collections.abc import Mapping
from typing import Final

from copilot_api.errors import UnsupportedContent
from copilot_api.neutral.extras import Extras, Json, JsonObject
from copilot_api.neutral.loss import Handling, Loss
from copilot_api.neutral.parts import NativePart
from copilot_api.neutral.request import ModelRequest, Places
from copilot_api.protocols.base import Target
from copilot_api.protocols.harmless import NOTED, why_harmless
from copilot_api.protocols.spelling import title, turn_path, word

_INDEX: Final = re.compile(r"\[\d+\]")
_QUIET: Final[tuple[Json, ...]] = (None, False, "", [], {})
"""Values of a field that say nothing."""
_SPELLED: Final = ("max_output_tokens", "output_format", "user")
"""Fields of the hub that a protocol has several names for; the reader notes which one was used."""
_MAX_TOLD: Final = 5
"""So many losses are told to somebody who is refused for them; the header has more."""
_HOLDERS: Final = frozenset(
    {
        "custom", "file", "function", "image_url", "json_schema", "metadata", "output_config", "response_format",
        "source", "stream_options", "thinking",
    }
)  # fmt: skip
"""Objects that are read field by field: what is left of one stands under its name in the extras."""


class Losses:
    """Collects losses in the order they are met; `all` is what was collected."""

    def __init__(
        self, origin: str, target: str, *, places: Places | None = None, spelled: dict[str, str] | None = None
    ) -> None:
        self.origin = origin
        self.target = target
        self._places = places or Places()
        self._spelled = spelled or {}
        self._all: dict[Loss, None] = {}

    @classmethod
    def of(cls, request: ModelRequest, target: str) -> "Losses":
        """The book for one request."""
        return cls(request.origin, target, places=request.places, spelled=request.spelled)

    @property
    def all(self) -> tuple[Loss, ...]:
        """Everything noted so far, each thing once."""
        return tuple(self._all)

    def word(self, name: str) -> str:
        """The client's word for one of the hub's fields."""
        noted = self._spelled.get(name) if name in _SPELLED else None
        return noted or word(self.origin, name)

    def at(self, path: str, name: str) -> str:
        """The path of a field of something that stands at `path`, by the hub's name of the field."""
        return f"{path}.{word(self.origin, name)}"

    def turn(self, index: int) -> str:
        """Where a turn stood."""
        turns = self._places.turns
        return turns[index] if index < len(turns) else turn_path(self.origin, index)

    def part(self, turn: int, index: int) -> str:
        """Where a part of a turn stood."""
        parts = self._places.parts[turn] if turn < len(self._places.parts) else ()
        return parts[index] if index < len(parts) else turn_path(self.origin, turn, index)

    def instruction(self, index: int) -> str:
        """Where a part of the top-level instructions stood."""
        name = word(self.origin, "instructions")
        return name if self.origin == "responses" else f"{name}[{index}]"

    def tool(self, index: int) -> str:
        """Where a tool stood."""
        tools = self._places.tools
        return tools[index] if index < len(tools) else f"tools[{index}]"

    def drop(self, path: str, reason: str, origin: str | None = None) -> None:
        """Note something that is not said at all; `origin` where it is not the request's."""
        self._note(Loss(path, origin or self.origin, self.target, Handling.DROPPED, reason))

    def approximate(self, path: str, reason: str, origin: str | None = None) -> None:
        """Note something that is said in other words; `origin` where it is not the request's."""
        self._note(Loss(path, origin or self.origin, self.target, Handling.APPROXIMATED, reason))

    def spare(self, path: str, reason: str) -> None:
        """Note something that is not said and that changes no answer: once for all places of its kind."""
        kind = _INDEX.sub("[]", path)
        self._note(Loss(kind, self.origin, self.target, Handling.HARMLESS, reason))

    def _note(self, loss: Loss) -> None:
        self._all[loss] = None

    def drop_extras(self, path: str, extras: Extras | None) -> None:
        """Note each field that the reader did not understand, and what it noted for its own protocol alone."""
        if extras is None:
            return
        self._drop_fields(path, extras.fields, extras.origin)
        self._spare_noted(path, extras.spelled, NOTED.get(extras.origin, {}))

    def _spare_noted(self, path: str, spelled: JsonObject, noted: Mapping[str, str]) -> None:
        for name, value in spelled.items():
            field = name.lstrip("@")
            place = f"{path}.{field}" if path else field
            if name in noted and value not in _QUIET:
                self.spare(place, noted[name])
            elif name in _HOLDERS and isinstance(value, dict):
                self._spare_noted(place, value, noted)

    def _drop_fields(self, path: str, fields: JsonObject, origin: str) -> None:
        for name, value in fields.items():
            place = f"{path}.{name}" if path else name
            if value is None:
                continue  # null says nothing
            reason = why_harmless(origin, path, name, value)
            if reason is not None:
                self.spare(place, reason)
            elif name in _HOLDERS and isinstance(value, dict):
                self._drop_fields(place, value, origin)
            else:
                self.drop(place, f"only {title(origin)} has this field")

    def native_words(self, part: NativePart, path: str, role: str, target: Target) -> str | None:
        """What is said in place of a part that only another protocol knows; None where it is left out.

        One rule for all targets: fair words where there are some; without them the model's own history can do
        without it, but not what a person or a tool says.
        Raises: UnsupportedContent
        """
        kind = part.document.get("type") or next(iter(part.document), "part")
        if part.text is not None and part.text.strip():
            self.approximate(path, f"only {title(part.origin)} knows {kind!r}: said as text")
            return part.text
        if role == "assistant":
            self.drop(path, f"only {title(part.origin)} knows {kind!r}")
            return None
        raise UnsupportedContent(
            f"{path!r} is {kind!r}, which only {title(part.origin)} knows, and the model {target.model!r} is reached "
            f"over {title(self.target)}. Leave it out, send what it says as text, or choose a model that takes it.",
            param=path,
        )


def refuse_losses(losses: tuple[Loss, ...], model: str) -> None:
    """Refuse what would be answered without something that may change the answer: for whoever is strict.

    Raises: UnsupportedContent naming what is lost.
    """
    lost = [loss for loss in losses if loss.handling is Handling.DROPPED]
    if not lost:
        return
    told = "; ".join(f"{loss.path!r} ({loss.reason})" for loss in lost[:_MAX_TOLD])
    more = f"; and {len(lost) - _MAX_TOLD} more" if len(lost) > _MAX_TOLD else ""
    raise UnsupportedContent(
        f"This request or its key is strict, and the model {model!r}, which is reached over {title(lost[0].target)}, "
        f"cannot be told everything: {told}{more}. Leave it out, choose a model that takes it, or allow losses.",
        param=lost[0].path,
    )
