"""The vault: tokens and plain keys, sealed at rest in `vault.json`.

Owns the sealing, the key that seals and where that key lives. Must never know what a secret is for.
Each entry is AES-256-GCM with its own reference as associated data, so entries cannot be swapped. The file
records which key sealed it and where that key came from: a process that cannot reach the key says so and
never invents another. The key lives in COPILOT_API_VAULT_KEY, else in the system's keyring, else in
`vault.key`.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

import msgspec

from copilot_api.errors import StoreUnavailable
from copilot_api.settings import VAULT_PREFIX
from copilot_api.store.files import Fingerprint, fingerprint, locked, prepare_directory, write_atomically
from copilot_api.store.keyring_access import KeyringAccess, SystemKeyring

KeySource = Literal["environment", "keyring", "file"]
_NONCE_BYTES = 12
_KEY_BYTES = 32
_VERSION = 1


class _Sealed(msgspec.Struct, rename="camel"):
    """`vault.json`. `key_id` recognises the right key; `key_name` finds it in the keyring."""

    key_source: KeySource
    key_id: str
    key_name: str = ""
    version: int = _VERSION
    entries: dict[str, str] = {}


class Vault:
    """Seals texts into a directory and opens them by reference.

    `key` is COPILOT_API_VAULT_KEY where it is set; `keyring` None keeps the system's keyring out of it.
    """

    def __init__(
        self, directory: Path, *, key: bytes | None = None, keyring: KeyringAccess | None = None
    ) -> None:
        self.path = directory / "vault.json"
        self.key_path = directory / "vault.key"
        self._directory = directory
        self._given_key = key
        self._keyring = keyring
        self._mutex = threading.Lock()
        self._cached: tuple[Fingerprint, _Sealed] | None = None
        self._key: tuple[str, bytes] | None = None

    @staticmethod
    def is_reference(text: str) -> bool:
        """Whether a text stands for a sealed secret."""
        return text.startswith(VAULT_PREFIX)

    def put(self, plain: str) -> str:
        """Seal one secret and return its reference. Raises: StoreUnavailable."""
        return self.put_all([plain])[0]

    def put_all(self, plains: Iterable[str]) -> list[str]:
        """Seal several secrets in one write. Raises: StoreUnavailable."""
        secrets_to_seal = list(plains)
        prepare_directory(self._directory)
        with locked(self._directory / "vault.json.lock"):
            sealed = self._read_again() or self._create()
            key = self._key_of(sealed)
            references: list[str] = []
            for plain in secrets_to_seal:
                reference = VAULT_PREFIX + secrets.token_hex(12)
                sealed.entries[reference] = _seal(key, reference, plain)
                references.append(reference)
            self._save(sealed)
        return references

    def open(self, reference: str) -> str:
        """Open one secret. A text that is no reference is returned as it is.

        Raises: StoreUnavailable, with the remedy, when the vault, its key or the entry is missing.
        """
        if not self.is_reference(reference):
            return reference
        sealed = self._read()
        text = None if sealed is None else sealed.entries.get(reference)
        if sealed is None or text is None:
            raise StoreUnavailable(
                f"{str(self.path)!r} has no entry {reference!r}, which config.json refers to. Bring "
                "vault.json back from the place config.json came from, or log in (or set the key) again."
            )
        return _unseal(self._key_of(sealed), reference, text, self.path)

    def reveal(self, reference: str) -> str | None:
        """Open one secret, or return None when that is not possible now."""
        try:
            return self.open(reference)
        except StoreUnavailable:
            return None

    def delete(self, reference: str) -> None:
        """Forget one secret; an unknown reference is forgotten already. Raises: StoreUnavailable."""
        self.delete_all([reference])

    def delete_all(self, references: Iterable[str]) -> None:
        """Forget several secrets in one write. Raises: StoreUnavailable."""
        doomed = set(references)
        if not doomed or not self.path.exists():
            return
        with locked(self._directory / "vault.json.lock"):
            sealed = self._read_again()
            if sealed is None or not doomed & sealed.entries.keys():
                return
            for reference in doomed:
                sealed.entries.pop(reference, None)
            self._save(sealed)

    def derive(self, purpose: str) -> tuple[str, bytes]:
        """Give a key for one purpose beside the vault, and the id of the vault's key that it comes from.

        Shape: the key is 32 bytes, HKDF-Expand (RFC 5869) of the vault's; a vault is made where there is none.
        Raises: StoreUnavailable, with the remedy.
        """
        sealed = self._read()
        if sealed is None:
            prepare_directory(self._directory)
            with locked(self._directory / "vault.json.lock"):
                sealed = self._read_again()
                if sealed is None:
                    sealed = self._create()
                    self._save(sealed)
        info = f"copilot-api {purpose}".encode() + b"\x01"
        return sealed.key_id, hmac.digest(self._key_of(sealed), info, "sha256")

    def check(self) -> str:
        """Say in one sentence where the key is, once it is certain that it opens the vault.

        Raises: StoreUnavailable with the remedy.
        """
        sealed = self._read()
        if sealed is None:
            return "There is no vault yet; the first secret makes one."
        self._key_of(sealed)
        place = {
            "environment": "COPILOT_API_VAULT_KEY",
            "keyring": "the system's keyring",
            "file": str(self.key_path),
        }[sealed.key_source]
        return f"{len(sealed.entries)} secret(s), sealed with the key in {place}."

    def _read_again(self) -> _Sealed | None:
        """Read from the disk whatever the fingerprint says: file times tick too coarsely to write by them."""
        with self._mutex:
            self._cached = None
        return self._read()

    def _read(self) -> _Sealed | None:
        with self._mutex:
            version = fingerprint(self.path)
            if version is None and not self.path.exists():
                return None
            if self._cached is None or self._cached[0] != version:
                self._cached = (version or (0, 0, 0), self._decode())
            kept = self._cached[1]
            return msgspec.structs.replace(kept, entries=dict(kept.entries))

    def _decode(self) -> _Sealed:
        try:
            sealed = msgspec.json.decode(self.path.read_bytes(), type=_Sealed)
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise StoreUnavailable(
                f"{str(self.path)!r} cannot be read: {error}. It is left as it is. Repair its permissions or "
                "bring back a copy; if it is lost, move it away and log in again."
            ) from error
        if sealed.version != _VERSION:
            raise StoreUnavailable(
                f"{str(self.path)!r} has version {sealed.version!r}; this program knows {_VERSION}. Install "
                "the newer copilot-api that wrote it."
            )
        return sealed

    def _save(self, sealed: _Sealed) -> None:
        write_atomically(self.path, msgspec.json.format(msgspec.json.encode(sealed), indent=2) + b"\n")

    def _create(self) -> _Sealed:
        """Choose where the key of a new vault lives. Called under the lock."""
        if self._given_key is not None:
            return _Sealed("environment", _key_id(self._given_key))
        if self.key_path.exists():
            return _Sealed("file", _key_id(self._read_key_file()))
        key = secrets.token_bytes(_KEY_BYTES)
        name = secrets.token_hex(8)
        if self._keyring is not None and self._keyring.store(name, _to_text(key)):
            return _Sealed("keyring", _key_id(key), name)
        write_atomically(self.key_path, _to_text(key).encode() + b"\n")
        return _Sealed("file", _key_id(key))

    def _key_of(self, sealed: _Sealed) -> bytes:
        """Find the key that sealed this vault, and no other."""
        if self._key is not None and self._key[0] == sealed.key_id:
            return self._key[1]
        key = self._fetch_key(sealed)
        if not secrets.compare_digest(_key_id(key), sealed.key_id):
            raise StoreUnavailable(
                f"{str(self.path)!r} was sealed with another key than the one in {self._place(sealed)}. "
                "Bring the right key back; if it is lost, move vault.json away and log in again."
            )
        self._key = (sealed.key_id, key)
        return key

    def _fetch_key(self, sealed: _Sealed) -> bytes:
        if sealed.key_source == "environment":
            if self._given_key is None:
                raise StoreUnavailable(
                    f"{str(self.path)!r} is sealed with the key in COPILOT_API_VAULT_KEY, which is not set "
                    "here. Set it to the value it had."
                )
            return self._given_key
        if sealed.key_source == "file":
            return self._read_key_file()
        text = self._keyring.fetch(sealed.key_name) if self._keyring is not None else None
        if text is None:
            raise StoreUnavailable(
                f"{str(self.path)!r} is sealed with a key in the system's keyring, which is locked or not "
                "reachable from here (a service or SSH session often has none). Unlock it or start from the "
                "desktop session; for a service set COPILOT_API_VAULT_KEY, move vault.json away and "
                "log in again."
            )
        return _from_text(text, self._place(sealed))

    def _read_key_file(self) -> bytes:
        try:
            return _from_text(self.key_path.read_text("ascii").strip(), str(self.key_path))
        except (OSError, UnicodeDecodeError) as error:
            raise StoreUnavailable(
                f"The vault's key {str(self.key_path)!r} cannot be read: {error}. Bring it back with its "
                "permissions; if it is lost, move vault.json away and log in again."
            ) from error

    def _place(self, sealed: _Sealed) -> str:
        places = {"environment": "COPILOT_API_VAULT_KEY", "keyring": "the system's keyring"}
        return places.get(sealed.key_source, str(self.key_path))


def open_vault(directory: Path, *, key: bytes | None = None, use_keyring: bool = True) -> Vault:
    """Give the vault of a data directory, with the system's keyring where that is wanted."""
    return Vault(directory, key=key, keyring=SystemKeyring() if use_keyring else None)


