"""`copilot-api admin`: the secret, the sessions and the audit log."""

import json
import os
import pwd
from pathlib import Path

import pytest

from copilot_api.cli.terminal import operating_system_user
from copilot_api.settings import read_environment
from copilot_api.store.admin_secret import matches_hash
from copilot_api.store.config_file import open_config
from copilot_api.store.sessions import Sessions
from unit.cli.conftest import CommandLine

SECRET = "correct horse battery"


def stored_hash(line: CommandLine) -> str:
    """The hash in config.json."""
    admin = line.document()["adminAuth"]
    assert isinstance(admin, dict)
    return str(admin["secretHash"])


def sign_in(line: CommandLine, client: str) -> str:
    """A session as the server opens one; its id."""
    environment = read_environment(line.variables)
    config = open_config(environment)
    settings = config.resolve(config.load(), environment)
    _, session = Sessions(line.home / "sessions.json").open(settings, peer="127.0.0.1", client=client)
    return session.id


def test_a_secret_is_read_from_standard_input_and_kept_hashed(command_line: CommandLine) -> None:
    """Space around it does not count; nothing prints it."""
    command_line.input = f"  {SECRET} \n"
    assert command_line("admin", "set-secret") == 0
    assert matches_hash(SECRET, stored_hash(command_line))
    assert SECRET not in (command_line.home / "config.json").read_text()
    assert SECRET not in command_line.out + command_line.err
    assert "signed in" not in command_line.out


@pytest.mark.parametrize("given", ["", "short\n", " 1234567 \n"])
def test_a_short_secret_is_refused(command_line: CommandLine, given: str) -> None:
    """At least eight characters, as the environment wants them."""
    command_line.input = given
    assert command_line("admin", "set-secret") == 1
    assert "at least 8 characters" in command_line.err
    assert not (command_line.home / "config.json").exists()
    assert command_line("admin", "hash-secret") == 1


def test_a_forgotten_secret_is_replaced_and_everybody_signed_out(command_line: CommandLine) -> None:
    """Whoever may write the file may do that; the other settings of the admin stay."""
    (command_line.home).mkdir(exist_ok=True)
    (command_line.home / "config.json").write_text('{"adminAuth": {"sessionTtlDays": 3}}')
    command_line.input = f"{SECRET}\n"
    assert command_line("admin", "set-secret") == 0
    sign_in(command_line, "Firefox")
    command_line.input = "another secret\n"
    assert command_line("admin", "set-secret") == 0
    assert "1 session(s) ended" in command_line.out
    assert matches_hash("another secret", stored_hash(command_line))
    assert command_line.document()["adminAuth"] == {
        "sessionTtlDays": 3,
        "secretHash": stored_hash(command_line),
    }
    assert command_line.json("admin", "sessions", "--json") == []


def test_a_damaged_secret_is_replaced(command_line: CommandLine) -> None:
    """It stops the start, and this is the way out."""
    command_line.home.mkdir(exist_ok=True)
    (command_line.home / "config.json").write_text('{"adminAuth": "rubbish"}')
    command_line.input = f"{SECRET}\n"
    assert command_line("admin", "set-secret") == 0
    assert matches_hash(SECRET, stored_hash(command_line))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ADMIN_SECRET", SECRET),
        ("ADMIN_SECRET_HASH", "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA"),
    ],
)
def test_what_the_environment_decides_is_changed_there(
    command_line: CommandLine, name: str, value: str
) -> None:
    """Else the command would do nothing and say it did."""
    command_line.variables[name] = value
    command_line.input = f"{SECRET}\n"
    assert command_line("admin", "set-secret") == 1
    assert name in command_line.err
    assert command_line("admin", "remove-secret") == 1


def test_the_secret_is_removed(command_line: CommandLine) -> None:
    """And with it everything that it opened."""
    assert command_line("admin", "remove-secret") == 0
    assert "No admin secret" in command_line.out
    command_line.input = f"{SECRET}\n"
    command_line("admin", "set-secret")
    sign_in(command_line, "Firefox")
    assert command_line("admin", "remove-secret") == 0
    assert "1 session(s) ended" in command_line.out
    assert "adminAuth" not in command_line.document()


def test_a_hash_is_printed_for_the_environment(command_line: CommandLine) -> None:
    """And nothing is changed."""
    command_line.input = f"{SECRET}\n"
    assert command_line("admin", "hash-secret") == 0
    assert matches_hash(SECRET, command_line.out.strip())
    assert not (command_line.home / "config.json").exists()


