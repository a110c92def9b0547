"""Who calls the admin API, and what the audit log says of them. Knows no secret."""

from typing import Any, Literal, cast

import msgspec
from litestar import Request
from litestar.connection import ASGIConnection
from litestar.datastructures import State

How = Literal["loopback", "session", "bearer", "key"]


class Caller(msgspec.Struct, frozen=True):
    """One caller who was let in.

    Shape: `how` the door they came through; `who` the session's id or the key's name, empty for the other two;
    `peer` the socket's address; `is_read_only` for a client key, whose `scopes` say what; `expires_at` a
    session's end (ISO 8601).
    """

    how: How
    peer: str
    who: str = ""
    is_read_only: bool = False
    scopes: tuple[str, ...] = ()
    expires_at: str = ""


AnyRequest = Request[Any, Any, State]
_SCOPE_KEY = "copilot_api.caller"


def remember_caller(connection: ASGIConnection[Any, Any, Any, State], caller: Caller) -> None:
    """Keep who was let in for the page that answers."""
    cast(dict[str, object], connection.scope)[_SCOPE_KEY] = caller


def caller_or_none(request: AnyRequest) -> Caller | None:
    """Return who was let in, for the pages that strangers may ask, too."""
    return cast(Caller | None, cast(dict[str, object], request.scope).get(_SCOPE_KEY))


def caller_of(request: AnyRequest) -> Caller:
    """Return who was let in to this page; the guard in front of it has said so."""
    return cast(Caller, cast(dict[str, object], request.scope)[_SCOPE_KEY])
