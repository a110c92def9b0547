"""The person's side of the command line: what is printed, asked, copied and opened.

Owns the process's surroundings as one value, so that tests bring their own. Must never know GitHub.
"""

import base64
import json
import os
import shutil
import subprocess
import sys
import time
import webbrowser
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, NoReturn, Protocol, TextIO

if TYPE_CHECKING:
    from rich.console import Console

    from copilot_api.settings import Environment, Overrides, Settings
    from copilot_api.store.config_file import ConfigFile, ConfigState
    from copilot_api.store.sealing import Document

_COPIERS: tuple[tuple[str, ...], ...] = (
    ("wl-copy",),
    ("xclip", "-selection", "clipboard"),
    ("xsel", "--clipboard", "--input"),
    ("pbcopy",),
    ("clip.exe",),
)


class Refusal(Exception):
    """The command cannot do what it was asked; the message is one sentence with the remedy."""


def refuse(message: str) -> NoReturn:
    """End the command with exit code 1 and one sentence."""
    raise Refusal(message)


class RunServer(Protocol):
    """The server's entrance, as web/running/serve.py has it."""

    def __call__(self, *, config: "ConfigFile", environment: "Environment", overrides: "Overrides") -> int:
        """Serve until stopped; the exit code."""
        ...


class Terminal:
    """Where a command runs: variables, streams, browser, clipboard."""

    def __init__(
        self,
        *,
        variables: Mapping[str, str] | None = None,
        out: TextIO | None = None,
        err: TextIO | None = None,
        read: TextIO | None = None,
        open_browser: Callable[[str], bool] | None = None,
        copy: Callable[[str], bool] | None = None,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], Awaitable[None]] | None = None,
        run_server: RunServer | None = None,
        user: str | None = None,
    ) -> None:
        self.variables: Mapping[str, str] = os.environ if variables is None else variables
        self.out = out or sys.stdout
        self.err = err or sys.stderr
        self.read = read or sys.stdin
        self.open_browser = open_browser or self._open_browser
        self.copy = copy or self._copy
        self.clock = clock
        self._sleep = sleep
        self._run_server = run_server
        self._user = user

    @property
    def console(self) -> "Console":
        """For people: colours and tables where the stream is a terminal."""
        from rich.console import Console

        width = None if self.out.isatty() else 240  # nothing is cut off for scripts and files
        return Console(file=self.out, width=width, highlight=False)

    def run_server(self, environment: "Environment", overrides: "Overrides") -> int:
        """Serve until stopped, from the environment's data directory."""
        from copilot_api.store.config_file import open_config

        config = open_config(environment)
        if self._run_server is not None:
            return self._run_server(config=config, environment=environment, overrides=overrides)
        from copilot_api.web.running.serve import serve

        return serve(config=config, environment=environment, overrides=overrides)

    async def sleep(self, seconds: float) -> None:
        """Wait without holding anybody up."""
        import asyncio

        await (self._sleep or asyncio.sleep)(seconds)

    def say(self, text: str) -> None:
        """Print one line for people and scripts alike."""
        self.out.write(text + "\n")

    def warn(self, text: str) -> None:
        """Print one line to the error stream."""
        self.err.write(f"copilot-api: {text}\n")

    def say_json(self, value: object) -> None:
        """Print one JSON document."""
        self.say(json.dumps(value, indent=2, ensure_ascii=False))

    def say_table(self, columns: Sequence[str], rows: Sequence[Sequence[str]], empty: str) -> None:
        """Print a table, or a sentence when there is nothing to list."""
        if not rows:
            self.say(empty)
            return
        from rich.box import SIMPLE_HEAD
        from rich.table import Table
        from rich.text import Text

        table = Table(box=SIMPLE_HEAD, pad_edge=False)
        for column in columns:
            table.add_column(column, overflow="fold")
        for row in rows:
            table.add_row(*(Text(printable(cell)) for cell in row))
        self.console.print(table)

    def open_config(self) -> "tuple[Environment, ConfigFile, ConfigState, Settings]":
        """Read the environment and the configuration of its data directory; say what is wrong with the file.

        Raises: SettingsError.
        """
        from copilot_api.settings import read_environment
        from copilot_api.store.config_file import open_config

        environment = read_environment(self.variables)
        config = open_config(environment)
        state = config.load()
        if state.problem is not None:
            self.warn(state.problem)
        return environment, config, state, config.resolve(state, environment)

    def change(
        self,
        config: "ConfigFile",
        action: str,
        target: str,
        edit: "Callable[[Document], None]",
        *,
        detail: str = "",
    ) -> "ConfigState":
        """Edit the configuration as it is now and leave a line in the audit log: the one way in which commands do.

        Shape: `action`, `target` and `detail` as the admin API's; never a secret.
        Raises: what `edit` raises, and then nothing is changed and nothing noted; StoreUnavailable.
        """
        state = config.update(edit)
        self.note(action, target, detail)
        return state

    def note(self, action: str, target: str, detail: str = "") -> None:
        """Leave a line in the audit log of the data directory, with the user who ran the command."""
        from copilot_api.settings import read_environment
        from copilot_api.store.audit import FILE_NAME, AuditLog

        path = read_environment(self.variables).data_directory / FILE_NAME
        AuditLog(path, clock=self.clock).append(
            who="command line",
            peer=f"user {self._user or operating_system_user()}",
            action=action,
            target=target,
            detail=detail,
        )

    def _open_browser(self, url: str) -> bool:
        """Open a page where there is a desktop; never a text browser that takes over the terminal."""
        has_desktop = sys.platform in ("win32", "darwin") or bool(
            self.variables.get("DISPLAY") or self.variables.get("WAYLAND_DISPLAY")
        )
        if not has_desktop or self.variables.get("SSH_CONNECTION"):
            return False
        try:
            return webbrowser.open(url)
        except (webbrowser.Error, OSError):
            return False

    def _copy(self, text: str) -> bool:
        """Copy with the tool at hand, else ask the terminal itself (OSC 52)."""
        for command in _COPIERS:
            tool = shutil.which(command[0], path=self.variables.get("PATH"))
            if tool is not None and _feed((tool, *command[1:]), text, self.variables):
                return True
        if not self.out.isatty() or self.variables.get("TERM", "dumb") == "dumb":
            return False
        self.out.write(f"\x1b]52;c;{base64.b64encode(text.encode()).decode()}\x07")
        self.out.flush()
        return False  # many terminals ignore it, so nothing is promised


def operating_system_user() -> str:
    """Name whoever runs this process as the system knows them: variables such as USER can say anything."""
    if sys.platform == "win32":
        import getpass

        return getpass.getuser()
    import pwd

    number = os.geteuid()
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:  # a container's user has no name
        return str(number)


def printable(text: str) -> str:
    """Take control characters out of what others wrote, so that it cannot command the terminal."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def _feed(command: Sequence[str], text: str, variables: Mapping[str, str]) -> bool:
    """Run a clipboard tool. Its output goes nowhere: xclip stays behind and would keep a pipe open."""
    quiet = subprocess.DEVNULL
    try:
        done = subprocess.run(  # noqa: S603 - a fixed list of clipboard tools
            command, input=text.encode(), timeout=2, check=False, stdout=quiet, stderr=quiet, env=variables
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
