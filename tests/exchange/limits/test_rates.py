"""Requests and tokens in a minute, requests at a time: refused in each protocol's words, or waited for in line."""

import asyncio
import json
import re
import time
from pathlib import Path

import pytest

from copilot_api.settings import RateLimits
from exchange.limits.asking import INGRESSES, add_key, ask, configure, refusal
from gate import Gate, running_gate, until

KINDS = {
    "chat": "rate_limit_error",
    "responses": "rate_limit_error",
    "messages": "rate_limit_error",
    "gemini": "RESOURCE_EXHAUSTED",
}


@pytest.mark.parametrize("ingress", INGRESSES)
async def test_one_request_too_many_is_told_when_to_come_again(gate: Gate, ingress: str) -> None:
    """429 with Retry-After below a minute; the refused one costs nothing and is not sent."""
    key = await add_key(gate, rate_limit=RateLimits(requests_per_minute=2))
    assert [(await ask(gate, ingress, key))[0] for _ in range(2)] == [200, 200]
    status, headers, body = await ask(gate, ingress, key)
    kind, message = refusal(ingress, body)
    assert (status, kind) == (429, KINDS[ingress])
    assert message.startswith(
        "The key 'laptop' may use 2 requests in a minute, and has used 2. Try again in "
    )
    assert 50 <= int(headers["retry-after"]) <= 60
    assert len(gate.inference_requests()) == 2


async def test_google_clients_read_the_wait_in_the_body(gate: Gate) -> None:
    """`RetryInfo` is where they look for it."""
    key = await add_key(gate, rate_limit=RateLimits(requests_per_minute=1))
    await ask(gate, "gemini", key)
    _, _, body = await ask(gate, "gemini", key)
    details = json.loads(body)["error"]["details"]
    assert details[0]["reason"] == "rate_limit_exceeded"
    assert 50 <= float(details[1]["retryDelay"].removesuffix("s")) <= 60


@pytest.mark.parametrize("ingress", ["chat", "responses", "gemini"])
async def test_answers_say_what_is_left_in_openais_spelling(gate: Gate, ingress: str) -> None:
    """Limit, remaining and reset, of requests and of tokens; a refusal says them, too."""
    key = await add_key(gate, rate_limit=RateLimits(requests_per_minute=1, tokens_per_minute=500))
    status, headers, _ = await ask(gate, ingress, key)
    assert (status, headers["x-ratelimit-limit-requests"]) == (200, "1")
    assert headers["x-ratelimit-remaining-requests"] == "0"
    assert re.fullmatch(r"(1m|\d\d(\.\d+)?s|1m0s)", headers["x-ratelimit-reset-requests"])
    assert (headers["x-ratelimit-limit-tokens"], headers["x-ratelimit-remaining-tokens"]) == ("500", "500")
    status, headers, _ = await ask(gate, ingress, key)
    assert (status, headers["x-ratelimit-remaining-requests"]) == (429, "0")


async def test_answers_say_what_is_left_in_anthropics_spelling(gate: Gate) -> None:
    """The reset is a time there."""
    key = await add_key(gate, rate_limit=RateLimits(requests_per_minute=5))
    _, headers, _ = await ask(gate, "messages", key)
    assert headers["anthropic-ratelimit-requests-limit"] == "5"
    assert headers["anthropic-ratelimit-requests-remaining"] == "4"
    assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ", headers["anthropic-ratelimit-requests-reset"])
    assert "x-ratelimit-limit-requests" not in headers


async def test_a_request_that_nothing_limits_is_told_nothing(gate: Gate) -> None:
    """No header, and no gate."""
    status, headers, _ = await ask(gate, "chat")
    assert status == 200
    assert [
        name for name in headers if "ratelimit" in name.lower() and name.lower().startswith("x-ratelimit")
    ] == []


@pytest.mark.parametrize("ingress", INGRESSES)
async def test_tokens_count_once_the_answer_says_how_many(gate: Gate, ingress: str) -> None:
    """The first request goes whatever it costs; the next one is refused while its tokens are in the minute."""
    key = await add_key(gate, rate_limit=RateLimits(tokens_per_minute=5))
    assert (await ask(gate, ingress, key))[0] == 200
    status, _, body = await ask(gate, ingress, key)
    assert (status, refusal(ingress, body)[0]) == (429, KINDS[ingress])
    assert "may use 5 tokens in a minute" in refusal(ingress, body)[1]
    assert len(gate.inference_requests()) == 1


async def test_the_global_limit_counts_all_keys_and_a_keys_own_only_that_key(gate: Gate) -> None:
    """One key's refusals cost the others nothing."""
    await configure(gate, requestsPerMinute=3)
    narrow = await add_key(gate, "narrow", rate_limit=RateLimits(requests_per_minute=1))
    wide = await add_key(gate, "wide")
    assert [(await ask(gate, "chat", narrow))[0] for _ in range(3)] == [200, 429, 429]
    assert [(await ask(gate, "messages", wide))[0] for _ in range(2)] == [200, 200]
    status, _, body = await ask(gate, "chat", wide)
    assert status == 429
    assert "All clients of this gateway together may use 3 requests" in refusal("chat", body)[1]
    assert "COPILOT_API_REQUESTS_PER_MINUTE" in refusal("chat", body)[1]


