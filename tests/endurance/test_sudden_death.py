"""A gateway killed at random moments two hundred times: what it wrote always loads.

Between any two instructions of a write, its directory holds a configuration, a vault that opens every secret the
configuration refers to, and logs that read. Runs by `make endurance`, for about two minutes.
"""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from copilot_api.settings import Settings, read_environment
from copilot_api.store.audit import FILE_NAME as AUDIT_NAME
from copilot_api.store.audit import AuditLog
from copilot_api.store.config_file import open_config
from copilot_api.store.keys import KeyRing

DEATHS = 200
LIMIT_S = 600.0
DOOMED = Path(__file__).with_name("doomed.py")
TOKENS = {str(number): f"ghu_{number:036}" for number in range(1, 5)}


def begin(home: Path) -> None:
    """Four accounts whose tokens must survive everything, 2 and 3 of them coming and going."""
    environment = read_environment({"COPILOT_API_HOME": str(home), "COPILOT_API_KEYRING": "false"})
    config = open_config(environment)
    accounts = [{"id": key, "login": f"octo-{key}", "token": token} for key, token in TOKENS.items()]
    config.update(
        lambda document: document.update(accounts=accounts, activeAccountId="1", mark="always here")
    )


def look(home: Path) -> Settings:
    """Load everything as a starting gateway does; every secret opens, and nothing is reported wrong."""
    environment = read_environment({"COPILOT_API_HOME": str(home), "COPILOT_API_KEYRING": "false"})
    config = open_config(environment)
    state = config.load()
    assert state.problems == (), state.problems
    assert state.document["mark"] == "always here"
    settings = config.resolve(state, environment)
    assert settings.problems == ()
    assert {account.id for account in settings.accounts} >= {"1", "4"}
    for account in settings.accounts:
        assert config.vault.open(account.token) == TOKENS[account.id]
    assert settings.anthropic_api_key is None or settings.anthropic_api_key.startswith("sk-")
    KeyRing.of(settings)
    config.vault.check()
    AuditLog(home / AUDIT_NAME).page(None, 1000)
    return settings


def strike(nursery: "subprocess.Popen[str]", chance: random.Random, *, after_a_write: bool) -> None:
    """Let one gateway live for a moment, and kill it."""
    assert nursery.stdin is not None
    assert nursery.stdout is not None
    nursery.stdin.write("live\n")
    nursery.stdin.flush()
    words = nursery.stdout.readline().split()
    while words[0] != "born":  # what its predecessor still had to say
        words = nursery.stdout.readline().split()
    child = int(words[1])
    if after_a_write:
        assert nursery.stdout.readline() == "written\n"
    time.sleep(chance.random() * (0.15 if after_a_write else 0.4))
    os.kill(child, signal.SIGKILL)
    nursery.stdin.write("reap\n")
    nursery.stdin.flush()
    while nursery.stdout.readline() != "reaped\n":
        pass


@pytest.mark.endurance
def test_what_a_killed_gateway_wrote_always_loads(tmp_path: Path) -> None:
    """Most are struck while they write, some while they start."""
    begin(tmp_path)
    chance = random.Random(11)  # noqa: S311 - moments to strike, not secrets
    began_s, written = time.monotonic(), 0
    with subprocess.Popen(
        [sys.executable, DOOMED, tmp_path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as nursery:
        for death in range(DEATHS):
            before = (tmp_path / "config.json").read_bytes()
            strike(nursery, chance, after_a_write=death % 5 != 0)
            look(tmp_path)
            written += (tmp_path / "config.json").read_bytes() != before
            _give_back(tmp_path)
            assert time.monotonic() - began_s < LIMIT_S
        assert nursery.stdin is not None
        nursery.stdin.close()
        assert nursery.wait(30) == 0
    assert written > DEATHS / 2
    leftovers = [path.name for path in tmp_path.iterdir() if path.suffix == ".new"]
    assert len(leftovers) < DEATHS / 4, leftovers
    vault = json.loads((tmp_path / "vault.json").read_text())
    assert len(vault["entries"]) < 5 + DEATHS  # a secret may be orphaned by a death, never by a write


def _give_back(home: Path) -> None:
    """An account that was removed when the end came has lost its token with the memory that held it."""
    environment = read_environment({"COPILOT_API_HOME": str(home), "COPILOT_API_KEYRING": "false"})
    config = open_config(environment)

    def change(document: dict[str, object]) -> None:
        accounts = document["accounts"]
        assert isinstance(accounts, list)
        there = {account["id"] for account in accounts}
        accounts += [
            {"id": key, "login": f"octo-{key}", "token": token}
            for key, token in TOKENS.items()
            if key not in there
        ]
        keys = document.get("clientKeys")
        if isinstance(keys, list) and len(keys) > 50:
            del keys[:-10]

    config.update(change)
