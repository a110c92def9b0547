"""Keeping the pages that look up to date: GitHub asked as seldom as configured, replies' headers told for free.

One question for each account and interval, however many pages look, and none while nobody does. What traffic tells
in its headers is looked at once a second and published when it differs; nothing of this is on the hot path.
"""

import asyncio
from collections.abc import Awaitable, Callable

import msgspec

from copilot_api.web.admin.accounts.quota import QuotaView
from copilot_api.web.admin.accounts.view import AccountsView
from copilot_api.web.admin.desk import Desk

TICK_S = 1.0


class QuotaEvent(msgspec.Struct, frozen=True, rename="camel"):
    """The quota of one account has changed."""

    account_id: str
    quota: QuotaView


class AccountsTeller:
    """Looks at the accounts while somebody else does. `show` builds the document that pages get."""

    def __init__(
        self,
        desk: Desk,
        show: Callable[[], AccountsView | None],
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._desk = desk
        self._sleep = sleep
        self._show = show
        self._said: AccountsView | None = None
        self._quotas: dict[str, QuotaView | None] = {}

    async def run(self) -> None:
        """Look once a second, for ever."""
        while True:
            await self._sleep(TICK_S)
            if self._desk.feed.is_heard:
                self.ask()
                self.tell()

    def ask(self) -> None:
        """Ask GitHub about each account whose time has come; its answer is told at the next look."""
        minutes = self._desk.settings.usage_test_interval_minutes
        if minutes is None:
            return
        for account in self._desk.accounts.all():
            if account.meter.wait_s(minutes * 60.0) <= 0:
                self._desk.accounts.surroundings.spawn(account.ask(minutes * 60.0))

    def tell(self) -> None:
        """Publish what is different from what was published last."""
        shown = self._show()
        if shown is None:
            return
        quotas = {account.id: account.quota for account in shown.accounts}
        bare = msgspec.structs.replace(
            shown,
            accounts=tuple(msgspec.structs.replace(account, quota=None) for account in shown.accounts),
        )
        if bare != self._said:
            self._said = bare
            self._desk.feed.publish("accounts", shown)
        else:
            for account_id, quota in quotas.items():
                if quota is not None and quota != self._quotas.get(account_id):
                    self._desk.feed.publish("quota", QuotaEvent(account_id, quota))
        self._quotas = quotas
