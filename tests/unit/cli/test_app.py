"""The command line as a whole: quick to start, clean to leave."""

import io
import subprocess
import sys
from pathlib import Path

import pytest

from copilot_api.cli.app import run
from copilot_api.cli.terminal import Terminal, printable
from copilot_api.settings import Overrides


def test_help_imports_nothing_heavy() -> None:
    """What makes --help slow is imports: each of these costs more than Typer itself."""
    heavy = ("aiohttp", "asyncio", "cryptography", "keyring", "litestar", "msgspec", "structlog", "uvicorn")
    program = (
        "import sys; from copilot_api.cli.app import run; code = run(['--help']);"
        f"print([name for name in {heavy!r} if name in sys.modules], code, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stderr == "[] 0\n"
    assert "doctor" in done.stdout


def test_the_installed_command_runs() -> None:
    """`copilot-api` is on the path of the environment it was installed in."""
    command = Path(sys.executable).with_name("copilot-api")
    done = subprocess.run([command, "version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("copilot-api ")


def test_the_version_is_printed(command_line) -> None:
    """With --json also what a bug report needs."""
    assert command_line("version") == 0
    assert command_line.out.startswith("copilot-api 0.")
    assert set(command_line.json("version", "--json")) == {"version", "python", "platform"}


def test_misuse_is_told_apart_from_failure(command_line, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2 and the usage."""
    assert command_line("serve", "--port", "x") == 2
    assert command_line("nonsense") == 2
    assert "nonsense" in capsys.readouterr().err


def test_a_wrong_variable_is_one_sentence(command_line) -> None:
    """No traceback, exit code 1."""
    command_line.variables["RATE_LIMIT"] = "abc"
    assert command_line("serve") == 1
    assert command_line.err == (
        "copilot-api: RATE_LIMIT: 'abc' is not accepted. Give a number of seconds greater than 0, such as 5 or "
        "0.5, or unset it.\n"
    )


def test_a_bug_is_not_dressed_up_as_a_refusal(command_line) -> None:
    """What nobody expected keeps its traceback."""

    def broken() -> float:
        raise ZeroDivisionError

    command_line.clock = broken
    with pytest.raises(ZeroDivisionError):
        command_line("keys", "create", "x")


def test_a_reader_that_went_away_is_no_failure(command_line) -> None:
    """`copilot-api models | head -1` must not spill a traceback."""

    class ClosedPipe(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    terminal = Terminal(variables=command_line.variables, out=ClosedPipe(), err=io.StringIO())
    assert run(["config", "path"], terminal) == 141


def test_an_interrupt_is_no_failure(command_line) -> None:
    """Ctrl-C anywhere ends with the shell's own code for it, or Typer's."""

    def interrupted() -> float:
        raise KeyboardInterrupt

    command_line.clock = interrupted
    assert command_line("keys", "create", "x") in (1, 130)
    assert not (command_line.home / "config.json").exists()


def test_flags_of_serve_become_overrides(command_line) -> None:
    """The exit code is the server's own; what is not given stays undecided."""
    assert (
        command_line(
            "serve", "-p", "0", "--host", "LOCALHOST", "-v", "-r", "2.5", "--wait", "--manual", "--proxy-env",
            "--show-token", "--log-format", "json",
        )
        == 3
    )  # fmt: skip
    (served,) = command_line.served
    assert served["overrides"] == Overrides(
        host="localhost",
        port=0,
        verbose=True,
        show_token=True,
        log_format="json",
        rate_limit_s=2.5,
        rate_limit_wait=True,
        manual_approval=True,
        use_proxy_environment=True,
    )
    assert served["config"].path == command_line.home / "config.json"
    assert command_line("start") == 3
    assert command_line.served[1]["overrides"] == Overrides()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--rate-limit", "0"), "--rate-limit: 0.0 is not accepted. Give a number of seconds"),
        (("--host", "http://x"), "--host: 'http://x' is not accepted. Give an IP address"),
    ],
)
def test_a_wrong_flag_is_refused_like_a_wrong_variable(
    command_line, arguments: tuple[str, ...], words: str
) -> None:
    """The same forms are accepted in both places."""
    assert command_line("serve", *arguments) == 1
    assert words in command_line.err
    assert command_line.served == []


def test_a_demo_never_touches_the_real_directory(command_line) -> None:
    """Chosen or not, the demo has a directory of its own, and keyring and vault key stay out of it."""
    command_line.variables["COPILOT_API_VAULT_KEY"] = "A" * 43 + "="
    assert command_line("serve", "--demo") == 3
    (served,) = command_line.served
    assert served["overrides"].demo is True
    assert served["environment"].data_directory == command_line.home / "demo"
    assert served["environment"].vault_key is None
    assert served["environment"].use_keyring is False
    del command_line.variables["COPILOT_API_HOME"]
    assert command_line("serve", "--demo") == 3
    directory = command_line.served[1]["environment"].data_directory
    assert directory.name.startswith("copilot-api-demo-")
    assert not directory.exists()


class _Screen(io.StringIO):
    """A stream that is a terminal."""

    def isatty(self) -> bool:
        """Say so."""
        return True


def test_a_clipboard_tool_is_used_where_there_is_one(tmp_path: Path) -> None:
    """The first tool that works gets the code."""
    tool = tmp_path / "xclip"
    tool.write_text(f"#!/bin/sh\ncat > {tmp_path}/copied\n")
    tool.chmod(0o755)
    broken = tmp_path / "wl-copy"
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o755)
    terminal = Terminal(variables={"PATH": f"{tmp_path}:/usr/bin:/bin"}, out=io.StringIO())
    assert terminal.copy("ABCD-1234")
    assert (tmp_path / "copied").read_text() == "ABCD-1234"


def test_without_a_tool_the_terminal_itself_is_asked() -> None:
    """OSC 52; whether it obeys cannot be known, so nothing is promised."""
    screen = _Screen()
    assert not Terminal(variables={"PATH": "/nowhere", "TERM": "xterm"}, out=screen).copy("A")
    assert screen.getvalue() == "\x1b]52;c;QQ==\x07"
    for variables, out in (({"TERM": "dumb"}, _Screen()), ({"TERM": "xterm"}, io.StringIO())):
        assert not Terminal(variables={"PATH": "/nowhere", **variables}, out=out).copy("A")
        assert out.getvalue() == ""


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="always has a desktop")
def test_no_browser_is_opened_without_a_desktop() -> None:
    """A text browser would take over the terminal that shows the code."""
    assert not Terminal(variables={}).open_browser("https://x.invalid")
    assert not Terminal(variables={"DISPLAY": ":0", "SSH_CONNECTION": "x"}).open_browser("https://x.invalid")


def test_a_live_terminal_shows_how_long_the_code_is_good(command_line, start_simulator) -> None:
    """The waiting line belongs to terminals only."""
    command_line.use(start_simulator(device_polls=("authorization_pending",)))

    async def at_once(seconds: float) -> None:
        """Skip the wait."""

    screen = _Screen()
    terminal = Terminal(
        variables={**command_line.variables, "TERM": "xterm"},
        out=screen,
        err=io.StringIO(),
        open_browser=lambda _: False,
        copy=lambda _: False,
        sleep=at_once,
    )
    assert run(["login"], terminal) == 0
    assert "Logged in as" in screen.getvalue()


def test_control_characters_of_others_are_taken_out() -> None:
    """A login name must not be able to command the terminal."""
    assert printable("a\x1b[2Jb\u202ec") == "a\ufffd[2Jb\ufffdc"
