"""From traffic to the ledger: whole sums over all routes, quota readings, upkeep, and disks that are full."""

import itertools
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from copilot_api.errors import StoreUnavailable
from copilot_api.gateway.accounting.shelf import Shelf
from copilot_api.store.ledger import Book, Choice, Entry, Place, Questions, Reading
from copilot_api.store.ledger.writing import pen
from gate import CHAT, MESSAGES, RESPONSES, Gate, request, running_gate, until

MODELS = {"chat": "gpt-4.1", "responses": "gpt-5.5", "messages": "claude-fable-5"}
"""Each speaks one protocol and no other, so that four ingresses make twelve routes."""


def asked(ingress: str, model: str, *, stream: bool, said: str) -> tuple[str, dict[str, object]]:
    """A request of a protocol to any model: path and body."""
    if ingress == "gemini":
        verb = "streamGenerateContent?alt=sse" if stream else "generateContent"
        body: dict[str, object] = {"contents": [{"role": "user", "parts": [{"text": said}]}]}
        return f"/v1beta/models/{model}:{verb}", body
    path = {"chat": CHAT, "responses": RESPONSES, "messages": MESSAGES}[ingress]
    return path, {**request(path, said, stream=stream), "model": model}


def book_of(gate: Gate) -> Book:
    """The gateway's ledger."""
    assert gate.house.shelf is not None
    return gate.house.shelf.book


async def written(gate: Gate, count: int) -> Questions:
    """Wait until so many records are in the ledger; its reading side."""
    book = book_of(gate)
    await until(lambda: book.written == count, patience_s=60)
    return Questions(book)


async def test_over_all_twelve_routes_the_ledger_has_what_the_simulator_billed(gate: Gate) -> None:
    """To the token and to the nano-AIU, streamed and whole."""
    routes = itertools.product(("chat", "responses", "messages", "gemini"), MODELS.values(), (True, False))
    for number, (ingress, model, stream) in enumerate(routes, 1):
        path, body = asked(ingress, model, stream=stream, said=f"route {number}")
        status, _, answer = await gate.post(path, body)
        assert status == 200, (path, model, answer)
    found = (await (await written(gate, 24)).summary(Choice())).all
    billed = list(gate.simulator.ledger.entries)
    assert len(billed) == 24
    assert found.nano_aiu == gate.simulator.ledger.total_nano_aiu
    assert found.input_tokens == sum(e["input"] + e["cache_read"] + e["cache_write"] for e in billed)  # type: ignore[operator]  # counts
    assert found.output_tokens == sum(e["output"] for e in billed)  # type: ignore[misc]  # counts
    assert (found.requests, found.errors) == (24, 0)
    rows = (await Questions(book_of(gate)).page(Choice(), 50)).rows
    assert len({(row["ingress"], row["upstream"]) for row in rows}) == 12


async def test_what_was_told_before_the_first_request_counts_and_idle_time_is_read_too(gate: Gate) -> None:
    """The readings of an account begin before its first request, and go on without traffic."""
    assert gate.house.shelf is not None
    await gate.post(MESSAGES, request(MESSAGES, "hi"))
    questions = await written(gate, 1)
    (pace,) = await questions.pace("1", int(time.time() * 1000))
    assert pace.bucket == "premium_interactions"
    await gate.house.shelf.read_quotas()
    await gate.house.shelf.read_quotas()  # nothing new: nothing to write
    assert gate.house.shelf.book.problem is None


async def test_old_rows_go_in_the_background(gate: Gate) -> None:
    """By the rule in force, after the first write; the log tells how many."""
    assert gate.house.shelf is not None
    book = gate.house.shelf.book
    await gate.post(CHAT, request(CHAT, "hi"))
    await written(gate, 1)
    rests = 0

    class Enough(Exception):
        """The loop has run often enough."""

    async def rest(seconds: float) -> None:
        nonlocal rests
        assert seconds == 60.0
        rests += 1
        if rests > 2:
            raise Enough

    later = Shelf(
        book,
        settings=lambda: gate.house.settings,
        accounts=gate.house.accounts.all,
        clock=lambda: 4_000_000_000.0,
    )
    with pytest.raises(Enough):
        await later.keep(rest)
    assert (await Questions(book).page(Choice(), 10)).rows == []
    assert (await Questions(book).summary(Choice())).all.requests == 1
    assert '"event":"ledger.old_rows_dropped"' in gate.log.getvalue().replace(" ", "")


