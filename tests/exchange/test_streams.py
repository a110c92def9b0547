"""Streams end as what they are: whole, failed, cut or silent; and nobody is kept waiting in silence."""

import asyncio
import json
from pathlib import Path

import aiohttp
import pytest

from gate import CHAT, MESSAGES, RESPONSES, Gate, request, running_gate, until

ERROR_MARKS = {CHAT: '"error":', RESPONSES: '"type":"response.failed"', MESSAGES: '"type":"error"'}
END_MARKS = {CHAT: "[DONE]", RESPONSES: "response.completed", MESSAGES: "message_stop"}


@pytest.mark.parametrize("path", [CHAT, RESPONSES, MESSAGES])
@pytest.mark.parametrize("end", ["cut_after=4", "end_after=4"])
async def test_a_cut_stream_ends_in_one_error_of_the_protocol(gate: Gate, path: str, end: str) -> None:
    """Whether the connection breaks or the stream just stops: never a clean end."""
    status, _, body = await gate.post(
        path, request(path, f"[[sim: text=one two three four; chunks=8; {end}]]")
    )
    text = body.decode()
    assert status == 200
    assert END_MARKS[path] not in text
    assert text.count(ERROR_MARKS[path]) == 1
    assert text.endswith("\n\n")


@pytest.mark.parametrize("path", [CHAT, RESPONSES, MESSAGES])
async def test_a_whole_stream_carries_no_error(gate: Gate, path: str) -> None:
    """The terminal event of the protocol, once, at the end."""
    status, headers, body = await gate.post(path, request(path, "[[sim: text=Hello]]"))
    text = body.decode()
    assert status == 200
    assert headers["content-type"].startswith("text/event-stream")
    assert END_MARKS[path] in text.rstrip().splitlines()[-1]
    assert ERROR_MARKS[path] not in text


@pytest.mark.parametrize("path", [CHAT, RESPONSES, MESSAGES])
async def test_upstream_silence_within_a_stream_is_filled_with_keepalives(gate: Gate, path: str) -> None:
    """A comment or a ping every interval, between frames and never inside one."""
    directive = "[[sim: text=one two; chunks=2; silence_ms=700; silence_after=3]]"
    _, _, body = await gate.post(path, request(path, directive))
    keepalive = 'event: ping\ndata: {"type":"ping"}' if path == MESSAGES else ": keepalive"
    assert body.decode().count(keepalive) >= 2
    assert END_MARKS[path] in body.decode()


@pytest.mark.parametrize("path", [CHAT, RESPONSES, MESSAGES])
async def test_upstream_silence_before_the_first_byte_is_filled_too(gate: Gate, path: str) -> None:
    """The stream is opened by the first keepalive."""
    async with gate.http.post(
        gate.url + path, json=request(path, "[[sim: text=late; delay_ms=700]]")
    ) as response:
        first = await response.content.readany()
        rest = await response.content.read()
    assert response.status == 200
    assert response.headers["content-type"].startswith("text/event-stream")
    assert first.startswith((b": keepalive", b"event: ping"))
    assert END_MARKS[path] in rest.decode()


@pytest.mark.parametrize("path", [CHAT, RESPONSES, MESSAGES])
async def test_a_refusal_after_a_keepalive_is_an_error_in_the_stream(gate: Gate, path: str) -> None:
    """Status 200 was already said; the error still comes in the protocol's words."""
    _, _, body = await gate.post(path, request(path, "[[sim: delay_ms=700; error=429-rate-limited]]"))
    assert body.decode().count(ERROR_MARKS[path]) == 1


async def test_a_slow_answer_that_does_not_stream_is_led_by_white_space(gate: Gate) -> None:
    """The JSON is still JSON."""
    status, _, body = await gate.post(CHAT, request(CHAT, "[[sim: text=late; delay_ms=700]]", stream=False))
    assert status == 200
    assert body.startswith(b" ")
    assert json.loads(body)["choices"][0]["message"]["content"] == "late"


async def test_a_refusal_after_white_space_breaks_the_connection(gate: Gate) -> None:
    """No client may take an error for an answer: status 200 was said, so the answer is left unfinished."""
    body = request(CHAT, "[[sim: delay_ms=700; error=429-rate-limited]]", stream=False)
    with pytest.raises(aiohttp.ClientPayloadError):
        await gate.post(CHAT, body)


