"""The doctor: each thing that can be wrong is found and comes with its remedy."""

import json
import os
import socket
import sqlite3
import threading
from contextlib import closing
from email.utils import parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from copilot_api.cli.doctor.findings import Finding, failed, split_remedy
from copilot_api.cli.doctor.online import _check_clock
from copilot_api.store.ledger import Place
from copilot_api.store.ledger.tables.opening import open_pen


def _findings(command_line, *arguments: str, code: int = 0) -> dict[str, tuple[str, str, str]]:
    assert command_line("doctor", "--json", *arguments) == code, command_line.out
    return {f["name"]: (f["verdict"], f["message"], f["remedy"]) for f in json.loads(command_line.out)}


def _free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def _healthy(command_line, start_simulator):
    simulator = start_simulator()
    command_line.use(simulator)
    command_line.variables["PORT"] = _free_port()
    command_line.input = simulator.github_token()
    assert command_line("login", "--with-token") == 0
    return simulator


def test_a_healthy_installation_passes_everything(command_line, start_simulator) -> None:
    """Exit code 0, and every check says what it saw."""
    _healthy(command_line, start_simulator)
    found = _findings(command_line)
    assert {verdict for verdict, _, _ in found.values()} <= {"pass", "skip"}
    assert {"environment", "data directory", "config file", "vault", "proxy", "port", "GitHub"} < set(found)
    assert "exchanged for a Copilot token" in found["token"][1]
    assert found["models"][1].endswith("models can be called.")
    assert command_line("doctor") == 0
    assert command_line.out.startswith("ok    environment")


def test_a_first_run_fails_only_for_want_of_an_account(command_line) -> None:
    """And says which command mends it."""
    found = _findings(command_line, "--offline", code=1)
    assert found["accounts"] == ("fail", "Nobody is logged in.", "Run: copilot-api login")
    assert [name for name, (verdict, _, _) in found.items() if verdict != "pass"] == ["accounts"]
    assert command_line("doctor", "--offline") == 1
    assert "FAIL  accounts" in command_line.out
    assert "-> Run: copilot-api login" in command_line.out


def test_a_wrong_variable_is_a_finding(command_line) -> None:
    """The doctor must not die of what it looks for."""
    command_line.variables["PORT"] = "x"
    assert _findings(command_line, code=1) == {
        "environment": (
            "fail",
            "PORT: 'x' is not accepted.",
            "Give a whole number from 0 to 65535, or unset it.",
        )
    }


def test_a_broken_file_and_its_problems_are_found(command_line) -> None:
    """The file itself, then each value in it that cannot be used."""
    command_line.home.mkdir(mode=0o700)
    path = command_line.home / "config.json"
    path.write_text('{"rateLimitSeconds": "x", "adminAuth": {"secretHash": "bad"}}')
    path.chmod(0o644)
    assert command_line("doctor", "--json", "--offline") == 1
    found = [(f["name"], f["verdict"]) for f in json.loads(command_line.out)]
    assert ("settings", "warn") in found
    assert ("settings", "fail") in found
    assert ("config file", "warn") in found
    path.write_text("{")
    assert _findings(command_line, "--offline", code=1)["data directory"][0] == "pass"
    assert "is not valid JSON" in command_line.out


def test_a_data_directory_that_cannot_be_used_is_found(command_line, tmp_path) -> None:
    """Whether it is too open, or its parent is not a directory."""
    other = tmp_path / "shared"
    other.mkdir(mode=0o755)
    other.chmod(0o755)
    command_line.variables["COPILOT_API_HOME"] = str(other)
    assert (
        _findings(command_line, "--offline", code=1)["data directory"][2] == f"Run: chmod 700 {str(other)!r}"
    )


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_a_data_directory_without_permission_is_found(command_line, tmp_path) -> None:  # pragma: no cover
    """Told before anything is stored."""
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    command_line.variables["COPILOT_API_HOME"] = str(closed / "data")
    assert _findings(command_line, "--offline", code=1)["data directory"][0] == "fail"
    command_line.variables["COPILOT_API_HOME"] = str(closed)
    assert _findings(command_line, "--offline", code=1)["data directory"][0] == "fail"


