"""Accounts in the configuration's document: remembered, chosen, forgotten.

Owns the edits; use them inside `ConfigFile.update`, so that concurrent ones never lose each other. Must never
open a token.
"""

from copilot_api.settings import AccountEntry, as_list, as_object
from copilot_api.store.sealing import Document

GITHUB_HOST = "github.com"


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


def forget(document: Document, unwanted: str) -> bool:
    """Remove an account; False when it is not there. The first one left takes the active one's place."""
    accounts = as_list(document.get("accounts")) or []
    position = _position(accounts, unwanted)
    if position is None:
        return False
    del accounts[position]
    if document.get("activeAccountId") == unwanted:
        left = [entry for entry in map(as_object, accounts) if entry is not None and entry.get("id")]
        document["activeAccountId"] = str(left[0]["id"]) if left else None
    return True


def _position(accounts: list[object], wanted: str) -> int | None:
    for index, found in enumerate(accounts):
        entry = as_object(found)
        if entry is not None and str(entry.get("id")) == wanted:
            return index
    return None
