"""What is written is what was given: once, whole, and added up."""

import asyncio
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Connection, select, text

from copilot_api.errors import StoreUnavailable
from copilot_api.store.ledger import Book, Choice, Facet, Form, Manner, Place, Reading
from copilot_api.store.ledger.queries import log
from copilot_api.store.ledger.tables.schema import (
    conversations,
    daily,
    exchanges,
    facets,
    forms,
    hourly,
    manners,
    readings,
)
from copilot_api.store.ledger.volume import Volume
from store.ledger.made import BEGIN_MS, entry


def traces(connection: Connection) -> list[str]:
    """The trace ids of all rows, in the order of their numbers."""
    return list(connection.execute(select(exchanges.c.trace_id).order_by(exchanges.c.id)).scalars())


async def test_a_row_comes_back_with_every_number_and_word(book: Book) -> None:
    """Nothing is lost between the entry and the row."""
    given = entry(
        7,
        session="s-1",
        multiplier=3.0,
        interaction_id="0b4f8e6a-1111-4222-8333-944455556666",
        input_tokens=12_000,
        cached_tokens=9_000,
        cache_write_tokens=500,
        output_tokens=300,
        reasoning_tokens=40,
        nano_aiu=30_300_000,
        charge_nano=30_300_000,
        premium=3.0,
        quota_before=250.5,
        quota_after=247.5,
        first_byte_ms=812,
        total_ms=4_211,
        request_bytes=50_153,
        response_bytes=9_001,
        attempts=2,
        losses='["top_k (dropped)"]',
        error_message="said upstream",
        upstream_request_id="C0DE:1234",
    )
    await book.write([given])
    (row,) = (await book.ask(lambda connection: log.page(connection, Choice(), 10))).rows
    assert row["interaction"] == bytes.fromhex("0b4f8e6a111142228333944455556666")
    assert {
        name: row[name]
        for name in ("id", "at_ms", "trace_id", "session", "requests", "account_id", "account")
    } == {
        "id": 1,
        "at_ms": BEGIN_MS + 7_000,
        "trace_id": "t7",
        "session": "s-1",
        "requests": 1,
        "account_id": "1",
        "account": "octo-1",
    }
    numbers = (
        "input_tokens",
        "cached_tokens",
        "cache_write_tokens",
        "output_tokens",
        "reasoning_tokens",
        "nano_aiu",
    )
    assert [row[name] for name in numbers] == [12_000, 9_000, 500, 300, 40, 30_300_000]
    assert [row[name] for name in ("premium", "quota_before", "quota_after", "multiplier")] == [
        3.0,
        250.5,
        247.5,
        3.0,
    ]
    assert [row[name] for name in ("first_byte_ms", "total_ms", "request_bytes", "response_bytes", "attempts")] == [
        812, 4_211, 50_153, 9_001, 2,
    ]  # fmt: skip
    assert [row[name] for name in ("losses", "error_message", "upstream_request_id")] == [
        '["top_k (dropped)"]',
        "said upstream",
        "C0DE:1234",
    ]
    assert [
        row[name] for name in ("client", "client_version", "client_name", "path", "status", "is_stream")
    ] == [
        "claude-cli/2.1.330 (external, cli)",
        "2.1.330",
        "Claude Code",
        "/v1/messages",
        200,
        True,
    ]


async def test_an_answer_without_usage_has_no_tokens_rather_than_none_of_them(book: Book) -> None:
    """Unknown is not zero."""
    await book.write([entry(outcome="failed")])
    (row,) = (await book.ask(lambda connection: log.page(connection, Choice(), 10))).rows
    assert (row["input_tokens"], row["nano_aiu"], row["first_byte_ms"]) == (None, None, None)


async def test_words_that_repeat_are_stored_once(book: Book) -> None:
    """A thousand like requests have one form."""
    await book.write([entry(number) for number in range(600)])
    await book.write([entry(number) for number in range(600, 1000)])
    counts = await book.ask(
        lambda connection: [
            connection.execute(text(f"SELECT count(*) FROM {name}")).scalar_one()  # noqa: S608 - our own names
            for name in ("exchanges", "forms", "facets")
        ]
    )
    assert counts == [1000, 1, 1]


async def test_sums_are_kept_by_hour_and_by_day(book: Book) -> None:
    """Three requests over two hours, in two batches."""
    numbers = {"input_tokens": 10, "output_tokens": 1, "nano_aiu": 5, "premium": 0.5, "first_byte_ms": 100}
    await book.write([entry(0, **numbers), entry(1, **numbers)])
    await book.write([entry(3600, **numbers)])

    def sums(connection: Connection) -> list[tuple[object, ...]]:
        names = ("start", "requests", "input_tokens", "output_tokens", "nano_aiu", "premium", "first_byte_ms")
        return [
            tuple(row)
            for table in (hourly, daily)
            for row in connection.execute(select(*(table.c[name] for name in names)).order_by(table.c.start))
        ]

    assert await book.ask(sums) == [
        (497_222, 2, 20, 2, 10, 1.0, 200),
        (497_223, 1, 10, 1, 5, 0.5, 100),
        (20_717, 3, 30, 3, 15, 1.5, 300),
    ]


