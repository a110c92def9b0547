"""A setting's value as a person types it on a command line, and as it is printed there."""

import json
from collections.abc import Callable

from copilot_api.settings import accepted
from copilot_api.settings.registry.setting import Kind, Setting

NOTHING = ("null", "none", "")


def from_text(setting: Setting, text: str) -> object:
    """Read what was typed into a JSON value, which is still to be judged.

    Shape: a list is JSON, or texts separated by commas; a map is JSON.
    Raises: ValueError when it cannot be of the setting's kind at all.
    """
    word = text.strip()
    if setting.is_nullable and word.lower() in NOTHING:
        return None
    read = _READERS.get(setting.kind)
    return text if read is None else read(word)


def to_text(value: object) -> str:
    """Print a JSON value: texts as they are, everything else as JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return json.dumps(value, ensure_ascii=False)


def _number(text: str) -> int | float:
    try:
        return int(text)
    except ValueError:
        return float(text)


def _list(text: str) -> object:
    if text.startswith("["):
        return json.loads(text)
    return [item.strip() for item in text.split(",") if item.strip()]


_READERS: dict[Kind, Callable[[str], object]] = {
    "boolean": accepted.boolean,
    "number": _number,
    "integer": _number,
    "list": _list,
    "map": json.loads,
    "object": json.loads,
}
