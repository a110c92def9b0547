"""The variables of the environment that we know, as data: names, forms, and which field of Settings each decides.

Must never read the environment (`environment.py` does).
"""

from collections.abc import Callable

import msgspec

from copilot_api.settings import accepted


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
    Variable(
        "COPILOT_API_RATE_LIMIT_MAX_WAIT_S",
        "rate_limit_max_wait_s",
        accepted.seconds,
        accepted.SECONDS,
        "longest wait for a limit of a minute, a free place or the end of a pause (60)",
    ),
    Variable(
        "COPILOT_API_ADAPTIVE_PAUSE",
        "adaptive_pause",
        accepted.boolean,
        accepted.BOOLEAN,
        "leave a model alone for as long as Copilot's 429 says (true)",
    ),
    Variable(
        "COPILOT_API_REQUESTS_PER_MINUTE",
        "requests_per_minute",
        accepted.count,
        accepted.COUNT,
        "requests of all clients in a minute",
    ),
    Variable(
        "COPILOT_API_TOKENS_PER_MINUTE",
        "tokens_per_minute",
        accepted.count,
        accepted.COUNT,
        "tokens of all clients in a minute",
    ),
    Variable(
        "COPILOT_API_CONCURRENCY",
        "concurrency",
        accepted.count,
        accepted.COUNT,
        "requests of all clients at a time",
    ),
    Variable(
        "COPILOT_API_LIMITS_URL",
        "limits_url",
        accepted.limits_url,
        accepted.LIMITS_URL,
        "Redis or Valkey in which several gateways count minutes and requests at a time together",
        is_secret=True,
    ),
    Variable(
        "COPILOT_API_MANUAL_APPROVAL",
        "manual_approval",
        accepted.boolean,
        accepted.BOOLEAN,
        "each request waits for a person's yes",
    ),
    Variable(
        "COPILOT_API_APPROVAL_TIMEOUT_S",
        "approval_timeout_s",
        accepted.seconds,
        accepted.SECONDS,
        "how long it waits for that (300)",
    ),
    Variable(
        "COPILOT_API_ESTIMATE",
        "estimate",
        accepted.boolean,
        accepted.BOOLEAN,
        "tell what a request will cost in x-copilot-api-estimate",
    ),
    Variable(
        "COPILOT_API_METRICS_KEY",
        "metrics_key",
        accepted.client_key,
        accepted.CLIENT_KEY,
        "a key for GET /metrics alone",
        is_secret=True,
    ),
    Variable(
        "COPILOT_API_OTEL",
        "otel",
        accepted.boolean,
        accepted.BOOLEAN,
        "send traces and metrics by OpenTelemetry, where OTEL_EXPORTER_OTLP_* says",
    ),
    Variable(
        "COPILOT_API_OTEL_PROPAGATE",
        "otel_propagate",
        accepted.boolean,
        accepted.BOOLEAN,
        "tell Copilot the trace, too (traceparent)",
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
