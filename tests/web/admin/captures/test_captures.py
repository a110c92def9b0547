"""Captures over the admin API: windows, lists, explanations, bundles, and who may see what."""

import asyncio
import io
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from copilot_api.store.captures.form import name_of
from exchange.capture.seeing import capture, explained
from exchange.limits.asking import add_key
from gate import CHAT, MESSAGES, Gate, request, running_gate, until
from web.admin.listening import listening
from web.admin.visiting import SECRET, Visitor


@pytest.fixture
async def gate(tmp_path: Path) -> AsyncIterator[Gate]:
    """Default settings."""
    async with running_gate(tmp_path) as running:
        yield running


async def test_nothing_is_captured_until_somebody_asks(gate: Gate, tmp_path: Path) -> None:
    """Not even a folder."""
    await gate.post(CHAT, request(CHAT, "hi"))
    visitor = Visitor(gate)
    shown = (await visitor.get("/captures")).document
    assert (shown["windows"], shown["captures"], shown["unreadable"]) == ([], [], 0)
    assert shown["limits"] == {
        "maxMinutes": 60,
        "maxCaptures": 200,
        "maxBytes": 67108864,
        "maxAgeS": 86400.0,
        "storedBytes": 0,
    }
    assert not (tmp_path / "captures").exists()


async def test_a_window_opens_tells_the_page_and_is_written_down(gate: Gate) -> None:
    """Who looked at whose requests, and how long, is a thing to know later."""
    await add_key(gate, "laptop")
    (entry,) = gate.house.settings.client_keys
    visitor = Visitor(gate)
    async with listening(gate) as (page,):
        answer = await visitor.write("POST", "/capture-windows", {"keyId": entry.id, "minutes": 5})
        await page.hears("captures")
    assert answer.status == 201
    assert (answer.document["keyId"], answer.document["keyName"]) == (entry.id, "laptop")
    assert answer.document["since"] < answer.document["until"]
    assert (await visitor.get("/captures")).document["windows"] == [answer.document]
    closed = await visitor.write("DELETE", f"/capture-windows/{entry.id}")
    assert (closed.status, closed.document["windows"]) == (200, [])
    again = await visitor.write("DELETE", f"/capture-windows/{entry.id}")
    assert (again.status, again.code) == (404, "window_gone")
    audit = (await visitor.get("/audit")).document["entries"]
    told = [(one["action"], one["target"], one["detail"]) for one in audit[:2]]
    assert told == [("captures.close", entry.id, ""), ("captures.open", entry.id, "5 min laptop")]


@pytest.mark.parametrize("minutes", [0, 61, -1, 1.5, "5", None])
async def test_a_window_lasts_one_to_sixty_minutes(gate: Gate, minutes: object) -> None:
    """Whatever else is asked for."""
    answer = await Visitor(gate).write("POST", "/capture-windows", {"keyId": None, "minutes": minutes})
    assert (answer.status, list(answer.document["error"]["fields"])) == (422, ["minutes"])
    assert gate.house.gateway.captures.register == {}


async def test_a_window_for_a_key_that_does_not_exist_is_refused(gate: Gate) -> None:
    """A key that was mistyped would capture nothing, in silence."""
    answer = await Visitor(gate).write("POST", "/capture-windows", {"keyId": "key_none", "minutes": 5})
    assert (answer.status, list(answer.document["error"]["fields"])) == (422, ["keyId"])


async def test_a_plain_key_can_be_captured(tmp_path: Path) -> None:
    """Keys of the reference format have an id here, too."""
    async with running_gate(tmp_path, COPILOT_API_KEY="plain-key-0123456789") as gate:
        visitor = Visitor(gate)
        (key,) = (await visitor.get("/keys")).document["keys"]
        answer = await visitor.write("POST", "/capture-windows", {"keyId": key["id"], "minutes": 5})
        assert (answer.status, answer.document["keyName"]) == (201, key["name"])


async def test_captures_are_listed_told_of_and_forgotten(gate: Gate) -> None:
    """One, and then all of them."""
    visitor = await capture(gate)
    async with listening(gate) as (page,):
        ids = [(await gate.post(CHAT, request(CHAT, f"hi {n}")))[1]["x-trace-id"] for n in range(3)]
        for trace_id in ids:
            await explained(gate, trace_id, visitor)
        await until(lambda: len(page.of("captures")) >= 3)
        shown = (await visitor.get("/captures")).document
        assert {one["traceId"] for one in shown["captures"]} == set(ids)
        first = shown["captures"][0]
        assert (first["ingress"], first["upstream"], first["status"], first["outcome"]) == (
            "chat",
            "chat",
            200,
            "completed",
        )
        assert shown["limits"]["storedBytes"] == sum(one["sizeBytes"] for one in shown["captures"]) > 0
        gone = await visitor.write("DELETE", f"/captures/{ids[0]}")
        assert {one["traceId"] for one in gone.document["captures"]} == set(ids[1:])
        assert (await visitor.write("DELETE", f"/captures/{ids[0]}")).status == 404
        cleared = await visitor.write("DELETE", "/captures")
        assert (cleared.status, cleared.document["captures"]) == (200, [])
        assert cleared.document["windows"] != []
    audit = (await visitor.get("/audit")).document["entries"]
    assert [one["action"] for one in audit[:2]] == ["captures.clear", "captures.remove"]


