"""The processes of one benchmark: the upstream (our simulator), nginx before it, and the gateway before it.

Owns starting, the first answer and stopping. Everything lives in one temporary directory and on loopback.
"""

import asyncio
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.perf.load import BadAnswer, load, wire_request
from tests.perf.requests import CHAT_WHOLE, Case, client_headers, upstream_headers

from copilot_api.simulator.world.accounts import github_token
from copilot_api.store.keys import create_key

SERVE = (str(Path(sys.executable).with_name("copilot-api")), "serve")
START_PATIENCE_S = 30.0
_POLL_S = 0.01

_NGINX = """
daemon off; pid {directory}/nginx.pid; worker_processes 1; error_log {directory}/nginx.log warn;
events {{ worker_connections 1024; }}
http {{
  access_log off;
  client_body_temp_path {directory}; proxy_temp_path {directory}; fastcgi_temp_path {directory};
  uwsgi_temp_path {directory}; scgi_temp_path {directory};
  client_body_buffer_size 1m; keepalive_requests 1000000;
  upstream simulator {{ server 127.0.0.1:{upstream_port}; keepalive 128; keepalive_requests 1000000; }}
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://simulator; proxy_http_version 1.1; proxy_set_header Connection "";
      proxy_buffering off; proxy_read_timeout 60s;
    }}
  }}
}}
"""


@dataclass
class Stand:
    """One process under load, or the upstream itself (`pid` None: nothing in between)."""

    name: str
    port: int
    pid: int | None
    key: str | None = None
    start_ms: float = 0.0
    is_aside: bool = False
    """Measured with whole answers only."""

    def asked(self, case: Case) -> Case:
        """What is asked here: nothing translates but the gateway."""
        return case.asked if case.asked is not None and self.key is not None else case

    def path(self, case: Case) -> str:
        """Where `case` is sent to here."""
        return case.upstream_path if self.key is None else case.path

    def headers(self, case: Case) -> dict[str, str]:
        """What is sent with it here."""
        return upstream_headers(case) if self.key is None else client_headers(case, self.key)

    def request(self, case: Case) -> bytes:
        """The bytes of `case` for here."""
        return wire_request(case, self.port, self.path(case), self.headers(case))


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@contextlib.contextmanager
def running(
    command: Sequence[str], log: Path, environment: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """A child process, stopped (its children with it) when the block is left."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=dict(os.environ) | dict(environment or {}),
            start_new_session=True,
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _first_answer(process: subprocess.Popen[bytes], stand: Stand, log: Path) -> None:
    """Ask until there is a first good answer.

    Raises: BadAnswer with the end of the log when the process ends or time is over.
    """
    started_s = time.perf_counter()
    last = ""
    while time.perf_counter() - started_s < START_PATIENCE_S and process.poll() is None:
        if not _is_listening(stand.port):
            time.sleep(_POLL_S)
            continue
        try:
            asyncio.run(load(CHAT_WHOLE, stand.port, stand.request(CHAT_WHOLE), 1, 0.0))
        except* (OSError, BadAnswer) as errors:
            last = repr(errors.exceptions[0])
            time.sleep(_POLL_S)
        else:
            return
    tail = log.read_text(errors="replace")[-2000:] if log.exists() else ""
    raise BadAnswer(f"{stand.name} gave no first answer: {last}\n{tail}")


def _is_listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextlib.contextmanager
def upstream(directory: Path) -> Iterator[Stand]:
    """The simulator, with its recording off: it would only grow."""
    port, log = free_port(), directory / "simulator.log"
    command = [sys.executable, "-m", "copilot_api.simulator", "--port", str(port), "--no-record"]
    with running(command, log) as process:
        stand = Stand("straight", port, None)
        _first_answer(process, stand, log)
        yield stand


@contextlib.contextmanager
def nginx(directory: Path, upstream_port: int) -> Iterator[Stand]:
    """nginx as a plain reverse proxy, buffering off: what moving these bytes costs at least."""
    port, log, configuration = free_port(), directory / "nginx.log", directory / "nginx.conf"
    configuration.write_text(_NGINX.format(directory=directory, port=port, upstream_port=upstream_port))
    command = [shutil.which("nginx") or "nginx", "-c", str(configuration), "-e", str(log)]
    started_s = time.perf_counter()
    with running(command, log) as process:
        stand = Stand("nginx", port, process.pid)
        _first_answer(process, stand, log)
        stand.start_ms = (time.perf_counter() - started_s) * 1000
        yield stand


@contextlib.contextmanager
def bare(directory: Path, upstream_port: int, form: str) -> Iterator[Stand]:
    """The stack without the gateway, in one of the forms of `beside/bare.py`."""
    port, log = free_port(), directory / f"{form}.log"
    command = [
        sys.executable,
        "-m",
        "tests.perf.beside.bare",
        form,
        str(port),
        f"http://127.0.0.1:{upstream_port}",
    ]
    with running(command, log) as process:
        stand = Stand(f"bare, {form}", port, process.pid, is_aside=True)
        _first_answer(process, stand, log)
        yield stand


@contextlib.contextmanager
def gateway(directory: Path, upstream_port: int, *, has_ledger: bool = True) -> Iterator[Stand]:
    """The gateway, started as a person starts it: a key, an account, a JSON log into a file."""
    name = "gateway" if has_ledger else "gateway, no ledger"
    home, log = directory / f"home-{has_ledger}", directory / f"{name}.log"
    home.mkdir(mode=0o700, exist_ok=True)
    key = write_config(home)
    port, base = free_port(), f"http://127.0.0.1:{upstream_port}"
    environment = {
        "COPILOT_API_HOME": str(home),
        "COPILOT_API_KEYRING": "false",
        "COPILOT_API_GITHUB_URL": base,
        "COPILOT_API_GITHUB_API_URL": base,
        "COPILOT_API_UPSTREAM_URL": base,
        "COPILOT_API_LOG_FORMAT": "json",
        "COPILOT_API_USAGE_LEDGER": str(has_ledger).lower(),
        "PORT": str(port),
    }
    started_s = time.perf_counter()
    with running(SERVE, log, environment) as process:
        stand = Stand(name, port, process.pid, key, is_aside=not has_ledger)
        _first_answer(process, stand, log)
        stand.start_ms = (time.perf_counter() - started_s) * 1000
        yield stand


def write_config(home: Path) -> str:
    """Write config.json with one account and one client key; the key."""
    key, entry = create_key("bench")
    document = {
        "accounts": [{"id": "octo", "login": "octo-dev", "token": github_token("individual")}],
        "activeAccountId": "octo",
        "clientKeys": [
            {"id": entry.id, "name": entry.name, "sha256": entry.sha256, "scopes": list(entry.scopes)}
        ],
    }
    path = home / "config.json"
    path.write_text(json.dumps(document))
    path.chmod(0o600)
    return key


def exchanges_logged(directory: Path) -> int:
    """How many canonical lines the gateway has written: proof that log and ledger were on."""
    log = directory / "gateway.log"
    return log.read_bytes().count(b'"exchange.finished"') if log.exists() else 0
