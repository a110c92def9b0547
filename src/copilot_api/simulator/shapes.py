"""Reading untyped JSON without trusting it: the simulator's only door from wire documents to Python values.

Owns: the JSON alias and the total readers (`as_object`, `as_list`, `as_text`, `as_int`).
Must never know: any route, account or protocol.
"""

from functools import cache
from importlib import resources
from typing import Any, TypeAlias, TypeGuard, cast

import msgspec

Json: TypeAlias = dict[str, Any]

CREATED_UNIX_S = 1788300000
"""The `created` of every answer: answers never carry the wall clock."""

encode = msgspec.json.Encoder().encode


def decode_object(raw: bytes) -> Json | None:
    """Decode a JSON object; None for anything else."""
    try:
        value = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return cast("Json", value) if isinstance(value, dict) else None


def as_object(value: object) -> Json:
    """Return the value when it is a JSON object, else an empty one."""
    return cast("Json", value) if isinstance(value, dict) else {}


def _is_list(value: object) -> TypeGuard[list[Any]]:
    return isinstance(value, list)


def as_list(value: object) -> list[Any]:
    """Return the value when it is a JSON array, else an empty one."""
    return value if _is_list(value) else []


def as_text(value: object) -> str:
    """Return the value when it is a string, else an empty one."""
    return value if isinstance(value, str) else ""


def as_int(value: object, default: int = 0) -> int:
    """Return the value when it is an integer (never a bool), else the default."""
    return value if isinstance(value, int) and not isinstance(value, bool) else default


def as_float(value: object, default: float = 0.0) -> float:
    """Return the value when it is a number (never a bool), else the default."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else default


@cache
def load_data(name: str) -> Json:
    """Read one JSON document of the package's `data` folder; callers must not change it."""
    raw = resources.files("copilot_api.simulator").joinpath("data").joinpath(name).read_bytes()
    return as_object(msgspec.json.decode(raw))
