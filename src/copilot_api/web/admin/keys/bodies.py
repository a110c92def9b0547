"""What the page of keys is told: strictly read, every wrong field named at once."""

from collections.abc import Callable
from typing import Annotated, Literal, cast

import msgspec

from copilot_api.settings import Budget, RateLimits
from copilot_api.store.keys import read_expiry
from copilot_api.web.admin.desk import NotAccepted

Scope = Literal["inference", "usage", "admin"]
Grace = Annotated[int, msgspec.Meta(ge=0, le=30 * 86_400)]
MAX_NAME_CHARACTERS = 100
MAX_PATTERNS = 100
MAX_PATTERN_CHARACTERS = 200


class Limits(RateLimits, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """What may be asked for in a minute and at a time; null does not limit."""


class Spending(Budget, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """What may be spent in a period; null does not limit."""


class NewKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """A key to make. `expires` is a span such as `90d`, or a time."""

    name: str
    scopes: tuple[Scope, ...] = ("inference",)
    account_id: str | None = None
    models: tuple[str, ...] | None = None
    is_strict: bool = False
    expires: str | None = None
    rate_limit: Limits | None = None
    budget: Spending | None = None


class KeyChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """What is to be different; null takes a field back to its default."""

    name: str | msgspec.UnsetType = msgspec.UNSET
    scopes: tuple[Scope, ...] | msgspec.UnsetType = msgspec.UNSET
    account_id: str | msgspec.UnsetType | None = msgspec.UNSET
    models: tuple[str, ...] | msgspec.UnsetType | None = msgspec.UNSET
    is_strict: bool | msgspec.UnsetType = msgspec.UNSET
    expires: str | msgspec.UnsetType | None = msgspec.UNSET
    rate_limit: Limits | msgspec.UnsetType | None = msgspec.UNSET
    budget: Spending | msgspec.UnsetType | None = msgspec.UNSET


class Rotation(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """A new value is wanted. Units: `grace_s` seconds for which the old one still works."""

    grace_s: Grace = 0


def read_fields(body: NewKey | KeyChange, clock: Callable[[], float]) -> dict[str, object]:
    """Read the fields that were said, by their names in config.json; None for a default.

    Raises: NotAccepted with every wrong field.
    """
    said = {name: getattr(body, name) for name in body.__struct_fields__}
    fields: dict[str, object] = {}
    wrong: dict[str, str] = {}
    for name, value in said.items():
        if value is msgspec.UNSET:
            continue
        key, read, shown = _READERS[name]
        try:
            fields[key] = read(value, clock)
        except ValueError as error:
            wrong[shown] = str(error)
    if wrong:
        raise NotAccepted(
            "Some values are not accepted: " + "; ".join(f"{name}: {why}" for name, why in wrong.items()),
            fields=wrong,
            remedy="Mend the fields and send it again.",
        )
    return fields


def _texts(value: object) -> tuple[str, ...]:
    return cast(tuple[str, ...], value) if isinstance(value, tuple) else ()


def _name(value: object, _: Callable[[], float]) -> object:
    text = str(value).strip()
    if not text:
        raise ValueError("Give a name that tells who uses the key.")
    if len(text) > MAX_NAME_CHARACTERS or not text.isprintable():
        raise ValueError(f"Give at most {MAX_NAME_CHARACTERS} characters, none of them invisible.")
    return text


def _scopes(value: object, _: Callable[[], float]) -> object:
    scopes = list(dict.fromkeys(_texts(value)))
    if not scopes:
        raise ValueError("Give at least one scope; a key without any opens nothing.")
    return scopes


def _account_id(value: object, _: Callable[[], float]) -> object:
    return str(value).strip() or None if value is not None else None


def _models(value: object, _: Callable[[], float]) -> object:
    patterns = [pattern.strip() for pattern in _texts(value)]
    if len(patterns) > MAX_PATTERNS:
        raise ValueError(f"Give at most {MAX_PATTERNS} patterns.")
    if any(not pattern or len(pattern) > MAX_PATTERN_CHARACTERS for pattern in patterns):
        raise ValueError(
            f"Give names or patterns such as claude-*, of 1 to {MAX_PATTERN_CHARACTERS} characters each."
        )
    return list(dict.fromkeys(patterns)) or None


def _is_strict(value: object, _: Callable[[], float]) -> object:
    return True if value is True else None


def _expires(value: object, clock: Callable[[], float]) -> object:
    return read_expiry(str(value), clock) if value is not None and str(value).strip() else None


def _rate_limit(value: object, _: Callable[[], float]) -> object:
    if not isinstance(value, Limits):
        return None
    said = {
        "requestsPerMinute": value.requests_per_minute,
        "tokensPerMinute": value.tokens_per_minute,
        "concurrency": value.concurrency,
    }
    return {name: limit for name, limit in said.items() if limit is not None} or None


def _budget(value: object, _: Callable[[], float]) -> object:
    if not isinstance(value, Spending) or (value.credits is None and value.requests is None):
        return None
    return {"credits": value.credits, "requests": value.requests, "period": value.period}


_Read = Callable[[object, Callable[[], float]], object]
_READERS: dict[str, tuple[str, _Read, str]] = {
    "name": ("name", _name, "name"),
    "scopes": ("scopes", _scopes, "scopes"),
    "account_id": ("accountId", _account_id, "accountId"),
    "models": ("models", _models, "models"),
    "is_strict": ("strict", _is_strict, "isStrict"),
    "expires": ("expiresAt", _expires, "expires"),
    "rate_limit": ("rateLimit", _rate_limit, "rateLimit"),
    "budget": ("budget", _budget, "budget"),
}
"""Each field of a body: its name in config.json, how it is read, and its name in the body."""
