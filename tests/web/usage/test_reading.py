"""The usage room over HTTP: what traffic leaves in it, how it is asked, and who may ask."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from gate import CHAT, MESSAGES, RESPONSES, Gate, request, running_gate, until
from web.usage.waiting import written

Rows = list[dict[str, Any]]
SESSION = {"x-claude-code-session-id": "s-1", "user-agent": "claude-cli/2.1.330 (external, cli)"}


async def read(gate: Gate, path: str, status: int = 200, **headers: str) -> Any:
    """One GET below /admin/api/usage."""
    async with gate.http.get(f"{gate.url}/admin/api/usage/{path}", headers=headers) as answer:
        body = await answer.read()
        assert answer.status == status, body
        return json.loads(body)


async def test_a_request_is_a_row_with_what_it_cost_and_which_way_it_went(gate: Gate) -> None:
    """Tokens and credits as the simulator billed them; the drawer tells the route and its reason."""
    await gate.post(MESSAGES, request(MESSAGES, "hi"), {**SESSION, "x-trace-id": "trace-1"})
    await written(gate, 1)
    (row,) = (await read(gate, "log"))["rows"]
    (billed,) = gate.simulator.ledger.entries
    assert (row["inputTokens"], row["outputTokens"], row["nanoAiu"]) == (
        billed["input"],
        billed["output"],
        billed["nano_aiu"],
    )
    assert row["credits"] == billed["nano_aiu"] / 1e9
    assert {
        name: row[name] for name in ("traceId", "account", "accountId", "clientName", "clientVersion", "key")
    } == {
        "traceId": "trace-1",
        "account": "octo-dev",
        "accountId": "1",
        "clientName": "Claude Code",
        "clientVersion": "2.1.330",
        "key": "",
    }
    assert (row["ingress"], row["upstream"], row["status"], row["outcome"], row["isStream"]) == (
        "messages",
        "messages",
        200,
        "completed",
        True,
    )
    assert (row["creditsFrom"], row["initiator"], row["conversation"], row["requests"]) == (
        "copilot",
        "user",
        "s-1",
        1,
    )
    assert row["quotaDelta"] == pytest.approx(billed["nano_aiu"] / 1e9)
    assert row["firstByteMs"] is not None
    detail = await read(gate, "log/trace-1")
    assert detail["row"] == row
    assert detail["route"]["path"] == "/v1/messages"
    assert detail["route"]["reason"]
    assert detail["others"] == []


async def test_failures_are_rows_too(gate: Gate) -> None:
    """Refused upstream, refused here, and no trace id twice the same row."""
    await gate.post(CHAT, request(CHAT, "[[sim: error=500-server-error]]"))
    await gate.post(CHAT, {"model": "no-such-model", "messages": []})
    await written(gate, 2)
    rows: Rows = (await read(gate, "log?outcome=errors"))["rows"]
    assert {(row["requestedModel"], row["outcome"]) for row in rows} == {
        ("gpt-4.1", "failed"),
        ("no-such-model", "failed"),
    }
    assert all(row["errorCode"] and row["errorMessage"] and row["nanoAiu"] is None for row in rows)
    found: Rows = (await read(gate, "log?q=SUCH-model"))["rows"]
    assert [row["requestedModel"] for row in found] == ["no-such-model"]


async def test_pages_follow_each_other_without_repeating_a_row(gate: Gate) -> None:
    """Five requests, two a page; the total is told once."""
    for number in range(5):
        await gate.post(CHAT, request(CHAT, "hi", stream=False), {"x-trace-id": f"t{number}"})
    await written(gate, 5)
    first = await read(gate, "log?limit=2")
    second = await read(gate, f"log?limit=2&cursor={first['nextCursor']}")
    third = await read(gate, f"log?limit=2&cursor={second['nextCursor']}")
    traces = [[row["traceId"] for row in page["rows"]] for page in (first, second, third)]
    assert traces == [["t4", "t3"], ["t2", "t1"], ["t0"]]
    assert [page["total"] for page in (first, second, third)] == [5, None, None]
    assert third["nextCursor"] is None


async def test_a_conversation_is_one_row_by_choice_or_by_setting(gate: Gate) -> None:
    """Two requests of one session and one without."""
    for headers in (SESSION, SESSION, None):
        await gate.post(MESSAGES, request(MESSAGES, "hi"), headers)
    await written(gate, 3)
    rows: Rows = (await read(gate, "log?mode=conversation"))["rows"]
    assert [(row["requests"], row["conversation"]) for row in rows] == [(1, None), (2, "s-1")]
    one: Rows = (await read(gate, "log?mode=request"))["rows"]
    assert rows[1]["inputTokens"] == sum(row["inputTokens"] for row in one if row["conversation"] == "s-1")
    gate.house.settings = type(gate.house.settings)(
        **{
            **{name: getattr(gate.house.settings, name) for name in gate.house.settings.__struct_fields__},
            "usage_log_count_mode": "conversation",
        }
    )
    assert len((await read(gate, "log"))["rows"]) == 2


async def test_sums_and_charts_tell_the_same_as_the_rows(gate: Gate) -> None:
    """Over three protocols."""
    for path in (CHAT, RESPONSES, MESSAGES):
        await gate.post(path, request(path, "hi"))
    await written(gate, 3)
    rows: Rows = (await read(gate, "log"))["rows"]
    summary = await read(gate, "summary")
    tokens = sum(row["inputTokens"] + row["outputTokens"] for row in rows)
    assert (summary["requests"], summary["inputTokens"] + summary["outputTokens"]) == (3, tokens)
    assert summary["nanoAiu"] == sum(row["nanoAiu"] or 0 for row in rows)
    assert {share["name"] for share in summary["byModel"]} == {"gpt-4.1", "gpt-5.5", "claude-sonnet-4.6"}
    assert summary["firstByteMsP50"] > 0
    series = await read(gate, "series?by=hour&group=model&metric=tokens")
    assert len(series["at"]) == 24
    assert sum(value for line in series["series"] for value in line["values"]) == tokens
    days = await read(gate, "series?by=day&metric=requests&from=2026-01-01T00:00:00Z&offsetMinutes=480")
    assert sum(days["series"][0]["values"]) == 3
    assert days["at"][0] == "2025-12-31T16:00:00Z"
    latency = await read(gate, "series?by=hour&metric=latency")
    assert {line["name"] for line in latency["series"]} == {"p50", "p95"}
    words = await read(gate, "words")
    assert words["models"] == ["claude-sonnet-4.6", "gpt-4.1", "gpt-5.5"]


async def test_githubs_numbers_stand_beside_ours(gate: Gate) -> None:
    """The quota before the first request is known, so that it counts."""
    for _ in range(3):
        await gate.post(MESSAGES, request(MESSAGES, "hi"))
    await written(gate, 3)
    assert gate.house.shelf is not None
    await gate.house.shelf.read_quotas()
    found = await read(gate, "reconciliation?days=1")
    (day,) = found["days"]
    assert found["bucket"] == "premium_interactions"
    assert day["localRequests"] == 3
    assert day["githubDelta"] == pytest.approx(day["localCredits"], abs=1e-6)
    assert day["gap"] == pytest.approx(0.0, abs=1e-6)
    pace = await read(gate, "pace")
    assert [bucket["name"] for bucket in pace["buckets"]] == ["premium_interactions"]
    assert pace["buckets"][0]["points"][-1]["remaining"] < pace["buckets"][0]["entitlement"]


async def test_the_log_is_taken_home_as_a_table_or_as_json(gate: Gate) -> None:
    """Whole; and no spreadsheet runs a client's words as a formula."""
    await gate.post(CHAT, request(CHAT, "hi"), {"user-agent": "=cmd|' /C calc'!A0"})
    await gate.post(CHAT, request(CHAT, "hi"))
    await written(gate, 2)
    async with gate.http.get(f"{gate.url}/admin/api/usage/export?format=csv") as answer:
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        assert answer.headers["content-disposition"].startswith('attachment; filename="usage-')
        table = list(csv.DictReader(io.StringIO((await answer.read()).decode())))
    assert [row["client"][:2] for row in table] == ["Py", "'="]
    rows = await read(gate, "export?format=json")
    assert rows == (await read(gate, "log"))["rows"]
    assert await read(gate, "export?format=json&model=none") == []


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("log?cursor=abc", "cursor"),
        ("log?cursor=1.2", "cursor"),
        ("log?limit=0", "limit"),
        ("log?limit=201", "limit"),
        ("log?source=usage_snapshot", "source"),
        ("log?mode=daily", "mode"),
        ("log?from=yesterday", "from"),
        ("series?metric=smiles", "metric"),
        ("series?by=hour&from=2020-01-01T00:00:00Z", "from"),
        ("series?offsetMinutes=9999", "offsetMinutes"),
        ("reconciliation?days=1000", "days"),
        ("export?format=xls", "format"),
    ],
)
async def test_a_wrong_parameter_is_named(gate: Gate, path: str, name: str) -> None:
    """422, with the field."""
    found = await read(gate, path, status=422)
    assert list(found["error"]["fields"]) == [name]


