"""Opening the ledger: engines, SQLite's manners, and the way from nothing or an older shape to today's tables.

Everything happens under a lock, so that two processes that start together make one ledger.
"""

import contextlib
import os
from collections.abc import Callable, Generator
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection, Engine, create_engine, event, insert, inspect, text
from sqlalchemy.engine.interfaces import DBAPIConnection

from copilot_api.errors import StoreUnavailable
from copilot_api.store.files import locked
from copilot_api.store.ledger import schema
from copilot_api.store.ledger.place import HEAD, Place

BUSY_TIMEOUT_MS = 5_000
CONNECT_TIMEOUT_S = 5
CHECKPOINT_PAGES = 4_000
"""16 MB of journal before its pages move into the file: pages of indexes change often, and move once."""
_MIGRATION_LOCK = 0x636F7069
"""Of PostgreSQL's advisory locks; any number that nobody else uses."""


class Engines(NamedTuple):
    """`writer` has one connection and takes the write lock at once; `reader` gives snapshots."""

    writer: Engine
    reader: Engine

    def dispose(self) -> None:
        """Close every connection."""
        self.reader.dispose()
        self.writer.dispose()


def open_engines(place: Place) -> Engines:
    """Connect, and bring the tables to today's shape.

    Raises: SQLAlchemyError, OSError, StoreUnavailable for a ledger of a newer version.
    """
    if place.path is None:
        engines = _server_engines(place)
    else:
        _make_private(place.path)
        engines = _file_engines(place)
    try:
        with _alone(place, engines.writer) as connection:
            _settle(connection)
    except BaseException:
        engines.dispose()
        raise
    return engines


def _make_private(path: Path) -> None:
    """Only its owner reads the ledger; SQLite gives the files beside it the same mode."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    if os.name == "posix" and path.stat().st_uid == os.geteuid() and path.stat().st_mode & 0o077:
        path.chmod(0o600)


def _file_engines(place: Place) -> Engines:
    writer = create_engine(place.url, pool_size=1, max_overflow=0)
    reader = create_engine(place.url, pool_size=2, max_overflow=2)
    for engine, begin in ((writer, "BEGIN IMMEDIATE"), (reader, "BEGIN")):
        event.listen(engine, "connect", _mannerly)
        event.listen(engine, "begin", _begin_with(begin))
    return Engines(writer, reader)


def _server_engines(place: Place) -> Engines:
    engine = create_engine(
        place.url,
        paramstyle="format",
        pool_size=3,
        max_overflow=1,
        pool_pre_ping=True,
        connect_args={"connect_timeout": CONNECT_TIMEOUT_S, "application_name": "copilot-api"},
    )
    return Engines(engine, engine)


def _mannerly(connection: DBAPIConnection, record: object) -> None:
    """Write-ahead log, no fsync per commit, patience; transactions begin where we say."""
    del record
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout = {BUSY_TIMEOUT_MS}",
        "auto_vacuum = INCREMENTAL",  # heard only before the first table
        "journal_mode = WAL",
        "synchronous = NORMAL",
        f"wal_autocheckpoint = {CHECKPOINT_PAGES}",
        "temp_store = MEMORY",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_with(words: str) -> Callable[[Connection], None]:
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql(words)

    return begin


@contextlib.contextmanager
def _alone(place: Place, writer: Engine) -> Generator[Connection]:
    """One transaction, while no other process opens the same ledger."""
    with contextlib.ExitStack() as stack:
        if place.path is not None:
            stack.enter_context(locked(place.path.with_name(f".{place.path.name}.lock")))
        connection = stack.enter_context(writer.begin())
        if place.is_server:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
        yield connection


def _settle(connection: Connection) -> None:
    """Make the tables, or bring them up; a ledger of today is only asked for its version."""
    version = _version(connection)
    if version == HEAD:
        return
    if version is None:
        _create(connection)
        return
    from copilot_api.store.ledger.migrations import upgrade  # noqa: PLC0415 - Alembic costs 10 MB; few starts need it

    if not upgrade(connection, version):
        raise StoreUnavailable(
            f"The usage ledger was written by a newer version (its schema is {version!r}, this one knows "
            f"{HEAD!r}). Upgrade copilot-api, or move the ledger away."
        )


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()


def _create(connection: Connection) -> None:
    """Today's tables at once, marked as what the migrations lead to; a test compares the two."""
    schema.metadata.create_all(connection)
    connection.execute(insert(schema.state).values(id=1, next_id=1, generation=0))
    connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
    connection.execute(text("INSERT INTO alembic_version VALUES (:head)"), {"head": HEAD})