async def test_a_request_that_was_not_captured_is_explained_from_its_record(gate: Gate) -> None:
    """Route, losses, times and error, and a sentence on how to capture the next one."""
    asked = request(MESSAGES, "hi") | {"model": "gpt-4.1", "top_k": 3}
    _, headers, _ = await gate.post(MESSAGES, asked)
    visitor = Visitor(gate)
    found = await _logged(visitor, headers["x-trace-id"])
    told = (await visitor.get(f"/captures/{headers['x-trace-id']}")).document
    assert (told["isCaptured"], told["client"], told["attempts"], told["answer"]) == (False, None, [], None)
    assert told["record"] == found
    assert (told["plan"]["upstream"], told["plan"]["reason"]) == ("chat", "only way")
    assert {"kind": "loss", "name": "top_k (dropped)", "detail": "", "code": "", "parameters": {}} in told[
        "plan"
    ]["steps"]
    assert "copilot-api capture on" in told["advice"]
    bundle = await visitor.get(f"/captures/{headers['x-trace-id']}/bundle")
    assert (bundle.status, bundle.code) == (404, "not_found")


@pytest.mark.parametrize("trace_id", ["windows", "bundle", "all", "captures", "capture-windows", "a.b"])
async def test_a_capture_is_read_whatever_its_client_called_the_request(gate: Gate, trace_id: str) -> None:
    """A trace id is the client's to choose; no word of ours in an address stands in its way."""
    visitor = await capture(gate)
    await gate.post(CHAT, request(CHAT, "hi"), {"x-trace-id": trace_id})
    told = await explained(gate, trace_id, visitor)
    assert told["traceId"] == trace_id
    bundle = await visitor.get(f"/captures/{trace_id}/bundle")
    assert (bundle.status, zipfile.is_zipfile(io.BytesIO(bundle.body))) == (200, True)
    assert (await visitor.get(f"/usage/log/{trace_id}")).status == 200
    gone = await visitor.write("DELETE", f"/captures/{trace_id}")
    assert (gone.status, gone.document["captures"]) == (200, [])


async def _logged(visitor: Visitor, trace_id: str) -> dict[str, object]:
    for _ in range(300):
        answer = await visitor.get(f"/usage/log/{trace_id}")
        if answer.status == 200:
            return answer.document
        await asyncio.sleep(0.01)
    raise AssertionError(trace_id)


async def test_a_trace_that_nobody_knows_is_not_found(gate: Gate) -> None:
    """In the one shape of refusals, with what to look for."""
    answer = await Visitor(gate).get("/captures/nobody")
    assert (answer.status, answer.code) == (404, "not_found")
    assert "x-trace-id" in answer.document["error"]["remedy"]


async def test_the_usage_log_says_what_was_captured(gate: Gate) -> None:
    """So that its drawer can offer the explanation."""
    visitor = await capture(gate)
    _, headers, _ = await gate.post(CHAT, request(CHAT, "hi"))
    await explained(gate, headers["x-trace-id"], visitor)
    assert (await visitor.get(f"/usage/log/{headers['x-trace-id']}")).document["isCaptured"] is True


async def test_a_bundle_says_what_is_in_it_and_what_is_not(gate: Gate) -> None:
    """For whoever opens it in a bug report."""
    visitor = await capture(gate)
    _, headers, body = await gate.post(MESSAGES, request(MESSAGES, "hi"), {"x-trace-id": "bundled"})
    assert headers["x-trace-id"] == "bundled"
    await explained(gate, "bundled", visitor)
    answer = await visitor.get("/captures/bundled/bundle")
    assert (answer.status, answer.headers["content-type"]) == (200, "application/zip")
    assert answer.headers["content-disposition"] == 'attachment; filename="explain-bundled.zip"'
    assert answer.headers["cache-control"] == "no-store"
    with zipfile.ZipFile(io.BytesIO(answer.body)) as archive:
        assert archive.testzip() is None
        assert sorted(archive.namelist()) == [
            "README.txt",
            "client-frames.txt",
            "client-request.json",
            "explanation.json",
            "upstream-frames-1.txt",
            "upstream-request-1.json",
        ]
        note = archive.read("README.txt").decode()
        frames = archive.read("client-frames.txt").decode()
    assert "bundled" in note
    assert "copilot-api 0." in note
    assert "Prompts, files, tool results and answers were NOT" in note
    assert frames.startswith("[")
    assert frames.count("event: content_block_delta") == body.count(b"event: content_block_delta")


