"""What the usage room changes: clearing, the usage test; and GET /usage, which people know from elsewhere."""

import json
from pathlib import Path
from typing import Any

import pytest

from gate import CHAT, Gate, request, running_gate
from web.admin.visiting import PROXY, SECRET, Visitor
from web.usage.waiting import written


async def plain(gate: Gate, path: str, **headers: str) -> tuple[int, Any]:
    """One GET with exactly these headers."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    async with gate.http.get(gate.url + path, headers=sent) as answer:
        return answer.status, json.loads(await answer.read())


async def test_the_log_is_cleared_for_one_account_or_for_all_and_noted(gate: Gate) -> None:
    """Whoever cleared it stands in the audit log."""
    visitor = Visitor(gate)
    await gate.post(CHAT, request(CHAT, "hi"))
    await gate.post(CHAT, request(CHAT, "hi"))
    await written(gate, 2)
    refused = await visitor.write("DELETE", "/usage/log")
    assert (refused.status, list(refused.document["error"]["fields"])) == (422, ["account"])
    assert (await visitor.write("DELETE", "/usage/log?account=other")).document == {"removed": 0}
    assert (await visitor.write("DELETE", "/usage/log?account=active")).document == {"removed": 2}
    assert (await visitor.get("/usage/log?account=all")).document["rows"] == []
    assert (await visitor.write("DELETE", "/usage/log?account=all")).document == {"removed": 0}
    entries = (await visitor.get("/audit")).document["entries"]
    assert [(entry["action"], entry["target"]) for entry in entries] == [
        ("usage.clear", "all"),
        ("usage.clear", "1"),
        ("usage.clear", "other"),
    ]


async def test_the_usage_test_reads_the_quota_for_free(gate: Gate) -> None:
    """The default: nothing reaches Copilot's inference routes."""
    visitor = Visitor(gate)
    shown = (await visitor.get("/usage/test")).document
    assert (shown["intervalMinutes"], shown["method"]) == (10, "quota")
    assert shown["cost"] == {"credits": 0.0, "premiumRequests": 0.0}
    tested = (await visitor.write("POST", "/usage/test")).document
    assert tested["lastResult"] == "ok"
    assert tested["lastAt"] is not None
    assert gate.inference_requests() == []


async def test_the_usage_test_can_be_a_real_request_and_says_what_it_costs(gate: Gate) -> None:
    """As the reference gateway does it: gpt-4o, one token, begun by no human; it is in the log, told apart."""
    visitor = Visitor(gate)
    chosen = await visitor.write("PUT", "/usage/test", {"intervalMinutes": None, "method": "request"})
    assert (chosen.document["intervalMinutes"], chosen.document["method"]) == (None, "request")
    assert gate.house.settings.usage_test_interval_minutes is None
    tested = (await visitor.write("POST", "/usage/test")).document
    assert tested["lastResult"] == "ok"
    (sent,) = gate.inference_requests()
    assert sent["path"].endswith("/chat/completions")  # type: ignore[attr-defined]  # a string
    body = json.loads(str(sent["body"]))
    assert (body["model"], body["max_tokens"], body["messages"]) == (
        "gpt-4o",
        1,
        [{"role": "user", "content": "ping"}],
    )
    assert {key.lower(): value for key, value in sent["headers"].items()}["x-initiator"] == "agent"  # type: ignore[attr-defined]  # a dictionary
    await written(gate, 1)
    (row,) = (await visitor.get("/usage/log")).document["rows"]
    assert (row["source"], row["key"], row["initiator"]) == ("usage_test", "usage test", "agent")
    assert (await visitor.get("/usage/log?source=request")).document["rows"] == []
    assert set(tested["cost"]) == {"credits", "premiumRequests"}


