"""The one reader of the environment and of config.json.

Owns what the operator can set, the defaults, and the words in which a wrong value is refused. Must never know
who uses a value. `store/config_file.py` owns the file itself (atomic saves, edits by hand); this module owns
its meaning.
"""

from pathlib import Path
from typing import Literal

import msgspec

Identity = Literal["gateway", "editor"]
CredentialMode = Literal["auto", "exchange", "direct"]


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


class ClientKeyEntry(msgspec.Struct, frozen=True, rename="camel"):
    """One named client key as config.json stores it. The key itself is not kept, only its SHA-256.

    Units: `expires_at` and `created_at` ISO 8601 in UTC; empty means never and unknown.
    """

    id: str
    name: str
    sha256: str
    scopes: tuple[str, ...] = ("inference",)
    account_id: str = ""
    created_at: str = ""
    expires_at: str = ""


class Timeouts(msgspec.Struct, frozen=True):
    """Upstream patience. There is no total timeout on a stream."""

    pool_s: float = 30.0
    connect_s: float = 15.0
    first_byte_s: float = 600.0
    idle_s: float = 600.0
    keepalive_s: float = 10.0
    drain_s: float = 30.0


class Settings(msgspec.Struct, frozen=True):
    """Everything an operator can choose, resolved: environment over file over default."""

    data_directory: Path
    host: str = "127.0.0.1"
    port: int = 4141
    verbose: bool = False
    show_token: bool = False
    log_format: Literal["console", "json"] = "console"
    demo: bool = False

    github_url: str = "https://github.com"
    github_api_url: str = "https://api.github.com"
    upstream_url: str | None = None
    """Overrides the Copilot API base of every account; None follows GitHub's `endpoints.api`."""
    use_proxy_environment: bool = False
    ca_bundle: Path | None = None
    identity: Identity = "gateway"
    timeouts: Timeouts = Timeouts()
    catalog_refresh_s: float = 600.0

    max_body_bytes: int = 64 * 1024 * 1024
    rate_limit_s: float | None = None
    rate_limit_wait: bool = False
    allowed_hosts: tuple[str, ...] = ()
    """Host names beyond loopback that requests may address us by."""
    trusted_proxies: tuple[str, ...] = ()
    token_endpoint: bool = True
    """Whether GET /token answers admins at all."""

    accounts: tuple[AccountEntry, ...] = ()
    active_account_id: str | None = None
    client_keys: tuple[ClientKeyEntry, ...] = ()
    plain_keys: tuple[str, ...] = ()
    """`auth.apiKey(s)` of the reference format, opened from the vault."""
    admin_secret: str | None = None
    admin_secret_hash: str | None = None

    model_mapping: dict[str, str] = {}
    hidden_models: tuple[str, ...] = ()
    disable_hidden_models: bool = False
    extra_prompts: dict[str, str] = {}
    small_model: str = "gpt-5-mini"
    model_reasoning_efforts: dict[str, str] = {}
    premium_model_multipliers: dict[str, float] = {}
    use_function_apply_patch: bool = True
    usage_test_interval_minutes: int | None = 10
    from_environment: frozenset[str] = frozenset()
    """Names of the fields that the environment decided (read-only in the admin)."""
