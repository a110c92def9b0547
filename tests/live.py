"""The two processes that whole-product tests talk to: the simulator and the real gateway, as an operator starts them.

Owns: their start, readiness, logs and end. Standard library only, because the client harness also runs it
inside a network namespace.
"""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).parent.parent
CLIENT_KEY = "sk-client-key-0123456789abcdef"
INFERENCE = ("/chat/completions", "/responses", "/v1/messages", "/embeddings", "/v1/messages/count_tokens")
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
"""A whole PNG in base64."""
_START_S = 30.0
_STOP_S = 10.0


@dataclass(frozen=True)
class UpstreamRequest:
    """One inference request as the simulated Copilot received it."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]
    status: int | None

    @property
    def initiator(self) -> str:
        """What the gateway said about who began the turn."""
        return self.headers.get("x-initiator", "")

    @property
    def interaction_id(self) -> str:
        """The id of the human turn the request belongs to."""
        return self.headers.get("x-interaction-id", "")

    def proofs(self) -> list[tuple[str, ...]]:
        """The reasoning blobs that go back to upstream, in its own words, oldest first."""
        if "input" in self.body:
            items = [item for item in self.body["input"] if item.get("type") == "reasoning"]
            return [(item["id"], item["encrypted_content"]) for item in items]
        spoken = [turn for turn in self.body["messages"] if turn["role"] == "assistant"]
        if self.path.endswith("/chat/completions"):
            return [(turn["reasoning_opaque"],) for turn in spoken if turn.get("reasoning_opaque")]
        blocks = [block for turn in spoken for block in turn["content"] if block["type"] == "thinking"]
        return [(block["thinking"], block["signature"]) for block in blocks]


@dataclass(frozen=True)
class Simulator:
    """A running simulator and its control routes."""

    url: str

    def control(self, name: str = "", document: dict[str, Any] | None = None) -> dict[str, Any]:
        """Call `/_sim/<name>`: GET without a document, POST with one."""
        data = None if document is None else json.dumps(document).encode()
        path = f"/_sim/{name}" if name else "/_sim"
        with urllib.request.urlopen(urllib.request.Request(self.url + path, data=data), timeout=10) as answer:
            found: dict[str, Any] = json.load(answer)
        return found

    def script(self, *answers: str, rules: list[dict[str, Any]] | None = None) -> None:
        """Queue answers, and add rows to the rule table."""
        self.control("script", {"queue": list(answers), "rules": rules or []})

    def inference(self, after: int = 0) -> list[UpstreamRequest]:
        """The inference requests received after the one of number `after`, oldest first."""
        return [
            UpstreamRequest(
                path=entry["path"].removeprefix("/capi/individual"),
                headers=entry["headers"],
                body=json.loads(entry.get("body") or "{}"),
                status=entry["status"],
            )
            for entry in self.control("requests")["requests"]
            if entry["number"] > after and entry["method"] == "POST" and entry["path"].endswith(INFERENCE)
        ]

    def count(self) -> int:
        """The number of the newest request of any kind."""
        number: int = self.control("requests?last=1")["count"]
        return number

    def billed(self) -> list[dict[str, Any]]:
        """What each answered request cost, oldest first."""
        entries: list[dict[str, Any]] = self.control("billing")["entries"]
        return entries


@dataclass(frozen=True)
class Gateway:
    """A running gateway, the key it accepts, the file its log goes to, and its process."""

    url: str
    key: str
    log_path: Path
    pid: int

    def log(self) -> str:
        """Everything it has logged so far."""
        return self.log_path.read_text(errors="replace")

    def exchanges(self) -> list[dict[str, Any]]:
        """Its canonical lines, one per finished exchange."""
        lines = [json.loads(line) for line in self.log().splitlines() if line.startswith("{")]
        return [line for line in lines if line.get("event") == "exchange.finished"]


@contextmanager
def running_simulator(log_path: Path) -> Generator[Simulator]:
    """Run `python -m copilot_api.simulator` on a free port until the block ends."""
    command = [sys.executable, "-m", "copilot_api.simulator", "--port", "0"]
    with _running(command, _clean_environment(), log_path):
        yield Simulator(_await_address(log_path, "simulator listening on "))


@contextmanager
def running_gateway(
    simulator: Simulator, home: Path, *, port: int = 0, config: dict[str, Any] | None = None
) -> Generator[Gateway]:
    """Run `copilot-api serve` on an account of the simulator until the block ends.

    Shape: `config` adds keys to config.json; port 0 means any free one.
    """
    account = simulator.control()["accounts"]["individual"]
    entry = {"id": "1", "login": account["login"], "token": account["github_token"]}
    document: dict[str, Any] = {
        "accounts": [entry],
        "activeAccountId": "1",
        "auth": {"apiKeys": [CLIENT_KEY]},
    }
    home.mkdir(parents=True, exist_ok=True)
    (home / "config.json").write_text(json.dumps(document | (config or {})))
    (home / "config.json").chmod(0o600)
    environment = _clean_environment() | {
        "COPILOT_API_HOME": str(home),
        "COPILOT_API_GITHUB_URL": simulator.url,
        "COPILOT_API_GITHUB_API_URL": simulator.url,
        "COPILOT_API_UPSTREAM_URL": account["api"],
        "COPILOT_API_KEYRING": "false",
        "COPILOT_API_LOG_FORMAT": "json",
        "PORT": str(port or free_port()),
    }
    log_path = home / "gateway.log"
    url = f"http://127.0.0.1:{environment['PORT']}"
    command = [str(Path(sys.executable).with_name("copilot-api")), "serve"]
    with _running(command, environment, log_path) as process:
        _await_ready(url, process, log_path)
        yield Gateway(url, CLIENT_KEY, log_path, process.pid)


@contextmanager
def running_demo(home: Path) -> Generator[Gateway]:
    """Run `copilot-api serve --demo` until the block ends."""
    home.mkdir(parents=True, exist_ok=True)
    environment = _clean_environment() | {
        "COPILOT_API_HOME": str(home),
        "COPILOT_API_LOG_FORMAT": "json",
        "PORT": str(free_port()),
    }
    log_path, url = home / "gateway.log", f"http://127.0.0.1:{environment['PORT']}"
    command = [str(Path(sys.executable).with_name("copilot-api")), "serve", "--demo"]
    with _running(command, environment, log_path) as process:
        _await_ready(url, process, log_path)
        yield Gateway(url, "", log_path, process.pid)


def free_port() -> int:
    """A loopback port nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def _clean_environment() -> dict[str, str]:
    """What a process needs, and nothing of the operator's own settings or proxies."""
    kept = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "SYSTEMROOT", "COVERAGE_PROCESS_START")
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    return environment | {"PYTHONUNBUFFERED": "1"}


@contextmanager
def _running(
    command: list[str], environment: dict[str, str], log_path: Path
) -> Generator["subprocess.Popen[bytes]"]:
    with log_path.open("wb") as log:
        process = subprocess.Popen(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _await_address(log_path: Path, opening: str) -> str:
    deadline_s = time.monotonic() + _START_S
    while time.monotonic() < deadline_s:
        for line in log_path.read_text(errors="replace").splitlines(keepends=True):
            if line.startswith(opening) and line.endswith("\n"):
                return line.removeprefix(opening).strip()
        time.sleep(0.05)
    raise TimeoutError(f"no {opening!r} within {_START_S:g} s:\n{log_path.read_text(errors='replace')}")


def _await_ready(url: str, process: "subprocess.Popen[bytes]", log_path: Path) -> None:
    deadline_s = time.monotonic() + _START_S
    last = "nothing listens"
    while time.monotonic() < deadline_s and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/readyz", timeout=5):
                return
        except urllib.error.HTTPError as error:
            last = error.read().decode(errors="replace")
        except OSError as error:
            last = str(error)
        time.sleep(0.05)
    raise TimeoutError(f"the gateway is not ready: {last}\n{log_path.read_text(errors='replace')}")
