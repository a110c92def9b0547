"""The form of a capture's file: a head for lists and a document, each sealed for itself.

    magic LF key-id LF length-of-head sealed-head sealed-document        sealed := nonce ciphertext tag

AES-256-GCM with a key derived from the vault's. The magic, the trace id's digest and the part's name are associated
data, so that neither files nor parts can be swapped. Must never know what the document means.
"""

import hashlib
import secrets
import zlib
from typing import Final

import msgspec

from copilot_api.errors import StoreUnavailable

MAGIC: Final = b"copilot-api capture 1"
_NONCE_BYTES: Final = 12
_KEY_ID_BYTES: Final = 32
_LENGTH_BYTES: Final = 4
_OPENING: Final = len(MAGIC) + 1 + _KEY_ID_BYTES + 1 + _LENGTH_BYTES
_QUICKLY: Final = 1
"""zlib's level: JSON with repeated bodies shrinks to a tenth with it already."""

DerivedKey = tuple[str, bytes]
"""The id of the vault's key, and the key that was derived from it."""


class CaptureHead(msgspec.Struct, frozen=True):
    """What a list shows of a capture. `status` is 0 and `outcome` "" for what nobody knows."""

    trace_id: str
    started_unix_s: float
    key_id: str = ""
    key_name: str = ""
    client: str = ""
    ingress: str = ""
    upstream: str = ""
    mode: str = ""
    requested_model: str = ""
    status: int = 0
    outcome: str = ""
    error_code: str = ""


class Foreign(StoreUnavailable):
    """A file that another key sealed, or that is damaged."""


def name_of(trace_id: str) -> str:
    """Name a trace's file: clients choose trace ids, and file systems do not take every text."""
    return hashlib.sha256(trace_id.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def seal(derived: DerivedKey, head: CaptureHead, document: bytes) -> bytes:
    """Make the bytes of a file."""
    key_id, key = derived
    name = name_of(head.trace_id)
    sealed_head = _seal(key, name, b"head", msgspec.json.encode(head))
    sealed_document = _seal(key, name, b"document", zlib.compress(document, _QUICKLY))
    length = len(sealed_head).to_bytes(_LENGTH_BYTES, "big")
    return b"".join((MAGIC, b"\n", key_id.encode(), b"\n", length, sealed_head, sealed_document))


def open_head(derived: DerivedKey, name: str, data: bytes) -> CaptureHead:
    """Open the head; `data` may end after it. Raises: Foreign."""
    key, end = _key_for(derived, name, data), _end_of_head(data)
    try:
        return msgspec.json.decode(_open(key, name, b"head", data[_OPENING:end]), type=CaptureHead)
    except msgspec.MsgspecError as error:
        raise _foreign(name, "is of a form that this version does not know") from error


def open_document(derived: DerivedKey, name: str, data: bytes) -> bytes:
    """Open the document. Raises: Foreign."""
    key = _key_for(derived, name, data)
    try:
        return zlib.decompress(_open(key, name, b"document", data[_end_of_head(data) :]))
    except zlib.error as error:
        raise _foreign(name, "is damaged") from error


def _key_for(derived: DerivedKey, name: str, data: bytes) -> bytes:
    key_id, key = derived
    if len(data) < _OPENING or not data.startswith(MAGIC + b"\n"):
        raise _foreign(name, "is no capture of this version")
    found = data[len(MAGIC) + 1 : len(MAGIC) + 1 + _KEY_ID_BYTES]
    if found != key_id.encode():
        raise _foreign(name, "was sealed with another vault's key")
    return key


def _end_of_head(data: bytes) -> int:
    return _OPENING + int.from_bytes(data[_OPENING - _LENGTH_BYTES : _OPENING], "big")


def _seal(key: bytes, name: str, part: bytes, plain: bytes) -> bytes:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - 30 ms that --help need not pay

    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, _bound_to(name, part))


def _open(key: bytes, name: str, part: bytes, sealed: bytes) -> bytes:
    from cryptography.exceptions import InvalidTag  # noqa: PLC0415 - 30 ms that --help need not pay
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415

    try:
        return AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], _bound_to(name, part))
    except (InvalidTag, ValueError) as error:
        raise _foreign(name, "is damaged") from error


def _bound_to(name: str, part: bytes) -> bytes:
    return b"\0".join((MAGIC, name.encode(), part))


def _foreign(name: str, why: str) -> Foreign:
    return Foreign(
        f"The captured request in {name + '.capture'!r} {why}. Remove it with: copilot-api capture clear"
    )
