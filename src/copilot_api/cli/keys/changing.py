"""`copilot-api keys edit`, `rotate` and `revoke`."""

from typing import TYPE_CHECKING, Annotated, NoReturn

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
    from copilot_api.store.sealing import Document

_KEY = typer.Argument(help="Name or id of a key.", show_default=False)


def edit(
    context: typer.Context,
    key: Annotated[str, _KEY],
    *,
    name: Annotated[str | None, typer.Option(help="Another name.")] = None,
    account: Annotated[str | None, typer.Option(help="Id of an account, or `active`.")] = None,
    expires: Annotated[str | None, typer.Option(help="90d, 12h, 6w, 1y, a date, or `never`.")] = None,
    scope: Scopes = None,
    model: Models = None,
    limit: Limits = None,
    budget: Spending = None,
    strict: Annotated[
        bool | None, typer.Option("--strict/--lax", help="Refuse what would be lost in translation.")
    ] = None,
) -> None:
    """Change what a key may do; `--model all`, `--limit none` and `--budget none` take limits away."""
    terminal: Terminal = context.obj
    _, config, _, _ = terminal.open_config()
    given: dict[str, object] = {
        "name": name,
        "accountId": "" if account == "active" else account,
        "expires": "" if expires == "never" else expires,
        "scopes": scope,
        "models": [] if model == ["all"] else model,
        "isStrict": strict,
        "rateLimit": limit and (read_limits(limit) if limit != ["none"] else ""),
        "budget": budget and (read_budget(budget) if budget != ["none"] else ""),
    }
    said = {field: value for field, value in given.items() if value is not None}
    if not said:
        refuse("Nothing is said. `copilot-api keys edit --help` shows what can be.")
    fields = read(said, terminal.clock)
    terminal.change(
        config,
        "keys.change",
        key,
        lambda document: _change(document, key, fields),
        detail=", ".join(fields),
    )
    terminal.say(f"{key!r} is changed; a running server follows within a second.")


def rotate(
    context: typer.Context,
    key: Annotated[str, _KEY],
    grace: Annotated[
        int, typer.Option(min=0, max=30 * 86_400, help="Seconds for which the old value still works.")
    ] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Give a key a new value and show it, this once."""
    from copilot_api.store.edits import keys as edits
    from copilot_api.store.keys import hint_of, new_value

    terminal: Terminal = context.obj
    _, config, _, _ = terminal.open_config()
    value, sha256 = new_value()

    def renew(document: "Document") -> None:
        is_done = edits.rotate(
            document, key, sha256=sha256, hint=hint_of(value), grace_s=grace, now_unix_s=terminal.clock()
        )
        if not is_done:
            _missing(key)

    kept = f"the old value works for {grace} s" if grace else "the old value ends"
    terminal.change(config, "keys.rotate", key, renew, detail=kept)
    if as_json:
        terminal.say_json({"key": value, "name": key})
        return
    terminal.warn("This is the only time the key is shown; only its digest is kept.")
    terminal.say(value)


def revoke(context: typer.Context, key: Annotated[str, _KEY]) -> None:
    """Revoke a key; a running server refuses it within a second."""
    from copilot_api.store.edits import keys as edits

    terminal: Terminal = context.obj
    _, config, _, _ = terminal.open_config()

    def drop(document: "Document") -> None:
        if edits.revoke(document, key) is None:
            _missing(key)

    terminal.change(config, "keys.revoke", key, drop)
    terminal.say(f"{key!r} is revoked.")
    _, _, _, settings = terminal.open_config()
    if not settings.client_keys and not settings.plain_keys:
        terminal.warn("No key is left: everybody who reaches the gateway may use it.")


def _change(document: "Document", key: str, fields: dict[str, object]) -> None:
    from copilot_api.store.edits import keys as edits
    from copilot_api.store.keys import WrongFields, check_against

    found = edits.find(document, key)
    if found is None:
        _missing(key)
    key_id = str(found.get("id"))
    try:
        check_against(document, fields, key_id)
    except WrongFields as wrong:
        refuse(words(wrong.fields))
    edits.change(document, key_id, fields)


def _missing(key: str) -> NoReturn:
    refuse(f"There is no key {key!r}. `copilot-api keys list` shows them.")
