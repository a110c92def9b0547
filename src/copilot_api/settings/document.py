"""What config.json says: typed values out of a plain document, never an exception.

Owns the keys and what each accepts. Must never touch the file (store/config_file.py does) and must never know
the environment. A value of a wrong type is reported and the default stands; the document is not changed.
Source: the reference gateway's config.json (version 3.0.0), keys as documented in its README.
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import TypeVar, cast

import msgspec
from msgspec import UNSET

from copilot_api.settings import accepted
from copilot_api.settings.instants import read_instant
from copilot_api.settings.model import (
    KEY_SCOPES,
    AccountEntry,
    ClientKeyEntry,
    Problem,
)
from copilot_api.settings.registry import REGISTRY, Setting, default_of, judge, shorten

T = TypeVar("T")
Document = dict[str, object]
UNREADABLE_HASH = "unreadable"
"""Stands for an admin secret that is configured and cannot be read; no secret matches it."""

_SHA256 = re.compile(r"[0-9a-f]{64}")


class DocumentValues(msgspec.Struct, frozen=True):
    """What a document decides.

    Shape: `values` maps fields of Settings. `sealed_keys` are `auth.apiKey(s)` as they stand in the file,
    vault references included; `anthropic_api_key` likewise.
    """

    values: dict[str, object]
    sealed_keys: tuple[str, ...]
    anthropic_api_key: str | None
    has_unreadable_keys: bool
    problems: tuple[Problem, ...]


def as_object(value: object) -> dict[str, object] | None:
    """Narrow a decoded JSON value to an object."""
    return cast(dict[str, object], value) if isinstance(value, dict) else None


def as_list(value: object) -> list[object] | None:
    """Narrow a decoded JSON value to an array."""
    return cast(list[object], value) if isinstance(value, list) else None


class _Reader:
    """Collects values and problems while walking a document."""

    def __init__(self) -> None:
        self.values: dict[str, object] = {}
        self.problems: list[Problem] = []

    def refuse(
        self, path: str, value: object, form: str, *, secret: bool = False, fatal: bool = False
    ) -> None:
        shown = "the value (not shown here)" if secret else shorten(value)
        self.problems.append(
            Problem(f"config.json: {path}", f"{shown} is not accepted.", f"Give {form}.", stops_start=fatal)
        )

    def take(self, document: Mapping[str, object], key: str, field: str, kind: object, form: str) -> None:
        """Read `key` as `kind` into `field`; null and absence leave the default."""
        value = document.get(key)
        if value is None:
            return
        try:
            self.values[field] = msgspec.convert(value, kind)
        except msgspec.ValidationError:
            self.refuse(key, value, form)

    def list_of(
        self,
        document: Mapping[str, object],
        key: str,
        read: Callable[[object], T],
        form: str,
        *,
        secret: bool = False,
    ) -> list[T]:
        """Read an array entry by entry; of a secret one say where it is wrong, never what stands there."""
        found = document.get(key)
        if found is None:
            return []
        array = as_list(found)
        if array is None:
            self.refuse(key, found, f"an array of {form}", secret=secret)
            return []
        entries: list[T] = []
        for index, value in enumerate(array):
            try:
                entries.append(read(value))
            except (ValueError, msgspec.ValidationError):
                self.refuse(f"{key}[{index}]", value, form, secret=secret)
        return entries


def read_document(document: Mapping[str, object]) -> DocumentValues:
    """Read every key we know; unknown ones are somebody else's and stay where they are."""
    reader = _Reader()
    _read_accounts(reader, document)
    _read_registered(reader, document)
    _read_admin(reader, document)
    sealed_keys, keys_are_bad = _read_keys(reader, document)
    anthropic = document.get("anthropicApiKey")
    if anthropic is not None and not isinstance(anthropic, str):
        reader.refuse("anthropicApiKey", anthropic, "a string", secret=True)
    return DocumentValues(
        values=reader.values,
        sealed_keys=sealed_keys,
        anthropic_api_key=anthropic if isinstance(anthropic, str) and anthropic.strip() else None,
        has_unreadable_keys=keys_are_bad,
        problems=tuple(reader.problems),
    )


def _read_accounts(reader: _Reader, document: Mapping[str, object]) -> None:
    form = 'an account {"id": "...", "login": "...", "token": "..."}'
    found = reader.list_of(document, "accounts", _account, form, secret=True)
    unique = {account.id: account for account in reversed(found)}
    if len(unique) < len(found):
        reader.refuse("accounts", [a.id for a in found], "each account once; the first of each id is used")
    reader.values["accounts"] = tuple(reversed(unique.values()))
    reader.take(document, "activeAccountId", "active_account_id", str, "the id of an account, or null")
    active = reader.values.get("active_account_id")
    if active is not None and active not in unique:
        reader.refuse("activeAccountId", active, "the id of an account, or null for the first")


