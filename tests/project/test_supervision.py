"""The systemd unit and the launchd agent: they parse, they serve, they are hardened."""

import configparser
import plistlib
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DRAIN_S = 30


def unit() -> configparser.ConfigParser:
    """The systemd unit as sections; directives keep their case."""
    parser = configparser.ConfigParser(interpolation=None, strict=True)
    parser.optionxform = str  # type: ignore[assignment]
    parser.read(ROOT / "deploy/systemd/copilot-api.service", encoding="utf-8")
    return parser


def test_the_systemd_unit_serves_and_restarts() -> None:
    """It starts the installed command and gives running answers time to end."""
    service = unit()["Service"]
    assert service["ExecStart"] == "%h/.local/bin/copilot-api serve"
    assert service["Restart"] == "on-failure"
    assert int(service["TimeoutStopSec"]) > DRAIN_S
    assert unit()["Install"]["WantedBy"] == "default.target"


def test_the_systemd_unit_is_hardened() -> None:
    """New files are private, privileges cannot grow, only IP and local sockets are open."""
    service = unit()["Service"]
    assert service["UMask"] == "0077"
    for directive in (
        "NoNewPrivileges",
        "PrivateTmp",
        "RestrictSUIDSGID",
        "LockPersonality",
        "RestrictNamespaces",
    ):
        assert service[directive] == "yes"
    assert service["RestrictAddressFamilies"] == "AF_INET AF_INET6 AF_UNIX"


def test_the_launchd_agent_is_a_valid_property_list_that_serves() -> None:
    """It runs at login, comes back after a failure and gives running answers time to end."""
    agent = plistlib.loads((ROOT / "deploy/launchd/copilot-api.plist").read_bytes())
    assert agent["Label"] == "copilot-api"
    assert agent["RunAtLoad"] is True
    assert agent["KeepAlive"] == {"SuccessfulExit": False}
    assert agent["ExitTimeOut"] > DRAIN_S
    assert agent["Umask"] == 0o077


def test_the_launchd_command_is_shell_that_parses() -> None:
    """launchd expands nothing itself, so a shell does; its text must be sound."""
    agent = plistlib.loads((ROOT / "deploy/launchd/copilot-api.plist").read_bytes())
    shell, flag, text = agent["ProgramArguments"]
    assert (shell, flag) == ("/bin/sh", "-c")
    assert subprocess.run(["sh", "-n", "-c", text], check=False).returncode == 0
    assert 'exec "$HOME/.local/bin/copilot-api" serve' in text
