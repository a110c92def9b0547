"""`copilot-api config`: where the configuration is, what it says, and every setting in it."""

import typer

from copilot_api.cli.config import choosing, place

app = typer.Typer(help="Show and change the configuration.", no_args_is_help=True)
app.command("list")(choosing.list_settings)
app.command("get")(choosing.get)
app.command("set")(choosing.put)
app.command("unset")(choosing.unset)
app.command("path")(place.path)
app.command("export")(place.export)
app.command("variables")(place.variables)
app.command("hash-secret")(place.hash_secret)
