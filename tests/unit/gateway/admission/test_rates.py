"""A minute slides: what came a minute ago is free again, and who waits leaves in the order they came."""

import asyncio

import pytest

from copilot_api.gateway.admission.rates import RateExceeded, Rates, Reading, Rule
from copilot_api.gateway.admission.windows import MemoryWindows, Stand
from unit.gateway.admission.clockwork import Time

KEY = Rule("key/1", "requests", 2, "The key 'a'", "ask")
KEY_TOKENS = Rule("key/1", "tokens", 100, "The key 'a'", "ask")
OTHER_KEY = Rule("key/2", "requests", 5, "The key 'b'", "ask")
ALL = Rule("all", "requests", 3, "All clients", "ask")


def rates(time: Time) -> Rates:
    """Rates on a clock of their own."""
    return Rates(MemoryWindows(time.clock), clock=time.clock, sleep=time.sleep)


async def test_a_window_tells_what_is_used_and_when_there_is_room() -> None:
    """Two at 100 s and one at 130 s of at most three: the next one fits at 160 s, all are free at 190 s."""
    time = Time()
    windows = MemoryWindows(time.clock)
    await windows.add("w", 2)
    time.now_s = 130.0
    assert await windows.take("w", 3)
    assert not await windows.take("w", 3)
    assert await windows.look("w", 3) == Stand(3, 30.0, 60.0)
    time.now_s = 160.0
    assert await windows.look("w", 3) == Stand(1, 0.0, 30.0)
    time.now_s = 190.0
    assert await windows.look("w", 3) == Stand(0, 0.0, 0.0)


async def test_one_large_answer_fills_a_window_for_a_minute() -> None:
    """However far it goes over, after a minute it is forgotten."""
    time = Time()
    windows = MemoryWindows(time.clock)
    await windows.add("w", 1_000_000)
    await windows.add("w", 0)
    assert await windows.look("w", 100) == Stand(1_000_000, 60.0, 60.0)


async def test_a_refusal_names_the_limit_and_the_wait() -> None:
    """Nothing is taken by it."""
    time = Time()
    gate = rates(time)
    await gate.enter([KEY], 0.0)
    time.now_s += 10.0
    assert await gate.enter([KEY], 0.0) == [Reading("requests", 2, 0, 60.0)]
    time.now_s += 5.0
    for _ in range(3):
        with pytest.raises(RateExceeded) as refused:
            await gate.enter([KEY], 0.0)
    assert refused.value.retry_after_s == 45.0
    assert refused.value.reading == Reading("requests", 2, 0, 55.0)
    assert refused.value.message == (
        "The key 'a' may use 2 requests in a minute, and has used 2. Try again in 45.0 s, or ask."
    )
    time.now_s += 45.0
    await gate.enter([KEY], 0.0)


async def test_a_look_takes_nothing() -> None:
    """It is asked before a person is bothered."""
    gate = rates(Time())
    for _ in range(5):
        await gate.check([KEY])
    await gate.enter([KEY], 0.0)
    await gate.enter([KEY], 0.0)
    with pytest.raises(RateExceeded):
        await gate.check([KEY])


async def test_what_the_global_limit_refuses_costs_the_key_nothing() -> None:
    """All windows are looked at before any is taken from."""
    time = Time()
    gate = rates(time)
    for _ in range(3):
        await gate.enter([OTHER_KEY, ALL], 0.0)
    with pytest.raises(RateExceeded, match="All clients"):
        await gate.enter([KEY, ALL], 0.0)
    time.now_s += 60.0
    readings = await gate.enter([KEY, ALL], 0.0)
    assert readings == [Reading("requests", 2, 1, 60.0), Reading("requests", 3, 2, 60.0)]


async def test_tokens_refuse_the_next_request_and_not_the_one_that_used_them() -> None:
    """They are known when the answer has come."""
    time = Time()
    gate = rates(time)
    assert await gate.enter([KEY_TOKENS], 0.0) == [Reading("tokens", 100, 100, 0.0)]
    await gate.add_tokens([KEY, KEY_TOKENS], 250)
    with pytest.raises(RateExceeded, match=r"may use 100 tokens in a minute, and has used 250"):
        await gate.enter([KEY_TOKENS], 0.0)


async def test_who_waits_leaves_in_order_as_the_window_slides() -> None:
    """Five at once where two fit: two now, two after a minute, one after another."""
    time = Time()
    gate = rates(time)
    left: list[tuple[int, float]] = []

    async def wait(number: int) -> None:
        await gate.enter([KEY], 200.0)
        left.append((number, time.now_s - 100.0))

    await asyncio.gather(*(wait(number) for number in range(5)))
    assert left == [(0, 0.0), (1, 0.0), (2, 60.0), (3, 60.0), (4, 120.0)]
    assert gate.waiting == 0


async def test_who_would_wait_too_long_is_refused_at_once() -> None:
    """And says so while there is still somebody to hear it."""
    time = Time()
    gate = rates(time)
    await gate.enter([KEY], 30.0)
    await gate.enter([KEY], 30.0)
    with pytest.raises(RateExceeded):
        await gate.enter([KEY], 30.0)
    assert time.now_s == 100.0


async def test_one_key_waiting_does_not_hold_up_another() -> None:
    """Each key has a line of its own before the one of all."""
    time = Time()
    windows = MemoryWindows(time.clock)
    asleep = asyncio.Event()

    async def never(seconds: float) -> None:
        del seconds
        asleep.set()
        await asyncio.Event().wait()

    gate = Rates(windows, clock=time.clock, sleep=never)
    await gate.enter([KEY, ALL], 200.0)
    await gate.enter([KEY, ALL], 200.0)
    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(gate.enter([KEY, ALL], 200.0))
        await asleep.wait()
        assert gate.waiting == 1
        await gate.enter([OTHER_KEY, ALL], 200.0)
        waiting.cancel()
    assert gate.waiting == 0
