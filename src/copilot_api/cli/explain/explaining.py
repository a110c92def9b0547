"""The command: reads the data directory, so that it works beside a running gateway and without one."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from copilot_api.cli.capture.turning import Url
from copilot_api.cli.terminal import Terminal, refuse

if TYPE_CHECKING:
    from copilot_api.settings import Settings
    from copilot_api.store.captures import CaptureFolder
    from copilot_api.web.admin.captures.view import Explanation


def explain(
    context: typer.Context,
    trace_id: Annotated[
        str | None, typer.Argument(help="The x-trace-id of the answer; without one, the newest capture.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    bundle: Annotated[
        Path | None, typer.Option("--bundle", help="Write a ZIP for a bug report instead.", dir_okay=False)
    ] = None,
    whole: Annotated[bool, typer.Option("--all", help="Show every frame and every difference.")] = False,
    url: Url = None,
) -> None:
    """Explain one request: what was asked, which way it went and why, what was changed, what came back."""
    terminal: Terminal = context.obj
    told = _from_gateway(terminal, trace_id, url) if url else _from_directory(terminal, trace_id)
    if bundle is not None:
        _write_bundle(terminal, told, bundle)
    elif as_json:
        import msgspec

        terminal.say_json(msgspec.to_builtins(told))
    else:
        from copilot_api.cli.explain.said import say

        say(terminal, told, is_whole=whole)


def _from_directory(terminal: Terminal, trace_id: str | None) -> "Explanation":
    import asyncio

    from copilot_api.store.captures import folder_of
    from copilot_api.store.captures.form import Foreign
    from copilot_api.web.admin.captures.view import explanation

    environment, config, _, settings = terminal.open_config()
    folder = folder_of(environment.data_directory, config.vault)
    wanted = trace_id or _newest(folder)
    rows = asyncio.run(_rows(settings, wanted))
    problem = ""
    try:
        found = folder.read(wanted)
    except Foreign as error:
        found, problem = None, error.message
    known = (*settings.plain_keys, *filter(None, [settings.admin_secret]))
    told = explanation(wanted, found and found[1], rows, known=known, problem=problem)
    if told is None:
        refuse(
            problem
            or f"No request {wanted!r} was captured here, and none is in the usage log. Its trace id is in the "
            "x-trace-id header of the answer; with --url the gateway that answered is asked."
        )
    return told


def _newest(folder: "CaptureFolder") -> str:
    captures = folder.listing().captures
    if not captures:
        refuse("Nothing was captured. Give the x-trace-id of an answer, or run: copilot-api capture on")
    return captures[0].head.trace_id


async def _rows(settings: "Settings", trace_id: str) -> list[dict[str, Any]]:
    """The request's rows in the usage log; of a log that nobody has begun yet, none."""
    from copilot_api.store.ledger import Book, Place, Questions

    place = Place.of(settings.data_directory, settings.database_url)
    if place.path is not None and not place.path.exists():
        return []
    book = Book(place)
    try:
        return await Questions(book).by_trace(trace_id)
    finally:
        await book.close()


def _from_gateway(terminal: Terminal, trace_id: str | None, url: str) -> "Explanation":
    import msgspec

    from copilot_api.cli.running import RunningGateway, escaped
    from copilot_api.web.admin.captures.view import CapturesView, Explanation

    _, _, _, settings = terminal.open_config()
    gateway = RunningGateway(terminal, settings, url)
    if trace_id is None:
        captures = msgspec.json.decode(gateway.ask("GET", "/captures"), type=CapturesView).captures
        if not captures:
            refuse("Nothing was captured there. Give the x-trace-id of an answer.")
        trace_id = captures[0].trace_id
    return msgspec.json.decode(gateway.ask("GET", f"/captures/{escaped(trace_id)}"), type=Explanation)


def _write_bundle(terminal: Terminal, told: "Explanation", path: Path) -> None:
    from copilot_api.store.files import write_atomically
    from copilot_api.web.admin.captures.bundle import bundle

    if not told.is_captured:
        refuse(f"The request {told.trace_id!r} was not captured, so there is nothing to pack. {told.advice}")
    write_atomically(path, bundle(told))
    terminal.say(f"Written to {path}. Secrets were taken out; prompts and answers are in it word for word.")
