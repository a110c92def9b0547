"""A whole Messages answer into the hub, and the pieces that a streamed one shares with it.

Owns what of an answer is understood. Law L3: equal to the fold of the same answer streamed.
Source: anthropic-python 2.12 `types/message.py`, `types/content_block.py`; upstream contract 6.5 (read 2026-11).
"""

from typing import Final

import msgspec

from copilot_api.errors import MalformedRequest, UpstreamProtocolError
from copilot_api.neutral.extras import Extras, Json, JsonObject
from copilot_api.neutral.fold import Completion
from copilot_api.neutral.opaque import Opaque
from copilot_api.neutral.parts import NativePart, Part, Reasoning, ToolCall
from copilot_api.protocols.billing import add_price
from copilot_api.protocols.messages.endings import read_finish, read_usage
from copilot_api.protocols.messages.reading.blocks import read_block
from copilot_api.protocols.messages.reading.natives import native_text
from copilot_api.protocols.messages.slots import ORIGIN

_KNOWN_BLOCKS: Final = ("text", "thinking", "redacted_thinking", "tool_use")
_KNOWN: Final = frozenset(
    (
        *("id", "type", "role", "model", "content", "usage", "copilot_usage"),
        *("delta", "message", "stop_reason", "stop_sequence", "stop_details"),
    )
)
_KNOWN_COUNTS: Final = frozenset(
    (
        *("input_tokens", "output_tokens", "output_tokens_details"),
        *("cache_read_input_tokens", "cache_creation_input_tokens"),
    )
)
_METRICS: Final = "amazon-bedrock-invocationMetrics"


def word(value: Json) -> str:
    """A string; empty for everything that is none."""
    return value if isinstance(value, str) else ""


def said_fields(value: Json) -> JsonObject:
    """An object without its nulls; empty for everything that is none."""
    fields = value if isinstance(value, dict) else {}
    return {name: field for name, field in fields.items() if field is not None}


def read_reply(document: JsonObject, origin: str) -> Completion:
    """Read a whole answer; `origin` is put on the blobs in it.

    Raises: UpstreamProtocolError when the document is not an answer of this protocol.
    """
    content = document.get("content")
    if not isinstance(content, list):
        raise UpstreamProtocolError("The upstream's answer holds no list of content blocks.")
    counts = said_fields(document.get("usage"))
    return Completion(
        id=word(document.get("id")),
        model=word(document.get("model")),
        parts=tuple(read_reply_block(block, origin) for block in content if isinstance(block, dict)),
        usage=add_price(read_usage(counts), document.get("copilot_usage")),
        finish=read_finish(word(document.get("stop_reason"))),
        stop_sequence=word(document.get("stop_sequence")) or None,
        end_extras=left_of_end(document, document, counts),
    )


def read_reply_block(document: JsonObject, origin: str) -> Part:
    """One block of an answer. A tool's empty input is "{}": every other protocol wants JSON there.

    A known block in an unknown form is carried whole: an answer is never refused for it.
    """
    try:
        part = read_block(said_fields(document), "content", _KNOWN_BLOCKS)
    except MalformedRequest:
        return NativePart(ORIGIN, document, native_text(document))
    if isinstance(part, ToolCall) and not part.arguments:
        return msgspec.structs.replace(part, arguments="{}")
    if isinstance(part, Reasoning):
        return _own_thinking(part, document, origin)
    return part


def _own_thinking(part: Reasoning, document: JsonObject, origin: str) -> Part:
    """Thinking of this upstream's: its blob is never one of ours, whatever it looks like."""
    slot = "data" if part.is_redacted else "signature"
    value = word(document.get(slot))
    opaque = Opaque(origin, {slot: value}) if value else None
    extras = part.extras
    if extras is not None:
        left = {name: field for name, field in extras.fields.items() if name != slot}
        extras = Extras(ORIGIN, left) if left else None
    return msgspec.structs.replace(part, opaque=opaque, extras=extras)


def left_of_end(document: JsonObject, delta: JsonObject, counts: JsonObject) -> Extras | None:
    """What the end of an answer says beyond the known: why it stopped, edits; its own breakdown of counts apart."""
    left = {name: value for name, value in said_fields(document).items() if name not in _KNOWN}
    if delta.get("stop_details") is not None:
        left["stop_details"] = delta["stop_details"]
    spelled: JsonObject = {name: left.pop(name) for name in (_METRICS,) if name in left}
    details: JsonObject = {name: value for name, value in counts.items() if name not in _KNOWN_COUNTS}
    if details:
        spelled["usage"] = details
    return Extras(ORIGIN, left, spelled) if left or spelled else None
