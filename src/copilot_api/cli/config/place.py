"""`copilot-api config path`, `export`, `variables` and `hash-secret`."""

from typing import Annotated

import typer

from copilot_api.cli.terminal import Terminal, refuse


def path(context: typer.Context) -> None:
    """Print the path of config.json."""
    from copilot_api.settings import read_environment

    terminal: Terminal = context.obj
    terminal.say(str(read_environment(terminal.variables).data_directory / "config.json"))


def export(
    context: typer.Context,
    reveal: Annotated[
        bool, typer.Option("--reveal", help="Show tokens and keys in clear, as the reference gateway wants.")
    ] = False,
) -> None:
    """Print config.json, secrets masked unless revealed."""
    terminal: Terminal = context.obj
    _, config, _, _ = terminal.open_config()
    document = config.export(reveal=reveal)
    if reveal:
        terminal.warn("What follows holds tokens in clear. Keep it to yourself.")
    terminal.say_json(document)


def variables(
    context: typer.Context, as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False
) -> None:
    """List the environment variables that decide something, and which are set."""
    from copilot_api.settings import SINGULAR, TIMEOUTS, VARIABLES

    terminal: Terminal = context.obj
    table = sorted((*VARIABLES, *TIMEOUTS, *SINGULAR), key=lambda variable: variable.name)
    if as_json:
        terminal.say_json(
            [
                {
                    "name": variable.name,
                    "meaning": variable.meaning,
                    "accepted": variable.accepted,
                    "isSet": bool(terminal.variables.get(variable.name)),
                }
                for variable in table
            ]
        )
        return
    terminal.say_table(
        ("", "variable", "meaning"),
        [("*" if terminal.variables.get(v.name) else "", v.name, v.meaning) for v in table],
        "",
    )


def hash_secret(context: typer.Context) -> None:
    """Read an admin secret from standard input and print its hash for ADMIN_SECRET_HASH."""
    from copilot_api.settings import accepted
    from copilot_api.store.admin_secret import hash_admin_secret

    terminal: Terminal = context.obj
    if terminal.read.isatty():
        import getpass

        secret = getpass.getpass("Admin secret: ")
    else:
        secret = terminal.read.readline()
    try:
        terminal.say(hash_admin_secret(accepted.admin_secret(secret.strip())))
    except ValueError:
        refuse(f"The secret is too short. Give {accepted.ADMIN_SECRET}.")
