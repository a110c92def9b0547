"""The ledger by way of SQLAlchemy: engines that give snapshots to questions, and changes of the tables' shape."""

import contextlib
import logging
from collections.abc import Callable, Generator

from sqlalchemy import URL, Connection, Engine, create_engine, event, insert, inspect, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError

from copilot_api.store.files import locked
from copilot_api.store.ledger.place import HEAD, Place
from copilot_api.store.ledger.problems import newer
from copilot_api.store.ledger.tables import schema
from copilot_api.store.ledger.tables.opening import lock_path
from copilot_api.store.ledger.writing.pen import CONNECT_TIMEOUT_S, PRAGMAS

_MIGRATION_LOCK = 0x636F7069
"""Of PostgreSQL's advisory locks; any number that nobody else uses."""


def open_engine(place: Place, begin: str = "BEGIN") -> Engine:
    """Connections that each see one state of the ledger; with "BEGIN IMMEDIATE", one that nobody else changes."""
    if place.is_server:
        return create_engine(
            place.url,
            pool_size=2,
            max_overflow=2,
            pool_pre_ping=True,
            isolation_level="REPEATABLE READ" if begin == "BEGIN" else "READ COMMITTED",
            connect_args={"connect_timeout": CONNECT_TIMEOUT_S, "application_name": "copilot-api"},
        )
    engine = create_engine(URL.create("sqlite", database=str(place.path)), pool_size=2, max_overflow=2)
    event.listen(engine, "connect", _mannerly)
    event.listen(engine, "begin", _begin_with(begin))
    return engine


def _begin_with(words: str) -> Callable[[Connection], None]:
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql(words)

    return begin


def _mannerly(connection: DBAPIConnection, record: object) -> None:
    """The same manners as the pen's; transactions begin where we say."""
    del record
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


@contextlib.contextmanager
def plainly() -> Generator[None]:
    """Raise what the driver raised, without SQLAlchemy's words around it."""
    try:
        yield
    except DBAPIError as error:
        if error.orig is None:
            raise
        raise error.orig from error


def settle(place: Place) -> None:
    """Make the tables, or bring them up.

    Raises: the driver's errors, OSError, StoreUnavailable for a ledger of a newer version.
    """
    engine = open_engine(place, "BEGIN IMMEDIATE")
    try:
        with plainly(), _alone(place, engine) as connection:
            version = _version(connection)
            if version is None:
                _create(connection)
            elif version != HEAD:
                _upgrade(connection, version, place)
    finally:
        engine.dispose()


@contextlib.contextmanager
def _alone(place: Place, engine: Engine) -> Generator[Connection]:
    """One transaction, while no other process opens the same ledger."""
    with contextlib.ExitStack() as stack:
        if place.path is not None:
            stack.enter_context(locked(lock_path(place.path)))
        connection = stack.enter_context(engine.begin())
        if place.is_server:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
        yield connection


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


def _upgrade(connection: Connection, version: str, place: Place) -> None:
    logging.getLogger("alembic").setLevel(logging.WARNING)  # it tells of every plugin that it loads
    from copilot_api.store.ledger.migrations import upgrade  # noqa: PLC0415 - Alembic costs 10 MB; few starts need it

    if not upgrade(connection, version):
        raise newer(place, version)
