"""Readers of JSON values, one for each kind that settings are of.

Each returns the value or raises ValueError; the setting adds its name and the accepted form. Texts that the
environment knows too are read by `accepted.py`, so that both accept the same.
"""

from collections.abc import Callable
from typing import TypeVar, cast

import msgspec

from copilot_api.settings import accepted
from copilot_api.settings.registry.setting import Accept

T = TypeVar("T")

FAR = 1e9
"""No number of seconds, tokens or days needs to be larger; JSON has far larger ones."""
EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
"""`max` is what newer Claude models add to the reference gateway's list."""


def number(*, above: float | None = None, least: float | None = None, most: float = FAR) -> Accept:
    """Read a number within limits; `above` itself is not accepted."""

    def accept(value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not value <= most:  # NaN is not
            raise ValueError(value)
        if (above is not None and value <= above) or (least is not None and value < least):
            raise ValueError(value)
        return float(value)

    return accept


def integer(*, least: int, most: int = 2**31 - 1) -> Accept:
    """Read a whole number within limits."""

    def accept(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise ValueError(value)
        return value

    return accept


def boolean(value: object) -> bool:
    """Read true or false."""
    if not isinstance(value, bool):
        raise ValueError(value)
    return value


def text(value: object) -> str:
    """Read a string, as it is."""
    if not isinstance(value, str):
        raise ValueError(value)
    return value


def filled(value: object) -> str:
    """Read a string that says something."""
    if not text(value).strip():
        raise ValueError(value)
    return text(value)


def choice(*words: str) -> Accept:
    """Read one of a few words."""

    def accept(value: object) -> str:
        if value not in words:
            raise ValueError(value)
        return text(value)

    return accept


def spoken(read: Callable[[str], T]) -> Callable[[object], T]:
    """Read a string as the environment variable of the same setting is read."""
    return lambda value: read(text(value).strip())


def record(kind: type[msgspec.Struct]) -> Accept:
    """Read an object; its nulls are its defaults, as the reference gateway writes them."""

    def accept(value: object) -> object:
        if not isinstance(value, dict):
            raise ValueError(value)
        table = cast("dict[str, object]", value)
        return msgspec.convert({name: field for name, field in table.items() if field is not None}, kind)

    return accept


effort = choice(*EFFORTS)
multiplier = number(least=0)
host = spoken(accepted.host)
origin = spoken(accepted.origin)
network = spoken(accepted.network)
proxy = spoken(accepted.proxy)
certificates = spoken(accepted.certificates)
