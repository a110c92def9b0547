"""How a setting stands: what it is now, who decided that, and what it would be otherwise."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal, cast

import msgspec

from copilot_api.settings.environment import TIMEOUTS, VARIABLES
from copilot_api.settings.model import Settings
from copilot_api.settings.registry.setting import Setting, judge

DecidedBy = Literal["default", "file", "environment", "commandLine"]

FLAGS: dict[str, str] = {
    "host": "--host",
    "port": "--port",
    "verbose": "--verbose",
    "rate_limit_s": "--rate-limit",
    "rate_limit_wait": "--wait",
    "manual_approval": "--manual",
    "use_proxy_environment": "--proxy-env",
    "log_format": "--log-format",
    "validate_streams": "--validate-streams",
}
"""Flags of `copilot-api serve`, by the field of Settings that they decide."""

_VARIABLES: dict[str, str] = {
    **{variable.field: variable.name for variable in VARIABLES},
    **{f"timeouts.{variable.field}": variable.name for variable in TIMEOUTS},
}
"""Of two variables for one field the last: VERBOSE, not DEBUG."""


class Standing(msgspec.Struct, frozen=True):
    """A setting as it is.

    Shape: `value` as JSON, None for a secret, of which `is_set` says whether there is one. `variable` is the
    environment variable that could decide it, or the flag that did.
    """

    value: object
    decided_by: DecidedBy
    variable: str
    is_set: bool

    @property
    def is_read_only(self) -> bool:
        """Whether whatever stands in the file makes no difference."""
        return self.decided_by in {"environment", "commandLine"}


def standing(setting: Setting, settings: Settings, document: Mapping[str, object]) -> Standing:
    """Say how a setting stands. `document` is config.json as it is.

    What the file decides is read from the file, not from `settings`: these may be a moment behind it, and who changed
    the one for having seen the other would undo what came in between.
    """
    held = _held(setting, settings)
    variable = _VARIABLES.get(setting.field, "")
    decided_by: DecidedBy = "default"
    if setting.field in settings.from_command_line:
        decided_by, variable = "commandLine", FLAGS.get(setting.field, "")
    elif setting.field in settings.from_environment:
        decided_by = "environment"
    elif is_in(setting, document):
        decided_by = "file"
    if setting.is_secret:
        return Standing(None, decided_by, variable, is_set=bool(held) or decided_by == "file")
    if decided_by == "file":
        held = judge(setting, written(setting, document)).value
    value = default_of(setting) if decided_by == "default" else _shown(held)
    return Standing(value, decided_by, variable, is_set=value is not None)


def is_in(setting: Setting, document: Mapping[str, object]) -> bool:
    """Whether the file says something about a setting that counts."""
    table = _table(setting, document)
    if setting.leaf not in table:
        return False
    if setting.is_secret:
        return bool(table[setting.leaf])
    return judge(setting, table[setting.leaf]).value is not msgspec.UNSET


def written(setting: Setting, document: Mapping[str, object]) -> object:
    """What the file says about a setting, as it stands there; None where it says nothing."""
    return _table(setting, document).get(setting.leaf)


@cache
def default_of(setting: Setting) -> object:
    """What a setting is when nobody chose, as JSON; None for a secret."""
    return None if setting.is_secret else _shown(_held(setting, Settings(data_directory=Path())))


def value_of(setting: Setting, settings: Settings) -> object:
    """What a setting is, as JSON; None for a secret."""
    return None if setting.is_secret else _shown(_held(setting, settings))


def _table(setting: Setting, document: Mapping[str, object]) -> Mapping[str, object]:
    if not setting.parent:
        return document
    found = document.get(setting.parent)
    return cast("Mapping[str, object]", found) if isinstance(found, dict) else {}


def _held(setting: Setting, settings: Settings) -> object:
    value: object = settings
    for name in setting.field.split("."):
        value = getattr(value, name)
    return value


def _shown(value: object) -> object:
    text = msgspec.json.encode(value, enc_hook=str)  # a Path has no form of its own in JSON
    return msgspec.json.decode(text)
