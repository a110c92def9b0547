"""`copilot-api models set` and `changes`: what is said about single models, and what has changed."""

from typing import TYPE_CHECKING, Annotated

import typer

from copilot_api.cli.terminal import Terminal, refuse

if TYPE_CHECKING:
    from copilot_api.settings import Settings
    from copilot_api.store.sealing import Document

_MODEL = typer.Argument(help="Id of a model, as `copilot-api models` shows it.", show_default=False)
_TABLES = {
    "effort": "modelReasoningEfforts",
    "multiplier": "premiumModelMultipliers",
    "prompt": "extraPrompts",
    "window": "modelCardMetadata",
}


def put(
    context: typer.Context,
    model: Annotated[str, _MODEL],
    *,
    hide: Annotated[bool | None, typer.Option("--hide/--show", help="Hide it, or show it again.")] = None,
    effort: Annotated[str | None, typer.Option(help="Reasoning effort where the client names none.")] = None,
    multiplier: Annotated[float | None, typer.Option(help="Premium requests for one request.")] = None,
    prompt: Annotated[str | None, typer.Option(help="A text after its system prompt.")] = None,
    window: Annotated[
        int | None, typer.Option(min=1, help="Your note on its context window, in tokens.")
    ] = None,
    reset: Annotated[
        list[str] | None, typer.Option(help="Say no more: effort, multiplier, prompt or window (repeatable).")
    ] = None,
) -> None:
    """Say something about a model; a running server follows."""
    terminal: Terminal = context.obj
    _, config, _, settings = terminal.open_config()
    unknown = [word for word in reset or () if word not in _TABLES]
    if unknown:
        refuse(f"--reset: {unknown[0]!r} is not accepted. Give {', '.join(_TABLES)}.")
    given = {"effort": effort, "multiplier": multiplier, "prompt": prompt, "window": window}
    values: dict[str, object] = {name: value for name, value in given.items() if value is not None}
    if hide is None and not values and not reset:
        refuse("Nothing is said. `copilot-api models set --help` shows what can be.")
    _judge(settings, model, values)
    values |= dict.fromkeys(reset or ())
    told = [*([] if hide is None else ["hide" if hide else "show"]), *values]
    terminal.change(
        config,
        "models.change",
        model,
        lambda document: _note(document, model, hide, values),
        detail=", ".join(told),
    )
    terminal.say(f"{model!r} is changed.")


def changes(
    context: typer.Context,
    account: Annotated[str | None, typer.Option(help="Id of an account; else the active one.")] = None,
    days: Annotated[int, typer.Option(min=1, max=90, help="How far back.")] = 7,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List what has changed in the catalogue, as far as a running server noticed."""
    from datetime import UTC, datetime, timedelta

    from msgspec import to_builtins

    from copilot_api.settings.registry.texts import to_text
    from copilot_api.store.memory.catalogs import FILE_NAME, CatalogFile

    terminal: Terminal = context.obj
    environment, _, _, settings = terminal.open_config()
    wanted = account or settings.active_account_id or ""
    remembered = CatalogFile(environment.data_directory / FILE_NAME).load().get(wanted)
    earliest = datetime.fromtimestamp(terminal.clock(), UTC) - timedelta(days=days)
    since = earliest.strftime("%Y-%m-%dT%H:%M:%SZ")
    found = [one for one in reversed(remembered.changes) if one.at >= since] if remembered else []
    if as_json:
        listed: object = to_builtins(found)
        terminal.say_json(listed)
        return
    terminal.say_table(
        ("when", "model", "what", "before", "after"),
        [
            (
                one.at,
                one.model_id,
                f"{one.kind} {one.field}".strip(),
                to_text(one.before) if one.field else "",
                to_text(one.after) if one.field else "",
            )
            for one in found
        ],
        "Nothing has changed." if remembered else "No server has seen this account's models yet.",
    )


def _judge(settings: "Settings", model: str, values: dict[str, object]) -> None:
    from copilot_api.settings.registry import BY_NAME, complaint, judge

    for name, value in values.items():
        setting = BY_NAME[_TABLES[name]]
        entry = {"contextWindowTokens": value} if name == "window" else value
        for refused in judge(setting, {model: entry}).refused:
            refuse(f"--{name}: {complaint(setting, refused)}")


def _note(document: "Document", model: str, hide: bool | None, values: dict[str, object]) -> None:
    from copilot_api.store.edits import models as edits

    if hide is not None:
        edits.hide(document, [model], is_hidden=hide)
    for name, value in values.items():
        if name == "window":
            edits.note_window(document, model, value if isinstance(value, int) else None)
        else:
            edits.note(document, _TABLES[name], model, value)
