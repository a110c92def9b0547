"""`copilot-api keys`: client keys made, listed, changed, rotated and revoked."""

import typer

from copilot_api.cli.keys import changing, listing, making

app = typer.Typer(help="Make, list, change and revoke client keys.", no_args_is_help=True)
app.command("create")(making.create)
app.command("list")(listing.list_keys)
app.command("edit")(changing.edit)
app.command("rotate")(changing.rotate)
app.command("revoke")(changing.revoke)
