"""One run of the work for everyone who asks meanwhile."""

import asyncio

import pytest

from copilot_api.copilot.flight import SingleFlight
from copilot_api.errors import Draining
from unit.copilot.world import task_group


class Work:
    """Work that finishes when told."""

    def __init__(self) -> None:
        self.runs = 0
        self.gate = asyncio.Event()
        self.failure: Exception | None = None

    async def __call__(self) -> int:
        """One run."""
        self.runs += 1
        await self.gate.wait()
        if self.failure is not None:
            raise self.failure
        return self.runs


async def test_everyone_shares_one_run() -> None:
    """Twenty callers, one run; the next caller afterwards starts another."""
    async with task_group() as group:
        work = Work()
        flight = SingleFlight(work, group.create_task)
        waiting = [asyncio.ensure_future(flight.join()) for _ in range(20)]  # noqa: TID251 - the test is the root
        await asyncio.sleep(0)
        assert flight.is_running
        work.gate.set()
        assert await asyncio.gather(*waiting) == [1] * 20
        assert not flight.is_running
        assert await flight.join() == 2


async def test_a_cancelled_caller_does_not_cancel_the_work() -> None:
    """A client that hangs up must not take the others' refresh with it."""
    async with task_group() as group:
        work = Work()
        flight = SingleFlight(work, group.create_task)
        leaving, staying = (asyncio.ensure_future(flight.join()) for _ in range(2))  # noqa: TID251
        await asyncio.sleep(0)
        leaving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await leaving
        work.gate.set()
        assert await staying == 1


async def test_a_failure_goes_to_every_caller_and_not_to_the_group() -> None:
    """The composition root's TaskGroup must not fall over a failed refresh."""
    async with task_group() as group:
        work = Work()
        work.failure = ValueError("no")
        work.gate.set()
        flight = SingleFlight(work, group.create_task)
        results = await asyncio.gather(flight.join(), flight.join(), return_exceptions=True)
        assert [repr(result) for result in results] == ["ValueError('no')", "ValueError('no')"]
        flight.start()  # Nobody waits for this one: no "never retrieved" either.
        await asyncio.sleep(0.01)
        assert work.runs == 2


async def test_work_that_is_cancelled_frees_those_who_wait() -> None:
    """A shutdown ends the work; its callers learn that instead of hanging."""
    tasks: list[asyncio.Task[None]] = []
    async with asyncio.TaskGroup() as group:
        flight = SingleFlight(Work(), lambda work: _kept(tasks, group.create_task(work)))
        waiting = asyncio.ensure_future(flight.join())  # noqa: TID251
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        tasks[0].cancel()
        with pytest.raises(Draining):
            await waiting
        assert not flight.is_running


async def test_work_cancelled_before_it_began_frees_those_who_wait_too() -> None:
    """The cancel may come before the first step."""
    tasks: list[asyncio.Task[None]] = []
    async with asyncio.TaskGroup() as group:
        flight = SingleFlight(Work(), lambda work: _kept(tasks, group.create_task(work)))
        outcome = flight.start()
        tasks[0].cancel()
        with pytest.raises(Draining):
            await outcome
        assert not flight.is_running


async def test_a_closed_group_is_a_shutdown() -> None:
    """After the TaskGroup has ended there is no background any more."""
    async with asyncio.TaskGroup() as group:
        pass
    flight = SingleFlight(Work(), group.create_task)
    with pytest.raises(Draining, match="shutting down"):
        await flight.join()


def _kept(tasks: "list[asyncio.Task[None]]", task: "asyncio.Task[None]") -> "asyncio.Task[None]":
    tasks.append(task)
    return task
