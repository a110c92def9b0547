"""Opaque material that can be checked without remembering it: ids, signatures, encrypted items, tokens.

Owns: deterministic minting and byte-exact verification. Every blob carries a MAC under one fixed,
public key: it proves "the simulator made this and nobody changed it", never secrecy.
Must never know: HTTP, accounts, protocols.
Source: upstream contract §§4.3, 5.2, 5.3, 6.5 (which blobs are bound to what).
"""

import base64
import hashlib
import hmac

_KEY = b"copilot-api simulator: not a secret"
_MAC_BYTES = 12
_ID_BYTES = 312
"""Responses item ids are base64 texts of 416 characters, far over the 64 the API accepts back."""


def digest(*parts: str | bytes) -> bytes:
    """Hash the parts, each one delimited, to 32 bytes."""
    state = hashlib.sha256()
    for part in parts:
        state.update(part.encode() if isinstance(part, str) else part)
        state.update(b"\x00")
    return state.digest()


def stretch(seed: bytes, length: int) -> str:
    """Base64 text of exactly `length` characters (a multiple of 4), derived from the seed."""
    return base64.b64encode(hashlib.shake_128(seed).digest(length // 4 * 3)).decode()


def item_id(seed: bytes) -> str:
    """Mint one long Responses item id."""
    return base64.b64encode(hashlib.shake_128(seed).digest(_ID_BYTES)).decode()


def short_id(prefix: str, seed: bytes) -> str:
    """Mint a short public id such as `call_…` or `toolu_bdrk_01…`."""
    return prefix + hashlib.shake_128(seed).hexdigest(12)


def _mac(kind: bytes, payload: bytes) -> bytes:
    return hmac.digest(_KEY, kind + b"\x00" + payload, "sha256")[:_MAC_BYTES]


def seal(kind: str, payload: bytes, head: bytes) -> str:
    """Wrap a payload with its MAC; `head` gives the blob its familiar first characters."""
    tag = kind.encode()
    body = head + payload
    return base64.b64encode(body + _mac(tag, body)).decode()


def open_sealed(kind: str, text: str, head: bytes) -> bytes | None:
    """Return the payload of a blob of this kind, or None when a single byte differs."""
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError:
        return None
    if base64.b64encode(raw).decode() != text or not raw.startswith(head):
        return None
    body, mac = raw[:-_MAC_BYTES], raw[-_MAC_BYTES:]
    if len(raw) < len(head) + _MAC_BYTES or not hmac.compare_digest(mac, _mac(kind.encode(), body)):
        return None
    return body[len(head) :]


_THINKING_HEAD = b"\x12\xcb\x01"
_OPAQUE_HEAD = b"\x61\x83\x1b"
_FERNET_HEAD = b"\x80\x00\x00\x00\x00"
_PADDING = 129


def sign_thinking(text: str, seed: bytes) -> str:
    """Mint the signature of a thinking block, bound to its text."""
    filler = hashlib.shake_128(seed).digest(_PADDING)
    return seal("thinking", digest(text)[:16] + filler, _THINKING_HEAD)


def verify_thinking(text: str, signature: str) -> bool:
    """Check a replayed thinking block: exact text, or blanked text with the untouched signature."""
    payload = open_sealed("thinking", signature, _THINKING_HEAD)
    return payload is not None and (text == "" or payload[:16] == digest(text)[:16])


def redact_thinking(seed: bytes) -> str:
    """Mint the data of a redacted_thinking block."""
    return seal("redacted", hashlib.shake_128(seed).digest(_PADDING), _THINKING_HEAD)


def verify_redacted(data: str) -> bool:
    """Check a replayed redacted_thinking block."""
    return open_sealed("redacted", data, _THINKING_HEAD) is not None


def mint_opaque(vendor: str, seed: bytes) -> str:
    """Mint a chat `reasoning_opaque` of one vendor."""
    return seal(f"opaque:{vendor}", hashlib.shake_128(seed).digest(_PADDING), _OPAQUE_HEAD)


def verify_opaque(vendor: str, text: str) -> bool:
    """Check a replayed `reasoning_opaque`; parallel calls may have concatenated several."""
    size = len(mint_opaque(vendor, b""))
    if not text or len(text) % size:
        return False
    parts = [text[start : start + size] for start in range(0, len(text), size)]
    return all(open_sealed(f"opaque:{vendor}", part, _OPAQUE_HEAD) is not None for part in parts)


def encrypt_item(bound_id: str, owner: str, seed: bytes) -> str:
    """Mint the `encrypted_content` of a reasoning or compaction item, bound to its id and account."""
    filler = hashlib.shake_128(seed).digest(390)
    return seal("item", digest(bound_id)[:16] + digest(owner)[:16] + filler, _FERNET_HEAD)


def inspect_item(content: str) -> tuple[bytes, bytes] | None:
    """Return the (id hash, owner hash) an `encrypted_content` was minted for; None when it is foreign."""
    payload = open_sealed("item", content, _FERNET_HEAD)
    return None if payload is None else (payload[:16], payload[16:32])


def matches(value: str, fingerprint: bytes) -> bool:
    """Say whether an id or owner is the one behind a fingerprint of `inspect_item`."""
    return digest(value)[:16] == fingerprint
