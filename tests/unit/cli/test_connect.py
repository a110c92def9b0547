"""`copilot-api connect`: the settings of a client, filled in."""

import json
import tomllib

from copilot_api.settings import read_environment
from copilot_api.store.config_file import open_config
from unit.cli.conftest import CommandLine, StartSimulator


def test_the_clients_are_listed(command_line: CommandLine) -> None:
    """Without an account and without the network."""
    assert command_line("connect") == 0
    assert "claude-code" in command_line.out
    found = command_line.json("connect", "--json")
    assert isinstance(found, list)
    assert {"id": "codex", "name": "Codex", "protocol": "responses"} in found


def test_a_client_gets_what_it_is_told(command_line: CommandLine) -> None:
    """Address, key and model as given; notes do not mix with what is to be copied."""
    assert (
        command_line(
            "connect",
            "codex",
            "--model",
            "gpt-5.5",
            "--key",
            "cpa_KEY",
            "--address",
            "https://gateway.example/",
        )
        == 0
    )
    settings = command_line.out.split("\n\n", 1)[1].split("# The key")[0]
    document = tomllib.loads(settings)
    assert document["model"] == "gpt-5.5"
    assert document["model_providers"]["copilot-api"]["base_url"] == "https://gateway.example/v1"
    assert 'export COPILOT_GATEWAY_KEY="cpa_KEY"' in command_line.out
    assert "{{" not in command_line.out
    assert "[section]" in command_line.err


def test_the_address_is_the_gateways_own(command_line: CommandLine) -> None:
    """By a name that the client can use, also where it listens on every address."""
    for host, address in (
        ("", "http://127.0.0.1:4141"),
        ("0.0.0.0", "http://localhost:4141"),
        ("::1", "http://[::1]:4141"),
    ):
        command_line.variables["HOST"] = host
        found = command_line.json("connect", "claude-code", "--model", "m", "--json")
        assert isinstance(found, dict)
        assert found["address"] == address
        assert json.loads(found["snippets"][0]["text"])["env"]["ANTHROPIC_BASE_URL"] == address


def test_a_key_is_asked_for_where_one_is_needed(command_line: CommandLine) -> None:
    """Else any word does, since most clients want one."""
    found = command_line.json("connect", "claude-code", "--model", "m", "--json")
    assert isinstance(found, dict)
    assert found["key"] == "copilot-api"
    command_line("keys", "create", "laptop")
    assert command_line("connect", "claude-code", "--model", "m") == 0
    assert "YOUR_KEY" in command_line.out
    assert "keys create" in command_line.err


def test_the_model_is_the_newest_that_fits(
    command_line: CommandLine, start_simulator: StartSimulator
) -> None:
    """From the account's own list; without one the command says what to do."""
    assert command_line("connect", "claude-code") == 1
    assert "--model" in command_line.err
    simulator = start_simulator()
    command_line.use(simulator)
    config = open_config(read_environment(command_line.variables))
    account = {"id": "1", "login": "octo-dev", "token": simulator.github_token(), "accountType": "individual"}
    config.update(lambda document: document.update(accounts=[account]))
    found = command_line.json("connect", "claude-code", "--json")
    assert isinstance(found, dict)
    assert str(found["model"]).startswith("claude-sonnet")


def test_an_unknown_client_is_refused(command_line: CommandLine) -> None:
    """With the way to those that are known."""
    assert command_line("connect", "nobody") == 1
    assert "copilot-api connect" in command_line.err
