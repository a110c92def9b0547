"""A command line in a directory of its own, and a simulated GitHub for it to talk to."""

import asyncio
import io
import json
import queue
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from copilot_api.cli.app import run
from copilot_api.cli.terminal import Terminal
from copilot_api.simulator import Simulator, running_simulator

NOON = 1_700_000_000.0


class CommandLine:
    """Runs commands and keeps what they printed."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.variables: dict[str, str] = {"COPILOT_API_HOME": str(home), "COPILOT_API_KEYRING": "off"}
        self.out = ""
        self.err = ""
        self.input = ""
        self.copied: list[str] = []
        self.opened: list[str] = []
        self.slept_s = 0.0
        self.has_desktop = True
        self.interrupt_after_s = float("inf")
        self.served: list[dict[str, object]] = []
        self.clock: Callable[[], float] | None = None

    def __call__(self, *arguments: str) -> int:
        """Run one command line and return its exit code."""
        out, err = io.StringIO(), io.StringIO()
        terminal = Terminal(
            variables=self.variables,
            out=out,
            err=err,
            read=io.StringIO(self.input),
            open_browser=lambda url: self._keep(self.opened, url),
            copy=lambda text: self._keep(self.copied, text),
            sleep=self._sleep,
            run_server=self._serve,
            user="alice",
            **({} if self.clock is None else {"clock": self.clock}),
        )
        code = run(arguments, terminal)
        self.out, self.err = out.getvalue(), err.getvalue()
        return code

    def json(self, *arguments: str) -> object:
        """Run a command that prints JSON and must succeed."""
        assert self(*arguments) == 0, self.err
        return json.loads(self.out)

    def document(self) -> dict[str, object]:
        """Read config.json as it stands on the disk."""
        found = json.loads((self.home / "config.json").read_text())
        assert isinstance(found, dict)
        return found

    def use(self, simulator: Simulator, plan: str = "individual") -> None:
        """Point the command line at a simulated GitHub and Copilot."""
        self.variables |= {
            "COPILOT_API_GITHUB_URL": simulator.url,
            "COPILOT_API_GITHUB_API_URL": simulator.url,
            "COPILOT_API_UPSTREAM_URL": simulator.api_url(plan),
        }

    def _keep(self, kept: list[str], text: str) -> bool:
        if self.has_desktop:
            kept.append(text)
        return self.has_desktop

    async def _sleep(self, seconds: float) -> None:
        self.slept_s += seconds
        if self.slept_s > self.interrupt_after_s:
            raise KeyboardInterrupt
        await asyncio.sleep(0)

    def _serve(self, **given: object) -> int:
        self.served.append(given)
        return 3


@pytest.fixture
def command_line(tmp_path: Path) -> CommandLine:
    """A command line whose data directory does not exist yet."""
    return CommandLine(tmp_path / "copilot-api")


StartSimulator = Callable[..., Simulator]


@pytest.fixture
def start_simulator() -> Iterator[StartSimulator]:
    """Start a simulator in a thread of its own: commands bring their own event loop."""
    running: list[tuple[asyncio.AbstractEventLoop, asyncio.Event, threading.Thread]] = []

    def start(**options: object) -> Simulator:
        ready: queue.Queue[tuple[Simulator, asyncio.AbstractEventLoop, asyncio.Event]] = queue.Queue()

        async def serve() -> None:
            stop = asyncio.Event()
            async with running_simulator(**options) as simulator:
                ready.put((simulator, asyncio.get_running_loop(), stop))
                await stop.wait()

        thread = threading.Thread(target=lambda: asyncio.run(serve()), name="simulator")
        thread.start()
        simulator, loop, stop = ready.get(timeout=20)
        running.append((loop, stop, thread))
        return simulator

    yield start
    for loop, stop, thread in running:
        loop.call_soon_threadsafe(stop.set)
        thread.join(20)
