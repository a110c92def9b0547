"""`/admin/api/accounts`: shown, switched, changed, put in order, removed and brought back, looked at anew."""

import msgspec
from litestar import Response, delete, get, patch, post, put
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from copilot_api.store.edits import accounts as edits
from copilot_api.store.sealing import Document
from copilot_api.web.admin.accounts.bodies import Change, Order, Switch
from copilot_api.web.admin.accounts.picture import picture
from copilot_api.web.admin.accounts.room import AccountsRoom, must
from copilot_api.web.admin.accounts.undo import UndoView
from copilot_api.web.admin.accounts.view import AccountsView, AccountView, RefreshedAccount, refreshed
from copilot_api.web.admin.desk import (
    AnyRequest,
    Desk,
    NotAccepted,
    Nothing,
    answered,
    asks,
    caller_of,
    if_match,
    read_json,
)

TAGS = ("accounts",)
ON_DEMAND_PAUSE_S = 60.0
"""Without an interval GitHub is asked when a person wants that, and no more often than this."""


class RemovedView(msgspec.Struct, frozen=True):
    """The way back, and the accounts that are left."""

    undo: UndoView
    accounts: AccountsView


def routes(desk: Desk) -> list[HTTPRouteHandler]:
    """Return the routes of this page."""
    room = AccountsRoom(desk)
    return [*_whole(room), *_one(room), *_removal(room), *_anew(room), picture(room)]


def _whole(room: AccountsRoom) -> list[HTTPRouteHandler]:
    @get("/accounts", tags=TAGS, opt=asks())
    async def show() -> Response[AccountsView]:
        """Every account in its order, how it is, and what is left of its plan. GitHub is not asked."""
        found = await room.shown()
        return answered(found, found.version)

    @put("/accounts/order", tags=TAGS, opt=asks(Order, refuses=(412, 428)))
    async def order(request: AnyRequest) -> Response[AccountsView]:
        """Put the accounts into another order."""
        body = await read_json(request, Order)

        def edit(document: Document) -> None:
            if not edits.put_in_order(document, body.ids):
                raise NotAccepted(
                    "This is no order of the accounts.",
                    fields={"ids": "Name each account once."},
                    remedy="Read the accounts again.",
                )

        found = await room.change(
            caller_of(request), "order", "all", edit, expected=if_match(request), is_whole=True
        )
        return answered(found, found.version)

    return [show, order]


def _one(room: AccountsRoom) -> list[HTTPRouteHandler]:
    @post(
        "/accounts/{account_id:str}/activate",
        tags=TAGS,
        status_code=200,
        opt=asks(Switch, refuses=(404, 409, 412)),
    )
    async def activate(request: AnyRequest, account_id: FromPath[str]) -> Response[AccountsView]:
        """Make it the active account, once its token and its models are there; else nothing changes."""
        body = await read_json(request, Switch)
        if not body.force:
            await room.prepare(account_id)
        found = await room.change(
            caller_of(request),
            "switch",
            account_id,
            lambda document: must(edits.choose(document, account_id), account_id),
            expected=if_match(request),
            detail="without asking whether it can answer" if body.force else "",
        )
        return answered(found, found.version)

    @patch("/accounts/{account_id:str}", tags=TAGS, opt=asks(Change, refuses=(404, 412)))
    async def change(request: AnyRequest, account_id: FromPath[str]) -> Response[AccountsView]:
        """Change the kind of an account, or how its credential is used."""
        fields: Document = msgspec.to_builtins(await read_json(request, Change))
        found = await room.change(
            caller_of(request),
            "change",
            account_id,
            lambda document: must(edits.change(document, account_id, fields), account_id),
            expected=if_match(request),
            detail=", ".join(f"{name} {value}" for name, value in fields.items()),
        )
        return answered(found, found.version)

    return [activate, change]


def _removal(room: AccountsRoom) -> list[HTTPRouteHandler]:
    @delete("/accounts/{account_id:str}", tags=TAGS, status_code=200, opt=asks(refuses=(404, 412)))
    async def remove(request: AnyRequest, account_id: FromPath[str]) -> Response[RemovedView]:
        """Remove an account, be it well or not. It can be brought back for half a minute."""
        undo, found = await room.remove(caller_of(request), account_id, if_match(request))
        return answered(RemovedView(undo, found), found.version)

    @post("/accounts/undo/{undo_id:str}", tags=TAGS, status_code=200, opt=asks(Nothing, refuses=(404,)))
    async def bring_back(request: AnyRequest, undo_id: FromPath[str]) -> Response[AccountsView]:
        """Undo a removal: the account comes back to its place, and is active again if it was."""
        await read_json(request, Nothing)
        found = await room.bring_back(caller_of(request), undo_id)
        return answered(found, found.version)

    return [remove, bring_back]


def _anew(room: AccountsRoom) -> list[HTTPRouteHandler]:
    @post("/accounts/{account_id:str}/refresh", tags=TAGS, status_code=200, opt=asks(Nothing, refuses=(404,)))
    async def refresh(request: AnyRequest, account_id: FromPath[str]) -> Response[RefreshedAccount]:
        """Ask GitHub for plan and quota, at most once in the configured interval; answer what is known."""
        await read_json(request, Nothing)
        await room.account(account_id)
        running, next_at = room.running(account_id), None
        if running is not None:
            minutes = room.desk.settings.usage_test_interval_minutes
            every_s = ON_DEMAND_PAUSE_S if minutes is None else minutes * 60.0
            await running.ask(every_s)
            next_at = room.clock() + running.meter.wait_s(every_s)
        return answered(refreshed(await room.account(account_id), next_at))

    @post("/accounts/{account_id:str}/retry", tags=TAGS, status_code=200, opt=asks(Nothing, refuses=(404,)))
    async def retry(request: AnyRequest, account_id: FromPath[str]) -> Response[AccountView]:
        """Fetch token, models and plan again now. What fails stands in the account's problem."""
        await read_json(request, Nothing)
        await room.account(account_id)
        await room.desk.accounts.retry(account_id)
        return answered(await room.account(account_id))

    return [refresh, retry]
