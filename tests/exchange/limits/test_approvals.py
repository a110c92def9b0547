"""With approvals on, a request waits for a person; the refusal is in the protocol's words, the wait is not silent."""

import asyncio
import io
import os
import re
import sys
from pathlib import Path

import pytest

from copilot_api.gateway.estimate import Price
from copilot_api.web.running.prompt import asking_at_terminal
from exchange.limits.asking import INGRESSES, ask, configure, refusal
from gate import Gate, running_gate, until

KINDS = {
    "chat": "permission_error",
    "responses": "permission_error",
    "messages": "permission_error",
    "gemini": "PERMISSION_DENIED",
}


async def decide(gate: Gate, *, is_approved: bool) -> None:
    """Answer the oldest request that waits, as the page does."""
    await until(lambda: gate.house.admission.approvals.waiting)
    oldest = gate.house.admission.approvals.waiting[0]
    gate.house.admission.approvals.decide(oldest.id, is_approved=is_approved)


@pytest.mark.parametrize("ingress", INGRESSES)
async def test_a_yes_sends_it_and_a_no_refuses_it(gate: Gate, ingress: str) -> None:
    """403, which clients do not send again by themselves; nothing reaches Copilot before the yes."""
    await configure(gate, manualApproval=True)
    async with asyncio.TaskGroup() as group:
        good = group.create_task(ask(gate, ingress))
        await until(lambda: gate.house.admission.approvals.waiting)
        assert gate.inference_requests() == []
        await decide(gate, is_approved=True)
        await good
        bad = group.create_task(ask(gate, ingress))
        await decide(gate, is_approved=False)
    assert good.result()[0] == 200
    status, _, body = bad.result()
    assert (status, refusal(ingress, body)[0]) == (403, KINDS[ingress])
    assert "operator of this gateway refused this request" in refusal(ingress, body)[1]
    assert len(gate.inference_requests()) == 1


async def test_nobodys_answer_is_a_refusal_that_says_so(gate: Gate) -> None:
    """After the time that the operator chose."""
    await configure(gate, manualApproval=True, approvalTimeoutSeconds=0.1)
    status, _, body = await ask(gate, "chat")
    assert status == 403
    assert "Nobody approved this request within 0.1 s" in refusal("chat", body)[1]


async def test_a_waiting_client_gets_signs_of_life(tmp_path: Path) -> None:
    """Longer than the patience with Copilot, too: it is a person who is slow."""
    patience = {"COPILOT_API_KEEPALIVE_S": "0.2", "COPILOT_API_FIRST_BYTE_TIMEOUT_S": "0.6"}
    body = {"model": "gpt-4.1", "stream": True, "messages": [{"role": "user", "content": "Hi"}]}
    async with (
        running_gate(tmp_path, COPILOT_API_MANUAL_APPROVAL="true", **patience) as gate,
        asyncio.TaskGroup() as group,
    ):
        asked = group.create_task(gate.post("/v1/chat/completions", body))
        await until(lambda: gate.house.admission.approvals.waiting)
        await asyncio.sleep(1.0)
        await decide(gate, is_approved=True)
        status, _, answer = await asked
    assert status == 200
    assert answer.startswith(b": ")
    assert answer.endswith(b"data: [DONE]\n\n")


async def test_a_request_that_would_be_refused_anyway_bothers_nobody(gate: Gate) -> None:
    """A budget that is used up comes before a person."""
    await configure(gate, budget={"requests": 1})
    assert (await ask(gate, "chat"))[0] == 200
    await configure(gate, manualApproval=True)
    assert (await ask(gate, "chat"))[0] == 402


async def test_what_it_comes_to_is_counted_beside_it(gate: Gate) -> None:
    """By our own counter, once for the person and for the answer's head; a yes does not wait for the number."""
    await configure(gate, manualApproval=True)
    approvals = gate.house.admission.approvals
    async with asyncio.TaskGroup() as group:
        slow = group.create_task(ask(gate, "messages", text="word " * 4000))
        await until(lambda: approvals.waiting)
        quick = group.create_task(ask(gate, "messages"))
        await until(lambda: len(approvals.waiting) == 2)
        first, second = approvals.waiting
        assert (first.price, second.price) == (None, None)
        approvals.decide(second.id, is_approved=True)
        assert (await quick)[0] == 200
        await until(lambda: approvals.waiting[0].price)
        price = approvals.waiting[0].price
        assert price is not None
        assert price.problem == ""
        assert price.input_tokens is not None
        assert 3000 < price.input_tokens < 7000
        assert price.credits is not None
        assert price.most_credits is not None
        assert 0 < price.credits < price.most_credits
        approvals.decide(first.id, is_approved=True)
    assert slow.result()[0] == 200
    assert "x-copilot-api-estimate" not in slow.result()[1]
    assert [entry["path"] for entry in gate.inference_requests()] == ["/capi/individual/v1/messages"] * 2


