"""A bug in a page of the admin: its caller gets an id and nothing else, and the log has the rest."""

import json
from pathlib import Path

import httpx
from litestar import get

from copilot_api.web.admin.operations import Operations
from gate import running_gate


@get("/broken")
async def broken() -> None:
    """Fail as nobody expected."""
    raise RuntimeError("the token is ghu_canary")


async def test_a_bug_tells_its_caller_an_id_alone(tmp_path: Path) -> None:
    """No message, no traceback, no type; the log's line has the same id."""
    async with running_gate(tmp_path, is_ready=False) as gate:
        operations = Operations(
            settings=lambda: gate.house.settings,
            door=gate.house.door,
            inspector=gate.house.inspector,
            accounts=gate.house.accounts,
            rooms=[broken],
        )
        transport = httpx.ASGITransport(operations.application(), client=("127.0.0.1", 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            answer = await client.get("/admin/api/broken")
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (500, "internal_error")
    assert set(error) == {"code", "message", "remedy", "fields", "traceId"}
    assert "ghu_canary" not in answer.text
    assert "RuntimeError" not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"
    lines = [json.loads(line) for line in gate.log.getvalue().splitlines() if "admin.failed" in line]
    assert [line["trace_id"] for line in lines] == [error["traceId"]]
