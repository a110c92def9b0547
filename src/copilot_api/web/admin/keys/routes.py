"""`/admin/api/keys`: made, changed, rotated, revoked. A key's value is told once and never again."""

from collections.abc import Callable
from typing import cast

import msgspec
from litestar import Response, delete, get, patch, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from copilot_api.settings import ClientKeyEntry
from copilot_api.store.config_file import ConfigState
from copilot_api.store.edits import keys as edits
from copilot_api.store.keys import KeyUses, check_against, create_key, hint_of, new_value, read_fields
from copilot_api.store.sealing import Document
from copilot_api.web.admin.desk import (
    AnyRequest,
    Conflict,
    Desk,
    NotFound,
    Stale,
    answered,
    asks,
    caller_of,
    if_match,
    read_json,
)
from copilot_api.web.admin.desk.instants import iso_text
from copilot_api.web.admin.keys.bodies import KeyChange, NewKey, Rotation, judged, said_in
from copilot_api.web.admin.keys.telling import UseTeller
from copilot_api.web.admin.keys.view import KeysView, KeyView, ToldKey, Warned, is_open, part, view

TAGS = ("keys",)
FIRST_KEY = Warned(
    "clients_need_a_key",
    "Until now nobody needed a key. From now on every client does: give each of them one.",
)


class _Room:
    """What the routes share."""

    def __init__(self, desk: Desk, uses: KeyUses) -> None:
        self.desk = desk
        self.uses = uses
        self.clock = desk.accounts.surroundings.clock
        desk.publish_versions("keys", part)

    def shown(self, document: Document) -> KeysView:
        return view(document, self.desk.settings, self.uses, self.clock())

    async def change(
        self,
        request: AnyRequest,
        action: str,
        key_id: str,
        edit: Callable[[Document], None],
        *,
        detail: str = "",
    ) -> KeysView:
        """Change the keys.

        Raises: Stale with the page as it stands; what `edit` raises.
        """
        try:
            state: ConfigState = await self.desk.change(
                caller_of(request),
                f"keys.{action}",
                key_id,
                edit,
                part=part,
                expected=if_match(request),
                detail=detail,
            )
        except Stale as stale:
            stale.current = self.shown(await self.desk.document())
            raise
        return self.shown(state.document)

    def without_known_expiry(self, body: KeyChange, key_id: str) -> KeyChange:
        """A page may send the expiry back that it read; of a key that has expired it is not to come any more."""
        known = {iso_text(key.expires_at) for key in self.desk.settings.client_keys if key.id == key_id}
        is_known = isinstance(body.expires, str) and iso_text(body.expires) in known - {None}
        return msgspec.structs.replace(body, expires=msgspec.UNSET) if is_known else body

    def must(self, is_done: object, key_id: str) -> None:
        """Raise NotFound for a key that is not there, Conflict for one that is set elsewhere."""
        if is_done:
            return
        elsewhere = self.desk.settings.plain_keys
        if key_id in {f"plain_{number + 1}" for number in range(len(elsewhere))}:
            raise Conflict(
                "This key is not kept here, so it cannot be changed here.",
                code="key_read_only",
                remedy="It stands in auth.apiKey(s) of config.json, or in COPILOT_API_KEY: change it there.",
            )
        raise NotFound(f"There is no key {key_id!r}.", code="key_unknown", remedy="Read the keys again.")


def routes(desk: Desk, uses: KeyUses) -> list[HTTPRouteHandler]:
    """Return the routes of this page. `uses` knows when each key was used last."""
    room = _Room(desk, uses)
    desk.keep("key-uses-told", UseTeller(desk, uses).run)
    return [*_whole(room), *_one(room), _rotation(room)]


