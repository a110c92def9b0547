"""What the environment decides: the table of variables, and the one reader of it.

Owns the names of the variables. Must never know config.json. Tests pass a mapping of their own.
An empty value counts as unset, because compose files pass `${NAME:-}`.
"""

import os
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from copilot_api.settings import accepted
from copilot_api.settings.model import SettingsError


class Variable(msgspec.Struct, frozen=True):
    """One environment variable: which field of Settings it decides and what it accepts."""

    name: str
    field: str
    read: Callable[[str], object]
    accepted: str
    meaning: str
    is_secret: bool = False


def _one_of(*words: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text.lower() not in words:
            raise ValueError(text)
        return text.lower()

    return read


VARIABLES: tuple[Variable, ...] = (
    Variable("PORT", "port", accepted.port, accepted.PORT, "port to listen on (4141)"),
    Variable("HOST", "host", accepted.host, accepted.HOST, "address to listen on (127.0.0.1)"),
    Variable("DEBUG", "verbose", accepted.boolean, accepted.BOOLEAN, "the same as VERBOSE"),
    Variable("VERBOSE", "verbose", accepted.boolean, accepted.BOOLEAN, "log more"),
    Variable(
        "RATE_LIMIT", "rate_limit_s", accepted.seconds, accepted.SECONDS, "least seconds between requests"
    ),
    Variable(
        "RATE_LIMIT_WAIT",
        "rate_limit_wait",
        accepted.boolean,
        accepted.BOOLEAN,
        "wait instead of answering 429",
    ),
    Variable("SHOW_TOKEN", "show_token", accepted.boolean, accepted.BOOLEAN, "show tokens in the terminal"),
    Variable(
        "PROXY_ENV",
        "use_proxy_environment",
        accepted.boolean,
        accepted.BOOLEAN,
        "use HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY",
    ),
    Variable(
        "COPILOT_API_GITHUB_URL",
        "github_url",
        accepted.base_url,
        accepted.URL,
        "instead of https://github.com",
    ),
    Variable(
        "COPILOT_API_GITHUB_API_URL",
        "github_api_url",
        accepted.base_url,
        accepted.URL,
        "instead of https://api.github.com",
    ),
    Variable(
        "COPILOT_API_UPSTREAM_URL",
        "upstream_url",
        accepted.base_url,
        accepted.URL,
        "instead of the Copilot API that GitHub names",
    ),
    Variable(
        "ADMIN_SECRET",
        "admin_secret",
        accepted.admin_secret,
        accepted.ADMIN_SECRET,
        "secret that opens the admin",
        is_secret=True,
    ),
    Variable(
        "ADMIN_SECRET_HASH",
        "admin_secret_hash",
        accepted.secret_hash,
        accepted.HASHED_FORM,
        "hash of the admin secret; wins over ADMIN_SECRET",
        is_secret=True,
    ),
    Variable(
        "COPILOT_API_ALLOWED_HOSTS",
        "allowed_hosts",
        accepted.hosts,
        accepted.HOSTS,
        "names this server goes by",
    ),
    Variable(
        "COPILOT_API_ALLOWED_ORIGINS",
        "allowed_origins",
        accepted.origins,
        accepted.ORIGINS,
        "web pages that may call this server",
    ),
    Variable(
        "COPILOT_API_TRUSTED_PROXIES",
        "trusted_proxies",
        accepted.networks,
        accepted.NETWORKS,
        "proxies whose X-Forwarded-* is believed",
    ),
    Variable(
        "COPILOT_API_CA_BUNDLE",
        "ca_bundle",
        accepted.existing_file,
        accepted.FILE,
        "extra certificate authorities",
    ),
    Variable(
        "COPILOT_API_LOG_FORMAT",
        "log_format",
        _one_of("console", "json"),
        "console or json",
        "form of the log",
    ),
    Variable(
        "COPILOT_API_IDENTITY",
        "identity",
        _one_of("gateway", "editor"),
        "gateway or editor",
        "who we say we are",
    ),
    Variable(
        "COPILOT_API_MAX_BODY_MB",
        "max_body_bytes",
        accepted.megabytes_as_bytes,
        accepted.MEGABYTES,
        "largest request body (64)",
    ),
    Variable(
        "COPILOT_API_TOKEN_ENDPOINT",
        "token_endpoint",
        accepted.boolean,
        accepted.BOOLEAN,
        "whether GET /token answers admins",
    ),
    Variable(
        "COPILOT_API_VALIDATE_STREAMS",
        "validate_streams",
        accepted.boolean,
        accepted.BOOLEAN,
        "check each stream against its protocol's grammar and log what is wrong",
    ),
    Variable(
        "COPILOT_API_CATALOG_REFRESH_S",
        "catalog_refresh_s",
        accepted.seconds,
        accepted.SECONDS,
        "seconds between reads of the model list (600)",
    ),
    Variable(
        "DATABASE_URL",
        "database_url",
        accepted.database_url,
        accepted.DATABASE,
        "where the usage ledger is (usage.sqlite in the data directory)",
        is_secret=True,
    ),
    Variable(
        "COPILOT_API_USAGE_LEDGER",
        "usage_ledger",
        accepted.boolean,
        accepted.BOOLEAN,
        "whether usage is written down (true)",
    ),
    Variable(
        "COPILOT_API_USAGE_RETENTION",
        "usage_retention",
        _one_of("rolling", "calendar_month", "forever"),
        "rolling, calendar_month or forever",
        "how long rows of the usage log are kept (rolling)",
    ),
    Variable(
        "COPILOT_API_USAGE_RETENTION_MONTHS",
        "usage_retention_months",
        accepted.months,
        accepted.MONTHS,
        "months that `rolling` keeps (13)",
    ),
)

TIMEOUTS: tuple[Variable, ...] = tuple(
    Variable(name, field, accepted.seconds, accepted.SECONDS, meaning)
    for name, field, meaning in (
        ("COPILOT_API_POOL_TIMEOUT_S", "pool_s", "wait for a free upstream connection (30)"),
        ("COPILOT_API_CONNECT_TIMEOUT_S", "connect_s", "wait for an upstream connection (15)"),
        ("COPILOT_API_FIRST_BYTE_TIMEOUT_S", "first_byte_s", "wait for the upstream's first byte (600)"),
        ("COPILOT_API_IDLE_TIMEOUT_S", "idle_s", "longest silence within an answer (600)"),
        ("COPILOT_API_KEEPALIVE_S", "keepalive_s", "between signs of life to a waiting client (10)"),
        ("COPILOT_API_DRAIN_TIMEOUT_S", "drain_s", "for running answers at shutdown (30)"),
    )
)

HOME = Variable("COPILOT_API_HOME", "", accepted.directory, accepted.DIRECTORY, "the data directory")
XDG_HOME = Variable(
    "XDG_DATA_HOME", "", accepted.directory, accepted.DIRECTORY, "parent of the data directory"
)
KEY = Variable(
    "COPILOT_API_KEY",
    "",
    accepted.client_key,
    accepted.CLIENT_KEY,
    "one client key, for containers",
    is_secret=True,
)
VAULT_KEY = Variable(
    "COPILOT_API_VAULT_KEY",
    "",
    accepted.vault_key,
    accepted.VAULT_KEY,
    "the key of the vault",
    is_secret=True,
)
KEYRING = Variable(
    "COPILOT_API_KEYRING",
    "",
    accepted.boolean,
    accepted.BOOLEAN,
    "whether the system's keyring may hold the vault's key (true)",
)
ANTHROPIC_KEY = Variable(
    "ANTHROPIC_API_KEY",
    "",
    str,
    "an Anthropic API key",
    "counts Claude tokens; config.json wins",
    is_secret=True,
)
SINGULAR: tuple[Variable, ...] = (HOME, XDG_HOME, KEY, VAULT_KEY, KEYRING, ANTHROPIC_KEY)


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
