"""Client keys and the configuration, from the command line."""

import json

from copilot_api.settings import read_environment
from copilot_api.store.admin_secret import matches_hash
from copilot_api.store.config_file import open_config
from copilot_api.store.keys import KeyRing

NOON = 1_700_000_000.0


def _ring(command_line) -> KeyRing:
    environment = read_environment(command_line.variables)
    config = open_config(environment)
    return KeyRing.of(config.resolve(config.load(), environment), lambda: NOON)


def test_a_key_is_shown_once_and_opens_the_door(command_line) -> None:
    """Only the key goes to standard output, so that a script can keep it."""
    command_line.clock = lambda: NOON
    assert (
        command_line(
            "keys", "create", "laptop", "--expires", "90d", "--scope", "inference", "--scope", "admin"
        )
        == 0
    )
    key = command_line.out.strip()
    assert key.startswith("cpa_")
    assert "only time the key is shown" in command_line.err
    assert key not in (command_line.home / "config.json").read_text()
    entry = _ring(command_line).verify(key)
    assert entry is not None
    assert (entry.name, entry.scopes, entry.expires_at) == (
        "laptop",
        ("inference", "admin"),
        "2024-02-12T22:13:20Z",
    )
    (listed,) = command_line.json("keys", "list", "--json")
    assert listed["isExpired"] is False
    command_line.clock = lambda: NOON + 91 * 86400
    assert command_line("keys", "list") == 0
    assert "(expired)" in command_line.out
    assert "laptop" in command_line.out


def test_a_strict_key_is_strict_wherever_it_shows(command_line) -> None:
    """In the ring, in the table and in JSON; others are not."""
    command_line.clock = lambda: NOON
    made = command_line.json("keys", "create", "ci", "--strict", "--json")
    lax = command_line.json("keys", "create", "laptop", "--json")
    ring = _ring(command_line)
    assert [ring.verify(one["key"]).strict for one in (made, lax)] == [True, False]
    assert [one["strict"] for one in command_line.json("keys", "list", "--json")] == [True, False]
    assert command_line("keys", "list") == 0
    assert command_line.out.count("(strict)") == 1


def test_a_revoked_key_is_gone_at_once(command_line) -> None:
    """By name or by id; the last one leaves the door open, and that is said."""
    first = command_line.json("keys", "create", "a", "--json")
    second = command_line.json("keys", "create", "b", "--json")
    assert command_line("keys", "revoke", "a") == 0
    assert command_line.err == ""
    assert _ring(command_line).verify(first["key"]) is None
    assert _ring(command_line).verify(second["key"]) is not None
    assert command_line("keys", "revoke", second["id"]) == 0
    assert "everybody who reaches the gateway may use it" in command_line.err
    assert command_line("keys", "revoke", "b") == 1
    assert "There is no key 'b'" in command_line.err
    assert command_line("keys", "list") == 0
    assert "There are no client keys." in command_line.out


def test_a_key_that_makes_no_sense_is_refused(command_line) -> None:
    """Each refusal says what is accepted, and nothing is stored."""
    assert command_line("keys", "create", "taken") == 0
    before = (command_line.home / "config.json").read_bytes()
    for arguments, words in (
        (("taken",), "There is a key 'taken' already"),
        ((" ",), "The name is empty"),
        (("x", "--scope", "all"), "Give inference, usage, admin."),
        (("x", "--account", "9"), "There is no account with id '9'"),
        (("x", "--expires", "never"), "--expires: 'never' is not accepted"),
    ):
        assert command_line("keys", "create", *arguments) == 1
        assert words in command_line.err
    assert (command_line.home / "config.json").read_bytes() == before


def test_a_damaged_key_list_is_not_overwritten(command_line) -> None:
    """Whatever stands there, somebody put it there."""
    command_line.home.mkdir()
    (command_line.home / "config.json").write_text('{"clientKeys": "oops"}')
    assert command_line("keys", "create", "x") == 1
    assert "is not an array" in command_line.err
    assert command_line.document() == {"clientKeys": "oops"}


def test_plain_keys_are_counted(command_line) -> None:
    """They are keys as well, though they have no name."""
    command_line.variables["COPILOT_API_KEY"] = "my-own-key-1"
    assert command_line("keys", "list") == 0
    assert "1 plain key(s)" in command_line.out


def test_the_configuration_is_exported_masked_unless_revealed(command_line) -> None:
    """What is revealed is what the reference gateway would read."""
    command_line.home.mkdir()
    document = {"accounts": [{"id": "1", "login": "a", "token": "gho_plain"}], "other": [1]}
    (command_line.home / "config.json").write_text(json.dumps(document))
    masked = command_line.json("config", "export")
    assert masked == {"accounts": [{"id": "1", "login": "a", "token": "***"}], "other": [1]}
    assert command_line.json("config", "export", "--reveal") == document
    assert "tokens in clear" in command_line.err
    assert command_line("config", "path") == 0
    assert command_line.out == f"{command_line.home / 'config.json'}\n"


def test_the_variables_are_listed(command_line) -> None:
    """The list says which are set, never to what."""
    command_line.variables["ADMIN_SECRET"] = "hidden-secret"
    assert command_line("config", "variables") == 0
    assert "ADMIN_SECRET" in command_line.out
    listed = {item["name"]: item["isSet"] for item in command_line.json("config", "variables", "--json")}
    assert (listed["ADMIN_SECRET"], listed["PORT"]) == (True, False)
    assert "hidden-secret" not in command_line.out


def test_an_admin_secret_is_hashed_from_standard_input(command_line) -> None:
    """The secret itself appears in no argument list and no file."""
    command_line.input = "correct horse\n"
    assert command_line("config", "hash-secret") == 0
    assert matches_hash("correct horse", command_line.out.strip())
    command_line.input = "short"
    assert command_line("config", "hash-secret") == 1
    assert "at least 8 characters" in command_line.err
