"""The accounts as the page shows them: what the configuration says, and how each of them is.

Reads; asks nobody. Never a token in any form.
"""

from collections.abc import Iterable
from typing import Literal, cast
from urllib.parse import quote

import msgspec

from copilot_api.copilot.accounts import Account, Accounts
from copilot_api.copilot.github import Avatars
from copilot_api.settings import (
    AccountEntry,
    ClientKeyEntry,
    CredentialMode,
    Problem,
    as_object,
    read_document,
)
from copilot_api.store.sealing import Document
from copilot_api.web.admin.accounts.quota import QuotaView, quota_view
from copilot_api.web.admin.desk import version_of
from copilot_api.web.admin.desk.instants import iso, iso_text

State = Literal["ready", "starting", "failed"]


class ProblemView(msgspec.Struct, frozen=True, rename="camel"):
    """What is wrong, and what to do about it. `code` names it for a page that has words of its own."""

    message: str
    remedy: str
    code: str = ""


class PlacedProblem(msgspec.Struct, frozen=True):
    """What is wrong with a place in config.json."""

    path: str
    message: str
    remedy: str


class CredentialView(msgspec.Struct, frozen=True, rename="camel"):
    """How an account's credential stands. `expires_at` is null for one that does not expire."""

    mode: CredentialMode
    is_usable: bool
    expires_at: str | None
    last_refresh_at: str | None


class AccountView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """One account. `bound_keys` are the names of the client keys that it answers for."""

    id: str
    login: str
    host: str
    account_type: str
    plan: str
    sku: str
    avatar: str | None
    initials: str
    is_active: bool
    state: State
    problem: ProblemView | None
    created_at: str | None
    model_count: int
    bound_keys: tuple[str, ...]
    credential: CredentialView
    quota: QuotaView | None


class RefreshedAccount(AccountView, frozen=True, rename="camel", kw_only=True):
    """One account, and when GitHub may be asked about it again."""

    next_refresh_at: str | None


class AccountsView(msgspec.Struct, frozen=True, rename="camel"):
    """Every account in its order."""

    version: str
    active_account_id: str | None
    accounts: tuple[AccountView, ...]
    problems: tuple[PlacedProblem, ...]


def part(document: Document) -> object:
    """What the version of the accounts stands for: who is there, in which order, who is active; no token."""
    found = document.get("accounts")
    accounts: list[object] = []
    for account in cast(list[object], found) if isinstance(found, list) else []:
        fields = as_object(account)
        accounts.append({**fields, "token": None} if fields is not None else account)
    return [accounts, document.get("activeAccountId")]


def view(
    document: Document, problems: Iterable[Problem], accounts: Accounts, avatars: Avatars
) -> AccountsView:
    """Show every account of a document. `problems` are those of the file itself."""
    read = read_document(document)
    entries = cast(tuple[AccountEntry, ...], read.values["accounts"])
    keys = cast(tuple[ClientKeyEntry, ...], read.values["client_keys"])
    chosen = read.values.get("active_account_id")
    active = entries[0].id if chosen is None and entries else chosen
    theirs = [
        found
        for found in read.problems
        if found.path.startswith(("config.json: accounts", "config.json: active"))
    ]
    return AccountsView(
        version=version_of(part(document)),
        active_account_id=next((entry.id for entry in entries if entry.id == active), None),
        accounts=tuple(
            _account(entry, accounts, avatars, is_active=entry.id == active, keys=keys) for entry in entries
        ),
        problems=tuple(
            PlacedProblem(found.path, found.message, found.remedy) for found in (*problems, *theirs)
        ),
    )


def refreshed(shown: AccountView, next_refresh_at: float | None) -> RefreshedAccount:
    """The same account with the time of the next question to GitHub. Units: Unix seconds."""
    fields = {name: getattr(shown, name) for name in AccountView.__struct_fields__}
    return RefreshedAccount(**fields, next_refresh_at=iso(next_refresh_at))


def initials_of(login: str) -> str:
    """Two letters that stand for a login where there is no picture: `octo-dev` is OD."""
    words = [word for word in "".join(c if c.isalnum() else " " for c in login).split() if word]
    letters = [word[0] for word in words[:2]] if len(words) > 1 else list(words[0][:2]) if words else ["?"]
    return "".join(letters).upper()


def _account(
    entry: AccountEntry,
    accounts: Accounts,
    avatars: Avatars,
    *,
    is_active: bool,
    keys: Iterable[ClientKeyEntry],
) -> AccountView:
    running = accounts.get(entry.id)
    trouble = accounts.trouble_of(entry.id)
    address = avatars.address(entry)
    catalog = running.catalog.current if running is not None else None
    return AccountView(
        id=entry.id,
        login=entry.login,
        host=entry.github_host,
        account_type=entry.account_type,
        plan=running.plan if running is not None else "",
        sku=running.sku if running is not None else "",
        avatar=f"/admin/api/accounts/{quote(entry.id, safe='')}/avatar" if address is not None else None,
        initials=initials_of(entry.login),
        is_active=is_active,
        state=_state(running, is_troubled=trouble is not None),
        problem=ProblemView(trouble.message, trouble.remedy, trouble.code) if trouble is not None else None,
        created_at=iso_text(entry.created_at),
        model_count=len(catalog.models) if catalog is not None else 0,
        bound_keys=tuple(key.name for key in keys if key.account_id == entry.id),
        credential=_credential(entry, running),
        quota=quota_view(running.meter) if running is not None else None,
    )


def _state(running: Account | None, *, is_troubled: bool) -> State:
    if running is None:
        return "failed" if is_troubled else "starting"
    return cast(State, running.state)


def _credential(entry: AccountEntry, running: Account | None) -> CredentialView:
    if running is None:
        return CredentialView(entry.credential_mode, is_usable=False, expires_at=None, last_refresh_at=None)
    credential = running.credential
    return CredentialView(
        entry.credential_mode,
        is_usable=credential.is_usable,
        expires_at=iso(credential.expires_at_unix_s),
        last_refresh_at=iso(credential.refreshed_at_unix_s),
    )
