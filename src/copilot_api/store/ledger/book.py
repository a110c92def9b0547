"""The ledger as the rest of the house sees it: entries in, answers out, and what is wrong with it.

Owns the threads: one writes, two read or remove. SQLAlchemy is not imported before somebody asks (150 ms and
15 MB that a gateway which only writes does without). Must never run anything on the event loop.
"""

import asyncio
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from copilot_api.errors import StoreUnavailable
from copilot_api.store.ledger.entry import Entry, Reading
from copilot_api.store.ledger.place import Place

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from copilot_api.store.ledger.volume import Volume

T = TypeVar("T")


class Book:
    """One ledger. It opens at the first need and stays open until `close`."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.problem: str | None = None
        """Why the last attempt to write failed, and what to do; None while all is well."""
        self.written = 0
        """Entries written since the start."""
        self._volume: Volume | None = None
        self._opening = threading.Lock()
        self._writer = ThreadPoolExecutor(1, "ledger-writer")
        self._others = ThreadPoolExecutor(2, "ledger-reader")

    @property
    def is_open(self) -> bool:
        """Whether it was needed yet."""
        return self._volume is not None

    @property
    def refused(self) -> int:
        """Entries that the database would not take at all."""
        return 0 if self._volume is None else self._volume.refused

    async def open(self) -> None:
        """Open it now: makes the tables, or brings them up.

        Raises: StoreUnavailable.
        """
        await self._run(self._writer, lambda: self._noted(lambda: None))

    async def write(self, entries: Sequence[Entry], readings: Sequence[Reading] = ()) -> None:
        """Write a batch, whole or not at all. After a failure the same batch may be given again.

        Raises: StoreUnavailable.
        """
        await self._run(self._writer, lambda: self._write(entries, readings))

    async def ask(self, question: "Callable[[Connection], T]") -> T:
        """Put a question to one snapshot of the ledger.

        Raises: StoreUnavailable.
        """
        return await self._run(self._others, lambda: self._opened().ask(question))

    async def clear(self, account_id: str | None = None) -> int:
        """Remove everything of one account, or everything; how many rows went.

        Raises: StoreUnavailable.
        """
        return await self._run(self._others, lambda: self._opened().clear(account_id))

    async def drop_old(self, before_ms: int) -> int:
        """Remove rows that began before a moment; their sums by day stay. How many rows went.

        Raises: StoreUnavailable.
        """
        return await self._run(self._others, lambda: self._opened().drop_old(before_ms))

    async def import_from(self, path: Path, logins: Mapping[str, str]) -> tuple[int, int]:
        """Take over the reference gateway's `usage-logs.sqlite`; how many rows were new, and how many there were.

        Raises: StoreUnavailable.
        """
        return await self._run(self._others, lambda: self._opened().import_from(path, logins))

    async def close(self) -> None:
        """Wait for what is under way and close every connection. Nothing may be asked afterwards."""
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        self._writer.shutdown()
        self._others.shutdown()
        if self._volume is not None:
            self._volume.close()

    async def _run(self, threads: ThreadPoolExecutor, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(threads, work)

    def _opened(self) -> "Volume":
        with self._opening:
            if self._volume is None:
                from copilot_api.store.ledger.volume import Volume  # noqa: PLC0415 - see the module's head

                self._volume = Volume(self.place)
            return self._volume

    def _write(self, entries: Sequence[Entry], readings: Sequence[Reading]) -> None:
        self._noted(lambda: self._opened().write(entries, readings))
        self.written += len(entries)

    def _noted(self, work: Callable[[], None]) -> None:
        """Remember what is wrong, until something goes well."""
        try:
            self._opened()
            work()
        except StoreUnavailable as error:
            self.problem = error.message
            raise
        self.problem = None
