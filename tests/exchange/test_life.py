"""A server's life: many at once, settings that change, accounts that go bad, and an orderly end."""

import asyncio
import io
import itertools
import json
from pathlib import Path

import aiohttp
import pytest

from gate import CHAT, MESSAGES, RESPONSES, Gate, request, running_gate, until, wait_ready


async def test_twenty_requests_with_an_expired_token_make_one_refresh(gate: Gate) -> None:
    """Single-flight: all twenty are answered."""
    account = gate.simulator.accounts.by_plan["individual"]
    await gate.post(CHAT, request(CHAT, "hi"))
    before = account.exchanges
    await control(gate, "accounts", {"plan": "individual", "expire_tokens": True})
    answers = await asyncio.gather(
        *(gate.post(CHAT, request(CHAT, f"hi {n}", stream=False)) for n in range(20))
    )
    assert [status for status, _, _ in answers] == [200] * 20
    assert account.exchanges - before == 1


async def control(gate: Gate, name: str, document: dict[str, object]) -> None:
    """Change the simulated world."""
    async with gate.http.post(f"{gate.simulator.url}/_sim/{name}", json=document) as response:
        assert response.status == 200, await response.text()


async def test_a_403_is_not_retried_and_does_not_loop(gate: Gate) -> None:
    """One upstream request, one answer."""
    status, _, _ = await gate.post(CHAT, request(CHAT, "[[sim: error=403-forbidden]]"))
    assert status == 403
    assert len(gate.inference_requests()) == 1


async def test_requests_are_really_spaced_when_waiting_is_allowed(tmp_path: Path) -> None:
    """Four at once, 0.2 s apart."""
    async with running_gate(tmp_path, RATE_LIMIT="0.2", RATE_LIMIT_WAIT="true") as gate:
        await asyncio.gather(*(gate.post(CHAT, request(CHAT, f"hi {n}")) for n in range(4)))
        starts = [entry.started_at_s for entry in gate.simulator.recorder.entries if "chat" in entry.target]
        gaps = [later - earlier for earlier, later in itertools.pairwise(starts)]
        assert len(gaps) == 3
        assert all(gap >= 0.15 for gap in gaps)


async def test_a_request_too_early_is_refused_with_the_time_to_wait(tmp_path: Path) -> None:
    """429 in the protocol's envelope; counting tokens and listing models are free."""
    async with running_gate(tmp_path, RATE_LIMIT="60") as gate:
        assert (await gate.post(MESSAGES, request(MESSAGES, "hi")))[0] == 200
        status, headers, body = await gate.post(MESSAGES, request(MESSAGES, "hi"))
        assert status == 429
        assert 50 <= int(headers["retry-after"]) <= 60
        assert json.loads(body)["error"]["type"] == "rate_limit_error"
        counted, _, _ = await gate.post(f"{MESSAGES}/count_tokens", request(MESSAGES, "hi"))
        assert counted == 200


async def test_an_edit_of_the_file_is_picked_up_while_running(gate: Gate) -> None:
    """A mapping written by hand works for the next request, and the answer names all three models."""
    body = request(CHAT, "hi") | {"model": "my-favourite"}
    assert (await gate.post(CHAT, body))[0] == 404
    await asyncio.to_thread(
        gate.config.update, lambda document: document.update(modelMapping={"my-*": "gpt-4.1"})
    )
    await until(lambda: gate.house.settings.model_mapping == {"my-*": "gpt-4.1"})
    status, headers, _ = await gate.post(CHAT, body)
    assert status == 200
    assert headers["x-copilot-api-requested-model"] == "my-favourite"
    assert headers["x-copilot-api-mapped-model"] == "gpt-4.1"
    assert headers["x-copilot-api-answering-model"] == "gpt-4.1-2025-04-14"


async def test_a_key_made_while_running_closes_the_door_at_once(gate: Gate) -> None:
    """And opens it for who has it."""
    from copilot_api.store.keys import create_key  # noqa: PLC0415 - used here only

    key, entry = create_key("laptop")
    stored = {"id": entry.id, "name": entry.name, "sha256": entry.sha256, "scopes": ["inference"]}
    await asyncio.to_thread(gate.config.update, lambda document: document.update(clientKeys=[stored]))
    await until(lambda: bool(gate.house.settings.client_keys))
    assert (await gate.post(CHAT, request(CHAT, "hi")))[0] == 401
    assert (await gate.post(CHAT, request(CHAT, "hi"), {"authorization": f"Bearer {key}"}))[0] == 200


