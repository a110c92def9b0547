"""Logging in from a terminal, and what becomes of the account."""

import json

import pytest

from copilot_api.settings import read_environment
from copilot_api.store.config_file import open_config


def _audit(command_line) -> list[str]:
    return (command_line.home / "audit.jsonl").read_text().splitlines()


def _log_in(command_line, simulator, *arguments: str) -> None:
    command_line.use(simulator)
    assert command_line("login", *arguments) == 0, command_line.err


def test_a_device_login_ends_with_a_sealed_token(command_line, start_simulator) -> None:
    """The code is shown, copied and its page opened; the token goes to the vault, never to the screen."""
    simulator = start_simulator(device_polls=("authorization_pending", "slow_down"))
    _log_in(command_line, simulator)
    (code,) = command_line.copied
    assert command_line.opened == [f"{simulator.url}/login/device"]
    assert f"enter the code {code} (copied to the clipboard)" in command_line.out
    assert "The page was opened in the browser." in command_line.out
    assert command_line.out.count("Waiting for GitHub...") == 1
    assert "Logged in as" in command_line.out
    assert command_line.slept_s == 5 + 5 + 10
    (account,) = command_line.document()["accounts"]
    assert account["token"].startswith("vault:")
    assert account["accountType"] == "individual"
    assert command_line.document()["activeAccountId"] == account["id"]
    config = open_config(read_environment(command_line.variables))
    token = config.vault.open(account["token"])
    assert token.startswith("ghu_")
    assert token not in command_line.out + command_line.err
    everything = b"".join(path.read_bytes() for path in command_line.home.iterdir())
    assert token.encode() not in everything


def test_without_a_desktop_the_code_is_only_shown(command_line, start_simulator) -> None:
    """Over SSH nothing is promised that did not happen."""
    command_line.has_desktop = False
    _log_in(command_line, start_simulator(device_polls=()))
    assert "copied" not in command_line.out
    assert "opened" not in command_line.out
    command_line.has_desktop = True
    assert command_line("login", "--no-browser") == 0
    assert command_line.opened == []


@pytest.mark.parametrize(
    ("answer", "words"),
    [("access_denied", "The login was denied in the browser"), ("expired_token", "The code has expired")],
)
def test_a_login_that_ends_otherwise_stores_nothing(
    command_line, start_simulator, answer: str, words: str
) -> None:
    """One sentence with the remedy, exit code 1."""
    command_line.use(start_simulator(device_polls=(answer,)))
    assert command_line("login") == 1
    assert words in command_line.err
    assert "Traceback" not in command_line.err
    assert not (command_line.home / "config.json").exists()


def test_control_c_cancels_a_login_cleanly(command_line, start_simulator) -> None:
    """Nothing is stored and nothing is spilled."""
    command_line.use(start_simulator(device_polls=("authorization_pending",) * 9))
    command_line.interrupt_after_s = 8
    assert command_line("login") == 130
    assert command_line.err == "copilot-api: The login was cancelled; nothing was stored.\n"
    assert not (command_line.home / "config.json").exists()


def test_network_trouble_while_waiting_is_shown_and_waited_out(command_line, start_simulator) -> None:
    """A hiccup of GitHub does not cost the login."""
    simulator = start_simulator(device_polls=())
    simulator.break_route("/login/oauth/access_token", "503", times=1)
    _log_in(command_line, simulator)
    assert "Logged in as" in command_line.out


def test_a_token_can_come_from_standard_input(command_line, start_simulator) -> None:
    """For machines without a person; never as an argument, where every process could read it."""
    simulator = start_simulator()
    command_line.input = simulator.github_token("business") + "\n"
    _log_in(command_line, simulator, "--with-token")
    (account,) = command_line.document()["accounts"]
    assert account["accountType"] == "business"
    command_line.input = ""
    assert command_line("login", "--with-token") == 1
    assert "Standard input holds no token" in command_line.err
    command_line.input = "ghu_nobody"
    assert command_line("login", "--with-token") == 1
    assert "copilot-api login" in command_line.err


