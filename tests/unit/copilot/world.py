"""Time, chance and the network for the copilot room's tests, all in the test's hand."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

from copilot_api.copilot.transport.answer import Answer

NOW = 1_788_300_000.0


class Clock:
    """A clock that moves only when told, and sleeps by moving."""

    def __init__(self) -> None:
        self.now = NOW
        self.slept: list[float] = []

    def __call__(self) -> float:
        """Unix seconds."""
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Let the time pass without waiting for it."""
        self.slept.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)


@asynccontextmanager
async def task_group() -> AsyncIterator[asyncio.TaskGroup]:
    """A TaskGroup as the composition root has one; what still runs at the end is cancelled."""
    async with asyncio.TaskGroup() as group:
        started: list[asyncio.Task[None]] = []
        real = group.create_task

        def create(coroutine: object) -> "asyncio.Task[None]":
            task = real(coroutine)  # type: ignore[arg-type]
            started.append(task)
            return task

        group.create_task = create  # type: ignore[method-assign,assignment]
        try:
            yield group
        finally:
            for task in started:
                task.cancel()


class FakeGitHubSide:
    """A `Fetch` that answers by path and records what was asked."""

    def __init__(self) -> None:
        self.answers: dict[str, list[Answer | Exception] | Callable[[], Answer]] = {}
        self.asked: list[tuple[str, str, dict[str, str], bytes | None]] = []

    async def __call__(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None = None
    ) -> Answer:
        """Answer by path."""
        self.asked.append((method, url, dict(headers), body))
        await asyncio.sleep(0)
        path = "/" + url.split("/", 3)[3]
        answer = self.answers[path]
        if callable(answer):
            return answer()
        first = answer.pop(0) if len(answer) > 1 else answer[0]
        if isinstance(first, Exception):
            raise first
        return first

    def count(self, path: str) -> int:
        """How often `path` was asked for."""
        return sum(1 for _, url, _, _ in self.asked if url.endswith(path))


def answer(body: bytes | str, status: int = 200, headers: dict[str, str] | None = None) -> Answer:
    """An answer with these parts."""
    return Answer(status=status, headers=headers or {}, body=body.encode() if isinstance(body, str) else body)
