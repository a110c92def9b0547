"""A request that our own limits held back is written down as refused, whatever its client had been sent by then."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from copilot_api.gateway.ledger import UsageRecord
from exchange.limits.asking import INGRESSES, MODELS, add_key, ask, configure
from exchange.limits.asking import request as whole
from gate import Gate, running_gate, until

DENIED = "refused", 403, "approval_denied"
EXPIRED = "refused", 403, "approval_timeout"


@pytest.fixture
async def gate(tmp_path: Path) -> AsyncIterator[Gate]:
    """A gateway whose clients soon hear that it lives: an answer is under way before anybody decides."""
    async with running_gate(tmp_path, COPILOT_API_KEEPALIVE_S="0.2") as running:
        yield running


def listen(gate: Gate) -> list[UsageRecord]:
    """Every record from now on."""
    seen: list[UsageRecord] = []

    async def keep(records: Sequence[UsageRecord]) -> None:
        seen.extend(records)

    gate.house.ledger.listen(keep)
    return seen


async def ending(seen: list[UsageRecord]) -> tuple[str, int, str]:
    """What the newest record says of the end."""
    await until(lambda: seen)
    return seen[-1].outcome, seen[-1].status, seen[-1].error_code


def question(ingress: str, *, stream: bool) -> tuple[str, dict[str, Any]]:
    """A request in a protocol's words."""
    path, body = whole(ingress, MODELS[ingress], "Hi")
    if not stream:
        return path, body
    if ingress == "gemini":
        return path.replace(":generateContent", ":streamGenerateContent?alt=sse"), body
    return path, {**body, "stream": True}


async def waiting(gate: Gate) -> str:
    """The id of the request that waits."""
    approvals = gate.house.admission.approvals
    await until(lambda: approvals.waiting)
    return approvals.waiting[0].id


@pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])
@pytest.mark.parametrize("ingress", INGRESSES)
async def test_a_no_is_a_refusal_also_after_a_sign_of_life(gate: Gate, ingress: str, stream: bool) -> None:
    """No answer was cut: none had begun. The log's line says the same as the ledger's row."""
    await configure(gate, manualApproval=True)
    seen = listen(gate)
    path, body = question(ingress, stream=stream)
    async with gate.http.post(gate.url + path, json=body) as response:
        assert (response.status, bool(await response.content.readany())) == (200, True)
        gate.house.admission.approvals.decide(await waiting(gate), is_approved=False)
        with_rest = response.content.read()
        if stream:
            assert b"refused this request" in await with_rest
        else:
            with pytest.raises(Exception, match=r"not completed|closed"):
                await with_rest
    assert await ending(seen) == DENIED
    assert gate.inference_requests() == []
    await until(lambda: "exchange.finished" in gate.log.getvalue())
    (line,) = [json.loads(line) for line in gate.log.getvalue().splitlines() if "exchange.finished" in line]
    assert (line["outcome"], line["status"]) == ("refused", 403)


async def test_a_no_at_once_is_a_refusal(gate: Gate) -> None:
    """Before anything was sent, too."""
    await configure(gate, manualApproval=True)
    seen = listen(gate)
    async with asyncio.TaskGroup() as group:
        asked = group.create_task(ask(gate, "messages"))
        gate.house.admission.approvals.decide(await waiting(gate), is_approved=False)
    assert asked.result()[0] == 403
    assert await ending(seen) == DENIED


@pytest.mark.parametrize("patience_s", [0.05, 0.8], ids=["at once", "after a sign of life"])
async def test_no_answer_in_time_is_a_refusal(gate: Gate, patience_s: float) -> None:
    """Nobody said yes."""
    await configure(gate, manualApproval=True, approvalTimeoutSeconds=patience_s)
    seen = listen(gate)
    path, body = question("chat", stream=True)
    await gate.post(path, body)
    assert await ending(seen) == EXPIRED


async def test_a_client_that_leaves_while_it_waits_has_left(gate: Gate) -> None:
    """It took its request back; nobody refused it."""
    await configure(gate, manualApproval=True)
    seen = listen(gate)
    path, body = question("chat", stream=True)
    async with gate.http.post(gate.url + path, json=body) as response:
        await response.content.readany()
        await waiting(gate)
    assert await ending(seen) == ("client_gone", 499, "client_gone")
    assert gate.house.admission.approvals.waiting == ()


async def test_a_gateway_that_ends_fails_who_waits(tmp_path: Path) -> None:
    """No answer had begun that could be cut, and no person said no."""
    patience = {"COPILOT_API_KEEPALIVE_S": "0.2", "COPILOT_API_DRAIN_TIMEOUT_S": "1"}
    async with running_gate(tmp_path, COPILOT_API_MANUAL_APPROVAL="true", **patience) as gate:
        seen = listen(gate)
        path, body = question("chat", stream=True)
        async with gate.http.post(gate.url + path, json=body) as response:
            await response.content.readany()
            await waiting(gate)
            gate.server.should_exit = True
            assert b"shutting down" in await response.content.read()
        assert await ending(seen) == ("failed", 503, "shutting_down")


async def test_what_a_limit_refuses_is_refused(gate: Gate) -> None:
    """A model that the key may not ask, a pause, a rate, a budget; what Copilot refuses has failed."""
    seen = listen(gate)
    key = await add_key(gate, models=("gpt-5.5",))
    assert (await ask(gate, "messages", key))[0] == 403
    assert await ending(seen) == ("refused", 403, "model_not_allowed")
    await ask(gate, "responses", key, text="[[sim: error=429-rate-limited]]")
    await until(lambda: len(seen) == 2)
    assert (await ending(seen))[:2] == ("failed", 429)
    await ask(gate, "responses", key)
    await until(lambda: len(seen) == 3)
    assert await ending(seen) == ("refused", 429, "upstream_paused")
    gate.house.admission.pauses.lift("1", "gpt-5.5")
    await configure(gate, requestsPerMinute=1)
    await ask(gate, "responses", key)
    await ask(gate, "responses", key)
    await until(lambda: len(seen) == 5)
    assert await ending(seen) == ("refused", 429, "rate_limit_exceeded")
    await configure(gate, requestsPerMinute=None, budget={"requests": 1})
    await ask(gate, "responses", key)
    await ask(gate, "responses", key)
    await until(lambda: len(seen) == 7)
    assert await ending(seen) == ("refused", 402, "budget_exhausted")
