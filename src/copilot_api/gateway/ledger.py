"""One record per exchange, off the hot path: queued by the request, written in batches by tasks of their own.

Owns the record and the queues, one for each sink. Must never fail or delay a request: a sink that fails is reported
and, where it keeps what it is given, given the same batch again; a full queue drops the oldest records, counting
them, rather than grow.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import msgspec

from copilot_api.copilot.flight import Spawn
from copilot_api.copilot.quota import QuotaSnapshot
from copilot_api.gateway.telemetry.context import TraceContext
from copilot_api.neutral.usage import Usage

Quoted = str | QuotaSnapshot | None
"""What a meter was told last, unread: a reply's header, or GitHub's answer."""


class UsageRecord(msgspec.Struct, kw_only=True, gc=False):
    """What one exchange was. Filled in as it happens, queued at its end.

    Units: `started_unix_s` wall clock; `first_byte_ms` and `total_ms` since the request's head arrived;
    sizes in bytes; `nano_aiu` in 1e-9 AI credits, by Copilot's own bill or by the catalogue's prices, as `credits_from`
    says ("copilot", "catalogue", or "" where nobody knows). `outcome` is "completed", "failed", "cut", "client_gone"
    or "refused". `client` is its User-Agent, `client_hint` what else it calls itself, `conversation` its own id of the
    session. The quotas are what the account's meter had been told last before, and with the answer.
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
    client_hint: str = ""
    initiator: str = ""
    interaction_id: str = ""
    conversation: str = ""
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
    quota_before: Quoted = None
    quota_after: Quoted = None
    first_byte_ms: float = 0.0
    total_ms: float = 0.0
    request_bytes: int = 0
    response_bytes: int = 0
    trace_context: TraceContext | None = None
    """Only where somebody is told of traces."""
    sent_unix_s: float = 0.0
    """When Copilot was asked first; only with a trace context."""
    upstream_base: str = ""
    """Copilot's address for the account; only with a trace context."""


T = TypeVar("T")
Sink = Callable[[Sequence[UsageRecord]], Awaitable[None]]
Report = Callable[[str, Exception], None]

MAX_BATCH = 2_000
"""Records written together at most: what a crash in the middle of a write can lose."""

MANY, LONG_PAUSE = 10, 10
"""When so many came during a pause, the next one is so many times longer: a write costs as much as 40 records."""

SLICE = 32
"""Records worked on at a time on the event loop: a fifth of a millisecond."""


async def each(records: Sequence[UsageRecord], work: Callable[[UsageRecord], T]) -> list[T]:
    """What `work` makes of each record, worked out on the event loop, in slices that hold nobody up.

    In a thread it would cost more, and hold requests up for longer: the two would hand the interpreter's lock back
    and forth. A sink's thread is for waiting: for a disk, or a server.
    """
    done: list[T] = []
    for begin in range(0, len(records), SLICE):
        if begin:
            await asyncio.sleep(0)
        done += [work(record) for record in records[begin : begin + SLICE]]
    return done


