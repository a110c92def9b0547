"""GET /about and GET /audit."""

import asyncio
import platform
from typing import Annotated

import msgspec
from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import QueryParameter

from copilot_api.web.admin.desk import Desk, NotAccepted, answered

NOTICE = (
    "Unofficial. Not supported by GitHub. Use your own subscription, within its terms; automated use beyond them can "
    "cost you your access."
)
_Cursor = Annotated[str | None, QueryParameter(name="cursor", required=False)]
_Limit = Annotated[int, QueryParameter(name="limit", ge=1, le=500)]


class About(msgspec.Struct, frozen=True, rename="camel"):
    """What runs here."""

    version: str
    python: str
    platform: str
    license: str
    data_directory: str
    notice: str
    repository: str | None


class AuditView(msgspec.Struct, frozen=True):
    """One change.

    Shape: `id` rises with time; `action` as `accounts.switch`; `who` a session's or key's name, `bearer`, `loopback`
    or `command line`. Units: `at` ISO 8601 in UTC.
    """

    id: int
    at: str
    who: str
    peer: str
    action: str
    target: str
    detail: str


class AuditPage(msgspec.Struct, frozen=True, rename="camel"):
    """Some changes, the newest first; `next_cursor` continues with older ones."""

    entries: tuple[AuditView, ...]
    next_cursor: str | None


def routes(desk: Desk, version: str) -> list[HTTPRouteHandler]:
    """The pages of this room."""

    @get("/about", sync_to_thread=False)
    def about() -> Response[About]:
        """What runs here, and on what."""
        return answered(
            About(
                version=version,
                python=platform.python_version(),
                platform=platform.platform(),
                license="MIT",
                data_directory=str(desk.settings.data_directory),
                notice=NOTICE,
                repository=None,
            )
        )

    @get("/audit")
    async def audit(cursor: _Cursor = None, limit: _Limit = 50) -> Response[AuditPage]:
        """Every change that an operator made, the newest first."""
        found, after = await asyncio.to_thread(desk.audit.page, _place(cursor), limit)
        entries = tuple(
            AuditView(place, one.at, one.who, one.peer, one.action, one.target, one.detail)
            for place, one in found
        )
        return answered(AuditPage(entries, None if after is None else str(after)))

    return [about, audit]


def _place(cursor: str | None) -> int | None:
    if cursor is None:
        return None
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) < 16):
        raise NotAccepted(
            f"The cursor {cursor[:40]!r} is none of ours.",
            remedy="Send nextCursor of the page before, or none.",
            fields={"cursor": "This is not a cursor."},
        )
    return int(cursor)