def test_an_account_without_copilot_is_stored_with_a_warning(command_line, start_simulator) -> None:
    """The person may be about to get a plan; the doctor and the admin keep saying so."""
    simulator = start_simulator()
    simulator.change_account({"plan": "individual", "without_copilot": True})
    command_line.input = simulator.github_token()
    _log_in(command_line, simulator, "--with-token")
    assert "copilot-api: GitHub refuses Copilot to this account (not_signed_up)" in command_line.err
    assert len(command_line.document()["accounts"]) == 1


def test_a_wrong_host_is_refused(command_line) -> None:
    """Only GitHub itself and GHE.com tenants have Copilot."""
    assert command_line("login", "--ghe", "git.example.com") == 1
    assert "is neither github.com nor a GHE.com tenant" in command_line.err


def test_a_login_is_not_begun_when_it_could_not_be_stored(command_line) -> None:
    """Nobody should type a code for nothing."""
    command_line.home.mkdir()
    (command_line.home / "config.json").write_text("{")
    assert command_line("login") == 1
    assert "is not valid JSON" in command_line.err
    assert "so none was started" in command_line.err


def test_a_login_is_not_begun_without_the_vaults_key(command_line, start_simulator) -> None:
    """The token could not be sealed."""
    simulator = start_simulator()
    command_line.input = simulator.github_token()
    _log_in(command_line, simulator, "--with-token")
    (command_line.home / "vault.key").unlink()
    assert command_line("login") == 1
    assert "vault.key" in command_line.err
    assert command_line.copied == []


def test_accounts_are_listed_switched_and_removed(command_line, start_simulator) -> None:
    """The first stays active until a person says otherwise; a second login renews, never doubles."""
    simulator = start_simulator()
    for plan in ("individual", "business", "individual"):
        command_line.input = simulator.github_token(plan)
        _log_in(command_line, simulator, "--with-token")
    first, second = command_line.json("accounts", "list", "--json")
    assert (first["isActive"], second["isActive"], second["type"]) == (True, False, "business")
    assert "token" not in first
    assert command_line("accounts", "list") == 0
    assert first["login"] in command_line.out
    command_line.input = simulator.github_token("business")
    assert command_line("login", "--with-token") == 0
    assert f"The active account is still {first['id']}" in command_line.out
    assert command_line("accounts", "switch", second["login"].upper()) == 1  # its seat is on another host
    assert "octo-business cannot answer now, so nothing was changed." in command_line.err
    assert command_line.document()["activeAccountId"] == first["id"]
    assert command_line("accounts", "switch", second["login"].upper(), "--force") == 0
    assert command_line.document()["activeAccountId"] == second["id"]
    assert command_line("accounts", "switch", first["login"]) == 0
    assert command_line("accounts", "switch", second["id"], "--force") == 0
    assert command_line.json("whoami", "--json")["plan"] == "business"
    assert command_line("whoami") == 0
    assert command_line.out == f"{second['login']} on github.com, plan business.\n"
    assert command_line("logout") == 0
    assert f"The active account is {first['id']}." in command_line.out
    assert command_line("accounts", "remove", first["id"]) == 0
    assert "Nobody is logged in now." in command_line.out
    assert command_line.document() == {"accounts": [], "activeAccountId": None}
    assert json.loads((command_line.home / "vault.json").read_text())["entries"] == {}
    command_line.input = simulator.github_token("business")
    assert command_line("login", "--with-token", "--activate") == 0


def test_nobody_is_told_apart_from_somebody_else(command_line) -> None:
    """Each command without an account says what to do."""
    assert command_line.json("accounts", "list", "--json") == []
    assert command_line("accounts", "list") == 0
    assert command_line.out == "Nobody is logged in. Run `copilot-api login`.\n"
    for arguments, words in (
        (("logout",), "nobody can be logged out"),
        (("whoami",), "Run `copilot-api login`"),
        (("accounts", "switch", "x"), "Nobody is logged in; run `copilot-api login`"),
        (("models",), "Nobody is logged in"),
    ):
        assert command_line(*arguments) == 1
        assert words in command_line.err