async def test_a_limit_that_is_raised_counts_at_once(gate: Gate) -> None:
    """Nobody restarts a server for that."""
    await configure(gate, requestsPerMinute=1)
    assert [(await ask(gate, "chat"))[0] for _ in range(2)] == [200, 429]
    await configure(gate, requestsPerMinute=2)
    assert [(await ask(gate, "chat"))[0] for _ in range(2)] == [200, 429]
    await configure(gate, requestsPerMinute=None)
    assert (await ask(gate, "chat"))[0] == 200


@pytest.mark.parametrize("ingress", INGRESSES)
async def test_one_at_a_time_refuses_the_second(gate: Gate, ingress: str) -> None:
    """And lets it in once the first has ended."""
    key = await add_key(gate, rate_limit=RateLimits(concurrency=1))
    async with asyncio.TaskGroup() as group:
        first = group.create_task(ask(gate, ingress, key, text="[[sim: delay_ms=700; text=slow]]"))
        await until(lambda: len(gate.inference_requests()) == 1)
        status, headers, body = await ask(gate, ingress, key)
        assert (status, refusal(ingress, body)[0]) == (429, KINDS[ingress])
        assert "may have 1 request under way at a time" in refusal(ingress, body)[1]
        assert headers["retry-after"] == "1"
    assert first.result()[0] == 200
    assert (await ask(gate, ingress, key))[0] == 200


async def test_who_may_wait_waits_in_line(gate: Gate) -> None:
    """Three on one slot are answered one after the other, none refused."""
    await configure(gate, concurrency=1, rateLimitWait=True)
    async with asyncio.TaskGroup() as group:
        asked = [
            group.create_task(ask(gate, "chat", text=f"[[sim: delay_ms=100; text={n}]]")) for n in range(3)
        ]
        await until(lambda: gate.house.admission.slots.waiting == 2)
    assert [task.result()[0] for task in asked] == [200, 200, 200]
    assert gate.house.admission.slots.waiting == 0


async def test_nobody_waits_longer_than_the_operator_allows(gate: Gate) -> None:
    """Then it is a 429 after all."""
    await configure(gate, concurrency=1, rateLimitWait=True, rateLimitMaxWaitSeconds=0.2)
    async with asyncio.TaskGroup() as group:
        first = group.create_task(ask(gate, "chat", text="[[sim: delay_ms=900; text=slow]]"))
        await until(lambda: len(gate.inference_requests()) == 1)
        assert (await ask(gate, "chat"))[0] == 429
    assert first.result()[0] == 200


async def test_a_client_that_hangs_up_in_line_leaves_it(gate: Gate) -> None:
    """Its place is not kept, and its slot not lost."""
    await configure(gate, concurrency=1, rateLimitWait=True)
    async with asyncio.TaskGroup() as group:
        first = group.create_task(ask(gate, "chat", text="[[sim: delay_ms=500; text=slow]]"))
        await until(lambda: len(gate.inference_requests()) == 1)
        second = group.create_task(ask(gate, "chat"))
        await until(lambda: gate.house.admission.slots.waiting == 1)
        second.cancel()
        await until(lambda: gate.house.admission.slots.waiting == 0)
    assert first.result()[0] == 200
    assert (await ask(gate, "chat"))[0] == 200
    assert len(gate.inference_requests()) == 2


async def test_a_waiting_stream_gets_signs_of_life(tmp_path: Path) -> None:
    """Waiting for our own limits is longer than the patience with Copilot's first byte, and is not taken for it."""
    body = {"model": "gpt-4.1", "stream": True, "messages": [{"role": "user", "content": "Hi"}]}
    patience = {"COPILOT_API_KEEPALIVE_S": "0.2", "COPILOT_API_FIRST_BYTE_TIMEOUT_S": "1"}
    async with (
        running_gate(tmp_path, COPILOT_API_CONCURRENCY="1", RATE_LIMIT_WAIT="true", **patience) as gate,
        asyncio.TaskGroup() as group,
    ):
        for _ in range(2):
            group.create_task(ask(gate, "messages", text="[[sim: delay_ms=700; text=slow]]"))
        await until(lambda: gate.house.admission.slots.waiting == 1)
        began_s = time.monotonic()
        status, _, answer = await gate.post("/v1/chat/completions", body)
        assert time.monotonic() - began_s > 1.1
    assert status == 200
    assert answer.startswith(b": ")
    assert answer.endswith(b"data: [DONE]\n\n")


async def test_embeddings_count_and_counts_do_not(gate: Gate) -> None:
    """A count is answered here or for nothing; an embedding is a request like any other."""
    await configure(gate, requestsPerMinute=1)
    body = {"model": "claude-sonnet-4.6", "messages": [{"role": "user", "content": "Hi"}]}
    assert [(await gate.post("/v1/messages/count_tokens", body))[0] for _ in range(3)] == [200, 200, 200]
    document = {"model": "text-embedding-3-small", "input": "Hi"}
    assert [(await gate.post("/v1/embeddings", document))[0] for _ in range(2)] == [200, 429]
