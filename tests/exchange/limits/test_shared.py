"""Two gateways that count their minutes together, in a real server; and each for itself when that one is gone."""

import asyncio
import contextlib
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from copilot_api.copilot.flight import Spawn
from copilot_api.errors import Throttled
from copilot_api.gateway.admission.shared import Server, SharedSlots, SharedWindows, weighed
from copilot_api.gateway.admission.windows import Stand
from exchange.limits.asking import ask
from gate import running_gate

PROGRAMS = [found for name in ("valkey-server", "redis-server") if (found := shutil.which(name))]
NEEDS_SERVER = pytest.mark.skipif(
    not PROGRAMS, reason="neither valkey-server nor redis-server is installed (then make test-servers)"
)


class Counter:
    """A running server and its address."""

    def __init__(self, process: "subprocess.Popen[bytes]", url: str) -> None:
        self.process = process
        self.url = url

    def stop(self) -> None:
        """End it."""
        self.process.terminate()
        self.process.wait(5)


@pytest.fixture(params=PROGRAMS, ids=[Path(program).name for program in PROGRAMS])
async def counter(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Counter]:
    """A server of the test's own that keeps nothing on disk: each kind that is installed here."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [
        request.param,
        "--port",
        str(port),
        "--bind",
        "127.0.0.1",
        "--save",
        "",
        "--dir",
        str(tmp_path),
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)  # noqa: ASYNC220 - a moment, and before all else
    running = Counter(process, f"redis://127.0.0.1:{port}/0")
    try:
        await _listening(port)
        yield running
    finally:
        running.stop()


async def _listening(port: int) -> None:
    async with asyncio.timeout(10):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.02)
            else:
                writer.close()
                return


@NEEDS_SERVER
async def test_two_gateways_share_one_minute(counter: Counter, tmp_path: Path) -> None:
    """Three requests in a minute are three, whichever of them is asked."""
    shared = {"COPILOT_API_LIMITS_URL": counter.url, "COPILOT_API_REQUESTS_PER_MINUTE": "3"}
    async with (
        running_gate(tmp_path / "one", **shared) as one,
        running_gate(tmp_path / "two", **shared) as two,
    ):
        statuses = [(await ask(gate, "chat"))[0] for gate in (one, two, one, two, one)]
        assert statuses == [200, 200, 200, 429, 429]
        _, headers, _ = await ask(two, "chat")
        assert 1 <= int(headers["retry-after"]) <= 60


@NEEDS_SERVER
async def test_tokens_of_one_gateway_refuse_at_the_other(counter: Counter, tmp_path: Path) -> None:
    """What an answer took is told to the server once it is known."""
    shared = {"COPILOT_API_LIMITS_URL": counter.url, "COPILOT_API_TOKENS_PER_MINUTE": "5"}
    async with (
        running_gate(tmp_path / "one", **shared) as one,
        running_gate(tmp_path / "two", **shared) as two,
    ):
        assert (await ask(one, "messages"))[0] == 200
        assert (await ask(two, "messages"))[0] == 429


@NEEDS_SERVER
async def test_without_the_server_each_counts_for_itself(counter: Counter, tmp_path: Path) -> None:
    """No request fails for the lack of it; the log says so once."""
    shared = {"COPILOT_API_LIMITS_URL": counter.url, "COPILOT_API_REQUESTS_PER_MINUTE": "2"}
    async with running_gate(tmp_path, **shared) as gate:
        assert (await ask(gate, "chat"))[0] == 200
        counter.stop()
        assert [(await ask(gate, "chat"))[0] for _ in range(3)] == [200, 200, 429]
        assert gate.log.getvalue().count("limits.counted_alone") == 1


@NEEDS_SERVER
async def test_a_server_that_comes_back_is_used_again(counter: Counter) -> None:
    """After a pause, so that it is not hammered meanwhile."""
    now_s = [100.0]
    server = Server(counter.url, clock=lambda: now_s[0])
    windows = SharedWindows(server)
    try:
        assert await windows.take("w", 2)
        server.again_at_s, server.problem = 105.0, "gone"  # as after a failure
        assert await windows.look("w", 2) == Stand(0, 0.0, 0.0)
        now_s[0] = 105.0
        assert (await windows.look("w", 2)).used == 1
        assert windows.problem is None
    finally:
        await windows.aclose()


@pytest.mark.parametrize(
    ("before", "before_left_s", "now", "now_left_s", "expected"),
    [
        (0, 0.0, 0, 0.0, Stand(0, 0.0, 0.0)),
        (10, 30.0, 2, 90.0, Stand(7, 0.01, 90.0)),
        (10, 33.0, 2, 93.0, Stand(7, 3.0, 93.0)),
        (0, 0.0, 7, 90.0, Stand(7, 30.0, 90.0)),
        (0, 0.0, 14, 90.0, Stand(14, 60.0, 90.0)),
    ],
)
def test_a_sliding_counter_tells_when_there_is_room(
    before: int, before_left_s: float, now: int, now_left_s: float, expected: Stand
) -> None:
    """Of at most seven in a minute; the minute before fades, and this one becomes it in its turn."""
    assert weighed(before, before_left_s, now, now_left_s, 7) == expected


@pytest.fixture
async def spawned() -> AsyncIterator[Spawn]:
    """Background work, waited for at the end."""
    async with asyncio.TaskGroup() as group:
        yield group.create_task


async def take(slots: SharedSlots, limit: int = 1, patience_s: float = 0.0) -> str:
    """A slot under one name."""
    return await slots.take("k", limit, "The key 'a'", "ask", patience_s)


@NEEDS_SERVER
async def test_two_gateways_share_their_slots(counter: Counter, tmp_path: Path) -> None:
    """Two at a time are two, whichever of them is asked; one that ends makes room at the other."""
    shared = {"COPILOT_API_LIMITS_URL": counter.url, "COPILOT_API_CONCURRENCY": "2"}
    async with (
        running_gate(tmp_path / "one", **shared) as one,
        running_gate(tmp_path / "two", **shared) as two,
        asyncio.TaskGroup() as group,
    ):
        held = [
            group.create_task(ask(gate, "chat", text="[[sim: delay_ms=700; text=x]]")) for gate in (one, two)
        ]
        async with asyncio.timeout(5):
            while sum(len(gate.inference_requests()) for gate in (one, two)) < 2:
                await asyncio.sleep(0.01)
        for gate in (one, two):
            status, headers, _ = await ask(gate, "chat")
            assert (status, headers["retry-after"]) == (429, "1")
        assert [(await task)[0] for task in held] == [200, 200]
        async with asyncio.timeout(5):
            while [(await ask(gate, "chat"))[0] for gate in (one, two)] != [200, 200]:
                await asyncio.sleep(0.02)


@NEEDS_SERVER
async def test_a_dead_gateways_slots_are_free_when_its_leases_end(counter: Counter, spawned: Spawn) -> None:
    """Nobody gives back what a killed process held; a living one renews, and keeps what it has."""
    server = Server(counter.url)
    dead = SharedSlots(server, spawn=spawned, lease_s=0.4)
    alive = SharedSlots(server, spawn=spawned, lease_s=0.4)
    await take(dead)
    with pytest.raises(Throttled, match="may have 1 request under way"):
        await take(alive)
    lease = await take(alive, patience_s=5)
    for _ in range(6):
        await asyncio.sleep(0.1)
        await alive.renew()
        with pytest.raises(Throttled):
            await take(dead)
    alive.give(lease)
    assert await take(dead, patience_s=5)
    await dead.aclose()
    await server.aclose()


@NEEDS_SERVER
async def test_never_more_than_the_limit_and_none_is_lost(counter: Counter, spawned: Spawn) -> None:
    """Three gateways, sixty who want one of four slots, some of whom give up on the way."""
    server = Server(counter.url)
    gateways = [SharedSlots(server, spawn=spawned) for _ in range(3)]
    now, most, served = 0, 0, 0

    async def one(number: int) -> None:
        nonlocal now, most, served
        slots = gateways[number % 3]
        if number % 10 == 0:
            with contextlib.suppress(TimeoutError, Throttled):
                async with asyncio.timeout(0.01):
                    slots.give(await take(slots, 4, patience_s=20))
            return
        lease = await take(slots, 4, patience_s=20)
        now, most = now + 1, max(most, now + 1)
        await asyncio.sleep(0.01)
        now, served = now - 1, served + 1
        slots.give(lease)

    async with asyncio.TaskGroup() as group:
        for number in range(60):
            group.create_task(one(number))
    assert (served, most <= 4) == (54, True)
    leases = [await take(gateways[0], 4, patience_s=5) for _ in range(4)]
    with pytest.raises(Throttled):
        await gateways[1].check("k", 4, "The key 'a'", "ask")
    for lease in leases:
        gateways[0].give(lease)
    assert sum(slots.waiting for slots in gateways) == 0
    await server.aclose()


@NEEDS_SERVER
async def test_slots_without_the_server_are_each_ones_own(counter: Counter, spawned: Spawn) -> None:
    """What was taken together is given back without harm, and what was taken alone too."""
    server = Server(counter.url)
    slots = SharedSlots(server, spawn=spawned)
    together = await take(slots)
    counter.stop()
    alone = await take(slots)
    assert server.problem is not None
    with pytest.raises(Throttled):
        await take(slots)
    await slots.renew()
    slots.give(together)
    slots.give(alone)
    slots.give(await take(slots))
    await slots.aclose()
    await server.aclose()