class _Lane:
    """The queue before one sink, and the batch that it is being given."""

    def __init__(self, sink: Sink, report: Report, *, pause_s: float, capacity: int, is_kept: bool) -> None:
        self._sink = sink
        self._report = report
        self._pause_s = pause_s
        self._capacity = capacity
        self._is_kept = is_kept
        self._queue: deque[UsageRecord] = deque()
        self._batch: tuple[UsageRecord, ...] = ()
        self._writing = asyncio.Lock()  # whoever holds it owns the batch: the writer, or a flush beside it
        self._arrived = asyncio.Event()
        self.failures = 0
        """In a row."""
        self.dropped = 0
        self.failed = 0

    @property
    def waiting(self) -> int:
        return len(self._queue) + len(self._batch)

    def put(self, record: UsageRecord) -> None:
        if len(self._queue) >= self._capacity:
            self._queue.popleft()
            self.dropped += 1
        self._queue.append(record)
        if not self._arrived.is_set():
            self._arrived.set()

    async def run(self, spawn: Spawn, retry_s: float, max_retry_s: float) -> None:
        pause_s = self._pause_s
        while True:
            await self._arrived.wait()
            await asyncio.sleep(pause_s)
            pause_s = self._pause_s * (LONG_PAUSE if self.waiting > MANY else 1)
            await asyncio.shield(spawn(self._write()))
            while self.failures:
                await asyncio.sleep(min(max_retry_s, retry_s * 2.0 ** min(self.failures - 1, 16)))
                await asyncio.shield(spawn(self._write()))
            if not self._queue:  # else what came meanwhile waits for the next pause: small batches are dear
                self._arrived.clear()
            elif len(self._queue) > MAX_BATCH:
                pause_s = 0.0

    async def flush(self, patience_s: float, retry_s: float) -> None:
        """Write what is left; what a failing sink does not take in time is counted as failed."""
        deadline_s = time.monotonic() + patience_s
        while self.waiting:
            await self._write()
            if not self.failures:
                continue
            if time.monotonic() + retry_s > deadline_s:
                self.failed += self.waiting
                self._batch = ()
                self._queue.clear()
                return
            await asyncio.sleep(retry_s)

    def _taken(self) -> tuple[UsageRecord, ...]:
        if len(self._queue) > MAX_BATCH:
            return tuple(self._queue.popleft() for _ in range(MAX_BATCH))
        taken = tuple(self._queue)
        self._queue.clear()
        return taken

    async def _write(self) -> None:
        async with self._writing:
            if not self._batch:
                self._batch = self._taken()
            if not self._batch:  # another has written it while this one waited
                return
            try:
                await self._sink(self._batch)
            except Exception as error:
                self._report(getattr(self._sink, "__qualname__", type(self._sink).__name__), error)
                if self._is_kept:
                    self.failures += 1
                    return
                self.failed += len(self._batch)
            self.failures = 0
            self._batch = ()


class Ledger:
    """Takes records at any rate; hands them to the sinks in batches.

    A sink of `kept_by` gets the same batch again until it takes it; the others lose what they fail on.
    Units: `pause_s` between batches lets them grow; `capacity` in records, before each sink; `retry_s` after the first
    failure, twice as long after each other, up to `max_retry_s`.
    """

    def __init__(
        self,
        sinks: Sequence[Sink],
        *,
        report: Report,
        kept_by: Sequence[Sink] = (),
        pause_s: float = 0.05,
        capacity: int = 50_000,
        retry_s: float = 1.0,
        max_retry_s: float = 30.0,
    ) -> None:
        self._report = report
        self._pause_s = pause_s
        self._capacity = capacity
        self._retry_s = retry_s
        self._max_retry_s = max_retry_s
        self._start: Callable[[_Lane], object] | None = None
        self._lanes: tuple[_Lane, ...] = ()
        for sink in sinks:
            self.listen(sink)
        for sink in kept_by:
            self.listen(sink, is_kept=True)

    @property
    def dropped(self) -> int:
        """Records that a full queue pushed out before they were written."""
        return sum(lane.dropped for lane in self._lanes)

    @property
    def failed(self) -> int:
        """Records that a sink failed on and that are lost."""
        return sum(lane.failed for lane in self._lanes)

    @property
    def waiting(self) -> int:
        """Records in the longest queue."""
        return max((lane.waiting for lane in self._lanes), default=0)

    def listen(self, sink: Sink, *, is_kept: bool = False) -> None:
        """Hand every record from now on to `sink`, too."""
        lane = _Lane(sink, self._report, pause_s=self._pause_s, capacity=self._capacity, is_kept=is_kept)
        self._lanes = (*self._lanes, lane)
        if self._start is not None:
            self._start(lane)

    def record(self, record: UsageRecord) -> None:
        """Queue one record. Never blocks, never raises."""
        for lane in self._lanes:
            lane.put(record)

    async def run(self, spawn: Spawn) -> None:
        """Write batches until cancelled. A batch under way is finished by its own task; `flush` writes the rest."""
        async with asyncio.TaskGroup() as group:
            group.create_task(asyncio.Event().wait())  # there may be no lane yet

            def start(lane: _Lane) -> None:
                group.create_task(lane.run(spawn, self._retry_s, self._max_retry_s))

            self._start = start
            for lane in self._lanes:
                start(lane)

    async def flush(self, patience_s: float = 5.0) -> None:
        """Write everything that is queued now; for the end, when no more background work is taken."""
        for lane in self._lanes:
            await lane.flush(patience_s, min(self._retry_s, 0.5))
