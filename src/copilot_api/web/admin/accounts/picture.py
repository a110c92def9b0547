"""`/admin/api/accounts/{id}/avatar`: the picture of an account, so that the page asks nobody but us."""

from http import HTTPStatus

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from copilot_api.web.admin.accounts.room import AccountsRoom
from copilot_api.web.admin.desk import AnyRequest, NotFound, asks

_HEADERS = {
    "cache-control": "private, max-age=3600",
    "content-security-policy": "default-src 'none'; sandbox",
    "x-content-type-options": "nosniff",
    "content-disposition": "inline",
}


def picture(room: AccountsRoom) -> HTTPRouteHandler:
    """Return the route."""

    @get("/accounts/{account_id:str}/avatar", tags=("accounts",), opt=asks(refuses=(404,)))
    async def avatar(request: AnyRequest, account_id: FromPath[str]) -> Response[bytes]:
        """The account's picture: PNG, JPEG, GIF or WebP, fetched from its GitHub once a day."""
        entries = [entry for entry in room.desk.settings.accounts if entry.id == account_id]
        found = await room.avatars.of(entries[0]) if entries else None
        if found is None:
            raise NotFound("There is no picture of this account.", code="avatar_missing")
        headers = {**_HEADERS, "etag": f'"{found.tag}"'}
        if f'"{found.tag}"' in request.headers.get("if-none-match", ""):
            return Response(b"", status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
        return Response(found.data, media_type=found.media_type, headers=headers)

    return avatar