async def test_requests_of_one_session_are_one_conversation(book: Book) -> None:
    """Session, account, key, client, model and month make it; another model is another one."""
    await book.write([entry(1, session="s", quota_before=10.0, quota_after=9.0, input_tokens=5)])
    await book.write([entry(2, session="s", quota_before=9.0, quota_after=7.0, input_tokens=6), entry(3)])
    await book.write([entry(4, session="s", model="gpt-5.4-mini"), entry(5, session="other")])

    def found(connection: Connection) -> list[tuple[object, ...]]:
        names = ("session", "requests", "input_tokens", "first_id", "newest_id", "quota_first", "quota_last")
        rows = connection.execute(
            select(*(conversations.c[name] for name in names)).order_by(conversations.c.id)
        )
        return [tuple(row) for row in rows]

    assert await book.ask(found) == [
        ("s", 2, 11, 1, 2, 10.0, 7.0),
        ("s", 1, 0, 4, 4, None, None),
        ("other", 1, 0, 5, 5, None, None),
    ]


async def test_two_books_on_one_place_neither_lose_nor_count_twice(place: Place) -> None:
    """Two gateways on one data directory, writing at once."""
    books = [Book(place), Book(place)]

    async def write_all(book: Book, name: str) -> None:
        for number in range(40):
            model = f"model-{number % 7}"
            await book.write([entry(number, key=name, model=model, session="one") for _ in range(5)])

    try:
        await asyncio.gather(write_all(books[0], "a"), write_all(books[1], "b"))

        def counted(connection: Connection) -> tuple[object, ...]:
            ids = list(connection.execute(select(exchanges.c.id).order_by(exchanges.c.id)).scalars())
            summed = connection.execute(text("SELECT sum(requests) FROM daily")).scalar_one()
            talked = connection.execute(text("SELECT sum(requests) FROM conversations")).scalar_one()
            names = connection.execute(text("SELECT count(*) FROM forms")).scalar_one()
            return ids == list(range(1, 401)), summed, talked, names

        assert await books[0].ask(counted) == (True, 400, 400, 14)
    finally:
        for book in books:
            await book.close()


async def test_a_question_sees_one_state_however_much_is_written_meanwhile(place: Place) -> None:
    """A sum and its parts are several statements; they agree."""
    book, other = Book(place), Volume(place)
    await book.write([entry(1)])

    def twice(connection: Connection) -> tuple[int, int]:
        before = len(traces(connection))
        other.write([entry(2)], ())
        return before, len(traces(connection))

    assert await book.ask(twice) == (1, 1)
    assert await book.ask(traces) == ["t1", "t2"]
    other.close()
    await book.close()


async def test_a_batch_whose_commit_was_in_doubt_is_not_written_twice(book: Book) -> None:
    """A connection that breaks in the commit leaves nobody knowing; the next try looks first."""
    batch = [entry(1), entry(2)]
    await book.write(batch)
    volume = book._volume
    assert volume is not None
    volume._doubt = (1, batch[0])  # as it is left when the commit itself fails
    await book.write(batch)
    assert await book.ask(traces) == ["t1", "t2"]
    volume._doubt = (3, batch[0])  # that commit never happened
    await book.write(batch)
    assert await book.ask(traces) == ["t1", "t2", "t1", "t2"]


async def test_a_doubt_outlives_readings_and_looks_that_fail(book: Book) -> None:
    """While a server comes and goes: quotas are noted between, and looking itself may break off."""
    batch = [entry(1), entry(2)]
    await book.write(batch)
    volume = book._volume
    assert volume is not None
    volume._doubt = (1, batch[0])
    await book.write((), [Reading("100", "premium_interactions", at_ms=1, remaining=5.0)])
    with volume._pen.transaction() as page:
        page.run("ALTER TABLE exchanges RENAME TO away")
    with pytest.raises(StoreUnavailable):
        await book.write(batch)
    with volume._pen.transaction() as page:
        page.run("ALTER TABLE away RENAME TO exchanges")
    await book.write(batch)
    await book.write([entry(3)])
    assert await book.ask(traces) == ["t1", "t2", "t3"]


async def test_a_doubt_about_a_batch_that_is_not_given_again_costs_no_other(book: Book) -> None:
    """The end of a gateway's patience gives a batch up; the next one is another."""
    await book.write([entry(1)])
    volume = book._volume
    assert volume is not None
    volume._doubt = (1, entry(1))
    await book.write([entry(2)])
    assert await book.ask(traces) == ["t1", "t2"]