def _key_id(key: bytes) -> str:
    """Name a key without telling it: it is 32 random bytes, so its digest leads nowhere."""
    return hashlib.sha256(b"copilot-api vault key\0" + key).hexdigest()[:32]


def _to_text(key: bytes) -> str:
    return base64.b64encode(key).decode("ascii")


def _from_text(text: str, place: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != _KEY_BYTES:
        raise StoreUnavailable(
            f"What is stored in {place} is not a vault key. Bring the right one back; if it is lost, move "
            "vault.json away and log in again."
        )
    return key


def _seal(key: bytes, reference: str, plain: str) -> str:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - 30 ms that --help need not pay

    nonce = secrets.token_bytes(_NONCE_BYTES)
    sealed = AESGCM(key).encrypt(nonce, plain.encode("utf-8", "surrogatepass"), reference.encode())
    return base64.b64encode(nonce + sealed).decode("ascii")


def _unseal(key: bytes, reference: str, text: str, path: Path) -> str:
    from cryptography.exceptions import InvalidTag  # noqa: PLC0415 - 30 ms that --help need not pay
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415

    try:
        raw = base64.b64decode(text, validate=True)
        plain = AESGCM(key).decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], reference.encode())
        return plain.decode("utf-8", "surrogatepass")
    except (InvalidTag, ValueError) as error:
        raise StoreUnavailable(
            f"The entry {reference!r} of {str(path)!r} is damaged. Bring back a copy of vault.json, or log "
            "in (or set the key) again."
        ) from error
