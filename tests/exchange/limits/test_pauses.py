"""A model that Copilot asks to leave alone is left alone: told, waited for where it is short, never evaded."""

import asyncio
import json
import time

import pytest

from copilot_api.settings import RateLimits
from exchange.limits.asking import INGRESSES, MODELS, add_key, ask, configure, refusal
from gate import Gate, until

KINDS = {
    "chat": "rate_limit_error",
    "responses": "rate_limit_error",
    "messages": "rate_limit_error",
    "gemini": "RESOURCE_EXHAUSTED",
}
REFUSED = "[[sim: error=429-rate-limited]]"


@pytest.mark.parametrize("ingress", INGRESSES)
async def test_in_a_pause_nothing_is_sent_and_the_client_is_told_how_long(gate: Gate, ingress: str) -> None:
    """Copilot said 37 seconds; the second request learns what is left of them from us."""
    status, headers, _ = await ask(gate, ingress, text=REFUSED)
    assert (status, headers["retry-after"]) == (429, "37")
    status, headers, body = await ask(gate, ingress, text="Hello again")
    kind, message = refusal(ingress, body)
    assert (status, kind) == (429, KINDS[ingress])
    assert 30 <= int(headers["retry-after"]) <= 37
    assert f"leave the model {MODELS[ingress]!r} alone (429 rate_limited)" in message
    assert "was not sent" in message
    assert len(gate.inference_requests()) == 1


async def test_other_models_go_on(gate: Gate) -> None:
    """The pause is the model's, not the account's."""
    await ask(gate, "chat", text=REFUSED)
    assert (await ask(gate, "messages"))[0] == 200
    assert (await ask(gate, "chat"))[0] == 429


async def test_no_other_account_is_asked_instead(gate: Gate) -> None:
    """Switching accounts to get around a limit is what this gateway does not do."""
    second = {
        "id": "2",
        "login": "other",
        "token": gate.simulator.github_token(),
        "accountType": "individual",
    }
    accounts = await asyncio.to_thread(lambda: gate.config.load().document["accounts"])
    assert isinstance(accounts, list)
    await configure(gate, accounts=[*accounts, second])
    await ask(gate, "chat", text=REFUSED)
    assert (await ask(gate, "chat"))[0] == 429
    assert len(gate.inference_requests()) == 1


async def test_a_refusal_without_a_time_begins_no_pause(gate: Gate) -> None:
    """Nobody knows how long it would be."""
    assert (await ask(gate, "chat", text="[[sim: error=429; retry_after=0]]"))[0] == 429
    assert (await ask(gate, "chat"))[0] == 200


async def test_a_short_pause_is_waited_for_where_waiting_is_allowed(gate: Gate) -> None:
    """One second, and then the request goes."""
    await configure(gate, rateLimitWait=True)
    assert (await ask(gate, "chat", text="[[sim: error=429; retry_after=1]]"))[0] == 429
    began_s = time.monotonic()
    assert (await ask(gate, "chat"))[0] == 200
    assert 0.7 < time.monotonic() - began_s < 3.0


async def test_a_long_pause_is_not(gate: Gate) -> None:
    """Longer than the longest wait: an answer now is better than one in half a minute."""
    await configure(gate, rateLimitWait=True, rateLimitMaxWaitSeconds=20)
    await ask(gate, "chat", text=REFUSED)
    assert (await ask(gate, "chat"))[0] == 429


async def test_who_waits_in_line_when_a_pause_begins_is_told_as_well(gate: Gate) -> None:
    """The pause is looked at again before anything is sent."""
    await configure(gate, concurrency=1, rateLimitWait=True, rateLimitMaxWaitSeconds=20)
    async with asyncio.TaskGroup() as group:
        first = group.create_task(ask(gate, "chat", text="[[sim: delay_ms=300; error=429-rate-limited]]"))
        await until(lambda: len(gate.inference_requests()) == 1)
        second = group.create_task(ask(gate, "messages", model="gpt-4.1"))
        await until(lambda: gate.house.admission.slots.waiting == 1)
    assert first.result()[0] == 429
    assert second.result()[0] == 429
    assert b"was not sent" in second.result()[2]
    assert len(gate.inference_requests()) == 1


async def test_a_paused_request_takes_nothing_from_its_keys_minute(gate: Gate) -> None:
    """It is refused before anything is counted."""
    key = await add_key(gate, rate_limit=RateLimits(requests_per_minute=2))
    await ask(gate, "chat", key, text=REFUSED)
    for _ in range(3):
        status, _, body = await ask(gate, "chat", key)
        assert b"was not sent" in body
    gate.house.admission.pauses.lift("1", "gpt-4.1")
    status, headers, _ = await ask(gate, "chat", key)
    assert (status, headers["x-ratelimit-remaining-requests"]) == (200, "0")


async def test_a_count_goes_on_without_copilots_counter(gate: Gate) -> None:
    """It is estimated here, and says why."""
    await ask(gate, "messages", text=REFUSED)
    body = {"model": MODELS["messages"], "messages": [{"role": "user", "content": "Hi"}]}
    status, headers, answer = await gate.post("/v1/messages/count_tokens", body)
    assert status == 200
    assert json.loads(answer)["input_tokens"] > 0
    assert headers["x-copilot-api-count"].startswith("local")
    assert "upstream_paused" in headers["x-copilot-api-count"]


async def test_the_operator_may_switch_it_off(gate: Gate) -> None:
    """Then every request is sent, and Copilot says no itself."""
    await configure(gate, adaptivePause=False)
    await ask(gate, "chat", text=REFUSED)
    assert (await ask(gate, "chat"))[0] == 200
