"""From nothing or an older shape to today's tables, whoever comes first."""

import asyncio
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, select, text

from copilot_api.errors import StoreUnavailable
from copilot_api.store.ledger import Book, Place
from copilot_api.store.ledger.migrations import configuration, upgrade
from copilot_api.store.ledger.opening import open_engines
from copilot_api.store.ledger.place import HEAD
from copilot_api.store.ledger.schema import exchanges, metadata, state
from store.ledger.made import entry


def described(connection: Connection) -> dict[str, object]:
    """Every table as the database itself tells it."""
    inspector = inspect(connection)
    return {
        name: (
            [
                (column["name"], str(column["type"]), column["nullable"])
                for column in inspector.get_columns(name)
            ],
            inspector.get_pk_constraint(name)["constrained_columns"],
            sorted(
                (index["name"] or "", tuple(index["column_names"])) for index in inspector.get_indexes(name)
            ),
        )
        for name in inspector.get_table_names()
    }


def test_the_newest_migration_is_the_one_that_new_tables_are_marked_with() -> None:
    """A new ledger is made at once; it must not look older or newer than it is."""
    assert ScriptDirectory.from_config(configuration()).get_current_head() == HEAD


def test_the_migrations_lead_to_the_same_tables_as_a_new_ledger(place: Place, tmp_path: Path) -> None:
    """What people have who upgrade is what people have who install."""
    made = open_engines(place)
    with made.writer.connect() as connection:
        new = described(connection)
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        connection.rollback()
    with made.writer.begin() as connection:
        metadata.drop_all(connection)
        connection.execute(text("DROP TABLE alembic_version"))
        assert upgrade(connection, None) is True
    with made.writer.connect() as connection:
        migrated = described(connection)
        assert connection.execute(select(state.c.next_id, state.c.generation)).one() == (1, 0)
    made.dispose()
    assert migrated == new


async def test_a_ledger_of_an_older_version_is_brought_up_when_it_is_opened(place: Place) -> None:
    """The version table is what counts: empty means that nothing is there yet."""
    engines = open_engines(place)
    with engines.writer.begin() as connection:
        metadata.drop_all(connection)
        connection.execute(text("DELETE FROM alembic_version"))
        connection.execute(text("DROP TABLE alembic_version"))
    engines.dispose()
    book = Book(place)
    await book.write([entry(1)])
    assert await book.ask(lambda connection: connection.execute(select(exchanges.c.id)).scalars().all()) == [
        1
    ]
    await book.close()


async def test_a_ledger_of_a_newer_version_is_not_touched(place: Place) -> None:
    """Whoever goes back to an older release is told, and loses nothing."""
    engines = open_engines(place)
    with engines.writer.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engines.dispose()
    book = Book(place)
    with pytest.raises(StoreUnavailable, match="written by a newer version \\(its schema is '9999'"):
        await book.write([entry(1)])
    await book.close()


async def test_books_that_open_an_empty_place_together_make_one_ledger(place: Place) -> None:
    """Two gateways that start at the same moment."""
    books = [Book(place) for _ in range(4)]
    await asyncio.gather(*(book.write([entry(number)]) for number, book in enumerate(books)))
    count = await books[0].ask(lambda connection: len(connection.execute(select(exchanges.c.id)).all()))
    for book in books:
        await book.close()
    assert count == 4


def test_a_database_url_becomes_a_place(tmp_path: Path) -> None:
    """Both spellings of PostgreSQL, and a file elsewhere."""
    assert Place.of(tmp_path).path == tmp_path / "usage.sqlite"
    assert Place.of(tmp_path, "sqlite:////data/u.sqlite").path == Path("/data/u.sqlite")
    assert Place.of(tmp_path, "postgres://u:p@db:5433/usage?sslmode=require").url == (
        "postgresql+psycopg://u:p@db:5433/usage?sslmode=require"
    )
    assert (
        str(Place.of(tmp_path, "postgresql:///usage?host=/run/pg"))
        == "the database 'usage' on a local socket"
    )
