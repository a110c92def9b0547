"""Who an answer says it is: one id, model and time through all its frames. Pure.

Source: upstream contract 4.2, 4.5 (read 2026-11): ids may be empty or change from frame to frame.
"""

import hashlib
from typing import Final, Literal

from copilot_api.copilot.quirks.documents import Document, encode

_TAIL: Final = b'],"created":'
_NEVER: Final = b"\0"
"""No frame ends in this."""


class Identity:
    """The values of the first frame that has an id hold for the answer."""

    def __init__(self, model_id: str) -> None:
        self._model_id = model_id
        self._values: Document = {}
        self._needles: tuple[bytes, bytes] | None = None
        self._regular_tail = self._bare_tail = _NEVER

    @property
    def is_settled(self) -> bool:
        """Whether the answer has an id yet."""
        return self._needles is not None

    def kind_of(self, raw: bytes) -> Literal["regular", "bare", "other"]:
        """Whether a frame carries this identity already: all of it, all but `object`, or not for certain.

        What follows the choices is the same in nearly all frames of an answer, so it is remembered: a frame that
        ends in the same bytes says the same of itself.
        """
        if raw.endswith(self._regular_tail):
            return "regular"
        if raw.endswith(self._bare_tail):
            return "bare"
        at = raw.rfind(_TAIL)
        if at < 0 or self._needles is None or not all(needle in raw[at:] for needle in self._needles):
            return "other"
        if b'"object":"chat.completion.chunk"' in raw[at:]:
            self._regular_tail = raw[at:]
            return "regular"
        if b'"object"' in raw:
            return "other"
        self._bare_tail = raw[at:]
        return "bare"

    def settle(self, chunk: Document, data: bytes) -> None:
        """Take the identity of `chunk`, the first time; an id that it lacks is made from its bytes."""
        if self._needles is not None:
            return
        self._values = {
            "id": chunk.get("id") or f"chatcmpl-{hashlib.sha256(data).hexdigest()[:24]}",
            "model": chunk.get("model") or self._model_id,
            "created": chunk.get("created") or 0,
        }
        self._needles = (b'"id":' + encode(self._values["id"]), b'"model":' + encode(self._values["model"]))

    def fill(self, chunk: Document, kind: str) -> bool:
        """Give a frame the answer's id and whatever else it lacks; whether anything changed."""
        wanted: Document = {"id": self._values.get("id")}
        for name in ("model", "created"):
            wanted[name] = chunk.get(name) or self._values.get(name)
        wanted["object"] = chunk.get("object") or kind
        missing = {
            name: value for name, value in wanted.items() if value is not None and chunk.get(name) != value
        }
        chunk.update(missing)
        return bool(missing)

    def chunk(self, finish_reason: object) -> Document:
        """A frame that says nothing but how the answer ended."""
        choice: Document = {"index": 0, "delta": {}, "finish_reason": finish_reason}
        return {**self._values, "object": "chat.completion.chunk", "choices": [choice]}
