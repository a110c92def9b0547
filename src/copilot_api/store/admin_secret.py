"""The admin secret: hashed, and checked without telling how much of it was right.

Owns the two hash forms: the reference gateway's scrypt, so that its config.json keeps working, and argon2id
for new ones. Must never be called for every request: the admin's session is.
"""

import asyncio
import base64
import binascii
import hashlib
import hmac

from copilot_api.settings import UNREADABLE_HASH, Settings, as_object

Document = dict[str, object]

# Node's defaults for crypto.scrypt, which the reference gateway uses as they are. They need 16 MiB.
_SCRYPT_N, _SCRYPT_R, _SCRYPT_P, _SCRYPT_MAX_MEMORY = 16384, 8, 1, 64 * 1024 * 1024


async def verify_admin_secret(presented: str, settings: Settings) -> bool:
    """Tell whether a presented secret opens the admin; False when none is configured.

    A hash wins over a plain secret. Space around either is ignored, as in the reference gateway.
    Hashing runs in a thread: it takes tens of milliseconds.
    """
    secret = presented.strip()
    if settings.admin_secret_hash is not None:
        return await asyncio.to_thread(matches_hash, secret, settings.admin_secret_hash)
    if settings.admin_secret is not None:
        # Digests have one length, so not even the length of the secret shows in the time this takes.
        return hmac.compare_digest(_digest(secret), _digest(settings.admin_secret.strip()))
    return False


def hash_admin_secret(secret: str) -> str:
    """Hash a secret for ADMIN_SECRET_HASH or config.json (argon2id)."""
    from argon2 import PasswordHasher  # noqa: PLC0415 - only the admin needs it

    return PasswordHasher().hash(secret.strip())


def secret_hash_of(document: Document) -> str | None:
    """Find the hash in a configuration; None when there is none, UNREADABLE_HASH for what is none."""
    if document.get("adminAuth") is None:
        return None
    admin = as_object(document["adminAuth"])
    found = UNREADABLE_HASH if admin is None else admin.get("secretHash")
    if found is None or found == "":
        return None
    return found if isinstance(found, str) else UNREADABLE_HASH


def put_secret_hash(document: Document, hashed: str | None) -> None:
    """Set the hash in a configuration, or take it out; the other settings of the admin stay."""
    admin = as_object(document.get("adminAuth")) or {}
    kept = {name: value for name, value in admin.items() if name != "secretHash"}
    if hashed is not None:
        kept["secretHash"] = hashed
    if kept:
        document["adminAuth"] = kept
    else:
        document.pop("adminAuth", None)


def matches_hash(secret: str, encoded: str) -> bool:
    """Compare a secret with a hash of either form; a malformed hash matches nothing."""
    if encoded.startswith("scrypt$"):
        return _matches_scrypt(secret, encoded)
    from argon2 import PasswordHasher  # noqa: PLC0415 - only the admin needs it
    from argon2.exceptions import Argon2Error, InvalidHashError  # noqa: PLC0415

    try:
        return PasswordHasher().verify(encoded, secret)
    except (Argon2Error, InvalidHashError):
        return False


def _matches_scrypt(secret: str, encoded: str) -> bool:
    try:
        _, salt, key = encoded.split("$")
        expected = _from_base64url(key)
        found = hashlib.scrypt(
            secret.encode("utf-8", "surrogatepass"),
            salt=_from_base64url(salt),
            n=_SCRYPT_N,
            r=_SCRYPT_R,
            p=_SCRYPT_P,
            maxmem=_SCRYPT_MAX_MEMORY,
            dklen=64,
        )
    except (ValueError, binascii.Error):
        return False
    return hmac.compare_digest(found, expected)


def _from_base64url(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