def test_sessions_are_listed_and_ended(command_line: CommandLine) -> None:
    """One by its id, or all of them."""
    command_line.input = f"{SECRET}\n"
    command_line("admin", "set-secret")
    first, second, _ = (
        sign_in(command_line, "one"),
        sign_in(command_line, "two"),
        sign_in(command_line, "three"),
    )
    found = command_line.json("admin", "sessions", "--json")
    assert isinstance(found, list)
    assert {one["client"] for one in found} == {"one", "two", "three"}
    assert set(found[0]) == {"id", "createdAt", "lastSeenAt", "expiresAt", "peer", "client"}
    assert command_line("admin", "sessions") == 0
    assert first in command_line.out
    assert command_line("admin", "revoke-sessions", "ses_nobody") == 1
    assert "admin sessions" in command_line.err
    assert command_line("admin", "revoke-sessions", first, second) == 0
    left = command_line.json("admin", "sessions", "--json")
    assert isinstance(left, list)
    assert [one["client"] for one in left] == ["three"]
    assert command_line("admin", "revoke-sessions") == 0
    assert "1 session(s) ended" in command_line.out
    assert command_line("admin", "sessions") == 0
    assert "Nobody" in command_line.out


def test_the_audit_log_is_shown(command_line: CommandLine) -> None:
    """The newest first, also as JSON."""
    assert command_line("admin", "audit") == 0
    assert "Nothing was changed" in command_line.out
    command_line.input = f"{SECRET}\n"
    command_line("admin", "set-secret")
    command_line("admin", "remove-secret")
    found = command_line.json("admin", "audit", "--json", "--limit", "1")
    assert isinstance(found, list)
    (entry,) = found
    assert (entry["action"], entry["who"], entry["peer"], entry["target"]) == (
        "secret.remove",
        "command line",
        "user alice",
        "adminAuth.secretHash",
    )
    assert command_line("admin", "audit") == 0
    assert "secret.set" in command_line.out


CHANGES: list[tuple[tuple[str, ...], tuple[str, str, str]]] = [
    (("mappings", "add", "own", "gpt-4.1"), ("mappings.add", "own", "to gpt-4.1")),
    (("mappings", "copy", "own"), ("mappings.copy", "own", "")),
    (("mappings", "move", "own-copy", "0"), ("mappings.move", "own-copy", "to place 0")),
    (("mappings", "change", "own", "gpt-5.5", "--as", "mine"), ("mappings.change", "own", "mine to gpt-5.5")),
    (("mappings", "remove", "own-copy"), ("mappings.remove", "own-copy", "")),
    (
        ("models", "set", "gpt-5.5", "--hide", "--multiplier", "2", "--prompt", "private"),
        ("models.change", "gpt-5.5", "hide, multiplier, prompt"),
    ),
    (
        ("models", "set", "gpt-5.5", "--show", "--reset", "prompt"),
        ("models.change", "gpt-5.5", "show, prompt"),
    ),
    (
        ("config", "set", "rateLimitSeconds", "3"),
        ("settings.change", "rateLimitSeconds", "rateLimitSeconds=3"),
    ),
    (("config", "set", "smallModel", "gpt-4.1"), ("settings.change", "smallModel", "")),
    (("config", "set", "anthropicApiKey", "sk-ant-hidden"), ("settings.change", "anthropicApiKey", "")),
    (("config", "unset", "smallModel"), ("settings.change", "smallModel", "back to the default")),
    (("accounts", "set", "octo", "--type", "business"), ("accounts.change", "7", "accountType business")),
    (("accounts", "switch", "octo", "--force"), ("accounts.switch", "7", "")),
    (("accounts", "order", "octo"), ("accounts.order", "all", "")),
    (("logout", "octo"), ("accounts.remove", "7", "")),
]


def test_every_command_that_changes_something_leaves_one_line(command_line: CommandLine) -> None:
    """One way to change, as through the API: what, to what, and who was at the keyboard; no text, no secret."""
    command_line.home.mkdir()
    account = {"id": "7", "login": "octo", "token": "gho_plain"}
    (command_line.home / "config.json").write_text(json.dumps({"accounts": [account]}))
    for number, (arguments, (action, target, detail)) in enumerate(CHANGES, 1):
        assert command_line(*arguments) == 0, (arguments, command_line.err)
        lines = [json.loads(line) for line in (command_line.home / "audit.jsonl").read_text().splitlines()]
        assert len(lines) == number, arguments
        said = lines[-1]
        assert (said["action"], said["target"], said["detail"]) == (action, target, detail), arguments
        assert (said["who"], said["peer"]) == ("command line", "user alice")
    assert "hidden" not in (command_line.home / "audit.jsonl").read_text()


def test_what_is_refused_leaves_no_line(command_line: CommandLine) -> None:
    """Nothing was changed, so nothing is noted."""
    assert command_line("mappings", "remove", "own") == 1
    assert command_line("config", "set", "rateLimitSeconds", "0") == 1
    assert command_line("keys", "revoke", "nobody") == 1
    assert command_line("mappings", "list") == 0
    assert not (command_line.home / "audit.jsonl").exists()


def test_the_user_is_who_the_system_says() -> None:
    """Not what a variable says."""
    assert operating_system_user() == pwd.getpwuid(os.geteuid()).pw_name


def test_the_files_are_private(command_line: CommandLine, tmp_path: Path) -> None:
    """As everything in the data directory."""
    command_line.input = f"{SECRET}\n"
    command_line("admin", "set-secret")
    assert {path.stat().st_mode & 0o777 for path in command_line.home.iterdir() if path.is_file()} == {0o600}
    assert tmp_path.exists()
