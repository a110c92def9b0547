"""What leaves the ledger, and what stays."""

import contextlib
import sqlite3
from collections.abc import Callable, Generator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, select, text

from copilot_api.store.ledger import Book, Choice, Place, Questions, Reading
from copilot_api.store.ledger.age import cutoff_ms
from copilot_api.store.ledger.tables.schema import metadata
from copilot_api.store.ledger.volume import Volume
from copilot_api.store.ledger.writing import removal
from copilot_api.store.ledger.writing.pen import Page, Pen
from store.ledger.made import BEGIN_MS, entry

DAY_MS = 86_400_000
TABLES = ("exchanges", "hourly", "daily", "conversations", "forms", "facets", "hourly_latency", "readings")


def counts(connection: Connection) -> dict[str, int]:
    """How many rows each table has."""
    return {
        name: connection.execute(select(func.count()).select_from(metadata.tables[name])).scalar_one()
        for name in TABLES
    }


@pytest.mark.parametrize(
    ("rule", "months", "now", "expected"),
    [
        ("rolling", 13, "2026-11-22T10:00:00", "2025-10-22T00:00:00"),
        ("rolling", 1, "2026-03-31T10:00:00", "2026-02-28T00:00:00"),
        ("rolling", 12, "2026-01-05T00:00:00", "2025-01-05T00:00:00"),
        ("calendar_month", 13, "2026-11-22T10:00:00", "2026-11-01T00:00:00"),
        ("calendar_month", 13, "2026-01-01T00:00:00", "2026-01-01T00:00:00"),
        ("forever", 13, "2026-11-22T10:00:00", None),
    ],
)
def test_rows_go_by_the_rule_that_the_operator_chose(
    rule: str, months: int, now: str, expected: str | None
) -> None:
    """Thirteen months, this calendar month (UTC), or for ever."""

    def unix(moment: str) -> float:
        return datetime.fromisoformat(moment).replace(tzinfo=UTC).timestamp()

    found = cutoff_ms(rule, months, unix(now))  # type: ignore[arg-type]  # one of the three
    assert found == (None if expected is None else unix(expected) * 1000)


async def test_old_rows_go_and_their_sums_by_day_stay(book: Book) -> None:
    """Also more rows than one portion holds."""
    old = [entry(n, model="old", session="gone", first_byte_ms=5, input_tokens=2) for n in range(5_100)]
    kept = [entry(n, at_ms=BEGIN_MS + 2 * DAY_MS, session="stays", first_byte_ms=5) for n in (1, 2)]
    await book.write([*old, *kept])
    assert await book.drop_old(BEGIN_MS + 2 * DAY_MS) == 5_100
    questions = Questions(book)
    assert [row["session"] for row in (await questions.page(Choice(), 10)).rows] == ["stays", "stays"]
    assert (await questions.summary(Choice())).by_model["old"].input_tokens == 10_200
    course = await questions.series(Choice(model="old"), by="day", group="none", metric="requests")
    assert sum(value or 0 for value in course["all"].values()) == 5_100
    found = await book.ask(counts)
    assert {name: found[name] for name in ("exchanges", "conversations", "forms", "facets")} == {
        "exchanges": 2,
        "conversations": 1,
        "forms": 1,
        "facets": 2,
    }
    assert await book.drop_old(BEGIN_MS + 2 * DAY_MS) == 0


async def test_what_was_forgotten_can_be_written_again(place: Place) -> None:
    """A second gateway still knows the numbers of forms that are gone; it must not use them."""
    first, second = Book(place), Book(place)
    await first.write([entry(1, model="a")])
    await second.write([entry(2, model="a"), entry(3, model="b")])
    assert await first.clear() == 3
    await second.write([entry(4, model="b"), entry(5, model="a")])
    await first.write([entry(6, model="a")])
    rows = (await Questions(first).page(Choice(), 10)).rows
    assert [(row["trace_id"], row["model"], row["id"]) for row in rows] == [
        ("t6", "a", 6),
        ("t5", "a", 5),
        ("t4", "b", 4),
    ]
    await first.close()
    await second.close()


