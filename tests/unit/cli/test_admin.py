"""`copilot-api admin`: the secret, the sessions and the audit log."""

from pathlib import Path

import pytest

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
    assert (entry["action"], entry["who"], entry["target"]) == (
        "secret.remove",
        "command line",
        "adminAuth.secretHash",
    )
    assert command_line("admin", "audit") == 0
    assert "secret.set" in command_line.out


def test_the_files_are_private(command_line: CommandLine, tmp_path: Path) -> None:
    """As everything in the data directory."""
    command_line.input = f"{SECRET}\n"
    command_line("admin", "set-secret")
    assert {path.stat().st_mode & 0o777 for path in command_line.home.iterdir() if path.is_file()} == {0o600}
    assert tmp_path.exists()