async def test_what_is_not_counted_is_known_not_to_be(gate: Gate) -> None:
    """Nobody waits for a number that will not come."""
    await configure(gate, manualApproval=True)
    approvals = gate.house.admission.approvals
    async with asyncio.TaskGroup() as group:
        body = {"model": "text-embedding-3-small", "input": "Hi"}
        asked = group.create_task(gate.post("/v1/embeddings", body))
        await until(lambda: approvals.waiting)
        assert approvals.waiting[0].price == Price(problem="not_counted")
        await decide(gate, is_approved=True)
    assert asked.result()[0] == 200


async def test_the_count_for_a_person_is_the_one_of_the_answers_head(gate: Gate) -> None:
    """The same number in both places, counted once."""
    await configure(gate, manualApproval=True, estimate=True)
    approvals = gate.house.admission.approvals
    async with asyncio.TaskGroup() as group:
        asked = group.create_task(ask(gate, "messages"))
        await until(lambda: approvals.waiting and approvals.waiting[0].price)
        price = approvals.waiting[0].price
        assert price is not None
        await decide(gate, is_approved=True)
    assert f"; input_tokens={price.input_tokens}; " in asked.result()[1]["x-copilot-api-estimate"]


async def test_counts_and_lists_need_no_approval(gate: Gate) -> None:
    """They cost nothing."""
    await configure(gate, manualApproval=True)
    body = {"model": "claude-sonnet-4.6", "messages": [{"role": "user", "content": "Hi"}]}
    assert (await gate.post("/v1/messages/count_tokens", body))[0] == 200


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
async def test_the_terminal_asks_one_at_a_time(gate: Gate) -> None:
    """On a real pseudo-terminal: a no, an answer that is none, a yes; what the page decides is not asked again."""
    await configure(gate, manualApproval=True)
    approvals = gate.house.admission.approvals
    person, terminal = os.openpty()
    screen = _Screen()
    with os.fdopen(terminal, "r") as lines, asking_at_terminal(approvals, lines, screen) as is_asking:
        assert is_asking
        async with asyncio.TaskGroup() as group:
            first = group.create_task(ask(gate, "chat"))
            await until(lambda: len(approvals.waiting) == 1)
            second = group.create_task(ask(gate, "messages"))
            third = group.create_task(ask(gate, "responses"))
            await until(lambda: len(approvals.waiting) == 3)
            await until(lambda: screen.getvalue().count("[y/N]") == 1)
            os.write(person, b"n\n")
            await until(lambda: screen.getvalue().count("[y/N]") == 2)
            approvals.decide(approvals.waiting[-1].id, is_approved=True)
            os.write(person, b"maybe\n")
            await until(lambda: "Answer y or n" in screen.getvalue())
            os.write(person, b"yes\n")
    os.close(person)
    assert first.result()[0] == 403
    assert sorted((second.result()[0], third.result()[0])) == [200, 200]
    assert screen.getvalue().startswith("Let 'gpt-4.1' answer ('/v1/chat/completions', 1 KiB, '")
    assert re.search(r"; \d+ tokens in, price unknown: the catalogue names no price\)\? ", screen.getvalue())
    assert re.search(r"; \d+ tokens in, from 0\.\d{4} AI credits, at most \d+\.\d{4}\)\? ", screen.getvalue())
    assert screen.getvalue().count("[y/N]") == 2


async def test_without_a_terminal_only_the_page_is_asked(gate: Gate) -> None:
    """A service has nobody at its input."""
    with asking_at_terminal(gate.house.admission.approvals, io.StringIO(), io.StringIO()) as is_asking:
        assert not is_asking


class _Screen(io.StringIO):
    def isatty(self) -> bool:
        return True
