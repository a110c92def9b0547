"""The ledger opened: what `book.py` does in its threads, and where the errors of databases end.

Whatever writes goes through one pen, in plain SQL; SQLAlchemy comes with the first question (150 ms and 15 MB that a
gateway which only writes does without).
"""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from copilot_api.store.ledger.entry import Entry, Reading
from copilot_api.store.ledger.place import Place
from copilot_api.store.ledger.problems import translated
from copilot_api.store.ledger.tables.opening import open_pen
from copilot_api.store.ledger.writing import removal
from copilot_api.store.ledger.writing.batch import (
    Dictionary,
    is_written,
    take_numbers,
    write_batch,
    write_missing,
)
from copilot_api.store.ledger.writing.pen import Page
from copilot_api.store.ledger.writing.readings import write_readings
from copilot_api.store.ledger.writing.reference import read_reference

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

T = TypeVar("T")
_Put = Callable[[Page, Sequence[Entry]], int]
_PORTION_PAUSE_S = 0.005
"""Between portions of a long removal, so that whoever writes gets a turn."""


class Volume:
    """One open ledger. `write` is for one thread; the rest for any.

    Raises: StoreUnavailable, from every method.
    """

    def __init__(self, place: Place) -> None:
        self._place = place
        self._known = Dictionary()
        self._doubt: tuple[int, Entry] | None = None
        self._engine: Engine | None = None
        self._asking = threading.Lock()
        self.refused = 0
        with translated(self._place):
            self._pen = open_pen(place)

    def write(self, entries: Sequence[Entry], readings: Sequence[Reading]) -> None:
        """Write a batch, whole or not at all; what cannot be stored in it is left out and counted."""
        with translated(self._place):
            try:
                self._write(entries, readings, self._put)
            except self._pen.unstorable:
                self._write(entries, readings, self._put_singly)

    def import_from(self, path: Path, logins: Mapping[str, str]) -> tuple[int, int]:
        """Take over the reference gateway's log; how many rows were new, and how many there were."""
        new = seen = 0
        known = Dictionary()  # the writing thread has its own
        with translated(self._place):
            for entries in read_reference(path, logins):
                with self._pen.transaction() as page:
                    new += write_missing(page, entries, known)
                seen += len(entries)
        return new, seen

    def ask(self, question: "Callable[[Connection], T]") -> T:
        """Put a question to one snapshot."""
        from copilot_api.store.ledger.tables.shape import open_engine, plainly  # noqa: PLC0415 - see the module's head

        with translated(self._place):
            with self._asking:
                if self._engine is None:
                    self._engine = open_engine(self._place)
            with plainly(), self._engine.connect() as connection:
                return question(connection)

    def clear(self, account_id: str | None) -> int:
        """Remove everything of one account, or everything; how many rows went."""
        with translated(self._place):
            return removal.clear(self._pen, account_id, _give_way)

    def drop_old(self, before_ms: int) -> int:
        """Remove rows that began before a moment; how many went."""
        with translated(self._place):
            return removal.drop_old(self._pen, before_ms, _give_way)

    def close(self) -> None:
        """Close every connection."""
        if self._engine is not None:
            self._engine.dispose()
        self._pen.close()

    def _write(self, entries: Sequence[Entry], readings: Sequence[Reading], put: _Put) -> None:
        """One transaction. Where nobody knows whether the batch was committed the last time, look first."""
        try:
            with self._pen.transaction() as page:
                if not self._is_doubted_but_written(page, entries):
                    first_id = put(page, entries)
                    write_readings(page, readings)
                    if entries:
                        self._doubt = (first_id, entries[0])
        except BaseException:
            self._known.forget()  # its newest numbers may not have been committed
            raise
        if entries:
            self._doubt = None

    def _is_doubted_but_written(self, page: Page, entries: Sequence[Entry]) -> bool:
        """The doubt stays until the batch that it is about is given again, and looking has succeeded."""
        if self._doubt is None or not entries:
            return False
        first_id, first = self._doubt
        return entries[0].trace_id == first.trace_id and is_written(page, first_id, first)

    def _put(self, page: Page, entries: Sequence[Entry]) -> int:
        if not entries:
            return take_numbers(page, 0)[0]
        return write_batch(page, entries, self._known)

    def _put_singly(self, page: Page, entries: Sequence[Entry]) -> int:
        first_id = self._put(page, ())
        for entry in entries:
            try:
                with page.part():
                    self._put(page, (entry,))
            except self._pen.unstorable:
                self._known.forget()
                self.refused += 1
        return first_id


def _give_way() -> None:
    time.sleep(_PORTION_PAUSE_S)
