"""The keys that open the door, recognised on every request.

Recognition is one SHA-256 and one dictionary look-up on the whole digest: a key is 32 random bytes, so no slow hash
is needed, and a look-up by digest tells an attacker nothing about the key.
"""

import hashlib
import hmac
import time
from collections.abc import Callable, Iterable

from copilot_api.settings import KEY_SCOPES, ClientKeyEntry, Settings, read_instant

_MAX_KEY_CHARACTERS = 1024
_NEVER = float("inf")


class KeyRing:
    """Every key that opens the door, and whether there is a door at all.

    Build a new one when the settings change. `has_unreadable_keys` shuts the door although no key is known.
    """

    __slots__ = ("_clock", "_known", "is_open")

    def __init__(
        self,
        client_keys: Iterable[ClientKeyEntry],
        plain_keys: Iterable[str] = (),
        *,
        has_unreadable_keys: bool = False,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._clock = clock
        self._known: dict[bytes, tuple[bytes, ClientKeyEntry, float]] = {}
        named = tuple(client_keys)
        for index, plain in enumerate(plain_keys):
            self._add(plain_entry(plain, index))
        for entry in named:
            self._add(entry)
        for entry in named:
            self._add_former(entry)
        self.is_open = not self._known and not has_unreadable_keys
        """No key is configured, so none is asked for."""

    @classmethod
    def of(cls, settings: Settings, clock: Callable[[], float] = time.time) -> "KeyRing":
        """Build the ring that the settings describe."""
        return cls(
            settings.client_keys,
            settings.plain_keys,
            has_unreadable_keys=settings.has_unreadable_keys,
            clock=clock,
        )

    def verify(self, presented: str) -> ClientKeyEntry | None:
        """Recognise a key; None for unknown, expired and absurdly long ones."""
        if len(presented) > _MAX_KEY_CHARACTERS:
            return None
        digest = hashlib.sha256(presented.encode("utf-8", "surrogatepass")).digest()
        found = self._known.get(digest)
        if found is None or not hmac.compare_digest(found[0], digest):
            return None
        _, entry, ends_unix_s = found
        return None if self._clock() >= ends_unix_s else entry

    def _add(self, entry: ClientKeyEntry) -> None:
        digest = bytes.fromhex(entry.sha256)
        self._known[digest] = digest, entry, _end(entry)

    def _add_former(self, entry: ClientKeyEntry) -> None:
        """What a rotated key was before opens the door for a while yet; never in place of a key as it is now."""
        for former in entry.former:
            digest = bytes.fromhex(former.sha256)
            ends_unix_s = min(read_instant(former.until), _end(entry))
            self._known.setdefault(digest, (digest, entry, ends_unix_s))


def plain_entry(plain: str, index: int) -> ClientKeyEntry:
    """Describe a key of the reference format: it reaches what it reached there, not the admin."""
    return ClientKeyEntry(
        id=f"plain_{index + 1}",
        name=f"api key {index + 1}",
        sha256=hashlib.sha256(plain.encode("utf-8", "surrogatepass")).hexdigest(),
        scopes=tuple(scope for scope in KEY_SCOPES if scope != "admin"),
    )


def _end(entry: ClientKeyEntry) -> float:
    return read_instant(entry.expires_at) if entry.expires_at else _NEVER
