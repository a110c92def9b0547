"""`copilot-api accounts`, `logout` and `whoami`."""

from typing import TYPE_CHECKING, Annotated

import typer

from copilot_api.cli.terminal import Terminal, printable, refuse

if TYPE_CHECKING:
    from copilot_api.cli.visit import Visit
    from copilot_api.settings import AccountEntry, Settings

app = typer.Typer(help="List, switch and remove GitHub accounts.", no_args_is_help=True)

_ACCOUNT = typer.Argument(help="Login or id of an account.", show_default=False)
_JSON = typer.Option("--json", help="Print JSON.")


@app.command("list")
def list_accounts(context: typer.Context, as_json: Annotated[bool, _JSON] = False) -> None:
    """List the accounts; * marks the active one."""
    terminal: Terminal = context.obj
    _, _, _, settings = terminal.open_config()
    found = [_described(entry, settings) for entry in settings.accounts]
    if as_json:
        terminal.say_json(found)
        return
    terminal.say_table(
        ("", "login", "id", "type", "host", "since"),
        [
            (
                "*" if entry.id == settings.active_account_id else "",
                entry.login,
                entry.id,
                entry.account_type,
                entry.github_host,
                entry.created_at[:10],
            )
            for entry in settings.accounts
        ],
        "Nobody is logged in. Run `copilot-api login`.",
    )


@app.command("switch")
def switch(context: typer.Context, account: Annotated[str, _ACCOUNT]) -> None:
    """Make an account the active one; a running server follows."""
    from copilot_api.store.edits.accounts import choose

    terminal: Terminal = context.obj
    _, config, _, settings = terminal.open_config()
    entry = _find(settings, account)
    config.update(lambda document: _must(choose(document, entry.id), account))
    terminal.say(f"{printable(entry.login)} is the active account.")


@app.command("remove")
def remove(context: typer.Context, account: Annotated[str, _ACCOUNT]) -> None:
    """Remove an account and its token."""
    terminal: Terminal = context.obj
    _, _, _, settings = terminal.open_config()
    _remove(terminal, _find(settings, account))


def logout(
    context: typer.Context,
    account: Annotated[
        str | None, typer.Argument(help="Login or id; without it the active account.", show_default=False)
    ] = None,
) -> None:
    """Forget an account and its token; the active one unless named."""
    terminal: Terminal = context.obj
    _, _, _, settings = terminal.open_config()
    wanted = account or settings.active_account_id
    if wanted is None:
        refuse("Nobody is logged in, so nobody can be logged out.")
    _remove(terminal, _find(settings, wanted))


def whoami(context: typer.Context, as_json: Annotated[bool, _JSON] = False) -> None:
    """Ask GitHub who the active account is and which plan it has."""
    from copilot_api.cli.visit import visit

    terminal: Terminal = context.obj
    _, config, _, settings = terminal.open_config()
    if settings.active_account_id is None:
        refuse("Nobody is logged in. Run `copilot-api login`.")
    entry = _find(settings, settings.active_account_id)
    token = config.vault.open(entry.token)

    async def errand(road: "Visit") -> dict[str, object]:
        user = await road.github.user(token, entry.github_host)
        copilot = await road.github.copilot_user(token, entry.github_host)
        return {
            "login": user.login,
            "name": user.name,
            "id": entry.id,
            "host": entry.github_host,
            "plan": copilot.plan,
            "apiBase": copilot.api_base,
        }

    found = visit(settings, config.vault, terminal.variables, errand)
    if as_json:
        terminal.say_json(found)
    else:
        terminal.say(printable(f"{found['login']} on {found['host']}, plan {found['plan'] or 'unknown'}."))


def _remove(terminal: Terminal, entry: "AccountEntry") -> None:
    from copilot_api.store.edits.accounts import forget

    _, config, _, _ = terminal.open_config()
    after = config.update(lambda document: _must(forget(document, entry.id) is not None, entry.login))
    terminal.say(
        f"{printable(entry.login)} was removed here. GitHub keeps the authorisation; revoke it at "
        f"https://{entry.github_host}/settings/applications."
    )
    active = after.document.get("activeAccountId")
    terminal.say(f"The active account is {active}." if active else "Nobody is logged in now.")


def _find(settings: "Settings", wanted: str) -> "AccountEntry":
    """Find an account by id, or by login where that is unambiguous."""
    by_id = [entry for entry in settings.accounts if entry.id == wanted]
    found = by_id or [entry for entry in settings.accounts if entry.login.lower() == wanted.lower()]
    if len(found) == 1:
        return found[0]
    if found:
        ids = ", ".join(entry.id for entry in found)
        refuse(f"{wanted!r} names several accounts. Give one of the ids {ids}.")
    known = ", ".join(entry.login for entry in settings.accounts)
    refuse(
        f"There is no account {wanted!r}. "
        + (f"There are: {known}." if known else "Nobody is logged in; run `copilot-api login`.")
    )


def _must(is_done: bool, wanted: str) -> None:
    """Refuse when somebody else removed the account meanwhile."""
    if not is_done:
        refuse(f"The account {wanted!r} is gone. Run `copilot-api accounts list`.")


def _described(entry: "AccountEntry", settings: "Settings") -> dict[str, object]:
    return {
        "id": entry.id,
        "login": entry.login,
        "type": entry.account_type,
        "host": entry.github_host,
        "credentialMode": entry.credential_mode,
        "createdAt": entry.created_at,
        "isActive": entry.id == settings.active_account_id,
    }
