"""One simulator with a clock that stands still, and a client that keeps every byte of the answers."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import msgspec
import pytest

from copilot_api.simulator import Simulator, running_simulator

Json = dict[str, Any]


@dataclass
class Answer:
    """One HTTP answer, whole."""

    status: int
    content_type: str
    body: bytes
    headers: dict[str, str]

    @property
    def refusal(self) -> tuple[int, str, bytes]:
        """Status, content type and bytes: what a refusal is judged by."""
        return self.status, self.content_type, self.body

    @property
    def json(self) -> Any:
        """The decoded body."""
        return msgspec.json.decode(self.body)

    @property
    def events(self) -> list[Json]:
        """The JSON payloads of an event stream, `[DONE]` left out."""
        lines = [line[6:] for line in self.body.split(b"\n") if line.startswith(b"data: ")]
        return [msgspec.json.decode(line) for line in lines if line != b"[DONE]"]

    @property
    def event_names(self) -> list[str]:
        """The names of an event stream."""
        return [line[7:].decode() for line in self.body.split(b"\n") if line.startswith(b"event: ")]


@dataclass
class Clock:
    """A clock that moves when told to."""

    now_s: float = 1_788_300_000.0

    def __call__(self) -> float:
        """Tell the time."""
        return self.now_s


@dataclass
class World:
    """A running simulator and ways to call it."""

    simulator: Simulator
    session: aiohttp.ClientSession
    clock: Clock
    plan: str = "individual"
    headers: dict[str, str] = field(default_factory=dict[str, str])

    async def call(self, method: str, url: str, *, headers: dict[str, str], **more: Any) -> Answer:
        """Send one request exactly as given."""
        if "user-agent" not in headers:
            more["skip_auto_headers"] = ["User-Agent"]
        async with self.session.request(method, url, headers=headers, **more) as response:
            shown = {name.lower(): value for name, value in response.headers.items()}
            return Answer(response.status, shown.get("content-type", ""), await response.read(), shown)

    async def github(self, method: str, path: str, **headers: str) -> Answer:
        """Call api.github.com as the plan's account."""
        token = self.simulator.github_token(self.plan)
        fixed = {"authorization": f"token {token}", "user-agent": "test/1"}
        sent = {**fixed, **{name.replace("_", "-"): value for name, value in headers.items()}}
        return await self.call(method, self.simulator.url + path, headers=sent)

    def copilot_headers(self, headers: dict[str, str | None]) -> dict[str, str]:
        """Headers of a direct-token client; a None takes one away."""
        fixed: dict[str, str | None] = {
            "authorization": f"Bearer {self.simulator.github_token(self.plan)}",
            "user-agent": "test/1",
            "x-github-api-version": "2026-06-01",
        }
        merged = {**fixed, **{name.replace("_", "-"): value for name, value in headers.items()}}
        return {name: value for name, value in merged.items() if value is not None}

    async def get(self, path: str, *, plan: str | None = None, **headers: str | None) -> Answer:
        """GET from the Copilot host of a plan."""
        url = self.simulator.api_url(plan or self.plan) + path
        return await self.call("GET", url, headers=self.copilot_headers(headers))

    async def post(self, path: str, body: Any, **headers: str | None) -> Answer:
        """POST JSON (or raw bytes) to the Copilot host of the plan."""
        url = self.simulator.api_url(self.plan) + path
        raw = body if isinstance(body, bytes) else msgspec.json.encode(body)
        return await self.call("POST", url, headers=self.copilot_headers(headers), data=raw)

    async def chat(self, text: str, model: str = "gpt-4.1", **more: Any) -> Answer:
        """Ask one question on /chat/completions."""
        body = {"model": model, "messages": [{"role": "user", "content": text}], **more}
        return await self.post("/chat/completions", body)

    async def messages(
        self, text: str = "hi", model: str = "claude-sonnet-4.6", beta: str | None = None, **more: Any
    ) -> Answer:
        """Ask one question on /v1/messages, served by Bedrock unless the text says otherwise."""
        body = {"model": model, "max_tokens": 4096, "messages": [{"role": "user", "content": text}], **more}
        return await self.post("/v1/messages", body, anthropic_beta=beta)

    async def responses(self, given: Any = "hi", model: str = "gpt-5.3-codex", **more: Any) -> Answer:
        """Ask one question on /responses."""
        return await self.post("/responses", {"model": model, "input": given, **more})

    async def control(self, name: str, body: Json) -> Answer:
        """POST to a control route."""
        return await self.call(
            "POST", f"{self.simulator.url}/_sim/{name}", headers={"user-agent": "t"}, json=body
        )

    async def exchange(self) -> str:
        """Exchange the plan's GitHub token."""
        answer = await self.github("GET", "/copilot_internal/v2/token")
        return answer.json["token"]


@pytest.fixture
async def world() -> AsyncIterator[World]:
    """A fresh simulated world whose Messages requests are served by Bedrock."""
    clock = Clock()
    async with (
        running_simulator(clock=clock, backend="bedrock") as simulator,
        aiohttp.ClientSession() as session,
    ):
        yield World(simulator, session, clock)
