"""One sweep for all exchanges: keepalives for the quiet, an end for the silent."""

import asyncio
from collections.abc import Coroutine

from copilot_api.gateway.sweep import End, Sweeper, Watch


class Spawned:
    """Collects what the sweeper starts, and runs it on demand."""

    def __init__(self) -> None:
        self.started: list[Coroutine[object, object, None]] = []

    def __call__(self, coroutine: Coroutine[object, object, None], /) -> asyncio.Task[None]:
        """Keep it as a task."""
        self.started.append(coroutine)
        return asyncio.get_running_loop().create_task(coroutine)


async def test_a_quiet_exchange_gets_a_keepalive_each_time_the_interval_has_passed() -> None:
    """Ten seconds of quiet: one keepalive; ten more: another."""
    sent: list[str] = []

    async def keepalive() -> None:
        sent.append("ping")

    spawned = Spawned()
    sweeper = Sweeper(spawned)
    task = asyncio.current_task()
    assert task is not None
    watch = Watch(task, keepalive, keepalive_s=10.0, limit_s=600.0)
    sweeper.watches.add(watch)
    for _ in range(10):
        sweeper.sweep(1.0)
    await asyncio.sleep(0)
    assert sent == ["ping"]
    for _ in range(10):
        sweeper.sweep(1.0)
    await asyncio.sleep(0)
    assert sent == ["ping", "ping"]
    assert watch.end is None


async def test_an_exchange_whose_upstream_is_silent_too_long_is_cancelled_once() -> None:
    """The limit that applies is the watch's own; the reason is kept."""
    sweeper = Sweeper(Spawned())

    async def wait() -> str:
        task = asyncio.current_task()
        assert task is not None
        watch = Watch(task, _nothing, keepalive_s=1000.0, limit_s=3.0)
        sweeper.watches.add(watch)
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            watch.absorb()
            assert watch.end is End.SILENT
            await asyncio.sleep(0)
            return "went on"
        return "slept"

    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(wait())
        await asyncio.sleep(0)
        for _ in range(5):
            sweeper.sweep(1.0)
    assert waiting.result() == "went on"


async def test_bytes_from_upstream_start_the_patience_anew() -> None:
    """`silent_s` is zeroed by the relay."""
    sweeper = Sweeper(Spawned())
    task = asyncio.current_task()
    assert task is not None
    watch = Watch(task, _nothing, keepalive_s=1000.0, limit_s=3.0)
    sweeper.watches.add(watch)
    for _ in range(10):
        sweeper.sweep(1.0)
        watch.silent_s = 0.0
    assert watch.end is None


async def _nothing() -> None:
    return None
