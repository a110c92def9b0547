"""Client keys and the configuration, from the command line."""

import json

from copilot_api.settings import read_environment
from copilot_api.store.admin_secret import matches_hash
from copilot_api.store.config_file import open_config
from copilot_api.store.keys import KeyRing

NOON = 1_700_000_000.0


def _audit(command_line) -> list[str]:
    return (command_line.home / "audit.jsonl").read_text().splitlines()


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


def test_a_key_is_made_with_models_limits_and_a_budget(command_line) -> None:
    """And shown with them; what makes no sense is refused by option."""
    command_line.clock = lambda: NOON
    options = (
        "--model",
        "claude-*",
        "--limit",
        "requests=60",
        "--limit",
        "concurrency=2",
        "--budget",
        "credits=2.5/day",
    )
    made = command_line.json("keys", "create", "ci", *options, "--json")
    (entry,) = [_ring(command_line).verify(made["key"])]
    assert entry.models == ("claude-*",)
    assert (entry.rate_limit.requests_per_minute, entry.rate_limit.concurrency) == (60, 2)
    assert (entry.budget.credits, entry.budget.requests, entry.budget.period) == (2.5, None, "day")
    (shown,) = command_line.json("keys", "list", "--json")
    assert shown["hint"] == f"cpa_\u2026{made['key'][-4:]}"
    assert (shown["state"], shown["lastUsedAt"]) == ("active", None)
    assert shown["rateLimit"] == {"requestsPerMinute": 60, "concurrency": 2}
    assert command_line("keys", "list") == 0
    assert "models claude-*, 60 requests/min, 2 at a time, 2.5 credits/day" in command_line.out
    for wrong, words in (
        (("--limit", "perday=3"), "--limit: 'perday=3' is not accepted"),
        (("--limit", "requests=0"), "--limit: a limit is a whole number from 1"),
        (("--limit", "requests=many"), "--limit: a limit is a whole number from 1"),
        (("--budget", "euros=3"), "--budget: 'euros=3' is not accepted"),
        (("--budget", "credits=0"), "--budget: give a number above 0"),
        (("--budget", "credits=1/year"), "--budget: give a number above 0 and day or month"),
        (("--budget", "credits=1/day", "--budget", "requests=1/month"), "--budget: one period"),
        (("--model", " "), "--model: Give names or patterns"),
    ):
        assert command_line("keys", "create", "x", *wrong) == 1
        assert words in command_line.err


def test_a_key_is_changed_and_its_limits_taken_away(command_line) -> None:
    """By name or id; what is not said stays."""
    command_line.clock = lambda: NOON
    made = command_line.json(
        "keys", "create", "ci", "--model", "gpt-*", "--limit", "tokens=5", "--expires", "1d", "--json"
    )
    command_line("keys", "create", "taken")
    edit = ("keys", "edit", made["id"])
    assert command_line("keys", "edit", "ci", "--name", "build", "--scope", "usage", "--strict") == 0
    shown = command_line.json("keys", "list", "--json")[0]
    assert (shown["name"], shown["scopes"], shown["strict"], shown["models"]) == (
        "build",
        ["usage"],
        True,
        ["gpt-*"],
    )
    away = (
        "--model",
        "all",
        "--limit",
        "none",
        "--budget",
        "none",
        "--expires",
        "never",
        "--lax",
        "--account",
        "active",
    )
    assert command_line(*edit, *away) == 0
    shown = command_line.json("keys", "list", "--json")[0]
    assert (shown["models"], shown["rateLimit"], shown["budget"]) == ([], {}, None)
    assert (shown["expiresAt"], shown["strict"], shown["accountId"]) == ("", False, "")
    assert command_line(*edit, "--budget", "requests=3") == 0
    assert command_line.json("keys", "list", "--json")[0]["budget"]["period"] == "month"
    for arguments, words in (
        ((*edit,), "Nothing is said."),
        ((*edit, "--name", "taken"), "There is a key 'taken' already"),
        ((*edit, "--account", "9"), "--account: There is no account with id '9'"),
        ((*edit, "--expires", "soon"), "--expires: 'soon' is not accepted"),
        (("keys", "edit", "nobody", "--lax"), "There is no key 'nobody'"),
    ):
        assert command_line(*arguments) == 1
        assert words in command_line.err


def test_a_rotated_key_keeps_its_old_value_for_its_grace(command_line) -> None:
    """Shown once, like the first one."""
    command_line.clock = lambda: NOON
    old = command_line.json("keys", "create", "ci", "--json")["key"]
    assert command_line("keys", "rotate", "ci", "--grace", "60") == 0
    new = command_line.out.strip()
    assert "only time the key is shown" in command_line.err
    assert _ring(command_line).verify(old) is not None
    assert _ring(command_line).verify(new) is not None
    last = command_line.json("keys", "rotate", "ci", "--json")["key"]
    assert [_ring(command_line).verify(value) is not None for value in (old, new, last)] == [
        False,
        False,
        True,
    ]
    assert command_line("keys", "rotate", "nobody") == 1
    actions = [json.loads(line) for line in _audit(command_line)]
    assert [line["action"] for line in actions] == ["keys.create", "keys.rotate", "keys.rotate"]
    assert new not in str(actions)


def test_keys_tell_their_state_and_last_use(command_line) -> None:
    """What a running server noted; an account that is gone shows."""
    command_line.home.mkdir()
    entry = {"id": "key_1", "name": "old", "sha256": "a" * 64, "accountId": "7"}
    (command_line.home / "config.json").write_text(json.dumps({"clientKeys": [entry]}))
    (command_line.home / "key-uses.json").write_text('{"version": 1, "keys": {"key_1": 1700000000}}')
    (shown,) = command_line.json("keys", "list", "--json")
    assert (shown["state"], shown["lastUsedAt"]) == ("unbound", "2023-11-14T22:13:20Z")
    assert command_line("keys", "list") == 0
    assert "7 (gone)" in command_line.out


def test_the_first_key_warns_and_the_next_does_not(command_line) -> None:
    """Until then nobody needed one."""
    assert command_line("keys", "create", "a") == 0
    assert "from now on every client needs a key" in command_line.err
    assert command_line("keys", "create", "b") == 0
    assert "every client" not in command_line.err


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
