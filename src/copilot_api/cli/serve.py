"""`copilot-api serve`: flags into Overrides, then the server."""

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from copilot_api.cli.terminal import Terminal

if TYPE_CHECKING:
    from copilot_api.settings import Environment, Overrides


def serve(  # noqa: PLR0917 - one parameter for each flag
    context: typer.Context,
    port: Annotated[
        int | None, typer.Option("--port", "-p", min=0, max=65535, help="Port to listen on (PORT, 4141).")
    ] = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on (HOST, 127.0.0.1).")] = None,
    demo: Annotated[
        bool, typer.Option("--demo", help="Serve a simulated Copilot; needs no subscription.")
    ] = False,
    verbose: Annotated[bool | None, typer.Option("--verbose", "-v", help="Log more (VERBOSE).")] = None,
    rate_limit: Annotated[
        float | None,
        typer.Option("--rate-limit", "-r", help="Least seconds between requests (RATE_LIMIT)."),
    ] = None,
    wait: Annotated[
        bool | None,
        typer.Option("--wait", "-w", help="Queue instead of answering 429 (RATE_LIMIT_WAIT)."),
    ] = None,
    proxy_env: Annotated[
        bool | None, typer.Option("--proxy-env", help="Use HTTP_PROXY and the like (PROXY_ENV).")
    ] = None,
    show_token: Annotated[
        bool | None, typer.Option("--show-token", help="Show tokens in the terminal (SHOW_TOKEN).")
    ] = None,
    log_format: Annotated[
        Literal["console", "json"] | None, typer.Option(help="Form of the log (COPILOT_API_LOG_FORMAT).")
    ] = None,
) -> None:
    """Start the gateway."""
    from copilot_api.settings import Overrides, SettingsError, accepted, read_environment

    terminal: Terminal = context.obj
    if rate_limit is not None and not 0 < rate_limit < float("inf"):
        raise SettingsError(f"--rate-limit: {rate_limit!r} is not accepted. Give {accepted.SECONDS}.")
    if host is not None:
        try:
            host = accepted.host(host)
        except ValueError:
            raise SettingsError(f"--host: {host!r} is not accepted. Give {accepted.HOST}.") from None
    overrides = Overrides(
        host=host,
        port=port,
        demo=demo or None,
        verbose=verbose,
        rate_limit_s=rate_limit,
        rate_limit_wait=wait,
        use_proxy_environment=proxy_env,
        show_token=show_token,
        log_format=log_format,
    )
    environment = read_environment(terminal.variables)
    serve_it = _serve_demo if demo else Terminal.run_server
    raise typer.Exit(serve_it(terminal, environment, overrides))


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
