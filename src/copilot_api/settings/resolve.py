"""Where the three sources meet: command line over environment over config.json over default.

Owns the order. Must never read a file or `os.environ`: it is given what was read.
"""

from collections.abc import Callable, Mapping
from typing import cast

import msgspec

from copilot_api.settings import accepted
from copilot_api.settings.document import read_document
from copilot_api.settings.environment import Environment
from copilot_api.settings.model import AccountEntry, LogFormat, Problem, Settings, SettingsError

VAULT_PREFIX = "vault:"
"""What a sealed secret's place in config.json starts with."""


class Overrides(msgspec.Struct, frozen=True):
    """What the command line decides; None leaves the choice to the environment and the file.

    The addresses are for demo mode, where the simulator's port is known only once it runs.
    """

    host: str | None = None
    port: int | None = None
    verbose: bool | None = None
    show_token: bool | None = None
    log_format: LogFormat | None = None
    rate_limit_s: float | None = None
    rate_limit_wait: bool | None = None
    manual_approval: bool | None = None
    use_proxy_environment: bool | None = None
    demo: bool | None = None
    validate_streams: bool | None = None
    github_url: str | None = None
    github_api_url: str | None = None
    upstream_url: str | None = None


def _keep(text: str) -> str:
    """Reveal nothing: for documents without vault references."""
    return text


def resolve(
    environment: Environment,
    document: Mapping[str, object],
    overrides: Overrides | None = None,
    *,
    reveal: Callable[[str], str | None] = _keep,
) -> Settings:
    """Settle every setting.

    `reveal` opens a vault reference, or returns None when it cannot: then the key it stands for is missing
    and `has_unreadable_keys` keeps the door shut. Account tokens stay references.
    Raises: nothing; what cannot be used is in `Settings.problems`.
    """
    read = read_document(document)
    ordered = _ordered(overrides)
    decided = {**environment.values, **ordered}
    values = {**read.values, **decided}
    values["active_account_id"] = _active_account(values)
    if "admin_secret" in decided:
        values.pop("admin_secret_hash", None)
    keys, lost = _reveal_all(read.sealed_keys, reveal)
    if environment.client_key is not None and environment.client_key not in keys:
        keys = (*keys, environment.client_key)
        decided["plain_keys"] = keys  # its last one, to be exact
    problems = (*_still_relevant(read.problems, decided), *lost, *_sample_keys(keys))
    anthropic = read.anthropic_api_key and reveal(read.anthropic_api_key)
    values.update(
        data_directory=environment.data_directory,
        timeouts={**cast("dict[str, object]", values.get("timeouts", {})), **environment.timeouts},
        plain_keys=keys,
        has_unreadable_keys=read.has_unreadable_keys or bool(lost),
        anthropic_api_key=anthropic or environment.anthropic_api_key,
        from_environment=frozenset(decided) | {f"timeouts.{field}" for field in environment.timeouts},
        from_command_line=frozenset(ordered),
        problems=problems,
    )
    return msgspec.convert(values, Settings)  # a reader that gave a wrong type would fail here, in tests


def _ordered(overrides: Overrides | None) -> dict[str, object]:
    """What the command line decides, by field."""
    given = {field: getattr(overrides, field, None) for field in Overrides.__struct_fields__}
    return {field: value for field, value in given.items() if value is not None}


def require_startable(settings: Settings) -> Settings:
    """Pass settings on that a server may start with.

    Raises: SettingsError with the first problem that must be mended before.
    """
    for problem in settings.problems:
        if problem.stops_start:
            raise SettingsError(str(problem))
    return settings


def _active_account(values: Mapping[str, object]) -> object:
    """Choose the first account where the file chooses none, as the reference gateway does."""
    accounts = cast(tuple[AccountEntry, ...], values["accounts"])
    chosen = values.get("active_account_id")
    return accounts[0].id if chosen is None and accounts else chosen


def _reveal_all(
    sealed: tuple[str, ...], reveal: Callable[[str], str | None]
) -> tuple[tuple[str, ...], tuple[Problem, ...]]:
    opened = [(text, reveal(text)) for text in sealed]
    lost = tuple(
        Problem(
            "config.json: auth",
            f"the client key sealed as {text!r} cannot be opened, so clients that present it are refused.",
            "Run `copilot-api doctor`, or replace the entry by the key itself.",
        )
        for text, plain in opened
        if plain is None
    )
    return tuple(plain for _, plain in opened if plain is not None), lost


def _sample_keys(keys: tuple[str, ...]) -> tuple[Problem, ...]:
    return tuple(
        Problem(
            "config.json: auth",
            "one of the client keys is a sample from documentation that everybody knows.",
            "Make one with `copilot-api keys create NAME` and remove the sample.",
        )
        for key in keys
        if accepted.is_sample_key(key)
    )


def _still_relevant(problems: tuple[Problem, ...], decided: Mapping[str, object]) -> tuple[Problem, ...]:
    """Forget a bad hash in the file while the environment holds the admin secret."""
    if "admin_secret" in decided or "admin_secret_hash" in decided:
        return tuple(problem for problem in problems if not problem.stops_start)
    return problems
