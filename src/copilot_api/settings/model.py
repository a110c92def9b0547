"""What an operator can choose: the frozen values that the rest of the house reads.

Owns the names, types, units and defaults. Must never know where a value came from: environment.py,
document.py and resolve.py do. The keys of config.json are those of the reference gateway,
plus our own in the same style.
"""

from pathlib import Path
from typing import Literal

import msgspec

from copilot_api.settings.limits import Budget, RateLimits

Identity = Literal["gateway", "editor"]
CredentialMode = Literal["auto", "exchange", "direct"]
LogFormat = Literal["console", "json"]
CountMode = Literal["request", "conversation"]
Retention = Literal["rolling", "calendar_month", "forever"]
"""How long rows of the usage ledger are kept; `calendar_month` is the reference gateway's way."""
TestMethod = Literal["quota", "request"]
"""What tests usage: reading the quota, which costs nothing, or one real request, as the reference gateway does."""
TrimMode = Literal["off", "trim", "summarize_then_trim"]

KEY_SCOPES = ("inference", "usage", "admin")
"""What a client key may reach: the model routes, the usage views, the admin API."""

# The multipliers the reference gateway ships; GitHub's own prices replace them where the catalogue has some.
DEFAULT_MULTIPLIERS: dict[str, float] = {
    "claude-haiku-4.5": 0.33,
    "gemini-3-flash-preview": 0.33,
    "gpt-5.4-mini": 0.33,
    "grok-code-fast-1": 0.25,
    "claude-sonnet-4.6": 3,
    "claude-opus-4.5": 3,
    "claude-opus-4.6": 3,
    "claude-opus-4.6-fast": 3,
    "gpt-5.4": 3,
    "claude-sonnet-4": 1,
    "claude-sonnet-4.5": 1,
    "gemini-2.5-pro": 1,
    "gemini-3.1-pro-preview": 1,
    "gpt-5.1": 1,
    "gpt-5.2": 1,
    "gpt-5.2-codex": 1,
    "gpt-5.3-codex": 1,
}


class SettingsError(Exception):
    """A setting that stops the start. The message names it, quotes the value and tells the accepted form."""


class Problem(msgspec.Struct, frozen=True):
    """Something wrong with the settings that does not stop a running server.

    Shape: `path` names the place (`config.json: rateLimitSeconds`), `message` says what is wrong and `remedy`
    what to do. `stops_start` marks what must be mended before a server may start.
    """

    path: str
    message: str
    remedy: str
    stops_start: bool = False

    def __str__(self) -> str:
        return f"{self.path}: {self.message} {self.remedy}"


class AccountEntry(msgspec.Struct, frozen=True, rename="camel"):
    """One account as config.json stores it. `token` is a vault reference, or a plain token not yet moved."""

    id: str
    login: str
    token: str
    avatar_url: str = ""
    account_type: str = "individual"
    created_at: str = ""
    github_host: str = "github.com"
    credential_mode: CredentialMode = "auto"

    def __repr__(self) -> str:
        return f"AccountEntry(id={self.id!r}, login={self.login!r}, github_host={self.github_host!r})"


class FormerKey(msgspec.Struct, frozen=True, rename="camel"):
    """The value that a rotated key had before, and when it stops working.

    Units: `until` ISO 8601 in UTC.
    """

    sha256: str
    until: str


class ClientKeyEntry(msgspec.Struct, frozen=True, rename="camel"):
    """One named client key as config.json stores it. The key itself is not kept, only its SHA-256.

    Shape: `hint` is the key's beginning and end, by which a person knows it again; empty for unknown.
    Units: `expires_at` and `created_at` ISO 8601 in UTC; empty means never and unknown.
    """

    id: str
    name: str
    sha256: str
    scopes: tuple[str, ...] = ("inference",)
    account_id: str = ""
    created_at: str = ""
    expires_at: str = ""
    strict: bool = False
    """Refuse what would be lost on the way to another protocol, instead of answering without it."""
    models: tuple[str, ...] = ()
    """Patterns (`*` stands for anything) of the models it may ask for; empty means all."""
    rate_limit: RateLimits = RateLimits()
    budget: Budget | None = None
    hint: str = ""
    former: tuple[FormerKey, ...] = ()


class Timeouts(msgspec.Struct, frozen=True):
    """Upstream patience. There is no total timeout on a stream."""

    pool_s: float = 30.0
    connect_s: float = 15.0
    first_byte_s: float = 600.0
    idle_s: float = 600.0
    keepalive_s: float = 10.0
    drain_s: float = 30.0


class ContextManagement(msgspec.Struct, frozen=True):
    """What happens to a history that outgrows the model's window. Ratios are of the prompt budget."""

    mode: TrimMode = "trim"
    summarize_at_ratio: float = 0.8
    target_ratio: float = 0.55
    keep_recent_turns: int = 4
    summary_max_tokens: int = 2048
    summarizer_model: str | None = None