async def test_a_full_disk_fails_no_request_is_told_and_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite itself says that the disk is full; when there is room again, every record is written once."""
    async with running_gate(tmp_path) as gate:
        await gate.post(CHAT, request(CHAT, "first"))
        await written(gate, 1)
        assert gate.house.shelf is not None
        book = gate.house.shelf.book
        limit_pages(monkeypatch, book, 1)
        for _ in range(60):
            status, _, _ = await gate.post(CHAT, request(CHAT, "x" * 50, stream=False))
            assert status == 200
        inspector = gate.house.inspector
        await until(lambda: book.problem is not None, patience_s=30)
        (check,) = [check for check in inspector.look().checks if check.name == "usage"]
        assert "Free some space on that disk" in check.remedy
        assert inspector.look().is_ready
        assert "ledger.sink_failed" in gate.log.getvalue()
        limit_pages(monkeypatch, book, 1_000_000)
        await written(gate, 61)
        assert (await Questions(book).summary(Choice())).all.requests == 61
        assert inspector.look().records_failed == 0


class OnceLocked(Book):
    """A ledger whose first batch fails."""

    async def write(self, entries: Sequence[Entry], readings: Sequence[Reading] = ()) -> None:
        """Fail once."""
        if self.problem is None and not self.is_open:
            await self.open()
            raise StoreUnavailable("Another program holds the file; end it.")
        await super().write(entries, readings)


async def test_what_a_quota_was_when_a_batch_failed_is_written_with_the_next(
    gate: Gate, tmp_path: Path
) -> None:
    """The numbers before the first request come once; without them its cost would be nobody's."""
    book = OnceLocked(Place.file(tmp_path / "other.sqlite"))
    shelf = Shelf(book, settings=lambda: gate.house.settings, accounts=gate.house.accounts.all)
    await gate.post(CHAT, request(CHAT, "hi"))
    with pytest.raises(StoreUnavailable):
        await shelf(())
    await shelf(())

    def readings(connection: Connection) -> int:
        return int(connection.execute(text("SELECT count(*) FROM readings")).scalar_one())

    assert await book.ask(readings) > 0
    await book.close()


async def test_a_stop_that_cannot_write_the_rest_says_how_many_records_are_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The log's last word: whoever restarts to mend the disk knows what that cost."""
    async with running_gate(tmp_path) as gate:
        await gate.post(CHAT, request(CHAT, "first"))
        await written(gate, 1)
        limit_pages(monkeypatch, book_of(gate), 1)
        for _ in range(60):
            await gate.post(CHAT, request(CHAT, "x" * 50, stream=False))
        await until(lambda: book_of(gate).problem is not None, patience_s=30)
    said = gate.log.getvalue().replace(" ", "")
    assert '"event":"ledger.records_lost"' in said
    assert f'"records":{61 - book_of(gate).written}' in said


def limit_pages(monkeypatch: pytest.MonkeyPatch, book: Book, pages: int) -> None:
    """Let the file grow to this size and no further, from the next connection on."""
    volume = book._volume
    assert volume is not None
    monkeypatch.setattr(pen, "PRAGMAS", (*pen.PRAGMAS, f"max_page_count = {pages}"))
    volume._pen.close()


async def test_the_ledger_can_be_read_while_it_is_written(tmp_path: Path) -> None:
    """A second process looks into the same file, as `copilot-api usage` does."""
    async with running_gate(tmp_path) as gate:
        await gate.post(CHAT, request(CHAT, "hi"))
        await written(gate, 1)
        other = Book(Place.of(tmp_path))

        def mode(connection: Connection) -> str:
            return str(connection.execute(text("PRAGMA journal_mode")).scalar_one())

        assert await other.ask(mode) == "wal"
        assert (await Questions(other).summary(Choice())).all.requests == 1
        await other.close()
