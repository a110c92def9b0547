"""`copilot-api accounts`, `logout` and `whoami`."""

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from copilot_api.cli.terminal import Terminal, printable, refuse

if TYPE_CHECKING:
    from copilot_api.cli.visit import Visit
    from copilot_api.copilot.github import CopilotUser
    from copilot_api.copilot.quota import Quota
    from copilot_api.settings import AccountEntry, Settings
    from copilot_api.store.sealing import Document

app = typer.Typer(help="List, switch, change and remove GitHub accounts.", no_args_is_help=True)

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
def switch(
    context: typer.Context,
    account: Annotated[str, _ACCOUNT],
    force: Annotated[
        bool, typer.Option("--force", help="Switch without asking whether it can answer.")
    ] = False,
) -> None:
    """Make an account the active one, once it can answer; a running server follows."""
    from copilot_api.store.edits.accounts import choose

    terminal: Terminal = context.obj
    _, config, _, settings = terminal.open_config()
    entry = _find(settings, account)
    if not force:
        _prepare(terminal, entry)
    terminal.change(
        config, "accounts.switch", entry.id, lambda document: _must(choose(document, entry.id), account)
    )
    terminal.say(f"{printable(entry.login)} is the active account.")


@app.command("order")
def order(
    context: typer.Context,
    accounts: Annotated[list[str], typer.Argument(help="Every account, by login or id.", show_default=False)],
) -> None:
    """Put the accounts into another order."""
    from copilot_api.store.edits.accounts import put_in_order

    terminal: Terminal = context.obj
    _, config, _, settings = terminal.open_config()
    wanted = [_find(settings, account).id for account in accounts]

    def edit(document: "Document") -> None:
        if not put_in_order(document, wanted):
            refuse("This is no order of the accounts. Name each of them once.")

    terminal.change(config, "accounts.order", "all", edit)
    terminal.say("The accounts are in this order now.")


@app.command("set")
def put(
    context: typer.Context,
    account: Annotated[str, _ACCOUNT],
    *,
    kind: Annotated[
        Literal["individual", "business", "enterprise"] | None, typer.Option("--type", help="What it is.")
    ] = None,
    credential_mode: Annotated[
        Literal["auto", "exchange", "direct"] | None,
        typer.Option(help="Exchange its GitHub token for a Copilot one, or use it directly."),
    ] = None,
) -> None:
    """Change what an account is, or how its credential is used."""
    from copilot_api.store.edits.accounts import change

    terminal: Terminal = context.obj
    _, config, _, settings = terminal.open_config()
    entry = _find(settings, account)
    given = {"accountType": kind, "credentialMode": credential_mode}
    said = {name: value for name, value in given.items() if value is not None}
    if not said:
        refuse("Nothing is said. `copilot-api accounts set --help` shows what can be.")
    terminal.change(
        config,
        "accounts.change",
        entry.id,
        lambda document: _must(change(document, entry.id, said), account),
        detail=", ".join(f"{name} {value}" for name, value in said.items()),
    )
    terminal.say(f"{printable(entry.login)} is changed.")


@app.command("quota")
def quota(
    context: typer.Context,
    account: Annotated[
        str | None, typer.Argument(help="Login or id; without it the active account.", show_default=False)
    ] = None,
    as_json: Annotated[bool, _JSON] = False,
) -> None:
    """Ask GitHub what is left of an account's plan."""
    from msgspec import to_builtins

    from copilot_api.cli.visit import visit

    terminal: Terminal = context.obj
    _, config, _, settings = terminal.open_config()
    wanted = account or settings.active_account_id
    if wanted is None:
        refuse("Nobody is logged in. Run `copilot-api login`.")
    entry = _find(settings, wanted)
    token = config.vault.open(entry.token)

    async def errand(road: "Visit") -> "CopilotUser":
        return await road.github.copilot_user(token, entry.github_host)

    found = visit(settings, config.vault, terminal.variables, errand)
    buckets = found.quota.buckets.values()
    if as_json:
        listed: object = to_builtins(list(buckets))
        terminal.say_json(
            {"login": entry.login, "plan": found.plan, "resetsAt": found.quota.resets_at, "buckets": listed}
        )
        return
    terminal.say_table(
        ("bucket", "left", "of", "used"),
        [_left(bucket) for bucket in buckets],
        "GitHub tells no quota of this account.",
    )
    terminal.say(printable(f"Plan {found.plan or 'unknown'}, resets {found.quota.resets_at or 'unknown'}."))


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


def _prepare(terminal: Terminal, entry: "AccountEntry") -> None:
    """Fetch token and models of an account before it is chosen; refuse when it cannot answer."""
    from copilot_api.cli.visit import visit
    from copilot_api.errors import GatewayError

    _, config, _, settings = terminal.open_config()

    async def errand(road: "Visit") -> None:
        await (await road.account(entry.id)).prepare()

    try:
        visit(settings, config.vault, terminal.variables, errand)
    except GatewayError as error:
        refuse(
            f"{printable(entry.login)} cannot answer now, so nothing was changed. {error.message} "
            "`--force` switches all the same."
        )


def _left(bucket: "Quota") -> tuple[str, ...]:
    """One row of the table: unlimited, overdrawn and not part of the plan look different."""
    if bucket.is_unlimited:
        return bucket.name, "unlimited", "", ""
    if not bucket.is_applicable:
        return bucket.name, "not in this plan", "", ""
    numbers = (bucket.remaining, bucket.entitlement, bucket.used)
    return (bucket.name, *("?" if number is None else f"{number:g}" for number in numbers))


def _remove(terminal: Terminal, entry: "AccountEntry") -> None:
    from copilot_api.store.edits.accounts import forget

    _, config, _, _ = terminal.open_config()
    after = terminal.change(
        config,
        "accounts.remove",
        entry.id,
        lambda document: _must(forget(document, entry.id) is not None, entry.login),
    )
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
