"""The door: who calls the admin, and whether this call may go on. Decided before a byte of the body is read.

    peer on this machine, no secret set          -> in ("loopback")
    client key with scope admin or usage         -> in, read only ("key")
    Authorization: Bearer SECRET                 -> in ("bearer")
    cookie of a session                          -> in ("session")
    anybody else                                 -> only where strangers may ask (`opt=OPEN`)

Believes the socket (`Guard.peer`), never a header that anybody can send.
"""

import asyncio
import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping
from typing import Any, cast

from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.handlers import BaseRouteHandler

from copilot_api.errors import Forbidden, GatewayError, Unauthorized
from copilot_api.settings import Settings
from copilot_api.store.admin_secret import verify_admin_secret
from copilot_api.store.sessions import Sessions
from copilot_api.web.admin.desk import Caller, NotJson, remember_caller
from copilot_api.web.admin.door.setup import Setup
from copilot_api.web.admin.door.throttle import Throttle
from copilot_api.web.asgi import Scope, read_headers
from copilot_api.web.guard import LOOPBACK_NAMES, Guard, host_name, is_loopback

Connection = ASGIConnection[Any, Any, Any, State]
COOKIE = "copilot_api_session"
OPEN: dict[str, object] = {"admin_open": True}
"""The `opt` of a route that strangers may ask, too; everything else about the door holds for it."""
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_USAGE = "/admin/api/usage"


def has_secret(settings: Settings) -> bool:
    """Whether an admin secret is set, be it one that cannot be read."""
    return settings.admin_secret_hash is not None or settings.admin_secret is not None


