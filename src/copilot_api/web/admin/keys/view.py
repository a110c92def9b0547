"""The client keys as the page shows them: who may ask for what, until when, and who did last. Never a key itself."""

from typing import Literal, cast

import msgspec

from copilot_api.settings import (
    KEY_SCOPES,
    AccountEntry,
    Budget,
    ClientKeyEntry,
    RateLimits,
    Settings,
    as_list,
    as_object,
    read_document,
    read_instant,
)
from copilot_api.store.edits.accounts import id_of
from copilot_api.store.keys import KeyUses, hint_of, plain_entry
from copilot_api.store.sealing import Document
from copilot_api.web.admin.accounts.view import PlacedProblem
from copilot_api.web.admin.desk import version_of
from copilot_api.web.admin.desk.instants import iso, iso_text

KeyState = Literal["active", "expired", "unbound"]
Source = Literal["file", "environment", "plain"]


class Warned(msgspec.Struct, frozen=True):
    """Something to know before going on."""

    code: str
    message: str


class LimitsView(msgspec.Struct, frozen=True, rename="camel"):
    """What may be asked for in a minute and at a time; null does not limit."""

    requests_per_minute: int | None
    tokens_per_minute: int | None
    concurrency: int | None


class KeyView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """One key.

    Shape: `state` is `unbound` when the account that answers for it is gone. `source` is `plain` for a key of
    `auth.apiKeys`, `environment` for COPILOT_API_KEY; both are read-only here. `grace_until` while a former value
    still works.
    """

    id: str
    name: str
    hint: str
    scopes: tuple[str, ...]
    account_id: str | None
    account_login: str | None
    models: tuple[str, ...]
    is_strict: bool
    created_at: str | None
    expires_at: str | None
    last_used_at: str | None
    grace_until: str | None
    state: KeyState
    rate_limit: LimitsView
    budget: Budget | None
    is_read_only: bool
    source: Source


class KeysView(msgspec.Struct, frozen=True, rename="camel"):
    """Every key. `is_open`: there is none, so nobody needs one."""

    version: str
    keys: tuple[KeyView, ...]
    is_open: bool
    scopes: tuple[str, ...]
    problems: tuple[PlacedProblem, ...]


class ToldKey(msgspec.Struct, frozen=True):
    """A key and its value, which is told now and never again."""

    key: KeyView
    value: str
    version: str
    warnings: tuple[Warned, ...] = ()


def part(document: Document) -> object:
    """What the version of the keys stands for: the keys, how many plain ones, and whom they may be bound to."""
    auth = as_object(document.get("auth")) or {}
    plain = (bool(auth.get("apiKey")), len(as_list(auth.get("apiKeys")) or []))
    accounts = [
        (id_of(found), (as_object(found) or {}).get("login")) for found in _list(document, "accounts")
    ]
    return [document.get("clientKeys"), plain, accounts]


def view(document: Document, settings: Settings, uses: KeyUses, now_unix_s: float) -> KeysView:
    """Show the document's keys and, after them, those that are set elsewhere."""
    read = read_document(document)
    logins = {entry.id: entry.login for entry in cast(tuple[AccountEntry, ...], read.values["accounts"])}
    named = cast(tuple[ClientKeyEntry, ...], read.values["client_keys"])
    problems = [
        found
        for found in read.problems
        if found.path.startswith(("config.json: clientKeys", "config.json: auth"))
    ]
    return KeysView(
        version=version_of(part(document)),
        keys=(*(_key(entry, logins, uses, now_unix_s) for entry in named), *_elsewhere(settings, uses)),
        is_open=is_open(settings),
        scopes=KEY_SCOPES,
        problems=tuple(PlacedProblem(found.path, found.message, found.remedy) for found in problems),
    )


def is_open(settings: Settings) -> bool:
    """Whether nobody needs a key."""
    return not (settings.client_keys or settings.plain_keys or settings.has_unreadable_keys)


def _key(entry: ClientKeyEntry, logins: dict[str, str], uses: KeyUses, now_unix_s: float) -> KeyView:
    graces = [read_instant(former.until) for former in entry.former]
    grace = max((until for until in graces if until > now_unix_s), default=None)
    return KeyView(
        id=entry.id,
        name=entry.name,
        hint=entry.hint,
        scopes=entry.scopes,
        account_id=entry.account_id or None,
        account_login=logins.get(entry.account_id),
        models=entry.models,
        is_strict=entry.strict,
        created_at=iso_text(entry.created_at),
        expires_at=iso_text(entry.expires_at),
        last_used_at=iso(uses.last(entry.id)),
        grace_until=iso(grace),
        state=_state(entry, logins, now_unix_s),
        rate_limit=_limits(entry.rate_limit),
        budget=entry.budget,
        is_read_only=False,
        source="file",
    )


def _state(entry: ClientKeyEntry, logins: dict[str, str], now_unix_s: float) -> KeyState:
    if entry.expires_at and read_instant(entry.expires_at) <= now_unix_s:
        return "expired"
    return "unbound" if entry.account_id and entry.account_id not in logins else "active"


def _elsewhere(settings: Settings, uses: KeyUses) -> tuple[KeyView, ...]:
    """The keys of the reference format, and the environment's, which is the last of them."""
    last = len(settings.plain_keys) - 1
    from_environment = last if "plain_keys" in settings.from_environment else None
    shown: list[KeyView] = []
    for index, plain in enumerate(settings.plain_keys):
        entry = plain_entry(plain, index)
        is_environments = index == from_environment
        shown.append(
            KeyView(
                id=entry.id,
                name=entry.name,
                hint=hint_of(plain),
                scopes=entry.scopes,
                account_id=None,
                account_login=None,
                models=(),
                is_strict=False,
                created_at=None,
                expires_at=None,
                last_used_at=iso(uses.last(entry.id)),
                grace_until=None,
                state="active",
                rate_limit=_limits(entry.rate_limit),
                budget=None,
                is_read_only=True,
                source="environment" if is_environments else "plain",
            )
        )
    return tuple(shown)


def _limits(limits: RateLimits) -> LimitsView:
    return LimitsView(limits.requests_per_minute, limits.tokens_per_minute, limits.concurrency)


def _list(document: Document, key: str) -> list[object]:
    return as_list(document.get(key)) or []
