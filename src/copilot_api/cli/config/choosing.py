"""`copilot-api config list`, `get`, `set` and `unset`: the same settings that the admin page shows."""

from typing import TYPE_CHECKING, Annotated

import typer

from copilot_api.cli.terminal import Terminal, printable, refuse

if TYPE_CHECKING:
    from copilot_api.settings import Settings
    from copilot_api.settings.registry import Setting, Standing
    from copilot_api.store.sealing import Document

_NAME = typer.Argument(help="Name of a setting, as `config list` shows it.", show_default=False)
_JSON = typer.Option("--json", help="Print JSON.")
_LONGEST = 60


def list_settings(
    context: typer.Context,
    section: Annotated[str | None, typer.Option(help="Only this section.")] = None,
    changed: Annotated[bool, typer.Option("--changed", help="Only what is not at its default.")] = False,
    as_json: Annotated[bool, _JSON] = False,
) -> None:
    """List every setting: its value, and who decided it."""
    from copilot_api.settings.registry import REGISTRY, SECTIONS, standing

    terminal: Terminal = context.obj
    if section is not None and section not in SECTIONS:
        refuse(f"There is no section {section!r}. Give one of {', '.join(SECTIONS)}.")
    _, _, state, settings = terminal.open_config()
    found = [
        (setting, standing(setting, settings, state.document))
        for setting in REGISTRY
        if section in {None, setting.section}
    ]
    shown = [(s, stands) for s, stands in found if not changed or stands.decided_by != "default"]
    if as_json:
        terminal.say_json([_described(setting, stands) for setting, stands in shown])
        return
    terminal.say_table(
        ("section", "name", "value", "decided by"),
        [(s.section, s.name, _short(_said(s, stands)), _decider(stands)) for s, stands in shown],
        "Everything is at its default.",
    )


def _described(setting: "Setting", stands: "Standing") -> dict[str, object]:
    from copilot_api.settings.registry import default_of

    return {
        "name": setting.name,
        "section": setting.section,
        "value": stands.value,
        "default": default_of(setting),
        "isSet": stands.is_set,
        "decidedBy": stands.decided_by,
        "variable": stands.variable,
        "accepted": setting.accepted,
    }


def get(context: typer.Context, name: Annotated[str, _NAME], as_json: Annotated[bool, _JSON] = False) -> None:
    """Print one setting; of a secret, whether it is set."""
    from copilot_api.settings.registry import standing

    terminal: Terminal = context.obj
    setting = _find(name)
    _, _, state, settings = terminal.open_config()
    stands = standing(setting, settings, state.document)
    if as_json:
        terminal.say_json(stands.is_set if setting.is_secret else stands.value)
    else:
        terminal.say(_said(setting, stands))


def put(
    context: typer.Context,
    name: Annotated[str, _NAME],
    value: Annotated[
        str | None,
        typer.Argument(help="Its new value; lists and maps as JSON. Without it, read from standard input."),
    ] = None,
) -> None:
    """Change one setting; a running server follows."""
    from copilot_api.settings.registry import BY_NAME, told
    from copilot_api.settings.registry.texts import from_text
    from copilot_api.store.edits import options

    terminal: Terminal = context.obj
    setting = _find(name)
    text = terminal.read.read().rstrip("\r\n") if value is None else value
    try:
        wanted = from_text(setting, text)
    except (ValueError, RecursionError):
        is_hidden = setting.is_secret or setting.is_delicate
        shown = "The value (not shown here)" if is_hidden else repr(text)
        refuse(f"{name}: {shown} is not accepted. Give {setting.accepted}.")
    _, config, _, settings = terminal.open_config()

    def edit(document: "Document") -> None:
        _judge(settings, {name: wanted}, ())
        options.put(document, setting, wanted)

    terminal.change(config, "settings.change", name, edit, detail=told(BY_NAME, {name: wanted}))
    _tell(terminal, setting, "is set")


def unset(context: typer.Context, name: Annotated[str, _NAME]) -> None:
    """Bring one setting back to its default; a running server follows."""
    from copilot_api.store.edits import options

    terminal: Terminal = context.obj
    setting = _find(name)
    _, config, _, settings = terminal.open_config()

    def edit(document: "Document") -> None:
        _judge(settings, {}, (name,))
        options.take_out(document, setting)

    terminal.change(config, "settings.change", name, edit, detail="back to the default")
    _tell(terminal, setting, "is back at its default")


def _find(name: str) -> "Setting":
    import difflib

    from copilot_api.settings.registry import BY_NAME

    setting = BY_NAME.get(name)
    if setting is None:
        near = difflib.get_close_matches(name, BY_NAME, n=3)
        refuse(
            f"There is no setting {name!r}."
            + (f" Nearest: {', '.join(near)}." if near else " `copilot-api config list` shows them.")
        )
    return setting


def _judge(settings: "Settings", changes: dict[str, object], reset: tuple[str, ...]) -> None:
    from copilot_api.settings.registry import BY_NAME, complaints

    for name, message in complaints(BY_NAME, changes, reset, settings).items():
        refuse(f"{name}: {message}")


def _tell(terminal: Terminal, setting: "Setting", done: str) -> None:
    later = " It counts from the next start on." if setting.needs_restart else ""
    terminal.say(f"{setting.name} {done}.{later}")


def _said(setting: "Setting", stands: "Standing") -> str:
    from copilot_api.settings.registry.texts import to_text

    if setting.is_secret:
        return "(set)" if stands.is_set else "(not set)"
    return to_text(stands.value)


def _short(text: str) -> str:
    line = printable(text)
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"


def _decider(stands: "Standing") -> str:
    return stands.variable if stands.is_read_only and stands.variable else stands.decided_by
