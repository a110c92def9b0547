"""The admin secret from the command line: whoever may write config.json needs no old one."""

from typing import TYPE_CHECKING

import typer

from copilot_api.cli.terminal import Terminal, refuse

if TYPE_CHECKING:
    from copilot_api.settings import Environment

_TARGET = "adminAuth.secretHash"


def set_secret(context: typer.Context) -> None:
    """Set or replace the admin secret; it is asked for, or read from standard input.

    A running server notices within a second. Everybody who is signed in is signed out.
    """
    from copilot_api.store.admin_secret import hash_admin_secret, put_secret_hash

    terminal: Terminal = context.obj
    environment, config, _, settings = terminal.open_config()
    _require_ours(environment)
    hashed = hash_admin_secret(_read(terminal))
    action = "secret.set" if settings.admin_secret_hash is None else "secret.rotate"
    terminal.change(config, action, _TARGET, lambda document: put_secret_hash(document, hashed))
    ended = _end_sessions(terminal)
    terminal.say(f"The admin secret is set. Sign in at /admin.{_signed_out(ended)}")


def remove_secret(context: typer.Context) -> None:
    """Remove the admin secret: from then on only this machine may use the admin."""
    from copilot_api.store.admin_secret import put_secret_hash

    terminal: Terminal = context.obj
    environment, config, _, settings = terminal.open_config()
    _require_ours(environment)
    if settings.admin_secret_hash is None:
        terminal.say("No admin secret is set.")
        return
    terminal.change(config, "secret.remove", _TARGET, lambda document: put_secret_hash(document, None))
    ended = _end_sessions(terminal)
    terminal.say(f"The admin secret is removed; only this machine may use the admin now.{_signed_out(ended)}")


def hash_secret(context: typer.Context) -> None:
    """Print the hash of a secret for ADMIN_SECRET_HASH; in a compose file write each $ as $$."""
    from copilot_api.store.admin_secret import hash_admin_secret

    terminal: Terminal = context.obj
    terminal.say(hash_admin_secret(_read(terminal)))


def _read(terminal: Terminal) -> str:
    from copilot_api.settings import accepted

    if terminal.read.isatty():
        import getpass

        secret = getpass.getpass("Admin secret: ").strip()
        if getpass.getpass("Again: ").strip() != secret:
            refuse("The two are not the same. Nothing was changed.")
    else:
        secret = terminal.read.readline().strip()
    try:
        return accepted.admin_secret(secret)
    except ValueError:
        refuse(f"The secret is too short. Give {accepted.ADMIN_SECRET}.")


def _require_ours(environment: "Environment") -> None:
    for field, name in (("admin_secret_hash", "ADMIN_SECRET_HASH"), ("admin_secret", "ADMIN_SECRET")):
        if field in environment.values:
            refuse(f"{name} decides about the admin secret. Change or unset it there.")


def _end_sessions(terminal: Terminal) -> int:
    from copilot_api.settings import read_environment
    from copilot_api.store.sessions import FILE_NAME, Sessions

    return Sessions(read_environment(terminal.variables).data_directory / FILE_NAME).end_all()


def _signed_out(count: int) -> str:
    return f" {count} session(s) ended." if count else ""
