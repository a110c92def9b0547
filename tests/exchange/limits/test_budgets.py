"""Budgets warn before their end, stop at it, and remember over a restart what was spent."""

from pathlib import Path

import pytest

from copilot_api.settings import Budget
from exchange.limits.asking import INGRESSES, add_key, ask, configure, refusal
from gate import Gate, running_gate, until, wait_ready

KINDS = {
    "chat": "insufficient_quota",
    "responses": "insufficient_quota",
    "messages": "billing_error",
    "gemini": "RESOURCE_EXHAUSTED",
}


@pytest.mark.parametrize("ingress", INGRESSES)
async def test_a_used_up_budget_stops_the_key(gate: Gate, ingress: str) -> None:
    """402 in the protocol's words; nothing reaches Copilot, and other keys go on."""
    key = await add_key(gate, budget=Budget(requests=2))
    other = await add_key(gate, "other")
    assert [(await ask(gate, ingress, key))[0] for _ in range(2)] == [200, 200]
    status, headers, body = await ask(gate, ingress, key)
    kind, message = refusal(ingress, body)
    assert (status, kind) == (402, KINDS[ingress])
    assert message.startswith("The budget of the key 'laptop' is used up: 2/2 requests this month (UTC).")
    assert headers["x-copilot-api-budget"].startswith("key; requests=2/2; period=month; resets=")
    assert len(gate.inference_requests()) == 2
    assert (await ask(gate, ingress, other))[0] == 200


async def test_credits_are_those_that_copilot_billed(gate: Gate) -> None:
    """To the nano: the sum is the simulator's own."""
    await configure(gate, budget={"credits": 1_000_000})
    for ingress in INGRESSES:
        await ask(gate, ingress)
    (standing,) = gate.house.admission.budgets.standings()
    assert round(standing.spent_credits * 1e9) == gate.simulator.ledger.total_nano_aiu
    assert standing.spent_requests == 4


async def test_an_answer_near_the_end_carries_a_warning(gate: Gate) -> None:
    """From the threshold on; the log says it once."""
    await configure(gate, budget={"requests": 4, "period": "day"}, budgetWarnRatio=0.5)
    headers = [(await ask(gate, "chat"))[1] for _ in range(4)]
    assert ["x-copilot-api-budget" in head for head in headers] == [False, False, True, True]
    assert headers[3]["x-copilot-api-budget"].startswith("all; requests=3/4; period=day; resets=")
    assert gate.log.getvalue().count("budget.nearly_used") == 1
    assert gate.log.getvalue().count("budget.used_up") == 1


async def test_an_account_has_a_budget_of_its_own(gate: Gate) -> None:
    """Whoever asks through it."""
    await configure(gate, accountBudgets={"1": {"requests": 1}})
    assert (await ask(gate, "chat"))[0] == 200
    status, _, body = await ask(gate, "messages")
    assert status == 402
    assert "The budget of the account 'octo-dev' is used up" in refusal("messages", body)[1]


async def test_refusals_and_counts_cost_nothing(gate: Gate) -> None:
    """Only what Copilot answered is a request."""
    await configure(gate, budget={"requests": 100}, adaptivePause=False)
    await ask(gate, "chat", text="[[sim: error=500-text]]")
    await ask(gate, "chat", model="no-such-model")
    body = {"model": "claude-sonnet-4.6", "messages": [{"role": "user", "content": "Hi"}]}
    await gate.post("/v1/messages/count_tokens", body)
    assert gate.house.admission.budgets.standings()[0].spent_requests == 0


async def test_a_restart_forgets_nothing(tmp_path: Path) -> None:
    """What was spent before comes from the ledger; a new budget begins with it, too."""
    async with running_gate(tmp_path) as gate:
        for _ in range(2):
            await ask(gate, "chat")
    async with running_gate(tmp_path) as gate:
        await configure(gate, budget={"requests": 3})
        await until(lambda: gate.house.admission.budgets.standings()[0].spent_requests == 2)
        assert (await ask(gate, "chat"))[0] == 200
        assert (await ask(gate, "chat"))[0] == 402


async def test_a_budget_that_was_used_up_is_so_from_the_first_request_after_a_restart(tmp_path: Path) -> None:
    """The sum is read before anybody is let in; in the background, the first requests would slip through."""
    async with running_gate(tmp_path) as gate:
        await configure(gate, budget={"requests": 2})
        assert [(await ask(gate, "chat"))[0] for _ in range(3)] == [200, 200, 402]
    async with running_gate(tmp_path, is_ready=False) as gate:
        assert gate.house.admission.budgets.standings()[0].spent_requests == 2
        await wait_ready(gate)
        assert (await ask(gate, "chat"))[0] == 402
