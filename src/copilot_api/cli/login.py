"""`copilot-api login`: the device flow in a terminal."""

from typing import TYPE_CHECKING, Annotated

import typer

from copilot_api.cli.terminal import Terminal, printable, refuse

if TYPE_CHECKING:
    from copilot_api.cli.visit import Visit
    from copilot_api.copilot.accounts import Identified
    from copilot_api.copilot.github import DeviceCode, DeviceLogin
    from copilot_api.store.sealing import Document


def login(
    context: typer.Context,
    ghe: Annotated[str | None, typer.Option(help="Host of a GHE.com tenant, such as octo.ghe.com.")] = None,
    browser: Annotated[bool, typer.Option(help="Open the page where the code is typed.")] = True,
    activate: Annotated[bool, typer.Option("--activate", help="Make this the active account.")] = False,
    with_token: Annotated[
        bool, typer.Option("--with-token", help="Read a GitHub token from standard input instead.")
    ] = False,
) -> None:
    """Log in with a GitHub account that has Copilot."""
    from copilot_api.cli.visit import visit
    from copilot_api.copilot.accounts import identify
    from copilot_api.store.edits.accounts import GITHUB_HOST

    terminal: Terminal = context.obj
    _, config, state, settings = terminal.open_config()
    if state.is_read_only:
        refuse("The login could not be stored, so none was started. Mend config.json first.")
    # Nobody should type a code for nothing: what storing needs is tried before.
    config.vault.check()
    config.update(lambda document: None)
    host = ghe.lower().removeprefix("https://").rstrip("/") if ghe else GITHUB_HOST
    given = _read_token(terminal) if with_token else None

    async def errand(road: "Visit") -> "Identified":
        token = given or await _granted(terminal, road, host, browser=browser)
        return await identify(road.github, token, host, created_at=_now(terminal))

    try:
        found = visit(settings, config.vault, terminal.variables, errand)
    except KeyboardInterrupt:
        terminal.say("")
        terminal.warn("The login was cancelled; nothing was stored.")
        raise typer.Exit(130) from None
    _store(terminal, found, activate=activate)


def _store(terminal: Terminal, found: "Identified", *, activate: bool) -> None:
    from msgspec.structs import replace

    from copilot_api.store.edits.accounts import find, remember

    entry = found.entry
    for fault in filter(None, (found.refusal, found.doubt)):
        terminal.warn(fault.message)  # the person may be about to get a plan

    def edit(document: "Document") -> None:
        kind = found.kind(find(document, entry.id))
        remember(document, replace(entry, account_type=kind), activate=activate)

    _, config, _, _ = terminal.open_config()
    after = terminal.change(config, "accounts.login", entry.id, edit, detail=f"login {entry.login}")
    terminal.say(f"Logged in as {printable(entry.login)}.")
    active = after.document.get("activeAccountId")
    if active != entry.id:
        terminal.say(
            f"The active account is still {active}; `copilot-api accounts switch {entry.login}` changes that."
        )


def _read_token(terminal: Terminal) -> str:
    token = terminal.read.read().strip()
    if not token:
        refuse("Standard input holds no token. Pipe one in: `copilot-api login --with-token < token.txt`.")
    return token


async def _granted(terminal: Terminal, road: "Visit", host: str, *, browser: bool) -> str:
    """Drive one device login to its token, with a live line where there is a terminal."""
    with _Line(terminal) as line:
        attempt = await road.github.start_login(clock=terminal.clock, sleep=line.sleep, host=host)
        _show(terminal, attempt.code, browser=browser)
        line.attempt = attempt
        return await attempt.wait()


class _Line:
    """The line that says how the login stands, renewed each second while it waits."""

    def __init__(self, terminal: Terminal) -> None:
        self.attempt: DeviceLogin | None = None
        self._terminal = terminal
        self._status = terminal.console.status("") if terminal.out.isatty() else None
        self._said = ""

    def __enter__(self) -> "_Line":
        return self

    def __exit__(self, *_: object) -> None:
        if self._status is not None:
            self._status.stop()

    async def sleep(self, seconds: float) -> None:
        """Wait for the next poll."""
        while seconds > 0:
            self._show()
            step = min(1.0, seconds)
            await self._terminal.sleep(step)
            seconds -= step

    def _show(self) -> None:
        if self.attempt is None:  # pragma: no cover - the first wait comes after the start
            return
        problem = self.attempt.problem
        left_s = max(0, int(self.attempt.code.expires_at_unix_s - self._terminal.clock()))
        text = printable(problem) if problem else "Waiting for GitHub..."
        if self._status is not None:
            self._status.update(f"{text} The code is good for {left_s // 60}:{left_s % 60:02d} more.")
            self._status.start()
        elif text != self._said:
            self._terminal.say(text)
            self._said = text


def _show(terminal: Terminal, code: "DeviceCode", *, browser: bool) -> None:
    page, user_code = printable(code.verification_uri), printable(code.user_code)
    copied = " (copied to the clipboard)" if terminal.copy(code.user_code) else ""
    terminal.say(f"Open {page} and enter the code {user_code}{copied}.")
    if browser and terminal.open_browser(code.verification_uri):
        terminal.say("The page was opened in the browser.")


def _now(terminal: Terminal) -> str:
    from copilot_api.settings import write_instant

    return write_instant(terminal.clock())