async def test_a_failed_test_is_told_and_turns_chat_off_in_get_usage(gate: Gate) -> None:
    """`chat_enabled` is GitHub's word and the last real test's, as in the reference gateway."""
    visitor = Visitor(gate)
    assert (await plain(gate, "/usage"))[1]["chat_enabled"] is True
    await visitor.write("PUT", "/usage/test", {"intervalMinutes": 5, "method": "request"})
    gate.simulator.playbook.load({"queue": ["error=500-server-error"], "rules": []})
    tested = (await visitor.write("POST", "/usage/test")).document
    assert tested["lastResult"].startswith("gpt-4o answered 5")
    assert (await plain(gate, "/usage"))[1]["chat_enabled"] is False
    assert (await visitor.write("POST", "/usage/test")).document["lastResult"] == "ok"
    assert (await plain(gate, "/usage"))[1]["chat_enabled"] is True


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ({"intervalMinutes": 0, "method": "quota"}, "intervalMinutes"),
        ({"intervalMinutes": "10", "method": "quota"}, "intervalMinutes"),
        ({"intervalMinutes": 10, "method": "prayer"}, "method"),
        ({"method": "quota"}, "intervalMinutes"),
        ({"intervalMinutes": 10, "more": 1}, "more"),
    ],
)
async def test_a_wrong_wish_for_the_test_is_named(gate: Gate, wish: object, field: str) -> None:
    """And nothing is changed."""
    refused = await Visitor(gate).write("PUT", "/usage/test", wish)
    assert (refused.status, list(refused.document["error"]["fields"])) == (422, [field])
    assert gate.house.settings.usage_test_interval_minutes == 10


async def test_get_usage_is_githubs_own_document_and_asks_seldom(gate: Gate) -> None:
    """Ten pages that poll it are one question."""
    status, document = await plain(gate, "/usage")
    assert status == 200
    assert document["login"] == "octo-dev"
    assert document["copilot_plan"] == "individual_pro"
    assert set(document["quota_snapshots"]) == {"chat", "completions", "premium_interactions"}

    def questions() -> int:
        shown = [entry.to_json() for entry in gate.simulator.recorder.entries]
        return sum(str(entry["path"]).endswith("/copilot_internal/user") for entry in shown)

    asked = questions()
    for _ in range(10):
        await plain(gate, "/usage")
    assert questions() == asked


async def test_get_usage_asks_for_a_key_where_there_are_keys(tmp_path: Path) -> None:
    """A key with the scope `usage`, an old plain key, or the operator."""
    async with running_gate(tmp_path, ADMIN_SECRET=SECRET, **PROXY) as gate:
        keys = {}
        operator = {"authorization": f"Bearer {SECRET}", "content-type": "application/json"}
        for name, scopes in (("reader", ["usage"]), ("worker", ["inference"])):
            made = await gate.post("/admin/api/keys", {"name": name, "scopes": scopes}, operator)
            keys[name] = json.loads(made[2])["value"]
        assert (await plain(gate, "/usage"))[0] == 401
        assert (await plain(gate, "/usage", authorization=f"Bearer {keys['reader']}"))[0] == 200
        assert (await plain(gate, "/usage", x_api_key=keys["reader"]))[0] == 200
        refused, document = await plain(gate, "/usage", authorization=f"Bearer {keys['worker']}")
        assert (refused, document["error"]["code"]) == (403, "scope_missing")
        assert (await plain(gate, "/usage", authorization=f"Bearer {SECRET}"))[0] == 200
        reader = {"authorization": f"Bearer {keys['reader']}"}
        assert (await plain(gate, "/admin/api/usage/summary", **reader))[0] == 200
        assert (await plain(gate, "/admin/api/keys", **reader))[0] == 403


async def test_get_usage_without_an_account_says_what_to_do(tmp_path: Path) -> None:
    """503 and the command, not an empty document."""
    async with running_gate(tmp_path, document={}, is_ready=False) as gate:
        status, document = await plain(gate, "/usage")
        assert status == 503
        assert "copilot-api login" in document["error"]["message"] + document["error"]["remedy"]
        refused = await Visitor(gate).write("POST", "/usage/test")
        assert refused.status == 503
