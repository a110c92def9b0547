"""`copilot-api models` and `copilot-api mappings`: what an account may call, and what is said about it here."""

import typer

from copilot_api.cli.models import mapped, offered, said

app = typer.Typer(help="List the models of an account, and say things about them.")
app.callback(invoke_without_command=True)(offered.models)
app.command("set")(said.put)
app.command("changes")(said.changes)

mappings = typer.Typer(help="Map names that clients ask for to models.", no_args_is_help=True)
mappings.command("list")(mapped.list_mappings)
mappings.command("add")(mapped.add)
mappings.command("change")(mapped.change)
mappings.command("copy")(mapped.copy)
mappings.command("remove")(mapped.remove)
mappings.command("move")(mapped.move)
mappings.command("try")(mapped.try_name)