def _account(value: object) -> AccountEntry:
    fields = _without_nulls(value)
    if isinstance(fields.get("id"), int):
        fields["id"] = str(fields["id"])  # GitHub's own form is a number
    entry = msgspec.convert(fields, AccountEntry)
    if not entry.id or not entry.token:
        raise ValueError("empty")
    return entry


def _read_keys(reader: _Reader, document: Mapping[str, object]) -> tuple[tuple[str, ...], bool]:
    """Read the keys of both kinds. Whatever cannot be read must lock the door, not open it."""
    before = len(reader.problems)
    entries = reader.list_of(
        document, "clientKeys", _client_key, "a key as `copilot-api keys create` writes it", secret=True
    )
    reader.values["client_keys"] = tuple(entries)
    found = document.get("auth")
    auth = as_object(found)
    sealed: list[str] = []
    if auth is not None:
        single = auth.get("apiKey")
        if isinstance(single, str) and single.strip():
            sealed = [single.strip()]
        else:
            if single is not None and not isinstance(single, str):
                reader.refuse("auth.apiKey", single, "a string", secret=True)
            read = reader.list_of(
                {"auth.apiKeys": auth.get("apiKeys")}, "auth.apiKeys", _text, "strings", secret=True
            )
            sealed = [key.strip() for key in read if key.strip()]
    elif found is not None:
        reader.refuse("auth", found, 'an object such as {"apiKeys": ["..."]}', secret=True)
    return tuple(dict.fromkeys(sealed)), len(reader.problems) > before


def _client_key(value: object) -> ClientKeyEntry:
    entry = msgspec.convert(_without_nulls(value), ClientKeyEntry)
    if not entry.id or not _SHA256.fullmatch(entry.sha256) or not set(entry.scopes) <= set(KEY_SCOPES):
        raise ValueError("malformed")
    if entry.expires_at:
        read_instant(entry.expires_at)
    for former in entry.former:
        if not _SHA256.fullmatch(former.sha256):
            raise ValueError("malformed")
        read_instant(former.until)
    if not all(pattern.strip() for pattern in entry.models):
        raise ValueError("an empty pattern")
    return entry


def _read_registered(reader: _Reader, document: Mapping[str, object]) -> None:
    """Read every setting of the registry; what stands in an object goes into a table of its own."""
    broken: set[str] = set()
    inner: dict[str, dict[str, object]] = {}
    for setting in REGISTRY:
        table = document
        if setting.parent:
            found = document.get(setting.parent)
            table = as_object(found) or {}
            if found is not None and not isinstance(found, dict) and setting.parent not in broken:
                broken.add(setting.parent)
                if setting.parent != "adminAuth":  # has words of its own: it may hold the secret
                    reader.refuse(setting.parent, found, _example(setting))
        if setting.is_secret or setting.leaf not in table:
            continue
        judged = judge(setting, table[setting.leaf])
        for refused in judged.refused:
            where = setting.name + refused.at
            reader.refuse(where, refused.value, refused.accepted, secret=setting.is_delicate)
        if judged.value is not UNSET:
            outer, _, field = setting.field.rpartition(".")
            (inner.setdefault(outer, {}) if outer else reader.values)[field] = judged.value
    reader.values.update(inner)


def _example(setting: Setting) -> str:
    return f"an object such as {{{json.dumps(setting.leaf)}: {json.dumps(default_of(setting))}}}"


def _read_admin(reader: _Reader, document: Mapping[str, object]) -> None:
    whole = document.get("adminAuth")
    if whole is None:
        return
    admin = as_object(whole)
    if admin is None:
        # A damaged secret must not read as "no secret yet": the admin stays shut and the start is refused.
        reader.values["admin_secret_hash"] = UNREADABLE_HASH
        reader.refuse("adminAuth", whole, 'an object such as {"secretHash": "..."}', secret=True, fatal=True)
        return
    found = admin.get("secretHash")
    if found is not None and found != "":
        reader.values["admin_secret_hash"] = found if isinstance(found, str) else UNREADABLE_HASH
        try:
            accepted.secret_hash(_text(found))
        except ValueError:
            reader.refuse("adminAuth.secretHash", found, accepted.HASHED_FORM, secret=True, fatal=True)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(value)
    return value


def _without_nulls(value: object) -> dict[str, object]:
    """Read null as the default, as the reference gateway does."""
    fields = as_object(value)
    if fields is None:
        raise ValueError(value)
    return {name: field for name, field in fields.items() if field is not None}
