"""The last use of keys, told to pages that listen: now and then, not with every request."""

import asyncio
from collections.abc import Awaitable, Callable

import msgspec

from copilot_api.store.config_file import ConfigState
from copilot_api.store.keys import KeyUses
from copilot_api.web.admin.desk import Desk, version_of
from copilot_api.web.admin.desk.instants import iso
from copilot_api.web.admin.keys.view import part

LOOK_S = 3.0


class KeysUsed(msgspec.Struct, frozen=True, rename="camel"):
    """The event `keys` after a use: the version is as it was. Units: ISO 8601 by key id, only what is new."""

    version: str
    used: dict[str, str | None]


class UseTeller:
    """Looks at the uses while a page listens, and tells those that are new."""

    def __init__(self, desk: Desk, uses: KeyUses) -> None:
        self._feed = desk.feed
        self._uses = uses
        self._told: dict[str, int] = {}
        self._version = ""
        desk.follow(self._follow)

    async def run(self, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        """Look every few seconds, for ever."""
        while True:
            await sleep(LOOK_S)
            self.tell()

    def tell(self) -> None:
        """Tell what was used since the last time; a page that comes later reads the keys anyway."""
        known = self._uses.known()
        new = {key_id: iso(at_s) for key_id, at_s in known.items() if self._told.get(key_id) != at_s}
        self._told = known
        if new and self._feed.is_heard:
            self._feed.publish("keys", KeysUsed(self._version, new))

    def _follow(self, state: ConfigState) -> None:
        self._version = version_of(part(state.document))
