"""The rate limit is a fair queue that really spaces requests."""

import asyncio

import pytest

from copilot_api.errors import Throttled
from copilot_api.gateway.admission.spacing import RateLimit
from unit.gateway.admission.clockwork import Time


def limit(time: Time, interval_s: float | None, *, is_waiting_allowed: bool = False) -> RateLimit:
    """A limit on a clock of its own."""
    return RateLimit(interval_s, is_waiting_allowed=is_waiting_allowed, clock=time.clock, sleep=time.sleep)


async def test_without_an_interval_everything_is_admitted() -> None:
    """None means no limit."""
    time = Time()
    unlimited = limit(time, None)
    for _ in range(100):
        await unlimited.admit()
    assert time.now_s == 100.0


async def test_a_second_request_within_the_interval_is_told_how_long_to_wait() -> None:
    """429 carries the remaining seconds."""
    time = Time()
    spaced = limit(time, 5.0)
    await spaced.admit()
    time.now_s += 2.0
    with pytest.raises(Throttled) as caught:
        await spaced.admit()
    assert caught.value.retry_after_s == 3.0
    assert caught.value.status == 429
    assert "RATE_LIMIT_WAIT" in caught.value.message


async def test_a_refused_request_does_not_push_the_next_one_back() -> None:
    """Only admitted requests count."""
    time = Time()
    spaced = limit(time, 5.0)
    await spaced.admit()
    time.now_s += 4.0
    with pytest.raises(Throttled):
        await spaced.admit()
    time.now_s += 1.0
    await spaced.admit()


async def test_waiters_leave_one_interval_apart_in_the_order_they_came() -> None:
    """Five at once with two seconds between: at 0, 2, 4, 6 and 8 s."""
    time = Time()
    spaced = limit(time, 2.0, is_waiting_allowed=True)
    left: list[tuple[int, float]] = []

    async def wait(number: int) -> None:
        await spaced.admit()
        left.append((number, time.now_s - 100.0))

    await asyncio.gather(*(wait(number) for number in range(5)))
    assert left == [(0, 0.0), (1, 2.0), (2, 4.0), (3, 6.0), (4, 8.0)]
    assert spaced.waiting == 0


async def test_a_waiter_who_leaves_gives_the_place_to_the_next() -> None:
    """A cancelled waiter does not hold the queue up."""
    time = Time()
    spaced = limit(time, 2.0, is_waiting_allowed=True)
    await spaced.admit()
    async with asyncio.TaskGroup() as group:
        leaving = group.create_task(spaced.admit())
        group.create_task(spaced.admit())
        await asyncio.sleep(0)
        leaving.cancel()
    assert time.now_s - 100.0 == pytest.approx(2.0)
    assert spaced.waiting == 0


async def test_a_new_setting_counts_from_the_next_request() -> None:
    """`adopt` replaces interval and mode."""
    time = Time()
    spaced = limit(time, 5.0)
    await spaced.admit()
    spaced.adopt(None, is_waiting_allowed=False)
    await spaced.admit()
