"""Thought signatures: the one slot in which Gemini's clients carry what they cannot read.

Owns how blobs travel in `thoughtSignature`. The field is `bytes` in Google's API, so its JSON is base64: google-genai
refuses anything else and sends it back in the URL-safe alphabet. Hence the slot holds base64 of sealed text, in which
every character is the same in both alphabets.

Clients keep signatures on text and call parts but drop thoughts (Gemini CLI 0.61 records none in its history). So a
thought's blob travels on the next part that is kept, together with the thought itself, since some origins sign it.

    slot    := base64(entry ("," entry)*) | anything of Google's own
    entry   := sealed blob of the part | sealed blob of a thought "," sealed record of that thought

Source: google-genai 3.4 `types.Part`, pydantic `val_json_bytes="base64"`; recorded requests of Gemini CLI 0.61 (read
2026-11).
"""

import base64
import binascii
from typing import Final

import msgspec

from copilot_api.neutral.opaque import Opaque, open_sealed, seal
from copilot_api.neutral.parts import Reasoning

ORIGIN: Final = "gemini"
SLOT: Final = "thoughtSignature"
_RECORD: Final = "gemini#thought"
_SEPARATOR: Final = ","
_SKIPS: Final = frozenset({"skip_thought_signature_validator", "context_engineering_is_the_way_to_go"})
"""What Google's documentation tells clients to put where they have no signature. It says nothing, so it is dropped.
Source: Gemini API documentation, thought signatures (read 2026-11)."""


class Slot(msgspec.Struct, frozen=True):
    """What a part's slot held: thoughts that come before the part, and the part's own blob."""

    thoughts: tuple[Reasoning, ...] = ()
    own: Opaque | None = None


class _Record(msgspec.Struct, frozen=True, omit_defaults=True):
    summary: tuple[str, ...] = ()
    text: str | None = None
    is_redacted: bool = False


_RECORD_ENCODER: Final = msgspec.json.Encoder()
_RECORD_DECODER: Final = msgspec.json.Decoder(_Record)


def pack_thought(thought: Reasoning, opaque: Opaque) -> tuple[str, str]:
    """The two entries of a thought that carries `opaque`."""
    record = _RECORD_ENCODER.encode(_Record(thought.summary, thought.text, thought.is_redacted)).decode()
    return seal(opaque), seal(Opaque(_RECORD, {"record": record}))


def pack(entries: list[str]) -> str:
    """The value of a slot that holds these entries."""
    return base64.b64encode(_SEPARATOR.join(entries).encode("ascii")).decode("ascii")


def read_slot(value: str) -> Slot:
    """What a client brought back; a value that is not ours is Google's own and kept as it came."""
    if value in _SKIPS or not value:
        return Slot()
    text = _decode(value)
    if text in _SKIPS:
        return Slot()
    opened = [open_sealed(entry) for entry in text.split(_SEPARATOR)] if text else [open_sealed(value)]
    entries = [entry for entry in opened if entry is not None]
    if len(entries) != len(opened):
        return Slot(own=Opaque(ORIGIN, {SLOT: value}))
    return _pair(entries)


def _decode(value: str) -> str:
    """The ASCII text in a base64 value of either alphabet, padded or not; empty when there is none."""
    plain = value.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        return ""


def _pair(entries: list[Opaque]) -> Slot:
    """Join each thought's blob with the record that follows it; the blob that stands alone is the part's own."""
    thoughts: list[Reasoning] = []
    own: Opaque | None = None
    for entry in entries:
        if entry.origin != _RECORD:
            own = entry
        elif own is not None:
            thoughts.append(_thought(entry, own))
            own = None
    return Slot(tuple(thoughts), own)


def _thought(entry: Opaque, opaque: Opaque) -> Reasoning:
    try:
        record = _RECORD_DECODER.decode(entry.payload.get("record", ""))
    except msgspec.DecodeError:
        record = _Record()
    return Reasoning(record.summary, record.text, opaque, record.is_redacted)
