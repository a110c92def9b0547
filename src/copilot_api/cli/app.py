"""The tree of commands and the way out of each: one clean sentence and an exit code, never a traceback."""

import contextlib
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from copilot_api.cli import (
    accounts,
    admin,
    capture,
    config,
    connect,
    doctor,
    explain,
    keys,
    login,
    models,
    serve,
    usage,
)
from copilot_api.cli.terminal import Refusal, Terminal

EXIT_REFUSED = 1
EXIT_INTERRUPTED = 130
EXIT_PIPE_CLOSED = 141

app = typer.Typer(
    name="copilot-api",
    help="A local gateway that lets OpenAI, Anthropic and Google clients use a GitHub Copilot subscription.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("serve")(serve.serve)
app.command("start", hidden=True)(serve.serve)
app.command("login")(login.login)
app.command("auth", hidden=True)(login.login)
app.command("logout")(accounts.logout)
app.command("whoami")(accounts.whoami)
app.add_typer(accounts.app, name="accounts")
app.add_typer(keys.app, name="keys")
app.add_typer(models.app, name="models")
app.add_typer(models.mappings, name="mappings")
app.add_typer(config.app, name="config")
app.add_typer(admin.app, name="admin")
app.command("connect")(connect.connect)
app.add_typer(usage.app, name="usage")
app.command("explain")(explain.explain)
app.add_typer(capture.app, name="capture")
app.command("doctor")(doctor.doctor)


@app.command()
def version(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, with the versions below us.")] = False,
) -> None:
    """Print the version."""
    import platform

    from copilot_api import __version__

    terminal: Terminal = context.obj
    if as_json:
        terminal.say_json(
            {"version": __version__, "python": platform.python_version(), "platform": platform.platform()}
        )
    else:
        terminal.say(f"copilot-api {__version__}")


def run(arguments: Sequence[str] | None = None, terminal: Terminal | None = None) -> int:
    """Run one command line and return its exit code: 0 done, 1 refused, 2 misused, 130 interrupted."""
    place = terminal or Terminal()
    words = sys.argv[1:] if arguments is None else list(arguments)
    try:
        _run(words, place)
    except SystemExit as left:
        return left.code if isinstance(left.code, int) else EXIT_REFUSED
    except KeyboardInterrupt:
        place.warn("Interrupted.")
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        return EXIT_PIPE_CLOSED
    except Refusal as refusal:
        place.warn(str(refusal))
        return EXIT_REFUSED
    except Exception as error:
        message = _sentence(error)
        if message is None:
            raise
        place.warn(message)
        return EXIT_REFUSED
    finally:
        with contextlib.suppress(BrokenPipeError, ValueError):
            place.out.flush()
    return 0


def _run(words: list[str], place: Terminal) -> None:
    if words == ["serve"]:  # nothing to parse, and typer's parser is 8 MB that a server would keep
        raise SystemExit(serve.serve_as_configured(place))
    app(args=words, prog_name="copilot-api", obj=place)


def _sentence(error: Exception) -> str | None:
    """Find the words of an expected failure; None for a bug. Late imports: most commands never fail."""
    from copilot_api.errors import GatewayError
    from copilot_api.settings import SettingsError

    if isinstance(error, GatewayError):
        return error.message
    return str(error) if isinstance(error, SettingsError) else None
