"""`copilot-api usage`: what is left, and what was used."""

import typer

from copilot_api.cli.usage import importing, showing

app = typer.Typer(help="Show what is left of the plan and what was used; take over an older log.")
app.callback(invoke_without_command=True)(showing.usage)
app.command("import")(importing.import_log)