async def test_what_is_not_in_the_log_is_404(gate: Gate) -> None:
    """With a remedy."""
    found = await read(gate, "log/nowhere", status=404)
    assert found["error"]["code"] == "not_found"


async def test_a_ledger_that_is_switched_off_says_so(tmp_path: Path) -> None:
    """503, and requests are served as ever."""
    async with running_gate(tmp_path, COPILOT_API_USAGE_LEDGER="false") as gate:
        status, _, _ = await gate.post(CHAT, request(CHAT, "hi"))
        assert status == 200
        found = await read(gate, "log", status=503)
        assert "COPILOT_API_USAGE_LEDGER" in found["error"]["message"] + found["error"]["remedy"]
        assert not (tmp_path / "usage.sqlite").exists()


async def test_a_damaged_ledger_never_fails_a_request_and_is_told(tmp_path: Path) -> None:
    """The status names the file and what to do; the records wait."""
    (tmp_path / "usage.sqlite").write_bytes(b"not a database at all" * 1000)
    async with running_gate(tmp_path) as gate:
        status, _, _ = await gate.post(CHAT, request(CHAT, "hi"))
        assert status == 200
        inspector = gate.house.inspector
        await until(
            lambda: not all(check.is_ok for check in inspector.look().checks if check.name == "usage")
        )
        (check,) = [check for check in inspector.look().checks if check.name == "usage"]
        assert "The file is damaged" in check.remedy
        assert check.detail == "1 records wait in memory"
        assert not check.is_required
        found = await read(gate, "log", status=503)
        assert found["error"]["code"] == "store_unavailable"
        gate.house.ledger._lanes = ()  # nothing to wait for at the end
