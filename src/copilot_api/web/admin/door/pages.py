"""The pages of the door: /session, /sessions and /secret. They read and say; `ways.py` does."""

import time
from typing import Literal, Self, TypeVar

import msgspec
from litestar import Response, delete, get, post, put
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from copilot_api.settings import write_instant
from copilot_api.store.sessions import Session
from copilot_api.web.admin.desk import (
    AnyRequest,
    Caller,
    Desk,
    Nothing,
    answered,
    asks,
    caller_of,
    caller_or_none,
    read_json,
)
from copilot_api.web.admin.door.entry import COOKIE, OPEN, Door, has_secret
from copilot_api.web.admin.door.views import (
    FirstSecret,
    OpenSession,
    OpenSessions,
    Presented,
    SecretChange,
    SecretRemoval,
    SessionView,
)
from copilot_api.web.admin.door.ways import Ways

_DAY_S = 86_400
T = TypeVar("T")


class Facts(msgspec.Struct, frozen=True):
    """What does not change while the server runs."""

    version: str
    started_at: str

    @classmethod
    def now(cls, version: str) -> Self:
        """The facts of a server that starts now."""
        return cls(version, write_instant(time.time()))


class Pages:
    """The handlers' collaborators."""

    def __init__(self, desk: Desk, door: Door, facts: Facts) -> None:
        self._desk = desk
        self._door = door
        self._facts = facts
        self._ways = Ways(desk, door)

    def routes(self) -> list[HTTPRouteHandler]:
        """Every page of the door."""
        return [*self._session(), *self._sessions(), *self._secret()]

    def _session(self) -> list[HTTPRouteHandler]:
        @get("/session", opt=OPEN)
        async def read_session(request: AnyRequest) -> Response[SessionView]:
            """Who is asking, and what they need to come in."""
            return self._say(request, caller_or_none(request))

        @post("/session", status_code=200, opt=OPEN | asks(Presented, refuses=(409,)))
        async def sign_in(request: AnyRequest) -> Response[SessionView]:
            """Sign in with the admin secret."""
            sent = await read_json(request, Presented)
            return self._enter(
                request, await self._ways.sign_in(request, caller_or_none(request), sent.secret)
            )

        @delete("/session", status_code=200, opt=OPEN)
        async def sign_out(request: AnyRequest) -> Response[SessionView]:
            """Sign out; nothing for those who are not signed in."""
            caller = caller_or_none(request)
            if caller is None or caller.how != "session":
                return self._say(request, caller)
            await self._ways.sign_out(caller)
            return _left(self._say(request, None))

        @post("/session/setup", status_code=200, opt=OPEN | asks(FirstSecret, refuses=(409,)))
        async def set_up(request: AnyRequest) -> Response[SessionView]:
            """Set the first secret by the one-time link, and sign in."""
            return self._enter(
                request, await self._ways.set_up(request, await read_json(request, FirstSecret))
            )

        return [read_session, sign_in, sign_out, set_up]

    def _sessions(self) -> list[HTTPRouteHandler]:
        @get("/sessions")
        async def list_sessions(request: AnyRequest) -> Response[OpenSessions]:
            """Every signed-in browser."""
            return await self._list(caller_of(request))

        @delete("/sessions/{session_id:str}", status_code=200, opt=asks(refuses=(404,)))
        async def end_session(request: AnyRequest, session_id: FromPath[str]) -> Response[OpenSessions]:
            """Sign one browser out."""
            caller = caller_of(request)
            await self._ways.end_session(caller, session_id)
            answer = await self._list(caller)
            return _left(answer) if caller.who == session_id else answer

        @post("/sessions/revoke-others", status_code=200, opt=asks(Nothing))
        async def end_others(request: AnyRequest) -> Response[OpenSessions]:
            """Sign every other browser out."""
            await read_json(request, Nothing)
            await self._ways.end_others(caller_of(request))
            return await self._list(caller_of(request))

        return [list_sessions, end_session, end_others]

    def _secret(self) -> list[HTTPRouteHandler]:
        @put("/secret", opt=asks(SecretChange, refuses=(409,)))
        async def change_secret(request: AnyRequest) -> Response[SessionView]:
            """Set or rotate the admin secret. Every other session ends."""
            caller = caller_of(request)
            entered = await self._ways.change_secret(request, caller, await read_json(request, SecretChange))
            return self._say(request, caller) if entered is None else self._enter(request, entered)

        @delete("/secret", status_code=200, opt=asks(SecretRemoval, refuses=(409,)))
        async def remove_secret(request: AnyRequest) -> Response[SessionView]:
            """Remove the admin secret; from then on only this machine is in."""
            caller = caller_of(request)
            await self._ways.remove_secret(request, caller, await read_json(request, SecretRemoval))
            return _left(self._say(request, Caller("loopback", caller.peer)))

        return [change_secret, remove_secret]

    def _enter(self, request: AnyRequest, entered: tuple[str, Caller]) -> Response[SessionView]:
        cookie, caller = entered
        response = self._say(request, caller, self._door.csrf_for(caller, cookie))
        response.set_cookie(
            COOKIE,
            cookie,
            max_age=self._door.settings.admin_session_ttl_days * _DAY_S,
            path="/admin",
            secure=self._door.is_https(request),
            httponly=True,
            samesite="strict",
        )
        return response

    def _say(self, request: AnyRequest, caller: Caller | None, csrf: str = "") -> Response[SessionView]:
        settings = self._door.settings
        is_in = caller is not None
        return answered(
            SessionView(
                signed_in=is_in,
                how=caller.how if caller is not None else None,
                needs=None if is_in else self._needs(),
                csrf=csrf or self._door.csrf_of(request, caller),
                expires_at=(caller.expires_at or None) if caller is not None else None,
                has_secret=has_secret(settings),
                is_read_only=caller.is_read_only if caller is not None else False,
                version=self._facts.version if is_in else None,
                is_demo=settings.demo,
                address=self._door.address_of(request) if is_in else None,
                started_at=self._facts.started_at if is_in else None,
            )
        )

    def _needs(self) -> Literal["login", "setup", "local"]:
        if has_secret(self._door.settings):
            return "login"
        return "setup" if self._door.setup.is_offered else "local"

    async def _list(self, caller: Caller) -> Response[OpenSessions]:
        found = await self._ways.open_sessions()
        return answered(OpenSessions(tuple(_shown(session, caller) for session in found)))


def _left(response: Response[T]) -> Response[T]:
    """The same answer, which also takes the cookie away."""
    response.delete_cookie(COOKIE, path="/admin")
    return response


def _shown(session: Session, caller: Caller) -> OpenSession:
    return OpenSession(
        id=session.id,
        created_at=session.created_at,
        last_seen_at=session.last_seen_at,
        expires_at=session.expires_at,
        peer=session.peer,
        client=session.client,
        is_current=session.id == caller.who,
    )
