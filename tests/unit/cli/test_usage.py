"""`copilot-api usage`: what is left and what was used, with a running server and without."""

import asyncio
import json
import sqlite3
from datetime import datetime

from copilot_api.store.ledger import Book, Entry, Facet, Form, Manner, Place

NOW_S = datetime(2026, 11, 22, 15, 0, 0).astimezone().timestamp()
HOUR_S = 3600


def write(home, *entries: Entry) -> None:
    """Put rows into the ledger of a data directory, as a running server would."""

    async def put() -> None:
        book = Book(Place.of(home))
        await book.write(entries)
        await book.close()

    asyncio.run(put())


def used(at_s: float, model: str, nano_aiu: int, account: str = "1", outcome: str = "completed") -> Entry:
    """One request."""
    facet = Facet(account_id=account, account="octo-dev", model=model, outcome=outcome)
    return Entry(
        at_ms=int(at_s * 1000),
        form=Form(facet=facet),
        manner=Manner(),
        trace_id="t",
        input_tokens=1_000,
        output_tokens=234,
        nano_aiu=nano_aiu,
        premium=1.0,
    )


def log_in(command_line, simulator) -> None:
    """An account of the simulator in the configuration."""
    command_line.variables.update(
        COPILOT_API_GITHUB_URL=simulator.url,
        COPILOT_API_GITHUB_API_URL=simulator.url,
        COPILOT_API_UPSTREAM_URL=simulator.api_url(),
    )
    account = {"id": "1", "login": "octo-dev", "token": simulator.github_token()}
    command_line.home.mkdir(exist_ok=True)
    (command_line.home / "config.json").write_text(json.dumps({"accounts": [account]}))
    command_line.clock = lambda: NOW_S


def test_quota_bars_and_sums_are_shown(command_line, start_simulator) -> None:
    """GitHub's numbers above, ours below; other accounts and earlier months are left out."""
    log_in(command_line, start_simulator(clock=lambda: 1_788_300_000.0))  # a day in September
    write(
        command_line.home,
        used(NOW_S - HOUR_S, "claude-opus-5.5", 500_000_000),
        used(NOW_S - 3 * 24 * HOUR_S, "gpt-5.5", 250_000_000, outcome="failed"),
        used(NOW_S - HOUR_S, "gpt-5.5", 9_000_000_000, account="2"),
        used(NOW_S - 60 * 24 * HOUR_S, "gpt-5.5", 7_000_000_000),
        used(NOW_S - 3 * 24 * HOUR_S, "", 0, outcome="failed"),
    )
    assert command_line("usage") == 0, command_line.err
    lines = command_line.out.splitlines()
    assert lines[0] == "octo-dev, individual_pro"
    premium = next(line for line in lines if "premium_interactions" in line)
    assert "█" in premium
    assert "of 1500, until 2026-10-01" in premium
    assert "unlimited" in next(line for line in lines if line.strip().startswith("chat"))
    assert "Today: 1 request, 1,234 tokens, 0.5000 AI credits" in lines
    assert "This month: 3 requests, 2 failed, 3,702 tokens, 0.7500 AI credits" in lines
    row = next(line.split() for line in lines if line.split()[:1] == ["gpt-5.5"])
    assert row == ["gpt-5.5", "1", "1,234", "0.2500", "1", "1"]
    assert any(line.split()[:3] == ["(no", "model)", "1"] for line in lines)


def test_one_span_can_be_chosen_and_scripts_get_json(command_line, start_simulator) -> None:
    """--today, --month, --json."""
    log_in(command_line, start_simulator())
    write(command_line.home, used(NOW_S - HOUR_S, "gpt-5.5", 500_000_000))
    found = command_line.json("usage", "--today", "--json")
    assert found["account"] == {"id": "1", "login": "octo-dev", "plan": "individual_pro"}
    assert list(found["used"]) == ["today"]
    today = found["used"]["today"]
    assert (today["requests"], today["inputTokens"], today["credits"]) == (1, 1_000, 0.5)
    assert [share["name"] for share in today["byModel"]] == ["gpt-5.5"]
    assert found["quota"]["premium_interactions"]["entitlement"] == 1500.0
    assert list(command_line.json("usage", "--month", "--json")["used"]) == ["month"]
    assert command_line("usage", "--today", "--month") == 1
    assert "Give --today or --month" in command_line.err


def test_github_that_does_not_answer_is_told_and_our_sums_are_shown(command_line, start_simulator) -> None:
    """Offline, or a token that is no longer good."""
    log_in(command_line, start_simulator())
    write(command_line.home, used(NOW_S - HOUR_S, "gpt-5.5", 500_000_000))
    for name in ("COPILOT_API_GITHUB_URL", "COPILOT_API_GITHUB_API_URL"):
        command_line.variables[name] = "http://127.0.0.1:9"
    assert command_line("usage", "--today") == 0
    assert "GitHub did not tell what is left" in command_line.err
    assert "Today: 1 request, " in command_line.out


def test_an_empty_ledger_is_no_failure_and_is_not_made_by_looking(command_line, start_simulator) -> None:
    """The first day."""
    log_in(command_line, start_simulator())
    assert command_line("usage") == 0
    assert "Nothing was written down yet" in command_line.out
    assert not (command_line.home / "usage.sqlite").exists()


def test_without_an_account_the_remedy_is_told(command_line) -> None:
    """As everywhere."""
    assert command_line("usage") == 1
    assert "copilot-api login" in command_line.err


def test_an_older_log_is_taken_over_once(command_line, tmp_path) -> None:
    """And a file that is none is refused in a sentence."""
    source = tmp_path / "usage-logs.sqlite"
    connection = sqlite3.connect(source)
    connection.execute("CREATE TABLE usage_logs (id TEXT, created_at TEXT, model TEXT)")
    connection.execute("INSERT INTO usage_logs VALUES ('a', '2026-04-20T10:00:00Z', 'gpt-5')")
    connection.commit()
    connection.close()
    assert command_line("usage", "import", str(source)) == 0, command_line.err
    assert command_line.out == "1 of 1 rows imported; 0 were there already.\n"
    assert command_line("usage", "import", str(source)) == 0
    assert command_line.out == "0 of 1 rows imported; 1 were there already.\n"
    assert command_line("usage", "import", str(tmp_path / "none")) == 1
    assert "There is no file" in command_line.err
    (tmp_path / "words").write_text("words" * 100)
    assert command_line("usage", "import", str(tmp_path / "words")) == 1
    assert "cannot be read as the reference gateway's usage log" in command_line.err
