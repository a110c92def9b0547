"""The ledger opened: what `book.py` does in its threads. The one door to SQLAlchemy, and where its errors end."""

import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, SQLAlchemyError

from copilot_api.errors import StoreUnavailable
from copilot_api.store.ledger.entry import Entry, Reading
from copilot_api.store.ledger.opening import open_engines
from copilot_api.store.ledger.place import Place
from copilot_api.store.ledger.writing import removal
from copilot_api.store.ledger.writing.batch import (
    Dictionary,
    is_written,
    take_numbers,
    write_batch,
    write_missing,
)
from copilot_api.store.ledger.writing.readings import write_readings
from copilot_api.store.ledger.writing.reference import read_reference

T = TypeVar("T")
_Put = Callable[[Connection, Sequence[Entry]], int]
_UNSTORABLE = (DataError, IntegrityError, OverflowError, UnicodeError)
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
        self.refused = 0
        with self._translated():
            self._engines = open_engines(place)

    def write(self, entries: Sequence[Entry], readings: Sequence[Reading]) -> None:
        """Write a batch, whole or not at all; what cannot be stored in it is left out and counted."""
        with self._translated():
            try:
                self._write(entries, readings, self._put)
            except _UNSTORABLE:
                self._write(entries, readings, self._put_singly)

    def import_from(self, path: Path, logins: Mapping[str, str]) -> tuple[int, int]:
        """Take over the reference gateway's log; how many rows were new, and how many there were."""
        new = seen = 0
        known = Dictionary()  # the writing thread has its own
        with self._translated():
            for entries in read_reference(path, logins):
                with self._engines.writer.begin() as connection:
                    new += write_missing(connection, entries, known)
                seen += len(entries)
        return new, seen

    def ask(self, question: Callable[[Connection], T]) -> T:
        """Put a question to one snapshot."""
        with self._translated(), self._engines.reader.connect() as connection:
            return question(connection)

    def clear(self, account_id: str | None) -> int:
        """Remove everything of one account, or everything; how many rows went."""
        with self._translated():
            return removal.clear(self._engines.writer, account_id, _give_way)

    def drop_old(self, before_ms: int) -> int:
        """Remove rows that began before a moment; how many went."""
        with self._translated():
            return removal.drop_old(self._engines.writer, before_ms, _give_way)

    def close(self) -> None:
        """Close every connection."""
        self._engines.dispose()

    def _write(self, entries: Sequence[Entry], readings: Sequence[Reading], put: _Put) -> None:
        """One transaction. Where nobody knows whether the last one was committed, look first."""
        try:
            with self._engines.writer.begin() as connection:
                doubt, self._doubt = self._doubt, None
                if doubt is not None and is_written(connection, *doubt):
                    return
                first_id = put(connection, entries)
                write_readings(connection, readings)
                self._doubt = (first_id, entries[0]) if entries else None
        except BaseException:
            self._known.forget()  # its newest numbers may not have been committed
            raise
        self._doubt = None

    def _put(self, connection: Connection, entries: Sequence[Entry]) -> int:
        if not entries:
            return take_numbers(connection, 0)[0]
        return write_batch(connection, entries, self._known)

    def _put_singly(self, connection: Connection, entries: Sequence[Entry]) -> int:
        first_id = self._put(connection, ())
        for entry in entries:
            try:
                with connection.begin_nested():
                    self._put(connection, (entry,))
            except _UNSTORABLE:
                self._known.forget()
                self.refused += 1
        return first_id

    @contextmanager
    def _translated(self) -> Generator[None]:
        """Say in our words what the database says."""
        try:
            yield
        except OSError as error:
            raise self._unavailable(error.strerror or str(error)) from error
        except DBAPIError as error:
            raise self._unavailable(" ".join(str(error.orig).split())) from error
        except (SQLAlchemyError, ModuleNotFoundError) as error:
            raise self._unavailable(str(error)) from error

    def _unavailable(self, reason: str) -> StoreUnavailable:
        return StoreUnavailable(
            f"The usage ledger in {self._place} cannot be used: {reason.rstrip('.')}. {_remedy(reason, self._place)}"
        )


def _give_way() -> None:
    time.sleep(_PORTION_PAUSE_S)


def _remedy(reason: str, place: Place) -> str:
    """What a person does about it."""
    lowered = reason.lower()
    if "psycopg" in lowered:
        return "Install the driver: pip install 'copilot-api-gateway[postgres]'."
    if place.is_server:
        return "Check DATABASE_URL, and that the database server runs and lets this user create tables."
    if "full" in lowered or "no space" in lowered:
        return "Free some space on that disk; records wait in memory and are written then."
    if "locked" in lowered or "busy" in lowered:
        return "Another program holds the file; end it. Records wait in memory and are written then."
    if "malformed" in lowered or "not a database" in lowered:
        return "The file is damaged: stop copilot-api, move the file away, and start again."
    return "Check that the directory exists, belongs to this user and is writable."
