"""`copilot-api keys create`."""

from typing import TYPE_CHECKING, Annotated

import typer

from copilot_api.cli.keys.wishes import (
    Limits,
    Models,
    Scopes,
    Spending,
    read,
    read_budget,
    read_limits,
    words,
)
from copilot_api.cli.terminal import Terminal, refuse

if TYPE_CHECKING:
    from copilot_api.settings import ClientKeyEntry
    from copilot_api.store.sealing import Document

_ONCE = "This is the only time the key is shown; only its digest is kept."
_FIRST = " It is the first one: from now on every client needs a key."


def create(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Who or what will use it.", show_default=False)],
    *,
    account: Annotated[str, typer.Option(help="Id of the account that answers for it.")] = "",
    expires: Annotated[str, typer.Option(help="When it ends: 90d, 12h, 6w, 1y or a date.")] = "",
    scope: Scopes = None,
    model: Models = None,
    limit: Limits = None,
    budget: Spending = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Refuse what would be lost in translation, instead of losing it.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Make a key and show it, this once."""
    terminal: Terminal = context.obj
    _, config, _, settings = terminal.open_config()
    said = {
        "name": name,
        "accountId": account,
        "expires": expires,
        "scopes": scope or ["inference"],
        "models": model,
        "isStrict": strict,
        "rateLimit": read_limits(limit) if limit else None,
        "budget": read_budget(budget) if budget else None,
    }
    fields = {key: value for key, value in read(said, terminal.clock).items() if value is not None}
    key, entry = _made(fields, terminal)
    is_first = not (settings.client_keys or settings.plain_keys)
    named = f"name {entry.name}"
    terminal.change(config, "keys.create", entry.id, lambda found: _add(found, fields, entry), detail=named)
    if as_json:
        terminal.say_json({"key": key, "id": entry.id, "name": entry.name, "expiresAt": entry.expires_at})
        return
    terminal.warn(_ONCE + (_FIRST if is_first else ""))
    terminal.say(key)


def _made(fields: dict[str, object], terminal: Terminal) -> "tuple[str, ClientKeyEntry]":
    from msgspec import convert, to_builtins

    from copilot_api.settings import ClientKeyEntry
    from copilot_api.store.keys import create_key

    key, made = create_key(str(fields["name"]), clock=terminal.clock)
    made_fields: dict[str, object] = to_builtins(made)
    return key, convert({**made_fields, **fields}, ClientKeyEntry)


def _add(document: "Document", fields: dict[str, object], entry: "ClientKeyEntry") -> None:
    from copilot_api.store.edits import keys as edits
    from copilot_api.store.keys import WrongFields, check_against

    try:
        check_against(document, fields, entry.id)
    except WrongFields as wrong:
        refuse(words(wrong.fields))
    edits.add(document, entry)
