"""Our own load: raw keep-alive connections, cheap enough not to be what is measured.

Owns the connection and the count of what came back. An answer that is refused, cut or short is a failure of the
whole run: a proxy that drops events would otherwise look fast.
"""

import asyncio
import time
from dataclasses import dataclass, field
from typing import cast

from tests.perf.requests import Case

PATIENCE_S = 60.0


class BadAnswer(Exception):
    """An answer that is not what was asked for; the message quotes its beginning."""


@dataclass
class Tally:
    """What a load has seen.

    Units: `first_ms` one value a stream (request sent to first event), `total_ms` one a request. `reads` counts
    deliveries of the kernel, so events / reads tells whether something holds events back and sends them together.
    """

    requests: int = 0
    events: int = 0
    reads: int = 0
    first_ms: list[float] = field(default_factory=list)
    total_ms: list[float] = field(default_factory=list)
    event_counts: set[int] = field(default_factory=set)


class Connection(asyncio.Protocol):
    """One keep-alive connection; sends the same request again and again and checks each answer."""

    def __init__(self, request: bytes, case: Case, tally: Tally) -> None:
        self._request = request
        self._case = case
        self._tally = tally
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._answered: asyncio.Future[None] | None = None
        self._clear()

    def _clear(self) -> None:
        self._head: bytes | None = None
        self._tail = b""
        self._received = 0
        self._length: int | None = None
        self._events = 0
        self._has_end = False
        self._first_s = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is no subclass

    def connection_lost(self, exc: Exception | None) -> None:
        """Fail the answer that is still awaited."""
        self._fail(f"connection lost ({exc})")

    async def ask(self) -> None:
        """Send the request and wait until its answer is complete.

        Raises: BadAnswer.
        """
        assert self._transport is not None
        self._clear()
        self._answered = self._loop.create_future()
        self._sent_s = time.perf_counter()
        self._transport.write(self._request)
        await asyncio.wait_for(self._answered, PATIENCE_S)

    def close(self) -> None:
        """Hang up."""
        self._answered = None
        if self._transport is not None:
            self._transport.close()

    def data_received(self, data: bytes) -> None:
        """Count what came; tell `ask` when it is the end."""
        if self._head is None:
            self._read_head(data)
        self._received += len(data)
        is_split = self._tail.endswith(b"\n") and data.startswith(b"\n")
        seen = self._tail + data
        self._tail = seen[-32:]
        if self._case.end in seen:
            self._has_end = True
        if self._case.is_stream:
            self._tally.reads += 1
            count = data.count(b"\n\n") + is_split
            if count and not self._events:
                self._first_s = time.perf_counter()
            self._events += count
        is_last = seen.endswith(b"0\r\n\r\n") if self._length is None else self._received >= self._length
        if is_last:
            self._finish()

    def _read_head(self, data: bytes) -> None:
        head, _, _ = data.partition(b"\r\n\r\n")
        self._head = head
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                self._length = int(line.partition(b":")[2]) + len(head) + 4
        if not head.startswith(b"HTTP/1.1 200"):
            self._fail(f"refused: {data[:600]!r}")

    def _finish(self) -> None:
        tally, now_s = self._tally, time.perf_counter()
        if not self._has_end:
            self._fail(f"cut: no {self._case.end!r}; it ends in {self._tail!r}")
            return
        tally.requests += 1
        tally.total_ms.append((now_s - self._sent_s) * 1000)
        if self._case.is_stream:
            tally.events += self._events
            tally.event_counts.add(self._events)
            tally.first_ms.append((self._first_s - self._sent_s) * 1000)
        if self._answered is not None and not self._answered.done():
            self._answered.set_result(None)

    def _fail(self, why: str) -> None:
        if self._answered is not None and not self._answered.done():
            self._answered.set_exception(BadAnswer(f"{self._case.name}: {why}"))


def wire_request(case: Case, port: int, path: str, headers: dict[str, str]) -> bytes:
    """The bytes of one request."""
    lines = [f"POST {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", f"Content-Length: {len(case.body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + case.body


async def load(
    case: Case, port: int, request: bytes, connections: int, duration_s: float, *, stagger_s: float = 0.0
) -> Tally:
    """Keep `connections` connections busy, each with one request at a time, until the time is over.

    Units: `stagger_s` spreads the first requests, so that paced streams do not all tick together. A stream that
    runs when the time is over is awaited.
    Raises: BadAnswer.
    """
    tally = Tally()
    until_s = time.perf_counter() + duration_s

    async def keep_asking(index: int) -> None:
        loop = asyncio.get_running_loop()
        transport, connection = await loop.create_connection(
            lambda: Connection(request, case, tally), "127.0.0.1", port
        )
        await asyncio.sleep(stagger_s * index / connections)
        try:
            while True:
                await connection.ask()
                if time.perf_counter() >= until_s:
                    return
        finally:
            connection.close()
            transport.abort()

    async with asyncio.TaskGroup() as group:
        for index in range(connections):
            group.create_task(keep_asking(index))
    return tally
