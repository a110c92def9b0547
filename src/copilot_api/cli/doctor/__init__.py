"""`copilot-api doctor`: everything that can be wrong, checked in order, each with its remedy."""

from typing import TYPE_CHECKING, Annotated

import typer

from copilot_api.cli.terminal import Terminal, printable

if TYPE_CHECKING:
    from copilot_api.cli.doctor.findings import Finding

_MARKS = {"pass": "ok  ", "warn": "warn", "fail": "FAIL", "skip": "skip"}


def doctor(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    offline: Annotated[bool, typer.Option("--offline", help="Ask nobody over the network.")] = False,
) -> None:
    """Check the installation; exit code 1 when something must be mended."""
    import msgspec

    terminal: Terminal = context.obj
    findings = _examine(terminal, offline=offline)
    if as_json:
        terminal.say_json([msgspec.to_builtins(finding) for finding in findings])
    else:
        width = max(len(finding.name) for finding in findings)
        for finding in findings:
            terminal.say(printable(f"{_MARKS[finding.verdict]}  {finding.name:<{width}}  {finding.message}"))
            if finding.remedy:
                terminal.say(printable(f"      {'':<{width}}  -> {finding.remedy}"))
    if any(finding.verdict == "fail" for finding in findings):
        raise typer.Exit(1)


def _examine(terminal: Terminal, *, offline: bool) -> "list[Finding]":
    from copilot_api.cli.doctor import offline as here
    from copilot_api.cli.doctor.findings import failed
    from copilot_api.settings import SettingsError, read_environment
    from copilot_api.store.config_file import open_config

    try:
        environment = read_environment(terminal.variables)
    except SettingsError as error:
        return [failed("environment", error)]
    findings = [here.check_environment(terminal.variables), here.check_directory(environment)]
    config = open_config(environment)
    state = config.load()
    settings = config.resolve(state, environment)
    findings.extend(here.check_config(config, state, settings))
    findings.append(here.check_vault(config))
    findings.append(here.check_ledger(settings))
    findings.extend(here.check_accounts(config, settings))
    findings.append(here.check_proxy(settings, terminal.variables))
    if offline:
        return findings
    from copilot_api.cli.doctor.online import examine
    from copilot_api.cli.visit import visit

    try:
        seen = visit(settings, config.vault, terminal.variables, lambda road: examine(road, terminal.clock))
    except SettingsError as error:  # a proxy or a CA bundle that cannot be used
        return [*findings, failed("network", error)]
    return [*findings, *seen]
