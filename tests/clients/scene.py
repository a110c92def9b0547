"""A scene: one client run in a fresh home and repository, and what it left behind."""

import json
import os
import shlex
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from live import PROJECT, UpstreamRequest

NAMESPACE = ["unshare", "--user", "--map-root-user", "--net", "--"]
GATEWAY_URL = "http://127.0.0.1:4141"
_START_AND_STOP_S = 90


@dataclass(frozen=True)
class Played:
    """What happened: what the client said and did, and what reached the simulated Copilot."""

    exit_code: int | None
    stdout: str
    stderr: str
    took_s: float
    requests: list[UpstreamRequest]
    log: str
    repository: Path

    @property
    def exchanges(self) -> list[dict[str, Any]]:
        """The gateway's canonical lines."""
        lines = [json.loads(line) for line in self.log.splitlines() if line.startswith("{")]
        return [line for line in lines if line.get("event") == "exchange.finished"]

    @property
    def outcomes(self) -> list[str]:
        """How each exchange ended, in the gateway's own words."""
        return [exchange["outcome"] for exchange in self.exchanges]

    def pause_s(self) -> float:
        """The seconds between the ends of the first two exchanges."""
        first, second = (datetime.fromisoformat(one["timestamp"]) for one in self.exchanges[:2])
        return (second - first).total_seconds()

    @property
    def initiators(self) -> list[str]:
        """X-Initiator of each upstream request, in order."""
        return [request.initiator for request in self.requests]

    @property
    def statuses(self) -> list[int | None]:
        """What the simulated Copilot answered, in order."""
        return [request.status for request in self.requests]

    def story(self) -> str:
        """What happened, for a person: pytest shows it for a failed scene, and with `-rP` for every one."""
        upstream = [
            f"upstream: {one.path} {one.body.get('model')} -> {one.status}, initiator {one.initiator}, "
            f"interaction {one.interaction_id[:8]}"
            for one in self.requests
        ]
        gateway = [
            f"gateway: {one.get('route')} {one.get('mode', '')} {one['status']} {one['outcome']}, first byte "
            f"{one['first_byte_ms']} ms, {one.get('input_tokens', 0)} in, {one.get('output_tokens', 0)} out, "
            f"repairs {one.get('repairs', [])}, losses {one.get('losses', [])}"
            for one in self.exchanges
        ]
        said = [f"client: {line}" for line in self.stdout.splitlines()]
        errors = [f"client stderr: {line}" for line in self.stderr.splitlines()[-20:]]
        ended = f"client: exit {self.exit_code} after {self.took_s:.1f} s"
        return "\n".join([*said, *errors, ended, *upstream, *gateway])


@dataclass
class Scene:
    """Where a client run takes place.

    Shape: `room/home` is its HOME, `room/repo` a git repository, `config` goes into the gateway's config.json,
    `rules` into the simulator's rule table.
    """

    room: Path
    config: dict[str, Any] = field(default_factory=dict[str, Any])
    rules: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    timeout_s: float = 90

    def __post_init__(self) -> None:
        self.home = self.room / "home"
        self.repository = self.room / "repo"
        self.home.mkdir()
        self.repository.mkdir()
        self._git("init", "--quiet")

    def commit(self, **files: str) -> None:
        """Put files into the repository; a name's `_` before its ending stands for the dot."""
        for name, content in files.items():
            (self.repository / name.replace("_", ".")).write_text(content)
        self._git("add", ".")
        self._git("commit", "--quiet", "--message", "begin")

    def play(self, command: list[str], environment: dict[str, str]) -> Played:
        """Run the client in a namespace that has a loopback, the simulator and the gateway, and nothing else."""
        scene = {
            "room": str(self.room),
            "config": self.config,
            "rules": self.rules,
            "command": command,
            "environment": self._environment() | environment,
            "directory": str(self.repository),
            "timeout_s": self.timeout_s,
        }
        done = subprocess.run(
            [*NAMESPACE, sys.executable, str(Path(__file__).with_name("stage.py"))],
            input=json.dumps(scene),
            env={**os.environ, "PYTHONPATH": str(PROJECT / "tests")},
            capture_output=True,
            text=True,
            timeout=self.timeout_s + _START_AND_STOP_S,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        result = json.loads(done.stdout)
        assert "exchange.crashed" not in result["log"], result["log"]
        requests = [UpstreamRequest(**one) for one in result.pop("requests")]
        played = Played(**result, requests=requests, repository=self.repository)
        print(f"$ {Path(command[0]).name} {shlex.join(command[1:])}\n{played.story()}")
        return played

    def _environment(self) -> dict[str, str]:
        return {
            "HOME": str(self.home),
            "PATH": os.environ["PATH"],
            "TERM": "dumb",
            "LANG": "C.UTF-8",
            "TMPDIR": str(self.room),
        }

    def _git(self, *arguments: str) -> None:
        identity = ["-c", "user.name=Test", "-c", "user.email=test@example.invalid"]
        subprocess.run(["git", *identity, *arguments], cwd=self.repository, check=True, capture_output=True)


def why_no_namespace() -> str | None:
    """The reason why this machine cannot confine a client to loopback; None when it can."""
    try:
        done = subprocess.run([*NAMESPACE, "true"], capture_output=True, text=True, timeout=10, check=False)
    except OSError as error:
        return f"unshare cannot be run: {error}"
    return None if done.returncode == 0 else f"network namespaces are not allowed: {done.stderr.strip()}"