def test_a_vault_without_its_key_is_found(command_line, start_simulator) -> None:
    """Once for the vault, and once for each account that needs it."""
    _healthy(command_line, start_simulator)
    (command_line.home / "vault.key").unlink()
    found = _findings(command_line, "--offline", code=1)
    assert found["vault"][0] == "fail"
    assert "move vault.json away and log in again" in found["vault"][2]
    assert [name for name in found if name.startswith("account ")] != []


def test_a_usage_ledger_that_is_damaged_or_newer_is_found(command_line, start_simulator) -> None:
    """Its requests would wait in memory and be lost at the end; nothing of it is changed by looking."""
    _healthy(command_line, start_simulator)
    ledger = command_line.home / "usage.sqlite"
    assert _findings(command_line, "--offline")["usage ledger"][:2] == (
        "pass",
        "There is none yet; the first request makes it.",
    )
    open_pen(Place.file(ledger)).close()
    whole = ledger.read_bytes()
    assert _findings(command_line, "--offline")["usage ledger"][1].endswith("is sound; it holds 0 requests.")
    with closing(sqlite3.connect(ledger)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    found = _findings(command_line, "--offline", code=1)["usage ledger"]
    assert (found[0], found[2]) == ("fail", "Upgrade copilot-api, or move the ledger away.")
    ledger.write_bytes(whole[:4096] + bytes(len(whole) - 4096))
    found = _findings(command_line, "--offline", code=1)["usage ledger"]
    assert found[0] == "fail"
    assert "The file is damaged: stop copilot-api, move the file away" in found[2]


def test_an_active_account_that_is_nobody_is_found(command_line) -> None:
    """A hand edit, usually."""
    command_line.home.mkdir(mode=0o700)
    document = {"accounts": [{"id": "1", "login": "a", "token": "t"}], "activeAccountId": "2"}
    (command_line.home / "config.json").write_text(json.dumps(document))
    assert "accounts switch" in _findings(command_line, "--offline", code=1)["accounts"][2]


@pytest.mark.parametrize(
    ("variables", "verdict", "words"),
    [
        ({}, "pass", "None; requests go directly."),
        ({"https_proxy": "http://p:1"}, "warn", "HTTPS_PROXY is set and not used."),
        ({"PROXY_ENV": "1"}, "warn", "no proxy for https is set"),
        ({"PROXY_ENV": "1", "HTTPS_PROXY": "http://u:hidden@p:1"}, "pass", "http://p:1 for https."),
        ({"PROXY_ENV": "1", "HTTPS_PROXY": "ftp://p"}, "fail", "is not a proxy address"),
    ],
)
def test_the_proxy_is_explained(command_line, variables: dict[str, str], verdict: str, words: str) -> None:
    """The most common reason for "it works in the browser"; a password is never shown."""
    command_line.variables |= variables
    found = _findings(command_line, "--offline", code=1)["proxy"]
    assert found[0] == verdict
    assert words in found[1]
    assert "hidden" not in command_line.out


def test_a_proxy_that_cannot_be_used_ends_the_visit(command_line) -> None:
    """Nobody is asked over a road that does not exist."""
    command_line.variables |= {"PROXY_ENV": "1", "HTTPS_PROXY": "ftp://p"}
    assert _findings(command_line, code=1)["network"][0] == "fail"


def test_github_out_of_reach_ends_the_visit(command_line) -> None:
    """What depends on it is not even tried."""
    command_line.variables |= {
        "PORT": _free_port(),
        "COPILOT_API_GITHUB_API_URL": f"http://127.0.0.1:{_free_port()}",
    }
    found = _findings(command_line, code=1)
    assert found["GitHub"][0] == "fail"
    assert "token" not in found


def test_a_github_that_is_down_is_found(command_line, start_simulator) -> None:
    """Its own fault, or that of a proxy on the way."""
    simulator = start_simulator()
    simulator.break_route("/", "503")
    command_line.use(simulator)
    command_line.variables["PORT"] = _free_port()
    assert _findings(command_line, code=1)["GitHub"][0] == "fail"


def test_an_account_that_nobody_has_is_not_asked_about(command_line, start_simulator) -> None:
    """GitHub answers, but there is nobody to ask Copilot for."""
    command_line.use(start_simulator())
    command_line.variables["PORT"] = _free_port()
    found = _findings(command_line, code=1)
    assert (found["GitHub"][0], found["Copilot"][0]) == ("pass", "skip")


def test_a_dead_token_is_found(command_line, start_simulator) -> None:
    """With the words of GitHub and the command that mends it."""
    simulator = _healthy(command_line, start_simulator)
    simulator.change_account({"plan": "individual", "revoked": True})
    found = _findings(command_line, code=1)
    assert found["token"][0] == "fail"
    assert "copilot-api login" in found["token"][1] + found["token"][2]
    assert found["Copilot"][0] == "skip"


def test_a_copilot_that_does_not_answer_is_found(command_line, start_simulator) -> None:
    """The token is fine, the service is not."""
    simulator = _healthy(command_line, start_simulator)
    simulator.break_route("/capi/*", "503")
    found = _findings(command_line, code=1)
    assert (found["token"][0], found["Copilot"][0]) == ("pass", "fail")


class _OtherServer(BaseHTTPRequestHandler):
    """Answers every GET with a fixed body."""

    body = b""

    def do_GET(self) -> None:
        """Answer."""
        self.send_response(200)
        self.send_header("content-length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.mark.parametrize(
    ("body", "verdict", "words"),
    [
        (b'{"ready": true, "failing": []}', "pass", "runs at 127.0.0.1:"),
        (b'{"ready": false, "failing": []}', "warn", "is not ready"),
        (b"<html>", "fail", "cannot be had"),
        (b"[]", "fail", "cannot be had"),
    ],
)
def test_a_taken_port_is_ours_or_somebody_elses(
    command_line, start_simulator, body: bytes, verdict: str, words: str
) -> None:
    """A running gateway of ours is no fault; another program is."""
    _healthy(command_line, start_simulator)
    server = HTTPServer(("127.0.0.1", 0), type("Other", (_OtherServer,), {"body": body}))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        command_line.variables["PORT"] = str(server.server_address[1])
        found = _findings(command_line, code=1 if verdict == "fail" else 0)["port"]
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()
    assert found[0] == verdict
    assert words in found[1]


@pytest.mark.parametrize(
    ("skew_s", "verdict", "words"),
    [(0, "pass", "Agrees"), (-90, "warn", "90 s behind"), (400, "fail", "400 s ahead of")],
)
def test_a_wrong_clock_is_found(skew_s: float, verdict: str, words: str) -> None:
    """Tokens live for minutes, so minutes matter."""
    date = "Tue, 14 Nov 2023 22:13:20 GMT"
    found = _check_clock(date, parsedate_to_datetime(date).timestamp() + skew_s)
    assert found.verdict == verdict
    assert words in found.message


def test_a_clock_without_a_date_to_compare_is_skipped() -> None:
    """Some proxies remove it."""
    assert _check_clock("", 0.0).verdict == "skip"


def test_a_remedy_is_told_apart_from_what_is_wrong() -> None:
    """Our messages say what is wrong first and what to do then."""
    assert split_remedy("It broke. Mend it.") == ("It broke.", "Mend it.")
    assert split_remedy("It broke") == ("It broke", "")
    assert failed("x", ValueError("It broke. Mend it.")) == Finding("x", "fail", "It broke.", "Mend it.")
