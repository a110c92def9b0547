"""The client's end of one exchange: what was promised to it so far, and what may still be said.

Owns the order "head, then whole frames, then exactly one end". A keepalive may come between any two writes,
also before upstream's first byte: it then commits to status 200 with the headers known so far.
"""

import asyncio
from enum import Enum, auto
from typing import Protocol

Headers = list[tuple[bytes, bytes]]


class Writer(Protocol):
    """The edge's way to the client (ASGI, in `web/ingress.py`)."""

    async def start(self, status: int, headers: Headers) -> None:
        """Send the head."""
        ...

    async def write(self, body: bytes) -> None:
        """Send part of the body."""
        ...

    async def finish(self, body: bytes) -> None:
        """Send the last part of the body."""
        ...

    def abort(self) -> None:
        """Leave the answer unfinished, so that no client takes it for a whole one."""
        ...


class Stage(Enum):
    """How far the answer has come."""

    WAITING = auto()
    OPEN = auto()
    ENDED = auto()


class Outlet:
    """One answer on its way to the client."""

    __slots__ = (
        "_filling",
        "_is_writing",
        "_writer",
        "bytes_sent",
        "early_head",
        "filler",
        "stage",
    )

    def __init__(self, writer: Writer, *, early_head: Headers, filler: bytes) -> None:
        """`early_head` goes out with a keepalive that comes before upstream's first byte; `filler` is it."""
        self._writer = writer
        self.early_head = early_head
        self.filler = filler
        self.stage = Stage.WAITING
        self.bytes_sent = 0
        self._is_writing = False
        self._filling: asyncio.Future[None] | None = None

    async def keepalive(self) -> None:
        """Say something harmless, unless a write is under way or the answer has ended."""
        if self._is_writing or self._filling is not None or self.stage is Stage.ENDED:
            return
        self._filling = asyncio.get_running_loop().create_future()
        try:
            if self.stage is Stage.WAITING:
                self.stage = Stage.OPEN
                await self._writer.start(200, self.early_head)
            await self._writer.write(self.filler)
            self.bytes_sent += len(self.filler)
        finally:
            self._filling.set_result(None)
            self._filling = None

    async def open(self, status: int, headers: Headers) -> None:
        """Send the head, unless a keepalive already did."""
        await self._settle()
        if self.stage is Stage.WAITING:
            self.stage = Stage.OPEN
            await self._writer.start(status, headers)

    async def write(self, frames: bytes) -> None:
        """Send whole frames."""
        if self._filling is not None:
            await self._settle()
        self._is_writing = True
        await self._writer.write(frames)
        self.bytes_sent += len(frames)
        self._is_writing = False

    async def finish(self, body: bytes = b"") -> None:
        """Send the last bytes; nothing may follow."""
        await self._settle()
        self.stage = Stage.ENDED
        self.bytes_sent += len(body)
        await self._writer.finish(body)

    async def abort(self, body: bytes) -> None:
        """Say `body`, then leave the answer visibly unfinished."""
        await self._settle()
        self.stage = Stage.ENDED
        self.bytes_sent += len(body)
        await self._writer.write(body)
        self._writer.abort()

    async def _settle(self) -> None:
        while self._filling is not None:
            await asyncio.shield(self._filling)
