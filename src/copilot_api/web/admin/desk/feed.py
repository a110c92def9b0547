"""What happens, told to every page that listens. Asks nobody: rooms publish, readers read.

A reader that does not keep up is dropped rather than let its queue grow; its page connects again and reads anew.
"""

import asyncio
from itertools import count

import msgspec

CAPACITY = 256
"""Events that wait for one reader at most."""


class Event(msgspec.Struct, frozen=True):
    """One thing that happened. `data` is JSON, encoded once for all readers."""

    id: int
    topic: str
    data: bytes


class Reader:
    """One listener's queue. `is_dropped` once it did not keep up, or once it was sent away."""

    def __init__(self) -> None:
        self._waiting: asyncio.Queue[Event | None] = asyncio.Queue()
        self.is_dropped = False

    async def next(self) -> Event | None:
        """Wait for the next event; None when there will be no more."""
        if self.is_dropped and self._waiting.empty():
            return None
        return await self._waiting.get()

    def put(self, event: Event) -> None:
        """Queue an event, or drop the reader whose queue is full."""
        if self.is_dropped:
            return
        if self._waiting.qsize() >= CAPACITY:
            self.drop()
            return
        self._waiting.put_nowait(event)

    def drop(self) -> None:
        """End it: what is queued is still read, then comes None."""
        if not self.is_dropped:
            self.is_dropped = True
            self._waiting.put_nowait(None)


class Feed:
    """Every listener, and the way to tell them something."""

    def __init__(self) -> None:
        self._readers: set[Reader] = set()
        self._ids = count(1)
        self._is_closed = False

    @property
    def is_heard(self) -> bool:
        """Whether anybody listens; a room with much to tell asks first."""
        return bool(self._readers)

    def publish(self, topic: str, data: object) -> None:
        """Tell every listener. Never blocks. `data` is anything msgspec encodes.

        A callable is called only when somebody listens.
        """
        if not self._readers:
            return
        value: object = data() if callable(data) else data
        event = Event(next(self._ids), topic, msgspec.json.encode(value))
        for reader in tuple(self._readers):
            reader.put(event)
            if reader.is_dropped:
                self._readers.discard(reader)

    def join(self) -> Reader:
        """Begin to listen; give the reader back with `leave`."""
        reader = Reader()
        if self._is_closed:
            reader.drop()
        else:
            self._readers.add(reader)
        return reader

    def leave(self, reader: Reader) -> None:
        """Stop listening."""
        self._readers.discard(reader)

    def close(self) -> None:
        """The server ends: every stream does, and none begins."""
        self._is_closed = True
        for reader in self._readers:
            reader.drop()
        self._readers.clear()
