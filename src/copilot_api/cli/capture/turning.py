"""Capture on and off: said to the running gateway, whose windows end by themselves."""

from typing import TYPE_CHECKING, Annotated, cast

import typer

from copilot_api.cli.terminal import Terminal, printable, refuse

if TYPE_CHECKING:
    from copilot_api.cli.running import Document, RunningGateway

MOST_MINUTES = 60
Url = Annotated[
    str | None, typer.Option(help="Where the gateway runs, when it is not where the settings say.")
]
Key = Annotated[
    str | None, typer.Option("--key", help="Name or id of a client key; without one, every request.")
]


def on(
    context: typer.Context,
    key: Key = None,
    minutes: Annotated[int, typer.Option(min=1, max=MOST_MINUTES, help="How long; it ends by itself.")] = 10,
    url: Url = None,
) -> None:
    """Capture requests for some minutes: bodies and frames, sealed, without secrets, but with their prompts."""
    terminal: Terminal = context.obj
    gateway = _gateway(terminal, url)
    key_id = None if key is None else _key_id(gateway, key)
    window = gateway.read("POST", "/capture-windows", {"keyId": key_id, "minutes": minutes})
    whose = f"The requests of {printable(str(window['keyName']))!r} are" if key else "Every request is"
    terminal.say(f"{whose} captured until {window['until']}. Prompts and answers are written down, sealed.")
    terminal.say("Explain one by the x-trace-id of its answer: copilot-api explain TRACE_ID")


def off(context: typer.Context, key: Key = None, url: Url = None) -> None:
    """Capture no more: of one key, or of anybody. What was captured stays until it is a day old, or cleared."""
    terminal: Terminal = context.obj
    gateway = _gateway(terminal, url)
    open_now = [_whose(window) for window in windows_of(gateway.read("GET", "/captures"))]
    wanted = open_now if key is None else [_key_id(gateway, key)]
    from copilot_api.cli.running import escaped

    for key_id in wanted:
        gateway.ask("DELETE", f"/capture-windows/{escaped(key_id)}")
    terminal.say(f"{len(wanted)} window(s) closed." if wanted else "Nothing is captured now.")


def windows_of(document: "Document") -> "list[Document]":
    """The open windows of GET /captures."""
    return cast("list[Document]", document["windows"])


def _whose(window: "Document") -> str:
    return "all" if window["keyId"] is None else str(window["keyId"])


def _gateway(terminal: Terminal, url: str | None) -> "RunningGateway":
    from copilot_api.cli.running import RunningGateway

    _, _, _, settings = terminal.open_config()
    return RunningGateway(terminal, settings, url)


def _key_id(gateway: "RunningGateway", name: str) -> str:
    keys = cast("list[Document]", gateway.read("GET", "/keys")["keys"])
    found = [key for key in keys if name in (key["id"], key["name"])]
    if not found:
        refuse(f"There is no key {name!r}. `copilot-api keys list` shows them.")
    return str(found[0]["id"])
