"""The admin's sessions: who is signed in, on disk, so that a restart signs nobody out and a sign-out stays one.

Owns `sessions.json` in the data directory. Must never hold what opens a session: of its id only the SHA-256 is kept.
A session ends with its time, when it is revoked, and with the secret that opened it.

cookie := ID "." SIGNATURE      ID 32 random bytes, SIGNATURE its HMAC-SHA256; both in base64url
"""

import base64
import hashlib
import hmac
import secrets
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec
import structlog

from copilot_api.errors import StoreUnavailable
from copilot_api.settings import Settings, read_instant, write_instant
from copilot_api.store.files import Fingerprint, fingerprint, locked, prepare_directory, write_atomically

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)
FILE_NAME = "sessions.json"
MAX_SESSIONS = 100
"""Each needs the secret, so this bounds a script that signs in again and again; the longest unseen one goes."""
SEEN_EVERY_S = 60.0
"""How exact `last_seen_at` is; a write for each request would be a disk sync for each."""
_DAY_S = 86_400.0
_MAX_CLIENT_CHARACTERS = 200


class Session(msgspec.Struct, frozen=True, rename="camel"):
    """One signed-in browser. `id` names it to people and opens nothing.

    Shape: `secret` tells which secret opened it without telling the secret. Units: times ISO 8601 in UTC.
    """

    id: str
    sha256: str
    secret: str
    created_at: str
    last_seen_at: str
    expires_at: str
    peer: str = ""
    client: str = ""


class _Contents(msgspec.Struct, frozen=True, rename="camel"):
    """The file. The signing key makes a forged cookie cost no look-up; alone it opens nothing."""

    signing_key: str
    sessions: tuple[Session, ...] = ()