@pytest.mark.parametrize("path", [CHAT, RESPONSES, MESSAGES])
async def test_an_upstream_that_falls_silent_for_good_is_given_up(gate: Gate, path: str) -> None:
    """The idle limit ends the stream in an error and frees the upstream connection."""
    directive = "[[sim: text=one two; chunks=2; silence_ms=20000; silence_after=3]]"
    _, _, body = await gate.post(path, request(path, directive))
    assert body.decode().count(ERROR_MARKS[path]) == 1
    await until(lambda: gate.inference_requests()[-1]["hung_up"])


@pytest.mark.parametrize("stream", [True, False])
async def test_an_upstream_that_never_answers_is_a_gateway_timeout(tmp_path: Path, stream: bool) -> None:
    """Before any keepalive was due, the status itself says it."""
    async with running_gate(tmp_path, COPILOT_API_FIRST_BYTE_TIMEOUT_S="0.5") as gate:
        status, _, body = await gate.post(
            MESSAGES, request(MESSAGES, "[[sim: delay_ms=20000]]", stream=stream)
        )
        assert status == 504
        assert json.loads(body)["type"] == "error"
        await until(lambda: bool(gate.inference_requests()[-1]["hung_up"]))


@pytest.mark.parametrize("path", [CHAT, RESPONSES, MESSAGES])
@pytest.mark.parametrize(
    ("when", "stream"),
    [("silence_ms=20000; silence_after=3", True), ("delay_ms=20000", True), ("delay_ms=20000", False)],
)
async def test_a_client_that_hangs_up_ends_the_upstream_call_at_once(
    gate: Gate, path: str, when: str, stream: bool
) -> None:
    """Also while upstream is silent, also before its first byte, also without streaming."""
    body = request(path, f"[[sim: text=one two; chunks=2; {when}]]", stream=stream)
    async with asyncio.TaskGroup() as group:
        asking = group.create_task(gate.post(path, body))
        await until(lambda: len(gate.inference_requests()) == 1)
        await asyncio.sleep(0.1)
        asking.cancel()
    await until(lambda: bool(gate.inference_requests()[-1]["hung_up"]), patience_s=1.0)
    await until(lambda: not gate.house.sweeper.watches, patience_s=1.0)


async def test_the_first_bytes_come_while_upstream_is_still_speaking(gate: Gate) -> None:
    """Nothing is held back until the end."""
    directive = "[[sim: text=one two three four; chunks=4; interval_ms=150]]"
    loop = asyncio.get_running_loop()
    started_s = loop.time()
    async with gate.http.post(gate.url + MESSAGES, json=request(MESSAGES, directive)) as response:
        await response.content.readany()
        first_s = loop.time() - started_s
        await response.content.read()
    assert first_s < 0.3 < loop.time() - started_s


async def test_an_error_that_upstream_puts_into_its_stream_is_passed_on_once(gate: Gate) -> None:
    """It is the terminal event; ours is not added."""
    _, _, body = await gate.post(
        MESSAGES, request(MESSAGES, "[[sim: text=one two; chunks=4; error_after=3]]")
    )
    assert body.decode().count('"type":"error"') == 1


async def test_a_client_that_hangs_up_on_a_whole_answer_has_had_it(gate: Gate) -> None:
    """Codex closes at `response.completed`, before upstream's own end: that exchange is complete, not abandoned."""
    seen = []

    async def keep(records: object) -> None:
        seen.extend(records)  # type: ignore[call-overload]  # a sequence of records

    gate.house.ledger.listen(keep)
    directive = "[[sim: text=Hello; thinking=no; silence_ms=9000; silence_after=9]]"
    async with gate.http.post(gate.url + RESPONSES, json=request(RESPONSES, directive)) as response:
        async for line in response.content:
            if line.startswith(b"event: response.completed"):
                break
        await response.content.readuntil(b"\n\n")
        response.close()
    await until(lambda: len(seen) == 1)
    assert (seen[0].outcome, seen[0].status, seen[0].error_code) == ("completed", 200, "")
    assert seen[0].usage.output_tokens == 2


async def test_an_error_that_ends_a_stream_bears_the_id_that_the_client_knows(gate: Gate) -> None:
    """openai-python refuses a terminal event of another response, and so would never tell why."""
    _, _, body = await gate.post(
        RESPONSES, request(RESPONSES, "[[sim: text=one two; chunks=4; cut_after=5]]")
    )
    events = [json.loads(line[5:]) for line in body.decode().splitlines() if line.startswith("data:")]
    assert (events[0]["type"], events[-1]["type"]) == ("response.created", "response.failed")
    assert events[-1]["response"]["id"] == events[0]["response"]["id"]
