"""`/admin/api/mappings`: shown, added to, changed, ordered, copied, removed, tried.

Every change is made on the document as it is then, so two pages that add at the same time both keep theirs. Only the
whole list, which an order is, wants to know what it replaces.
"""

from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from typing import Annotated

from litestar import Response, get, post, put
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromQuery, QueryParameter

from copilot_api.errors import ClientFault
from copilot_api.store.edits import mappings as edits
from copilot_api.store.sealing import Document
from copilot_api.web.admin.desk import (
    AdminFault,
    AnyRequest,
    Conflict,
    Desk,
    NotAccepted,
    NotFound,
    Stale,
    answered,
    asks,
    caller_of,
    if_match,
    read_json,
)
from copilot_api.web.admin.mappings.bodies import Addition, Entry, Named, Replacement, Whole
from copilot_api.web.admin.mappings.view import Attempt, Mappings, attempt, part, view

TAGS = ("mappings",)
_AccountId = Annotated[str | None, QueryParameter(name="accountId", required=False)]


class _Room:
    """What the routes share: one way to change, one way to answer."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def shown(self, document: Document, *, status: int = 200) -> Response[Mappings]:
        found = view(document, self.desk.settings, self.desk.accounts)
        return answered(found, found.version, status=status)

    async def change(
        self,
        request: AnyRequest,
        action: str,
        target: str,
        edit: Callable[[Document], None],
        *,
        detail: str = "",
        status: int = 200,
        is_whole: bool = False,
    ) -> Response[Mappings]:
        with _told():
            try:
                state = await self.desk.change(
                    caller_of(request),
                    f"mappings.{action}",
                    target,
                    edit,
                    part=part,
                    expected=if_match(request),
                    is_version_required=is_whole,
                    detail=detail,
                )
            except Stale as stale:
                stale.current = view(await self.desk.document(), self.desk.settings, self.desk.accounts)
                raise
        return self.shown(state.document, status=status)


def routes(desk: Desk) -> list[HTTPRouteHandler]:
    """Return the routes of this page."""
    room = _Room(desk)
    desk.publish_versions("mappings", part)
    return [*_whole(room), *_entries(room), *_single(room), _try(desk)]


def _whole(room: _Room) -> list[HTTPRouteHandler]:
    @get("/mappings", tags=TAGS, opt=asks())
    async def show() -> Response[Mappings]:
        """Every mapping in its order, with what is doubtful about it, and the models that may be meant."""
        return room.shown(await room.desk.document())

    @put("/mappings", tags=TAGS, opt=asks(Whole, refuses=(409, 412, 428)))
    async def replace(request: AnyRequest) -> Response[Mappings]:
        """Replace the whole list: an order, or many changes at once."""
        whole = await read_json(request, Whole)
        wanted = _read_all(whole.mappings)
        return await room.change(
            request,
            "replace",
            "all",
            lambda document: edits.replace(document, wanted),
            detail=f"{len(wanted)} entries",
            is_whole=True,
        )

    return [show, replace]


def _entries(room: _Room) -> list[HTTPRouteHandler]:
    @post("/mappings", tags=TAGS, status_code=201, opt=asks(Addition, refuses=(409, 412)))
    async def add(request: AnyRequest) -> Response[Mappings]:
        """Map one more name."""
        body = await read_json(request, Addition)
        entry = _read(body.source, body.to)
        return await room.change(
            request,
            "add",
            entry[0],
            lambda document: edits.add(document, entry, body.position),
            detail=f"to {entry[1]}",
            status=201,
        )

    @post("/mappings/change", tags=TAGS, status_code=200, opt=asks(Replacement, refuses=(404, 409, 412)))
    async def change(request: AnyRequest) -> Response[Mappings]:
        """Put another entry in the place of one."""
        body = await read_json(request, Replacement)
        entry = _read(body.mapping.source, body.mapping.to, "mapping.")
        return await room.change(
            request,
            "change",
            body.source,
            lambda document: edits.change(document, body.source, entry),
            detail=f"{entry[0]} to {entry[1]}",
        )

    return [add, change]


def _single(room: _Room) -> list[HTTPRouteHandler]:
    @post("/mappings/copy", tags=TAGS, status_code=201, opt=asks(Named, refuses=(404, 409, 412)))
    async def copy(request: AnyRequest) -> Response[Mappings]:
        """Add a copy of an entry right behind it, as NAME-copy."""
        body = await read_json(request, Named)
        return await room.change(
            request, "copy", body.source, lambda document: _copy(document, body.source), status=201
        )

    @post("/mappings/remove", tags=TAGS, status_code=200, opt=asks(Named, refuses=(404, 409, 412)))
    async def remove(request: AnyRequest) -> Response[Mappings]:
        """Take an entry out."""
        body = await read_json(request, Named)
        return await room.change(
            request, "remove", body.source, lambda document: edits.remove(document, body.source)
        )

    return [copy, remove]


def _try(desk: Desk) -> HTTPRouteHandler:
    @get("/mappings/try", tags=TAGS, opt=asks(refuses=(404,)))
    async def try_name(name: FromQuery[str], account_id: _AccountId = None) -> Response[Attempt]:
        """Say step by step how a name resolves, in the model list as it is."""
        if account_id and desk.accounts.get(account_id) is None:
            raise NotFound(f"There is no account {account_id!r}.", code="account_unknown")
        if len(name) > MAX_TRIED:
            raise NotAccepted(
                "The name is too long.", fields={"name": f"Give at most {MAX_TRIED} characters."}
            )
        return answered(attempt(name, account_id, desk.settings, desk.accounts))

    return try_name


MAX_TRIED = 1000
"""Longer than any name that resolves; what clients send is not limited, what is shown is."""


def _copy(document: Document, source: str) -> None:
    edits.copy(document, source)  # its name is shown with all the others


def _read(source: str, target: str, place: str = "") -> edits.Entry:
    try:
        return edits.read_entry(source, target)
    except ValueError as error:
        name, reason = error.args
        raise NotAccepted(
            f"The mapping is not accepted: {reason}", remedy="Mend it.", fields={f"{place}{name}": reason}
        ) from error


def _read_all(entries: Iterable[Entry]) -> list[edits.Entry]:
    read: list[edits.Entry] = []
    wrong: dict[str, str] = {}
    for index, entry in enumerate(entries):
        try:
            read.append(edits.read_entry(entry.source, entry.to))
        except ValueError as error:
            name, reason = error.args
            wrong[f"mappings[{index}].{name}"] = reason
    if wrong:
        raise NotAccepted("Some mappings are not accepted.", remedy="Mend the fields.", fields=wrong)
    return read


@contextmanager
def _told() -> Generator[None]:
    """Name the field of a refusal, where the edit knows it."""
    try:
        yield
    except AdminFault:
        raise
    except ClientFault as fault:
        message, remedy = fault.parted
        fields = {fault.param: message} if fault.param else {}
        kind = NotFound if fault.status == 404 else Conflict
        raise kind(message, code=fault.code, remedy=remedy, fields=fields) from fault
