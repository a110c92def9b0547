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
OLD_FIELD: Final = "@output_format"
"""Notes, among what is spelled, that an answer's schema stood in `output_format`, as the first beta had it."""
Slot = Literal["signature", "data"]
_BESIDE: Final = "@beside"
"""Marks the blob of the part before the block that carries it."""


def fill_slot(opaque: Opaque, slot: Slot) -> str:
    """The value of a slot for our client: sealed, unless it is an unbound value of this very slot."""
    native = opaque.payload.get(slot) if opaque.origin == ORIGIN else None
    return native if native is not None else seal(opaque)


def read_slot(value: str, slot: Slot) -> Opaque:
    """What a client brought back: an opened blob, or a value of Anthropic's own."""
    return open_sealed(value) or Opaque(ORIGIN, {slot: value})


def seal_beside(opaque: Opaque) -> str:
    """The `data` of a block that stands behind the part whose blob it carries."""
    return seal(Opaque(opaque.origin, {**opaque.payload, _BESIDE: "previous"}))


def return_blobs(parts: list[Part]) -> list[Part]:
    """Give blobs that stand behind their parts back to them; one without its part stays redacted thinking."""
    returned: list[Part] = []
    for part in parts:
        if not (isinstance(part, Reasoning) and part.opaque is not None and _BESIDE in part.opaque.payload):
            returned.append(part)
            continue
        payload = {name: value for name, value in part.opaque.payload.items() if name != _BESIDE}
        opaque = Opaque(part.opaque.origin, payload)
        last = returned[-1] if returned else None
        if isinstance(last, Text | ToolCall):
            returned[-1] = msgspec.structs.replace(last, opaque=opaque)
        else:
            returned.append(Reasoning(opaque=opaque, is_redacted=True))
    return returned
