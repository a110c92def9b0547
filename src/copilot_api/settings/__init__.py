"""The one reader of the environment and of config.json's meaning.

Owns what the operator can set, the defaults, and the words in which a wrong value is refused. Must never know
who uses a value. `store/config_file.py` owns the file itself (atomic saves, edits by hand).
"""

from copilot_api.settings.document import (
    UNREADABLE_HASH,
    as_list,
    as_object,
    read_document,
)
from copilot_api.settings.environment import (
    SINGULAR,
    TIMEOUTS,
    VARIABLES,
    Environment,
    Variable,
    read_environment,
)
from copilot_api.settings.instants import read_instant, write_instant
from copilot_api.settings.limits import Budget, Period, RateLimits
from copilot_api.settings.model import (
    DEFAULT_MULTIPLIERS,
    KEY_SCOPES,
    AccountEntry,
    CardMetadata,
    ClientKeyEntry,
    ContextManagement,
    CountMode,
    CredentialMode,
    FormerKey,
    Identity,
    LogFormat,
    Problem,
    Retention,
    Settings,
    SettingsError,
    TestMethod,
    Timeouts,
)
from copilot_api.settings.registry import EFFORTS
from copilot_api.settings.resolve import VAULT_PREFIX, Overrides, require_startable, resolve

__all__ = [
    "DEFAULT_MULTIPLIERS",
    "EFFORTS",
    "KEY_SCOPES",
    "SINGULAR",
    "TIMEOUTS",
    "UNREADABLE_HASH",
    "VARIABLES",
    "VAULT_PREFIX",
    "AccountEntry",
    "Budget",
    "CardMetadata",
    "ClientKeyEntry",
    "ContextManagement",
    "CountMode",
    "CredentialMode",
    "Environment",
    "FormerKey",
    "Identity",
    "LogFormat",
    "Overrides",
    "Period",
    "Problem",
    "RateLimits",
    "Retention",
    "Settings",
    "SettingsError",
    "TestMethod",
    "Timeouts",
    "Variable",
    "as_list",
    "as_object",
    "read_document",
    "read_environment",
    "read_instant",
    "require_startable",
    "resolve",
    "write_instant",
]
