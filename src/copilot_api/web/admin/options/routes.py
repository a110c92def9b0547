"""`/admin/api/settings`: shown, checked, changed.

A change is judged as a whole: one wrong value, and nothing is saved.
"""

import asyncio

import msgspec
from litestar import Response, get, patch, post
from litestar.handlers import HTTPRouteHandler

from copilot_api.settings.registry import BY_NAME, complaints, told
from copilot_api.store.config_file import ConfigState
from copilot_api.store.edits import options as edits
from copilot_api.store.sealing import Document
from copilot_api.web.admin.desk import (
    AnyRequest,
    Desk,
    NotAccepted,
    Stale,
    answered,
    asks,
    caller_of,
    if_match,
    read_json,
)
from copilot_api.web.admin.options.doubts import EFFORTS, refused_efforts
from copilot_api.web.admin.options.view import SettingsView, part, view

TAGS = ("settings",)


class Wish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """New values by name, as JSON; and names that go back to their default."""

    changes: dict[str, object] = {}
    reset: tuple[str, ...] = ()


class Checked(msgspec.Struct, frozen=True):
    """What is wrong with a wish, by the name of the setting; empty when it may be made."""

    fields: dict[str, str]


class _Room:
    """What the routes share: the settings that the server was started with, and how all are shown."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._began = desk.settings
        self._path = str(desk.config.path)

    def shown(self, state: ConfigState) -> SettingsView:
        return view(state, self._path, self.desk.settings, self._began, self.desk.accounts)

    async def save(self, request: AnyRequest, wish: Wish) -> ConfigState:
        try:
            return await self.desk.change(
                caller_of(request),
                "settings.change",
                ", ".join([*wish.changes, *wish.reset]),
                lambda document: _apply(self.desk, wish, document),
                part=part,
                expected=if_match(request),
                is_version_required=True,
                detail=told(BY_NAME, wish.changes),
            )
        except Stale as stale:
            stale.current = self.shown(await asyncio.to_thread(self.desk.config.load))
            raise


def routes(desk: Desk) -> list[HTTPRouteHandler]:
    """Return the routes of this page, and have it tell when a setting has changed."""
    desk.publish_versions("settings", part)
    room = _Room(desk)

    @get("/settings", tags=TAGS, opt=asks())
    async def show() -> Response[SettingsView]:
        """Every setting: its value, who decided it, and what it accepts."""
        found = room.shown(await asyncio.to_thread(desk.config.load))
        return answered(found, found.version)

    @post("/settings/check", tags=TAGS, status_code=200, opt=asks(Wish))
    async def check(request: AnyRequest) -> Response[Checked]:
        """Judge new values and save nothing."""
        wish = await read_json(request, Wish)
        return answered(Checked(await asyncio.to_thread(_judge, desk, wish)))

    @patch("/settings", tags=TAGS, opt=asks(Wish, refuses=(409, 412, 428)))
    async def save(request: AnyRequest) -> Response[SettingsView]:
        """Change settings, all or nothing. What a running server can take over is in force when this answers."""
        found = room.shown(await room.save(request, await read_json(request, Wish)))
        return answered(found, found.version)

    return [show, check, save]


def _judge(desk: Desk, wish: Wish) -> dict[str, str]:
    wrong = complaints(BY_NAME, wish.changes, wish.reset, desk.settings)
    if EFFORTS in wish.changes and EFFORTS not in wrong:
        refused = refused_efforts(wish.changes[EFFORTS], desk.settings, desk.accounts)
        return {**wrong, EFFORTS: refused} if refused else wrong
    return wrong


def _apply(desk: Desk, wish: Wish, document: Document) -> None:
    wrong = _judge(desk, wish)
    if wrong:
        raise NotAccepted(
            "Some settings are not accepted; nothing was saved.",
            remedy="Mend the fields and save again.",
            fields=wrong,
        )
    for name, value in wish.changes.items():
        edits.put(document, BY_NAME[name], value)
    for name in wish.reset:
        edits.take_out(document, BY_NAME[name])
