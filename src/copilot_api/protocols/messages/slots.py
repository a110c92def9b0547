"""Where Messages keeps blobs that only their origin reads: `signature` and `data`.

Owns the carriage of foreign blobs in those two slots. A blob that belongs to a part without a slot (a thought
signature on a tool call) travels in a `redacted_thinking` block beside the part and finds its way back.
Source: anthropic-python 2.12 `types/thinking_block.py`, `types/redacted_thinking_block.py` (read 2026-11).
"""

from typing import Final, Literal

import msgspec

from copilot_api.neutral.opaque import Opaque, open_sealed, seal
from copilot_api.neutral.parts import Part, Reasoning, Text, ToolCall

ORIGIN: Final = "messages"
Slot = Literal["signature", "data"]
_BESIDE: Final = "@beside"
"""Marks the blob of a neighbouring part; its value says which: "next" or "previous"."""


def fill_slot(opaque: Opaque, slot: Slot) -> str:
    """The value of a slot for our client: sealed, unless it is an unbound value of this very slot."""
    native = opaque.payload.get(slot) if opaque.origin == ORIGIN else None
    return native if native is not None else seal(opaque)


def read_slot(value: str, slot: Slot) -> Opaque:
    """What a client brought back: an opened blob, or a value of Anthropic's own."""
    return open_sealed(value) or Opaque(ORIGIN, {slot: value})


def seal_beside(opaque: Opaque, part: Literal["next", "previous"]) -> str:
    """The `data` of a block that stands beside the part whose blob it carries."""
    return seal(Opaque(opaque.origin, {**opaque.payload, _BESIDE: part}))


def return_blobs(parts: list[Part]) -> list[Part]:
    """Give the blobs of neighbouring parts back to them; a blob without its part stays redacted thinking."""
    if not any(_place(part) for part in parts):
        return parts
    returned: list[Part] = []
    waiting: Opaque | None = None
    for part in parts:
        place, last = _place(part), returned[-1] if returned else None
        if place is not None and isinstance(part, Reasoning) and part.opaque is not None:
            payload = {name: value for name, value in part.opaque.payload.items() if name != _BESIDE}
            opaque = Opaque(part.opaque.origin, payload)
            if place == "next":
                waiting = opaque
            elif isinstance(last, Text | ToolCall):
                returned[-1] = msgspec.structs.replace(last, opaque=opaque)
            else:
                returned.append(Reasoning(opaque=opaque, is_redacted=True))
        elif waiting is not None and isinstance(part, Text | ToolCall):
            returned.append(msgspec.structs.replace(part, opaque=waiting))
            waiting = None
        else:
            returned.append(part)
    if waiting is not None:
        returned.append(Reasoning(opaque=waiting, is_redacted=True))
    return returned


def _place(part: Part) -> str | None:
    if isinstance(part, Reasoning) and part.is_redacted and part.opaque is not None:
        return part.opaque.payload.get(_BESIDE)
    return None
