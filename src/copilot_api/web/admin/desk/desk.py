"""The one way in which the admin API changes anything, and the collaborators that all of its pages share.

change   version checked, edited and written under the configuration's lock -> in force at once -> audited -> told
"""

import asyncio
from collections.abc import Awaitable, Callable

from copilot_api.copilot.accounts import Accounts
from copilot_api.settings import Settings
from copilot_api.store.audit import AuditLog
from copilot_api.store.config_file import ConfigFile, ConfigState
from copilot_api.store.sealing import Document
from copilot_api.web.admin.desk.caller import Caller
from copilot_api.web.admin.desk.feed import Feed
from copilot_api.web.admin.desk.versions import Part, require_version, version_of

Adopt = Callable[[ConfigState], Awaitable[None]]
Follower = Callable[[ConfigState], None]
Work = Callable[[], Awaitable[None]]


class Desk:
    """`settings` is looked up at each use: it changes. `adopt` puts a written configuration in force."""

    def __init__(
        self,
        *,
        config: ConfigFile,
        settings: Callable[[], Settings],
        adopt: Adopt,
        accounts: Accounts,
        feed: Feed,
        audit: AuditLog,
    ) -> None:
        self.config = config
        self.accounts = accounts
        self.feed = feed
        self.audit = audit
        self.works: list[tuple[str, Work]] = []
        """What the rooms have running as long as the server does, by name; the house starts it."""
        self._settings = settings
        self._adopt = adopt
        self._followers: list[Follower] = []
        self._in_order = asyncio.Lock()  # what was written last is what is in force last

    @property
    def settings(self) -> Settings:
        """The settings in force."""
        return self._settings()

    async def change(
        self,
        caller: Caller,
        action: str,
        target: str,
        edit: Callable[[Document], None],
        *,
        part: Part | None = None,
        expected: str | None = None,
        is_version_required: bool = False,
        detail: str = "",
    ) -> ConfigState:
        """Edit the configuration as it is now; it is in force when this returns.

        Shape: `action` as `accounts.switch`, `target` what it was done to, `detail` in words; never a secret.
        `part` picks what `expected` (the caller's If-Match) is the version of.
        Raises: what `edit` raises, and then nothing is changed; Stale, VersionMissing, StoreUnavailable.
        """

        def checked(document: Document) -> None:
            if part is not None:
                require_version(document, part, expected, is_required=is_version_required)
            edit(document)

        async with self._in_order:
            state = await asyncio.to_thread(self.config.update, checked)
            await self._adopt(state)
        await self.note(caller, action, target, detail)
        return state

    async def note(self, caller: Caller, action: str, target: str, detail: str = "") -> None:
        """Leave a line in the audit log; a full disk is logged there and never undoes what was done."""
        who = caller.who or caller.how
        await asyncio.to_thread(
            self.audit.append, who=who, peer=caller.peer, action=action, target=target, detail=detail
        )

    def keep(self, name: str, run: Work) -> None:
        """Have `run` running as long as the server does."""
        self.works.append((name, run))

    def follow(self, told: Follower) -> None:
        """Tell a room each configuration that comes in force, whoever wrote it: a page, the CLI, a text editor."""
        self._followers.append(told)

    def publish_versions(self, topic: str, part: Part) -> None:
        """Publish `{version}` under `topic` whenever a part of the configuration comes in force with another one."""
        last = ""

        def tell(state: ConfigState) -> None:
            nonlocal last
            version = version_of(part(state.document))
            if last and version != last:
                self.feed.publish(topic, {"version": version})
            last = version

        self.follow(tell)

    def adopted(self, state: ConfigState) -> None:
        """A configuration has come in force: tell the rooms that follow."""
        for tell in self._followers:
            tell(state)

    async def document(self) -> Document:
        """The configuration as it stands on disk."""
        return (await asyncio.to_thread(self.config.load)).document