class Door:
    """Decides about every call. `settings` and `guard` are looked up each time: both may change."""

    def __init__(
        self,
        *,
        settings: Callable[[], Settings],
        guard: Callable[[], Guard],
        sessions: Sessions,
        throttle: Throttle | None = None,
        setup: Setup | None = None,
    ) -> None:
        self.sessions = sessions
        self.setup = setup or Setup()
        self._settings = settings
        self._guard = guard
        self._throttle = throttle or Throttle()
        self._proven: tuple[bytes, str] | None = None
        self._spoken = ""
        self._csrf_key = secrets.token_bytes(32)

    @property
    def settings(self) -> Settings:
        """The settings in force."""
        return self._settings()

    @property
    def spoken_secrets(self) -> tuple[str, ...]:
        """The admin secrets that this process knows in clear: whoever writes something down must leave them out."""
        settings = self._settings()
        return tuple(filter(None, (settings.admin_secret, self._spoken)))

    async def admit(self, connection: Connection, handler: BaseRouteHandler) -> None:
        """Let a call go on to its page: the guard of every route below /admin/api.

        Raises: Unauthorized, Forbidden, Throttled, NotJson.
        """
        is_open = bool(handler.opt.get("admin_open"))
        caller = await self.identify(connection)
        if caller is None and not is_open:
            raise self.stranger(connection)
        is_write = _scope(connection)["method"] not in _SAFE
        if caller is not None:
            _check_scope(caller, str(connection.scope["path"]), is_write=is_write, is_open=is_open)
            remember_caller(connection, caller)
        if is_write and (caller is None or caller.how in {"loopback", "session"}):
            self._check_csrf(connection, caller)
            _check_content(connection)

    async def identify(self, connection: Connection) -> Caller | None:
        """Return who calls; None for a stranger.

        Raises: Unauthorized for a secret that is wrong, Throttled after too many, Forbidden where the secret would
        have to come in clear.
        """
        settings, guard = self._settings(), self._guard()
        scope, headers = _scope(connection), _headers(connection)
        peer = guard.peer(scope, headers)
        if not has_secret(settings) and is_loopback(peer):
            return Caller("loopback", peer)
        presented = _presented(headers)
        if presented:
            key = guard.recognise(presented)
            if key is not None:
                return Caller("key", peer, who=key.name, is_read_only=True, scopes=key.scopes)
            if has_secret(settings):
                self.check_https(connection)
                await self.verify(peer, presented)
                return Caller("bearer", peer)
        cookie = connection.cookies.get(COOKIE, "")
        if cookie and has_secret(settings):
            self.check_https(connection)
            found = await asyncio.to_thread(self.sessions.find, cookie, settings)
            if found is not None:
                return Caller("session", peer, who=found.id, expires_at=found.expires_at)
        return None

    async def verify(self, peer: str, presented: str) -> None:
        """Judge a presented secret.

        Raises: Unauthorized, or Throttled after five wrong ones from one peer in ten minutes.
        """
        settings = self._settings()
        expected = settings.admin_secret_hash or settings.admin_secret or ""
        digest = hashlib.sha256(presented.encode("utf-8", "surrogatepass")).digest()
        if self._proven == (digest, expected):
            return
        async with self._throttle.attempt(peer) as judged:
            if not await verify_admin_secret(presented, settings):
                raise Unauthorized("The admin secret is wrong.", code="secret_wrong")
            judged()
        self._proven = (digest, expected)
        self._spoken = presented

    async def verify_setup(self, peer: str, token: str) -> None:
        """Judge a one-time setup token.

        Raises: Unauthorized, Throttled.
        """
        async with self._throttle.attempt(peer) as judged:
            if not self.setup.matches(token):
                raise Unauthorized(
                    "This setup link is not valid, or not any more: it works once, and for an hour.",
                    code="setup_invalid",
                    remedy="Restart the gateway for a new one, or run: copilot-api admin set-secret",
                )
            judged()

    def peer_of(self, connection: Connection) -> str:
        """The address a caller is judged by."""
        return self._guard().peer(_scope(connection), _headers(connection))

    def address_of(self, connection: Connection) -> str:
        """How the caller addressed us; the guard has checked that the name is ours."""
        host = _headers(connection).get("host", "")
        return f"{'https' if self.is_https(connection) else 'http'}://{host}"

    def is_local(self, connection: Connection) -> bool:
        """Whether a caller is on this machine, as far as the socket tells."""
        return is_loopback(self.peer_of(connection))

    def is_https(self, connection: Connection) -> bool:
        """Whether a cookie for this caller may be restricted to encrypted connections."""
        return self._guard().is_https(_scope(connection), _headers(connection))

    def check_https(self, connection: Connection) -> None:
        """Refuse a secret that would cross a network in clear.

        `localhost` in the address bar counts as this machine: a browser resolves it to itself, as with the published
        port of a container. A caller who lies about it gives away nothing but a guess of his own.
        Raises: Forbidden.
        """
        if not self._settings().admin_enforce_https or self.is_https(connection):
            return
        if (
            is_loopback(self.peer_of(connection))
            or host_name(_headers(connection).get("host", "")) in LOOPBACK_NAMES
        ):
            return
        raise Forbidden(
            "The admin is not used over a network without encryption: the secret could be read on the way.",
            code="https_required",
            remedy="Use https through a proxy listed in trustedProxies, or a tunnel to localhost, or set "
            "adminAuth.enforceHttps to false.",
        )

    def csrf_of(self, connection: Connection, caller: Caller | None) -> str:
        """The token that a page of ours sends back with each write: bound to the session, where there is one."""
        bound_to = (
            connection.cookies.get(COOKIE, "") if caller is not None and caller.how == "session" else ""
        )
        return self.csrf_for(caller, bound_to)

    def csrf_for(self, caller: Caller | None, cookie: str) -> str:
        """The token of a caller who is about to get `cookie`."""
        name = "stranger" if caller is None else caller.how
        return hmac.digest(
            self._csrf_key, f"{name} {cookie}".encode("utf-8", "surrogatepass"), "sha256"
        ).hex()

    def _check_csrf(self, connection: Connection, caller: Caller | None) -> None:
        given = _headers(connection).get("x-csrf-token", "")
        if not hmac.compare_digest(
            given.encode("utf-8", "surrogatepass"), self.csrf_of(connection, caller).encode()
        ):
            raise Forbidden(
                "The token that proves that this comes from our own page is missing or old.",
                code="csrf_invalid",
                remedy="Read csrf from GET /admin/api/session and send it as x-csrf-token.",
            )

    def stranger(self, connection: Connection) -> GatewayError:
        """What a caller is told who is not in."""
        if has_secret(self._settings()):
            return Unauthorized(
                "The admin asks for its secret.",
                code="sign_in_needed",
                remedy="Sign in at /admin, or send the secret as 'Authorization: Bearer SECRET'.",
            )
        return Forbidden(
            f"Only this machine may use the admin until a secret is set, and {self.peer_of(connection)!r} is another.",
            code="admin_local_only",
            remedy="Open the setup link that the gateway printed when it started, or run on its machine: "
            "copilot-api admin set-secret",
        )


def _presented(headers: Mapping[str, str]) -> str:
    scheme, _, secret = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return secret.strip()
    return (headers.get("x-admin-secret") or headers.get("x-api-key") or "").strip()


def _check_scope(caller: Caller, path: str, *, is_write: bool, is_open: bool) -> None:
    """A client key reads; one with the scope `usage` reads usage alone."""
    if caller.how != "key":
        return
    if is_write:
        raise Forbidden(
            f"The key {caller.who!r} may only read here.",
            code="read_only",
            remedy="Sign in with the admin secret to change something.",
        )
    may_read = "admin" in caller.scopes or ("usage" in caller.scopes and path.startswith(_USAGE))
    if not may_read and not is_open:
        raise Forbidden(
            f"The key {caller.who!r} may not read this.",
            code="scope_missing",
            remedy="Make a key for it with: copilot-api keys create NAME --scope admin",
        )


def _check_content(connection: Connection) -> None:
    """A page of another site can post a form or plain text without asking; JSON it cannot."""
    headers = _headers(connection)
    has_body = headers.get("content-length", "0") != "0" or "transfer-encoding" in headers
    if not has_body and _scope(connection)["method"] == "DELETE":
        return
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise NotJson(
            f"The content type {media_type!r} is not read here.",
            remedy="Send content-type: application/json.",
        )


def _scope(connection: Connection) -> Scope:
    return cast(Scope, connection.scope)


def _headers(connection: Connection) -> dict[str, str]:
    return read_headers(_scope(connection))