class CardMetadata(msgspec.Struct, frozen=True, rename="camel"):
    """What an operator noted about a model."""

    context_window_tokens: int | None = None
    features: tuple[str, ...] = ()


class Settings(msgspec.Struct, frozen=True):
    """Everything an operator can choose, resolved: environment over file over default."""

    data_directory: Path
    host: str = "127.0.0.1"
    port: int = 4141
    verbose: bool = False
    show_token: bool = False
    log_format: LogFormat = "console"
    demo: bool = False

    github_url: str = "https://github.com"
    github_api_url: str = "https://api.github.com"
    upstream_url: str | None = None
    """Overrides the Copilot API base of every account; None follows GitHub's `endpoints.api`."""
    use_proxy_environment: bool = False
    proxy_url: str | None = None
    """The one proxy for everything; it wins over the environment's."""
    ca_bundle: Path | None = None
    identity: Identity = "gateway"
    timeouts: Timeouts = Timeouts()
    catalog_refresh_s: float = 600.0

    max_body_bytes: int = 64 * 1024 * 1024
    rate_limit_s: float | None = None
    rate_limit_wait: bool = False
    rate_limit_max_wait_s: float = 60.0
    """The longest that a request waits for a limit of a minute, for a free slot or for the end of a pause."""
    adaptive_pause: bool = True
    """Whether a model that Copilot asks to leave alone (429 with Retry-After) is left alone."""
    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None
    concurrency: int | None = None
    limits_url: str | None = None
    """Where several gateways count their minutes together; may hold a password."""
    manual_approval: bool = False
    approval_timeout_s: float = 300.0
    budget: Budget = Budget()
    account_budgets: dict[str, Budget] = {}
    """By the ids of accounts."""
    budget_warn_ratio: float = 0.8
    estimate: bool = False
    metrics_key: str | None = None
    otel: bool = False
    otel_propagate: bool = False
    allowed_hosts: tuple[str, ...] = ()
    """Host names beyond loopback that requests may address us by."""
    allowed_origins: tuple[str, ...] = ()
    """Web pages of other origins that may call us, as `scheme://host[:port]`."""
    trusted_proxies: tuple[str, ...] = ()
    """Peers (addresses or networks) whose X-Forwarded-* is believed."""
    validate_streams: bool = False
    """Whether each stream is checked against its protocol's grammar on its way out; findings go to the log."""
    token_endpoint: bool = True
    """Whether GET /token answers admins at all."""

    accounts: tuple[AccountEntry, ...] = ()
    active_account_id: str | None = None
    client_keys: tuple[ClientKeyEntry, ...] = ()
    plain_keys: tuple[str, ...] = ()
    """`auth.apiKey(s)` of the reference format, opened from the vault, and COPILOT_API_KEY."""
    has_unreadable_keys: bool = False
    """Some client key is configured and cannot be read: nobody may be let in for the lack of it."""
    admin_secret: str | None = None
    admin_secret_hash: str | None = None
    admin_session_ttl_days: int = 5
    admin_enforce_https: bool = True

    model_mapping: dict[str, str] = {}
    hidden_models: tuple[str, ...] = ()
    disable_hidden_models: bool = False
    extra_prompts: dict[str, str] = {}
    small_model: str = "gpt-5-mini"
    model_reasoning_efforts: dict[str, str] = {}
    premium_model_multipliers: dict[str, float] = {}
    """The operator's own values; read a model's through `multiplier`."""
    model_card_metadata: dict[str, CardMetadata] = {}
    use_function_apply_patch: bool | None = None
    """Freeform editing tools as functions: always, or (None and False) only where upstream has no freeform tools."""
    usage_test_interval_minutes: int | None = 10
    usage_test_method: TestMethod = "quota"
    usage_log_count_mode: CountMode = "request"
    usage_ledger: bool = True
    """Whether exchanges are written down at all."""
    usage_retention: Retention = "rolling"
    usage_retention_months: int = 13
    database_url: str | None = None
    """Where the usage ledger is, instead of a file in the data directory; may hold a password."""
    context_management: ContextManagement = ContextManagement()
    anthropic_api_key: str | None = None

    from_environment: frozenset[str] = frozenset()
    """Names of the fields that the environment or the command line decided (read-only in the admin).

    Of `timeouts` each by itself, as `timeouts.idle_s`.
    """
    from_command_line: frozenset[str] = frozenset()
    """Those of them that the command line decided."""
    problems: tuple[Problem, ...] = ()
    """What in the configuration could not be used; each also says what to do."""

    def __repr__(self) -> str:
        """Tell nothing secret: a value printed by mistake must not be a leak."""
        return f"Settings(data_directory={str(self.data_directory)!r}, host={self.host!r}, port={self.port})"

    def multiplier(self, model_id: str) -> float | None:
        """Premium requests that one request to this model counts as; None when nobody said."""
        return self.premium_model_multipliers.get(model_id, DEFAULT_MULTIPLIERS.get(model_id))
