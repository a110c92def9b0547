"""The checks that need no network: environment, directory, file, vault, ledger, accounts, proxies."""

import os
import stat
from collections.abc import Iterator, Mapping

from copilot_api.cli.doctor.findings import Finding, Verdict, failed
from copilot_api.errors import StoreUnavailable
from copilot_api.settings import SINGULAR, TIMEOUTS, VARIABLES, Environment, Settings, SettingsError
from copilot_api.store.config_file import ConfigFile, ConfigState
from copilot_api.store.ledger import Place
from copilot_api.store.ledger.problems import look_at

_PROXY_VARIABLES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY")


def check_environment(variables: Mapping[str, str]) -> Finding:
    """Tell which variables decide something."""
    known = (*VARIABLES, *TIMEOUTS, *SINGULAR)
    found = [variable.name for variable in known if variables.get(variable.name)]
    return Finding("environment", "pass", f"Set: {', '.join(found)}." if found else "Nothing is set.")


def check_directory(environment: Environment) -> Finding:
    """See whether the data directory can be used, and by whom."""
    directory = environment.data_directory
    name, shown = "data directory", repr(str(directory))
    if not directory.is_dir():
        parent = next(place for place in directory.parents if place.exists())
        if os.access(parent, os.W_OK | os.X_OK):
            return Finding(name, "pass", f"{shown} will be made when something is stored.")
        return Finding(
            name,
            "fail",
            f"{shown} does not exist and cannot be made in {str(parent)!r}.",
            "Make it writable for this user, or set COPILOT_API_HOME to another place.",
        )
    if not os.access(directory, os.R_OK | os.W_OK | os.X_OK):
        return Finding(
            name, "fail", f"{shown} is not writable.", "Give it to this user, or set COPILOT_API_HOME."
        )
    if os.name == "posix" and stat.S_IMODE(directory.stat().st_mode) & 0o077:
        return Finding(
            name, "warn", f"{shown} can be read by other users.", f"Run: chmod 700 {str(directory)!r}"
        )
    return Finding(name, "pass", f"{shown} is writable and private.")


def check_config(config: ConfigFile, state: ConfigState, settings: Settings) -> Iterator[Finding]:
    """Report the file itself, then everything in it that cannot be used."""
    if state.problem is not None:
        yield failed("config file", StoreUnavailable(state.problem))
    elif not config.path.exists():
        yield Finding("config file", "pass", "There is none yet; everything stands at its default.")
    else:
        yield Finding("config file", "pass", f"{str(config.path)!r} is readable.")
    for problem in settings.problems:
        if problem.path != "config.json" or state.problem is None:
            verdict: Verdict = "fail" if problem.stops_start else "warn"
            yield Finding("settings", verdict, f"{problem.path}: {problem.message}", problem.remedy)
    if config.path.exists() and os.name == "posix" and config.path.stat().st_mode & 0o077:
        yield Finding(
            "config file",
            "warn",
            "config.json can be read by other users.",
            f"Run: chmod 600 {str(config.path)!r}",
        )


def check_vault(config: ConfigFile) -> Finding:
    """See whether the vault's key is at hand."""
    try:
        return Finding("vault", "pass", config.vault.check())
    except StoreUnavailable as error:
        return failed("vault", error)


def check_ledger(settings: Settings) -> Finding:
    """See whether usage can be written down, and whether what was written is whole."""
    if not settings.usage_ledger:
        return Finding("usage ledger", "pass", "It is switched off.")
    try:
        return Finding(
            "usage ledger", "pass", look_at(Place.of(settings.data_directory, settings.database_url))
        )
    except StoreUnavailable as error:
        return failed("usage ledger", error)


def check_accounts(config: ConfigFile, settings: Settings) -> Iterator[Finding]:
    """See whether somebody is logged in, and whether every token can be opened."""
    if not settings.accounts:
        yield Finding("accounts", "fail", "Nobody is logged in.", "Run: copilot-api login")
        return
    known = {entry.id for entry in settings.accounts}
    if settings.active_account_id not in known:
        yield Finding("accounts", "fail", "No account is active.", "Run: copilot-api accounts switch LOGIN")
    for entry in settings.accounts:
        try:
            config.vault.open(entry.token)
        except StoreUnavailable as error:
            yield failed(f"account {entry.login}", error)
        else:
            active = ", active" if entry.id == settings.active_account_id else ""
            yield Finding(
                f"account {entry.login}", "pass", f"{entry.github_host}, {entry.account_type}{active}."
            )


def check_proxy(settings: Settings, variables: Mapping[str, str]) -> Finding:
    """Say through which proxy GitHub and Copilot are asked."""
    from copilot_api.copilot.transport.proxy import chosen_proxies

    found = [name for name in _PROXY_VARIABLES if variables.get(name) or variables.get(name.lower())]
    if not settings.use_proxy_environment and settings.proxy_url is None:
        if found:
            return Finding(
                "proxy",
                "warn",
                f"{', '.join(found)} is set and not used.",
                "Set PROXY_ENV=true if requests must go through it.",
            )
        return Finding("proxy", "pass", "None; requests go directly.")
    try:
        rules = chosen_proxies(settings, variables)
    except SettingsError as error:
        return failed("proxy", error)
    if rules.https is None:
        return Finding(
            "proxy",
            "warn",
            "PROXY_ENV is on, but no proxy for https is set.",
            "Set HTTPS_PROXY or ALL_PROXY, or turn PROXY_ENV off.",
        )
    return Finding("proxy", "pass", f"{rules.https.url} for https.")