async def test_what_cannot_be_stored_costs_only_itself(book: Book) -> None:
    """One impossible number; the rest of the batch is written, and the words it brought are known."""
    batch = [entry(1, model="new"), entry(2, model="new", total_ms=2**70), entry(3, model="new")]
    await book.write(batch)
    assert await book.ask(traces) == ["t1", "t3"]
    assert book.refused == 1
    await book.write([entry(4, model="new")])
    assert await book.ask(lambda connection: log.total(connection, Choice(model="new"))) == 3


async def test_an_empty_batch_is_fine(book: Book) -> None:
    """Nothing to write is no failure."""
    await book.write(())
    await book.write([entry(1), entry(2)])
    assert (await book.ask(traces), book.written) == (["t1", "t2"], 2)


async def test_a_batch_of_any_size_is_written_in_its_order(
    book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows go many to a statement, in sizes that a batch seldom is a multiple of; old databases take few parameters."""
    await book.write([entry(number) for number in range(1_259)])
    assert book._volume is not None
    monkeypatch.setattr(book._volume._pen, "_most_parameters", 999)
    await book.write([entry(number) for number in range(1_259, 1_300)])
    assert await book.ask(traces) == [f"t{number}" for number in range(1_300)]


def test_the_file_is_private_and_nothing_of_the_database_is_imported_for_it(tmp_path: Path) -> None:
    """An idle gateway pays nothing for a ledger that it has not needed yet."""
    program = (
        "import sys, asyncio; from pathlib import Path; from copilot_api.store.ledger import Book, Place\n"
        f"book = Book(Place.of(Path({str(tmp_path)!r}))); print('sqlalchemy' in sys.modules)\n"
        "asyncio.run(book.close()); print('sqlalchemy' in sys.modules)"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert said.split() == ["False", "False"]
    assert list(tmp_path.iterdir()) == []


async def test_the_file_and_its_journal_are_for_their_owner_only(tmp_path: Path) -> None:
    """The reference gateway leaves its usage log readable for everybody."""
    book = Book(Place.of(tmp_path / "data"))
    await book.write([entry(1)])
    modes = {
        path.name: oct(path.stat().st_mode & 0o777) for path in (tmp_path / "data").glob("usage.sqlite*")
    }
    await book.close()
    assert set(modes.values()) == {"0o600"}
    assert "usage.sqlite" in modes


async def test_a_damaged_file_is_reported_with_a_remedy_and_left_alone(tmp_path: Path) -> None:
    """Nobody's data is overwritten because it could not be read."""
    (tmp_path / "usage.sqlite").write_bytes(b"this is no database at all, but it is somebody's file" * 100)
    book = Book(Place.of(tmp_path))
    with pytest.raises(StoreUnavailable, match="The file is damaged: stop copilot-api, move the file away"):
        await book.write([entry(1)])
    assert book.problem is not None
    await book.close()
    assert (tmp_path / "usage.sqlite").read_bytes().startswith(b"this is no database")


async def test_a_locked_file_is_reported_and_the_same_batch_succeeds_later(tmp_path: Path) -> None:
    """Somebody holds the write lock; after that, one row, not two."""
    book = Book(Place.of(tmp_path))
    await book.write([entry(1)])
    holder = sqlite3.connect(tmp_path / "usage.sqlite", isolation_level=None)
    assert book._volume is not None
    with book._volume._pen.transaction() as page:
        page.ask("PRAGMA busy_timeout = 50")
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreUnavailable, match=r"database is locked.*Another program holds the file"):
        await book.write([entry(2)])
    assert book.problem is not None
    holder.execute("ROLLBACK")
    holder.close()
    await book.write([entry(2)])
    assert (await book.ask(traces), book.problem) == (["t1", "t2"], None)
    await book.close()


async def test_a_server_that_is_not_there_is_reported_without_its_password(tmp_path: Path) -> None:
    """The remedy names DATABASE_URL, the message never the secret in it."""
    book = Book(Place.of(tmp_path, "postgresql://me:hunter2@127.0.0.1:9/usage"))
    with pytest.raises(StoreUnavailable, match="Check DATABASE_URL") as caught:
        await book.write([entry(1)])
    assert "hunter2" not in str(caught.value)
    assert "'usage' on 127.0.0.1" in str(caught.value)
    assert "hunter2" not in repr(book.place)
    await book.close()


def test_forms_and_facets_are_stored_in_the_order_of_their_columns() -> None:
    """Rows are given as tuples; a column in another place would swap words."""
    assert [column.name for column in facets.c][2:] == list(Facet.__struct_fields__)
    assert [column.name for column in forms.c][2:] == [*Form.__struct_fields__, "words"]
    assert [column.name for column in manners.c][2:] == list(Manner.__struct_fields__)
    assert readings.c.keys()[:3] == ["account_id", "bucket", "hour"]
