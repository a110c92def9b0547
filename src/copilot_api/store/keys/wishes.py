"""What somebody wants of a client key, judged field by field: the admin and the command line ask alike.

Owns the accepted forms and their words. Names of fields are those of the admin API.
"""

import time
from collections.abc import Callable, Mapping
from typing import Final, cast

from copilot_api.settings import KEY_SCOPES, Budget, RateLimits
from copilot_api.store.edits import accounts
from copilot_api.store.edits import keys as edits
from copilot_api.store.keys.making import read_expiry
from copilot_api.store.sealing import Document

MAX_NAME_CHARACTERS: Final = 100
MAX_PATTERNS: Final = 100
MAX_PATTERN_CHARACTERS: Final = 200
Clock = Callable[[], float]


class WrongFields(Exception):
    """Some fields are not accepted; `fields` says which and why."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{name}: {why}" for name, why in fields.items()))
        self.fields = dict(fields)


def read_fields(said: Mapping[str, object], clock: Clock = time.time) -> dict[str, object]:
    """Read fields into those of config.json, by their names there; None takes a field back to its default.

    Shape: {"name", "scopes", "accountId", "models", "isStrict", "expires", "rateLimit", "budget"}, all optional.
    Raises: WrongFields with all that is wrong.
    """
    fields: dict[str, object] = {}
    wrong: dict[str, str] = {}
    for name, value in said.items():
        key, read = _READERS[name]
        try:
            fields[key] = read(value, clock)
        except ValueError as error:
            wrong[name] = str(error)
    if wrong:
        raise WrongFields(wrong)
    return fields


def check_against(document: Document, fields: Mapping[str, object], key_id: str) -> None:
    """Judge what depends on others: names are told apart, and accounts exist.

    Raises: WrongFields.
    """
    wrong: dict[str, str] = {}
    name, account_id = fields.get("name"), fields.get("accountId")
    if isinstance(name, str) and edits.has_name(document, name, but=key_id):
        wrong["name"] = f"There is a key {name!r} already. Choose another name, or revoke it first."
    if isinstance(account_id, str) and accounts.find(document, account_id) is None:
        wrong["accountId"] = f"There is no account with id {account_id!r}."
    if wrong:
        raise WrongFields(wrong)


def _name(value: object, _: Clock) -> object:
    text = str(value).strip()
    if not text:
        raise ValueError("The name is empty. Give one that tells who uses the key.")
    if len(text) > MAX_NAME_CHARACTERS or not text.isprintable():
        raise ValueError(f"Give at most {MAX_NAME_CHARACTERS} characters, none of them invisible.")
    return text


def _scopes(value: object, _: Clock) -> object:
    scopes = list(dict.fromkeys(_texts(value)))
    unknown = [word for word in scopes if word not in KEY_SCOPES]
    if unknown:
        raise ValueError(f"{unknown[0]!r} is no scope. Give {', '.join(KEY_SCOPES)}.")
    if not scopes:
        raise ValueError("Give at least one scope; a key without any opens nothing.")
    return scopes


def _account_id(value: object, _: Clock) -> object:
    return str(value).strip() or None if value is not None else None


def _models(value: object, _: Clock) -> object:
    patterns = [pattern.strip() for pattern in _texts(value)]
    if len(patterns) > MAX_PATTERNS:
        raise ValueError(f"Give at most {MAX_PATTERNS} patterns.")
    if any(not pattern or len(pattern) > MAX_PATTERN_CHARACTERS for pattern in patterns):
        raise ValueError(
            f"Give names or patterns such as claude-*, of 1 to {MAX_PATTERN_CHARACTERS} characters each."
        )
    return list(dict.fromkeys(patterns)) or None


def _is_strict(value: object, _: Clock) -> object:
    return True if value is True else None


def _expires(value: object, clock: Clock) -> object:
    return read_expiry(str(value), clock) if value is not None and str(value).strip() else None


def _rate_limit(value: object, _: Clock) -> object:
    if not isinstance(value, RateLimits):
        return None
    said = {
        "requestsPerMinute": value.requests_per_minute,
        "tokensPerMinute": value.tokens_per_minute,
        "concurrency": value.concurrency,
    }
    return {name: limit for name, limit in said.items() if limit is not None} or None


def _budget(value: object, _: Clock) -> object:
    if not isinstance(value, Budget) or (value.credits is None and value.requests is None):
        return None
    return {"credits": value.credits, "requests": value.requests, "period": value.period}


def _texts(value: object) -> tuple[str, ...]:
    return tuple(cast("tuple[str, ...] | list[str]", value)) if isinstance(value, tuple | list) else ()


_READERS: Final[dict[str, tuple[str, Callable[[object, Clock], object]]]] = {
    "name": ("name", _name),
    "scopes": ("scopes", _scopes),
    "accountId": ("accountId", _account_id),
    "models": ("models", _models),
    "isStrict": ("strict", _is_strict),
    "expires": ("expiresAt", _expires),
    "rateLimit": ("rateLimit", _rate_limit),
    "budget": ("budget", _budget),
}
"""Each field: its name in config.json, and how it is read."""