def test_a_login_of_several_accounts_needs_the_id(command_line) -> None:
    """The same login can exist on github.com and on a tenant."""
    command_line.home.mkdir()
    entries = [{"id": "1", "login": "Ann", "token": "a"}, {"id": "1@o.ghe.com", "login": "ann", "token": "b"}]
    (command_line.home / "config.json").write_text(json.dumps({"accounts": entries}))
    assert command_line("accounts", "remove", "ann") == 1
    assert "Give one of the ids 1, 1@o.ghe.com." in command_line.err
    assert command_line("accounts", "remove", "bob") == 1
    assert "There are: Ann, ann." in command_line.err
    assert command_line("accounts", "remove", "1@o.ghe.com") == 0


def test_models_come_from_the_accounts_catalogue(command_line, start_simulator) -> None:
    """What the account may call, with protocols and sizes."""
    simulator = start_simulator()
    command_line.input = simulator.github_token()
    _log_in(command_line, simulator, "--with-token")
    usable = command_line.json("models", "--json")
    every = command_line.json("models", "--json", "--all")
    assert 0 < len(usable) <= len(every)
    assert all(model["isUsable"] for model in usable)
    assert command_line("models") == 0
    assert usable[0]["id"] in command_line.out
    assert command_line("models", "--account", "9") == 1
    assert "'9'" in command_line.err


def test_accounts_are_put_in_order_and_changed(command_line, start_simulator) -> None:
    """Each of them once; and every change leaves a line in the audit log."""
    simulator = start_simulator()
    for plan in ("individual", "free"):
        command_line.input = simulator.github_token(plan)
        _log_in(command_line, simulator, "--with-token")
    assert command_line("accounts", "order", "octo-free", "octo-dev") == 0
    listed = command_line.json("accounts", "list", "--json")
    assert [one["login"] for one in listed] == ["octo-free", "octo-dev"]
    assert command_line("accounts", "order", "octo-free") == 1
    assert "Name each of them once" in command_line.err
    assert (
        command_line("accounts", "set", "octo-free", "--type", "business", "--credential-mode", "direct") == 0
    )
    assert [one["type"] for one in command_line.json("accounts", "list", "--json")] == [
        "business",
        "individual",
    ]
    assert command_line.document()["accounts"][0]["credentialMode"] == "direct"
    assert command_line("accounts", "set", "octo-free") == 1
    assert "Nothing is said" in command_line.err
    assert command_line("accounts", "set", "octo-free", "--type", "gold") == 2
    actions = [json.loads(line)["action"] for line in _audit(command_line)]
    assert actions == ["accounts.login", "accounts.login", "accounts.order", "accounts.change"]


def test_a_login_that_cannot_tell_the_plan_keeps_what_the_account_was(command_line, start_simulator) -> None:
    """GitHub hiccups: a business account does not become an individual one."""
    simulator = start_simulator()
    command_line.input = simulator.github_token("business")
    _log_in(command_line, simulator, "--with-token")
    simulator.break_route("/copilot_internal/user", "500")
    command_line.input = simulator.github_token("business")
    assert command_line("login", "--with-token") == 0
    assert "GitHub has a fault" in command_line.err
    assert command_line.document()["accounts"][0]["accountType"] == "business"


def test_what_is_left_of_a_plan_is_shown(command_line, start_simulator) -> None:
    """Numbers, no cap, and not part of the plan."""
    simulator = start_simulator(clock=lambda: 1_788_300_000.0)  # a day in September
    assert command_line("accounts", "quota") == 1
    for plan in ("free", "individual"):
        command_line.input = simulator.github_token(plan)
        _log_in(command_line, simulator, "--with-token")
    assert command_line("accounts", "quota") == 0
    assert "not in this plan" in command_line.out
    assert "Plan free, resets 2026-10-01T00:00:00.000Z." in command_line.out
    assert command_line("accounts", "quota", "octo-dev") == 0
    assert "unlimited" in command_line.out
    shown = command_line.json("accounts", "quota", "octo-dev", "--json")
    assert (shown["plan"], len(shown["buckets"])) == ("individual_pro", 3)