async def test_a_client_key_may_read_the_list_and_no_prompt(tmp_path: Path) -> None:
    """A key with the scope `admin` reads; what people said is the operator's alone."""
    async with running_gate(tmp_path, ADMIN_SECRET=SECRET) as gate:
        key = await add_key(gate, "dashboard", scopes=("admin", "inference"))
        operator = Visitor(gate)
        await operator.sign_in()
        await operator.write("POST", "/capture-windows", {"keyId": None, "minutes": 5})
        _, headers, _ = await gate.post(
            CHAT, request(CHAT, "very private"), {"authorization": f"Bearer {key}"}
        )
        trace_id = headers["x-trace-id"]
        await explained(gate, trace_id, operator)
        reader = Visitor(gate, {"authorization": f"Bearer {key}"})
        listed = await reader.get("/captures")
        assert [one["traceId"] for one in listed.document["captures"]] == [trace_id]
        assert b"very private" not in listed.body
        for path in (f"/captures/{trace_id}", f"/captures/{trace_id}/bundle"):
            refused = await reader.get(path)
            assert (refused.status, refused.code) == (403, "read_only")
        for method, path in (
            ("DELETE", "/captures"),
            ("POST", "/capture-windows"),
            ("DELETE", f"/captures/{trace_id}"),
        ):
            refused = await reader.ask(method, path, {}, {"content-type": "application/json"})
            assert (refused.status, refused.code) == (403, "read_only")
        stranger = await Visitor(gate).get(f"/captures/{trace_id}")
        assert stranger.status == 401


async def test_a_damaged_capture_is_counted_and_explained_from_its_record(gate: Gate, tmp_path: Path) -> None:
    """A broken file breaks no page."""
    visitor = await capture(gate)
    _, headers, _ = await gate.post(CHAT, request(CHAT, "hi"))
    trace_id = headers["x-trace-id"]
    await explained(gate, trace_id, visitor)
    path = tmp_path / "captures" / f"{name_of(trace_id)}.capture"
    path.write_bytes(path.read_bytes()[:70])
    shown = (await visitor.get("/captures")).document
    assert (shown["captures"], shown["unreadable"]) == ([], 1)
    told = (await visitor.get(f"/captures/{trace_id}")).document
    assert told["isCaptured"] is False
    assert "is damaged" in told["advice"]


async def test_windows_do_not_survive_a_restart_and_captures_do(tmp_path: Path) -> None:
    """Whoever starts the gateway starts it capturing nothing."""
    async with running_gate(tmp_path) as gate:
        visitor = await capture(gate)
        _, headers, _ = await gate.post(CHAT, request(CHAT, "hi"))
        await explained(gate, headers["x-trace-id"], visitor)
    async with running_gate(tmp_path) as gate:
        shown = (await Visitor(gate).get("/captures")).document
        assert shown["windows"] == []
        assert [one["traceId"] for one in shown["captures"]] == [headers["x-trace-id"]]


async def test_a_request_that_was_under_way_at_the_end_is_still_written(tmp_path: Path) -> None:
    """What is on its way to the disk when the server stops arrives there."""
    async with running_gate(tmp_path) as gate:
        await capture(gate)
        for number in range(20):
            await gate.post(CHAT, request(CHAT, f"hi {number}", stream=False))
    assert len(list((tmp_path / "captures").glob("*.capture"))) == 20


async def test_a_full_disk_loses_the_capture_and_no_request(gate: Gate, tmp_path: Path) -> None:
    """And the log says so, without a word of the prompt."""
    (tmp_path / "captures").write_text("in the way")
    await capture(gate)
    status, _, _ = await gate.post(CHAT, request(CHAT, "very private"))
    assert status == 200
    await until(lambda: "capture.lost" in gate.log.getvalue())
    assert "very private" not in gate.log.getvalue()


async def test_the_description_has_every_route_of_captures(gate: Gate) -> None:
    """With its documents and its refusals."""
    found = (await Visitor(gate).get("/openapi.json")).document
    paths = {path: sorted(found["paths"][path]) for path in found["paths"] if "/capture" in path}
    assert paths == {
        "/admin/api/captures": ["delete", "get"],
        "/admin/api/capture-windows": ["post"],
        "/admin/api/capture-windows/{key_id}": ["delete"],
        "/admin/api/captures/{trace_id}": ["delete", "get"],
        "/admin/api/captures/{trace_id}/bundle": ["get"],
    }
    explain = found["paths"]["/admin/api/captures/{trace_id}"]["get"]
    assert "404" in explain["responses"]
    assert "Explanation" in str(explain["responses"]["200"])
