"""`copilot-api connect`: the exact settings of a client, as the admin's page has them."""

from typing import TYPE_CHECKING, Annotated

import typer

from copilot_api.cli.terminal import Terminal, refuse

if TYPE_CHECKING:
    from copilot_api.cli.visit import Visit
    from copilot_api.copilot.catalog import Catalog
    from copilot_api.settings import Settings
    from copilot_api.store.config_file import ConfigFile
    from copilot_api.web.admin.connect.guide import Guide, Snippet


def connect(
    context: typer.Context,
    client: Annotated[str | None, typer.Argument(help="A client; without one they are listed.")] = None,
    *,
    model: Annotated[str, typer.Option(help="The model to use; else the newest that fits the client.")] = "",
    key: Annotated[str, typer.Option(help="The client key to write down.")] = "",
    address: Annotated[str, typer.Option(help="How the client reaches the gateway.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show what to write where, so that a client uses this gateway."""
    from copilot_api.web.admin.connect.guide import fill
    from copilot_api.web.admin.connect.guides import GUIDES, guide

    terminal: Terminal = context.obj
    if client is None:
        _list(terminal, GUIDES, as_json=as_json)
        return
    found = guide(client)
    if found is None:
        refuse(f"{client!r} is no client known here. `copilot-api connect` lists them.")
    _, config, _, settings = terminal.open_config()
    values = {
        "address": (address or _address(settings)).rstrip("/"),
        "key": key or _key(settings),
        "model": model or _suggested(terminal, settings, config, found),
    }
    snippets = [(one, fill(one.text, **values)) for one in found.snippets]
    if as_json:
        shown = [
            {"title": one.title, "language": one.language, "file": one.file, "text": text}
            for one, text in snippets
        ]
        terminal.say_json(
            {"id": found.id, "name": found.name, **values, "snippets": shown, "notes": found.notes}
        )
        return
    _say(terminal, found, snippets)
    if not key and values["key"] == _YOUR_KEY:
        terminal.warn("Put a client key in. `copilot-api keys create NAME` makes one.")


_YOUR_KEY = "YOUR_KEY"


def _say(terminal: Terminal, found: "Guide", snippets: "list[tuple[Snippet, str]]") -> None:
    for one, text in snippets:
        terminal.say(f"# {one.title}{f' ({one.file})' if one.file else ''}\n\n{text}")
    for note in found.notes:
        terminal.warn(note)


def _list(terminal: Terminal, guides: "tuple[Guide, ...]", *, as_json: bool) -> None:
    if as_json:
        terminal.say_json([{"id": one.id, "name": one.name, "protocol": one.protocol} for one in guides])
        return
    terminal.say_table(
        ("client", "name", "protocol"), [(one.id, one.name, one.protocol) for one in guides], ""
    )


def _address(settings: "Settings") -> str:
    from copilot_api.web.guard import is_loopback

    name = settings.host if is_loopback(settings.host) else "localhost"
    return f"http://[{name}]:{settings.port}" if ":" in name else f"http://{name}:{settings.port}"


def _key(settings: "Settings") -> str:
    """Any word does where no key is asked for, but most clients want one."""
    from copilot_api.web.admin.connect.guides import needs_key

    return _YOUR_KEY if needs_key(settings) else "copilot-api"


def _suggested(terminal: Terminal, settings: "Settings", config: "ConfigFile", found: "Guide") -> str:
    """The newest model that fits, from the account's own list. Raises: Refusal where none can be had."""
    from copilot_api.cli.visit import visit
    from copilot_api.errors import GatewayError
    from copilot_api.web.admin.connect.guides import offered, suggest

    async def errand(road: "Visit") -> "Catalog":
        return await (await road.account()).catalog.loaded()

    try:
        catalog = visit(settings, config.vault, terminal.variables, errand)
    except GatewayError as error:
        refuse(f"The models cannot be listed: {error.message} Or name one with --model.")
    name = suggest(offered(catalog, settings.hidden_models), found.protocol)
    if name is None:
        refuse("The account has no model for it. Name one with --model.")
    return name
