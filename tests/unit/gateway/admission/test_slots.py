"""Slots: as many as the limit, handed on in the order of the line, none lost on the way."""

import asyncio

import pytest

from copilot_api.errors import Throttled
from copilot_api.gateway.admission.slots import MemorySlots


async def take(slots: MemorySlots, limit: int = 1, patience_s: float = 5.0) -> None:
    """Take a slot of the one name these tests use."""
    await slots.take("k", limit, "The key 'a'", "ask", patience_s)


async def test_a_slot_too_many_is_refused_where_nobody_may_wait() -> None:
    """And the look says the same without taking one."""
    slots = MemorySlots()
    await slots.check("k", 1, "The key 'a'", "ask")
    await take(slots, patience_s=0.0)
    with pytest.raises(Throttled) as refused:
        await take(slots, patience_s=0.0)
    assert (refused.value.code, refused.value.retry_after_s) == ("concurrency_exceeded", 1.0)
    with pytest.raises(Throttled):
        await slots.check("k", 1, "The key 'a'", "ask")
    slots.give("k")
    await take(slots, patience_s=0.0)


async def test_the_line_is_served_in_its_order() -> None:
    """First come, first served."""
    slots = MemorySlots()
    await take(slots)
    served: list[int] = []

    async def wait(number: int) -> None:
        await take(slots)
        served.append(number)
        slots.give("k")

    async with asyncio.TaskGroup() as group:
        for number in range(4):
            group.create_task(wait(number))
        while slots.waiting < 4:
            await asyncio.sleep(0)
        slots.give("k")
    assert served == [0, 1, 2, 3]
    assert slots.waiting == 0


async def test_who_waited_too_long_stands_in_line_no_longer() -> None:
    """The next slot goes to whoever is still there."""
    slots = MemorySlots()
    await take(slots)
    with pytest.raises(Throttled):
        await take(slots, patience_s=0.01)
    assert slots.waiting == 0
    slots.give("k")
    await take(slots, patience_s=0.0)


async def test_a_slot_that_comes_as_its_waiter_leaves_is_passed_on() -> None:
    """Cancelled in the very moment in which it was served."""
    slots = MemorySlots()
    await take(slots)
    async with asyncio.TaskGroup() as group:
        leaving = group.create_task(take(slots))
        staying = group.create_task(take(slots))
        while slots.waiting < 2:
            await asyncio.sleep(0)
        slots.give("k")
        leaving.cancel()
        await staying
    assert leaving.cancelled()
    slots.give("k")
    await take(slots, patience_s=0.0)


async def test_a_lowered_limit_lets_nobody_in_until_enough_have_left() -> None:
    """Who is in stays in."""
    slots = MemorySlots()
    await take(slots, 3)
    await take(slots, 3)
    await take(slots, 3)
    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(take(slots, 1))
        while slots.waiting < 1:
            await asyncio.sleep(0)
        slots.give("k")
        slots.give("k")
        await asyncio.sleep(0)
        assert not waiting.done()
        slots.give("k")
