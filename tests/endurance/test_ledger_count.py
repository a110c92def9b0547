"""Ten thousand requests leave ten thousand records: a fifth of them fail upstream, and the gateway is stopped midway.

Each try bears a trace id of its own. What was answered is in the ledger exactly once, whatever the answer was; what
was cut off by the stop is there at most once.
"""

import asyncio
import os
import signal
import sqlite3
from collections import Counter
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import aiohttp
import pytest

from copilot_api.gateway.ledger import MAX_BATCH
from live import CLIENT_KEY, Simulator, free_port, running_gateway, running_simulator

REQUESTS = 10_000
CONNECTIONS = 32
PATIENCE_S = 900.0

pytestmark = pytest.mark.endurance


class Load:
    """Clients that ask until so many answers are there. A try that got none is made again under a new id."""

    def __init__(self, url: str, wanted: int) -> None:
        self.url = url
        self.wanted = wanted
        self.answered: dict[str, int] = {}
        self.unanswered: set[str] = set()
        self._numbers: Iterator[int] = count()
        self._begun = 0

    async def run(self) -> None:
        """Ask on every connection."""
        connector = aiohttp.TCPConnector(limit=CONNECTIONS)
        async with (
            asyncio.timeout(PATIENCE_S),
            aiohttp.ClientSession(connector=connector) as session,
            asyncio.TaskGroup() as group,
        ):
            for _ in range(CONNECTIONS):
                group.create_task(self._ask(session))

    async def _ask(self, session: aiohttp.ClientSession) -> None:
        while self._begun < self.wanted:
            self._begun += 1
            while not await self._try(session, next(self._numbers)):
                await asyncio.sleep(0.05)

    async def _try(self, session: aiohttp.ClientSession, number: int) -> bool:
        trace_id = f"try-{number}"
        text = "[[sim: error=500-server-error]]" if number % 5 == 0 else "hi"
        document = {"model": "gpt-4.1", "messages": [{"role": "user", "content": text}]}
        headers = {"authorization": f"Bearer {CLIENT_KEY}", "x-trace-id": trace_id}
        try:
            async with session.post(
                f"{self.url}/v1/chat/completions", json=document, headers=headers
            ) as answer:
                await answer.read()
        except aiohttp.ClientError:
            self.unanswered.add(trace_id)
            return False
        self.answered[trace_id] = answer.status
        return True


def rows(home: Path) -> Counter[str]:
    """How often each trace id stands in the ledger."""
    with sqlite3.connect(f"file:{home / 'usage.sqlite'}?mode=ro", uri=True) as connection:
        found = Counter(trace for (trace,) in connection.execute("SELECT trace_id FROM exchanges"))
        (summed,) = connection.execute("SELECT sum(requests) FROM daily").fetchone()
    connection.close()
    assert summed == found.total()
    return found


@pytest.fixture
def simulator(tmp_path: Path) -> Iterator[Simulator]:
    """A simulated Copilot."""
    with running_simulator(tmp_path / "simulator.log") as running:
        yield running


async def test_every_request_leaves_one_record(simulator: Simulator, tmp_path: Path) -> None:
    """Ten thousand answers, two thousand of them failures."""
    home = tmp_path / "home"
    with running_gateway(simulator, home) as gateway:
        load = Load(gateway.url, REQUESTS)
        await load.run()
    found = rows(home)
    assert Counter(load.answered.values()) == {200: REQUESTS - REQUESTS // 5, 500: REQUESTS // 5}
    assert load.unanswered == set()
    assert found == Counter(load.answered.keys())
    assert found.total() == REQUESTS


async def test_a_stop_in_the_middle_loses_no_record(simulator: Simulator, tmp_path: Path) -> None:
    """SIGTERM while 32 clients ask; then the gateway is started again on the same directory and port."""
    home, port = tmp_path / "home", free_port()
    load = Load(f"http://127.0.0.1:{port}", REQUESTS)
    async with asyncio.TaskGroup() as group:
        first = running_gateway(simulator, home, port=port)
        await asyncio.to_thread(first.__enter__)
        asking = group.create_task(load.run())
        while len(load.answered) < REQUESTS // 2:
            await asyncio.sleep(0.01)
        await asyncio.to_thread(first.__exit__, None, None, None)
        second = running_gateway(simulator, home, port=port)
        await asyncio.to_thread(second.__enter__)
        try:
            await asking
        finally:
            await asyncio.to_thread(second.__exit__, None, None, None)
    found = rows(home)
    assert len(load.answered) == REQUESTS
    assert {trace: found[trace] for trace in load.answered} == dict.fromkeys(load.answered, 1)
    others = {trace: times for trace, times in found.items() if trace not in load.answered}
    assert others.keys() <= load.unanswered
    assert set(others.values()) <= {1}


async def test_a_gateway_that_is_killed_loses_one_batch_at_most(simulator: Simulator, tmp_path: Path) -> None:
    """SIGKILL under load: what is there is whole, and a second life goes on with the same file."""
    home = tmp_path / "home"
    with running_gateway(simulator, home) as gateway:
        load = Load(gateway.url, REQUESTS)
        async with asyncio.TaskGroup() as group:
            asking = group.create_task(load.run())
            while len(load.answered) < 1_000:
                await asyncio.sleep(0.01)
            os.kill(gateway.pid, signal.SIGKILL)
            asking.cancel()
    found = rows(home)
    lost = load.answered.keys() - found.keys()
    assert len(lost) <= MAX_BATCH
    assert set(found.values()) == {1}
    with running_gateway(simulator, home) as again:
        more = Load(again.url, 20)
        more._numbers = count(1_000_000)
        await more.run()
    assert rows(home).total() == found.total() + 20


async def test_two_gateways_on_one_directory_count_each_request_once(
    simulator: Simulator, tmp_path: Path
) -> None:
    """Both write to the same file at the same time."""
    home, wanted = tmp_path / "home", 1_000
    with running_gateway(simulator, home) as first, running_gateway(simulator, home) as second:
        loads = [Load(first.url, wanted), Load(second.url, wanted)]
        loads[1]._numbers = count(1_000_000)
        async with asyncio.TaskGroup() as group:
            for load in loads:
                group.create_task(load.run())
    assert rows(home) == Counter([*loads[0].answered, *loads[1].answered])
