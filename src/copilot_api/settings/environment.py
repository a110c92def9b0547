"""What the environment decides: the one reader of it.

Must never know config.json, nor a single variable (`variables.py` does). Tests pass a mapping of their own.
An empty value counts as unset, because compose files pass `${NAME:-}`.
"""

import os
from collections.abc import Mapping
from pathlib import Path

import msgspec

from copilot_api.settings.model import SettingsError
from copilot_api.settings.variables import (
    ANTHROPIC_KEY,
    HOME,
    KEY,
    KEYRING,
    SINGULAR,
    TIMEOUTS,
    VARIABLES,
    VAULT_KEY,
    XDG_HOME,
    Variable,
)

__all__ = ["SINGULAR", "TIMEOUTS", "VARIABLES", "Environment", "Variable", "read_environment"]


class Environment(msgspec.Struct, frozen=True):
    """What the environment decided, read once at the start.

    Shape: `values` maps fields of Settings, `timeouts` fields of Timeouts, to values that are already right.
    `home_is_chosen` tells that COPILOT_API_HOME named the data directory.
    """

    data_directory: Path
    values: dict[str, object] = {}
    timeouts: dict[str, float] = {}
    client_key: str | None = None
    vault_key: bytes | None = None
    use_keyring: bool = True
    anthropic_api_key: str | None = None
    home_is_chosen: bool = False

    def __repr__(self) -> str:
        """Tell nothing secret."""
        return f"Environment(data_directory={str(self.data_directory)!r}, decides={sorted(self.values)!r})"


def read_environment(variables: Mapping[str, str] | None = None) -> Environment:
    """Read every variable we know, from `os.environ` unless told otherwise.

    Raises: SettingsError for the first value that does not parse; secrets are never quoted.
    """
    source = os.environ if variables is None else variables
    values = {
        variable.field: value for variable in VARIABLES if (value := _read(variable, source)) is not None
    }
    if "admin_secret_hash" in values:
        values.pop("admin_secret", None)
    timeouts = {v.field: t for v in TIMEOUTS if isinstance(t := _read(v, source), float)}
    client = _read(KEY, source)
    vault_key = _read(VAULT_KEY, source)
    anthropic = _read(ANTHROPIC_KEY, source)
    home = _read(HOME, source)
    return Environment(
        data_directory=home if isinstance(home, Path) else _default_directory(source),
        values=values,
        timeouts=timeouts,
        client_key=client if isinstance(client, str) else None,
        vault_key=vault_key if isinstance(vault_key, bytes) else None,
        use_keyring=_read(KEYRING, source) is not False,
        anthropic_api_key=anthropic if isinstance(anthropic, str) else None,
        home_is_chosen=home is not None,
    )


def _read(variable: Variable, source: Mapping[str, str]) -> object:
    """Read the variable; None when it is unset or empty."""
    text = source.get(variable.name, "")
    if not text:
        return None
    try:
        return variable.read(text.strip())
    except (ValueError, OSError, RuntimeError):  # RuntimeError: "~" without a home directory
        shown = "the value (not shown here)" if variable.is_secret else repr(text)
        raise SettingsError(
            f"{variable.name}: {shown} is not accepted. Give {variable.accepted}, or unset it."
        ) from None


def _default_directory(source: Mapping[str, str]) -> Path:
    parent = _read(XDG_HOME, source)
    if isinstance(parent, Path):
        return parent / "copilot-api"
    from platformdirs import user_data_path  # noqa: PLC0415 - only needed without any variable set

    return user_data_path("copilot-api", appauthor=False)
