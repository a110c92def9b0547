"""`copilot-api keys list`."""

from typing import TYPE_CHECKING, Annotated

import typer

from copilot_api.cli.terminal import Terminal

if TYPE_CHECKING:
    from copilot_api.settings import ClientKeyEntry, Settings
    from copilot_api.store.keys import KeyUses


def list_keys(
    context: typer.Context, as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False
) -> None:
    """List the keys; a key itself cannot be shown again."""
    from copilot_api.store.keys import KEY_USES_NAME, KeyUses

    terminal: Terminal = context.obj
    environment, _, _, settings = terminal.open_config()
    uses = KeyUses(environment.data_directory / KEY_USES_NAME)
    uses.load()
    found = [_described(entry, settings, uses, terminal.clock()) for entry in settings.client_keys]
    if as_json:
        terminal.say_json(found)
        return
    terminal.say_table(
        ("name", "id", "key", "scopes", "account", "created", "expires", "last used", "limits"),
        [_row(entry, shown) for entry, shown in zip(settings.client_keys, found, strict=True)],
        "There are no client keys. `copilot-api keys create NAME` makes one.",
    )
    if settings.plain_keys:
        terminal.say(
            f"Besides these, {len(settings.plain_keys)} plain key(s) from auth.apiKeys or COPILOT_API_KEY."
        )


def _row(entry: "ClientKeyEntry", shown: dict[str, object]) -> tuple[str, ...]:
    account = entry.account_id or "active"
    return (
        entry.name,
        entry.id,
        entry.hint,
        " ".join([*entry.scopes, *(["(strict)"] if entry.strict else [])]),
        f"{account} (gone)" if shown["state"] == "unbound" else account,
        entry.created_at[:10],
        f"{entry.expires_at or 'never'}{' (expired)' if shown['isExpired'] else ''}",
        str(shown["lastUsedAt"] or "never"),
        ", ".join(_limits(entry)),
    )


def _limits(entry: "ClientKeyEntry") -> list[str]:
    limits, budget = entry.rate_limit, entry.budget
    said = [
        *([f"models {' '.join(entry.models)}"] if entry.models else []),
        *([f"{limits.requests_per_minute} requests/min"] if limits.requests_per_minute else []),
        *([f"{limits.tokens_per_minute} tokens/min"] if limits.tokens_per_minute else []),
        *([f"{limits.concurrency} at a time"] if limits.concurrency else []),
    ]
    if budget is not None:
        said += [f"{budget.credits:g} credits/{budget.period}"] if budget.credits else []
        said += [f"{budget.requests} requests/{budget.period}"] if budget.requests else []
    return said


def _described(
    entry: "ClientKeyEntry", settings: "Settings", uses: "KeyUses", now_unix_s: float
) -> dict[str, object]:

    from msgspec import to_builtins

    from copilot_api.settings import read_instant, write_instant

    used = uses.last(entry.id)
    is_expired = bool(entry.expires_at) and read_instant(entry.expires_at) <= now_unix_s
    is_unbound = bool(entry.account_id) and entry.account_id not in {one.id for one in settings.accounts}
    limits: object = to_builtins(entry.rate_limit)
    budget: object = to_builtins(entry.budget)
    return {
        "id": entry.id,
        "name": entry.name,
        "hint": entry.hint,
        "scopes": list(entry.scopes),
        "strict": entry.strict,
        "accountId": entry.account_id,
        "models": list(entry.models),
        "rateLimit": limits,
        "budget": budget,
        "createdAt": entry.created_at,
        "expiresAt": entry.expires_at,
        "isExpired": is_expired,
        "lastUsedAt": None if used is None else write_instant(used),
        "state": "expired" if is_expired else "unbound" if is_unbound else "active",
    }
