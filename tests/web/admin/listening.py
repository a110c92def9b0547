"""A page that listens to the admin's events, over HTTP as a browser does."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

from gate import Gate, until

Event = tuple[str, dict[str, Any]]


class Listener:
    """What one page has heard so far."""

    def __init__(self) -> None:
        self.heard: list[Event] = []

    def of(self, topic: str) -> list[dict[str, Any]]:
        """Every document under one topic, oldest first."""
        return [document for told, document in self.heard if told == topic]

    async def hears(self, topic: str, patience_s: float = 5.0, **fields: object) -> dict[str, Any]:
        """Wait for a document under a topic that has these fields."""

        def fitting() -> list[dict[str, Any]]:
            return [
                document
                for document in self.of(topic)
                if all(document.get(name) == value for name, value in fields.items())
            ]

        await until(fitting, patience_s)
        return fitting()[0]


async def _listen(gate: Gate, listener: Listener) -> None:
    async with gate.http.get(gate.url + "/admin/api/events") as response:
        assert response.status == 200
        topic = ""
        async for line in response.content:
            text = line.decode().rstrip("\n")
            if text.startswith("event: "):
                topic = text.removeprefix("event: ")
            elif text.startswith("data: "):
                listener.heard.append((topic, json.loads(text.removeprefix("data: "))))


@contextlib.asynccontextmanager
async def listening(gate: Gate, count: int = 1) -> AsyncIterator[list[Listener]]:
    """Keep so many pages open until the block ends."""
    listeners = [Listener() for _ in range(count)]
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(_listen(gate, listener)) for listener in listeners]
        try:
            for listener in listeners:
                await listener.hears("hello")
            yield listeners
        finally:
            for task in tasks:
                task.cancel()
