"""Approvals and limits over the admin API and its events."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from exchange.limits.asking import ask, configure
from gate import Gate, running_gate, until
from web.admin.listening import listening
from web.admin.visiting import Visitor

ESTIMATE = {"inputTokens": 11, "credits": 0.0055, "mostCredits": 1.5055, "problem": ""}
"""Eleven tokens at half a thousandth of a credit, and an answer of at most 500 at three."""


@pytest.fixture
async def gate(tmp_path: Path) -> AsyncIterator[Gate]:
    """Default settings."""
    async with running_gate(tmp_path) as running:
        yield running


async def test_a_waiting_request_is_shown_told_and_let_go(gate: Gate) -> None:
    """The page sees who asks for what, and never what is asked."""
    await configure(gate, manualApproval=True)
    visitor = Visitor(gate)
    async with listening(gate) as (page,), asyncio.TaskGroup() as group:
        asked = group.create_task(ask(gate, "messages", text="my-secret-prompt", model="gpt-5.5"))
        told = await page.hears("approval", outcome="waiting")
        shown = await visitor.ask("GET", "/approvals")
        assert shown.document["isOn"] is True
        (waiting,) = shown.document["approvals"]
        assert waiting == told
        assert (waiting["model"], waiting["path"]) == ("gpt-5.5", "/v1/messages")
        assert (waiting["account"], waiting["key"], waiting["isStream"]) == ("octo-dev", "", False)
        assert "my-secret-prompt" not in str(shown.body)
        assert waiting["estimate"] is None
        counted = await page.hears("approval", outcome="waiting", estimate=ESTIMATE)
        (waiting,) = (await visitor.ask("GET", "/approvals")).document["approvals"]
        assert waiting == counted
        answer = await visitor.write("POST", f"/approvals/{waiting['id']}", {"isApproved": True})
        assert (answer.status, answer.document["approvals"]) == (200, [])
        await page.hears("approval", outcome="approved", id=waiting["id"])
    assert asked.result()[0] == 200
    gone = await visitor.write("POST", f"/approvals/{waiting['id']}", {"isApproved": True})
    assert (gone.status, gone.code) == (404, "approval_gone")


async def test_a_no_is_written_in_the_audit_log(gate: Gate) -> None:
    """Who refused whom is a thing people ask about later."""
    await configure(gate, manualApproval=True)
    visitor = Visitor(gate)
    async with asyncio.TaskGroup() as group:
        asked = group.create_task(ask(gate, "messages"))
        await until(lambda: gate.house.admission.approvals.waiting)
        approval = gate.house.admission.approvals.waiting[0]
        await visitor.write("POST", f"/approvals/{approval.id}", {"isApproved": False})
    assert asked.result()[0] == 403
    entries = (await visitor.ask("GET", "/audit")).document["entries"]
    assert (entries[0]["action"], entries[0]["target"]) == ("approvals.deny", approval.trace_id)


async def test_limits_show_pauses_budgets_and_queues(gate: Gate) -> None:
    """One page for the question "why does nothing come?"; a pause may be lifted from it."""
    await configure(gate, budget={"requests": 10})
    visitor = Visitor(gate)
    async with listening(gate) as (page,):
        await ask(gate, "chat", text="[[sim: error=429-rate-limited]]")
        await page.hears("limits")
        await ask(gate, "chat")
        shown = (await visitor.ask("GET", "/limits")).document
        assert shown["queues"] == {"minute": 0, "slot": 0, "spacing": 0, "pause": 0, "approval": 0}
        (pause,) = shown["pauses"]
        assert (pause["accountId"], pause["account"], pause["model"], pause["reason"]) == (
            "1",
            "octo-dev",
            "gpt-4.1",
            "rate_limited",
        )
        assert shown["pausedRequests"] == 1
        (budget,) = shown["budgets"]
        assert (budget["scope"], budget["requests"], budget["spentRequests"]) == ("all", 10, 0)
        assert shown["sharedProblem"] is None
    lifted = await visitor.write("POST", "/limits/lift", {"accountId": "1", "model": "gpt-4.1"})
    assert (lifted.status, lifted.document["pauses"]) == (200, [])
    assert (await ask(gate, "chat"))[0] == 200
    again = await visitor.write("POST", "/limits/lift", {"accountId": "1", "model": "gpt-4.1"})
    assert (again.status, again.code) == (404, "pause_gone")
