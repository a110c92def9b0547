"""`copilot-api keys`: client keys made, listed and revoked."""

from typing import TYPE_CHECKING, Annotated

import typer

from copilot_api.cli.terminal import Terminal, refuse

if TYPE_CHECKING:
    from copilot_api.settings import ClientKeyEntry, Settings
    from copilot_api.store.sealing import Document

app = typer.Typer(help="Make, list and revoke client keys.", no_args_is_help=True)

_JSON = typer.Option("--json", help="Print JSON.")


@app.command("create")
def create(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Who or what will use it.", show_default=False)],
    *,
    account: Annotated[str, typer.Option(help="Id of the account that answers for it.")] = "",
    expires: Annotated[str, typer.Option(help="When it ends: 90d, 12h, 6w, 1y or a date.")] = "",
    scope: Annotated[
        list[str] | None, typer.Option(help="What it may reach: inference, usage, admin (repeatable).")
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Refuse what would be lost in translation, instead of losing it.")
    ] = False,
    as_json: Annotated[bool, _JSON] = False,
) -> None:
    """Make a key and show it, this once."""
    from msgspec import to_builtins

    from copilot_api.store.keys import create_key

    terminal: Terminal = context.obj
    _, config, _, settings = terminal.open_config()
    _check(settings, name, account, scope or [])
    key, entry = create_key(
        name,
        account_id=account,
        scopes=tuple(scope) if scope else ("inference",),
        expires_at=_read_expiry(terminal, expires),
        strict=strict,
        clock=terminal.clock,
    )
    fields: object = to_builtins(entry)
    config.update(lambda document: _add(document, fields))
    if as_json:
        terminal.say_json({"key": key, "id": entry.id, "name": name, "expiresAt": entry.expires_at})
        return
    terminal.warn("This is the only time the key is shown; only its digest is kept.")
    terminal.say(key)


@app.command("list")
def list_keys(context: typer.Context, as_json: Annotated[bool, _JSON] = False) -> None:
    """List the keys; a key itself cannot be shown again."""
    terminal: Terminal = context.obj
    _, _, _, settings = terminal.open_config()
    found = [_described(entry, terminal.clock()) for entry in settings.client_keys]
    if as_json:
        terminal.say_json(found)
        return
    terminal.say_table(
        ("name", "id", "scopes", "account", "created", "expires"),
        [
            (
                entry.name,
                entry.id,
                " ".join([*entry.scopes, *(["(strict)"] if entry.strict else [])]),
                entry.account_id or "active",
                entry.created_at[:10],
                f"{entry.expires_at or 'never'}{' (expired)' if shown['isExpired'] else ''}",
            )
            for entry, shown in zip(settings.client_keys, found, strict=True)
        ],
        "There are no client keys. `copilot-api keys create NAME` makes one.",
    )
    if settings.plain_keys:
        terminal.say(
            f"Besides these, {len(settings.plain_keys)} plain key(s) from auth.apiKeys or COPILOT_API_KEY."
        )


@app.command("revoke")
def revoke(
    context: typer.Context,
    key: Annotated[str, typer.Argument(help="Name or id of a key.", show_default=False)],
) -> None:
    """Revoke a key; a running server refuses it within a second."""
    from copilot_api.settings import as_list, as_object

    terminal: Terminal = context.obj
    _, config, _, _ = terminal.open_config()
    left_count = 0

    def drop(document: "Document") -> None:
        nonlocal left_count
        kept = as_list(document.get("clientKeys")) or []
        left = [item for item in kept if key not in _names(as_object(item) or {})]
        if len(left) == len(kept):
            refuse(f"There is no key {key!r}. `copilot-api keys list` shows them.")
        document["clientKeys"] = left
        left_count = len(left)

    config.update(drop)
    terminal.say(f"{key!r} is revoked.")
    _, _, _, settings = terminal.open_config()
    if left_count == 0 and not settings.plain_keys:
        terminal.warn("No key is left: everybody who reaches the gateway may use it.")


def _names(item: "Document") -> tuple[object, object]:
    return item.get("id"), item.get("name")


def _check(settings: "Settings", name: str, account: str, scopes: list[str]) -> None:
    """Refuse what would make a key that helps nobody."""
    from copilot_api.settings import KEY_SCOPES

    if not name.strip():
        refuse("The name is empty. Give one that tells who uses the key.")
    if any(entry.name == name for entry in settings.client_keys):
        refuse(f"There is a key {name!r} already. Choose another name, or revoke it first.")
    unknown = [word for word in scopes if word not in KEY_SCOPES]
    if unknown:
        refuse(f"{unknown[0]!r} is no scope. Give {', '.join(KEY_SCOPES)}.")
    if account and account not in {entry.id for entry in settings.accounts}:
        refuse(f"There is no account with id {account!r}. `copilot-api accounts list` shows the ids.")


def _read_expiry(terminal: Terminal, text: str) -> str:
    from copilot_api.store.keys import read_expiry

    try:
        return read_expiry(text, terminal.clock) if text else ""
    except ValueError as error:
        refuse(f"--expires: {error}")


def _add(document: "Document", fields: object) -> None:
    from copilot_api.settings import as_list

    kept = as_list(document.get("clientKeys"))
    if kept is None:
        if document.get("clientKeys") is not None:
            refuse("clientKeys in config.json is not an array. Mend it first; nothing was changed.")
        kept = document["clientKeys"] = []
    kept.append(fields)


def _described(entry: "ClientKeyEntry", now_unix_s: float) -> dict[str, object]:
    from copilot_api.settings import read_instant

    return {
        "id": entry.id,
        "name": entry.name,
        "scopes": list(entry.scopes),
        "strict": entry.strict,
        "accountId": entry.account_id,
        "createdAt": entry.created_at,
        "expiresAt": entry.expires_at,
        "isExpired": bool(entry.expires_at) and read_instant(entry.expires_at) <= now_unix_s,
    }
