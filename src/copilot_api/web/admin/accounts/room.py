"""What the routes of accounts share: how the page is shown, how it is changed, and what is kept beside it."""

import asyncio
from collections.abc import Callable, Iterable

from copilot_api.copilot.accounts import Account
from copilot_api.copilot.github import Avatars
from copilot_api.errors import GatewayError
from copilot_api.settings import Problem
from copilot_api.store.config_file import ConfigState
from copilot_api.store.edits import accounts as edits
from copilot_api.store.edits.accounts import Forgotten
from copilot_api.store.sealing import Document
from copilot_api.web.admin.accounts.telling import AccountsTeller
from copilot_api.web.admin.accounts.undo import Removed, Undo, UndoView
from copilot_api.web.admin.accounts.view import AccountsView, AccountView, part, view
from copilot_api.web.admin.desk import Caller, Conflict, Desk, NotFound, Stale

PREPARE_PATIENCE_S = 30.0
"""An account that has neither token nor models after this long is not switched to."""


class AccountsRoom:
    """The accounts at the desk."""

    def __init__(self, desk: Desk) -> None:
        around = desk.accounts.surroundings
        self.desk = desk
        self.clock = around.clock
        self.avatars = Avatars(
            around.upstream.fetch,
            user_agent=around.github.user_agent,
            clock=around.clock,
            spawn=around.spawn,
            own_bases=(desk.settings.github_url, desk.settings.github_api_url),
        )
        self.undo = Undo(around.clock)
        self._state: ConfigState | None = None
        self._teller = AccountsTeller(desk, self._now)
        desk.keep("accounts", self._teller.run)
        desk.follow(self._follow)

    async def shown(self) -> AccountsView:
        """The page as the configuration stands on disk."""
        state = await asyncio.to_thread(self.desk.config.load)
        return self._view(state.document, state.file_problems)

    async def account(self, account_id: str) -> AccountView:
        """One account of the page.

        Raises: NotFound.
        """
        found = [account for account in (await self.shown()).accounts if account.id == account_id]
        if not found:
            raise missing(account_id)
        return found[0]

    def running(self, account_id: str) -> Account | None:
        """The account as it runs; None for one that could not be set up."""
        return self.desk.accounts.get(account_id)

    async def change(
        self,
        caller: Caller,
        action: str,
        account_id: str,
        edit: Callable[[Document], None],
        *,
        expected: str | None,
        detail: str = "",
        is_whole: bool = False,
    ) -> AccountsView:
        """Change the accounts, and show them as they are then.

        Raises: Stale with the page as it stands; what `edit` raises.
        """
        try:
            state = await self.desk.change(
                caller,
                f"accounts.{action}",
                account_id,
                edit,
                part=part,
                expected=expected,
                is_version_required=is_whole,
                detail=detail,
            )
        except Stale as stale:
            stale.current = await self.shown()
            raise
        return self._view(state.document, state.file_problems)

    async def prepare(self, account_id: str) -> None:
        """Have an account ready before it is switched to.

        Raises: Conflict with what is wrong, and the remedy.
        """
        login = (await self.account(account_id)).login
        try:
            async with asyncio.timeout(PREPARE_PATIENCE_S):
                await self.desk.accounts.prepare(account_id)
        except TimeoutError as error:
            why, remedy = f"GitHub did not answer within {PREPARE_PATIENCE_S:g} s.", "Try again."
            raise _not_usable(login, why, remedy) from error
        except GatewayError as fault:
            raise _not_usable(login, *fault.parted) from fault

    async def remove(
        self, caller: Caller, account_id: str, expected: str | None
    ) -> tuple[UndoView, AccountsView]:
        """Take an account out, and keep the way back for a moment. It need not be well for that.

        Raises: NotFound; as `change`.
        """
        taken: list[tuple[Forgotten, str, str]] = []
        ready = [account.id for account in self.desk.accounts.all() if account.state == "ready"]
        successor = next((other for other in ready if other != account_id), None)

        def edit(document: Document) -> None:
            fields = edits.find(document, account_id) or {}
            token, login = str(fields.get("token") or ""), str(fields.get("login") or account_id)
            # Opened before the entry goes: its sealed form is forgotten together with it.
            opened = self.desk.config.vault.reveal(token) or token
            forgotten = edits.forget(document, account_id, successor)
            if forgotten is None:
                raise missing(account_id)
            taken.append((forgotten, opened, login))

        shown = await self.change(caller, "remove", account_id, edit, expected=expected)
        forgotten, token, login = taken[-1]
        return self.undo.keep(Removed(forgotten, token, login)), shown

    async def bring_back(self, caller: Caller, undo_id: str) -> AccountsView:
        """Undo a removal.

        Raises: NotFound when its time is over.
        """
        removed = self.undo.find(undo_id)
        if removed is None:
            raise NotFound(
                "This account cannot be brought back any more: its token was kept for half a minute only.",
                code="undo_expired",
                remedy="Log in with it again.",
            )
        shown = await self.change(
            caller,
            "undo_remove",
            removed.account.id,
            lambda document: _bring_back(document, removed),
            expected=None,
        )
        self.undo.drop(undo_id)
        return shown

    def _view(self, document: Document, problems: Iterable[Problem]) -> AccountsView:
        return view(document, problems, self.desk.accounts, self.avatars)

    def _now(self) -> AccountsView | None:
        """The page as it is in force; None before anything is."""
        return None if self._state is None else self._view(self._state.document, self._state.file_problems)

    def _follow(self, state: ConfigState) -> None:
        self._state = state
        self._teller.tell()


def missing(account_id: str) -> NotFound:
    """Nobody of this id is there."""
    return NotFound(
        f"There is no account {account_id!r}.", code="account_unknown", remedy="Read the accounts again."
    )


def must(is_done: bool, account_id: str) -> None:
    """Raise NotFound when somebody else removed the account meanwhile."""
    if not is_done:
        raise missing(account_id)


def _bring_back(document: Document, removed: Removed) -> None:
    edits.bring_back(document, removed.account, removed.token)  # False: somebody logged in with it meanwhile


def _not_usable(login: str, why: str, remedy: str) -> Conflict:
    return Conflict(
        f"{login!r} cannot answer now, so nothing was changed. {why}",
        code="account_not_usable",
        remedy=remedy or "Try again, or switch to it all the same.",
    )
