"""Demo mode: a world worth looking at, and honest about who asked in it."""

import json
import time
import urllib.request
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from copilot_api.web.demo import TRAFFIC, show_traffic
from gate import running_gate, until
from live import Gateway, running_demo
from web.admin.visiting import API, Visitor


def read(gateway: Gateway, path: str) -> Any:
    """One document of the admin."""
    with urllib.request.urlopen(gateway.url + API + path, timeout=10) as answer:
        return json.load(answer)


def test_a_demo_has_two_plans_and_a_little_traffic_of_its_own(tmp_path: Path) -> None:
    """Reset dates lie ahead; each row says that the demo asked; one is a refusal; a restart adds none."""
    for _ in range(2):
        with running_demo(tmp_path) as gateway:
            accounts = read(gateway, "/accounts")["accounts"]
            assert [(one["login"], one["isActive"]) for one in accounts] == [
                ("octo-dev", True),
                ("octo-free", False),
            ]
            assert {one["plan"] for one in accounts} == {"individual_pro", "free"}
            resets = {datetime.fromisoformat(one["quota"]["resetsAt"]) for one in accounts}
            assert all(moment > datetime.now(UTC) for moment in resets)
            deadline_s = time.monotonic() + 20
            rows: list[dict[str, Any]] = []
            while len(rows) < len(TRAFFIC) and time.monotonic() < deadline_s:
                rows = read(gateway, "/usage/log")["rows"]
                time.sleep(0.1)
            assert len(rows) == 10
            assert {row["key"] for row in rows} == {"demo"}
            assert {row["client"].partition("/")[0] for row in rows} == {"copilot-api-demo"}
            assert sorted(row["status"] for row in rows) == [200] * 9 + [404]
            assert {row["ingress"] for row in rows} == {"messages", "chat", "responses", "gemini"}
            assert {"verbatim", "translated"} <= {row["mode"] for row in rows}


async def test_a_log_that_is_not_empty_gets_no_demo_traffic(tmp_path: Path) -> None:
    """Whatever stands there was somebody's."""
    async with running_gate(tmp_path) as gate:
        shelf = gate.house.shelf
        assert shelf is not None
        body = {"model": "gpt-4.1", "messages": [{"role": "user", "content": "hi"}]}
        assert (await gate.post("/v1/chat/completions", body))[0] == 200
        await until(lambda: gate.house.ledger.waiting == 0)
        await show_traffic(gate.house.gateway, shelf.book)
        await show_traffic(gate.house.gateway, None)
        await until(lambda: gate.house.ledger.waiting == 0)
        assert len((await Visitor(gate).get("/usage/log")).document["rows"]) == 1
