"""`copilot-api usage`: quota bars from GitHub, and sums from the ledger. Works beside a running server and without."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from copilot_api.cli.terminal import Terminal, printable, refuse

if TYPE_CHECKING:
    from copilot_api.cli.visit import Visit
    from copilot_api.copilot.quota import Quota, QuotaSnapshot
    from copilot_api.settings import Settings
    from copilot_api.store.ledger import Summary, Totals

WIDTH = 30
_NANO = 1_000_000_000


class Told(NamedTuple):
    """What GitHub said of an account, or why it did not."""

    id: str
    login: str
    plan: str
    quota: "QuotaSnapshot | None"
    problem: str


def usage(
    context: typer.Context,
    today: Annotated[bool, typer.Option("--today", help="Only what was used since midnight.")] = False,
    month: Annotated[bool, typer.Option("--month", help="Only what was used in this month.")] = False,
    account: Annotated[str | None, typer.Option(help="Id of the account to show.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show what is left of the plan, and what was used today and in this month (your time zone)."""
    if context.invoked_subcommand is not None:
        return
    if today and month:
        refuse("Give --today or --month, or neither for both.")
    terminal: Terminal = context.obj
    told, settings = _ask(terminal, account)
    now = datetime.fromtimestamp(terminal.clock()).astimezone()
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    begins = {} if month else {"today": midnight}
    if not today:
        begins["month"] = midnight.replace(day=1)
    import asyncio

    sums = asyncio.run(_sums(settings, told.id, {name: begin.timestamp() for name, begin in begins.items()}))
    if as_json:
        terminal.say_json(_document(told, sums))
    else:
        _show(terminal, told, sums)


def _ask(terminal: Terminal, account_id: str | None) -> "tuple[Told, Settings]":
    """Ask GitHub; its silence is no reason not to show what is known here.

    Raises: NoAccount.
    """
    from copilot_api.cli.visit import visit
    from copilot_api.errors import NoAccount, UpstreamFault

    _, config, _, settings = terminal.open_config()

    async def errand(road: "Visit") -> Told:
        chosen = await road.account(account_id)
        try:
            user = await chosen.describe()
        except NoAccount:
            raise
        except UpstreamFault as fault:
            return Told(chosen.id, chosen.login, "", None, fault.message)
        return Told(chosen.id, chosen.login, user.plan, user.quota, "")

    return visit(settings, config.vault, terminal.variables, errand), settings


async def _sums(settings: "Settings", account_id: str, begins: dict[str, float]) -> "dict[str, Summary]":
    """The sums since some moments; of a ledger that nobody has begun yet, none."""
    from copilot_api.store.ledger import Book, Choice, Place, Questions

    place = Place.of(settings.data_directory, settings.database_url)
    if place.path is not None and not place.path.exists():
        return {}
    book = Book(place)
    try:
        questions = Questions(book)
        return {
            name: await questions.summary(Choice(account_id=account_id, from_ms=int(begin_s * 1000)))
            for name, begin_s in begins.items()
        }
    finally:
        await book.close()


def _show(terminal: Terminal, told: Told, sums: "dict[str, Summary]") -> None:
    plan = f", {told.plan}" if told.plan else ""
    terminal.say(printable(f"{told.login}{plan}"))
    if told.problem:
        terminal.warn(f"GitHub did not tell what is left: {told.problem}")
    for bucket in told.quota.buckets.values() if told.quota is not None else ():
        terminal.say(printable(_bar_line(bucket, told.quota.resets_at if told.quota is not None else "")))
    if not sums:
        terminal.say("Nothing was written down yet: the ledger begins with the gateway's first request.")
    for name, summary in sums.items():
        terminal.say("")
        title = "Today" if name == "today" else "This month"
        rows = [
            (printable(model) or "(no model)", *_cells(totals))
            for model, totals in _biggest(summary.by_model)
            if totals.requests
        ]
        terminal.say(f"{title}: {_sentence(summary.all)}")
        if rows:
            terminal.say_table(("model", "requests", "tokens", "credits", "premium", "errors"), rows, "")


def _bar_line(bucket: "Quota", resets_at: str) -> str:
    name = f"{bucket.name:<22}"
    if bucket.is_unlimited:
        return f"  {name} {'∞':^{WIDTH}}  unlimited"
    used, entitlement = bucket.used, bucket.entitlement
    if not bucket.is_applicable or used is None or not entitlement:
        return (
            f"  {name} {'-':^{WIDTH}}  not part of the plan"
            if not bucket.is_applicable
            else f"  {name} unknown"
        )
    share = used / entitlement
    full = max(0, min(WIDTH, round(share * WIDTH)))
    resets = (bucket.resets_at or resets_at)[:10]
    until = f", until {resets}" if resets else ""
    return (
        f"  {name} {'█' * full}{'░' * (WIDTH - full)}  {share:.1%} used: {used:g} of {entitlement:g}{until}"
    )


def _biggest(totals: "dict[str, Totals]") -> "list[tuple[str, Totals]]":
    return sorted(totals.items(), key=lambda item: (-item[1].nano_aiu, -item[1].requests, item[0]))


def _cells(totals: "Totals") -> tuple[str, ...]:
    return (
        str(totals.requests),
        f"{totals.input_tokens + totals.output_tokens:,}",
        f"{totals.nano_aiu / _NANO:.4f}",
        f"{totals.premium:g}",
        str(totals.errors),
    )


def _sentence(totals: "Totals") -> str:
    tokens = totals.input_tokens + totals.output_tokens
    errors = f", {totals.errors} failed" if totals.errors else ""
    requests = "request" if totals.requests == 1 else "requests"
    return (
        f"{totals.requests} {requests}{errors}, {tokens:,} tokens, {totals.nano_aiu / _NANO:.4f} AI credits"
    )


def _document(told: Told, sums: "dict[str, Summary]") -> dict[str, object]:
    import msgspec

    return {
        "account": {"id": told.id, "login": told.login, "plan": told.plan or None},
        "problem": told.problem or None,
        "quota": None if told.quota is None else msgspec.to_builtins(told.quota.buckets),
        "used": {
            name: {
                **_numbers(summary.all),
                "byModel": [{"name": model, **_numbers(t)} for model, t in _biggest(summary.by_model)],
            }
            for name, summary in sums.items()
        },
    }


def _numbers(totals: "Totals") -> dict[str, object]:
    return {
        "requests": totals.requests,
        "errors": totals.errors,
        "inputTokens": totals.input_tokens,
        "cachedTokens": totals.cached_tokens,
        "outputTokens": totals.output_tokens,
        "reasoningTokens": totals.reasoning_tokens,
        "credits": totals.nano_aiu / _NANO,
        "premiumRequests": totals.premium,
    }
