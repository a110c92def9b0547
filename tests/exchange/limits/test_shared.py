"""Two gateways that count their minutes together, in a real server; and each for itself when that one is gone."""

import asyncio
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from copilot_api.gateway.admission.shared import SharedWindows, weighed
from copilot_api.gateway.admission.windows import Stand
from exchange.limits.asking import ask
from gate import running_gate

PROGRAM = shutil.which("valkey-server") or shutil.which("redis-server")
NEEDS_SERVER = pytest.mark.skipif(
    PROGRAM is None, reason="neither valkey-server nor redis-server is installed"
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


@pytest.fixture
async def counter(tmp_path: Path) -> AsyncIterator[Counter]:
    """A server of the test's own that keeps nothing on disk."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert PROGRAM is not None
    command = [PROGRAM, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path)]
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
    windows = SharedWindows(counter.url, clock=lambda: now_s[0])
    try:
        assert await windows.take("w", 2)
        windows._again_at_s = 105.0  # as after a failure
        windows.problem = "gone"
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
