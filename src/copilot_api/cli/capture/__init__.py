"""`copilot-api capture`: in which minutes, and whose, requests are captured; and what was."""

import typer

from copilot_api.cli.capture import kept, turning

app = typer.Typer(
    help="Capture requests for some minutes, so that `copilot-api explain` can show all of them.",
    no_args_is_help=True,
)
app.command("on")(turning.on)
app.command("off")(turning.off)
app.command("list")(kept.show)
app.command("clear")(kept.clear)
