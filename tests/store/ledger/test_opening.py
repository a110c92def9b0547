"""From nothing or an older shape to today's tables, whoever comes first."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, select, text

from copilot_api.errors import StoreUnavailable
from copilot_api.store.ledger import Book, Place
from copilot_api.store.ledger.migrations import configuration, upgrade
from copilot_api.store.ledger.place import HEAD
from copilot_api.store.ledger.tables import schema
from copilot_api.store.ledger.tables.opening import open_pen
from copilot_api.store.ledger.tables.schema import exchanges, metadata, state
from copilot_api.store.ledger.tables.shape import open_engine
from copilot_api.store.ledger.writing import statements
from copilot_api.store.ledger.writing.pen import Statement
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


def test_the_migrations_lead_to_the_same_tables_as_a_new_ledger(place: Place) -> None:
    """What people have who upgrade is what people have who install."""
    open_pen(place).close()
    engine = open_engine(place)
    with engine.begin() as connection:
        new = described(connection)
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    with engine.begin() as connection:
        metadata.drop_all(connection)
        connection.execute(text("DROP TABLE alembic_version"))
        assert upgrade(connection, None) is True
    with engine.connect() as connection:
        migrated = described(connection)
        assert connection.execute(select(state.c.next_id, state.c.generation)).one() == (1, 0)
    engine.dispose()
    assert migrated == new


def test_a_file_is_made_in_the_words_that_the_tables_have_in_sqlite() -> None:
    """`make pages` writes them; whoever changes a table and forgets it is told here."""
    made = Path(schema.__file__).with_name("sqlite.sql").read_text(encoding="utf-8")
    assert made == schema.as_sqlite()


def test_statements_name_every_column_of_their_tables_in_order() -> None:
    """They are written by hand; a column that they forget would stay empty."""
    written = [value for value in vars(statements).values() if isinstance(value, Statement)]
    assert {statement.table for statement in written} == set(metadata.tables) - {"state"}
    for statement in written:
        columns = [column.name for column in metadata.tables[statement.table].columns]
        assert list(statement.columns) == [
            name for name in columns if name != "id" or statement.table == "exchanges"
        ]


def test_a_ledger_is_made_and_written_without_sqlalchemy(tmp_path: Path) -> None:
    """It costs 15 MB and 150 ms; only questions need it."""
    program = (
        "import asyncio, pathlib, sys\n"
        "from copilot_api.store.ledger import Book, Place\n"
        "from store.ledger.made import entry\n"
        "async def main():\n"
        f"    book = Book(Place.of(pathlib.Path({str(tmp_path)!r})))\n"
        "    await book.write([entry(1, session='s')])\n"
        "    await book.drop_old(0)\n"
        "    await book.close()\n"
        "    print(sorted({name.partition('.')[0] for name in sys.modules} & {'sqlalchemy', 'alembic'}))\n"
        "asyncio.run(main())\n"
    )
    tests = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=tests, timeout=60, check=True
    )
    assert done.stdout == "[]\n"


async def test_a_ledger_of_an_older_version_is_brought_up_when_it_is_opened(place: Place) -> None:
    """The version table is what counts: empty means that nothing is there yet."""
    open_pen(place).close()
    engine = open_engine(place)
    with engine.begin() as connection:
        metadata.drop_all(connection)
        connection.execute(text("DELETE FROM alembic_version"))
        connection.execute(text("DROP TABLE alembic_version"))
    engine.dispose()
    book = Book(place)
    await book.write([entry(1)])
    assert await book.ask(lambda connection: connection.execute(select(exchanges.c.id)).scalars().all()) == [
        1
    ]
    await book.close()


async def test_a_ledger_of_a_newer_version_is_not_touched(place: Place) -> None:
    """Whoever goes back to an older release is told, and loses nothing."""
    pen = open_pen(place)
    with pen.transaction() as page:
        page.run("UPDATE alembic_version SET version_num = '9999'")
    pen.close()
    book = Book(place)
    with pytest.raises(StoreUnavailable, match="written by a newer version \\(its schema is '9999'"):
        await book.write([entry(1)])
    await book.close()


@pytest.mark.parametrize("name", ["pc%41t", "que?ry=1", "ha#sh", "sp ace", "qu'ote", "a:b@c", "用量"])
async def test_a_directory_of_any_name_holds_one_ledger(tmp_path: Path, name: str) -> None:
    """Paths are no addresses: nothing in them is unquoted, cut off or taken for a question."""
    book = Book(Place.of(tmp_path / name))
    await book.write([entry(1)])
    count = await book.ask(lambda connection: len(connection.execute(select(exchanges.c.id)).all()))
    assert (count, await asyncio.to_thread(book.place.is_due)) == (1, False)
    await book.close()
    assert [path.name for path in tmp_path.iterdir()] == [name]


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
    assert Place.of(tmp_path, "sqlite:///u.sqlite").path == Path.cwd() / "u.sqlite"
    assert Place.of(tmp_path, "postgres://u:p@db:5433/usage?sslmode=require").url == (
        "postgresql+psycopg://u:p@db:5433/usage?sslmode=require"
    )
    assert (
        str(Place.of(tmp_path, "postgresql:///usage?host=/run/pg"))
        == "the database 'usage' on a local socket"
    )
