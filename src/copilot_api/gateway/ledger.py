"""One record per exchange, off the hot path: queued by the request, written in batches by a task of its own.

Owns the record and the queue. Must never fail or delay a request: a sink that fails is counted and reported,
and a full queue drops the oldest records, counting them, rather than grow.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence

import msgspec

from copilot_api.copilot.flight import Spawn
from copilot_api.neutral.usage import Usage


class UsageRecord(msgspec.Struct, kw_only=True):
    """What one exchange was. Filled in as it happens, queued at its end.

    Units: `started_unix_s` wall clock; `first_byte_ms` and `total_ms` since the request's head arrived;
    sizes in bytes; `nano_aiu` in 1e-9 AI credits, by Copilot's own bill or by the catalogue's prices, as `credits_from`
    says ("copilot", "catalogue", or "" where nobody knows). `outcome` is "completed", "failed", "cut", "client_gone"
    or "refused".
    """

    trace_id: str
    ingress: str
    path: str
    started_unix_s: float = 0.0
    upstream: str = ""
    mode: str = ""
    reason: str = ""
    operation: str = ""
    is_stream: bool = False
    requested_model: str = ""
    mapped_model: str = ""
    answering_model: str = ""
    account: str = ""
    account_id: str = ""
    key: str = ""
    key_id: str = ""
    client: str = ""
    initiator: str = ""
    interaction_id: str = ""
    status: int = 0
    outcome: str = "completed"
    error_code: str = ""
    error_message: str = ""
    finish: str = ""
    usage: Usage | None = None
    nano_aiu: int | None = None
    credits_from: str = ""
    repairs: list[str] = []
    losses: list[str] = []
    attempts: int = 0
    upstream_request_id: str = ""
    first_byte_ms: float = 0.0
    total_ms: float = 0.0
    request_bytes: int = 0
    response_bytes: int = 0


Sink = Callable[[Sequence[UsageRecord]], Awaitable[None]]
Report = Callable[[str, Exception], None]


class Ledger:
    """Takes records at any rate; hands them to the sinks in batches.

    Units: `pause_s` between batches lets them grow; `capacity` in records.
    """

    def __init__(
        self,
        sinks: Sequence[Sink],
        *,
        report: Report,
        pause_s: float = 0.05,
        capacity: int = 100_000,
    ) -> None:
        self._sinks = tuple(sinks)
        self._report = report
        self._pause_s = pause_s
        self._capacity = capacity
        self._queue: deque[UsageRecord] = deque()
        self._arrived = asyncio.Event()
        self.dropped = 0
        self.failed = 0

    def record(self, record: UsageRecord) -> None:
        """Queue one record. Never blocks, never raises."""
        if len(self._queue) >= self._capacity:
            self._queue.popleft()
            self.dropped += 1
        self._queue.append(record)
        if not self._arrived.is_set():
            self._arrived.set()

    async def run(self, spawn: Spawn) -> None:
        """Write batches until cancelled. A batch under way is finished by its own task; `flush` writes the rest."""
        while True:
            await self._arrived.wait()
            await asyncio.sleep(self._pause_s)
            self._arrived.clear()
            await asyncio.shield(spawn(self._write(self._take())))

    async def flush(self) -> None:
        """Write everything that is queued now; for the end, when no more background work is taken."""
        while self._queue:
            await self._write(self._take())

    def _take(self) -> tuple[UsageRecord, ...]:
        batch = tuple(self._queue)
        self._queue.clear()
        return batch

    async def _write(self, batch: tuple[UsageRecord, ...]) -> None:
        for sink in self._sinks:
            try:
                await sink(batch)
            except Exception as error:
                self.failed += len(batch)
                self._report(getattr(sink, "__qualname__", repr(sink)), error)
