"""The connection that writes: SQLite's own or psycopg's, by the DB-API that both speak, and plain SQL.

    with pen.transaction() as page:
        page.run("UPDATE state SET next_id = next_id + ?", (3,))

Rows go many to a statement. SQLite gives the interpreter's lock away at each step of one, and a thread that wants it
back from a busy event loop costs more than the row. Must never be held while nothing is written: one thread at a time.
"""

import contextlib
import sqlite3
import threading
from collections.abc import Generator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple, Protocol

from copilot_api.store.ledger.place import Place

BUSY_TIMEOUT_MS = 5_000
CONNECT_TIMEOUT_S = 5
CHECKPOINT_PAGES = 4_000
"""16 MB of journal before its pages move into the file: pages of indexes change often, and move once."""
PRAGMAS = (
    f"busy_timeout = {BUSY_TIMEOUT_MS}",
    "auto_vacuum = INCREMENTAL",  # heard only before the first table
    "journal_mode = WAL",
    "synchronous = NORMAL",
    f"wal_autocheckpoint = {CHECKPOINT_PAGES}",
    "temp_store = MEMORY",
)
"""SQLite's manners, for whoever connects to the file."""
ROWS_AT_ONCE = (512, 64, 16, 8, 7, 6, 5, 4, 3, 2, 1)
"""Rows of one statement: few sizes, so that each is prepared once, and few statements for any number of rows."""
MOST_PARAMETERS = 32_766
"""Of one statement: what SQLite takes since 3.32. Older ones say themselves that they take fewer."""

Row = Sequence[object]


class _Cursor(Protocol):
    """What is used of DB-API 2.0 (PEP 249)."""

    @property
    def rowcount(self) -> int: ...
    def execute(self, sql: str, parameters: Any = ..., /) -> object: ...
    def fetchall(self) -> list[Any]: ...


class _Connection(Protocol):
    def cursor(self) -> _Cursor: ...
    def close(self) -> None: ...


class Statement(NamedTuple):
    """`INSERT INTO table (columns) VALUES … tail`, for any number of rows."""

    table: str
    columns: tuple[str, ...]
    tail: str = ""


class Page:
    """One transaction. SQL is written with `?`, which is `%s` to PostgreSQL."""

    def __init__(self, cursor: _Cursor, mark: str, most_parameters: int) -> None:
        self._cursor = cursor
        self._mark = mark
        self._most_parameters = most_parameters

    def run(self, sql: str, values: Row = ()) -> int:
        """Run one statement; how many rows it touched."""
        self._cursor.execute(_spoken(sql, self._mark), values)
        return self._cursor.rowcount

    def ask(self, sql: str, values: Row = ()) -> list[tuple[Any, ...]]:
        """Run one question; every row of the answer."""
        self._cursor.execute(_spoken(sql, self._mark), values)
        return self._cursor.fetchall()

    def insert(self, statement: Statement, rows: Sequence[Row]) -> None:
        """Insert rows that have a value for each of the statement's columns, in their order."""
        begin, left, most = 0, len(rows), self._most_parameters // len(statement.columns)
        for size in ROWS_AT_ONCE:
            if size > most:
                continue
            while left >= size:
                values = [value for row in rows[begin : begin + size] for value in row]
                self._cursor.execute(_insert(statement, size, self._mark), values)
                begin, left = begin + size, left - size

    @contextlib.contextmanager
    def part(self) -> Generator[None]:
        """Take back what fails inside, and only that."""
        self._cursor.execute("SAVEPOINT part")
        try:
            yield
        except BaseException:
            self._cursor.execute("ROLLBACK TO SAVEPOINT part")
            raise
        finally:
            self._cursor.execute("RELEASE SAVEPOINT part")


class Pen:
    """One connection, made at the first need and again after anything went wrong with it."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self._begin, self._mark = ("BEGIN", "%s") if place.is_server else ("BEGIN IMMEDIATE", "?")
        self._turn = threading.Lock()
        self._connection: _Connection | None = None
        self._most_parameters = MOST_PARAMETERS

    @property
    def unstorable(self) -> tuple[type[Exception], ...]:
        """What is raised for values that the database will never take."""
        driver = self.place.driver()
        return (driver.DataError, driver.IntegrityError, OverflowError, UnicodeError)

    @contextlib.contextmanager
    def transaction(self) -> Generator[Page]:
        """One transaction, which takes the write lock at once; rolled back where the block raises.

        Raises: the driver's errors, ModuleNotFoundError where psycopg is needed and not installed.
        """
        with self._turn:
            try:
                cursor = self._connected().cursor()
                cursor.execute(self._begin)
                yield Page(cursor, self._mark, self._most_parameters)
                cursor.execute("COMMIT")
            except BaseException:
                self._roll_back()
                raise

    def close(self) -> None:
        """Close the connection; the next transaction makes another."""
        with self._turn:
            self._drop()

    def _connected(self) -> _Connection:
        """The connection; a server's is asked whether it still stands."""
        if self._connection is not None and self.place.is_server:
            try:
                self._connection.cursor().execute("SELECT 1")
            except Exception:
                self._drop()
        if self._connection is None:
            self._connection = _to_server(self.place) if self.place.is_server else self._to_file()
        return self._connection

    def _to_file(self) -> _Connection:
        """Write-ahead log, no fsync per commit, patience; transactions begin where we say."""
        connection = sqlite3.connect(
            str(self.place.path),
            timeout=BUSY_TIMEOUT_MS / 1000,
            isolation_level=None,
            check_same_thread=False,
        )
        try:
            for pragma in PRAGMAS:
                connection.execute(f"PRAGMA {pragma}")
        except BaseException:
            connection.close()
            raise
        self._most_parameters = min(
            MOST_PARAMETERS, connection.getlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER)
        )
        return connection

    def _roll_back(self) -> None:
        """Give up the transaction, and the connection too: nobody knows what is wrong with it."""
        if self._connection is not None:
            with contextlib.suppress(
                Exception
            ):  # it may have ended by itself, or the connection may be broken
                self._connection.cursor().execute("ROLLBACK")
        self._drop()

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


def _to_server(place: Place) -> _Connection:
    connection: _Connection = place.driver().connect(
        place.url.replace("postgresql+psycopg:", "postgresql:", 1),
        autocommit=True,  # transactions begin where we say
        connect_timeout=CONNECT_TIMEOUT_S,
        application_name="copilot-api",
    )
    return connection


@lru_cache(maxsize=64)
def _spoken(sql: str, mark: str) -> str:
    return sql if mark == "?" else sql.replace("?", mark)


@lru_cache(maxsize=64)
def _insert(statement: Statement, rows: int, mark: str) -> str:
    row = f"({', '.join([mark] * len(statement.columns))})"
    return (
        f"INSERT INTO {statement.table} ({', '.join(statement.columns)}) VALUES {', '.join([row] * rows)} "  # noqa: S608 - our own names
        f"{statement.tail}"
    ).rstrip()
