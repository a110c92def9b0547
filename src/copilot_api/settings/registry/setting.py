"""What a setting is: its place in config.json, its words, its limits, and how a value of it is judged.

Owns the shape and the judgement, which reading a file, the command line and the admin API share. Must never know a
single setting: the tables beside this file do.
"""

from collections.abc import Callable, Mapping
from typing import Literal, cast

import msgspec

Section = Literal[
    "server", "limits", "models", "prompts", "tools", "usage", "network", "retention", "security", "advanced"
]
Kind = Literal[
    "number", "integer", "boolean", "text", "longText", "choice", "list", "map", "secret", "object"
]
Unit = Literal["", "s", "min", "days", "bytes", "tokens", "ratio"]

SECTIONS: tuple[Section, ...] = (
    "server",
    "limits",
    "models",
    "prompts",
    "tools",
    "usage",
    "network",
    "retention",
    "security",
    "advanced",
)  # fmt: skip

Accept = Callable[[object], object]
"""Reads one JSON value and returns what Settings holds; raises ValueError otherwise."""


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that a person may choose.

    Shape: `name` is the key of config.json, dotted where it stands in an object; `field` that of Settings, dotted
    likewise. Of a list, a map or an object of objects `accept` reads one entry. `accepted` says in words what it
    takes; `is_delicate` keeps what it does not take out of messages, as it may hold a password. A null of an
    `is_nullable` setting is a value of its own; of any other it means the default. `needs_restart` tells that a
    running server keeps what it began with.
    Units: `minimum` and `maximum` as the value; both are accepted.
    """

    name: str
    section: Section
    kind: Kind
    field: str
    accept: Accept
    accepted: str
    description: str
    unit: Unit = ""
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()
    is_nullable: bool = False
    needs_restart: bool = False
    is_delicate: bool = False
    has_effect: bool = True
    """False: read and kept for a configuration that the reference gateway shares, and nothing here acts on it."""

    @property
    def is_secret(self) -> bool:
        """Whether it may be written and never read."""
        return self.kind == "secret"

    @property
    def parent(self) -> str:
        """The object of config.json that it stands in; empty at the top."""
        return self.name.rpartition(".")[0]

    @property
    def leaf(self) -> str:
        """Its key in that object."""
        return self.name.rpartition(".")[2]


class Refused(msgspec.Struct, frozen=True):
    """One value that is not accepted.

    Shape: `at` is the place inside the setting: empty for the whole, `[3]` in a list, `.name` in a map.
    """

    at: str
    value: object
    accepted: str


class Judgement(msgspec.Struct, frozen=True):
    """What became of a value: what Settings gets (UNSET: nothing), and what was refused on the way."""

    value: object = msgspec.UNSET
    refused: tuple[Refused, ...] = ()


def judge(setting: Setting, value: object) -> Judgement:
    """Read a JSON value; of a list or a map one bad entry costs only itself."""
    if value is None:
        return Judgement(None if setting.is_nullable else msgspec.UNSET)
    if setting.kind == "list":
        return _judge_list(setting, value)
    if setting.kind in {"map", "object"}:
        return _judge_table(setting, value)
    try:
        return Judgement(setting.accept(value))
    except (ValueError, OSError, RuntimeError):  # the last: "~" without a home directory
        return Judgement(refused=(Refused("", value, setting.accepted),))


def complaint(setting: Setting, refused: Refused) -> str:
    """Say in one sentence what is wrong; never the value of a secret."""
    is_hidden = setting.is_secret or setting.is_delicate
    shown = "The value (not shown here)" if is_hidden else shorten(refused.value)
    where = f"{refused.at.lstrip('.')}: " if refused.at else ""
    return f"{where}{shown} is not accepted. Give {refused.accepted}."


def shorten(value: object) -> str:
    """Quote a value, at most 80 characters of it."""
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."


def _judge_list(setting: Setting, value: object) -> Judgement:
    if not isinstance(value, list):
        return Judgement(refused=(Refused("", value, f"an array of {setting.accepted}"),))
    kept: list[object] = []
    refused: list[Refused] = []
    for index, item in enumerate(cast("list[object]", value)):
        try:
            kept.append(setting.accept(item))
        except ValueError:
            refused.append(Refused(f"[{index}]", item, setting.accepted))
    return Judgement(tuple(kept), tuple(refused))


def _judge_table(setting: Setting, value: object) -> Judgement:
    if not isinstance(value, Mapping):
        return Judgement(refused=(Refused("", value, f"an object of {setting.accepted}"),))
    kept: dict[str, object] = {}
    refused: list[Refused] = []
    for name, item in cast("Mapping[str, object]", value).items():
        try:
            kept[name] = setting.accept(item)
        except ValueError:
            refused.append(Refused(f".{name}", item, setting.accepted))
    return Judgement(kept, tuple(refused))
