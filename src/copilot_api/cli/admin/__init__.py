"""`copilot-api admin`: the admin's secret, who is signed in, and what was changed."""

import typer

from copilot_api.cli.admin import changes, secret, sessions

app = typer.Typer(help="The admin's secret, its sessions and its audit log.", no_args_is_help=True)
app.command("set-secret")(secret.set_secret)
app.command("remove-secret")(secret.remove_secret)
app.command("hash-secret")(secret.hash_secret)
app.command("sessions")(sessions.list_sessions)
app.command("revoke-sessions")(sessions.revoke)
app.command("audit")(changes.audit)
