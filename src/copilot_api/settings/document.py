"""What config.json says: typed values out of a plain document, never an exception.

Owns the keys and what each accepts. Must never touch the file (store/config_file.py does) and must never know
the environment. A value of a wrong type is reported and the default stands; the document is not changed.
Source: the reference gateway's config.json (version 3.0.0), keys as documented in its README.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Annotated, TypeVar, cast

import msgspec

from copilot_api.settings import accepted
from copilot_api.settings.model import (
    KEY_SCOPES,
    AccountEntry,
    CardMetadata,
    ClientKeyEntry,
    ContextManagement,
    CountMode,
    Identity,
    Problem,
    TrimMode,
)

T = TypeVar("T")
Document = dict[str, object]
UNREADABLE_HASH = "unreadable"
"""Stands for an admin secret that is configured and cannot be read; no secret matches it."""

_Positive = Annotated[float, msgspec.Meta(gt=0, lt=1e9)]
_NotNegative = Annotated[float, msgspec.Meta(ge=0, lt=1e9)]
_Ratio = Annotated[float, msgspec.Meta(gt=0, le=1)]
_Count = Annotated[int, msgspec.Meta(ge=1, lt=2**31)]
_SummaryTokens = Annotated[int, msgspec.Meta(ge=256, lt=2**31)]
_Filled = Annotated[str, msgspec.Meta(min_length=1)]
_SHA256 = re.compile(r"[0-9a-f]{64}")
EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
"""`max` is what newer Claude models add to the reference gateway's list."""


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
        shown = "the value (not shown here)" if secret else _shorten(value)
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

    def table(
        self, document: Mapping[str, object], key: str, field: str, read: Callable[[object], T], form: str
    ) -> None:
        """Read an object entry by entry, so that one bad entry costs only itself."""
        found = document.get(key)
        if found is None:
            return
        table = as_object(found)
        if table is None:
            self.refuse(key, found, f"an object of {form}")
            return
        entries: dict[str, T] = {}
        for name, value in table.items():
            try:
                entries[name] = read(value)
            except (ValueError, msgspec.ValidationError):
                self.refuse(f"{key}.{name}", value, form)
        self.values[field] = entries

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
    _read_serving(reader, document)
    _read_models(reader, document)
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
    if not all(pattern.strip() for pattern in entry.models):
        raise ValueError("an empty pattern")
    return entry


def read_instant(text: str) -> float:
    """Read an ISO 8601 time; without an offset it is UTC.

    Units: seconds since 1970. Raises: ValueError.
    """
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=UTC)
    return instant.timestamp()


def _read_serving(reader: _Reader, document: Mapping[str, object]) -> None:
    truth = "true or false"
    reader.take(document, "rateLimitSeconds", "rate_limit_s", _Positive, accepted.SECONDS)
    reader.take(document, "rateLimitWait", "rate_limit_wait", bool, truth)
    hosts = reader.list_of(document, "allowedHosts", lambda v: accepted.host(_text(v)), accepted.HOST)
    reader.values["allowed_hosts"] = tuple(hosts)
    origins = reader.list_of(
        document, "allowedOrigins", lambda v: accepted.origin(_text(v)), accepted.ORIGINS
    )
    reader.values["allowed_origins"] = tuple(origins)
    proxies = reader.list_of(
        document, "trustedProxies", lambda v: accepted.network(_text(v)), accepted.NETWORKS
    )
    reader.values["trusted_proxies"] = tuple(proxies)
    reader.take(document, "tokenEndpoint", "token_endpoint", bool, truth)
    reader.take(document, "validateStreams", "validate_streams", bool, truth)
    reader.take(document, "identity", "identity", Identity, "gateway or editor")


def _read_models(reader: _Reader, document: Mapping[str, object]) -> None:
    reader.table(document, "modelMapping", "model_mapping", _filled, "names of models to names of models")
    reader.table(document, "extraPrompts", "extra_prompts", _text, "names of models to texts")
    reader.table(
        document, "modelReasoningEfforts", "model_reasoning_efforts", _effort, f"one of {', '.join(EFFORTS)}"
    )
    reader.table(
        document, "premiumModelMultipliers", "premium_model_multipliers", _multiplier, "numbers, 0 or greater"
    )
    reader.table(
        document,
        "modelCardMetadata",
        "model_card_metadata",
        lambda v: msgspec.convert(_without_nulls(v), CardMetadata),
        'objects such as {"contextWindowTokens": 128000, "features": ["tools"]}',
    )
    reader.values["hidden_models"] = tuple(
        reader.list_of(document, "hiddenModels", _filled, "names of models")
    )
    reader.take(document, "disableHiddenModels", "disable_hidden_models", bool, "true or false")
    reader.take(document, "smallModel", "small_model", _Filled, "the name of a model")
    reader.take(document, "useFunctionApplyPatch", "use_function_apply_patch", bool, "true or false")
    if "usageTestIntervalMinutes" in document and document["usageTestIntervalMinutes"] is None:
        reader.values["usage_test_interval_minutes"] = None
    reader.take(
        document,
        "usageTestIntervalMinutes",
        "usage_test_interval_minutes",
        _Count,
        "whole minutes from 1, or null",
    )
    reader.take(document, "usageLogCountMode", "usage_log_count_mode", CountMode, "request or conversation")
    _read_context_management(reader, document.get("contextManagement"))


def _read_context_management(reader: _Reader, found: object) -> None:
    if found is None:
        return
    table = as_object(found)
    if table is None:
        reader.refuse("contextManagement", found, 'an object such as {"mode": "trim"}')
        return
    inner = _Reader()
    ratio = "a number above 0 and at most 1"
    inner.take(table, "mode", "mode", TrimMode, "off, trim or summarize_then_trim")
    inner.take(table, "summarizeAtRatio", "summarize_at_ratio", _Ratio, ratio)
    inner.take(table, "targetRatio", "target_ratio", _Ratio, ratio)
    inner.take(table, "keepRecentTurns", "keep_recent_turns", _Count, "a whole number from 1")
    inner.take(table, "summaryMaxTokens", "summary_max_tokens", _SummaryTokens, "a whole number from 256")
    inner.take(table, "summarizerModel", "summarizer_model", str, "the name of a model, or null")
    for problem in inner.problems:
        path = problem.path.replace("config.json: ", "config.json: contextManagement.")
        reader.problems.append(msgspec.structs.replace(problem, path=path))
    reader.values["context_management"] = msgspec.convert(inner.values, ContextManagement)


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
    for problem_key, field, kind, form in (
        ("sessionTtlDays", "admin_session_ttl_days", _Count, "whole days from 1"),
        ("enforceHttps", "admin_enforce_https", bool, "true or false"),
    ):
        key = f"adminAuth.{problem_key}"
        reader.take({key: admin.get(problem_key)}, key, field, kind, form)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(value)
    return value


def _filled(value: object) -> str:
    if not _text(value).strip():
        raise ValueError(value)
    return _text(value)


def _effort(value: object) -> str:
    if value not in EFFORTS:
        raise ValueError(value)
    return _text(value)


def _multiplier(value: object) -> float:
    return msgspec.convert(value, _NotNegative)


def _without_nulls(value: object) -> dict[str, object]:
    """Read null as the default, as the reference gateway does."""
    fields = as_object(value)
    if fields is None:
        raise ValueError(value)
    return {name: field for name, field in fields.items() if field is not None}


def _shorten(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