def _whole(room: _Room) -> list[HTTPRouteHandler]:
    @get("/keys", tags=TAGS, opt=asks())
    async def show() -> Response[KeysView]:
        """Every key, and whether anybody needs one."""
        found = room.shown(await room.desk.document())
        return answered(found, found.version)

    @post("/keys", tags=TAGS, status_code=201, opt=asks(NewKey, refuses=(409, 412)))
    async def create(request: AnyRequest) -> Response[ToldKey]:
        """Make a key. Its value is in this answer, and nowhere after it."""
        body = await read_json(request, NewKey)
        with judged():
            fields = read_fields(said_in(body), room.clock)
        value, made = create_key(str(fields["name"]), clock=room.clock)
        said = {name: field for name, field in fields.items() if field is not None}
        entry = msgspec.convert({**_builtins(made), **said}, ClientKeyEntry)
        was_open: list[bool] = []

        def edit(document: Document) -> None:
            was_open.append(is_open(room.desk.settings))
            with judged():
                check_against(document, fields, made.id)
            edits.add(document, entry)

        found = await room.change(request, "create", made.id, edit, detail=_words(said))
        warnings = (FIRST_KEY,) if was_open[-1] else ()
        return answered(_told(found, made.id, value, warnings), found.version, status=201)

    return [show, create]


def _one(room: _Room) -> list[HTTPRouteHandler]:
    @patch("/keys/{key_id:str}", tags=TAGS, opt=asks(KeyChange, refuses=(404, 409, 412)))
    async def change(request: AnyRequest, key_id: FromPath[str]) -> Response[KeysView]:
        """Change what a key may do."""
        body = room.without_known_expiry(await read_json(request, KeyChange), key_id)
        with judged():
            fields = read_fields(said_in(body), room.clock)

        def edit(document: Document) -> None:
            room.must(_with_id(document, key_id), key_id)
            with judged():
                check_against(document, fields, key_id)
            edits.change(document, key_id, fields)

        found = await room.change(request, "change", key_id, edit, detail=_words(fields))
        return answered(found, found.version)

    @delete("/keys/{key_id:str}", tags=TAGS, status_code=200, opt=asks(refuses=(404, 409, 412)))
    async def revoke(request: AnyRequest, key_id: FromPath[str]) -> Response[KeysView]:
        """Revoke a key: it is refused from the next request on, and gone from the list."""

        def edit(document: Document) -> None:
            room.must(_with_id(document, key_id), key_id)
            edits.revoke(document, key_id)

        found = await room.change(request, "revoke", key_id, edit)
        return answered(found, found.version)

    return [change, revoke]


def _rotation(room: _Room) -> HTTPRouteHandler:
    @post(
        "/keys/{key_id:str}/rotate", tags=TAGS, status_code=200, opt=asks(Rotation, refuses=(404, 409, 412))
    )
    async def rotate(request: AnyRequest, key_id: FromPath[str]) -> Response[ToldKey]:
        """Give a key a new value, told once; the old one ends at once or after its grace."""
        body = await read_json(request, Rotation)
        value, sha256 = new_value()

        def edit(document: Document) -> None:
            room.must(_with_id(document, key_id), key_id)
            edits.rotate(
                document,
                key_id,
                sha256=sha256,
                hint=hint_of(value),
                grace_s=body.grace_s,
                now_unix_s=room.clock(),
            )

        detail = f"the old value works for {body.grace_s} s" if body.grace_s else "the old value ends"
        found = await room.change(request, "rotate", key_id, edit, detail=detail)
        return answered(_told(found, key_id, value), found.version)

    return rotate


def _with_id(document: Document, key_id: str) -> bool:
    """Whether a key has this id; a name is not enough to address one here."""
    found = edits.find(document, key_id)
    return found is not None and found.get("id") == key_id


def _told(found: KeysView, key_id: str, value: str, warnings: tuple[Warned, ...] = ()) -> ToldKey:
    key: KeyView = next(key for key in found.keys if key.id == key_id)
    return ToldKey(key, value, found.version, warnings)


def _builtins(entry: ClientKeyEntry) -> dict[str, object]:
    return cast(dict[str, object], msgspec.to_builtins(entry))


def _words(fields: dict[str, object]) -> str:
    """What was said, for the audit log: there is no secret in it."""
    return ", ".join(f"{name} {value if value is not None else 'default'}" for name, value in fields.items())
