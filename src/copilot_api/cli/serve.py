"""`copilot-api serve`: flags into Overrides, then the server."""

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from copilot_api.cli.terminal import Terminal

if TYPE_CHECKING:
    from copilot_api.settings import Environment, Overrides


_Port = Annotated[
    int | None, typer.Option("--port", "-p", min=0, max=65535, help="Port to listen on (PORT, 4141).")
]
_Host = Annotated[str | None, typer.Option(help="Address to listen on (HOST, 127.0.0.1).")]
_Demo = Annotated[bool, typer.Option("--demo", help="Serve a simulated Copilot; needs no subscription.")]
_Verbose = Annotated[bool | None, typer.Option("--verbose", "-v", help="Log more (VERBOSE).")]
_RateLimit = Annotated[
    float | None, typer.Option("--rate-limit", "-r", help="Least seconds between requests (RATE_LIMIT).")
]
_Wait = Annotated[
    bool | None, typer.Option("--wait", "-w", help="Queue instead of answering 429 (RATE_LIMIT_WAIT).")
]
_Manual = Annotated[
    bool | None,
    typer.Option(
        "--manual", help="Ask before each request, here or on the page (COPILOT_API_MANUAL_APPROVAL)."
    ),
]
_ProxyEnv = Annotated[
    bool | None, typer.Option("--proxy-env", help="Use HTTP_PROXY and the like (PROXY_ENV).")
]
_ShowToken = Annotated[
    bool | None, typer.Option("--show-token", help="Show tokens in the terminal (SHOW_TOKEN).")
]
_LogFormat = Annotated[
    Literal["console", "json"] | None, typer.Option(help="Form of the log (COPILOT_API_LOG_FORMAT).")
]
_ValidateStreams = Annotated[
    bool | None,
    typer.Option("--validate-streams", help="Check each stream's grammar (COPILOT_API_VALIDATE_STREAMS)."),
]


def serve(  # noqa: PLR0913, PLR0917 - one parameter for each flag
    context: typer.Context,
    port: _Port = None,
    host: _Host = None,
    demo: _Demo = False,
    verbose: _Verbose = None,
    rate_limit: _RateLimit = None,
    wait: _Wait = None,
    manual: _Manual = None,
    proxy_env: _ProxyEnv = None,
    show_token: _ShowToken = None,
    log_format: _LogFormat = None,
    validate_streams: _ValidateStreams = None,
) -> None:
    """Start the gateway."""
    from copilot_api.settings import Overrides, read_environment

    terminal: Terminal = context.obj
    _check_rate_limit(rate_limit)
    overrides = Overrides(
        host=_read_host(host),
        port=port,
        demo=demo or None,
        verbose=verbose,
        rate_limit_s=rate_limit,
        rate_limit_wait=wait,
        manual_approval=manual,
        use_proxy_environment=proxy_env,
        show_token=show_token,
        log_format=log_format,
        validate_streams=validate_streams,
    )
    environment = read_environment(terminal.variables)
    serve_it = _serve_demo if demo else Terminal.run_server
    raise typer.Exit(serve_it(terminal, environment, overrides))


def serve_as_configured(terminal: Terminal) -> int:
    """Start the gateway without a flag; its exit code."""
    from copilot_api.settings import Overrides, read_environment

    return terminal.run_server(read_environment(terminal.variables), Overrides())


def _check_rate_limit(seconds: float | None) -> None:
    from copilot_api.settings import SettingsError, accepted

    if seconds is not None and not 0 < seconds < float("inf"):
        raise SettingsError(f"--rate-limit: {seconds!r} is not accepted. Give {accepted.SECONDS}.")


def _read_host(text: str | None) -> str | None:
    from copilot_api.settings import SettingsError, accepted

    try:
        return None if text is None else accepted.host(text)
    except ValueError:
        raise SettingsError(f"--host: {text!r} is not accepted. Give {accepted.HOST}.") from None


def _serve_demo(terminal: Terminal, environment: "Environment", overrides: "Overrides") -> int:
    """Serve from a directory of the demo's own: it must never write into a real configuration.

    With COPILOT_API_HOME that is `demo` below it and stays; else it is gone afterwards.
    """
    from copilot_api.store.files import prepare_directory

    if environment.home_is_chosen:
        prepare_directory(environment.data_directory)
        return terminal.run_server(in_demo(environment, environment.data_directory / "demo"), overrides)
    with tempfile.TemporaryDirectory(prefix="copilot-api-demo-") as directory:
        return terminal.run_server(in_demo(environment, Path(directory)), overrides)


def in_demo(environment: "Environment", directory: Path) -> "Environment":
    """Move an environment into a demo's directory, away from the keyring and the real vault's key."""
    import msgspec

    return msgspec.structs.replace(environment, data_directory=directory, use_keyring=False, vault_key=None)
