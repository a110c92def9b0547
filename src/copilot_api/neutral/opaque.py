"""Sealed upstream blobs: what only their origin reads, carried through a client that knows nothing of them.

Owns the one prefix and the one encoding. Must never know what a payload means. Sealing is deterministic,
since a client sends the text back and a different text would break the prompt-cache prefix. It hides
nothing and proves nothing: it is packing, not cryptography, and upstream verifies its own signatures.

    sealed := "capi1." base64url(json([origin, {name: value}]))       without padding
"""

import base64
import binascii
from typing import Final

import msgspec

_PREFIX: Final = "capi1."
_MAX_SEALED_CHARS: Final = 16 * 1024 * 1024
"""Longer strings are not ours: a compaction blob, the largest seen, is a few hundred kilobytes."""


class Opaque(msgspec.Struct, frozen=True):
    """A blob and the protocol it came from.

    Shape: Opaque("responses", {"id": "rs_1", "encrypted_content": "gAAA"})
    """

    origin: str
    payload: dict[str, str]


class _Packed(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    origin: str
    payload: dict[str, str]


_ENCODER: Final = msgspec.json.Encoder(order="deterministic")
_DECODER: Final = msgspec.json.Decoder(_Packed)


def seal(opaque: Opaque) -> str:
    """One ASCII string that any client can carry; the same for equal values."""
    packed = _ENCODER.encode(_Packed(opaque.origin, opaque.payload))
    return _PREFIX + base64.urlsafe_b64encode(packed).rstrip(b"=").decode("ascii")


def open_sealed(text: str) -> Opaque | None:
    """Open what `seal` made; None for every other string. Never raises."""
    if not text.startswith(_PREFIX) or len(text) > _MAX_SEALED_CHARS:
        return None
    try:
        encoded = text[len(_PREFIX) :].encode("ascii")
        packed = base64.b64decode(encoded + b"=" * (-len(encoded) % 4), altchars=b"-_", validate=True)
        opened = _DECODER.decode(packed)
    except (UnicodeError, binascii.Error, msgspec.DecodeError, RecursionError):
        return None
    opaque = Opaque(opened.origin, opened.payload)
    # Only the one canonical spelling opens: what else decodes was altered on the way.
    return opaque if seal(opaque) == text else None
