"""Client keys: made, told once, and recognised on every request.

Owns the form of a key and its digest. Must never keep a key in clear. Recognition is one SHA-256 and one
dictionary look-up on the whole digest: a key is 32 random bytes, so no slow hash is needed, and a look-up by
digest tells an attacker nothing about the key.
"""

import base64
import hashlib
import hmac
import re
import secrets
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

from copilot_api.settings import KEY_SCOPES, Budget, ClientKeyEntry, RateLimits, Settings, read_instant

KEY_PREFIX = "cpa_"
NO_LIMITS = RateLimits()
_MAX_KEY_CHARACTERS = 1024
_SPAN = re.compile(r"(\d{1,5})([hdwy])")
_SPAN_HOURS = {"h": 1, "d": 24, "w": 24 * 7, "y": 24 * 365}


class KeyRing:
    """Every key that opens the door, and whether there is a door at all.

    Build a new one when the settings change. `has_unreadable_keys` shuts the door although no key is known.
    """

    __slots__ = ("_clock", "_expiry_unix_s", "_known", "is_open")

    def __init__(
        self,
        client_keys: Iterable[ClientKeyEntry],
        plain_keys: Iterable[str] = (),
        *,
        has_unreadable_keys: bool = False,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._clock = clock
        self._known: dict[bytes, tuple[bytes, ClientKeyEntry]] = {}
        self._expiry_unix_s: dict[str, float] = {}
        for index, plain in enumerate(plain_keys):
            self._add(_plain_entry(plain, index))
        for entry in client_keys:
            self._add(entry)
            if entry.expires_at:
                self._expiry_unix_s[entry.sha256] = read_instant(entry.expires_at)
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

    def _add(self, entry: ClientKeyEntry) -> None:
        digest = bytes.fromhex(entry.sha256)
        self._known[digest] = (digest, entry)

    def verify(self, presented: str) -> ClientKeyEntry | None:
        """Recognise a key; None for unknown, expired and absurdly long ones."""
        if len(presented) > _MAX_KEY_CHARACTERS:
            return None
        digest = hashlib.sha256(presented.encode("utf-8", "surrogatepass")).digest()
        found = self._known.get(digest)
        if found is None or not hmac.compare_digest(found[0], digest):
            return None
        entry = found[1]
        if entry.expires_at and self._clock() >= self._expiry_unix_s[entry.sha256]:
            return None
        return entry


def create_key(
    name: str,
    *,
    account_id: str = "",
    scopes: tuple[str, ...] = ("inference",),
    expires_at: str = "",
    strict: bool = False,
    models: tuple[str, ...] = (),
    rate_limit: RateLimits = NO_LIMITS,
    budget: Budget | None = None,
    clock: Callable[[], float] = time.time,
) -> tuple[str, ClientKeyEntry]:
    """Make a key and the entry that recognises it. The key itself is told now and never again."""
    key = KEY_PREFIX + base64.urlsafe_b64encode(secrets.token_bytes(32)).rstrip(b"=").decode("ascii")
    entry = ClientKeyEntry(
        id="key_" + secrets.token_hex(6),
        name=name,
        sha256=hashlib.sha256(key.encode()).hexdigest(),
        scopes=scopes,
        account_id=account_id,
        created_at=_iso(clock()),
        expires_at=expires_at,
        strict=strict,
        models=models,
        rate_limit=rate_limit,
        budget=budget,
    )
    return key, entry


def read_expiry(text: str, clock: Callable[[], float] = time.time) -> str:
    """Read `90d`, `12h`, `6w`, `1y` or an ISO 8601 time into an ISO 8601 time in UTC.

    Raises: ValueError for other forms and for the past; the message names the accepted form.
    """
    match = _SPAN.fullmatch(text.strip())
    try:
        if match:
            span = timedelta(hours=int(match[1]) * _SPAN_HOURS[match[2]])
            instant = (datetime.fromtimestamp(clock(), UTC) + span).timestamp()
        else:
            instant = read_instant(text.strip())
    except (ValueError, OverflowError):
        instant = 0.0
    if instant <= clock():
        raise ValueError(
            f"{text!r} is not accepted. Give a span such as 90d, 12h, 6w or 1y, or a time to come such as "
            "2030-01-31 or 2030-01-31T12:00:00Z."
        )
    return _iso(instant)


def _iso(unix_s: float) -> str:
    return datetime.fromtimestamp(unix_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _plain_entry(plain: str, index: int) -> ClientKeyEntry:
    """Describe a key of the reference format: it reaches what it reached there, not the admin."""
    return ClientKeyEntry(
        id=f"plain_{index + 1}",
        name=f"api key {index + 1}",
        sha256=hashlib.sha256(plain.encode("utf-8", "surrogatepass")).hexdigest(),
        scopes=tuple(scope for scope in KEY_SCOPES if scope != "admin"),
    )
