"""The audit log from the command line: the newest changes first."""

from typing import Annotated

import typer

from copilot_api.cli.terminal import Terminal


def audit(
    context: typer.Context,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="How many entries.")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show what was changed, when, by whom and from where."""
    from msgspec import to_builtins

    from copilot_api.settings import read_environment
    from copilot_api.store.audit import FILE_NAME, AuditLog

    terminal: Terminal = context.obj
    log = AuditLog(read_environment(terminal.variables).data_directory / FILE_NAME)
    entries, _ = log.page(None, limit)
    if as_json:
        terminal.say_json([{"id": place, **to_builtins(entry)} for place, entry in entries])
        return
    terminal.say_table(
        ("at", "who", "from", "action", "target", "detail"),
        [(one.at, one.who, one.peer, one.action, one.target, one.detail) for _, one in entries],
        "Nothing was changed yet.",
    )
