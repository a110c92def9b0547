"""A whole gateway and a whole simulator in the test's own event loop, joined by real sockets on loopback."""

import asyncio
import contextlib
import io
import socket
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from copilot_api.settings import Overrides, read_environment
from copilot_api.simulator import Simulator, running_simulator
from copilot_api.store.config_file import ConfigFile, open_config
from copilot_api.web.running import logs
from copilot_api.web.running.house import House
from copilot_api.web.running.listening import require_closed_door
from copilot_api.web.running.serve import Server, server_config

Document = dict[str, object]
CHAT, RESPONSES, MESSAGES = "/v1/chat/completions", "/v1/responses", "/v1/messages"


@dataclass
class Gate:
    """A running gateway: where it is, who is behind it, and what it remembers."""

    url: str
    port: int
    house: House
    server: Server
    simulator: Simulator
    config: ConfigFile
    http: aiohttp.ClientSession
    log: io.StringIO

    async def post(
        self, path: str, body: object, headers: Mapping[str, str] | None = None
    ) -> tuple[int, Mapping[str, str], bytes]:
        """One POST of a JSON document, read whole."""
        async with self.http.post(self.url + path, json=body, headers=headers) as response:
            return response.status, response.headers, await response.read()

    def inference_requests(self) -> list[dict[str, object]]:
        """What reached Copilot's inference routes, oldest first."""
        paths = ("/chat/completions", "/responses", "/v1/messages", "/embeddings", "/count_tokens")
        shown = [entry.to_json() for entry in self.simulator.recorder.entries]
        return [entry for entry in shown if str(entry["path"]).endswith(paths)]


def account_document(simulator: Simulator) -> Document:
    """A config.json with the simulator's individual account."""
    account = {"id": "1", "login": "octo-dev", "token": simulator.github_token(), "accountType": "individual"}
    return {"accounts": [account], "activeAccountId": "1"}


@contextlib.asynccontextmanager
async def running_gate(
    home: Path, *, document: Document | None = None, is_ready: bool = True, **environment: str
) -> AsyncIterator[Gate]:
    """Start both on ephemeral ports; `environment` is what the operator would export."""
    async with running_simulator(device_interval_s=0) as simulator:
        variables = {
            "COPILOT_API_HOME": str(home),
            "COPILOT_API_GITHUB_URL": simulator.url,
            "COPILOT_API_GITHUB_API_URL": simulator.url,
            "COPILOT_API_UPSTREAM_URL": simulator.api_url(),
            "COPILOT_API_KEYRING": "false",
            **environment,
        }
        settings_source = read_environment(variables)
        config = open_config(settings_source)
        begin = document if document is not None else account_document(simulator)
        await asyncio.to_thread(config.update, lambda doc: doc.update(begin))
        async with housed(config, settings_source, simulator) as gate:
            if is_ready:
                await wait_ready(gate)
            yield gate


class _Closing:
    """A socket as something to `aclosing`."""

    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener

    async def aclose(self) -> None:
        """Close it, whether the server began or not."""
        self._listener.close()


@contextlib.asynccontextmanager
async def housed(config: ConfigFile, environment: object, simulator: object) -> AsyncIterator[Gate]:
    """Run the house alone, as it is configured; whoever wants the simulator in another process starts it there."""
    log = io.StringIO()
    exchange_log = logs.configure("json", is_verbose=True, stream=log)
    overrides = Overrides()
    state = await asyncio.to_thread(config.load)
    settings = config.resolve(state, environment, overrides)  # type: ignore[arg-type]  # Environment
    require_closed_door(settings)
    listener = socket.socket(
        socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP
    )  # named: see listening.py
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    listener.setblocking(False)
    port = listener.getsockname()[1]
    async with (
        contextlib.aclosing(_Closing(listener)),
        House(
            config=config,
            environment=environment,  # type: ignore[arg-type]  # Environment
            overrides=overrides,
            state=state,
            settings=settings,
            exchange_log=exchange_log,
        ) as house,
        aiohttp.ClientSession(auto_decompress=False) as http,
        asyncio.TaskGroup() as group,
    ):
        server = Server(server_config(house))
        serving = group.create_task(server.serve(sockets=[listener]))
        while not server.started:
            await asyncio.sleep(0.005)
        try:
            yield Gate(f"http://127.0.0.1:{port}", port, house, server, simulator, config, http, log)  # type: ignore[arg-type]  # absent where it runs elsewhere
        finally:
            await http.close()
            server.should_exit = True
            await serving


async def wait_ready(gate: Gate, patience_s: float = 5.0) -> None:
    """Return when the account and its catalog are there."""
    async with asyncio.timeout(patience_s):
        while not gate.house.inspector.look().is_ready:
            await asyncio.sleep(0.01)


async def until(condition: object, patience_s: float = 5.0) -> None:
    """Wait for a callable to come true, for things that happen a moment later."""
    async with asyncio.timeout(patience_s):
        while not condition():  # type: ignore[operator]  # a callable
            await asyncio.sleep(0.01)


def request(path: str, text: str, *, stream: bool = True) -> dict[str, object]:
    """The smallest request of each protocol on a model that speaks it."""
    if path == CHAT:
        return {"model": "gpt-4.1", "stream": stream, "messages": [{"role": "user", "content": text}]}
    if path == RESPONSES:
        return {"model": "gpt-5.5", "stream": stream, "input": text}
    return {
        "model": "claude-sonnet-4.6",
        "stream": stream,
        "max_tokens": 100,
        "messages": [{"role": "user", "content": text}],
    }