async def test_one_account_is_cleared_and_the_others_are_untouched(book: Book) -> None:
    """Rows, sums, conversations, readings and the words that only it used."""
    mine = [entry(n, account="1", session="s", first_byte_ms=9) for n in range(3)]
    theirs = [entry(n, account="2", session="s", first_byte_ms=9) for n in range(2)]
    await book.write(
        [*mine, *theirs], [Reading("1", "chat", BEGIN_MS, 5.0), Reading("2", "chat", BEGIN_MS, 5.0)]
    )
    assert await book.clear("1") == 3
    assert await book.ask(counts) == {
        "exchanges": 2,
        "hourly": 1,
        "daily": 1,
        "conversations": 1,
        "forms": 1,
        "facets": 1,
        "hourly_latency": 1,
        "readings": 1,
    }
    assert await book.clear("nobody") == 0


class Crowded(Pen):
    """A pen that another writer gets in front of, each time but the first."""

    def __init__(self, place: Place, between: Callable[[], None]) -> None:
        super().__init__(place)
        self._between = between
        self._is_first = True

    @contextlib.contextmanager
    def transaction(self) -> Generator[Page]:
        """Let the other write first."""
        if not self._is_first:
            self._between()
        self._is_first = False
        with super().transaction() as page:
            yield page


def test_rows_that_come_while_an_account_is_cleared_keep_their_sums(place: Place) -> None:
    """Another gateway goes on writing: rows and sums agree, whatever is left of them."""
    other = Volume(place)
    other.write([entry(1, account="1", session="s", first_byte_ms=9)], ())
    late = iter(range(2, 100))
    pen = Crowded(
        place, lambda: other.write([entry(next(late), account="1", session="s", first_byte_ms=9)], ())
    )
    removal.clear(pen, "1", lambda: None)
    pen.close()
    found = other.ask(counts)
    rows = found["exchanges"]
    sums = other.ask(
        lambda connection: connection.execute(text("SELECT sum(requests) FROM daily")).scalar_one()
    )
    other.close()
    assert (rows, found["conversations"]) == ((sums or 0), 1 if rows else 0)


def test_a_file_of_another_program_is_cleared_although_it_keeps_its_pages(tmp_path: Path) -> None:
    """Restored from a dump it has no automatic vacuum: nothing to wait for."""
    Volume(Place.of(tmp_path)).close()
    with contextlib.closing(sqlite3.connect(tmp_path / "usage.sqlite", isolation_level=None)) as made:
        for pragma in ("journal_mode = DELETE", "auto_vacuum = NONE"):
            made.execute(f"PRAGMA {pragma}")
        made.execute("VACUUM")
    volume = Volume(Place.of(tmp_path))
    volume.write([entry(number, error_message="x" * 500) for number in range(3_000)], ())
    assert volume.clear(None) == 3_000
    volume.close()


async def test_everything_is_cleared(book: Book) -> None:
    """And numbers go on where they were, so that no cursor lies."""
    await book.write([entry(1, session="s")], [Reading("1", "chat", BEGIN_MS, 5.0)])
    assert await book.clear() == 1
    assert set((await book.ask(counts)).values()) == {0}
    await book.write([entry(2)])
    assert [row["id"] for row in (await Questions(book).page(Choice(), 5)).rows] == [2]


async def test_the_file_gets_smaller_when_rows_go(tmp_path_factory: pytest.TempPathFactory) -> None:
    """SQLite keeps the pages of deleted rows until it is told otherwise."""
    place = Place.of(tmp_path_factory.mktemp("data"))
    book = Book(place)
    await book.write([entry(n, error_message="x" * 500) for n in range(3_000)])

    def pages(connection: Connection) -> int:
        return int(connection.execute(text("PRAGMA page_count")).scalar_one())

    before = await book.ask(pages)
    await book.clear()
    assert await book.ask(pages) < before / 4
    await book.close()
