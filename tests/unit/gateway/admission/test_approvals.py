"""A request waits for one yes or no; whoever answers first decides."""

import asyncio

import pytest

from copilot_api.errors import Forbidden
from copilot_api.gateway.admission.approvals import Approval, Approvals
from copilot_api.gateway.estimate import Price


def approval(number: str) -> Approval:
    """A request that waits."""
    return Approval(
        number, 0.0, 60.0, "t", "laptop", "octo", "gpt-5", "gpt-5", "/v1/messages", "curl", True, 9
    )


async def test_a_yes_lets_it_go_and_a_no_refuses_it() -> None:
    """The register forgets both."""
    register = Approvals()
    heard: list[tuple[str, str]] = []
    register.listeners.append(lambda asked, outcome: heard.append((asked.id, outcome)))
    async with asyncio.TaskGroup() as group:
        good = group.create_task(register.ask(approval("a"), 5.0))
        bad = group.create_task(_refused(register, approval("b")))
        while len(register.waiting) < 2:
            await asyncio.sleep(0)
        assert [asked.id for asked in register.waiting] == ["a", "b"]
        assert register.decide("a", is_approved=True) == approval("a")
        assert register.decide("b", is_approved=False) == approval("b")
        await good
    assert (bad.result().status, bad.result().code) == (403, "approval_denied")
    assert register.waiting == ()
    assert heard == [("a", "waiting"), ("b", "waiting"), ("a", "approved"), ("b", "denied")]


async def test_nobodys_answer_is_a_no_after_a_while() -> None:
    """It says what to do."""
    register = Approvals()
    heard: list[str] = []
    register.listeners.append(lambda _, outcome: heard.append(outcome))
    with pytest.raises(Forbidden, match=r"Nobody approved this request within 0\.01 s") as refused:
        await register.ask(approval("a"), 0.01)
    assert refused.value.code == "approval_timeout"
    assert register.waiting == ()
    assert heard == ["waiting", "expired"]


async def test_who_decides_is_told_the_price_once_it_is_counted() -> None:
    """The request waits from the first moment; its price joins it, and stays with it to the end."""
    register = Approvals()
    heard: list[tuple[str, Price | None]] = []
    register.listeners.append(lambda asked, outcome: heard.append((outcome, asked.price)))
    price = Price(41, 4_100_000, 972_300_000)
    async with asyncio.TaskGroup() as group:
        group.create_task(_refused(register, approval("a")))
        while not register.waiting:
            await asyncio.sleep(0)
        assert register.waiting[0].price is None
        register.price("a", price)
        assert register.waiting[0].price == price
        decided = register.decide("a", is_approved=False)
        assert decided is not None
        assert decided.price == price
        register.price("a", Price(problem="late"))
    assert heard == [("waiting", None), ("waiting", price), ("denied", price)]


async def test_a_late_answer_and_an_unknown_name_decide_nothing() -> None:
    """Two pages may show the same request."""
    register = Approvals()
    async with asyncio.TaskGroup() as group:
        group.create_task(register.ask(approval("a"), 5.0))
        while not register.waiting:
            await asyncio.sleep(0)
        assert register.decide("a", is_approved=True) is not None
        assert register.decide("a", is_approved=False) is None
    assert register.decide("b", is_approved=True) is None


async def test_a_client_that_hangs_up_waits_no_longer() -> None:
    """Nobody is asked for somebody who left."""
    register = Approvals()
    heard: list[str] = []
    register.listeners.append(lambda _, outcome: heard.append(outcome))
    async with asyncio.TaskGroup() as group:
        asking = group.create_task(register.ask(approval("a"), 5.0))
        while not register.waiting:
            await asyncio.sleep(0)
        asking.cancel()
    assert register.waiting == ()
    assert heard == ["waiting", "gone"]


async def _refused(register: Approvals, asked: Approval) -> Forbidden:
    try:
        await register.ask(asked, 5.0)
    except Forbidden as refused:
        return refused
    raise AssertionError("was let go")
