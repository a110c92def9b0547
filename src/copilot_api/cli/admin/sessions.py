"""Who is signed in to the admin, and ending that from the command line."""

from typing import TYPE_CHECKING, Annotated

import typer

from copilot_api.cli.terminal import Terminal, refuse

if TYPE_CHECKING:
    from copilot_api.settings import Settings
    from copilot_api.store.sessions import Sessions


def list_sessions(
    context: typer.Context, as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False
) -> None:
    """List the browsers that are signed in."""
    terminal: Terminal = context.obj
    sessions, settings = _open(terminal)
    found = sessions.current(settings)
    if as_json:
        terminal.say_json(
            [
                {
                    "id": one.id,
                    "createdAt": one.created_at,
                    "lastSeenAt": one.last_seen_at,
                    "expiresAt": one.expires_at,
                    "peer": one.peer,
                    "client": one.client,
                }
                for one in found
            ]
        )
        return
    terminal.say_table(
        ("id", "signed in", "last seen", "until", "from", "browser"),
        [(one.id, one.created_at, one.last_seen_at, one.expires_at, one.peer, one.client) for one in found],
        "Nobody is signed in.",
    )


def revoke(
    context: typer.Context,
    ids: Annotated[list[str] | None, typer.Argument(help="Ids of sessions; without any, all.")] = None,
) -> None:
    """End sessions; a running server refuses them at once."""
    terminal: Terminal = context.obj
    sessions, settings = _open(terminal)
    known = {one.id for one in sessions.current(settings)}
    unknown = [name for name in ids or () if name not in known]
    if unknown:
        refuse(f"There is no session {unknown[0]!r}. `copilot-api admin sessions` shows them.")
    count = sessions.end(ids) if ids else sessions.end_all()
    terminal.note("session.revoke", " ".join(ids or ["all"]), f"{count} ended")
    terminal.say(f"{count} session(s) ended.")


def _open(terminal: Terminal) -> "tuple[Sessions, Settings]":
    from copilot_api.store.sessions import FILE_NAME, Sessions

    environment, _, _, settings = terminal.open_config()
    return Sessions(environment.data_directory / FILE_NAME, clock=terminal.clock), settings
