"""What was captured: listed and cleared in the data directory, with a running gateway or without."""

from typing import TYPE_CHECKING, Annotated

import typer

from copilot_api.cli.capture.turning import Url, windows_of
from copilot_api.cli.terminal import Refusal, Terminal, printable

if TYPE_CHECKING:
    from copilot_api.cli.running import Document
    from copilot_api.settings import Settings
    from copilot_api.web.admin.captures.view import CapturesView


def show(
    context: typer.Context,
    url: Url = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List what was captured, newest first, and whose requests are captured now."""
    from copilot_api.store.captures import folder_of
    from copilot_api.web.admin.captures.view import captures_view

    terminal: Terminal = context.obj
    environment, config, _, settings = terminal.open_config()
    folder = folder_of(environment.data_directory, config.vault)
    view = captures_view((), folder.listing(), folder.bounds)
    windows, problem = _windows(terminal, settings, url)
    if as_json:
        import msgspec

        terminal.say_json({**msgspec.to_builtins(view), "windows": windows})
        return
    for window in windows or ():
        whose = f"key {window['keyName']}" if window["keyId"] else "every request"
        terminal.say(printable(f"Captured now: {whose}, until {window['until']}."))
    if windows is None:
        terminal.warn(f"What is captured now is not known: {problem}")
    _say_captures(terminal, view)


def _say_captures(terminal: Terminal, view: "CapturesView") -> None:
    terminal.say_table(
        ("trace id", "started", "key", "asked for", "status", "outcome", "client"),
        [
            (
                one.trace_id,
                one.started_at or "",
                one.key_name,
                one.requested_model,
                str(one.status),
                one.outcome,
                one.client,
            )
            for one in view.captures
        ],
        "Nothing was captured. Turn capture on with: copilot-api capture on",
    )
    if view.unreadable:
        terminal.warn(
            f"{view.unreadable} file(s) cannot be opened with this vault's key. Remove all: copilot-api capture clear"
        )


def clear(context: typer.Context) -> None:
    """Forget everything that was captured."""
    from copilot_api.store.captures import folder_of

    terminal: Terminal = context.obj
    environment, config, _, _ = terminal.open_config()
    count = folder_of(environment.data_directory, config.vault).clear()
    terminal.note("captures.clear", "all", f"{count} captures")
    terminal.say(f"{count} captured request(s) forgotten.")


def _windows(
    terminal: Terminal, settings: "Settings", url: str | None
) -> "tuple[list[Document] | None, str]":
    """What is captured now; nothing where no gateway runs, None where it does not tell without being asked for more."""
    from copilot_api.cli.running import RunningGateway, Unreachable

    try:
        return windows_of(
            RunningGateway(terminal, settings, url).read("GET", "/captures", may_prompt=False)
        ), ""
    except Unreachable:
        return [], ""
    except Refusal as refusal:
        return None, str(refusal)