class Sessions:
    """Opens, finds and ends sessions. Everything blocks for milliseconds: call it through `asyncio.to_thread`.

    Other processes (the command line) may write the same file; it is read again whenever it changed.
    """

    def __init__(self, path: Path, *, clock: Callable[[], float] = time.time) -> None:
        self.path = path
        self._clock = clock
        self._lock_path = path.with_name(path.name + ".lock")
        self._guard = threading.Lock()
        self._read_at: Fingerprint | None = None
        self._contents = _Contents(signing_key="")
        self._tags: dict[str, str] = {}

    def open(self, settings: Settings, *, peer: str, client: str) -> tuple[str, Session]:
        """Make a session for a caller who has just proved the secret; the cookie's value and the session.

        Raises: StoreUnavailable, and then there is no session.
        """
        now_s = self._clock()
        plain = secrets.token_bytes(32)

        def add(contents: _Contents) -> _Contents:
            tag = self._tag(settings, contents.signing_key)
            session = Session(
                id="ses_" + secrets.token_hex(5),
                sha256=hashlib.sha256(plain).hexdigest(),
                secret=tag,
                created_at=write_instant(now_s),
                last_seen_at=write_instant(now_s),
                expires_at=write_instant(now_s + settings.admin_session_ttl_days * _DAY_S),
                peer=peer,
                client=_printable(client),
            )
            kept = [one for one in contents.sessions if one.secret == tag and self._is_current(one)]
            kept.sort(key=lambda one: one.last_seen_at)
            return msgspec.structs.replace(contents, sessions=(*kept[-(MAX_SESSIONS - 1) :], session))

        contents = self._change(add)
        return _sign(plain, contents.signing_key), contents.sessions[-1]

    def find(self, cookie: str, settings: Settings) -> Session | None:
        """Recognise a cookie; None for forged, ended, expired ones and those of another secret."""
        contents = self._load()
        plain = _unsign(cookie, contents.signing_key)
        if plain is None:
            return None
        digest = hashlib.sha256(plain).hexdigest()
        found = next((one for one in contents.sessions if hmac.compare_digest(one.sha256, digest)), None)
        if found is None or not self._is_current(found):
            return None
        if found.secret != self._tag(settings, contents.signing_key):
            return None
        return self._see(found)

    def current(self, settings: Settings) -> tuple[Session, ...]:
        """Every session that is open now, the one seen last first."""
        contents = self._load()
        if settings.admin_secret is None and settings.admin_secret_hash is None:
            return ()
        tag = self._tag(settings, contents.signing_key)
        found = [one for one in contents.sessions if one.secret == tag and self._is_current(one)]
        return tuple(sorted(found, key=lambda one: (one.last_seen_at, one.created_at), reverse=True))

    def end(self, ids: Iterable[str]) -> int:
        """End these sessions; how many there were. Raises: StoreUnavailable."""
        named = frozenset(ids)
        return self._drop(lambda one: one.id in named)

    def end_all(self, *, but: str = "") -> int:
        """End every session but the one of that id; how many there were. Raises: StoreUnavailable."""
        return self._drop(lambda one: one.id != but)

    def _drop(self, is_ended: Callable[[Session], bool]) -> int:
        ended = 0

        def drop(contents: _Contents) -> _Contents:
            nonlocal ended
            kept = tuple(one for one in contents.sessions if not is_ended(one))
            ended = len(contents.sessions) - len(kept)
            return msgspec.structs.replace(contents, sessions=kept)

        if self.path.exists():
            self._change(drop)
        return ended

    def _see(self, session: Session) -> Session:
        """Note that a session is in use; one that was ended meanwhile stays ended."""
        now_s = self._clock()
        if now_s - read_instant(session.last_seen_at) < SEEN_EVERY_S:
            return session
        seen = msgspec.structs.replace(session, last_seen_at=write_instant(now_s))

        def note(contents: _Contents) -> _Contents:
            sessions = tuple(seen if one.id == session.id else one for one in contents.sessions)
            return msgspec.structs.replace(contents, sessions=sessions)

        try:
            self._change(note)
        except StoreUnavailable as error:
            _log.warning("sessions.not_noted", session=session.id, reason=error.message)
        return seen

    def _change(self, change: Callable[[_Contents], _Contents]) -> _Contents:
        prepare_directory(self.path.parent)
        with locked(self._lock_path):
            before = self._load()
            if not before.signing_key:
                before = _Contents(signing_key=_text(secrets.token_bytes(32)))
            after = change(before)
            if after != before:
                write_atomically(self.path, msgspec.json.format(msgspec.json.encode(after), indent=2) + b"\n")
            return after

    def _load(self) -> _Contents:
        """Read the file when it changed. One that cannot be read signs everybody out and is replaced later."""
        with self._guard:
            version = fingerprint(self.path)
            if version is None:
                self._contents, self._read_at = _Contents(signing_key=""), None
            elif version != self._read_at:
                self._contents, self._read_at = _read(self.path), version
            return self._contents

    def _is_current(self, session: Session) -> bool:
        return read_instant(session.expires_at) > self._clock()

    def _tag(self, settings: Settings, signing_key: str) -> str:
        """Name the secret in force. A plain one is hashed slowly: the tag must not help to guess it."""
        secret = settings.admin_secret_hash or settings.admin_secret or ""
        place = f"{signing_key} {secret}"
        known = self._tags.get(place)
        if known is None:
            if settings.admin_secret_hash:
                known = hashlib.sha256(place.encode("utf-8", "surrogatepass")).hexdigest()[:32]
            else:
                plain = secret.encode("utf-8", "surrogatepass")
                known = hashlib.scrypt(plain, salt=signing_key.encode(), n=16384, r=8, p=1, dklen=16).hex()
            self._tags = {place: known}
        return known


def _read(path: Path) -> _Contents:
    try:
        contents = msgspec.json.decode(path.read_bytes(), type=_Contents)
        for one in contents.sessions:
            for instant in (one.expires_at, one.last_seen_at):
                read_instant(instant)
    except (OSError, msgspec.DecodeError, ValueError) as error:
        _log.error("sessions.unreadable", path=str(path), reason=str(error), effect="everybody is signed out")
        return _Contents(signing_key="")
    return contents


def _sign(plain: bytes, signing_key: str) -> str:
    return f"{_text(plain)}.{_text(hmac.digest(signing_key.encode(), plain, 'sha256'))}"


def _unsign(cookie: str, signing_key: str) -> bytes | None:
    """Give the id of a cookie that we signed; None for everything else."""
    if not signing_key or len(cookie) > 256:
        return None
    try:
        plain = base64.urlsafe_b64decode(cookie.partition(".")[0] + "=")
        # Compared as a whole and as text: base64 has several spellings of the same bytes.
        is_ours = hmac.compare_digest(cookie.encode("ascii"), _sign(plain, signing_key).encode("ascii"))
    except ValueError:
        return None
    return plain if is_ours else None


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def _printable(client: str) -> str:
    return "".join(c for c in client if c.isprintable())[:_MAX_CLIENT_CHARACTERS]
