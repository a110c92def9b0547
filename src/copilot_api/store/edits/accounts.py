"""Accounts in the configuration's document: remembered, chosen, put in order, forgotten and brought back.

Must never open a token.
"""

from collections.abc import Mapping, Sequence

import msgspec

from copilot_api.settings import AccountEntry, as_list, as_object
from copilot_api.store.sealing import Document

GITHUB_HOST = "github.com"


class Forgotten(msgspec.Struct, frozen=True):
    """An account that was taken out, as it stood there, and where.

    Shape: `fields` with its token as it stood in the document: a vault reference that leads nowhere from now on.
    """

    id: str
    fields: Document
    position: int
    was_active: bool

    def __repr__(self) -> str:
        """Never the fields: there may be a plain token among them."""
        return f"Forgotten(id={self.id!r}, position={self.position})"


def account_id(github_id: int, host: str = GITHUB_HOST) -> str:
    """Name an account; tenants number their people on their own, so theirs carry the host."""
    return str(github_id) if host == GITHUB_HOST else f"{github_id}@{host}"


def account_type(plan: str) -> str:
    """Name the kind of account in the reference format, from what GitHub calls the plan."""
    for kind in ("business", "enterprise"):
        if plan.startswith(kind):
            return kind
    return "individual"


def remember(document: Document, entry: AccountEntry, *, activate: bool = False) -> None:
    """Add an account, or renew it in its place; it becomes active when asked for or when none is.

    What the entry does not know about (keys of others, `credentialMode`) stays.
    """
    fields: Document = {
        "id": entry.id,
        "login": entry.login,
        "avatarUrl": entry.avatar_url,
        "token": entry.token,
        "accountType": entry.account_type,
        "createdAt": entry.created_at,
    }
    if entry.github_host != GITHUB_HOST:
        fields["githubHost"] = entry.github_host
    accounts = as_list(document.get("accounts"))
    if accounts is None:
        accounts = document["accounts"] = []
    known = _position(accounts, entry.id)
    if known is None:
        accounts.append(fields)
    else:
        before = as_object(accounts[known]) or {}
        if before.get("createdAt"):
            fields["createdAt"] = before["createdAt"]
        accounts[known] = {**before, **fields}
    if activate or _position(accounts, str(document.get("activeAccountId"))) is None:
        document["activeAccountId"] = entry.id


def choose(document: Document, wanted: str) -> bool:
    """Make an account the active one; False when it is not there."""
    if _position(as_list(document.get("accounts")) or [], wanted) is None:
        return False
    document["activeAccountId"] = wanted
    return True


def change(document: Document, wanted: str, fields: Mapping[str, object]) -> bool:
    """Set fields of an account; False when it is not there."""
    entry = find(document, wanted)
    if entry is None:
        return False
    entry.update(fields)
    return True


def put_in_order(document: Document, wanted: Sequence[str]) -> bool:
    """Put the accounts into this order; False unless it names each of them once.

    What stands in the list and is no account goes to its end.
    """
    accounts = as_list(document.get("accounts")) or []
    places = {id_of(found): index for index, found in reversed(tuple(enumerate(accounts))) if id_of(found)}
    if len(wanted) != len(set(wanted)) or set(wanted) != set(places):
        return False
    ordered = [places[account] for account in wanted]
    rest = [index for index in range(len(accounts)) if index not in set(ordered)]
    accounts[:] = [accounts[index] for index in (*ordered, *rest)]
    return True


def forget(document: Document, unwanted: str, successor: str | None = None) -> Forgotten | None:
    """Take an account out; None when it is not there.

    When it was the active one, `successor` takes its place, or the first one left when that is not there either.
    """
    accounts = as_list(document.get("accounts")) or []
    position = _position(accounts, unwanted)
    if position is None:
        return None
    was_active = document.get("activeAccountId") == unwanted
    fields = dict(as_object(accounts[position]) or {})
    del accounts[position]
    if was_active:
        left = [account for account in map(id_of, accounts) if account]
        first = left[0] if left else None
        document["activeAccountId"] = successor if successor in left else first
    return Forgotten(unwanted, fields, position, was_active)


def bring_back(document: Document, forgotten: Forgotten, token: str) -> bool:
    """Put an account back where it was, with its token in clear; False when it is there again already."""
    accounts = as_list(document.get("accounts"))
    if accounts is None:
        accounts = document["accounts"] = []
    if _position(accounts, forgotten.id) is not None:
        return False
    accounts.insert(forgotten.position, {**forgotten.fields, "token": token})
    if forgotten.was_active or _position(accounts, str(document.get("activeAccountId"))) is None:
        document["activeAccountId"] = forgotten.id
    return True


def find(document: Document, wanted: str) -> Document | None:
    """The account as it stands in the document; None when it is not there."""
    accounts = as_list(document.get("accounts")) or []
    position = _position(accounts, wanted)
    return None if position is None else as_object(accounts[position])


def id_of(found: object) -> str:
    """The id of what stands in the list of accounts; empty when it is none. GitHub's own ids are numbers."""
    entry = as_object(found)
    return "" if entry is None or entry.get("id") is None else str(entry["id"])


def _position(accounts: list[object], wanted: str) -> int | None:
    return next((index for index, found in enumerate(accounts) if wanted and id_of(found) == wanted), None)
