"""A captured request is explained whichever way it went, and however it ended."""

import json

import aiohttp

from exchange.capture.seeing import capture, explained, kinds, texts
from exchange.limits.asking import add_key, configure
from gate import CHAT, MESSAGES, Gate, request, until


async def test_a_native_stream_is_seen_on_both_sides(gate: Gate) -> None:
    """Every byte that the client got, event by event, with times that never go back."""
    await capture(gate)
    status, headers, body = await gate.post(MESSAGES, request(MESSAGES, "[[sim: chunks=5; interval_ms=5]]"))
    assert status == 200
    told = await explained(gate, headers["x-trace-id"])
    (attempt,) = told["attempts"]
    assert texts(told["answer"]["frames"]) == body.decode()
    assert texts(attempt["frames"]).count("content_block_delta") >= 5
    times = [frame["atMs"] for frame in attempt["frames"]]
    assert times == sorted(times)
    assert times[-1] - times[0] >= 20
    assert all(frame["text"].endswith("\n\n") for frame in attempt["frames"])
    assert (attempt["status"], attempt["problem"], told["answer"]["status"]) == (200, "", 200)
    assert attempt["url"].endswith("/capi/individual/v1/messages")
    assert ["authorization", "[redacted]"] in attempt["headers"]
    assert json.loads(told["client"]["body"])["model"] == "claude-sonnet-4.6"
    assert (told["plan"]["upstream"], told["plan"]["reason"]) == ("messages", "native")
    assert told["result"]["inputTokens"] == told["record"]["row"]["inputTokens"]


async def test_a_native_whole_answer_is_one_frame(gate: Gate) -> None:
    """And the body that went upstream is the client's, byte for byte."""
    await capture(gate)
    _, headers, body = await gate.post(CHAT, request(CHAT, "Hello", stream=False))
    told = await explained(gate, headers["x-trace-id"])
    assert [frame["text"] for frame in told["answer"]["frames"]] == [body.decode()]
    assert len(told["attempts"][0]["frames"]) == 1
    assert told["attempts"][0]["body"] == told["client"]["body"]


async def test_a_translated_stream_shows_losses_with_their_reasons(gate: Gate) -> None:
    """Two protocols, two streams, and why something was left out."""
    await capture(gate)
    asked = request(MESSAGES, "Hello") | {"model": "gpt-4.1", "top_k": 3}
    _, headers, body = await gate.post(MESSAGES, asked)
    told = await explained(gate, headers["x-trace-id"])
    assert "chat.completion.chunk" in texts(told["attempts"][0]["frames"])
    assert texts(told["answer"]["frames"]) == body.decode()
    losses = [step for step in told["plan"]["steps"] if step["kind"] == "loss"]
    assert {
        "kind": "loss",
        "name": "top_k (dropped)",
        "detail": "chat has no top_k",
        "code": "loss.no-top-k",
        "parameters": {},
    } in losses
    assert kinds(told)[:3] == ["mapping", "route", "translation"]
    assert (told["plan"]["mode"], told["plan"]["model"]) == ("translated", "gpt-4.1-2025-04-14")
    assert [advice["code"] for advice in told["hints"]] == ["advice.lost"]
    assert told["advice"] == told["hints"][0]["text"]


async def test_a_translated_whole_answer_is_streamed_upstream(gate: Gate) -> None:
    """What Copilot sent was a stream, what the client got is one document."""
    await capture(gate)
    asked = request(MESSAGES, "Hello", stream=False) | {"model": "gpt-5.5"}
    _, headers, body = await gate.post(MESSAGES, asked)
    told = await explained(gate, headers["x-trace-id"])
    assert len(told["attempts"][0]["frames"]) > 3
    assert [frame["text"] for frame in told["answer"]["frames"]] == [body.decode()]


async def test_a_refusal_in_planning_has_no_attempt_and_tells_the_steps(gate: Gate) -> None:
    """The name was looked up, and nothing was found."""
    await capture(gate)
    status, headers, body = await gate.post(CHAT, request(CHAT, "Hello") | {"model": "no-such"})
    assert status == 404
    told = await explained(gate, headers["x-trace-id"])
    assert told["attempts"] == []
    assert texts(told["answer"]["frames"]) == body.decode()
    assert [step["code"] for step in told["plan"]["steps"]] == ["mapping.unknown", "route.none"]
    assert told["result"]["errorCode"] == "model_not_found"


async def test_a_refusal_at_the_door_is_captured_where_every_request_is(gate: Gate) -> None:
    """Without its body, which nobody read, and without the key that was tried."""
    await add_key(gate)
    await capture(gate)
    tried = "wrong-key-0123456789abcdef"
    status, headers, _ = await gate.post(CHAT, request(CHAT, "Hi"), {"authorization": f"Bearer {tried}"})
    assert status == 401
    told = await explained(gate, headers["x-trace-id"])
    assert (told["client"]["body"], told["result"]["outcome"]) == ("", "refused")
    assert tried not in json.dumps(told)


async def test_a_refusal_of_our_own_limits_is_captured(gate: Gate) -> None:
    """It has a plan, and went nowhere."""
    await configure(gate, budget={"requests": 1, "period": "day"})
    await capture(gate)
    await gate.post(CHAT, request(CHAT, "one", stream=False))
    await until(lambda: gate.house.admission.budgets.standings()[0].spent_requests == 1)
    status, headers, _ = await gate.post(CHAT, request(CHAT, "two", stream=False))
    assert status == 402
    told = await explained(gate, headers["x-trace-id"])
    assert (told["attempts"], told["plan"]["upstream"], told["result"]["status"]) == ([], "chat", 402)