async def test_a_broken_file_is_reported_and_the_server_goes_on(gate: Gate, tmp_path: Path) -> None:
    """Ready no more, and it says why; requests are still answered with the last good settings."""
    good = gate.config.path.read_text()
    gate.config.path.write_text("{ broken")
    await until(lambda: not gate.house.inspector.look().is_ready)
    async with gate.http.get(gate.url + "/readyz") as response:
        assert response.status == 503
        assert "config.json" in await response.text()
    assert (await gate.post(CHAT, request(CHAT, "hi")))[0] == 200
    assert gate.config.path.read_text() == "{ broken"
    gate.config.path.write_text(good)
    await wait_ready(gate)


async def test_a_stopping_server_lets_a_stream_finish(gate: Gate) -> None:
    """No new connections, but who is being answered is answered to the end."""
    directive = "[[sim: text=one two three four; chunks=4; interval_ms=150]]"
    async with gate.http.post(gate.url + MESSAGES, json=request(MESSAGES, directive)) as response:
        await response.content.readany()
        gate.server.should_exit = True
        await asyncio.sleep(0.2)
        with pytest.raises(aiohttp.ClientConnectionError):
            async with aiohttp.ClientSession() as other, other.get(gate.url + "/healthz"):
                pass
        rest = await response.content.read()
    assert b"message_stop" in rest


async def test_a_stream_that_outlives_the_drain_deadline_ends_in_an_error(tmp_path: Path) -> None:
    """Never in silence."""
    async with running_gate(tmp_path, COPILOT_API_DRAIN_TIMEOUT_S="1", COPILOT_API_KEEPALIVE_S="60") as gate:
        directive = "[[sim: text=one two; chunks=2; silence_ms=20000; silence_after=3]]"
        async with gate.http.post(gate.url + MESSAGES, json=request(MESSAGES, directive)) as response:
            await response.content.readany()
            gate.server.should_exit = True
            rest = await response.content.read()
        assert rest.count(b'"type":"error"') == 1
        assert b"shutting down" in rest


async def test_every_exchange_leaves_one_record(gate: Gate) -> None:
    """Success, refusal upstream, refusal here, and a client that left."""
    seen = []

    async def keep(records: object) -> None:
        seen.extend(records)  # type: ignore[call-overload]  # a sequence of records

    gate.house.ledger.listen(keep)
    await gate.post(MESSAGES, request(MESSAGES, "hi"))
    await gate.post(MESSAGES, request(MESSAGES, "[[sim: error=429-rate-limited]]"))
    await gate.post(MESSAGES, {"model": 5})
    async with asyncio.TaskGroup() as group:
        leaving = group.create_task(gate.post(RESPONSES, request(RESPONSES, "[[sim: delay_ms=9000]]")))
        await until(lambda: len(gate.inference_requests()) == 3)
        leaving.cancel()
    await until(lambda: len(seen) == 4)
    assert [(record.outcome, record.status) for record in seen] == [
        ("completed", 200),
        ("failed", 429),
        ("failed", 400),
        ("client_gone", 499),
    ]
    first = seen[0]
    assert first.usage.total_nano_aiu == gate.simulator.ledger.total_nano_aiu
    assert (first.initiator, first.mapped_model, first.account) == ("user", "claude-sonnet-4.6", "octo-dev")


async def test_a_history_of_megabytes_goes_through(gate: Gate) -> None:
    """A long conversation is a few megabytes; nothing warns, nothing is cut."""
    turns: list[dict[str, object]] = []
    for number in range(300):
        turns += [
            {"role": "user", "content": f"question {number} " + "x" * 4000},
            {"role": "assistant", "content": "answer " + "y" * 4000},
        ]
    turns.append({"role": "user", "content": "[[sim: text=all read]]"})
    body = {"model": "claude-opus-4.7", "max_tokens": 100, "messages": turns}
    async with gate.http.post(gate.url + MESSAGES, data=io.BytesIO(json.dumps(body).encode())) as response:
        assert response.status == 200, await response.text()
        assert b"all read" in await response.read()
    assert len(str(gate.inference_requests()[-1]["body"])) > 2_400_000
