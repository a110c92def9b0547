"""`copilot-api mappings`: list, add, change, copy, remove, move, try."""

from typing import TYPE_CHECKING, Annotated

import typer

from copilot_api.cli.terminal import Terminal, refuse

if TYPE_CHECKING:
    from collections.abc import Callable

    from copilot_api.cli.visit import Visit
    from copilot_api.copilot.names import Trail
    from copilot_api.store.edits.mappings import Entry
    from copilot_api.store.sealing import Document

_FROM = typer.Argument(help="The name asked for; * stands for anything.", show_default=False)
_TO = typer.Argument(help="The model that is meant.", show_default=False)
_JSON = typer.Option("--json", help="Print JSON.")
_ACCOUNT = typer.Option(help="Id of the account to ask for.")


def list_mappings(context: typer.Context, as_json: Annotated[bool, _JSON] = False) -> None:
    """List the mappings in their order, with what is doubtful about each."""
    from copilot_api.copilot.names import warnings_of
    from copilot_api.store.edits.mappings import entries

    terminal: Terminal = context.obj
    _, _, state, settings = terminal.open_config()
    mapping = dict(entries(state.document))
    hidden, disable = settings.hidden_models, settings.disable_hidden_models
    found = [
        (source, target, warnings_of(source, mapping, None, hidden, disable))
        for source, target in mapping.items()
    ]
    if as_json:
        terminal.say_json(
            [
                {"from": source, "to": target, "warnings": [warning.message for warning in warnings]}
                for source, target, warnings in found
            ]
        )
        return
    terminal.say_table(
        ("from", "to", "doubtful"),
        [(source, target, " ".join(w.message for w in warnings)) for source, target, warnings in found],
        "No names are mapped. `copilot-api mappings add FROM TO` maps one.",
    )


def add(
    context: typer.Context,
    source: Annotated[str, _FROM],
    target: Annotated[str, _TO],
    position: Annotated[
        int | None, typer.Option(min=0, help="Before the entry at this place, from 0.")
    ] = None,
) -> None:
    """Map one more name; a running server follows."""
    from copilot_api.store.edits import mappings as edits

    terminal: Terminal = context.obj
    entry = _read(source, target)
    _update(
        terminal,
        "add",
        entry[0],
        lambda document: edits.add(document, entry, position),
        detail=f"to {entry[1]}",
    )
    terminal.say(f"{entry[0]!r} leads to {entry[1]!r}.")


def change(
    context: typer.Context,
    source: Annotated[str, _FROM],
    target: Annotated[str, _TO],
    name: Annotated[
        str | None, typer.Option("--as", help="A new name to be asked for, in its place.")
    ] = None,
) -> None:
    """Have a name lead somewhere else, or rename it; a running server follows."""
    from copilot_api.store.edits import mappings as edits

    terminal: Terminal = context.obj
    entry = _read(source if name is None else name, target)
    _update(
        terminal,
        "change",
        source,
        lambda document: edits.change(document, source, entry),
        detail=f"{entry[0]} to {entry[1]}",
    )
    terminal.say(f"{entry[0]!r} leads to {entry[1]!r}.")


def copy(context: typer.Context, source: Annotated[str, _FROM]) -> None:
    """Add a copy of a mapping right behind it, and print its name."""
    from copilot_api.store.edits import mappings as edits

    terminal: Terminal = context.obj
    made: list[str] = []
    _update(terminal, "copy", source, lambda document: made.append(edits.copy(document, source)))
    terminal.say(made[0])


def remove(context: typer.Context, source: Annotated[str, _FROM]) -> None:
    """Remove a mapping; a running server follows."""
    from copilot_api.store.edits import mappings as edits

    terminal: Terminal = context.obj
    _update(terminal, "remove", source, lambda document: edits.remove(document, source))
    terminal.say(f"{source!r} is mapped no more.")


def move(
    context: typer.Context,
    source: Annotated[str, _FROM],
    position: Annotated[int, typer.Argument(min=0, help="Its new place, from 0.", show_default=False)],
) -> None:
    """Move a mapping: of two wildcards that fit equally well, the first applies."""
    from copilot_api.store.edits import mappings as edits

    terminal: Terminal = context.obj

    def edit(document: "Document") -> None:
        target = dict(edits.entries(document)).get(source)
        edits.remove(document, source)
        edits.add(document, (source, target or ""), position)

    _update(terminal, "move", source, edit, detail=f"to place {position}")
    terminal.say(f"{source!r} is at place {position}.")


def try_name(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="A name as a client would ask for it.", show_default=False)],
    account: Annotated[str | None, _ACCOUNT] = None,
    as_json: Annotated[bool, _JSON] = False,
) -> None:
    """Tell step by step which model answers to a name, as Copilot offers them now."""
    from msgspec import to_builtins

    from copilot_api.cli.visit import visit

    terminal: Terminal = context.obj
    _, config, _, settings = terminal.open_config()

    async def errand(road: "Visit") -> "Trail":
        from copilot_api.copilot.names import follow

        catalog = await (await road.account(account)).catalog.loaded()
        hidden, disable = settings.hidden_models, settings.disable_hidden_models
        return follow(name, settings.model_mapping, catalog, hidden, disable)

    trail = visit(settings, config.vault, terminal.variables, errand)
    found = trail.resolution.model
    if as_json:
        steps: object = to_builtins(trail.steps)
        terminal.say_json({"steps": steps, "model": found.id if found else None, "message": trail.message})
    else:
        rows = [(step.kind, step.source, step.to, step.detail) for step in trail.steps]
        terminal.say_table(("step", "from", "to", "why"), rows, "")
        terminal.say(trail.message)
    if found is None:
        refuse(trail.remedy)


def _read(source: str, target: str) -> "Entry":
    from copilot_api.store.edits.mappings import read_entry

    try:
        return read_entry(source, target)
    except ValueError as error:
        refuse(str(error.args[1]))


def _update(
    terminal: Terminal, action: str, source: str, edit: "Callable[[Document], None]", *, detail: str = ""
) -> None:
    _, config, _, _ = terminal.open_config()
    terminal.change(config, f"mappings.{action}", source, edit, detail=detail)