async def test_upstreams_refusal_is_seen_word_for_word(gate: Gate) -> None:
    """What Copilot said, and what the client was told."""
    await capture(gate)
    status, headers, body = await gate.post(CHAT, request(CHAT, "[[sim: error=403-forbidden]]"))
    assert status == 403
    told = await explained(gate, headers["x-trace-id"])
    (attempt,) = told["attempts"]
    assert attempt["status"] == 403
    assert "access to this endpoint is forbidden" in texts(attempt["frames"])
    assert texts(told["answer"]["frames"]) == body.decode()


async def test_a_mended_request_shows_both_attempts(gate: Gate) -> None:
    """What was refused, what was changed, and that it helped."""
    await capture(gate)
    asked = request(MESSAGES, "Hello", stream=False) | {"surprise": True}
    status, headers, _ = await gate.post(MESSAGES, asked)
    told = await explained(gate, headers["x-trace-id"])
    assert status == 200, told["result"]
    assert [attempt["status"] for attempt in told["attempts"]] == [400, 200]
    assert ["surprise" in json.loads(attempt["body"]) for attempt in told["attempts"]] == [True, False]
    assert "retry" in kinds(told)
    assert "repair" in kinds(told)


async def test_a_connection_that_breaks_has_a_problem_instead_of_a_status(gate: Gate) -> None:
    """Nobody answered."""
    await capture(gate)
    status, headers, _ = await gate.post(CHAT, request(CHAT, "[[sim: error=reset]]"))
    assert status == 502
    told = await explained(gate, headers["x-trace-id"])
    assert told["attempts"][-1]["status"] is None
    assert told["attempts"][-1]["problem"]


async def test_a_stream_that_is_cut_shows_how_far_it_came(gate: Gate) -> None:
    """And the error with which the client's stream ended."""
    await capture(gate)
    _, headers, body = await gate.post(MESSAGES, request(MESSAGES, "[[sim: chunks=9; cut_after=5]]"))
    told = await explained(gate, headers["x-trace-id"])
    assert told["attempts"][0]["problem"]
    assert texts(told["answer"]["frames"]) == body.decode()
    assert told["result"]["outcome"] == "cut"


async def test_a_client_that_hangs_up_is_explained(gate: Gate) -> None:
    """People ask why a long answer stopped."""
    await capture(gate)
    asked = request(MESSAGES, "[[sim: chunks=500; interval_ms=20]]")
    async with gate.http.post(gate.url + MESSAGES, json=asked) as response:
        await response.content.readany()
        trace_id = response.headers["x-trace-id"]
        response.close()
    told = await explained(gate, trace_id)
    assert told["result"]["outcome"] == "client_gone"
    assert "hung up" in told["advice"]
    assert told["answer"]["frames"]


async def test_embeddings_and_counts_are_captured_too(gate: Gate) -> None:
    """Every request that goes through the line."""
    await capture(gate)
    body = {"model": "text-embedding-3-small", "input": "hello"}
    _, headers, _ = await gate.post("/v1/embeddings", body)
    told = await explained(gate, headers["x-trace-id"])
    assert told["attempts"][0]["url"].endswith("/embeddings")
    _, headers, _ = await gate.post(f"{MESSAGES}/count_tokens", request(MESSAGES, "hi"))
    told = await explained(gate, headers["x-trace-id"])
    assert texts(told["answer"]["frames"]).startswith('{"input_tokens"')


async def test_only_the_requests_of_the_windows_key_are_captured(gate: Gate) -> None:
    """Others go on as if nobody looked."""
    laptop, phone = await add_key(gate, "laptop"), await add_key(gate, "phone")
    ids = {entry.name: entry.id for entry in gate.house.settings.client_keys}
    visitor = await capture(gate, ids["laptop"])
    mine = await gate.post(CHAT, request(CHAT, "a"), {"authorization": f"Bearer {laptop}"})
    other = await gate.post(CHAT, request(CHAT, "b"), {"authorization": f"Bearer {phone}"})
    told = await explained(gate, mine[1]["x-trace-id"], visitor)
    assert told["record"]["row"]["key"] == "laptop"
    listed = (await visitor.get("/captures")).document["captures"]
    assert [one["traceId"] for one in listed] == [mine[1]["x-trace-id"]]
    assert [one["keyName"] for one in listed] == ["laptop"]
    answer = await visitor.get(f"/captures/{other[1]['x-trace-id']}")
    assert answer.document["isCaptured"] is False


async def test_a_capture_changes_no_byte_for_anybody(gate: Gate) -> None:
    """Neither what goes upstream nor what comes back."""
    before = await _asked(gate)
    await capture(gate)
    assert await _asked(gate) == before


async def _asked(gate: Gate) -> tuple[object, bytes]:
    async with (
        aiohttp.ClientSession() as fresh,
        fresh.post(gate.url + MESSAGES, json=request(MESSAGES, "Same")) as response,
    ):
        body = await response.read()
    return gate.inference_requests()[-1]["body"], body
