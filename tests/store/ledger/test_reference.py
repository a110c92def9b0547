"""The reference gateway's usage log becomes part of ours: once, whole, and only what it is."""

import sqlite3
from pathlib import Path

import pytest

from copilot_api.errors import StoreUnavailable
from copilot_api.store.ledger import Book, Choice, Questions

COLUMNS = (
    "id TEXT PRIMARY KEY, created_at TEXT, last_seen_at TEXT, month_key TEXT, source TEXT, account_id TEXT, "
    "conversation_id TEXT, conversation_variant_key TEXT, endpoint TEXT, response_type TEXT, status_code INTEGER, "
    "model TEXT, multiplier REAL, delta REAL, first_premium_used REAL, last_premium_used REAL, quota_delta REAL, "
    "request_count INTEGER, plan TEXT, premium_used REAL, premium_remaining REAL, premium_entitlement REAL, "
    "chat_used REAL, completions_used REAL"
)
ROW = {
    "id": "0b4f8e6a-1111-4222-8333-944455556666",
    "created_at": "2026-04-20T10:00:00.250Z",
    "source": "request",
    "account_id": "1",
    "endpoint": "/v1/messages",
    "response_type": "streaming",
    "status_code": 200,
    "model": "claude-opus-4.6",
    "multiplier": 3.0,
    "delta": 3.0,
    "quota_delta": 5.0,
    "request_count": 4,
    "premium_remaining": 250.0,
    "conversation_id": "c-1",
}


def log_of(path: Path, *rows: dict[str, object], columns: str = COLUMNS) -> Path:
    """Write a file as the reference gateway has it."""
    connection = sqlite3.connect(path)
    connection.execute(f"CREATE TABLE usage_logs ({columns})")
    for row in rows:
        names = ", ".join(row)
        marks = ", ".join("?" * len(row))
        connection.execute(f"INSERT INTO usage_logs ({names}) VALUES ({marks})", tuple(row.values()))  # noqa: S608
    connection.commit()
    connection.close()
    return path


async def test_a_row_keeps_its_time_its_account_and_its_cost(book: Book, tmp_path: Path) -> None:
    """A conversation of four requests stays one row that counts four."""
    source = log_of(tmp_path / "usage-logs.sqlite", ROW)
    assert await book.import_from(source, {"1": "octo"}) == (1, 1)
    (row,) = (await Questions(book).page(Choice(), 10)).rows
    assert (row["at_ms"], row["account_id"], row["account"], row["model"]) == (
        1_776_679_200_250,
        "1",
        "octo",
        "claude-opus-4.6",
    )
    assert (row["requests"], row["premium"], row["charge_nano"], row["multiplier"]) == (
        4,
        5.0,
        5_000_000_000,
        3.0,
    )
    assert (row["quota_before"], row["quota_after"], row["status"], row["upstream"]) == (
        255.0,
        250.0,
        200,
        "messages",
    )
    assert (row["is_stream"], row["session"], row["trace_id"], row["reason"]) == (
        True,
        "c-1",
        ROW["id"],
        "imported",
    )
    assert (await Questions(book).summary(Choice())).all.requests == 4


async def test_a_second_import_adds_nothing_and_a_longer_file_only_what_is_new(
    book: Book, tmp_path: Path
) -> None:
    """More rows than one portion holds."""
    rows = [{**ROW, "id": f"row-{number}", "request_count": 1} for number in range(1_500)]
    source = log_of(tmp_path / "a.sqlite", *rows)
    assert await book.import_from(source, {}) == (1_500, 1_500)
    assert await book.import_from(source, {}) == (0, 1_500)
    longer = log_of(tmp_path / "b.sqlite", *rows, {**ROW, "id": "row-new", "request_count": 1})
    assert await book.import_from(longer, {}) == (1, 1_501)
    assert (await Questions(book).summary(Choice())).all.requests == 1_501


async def test_older_files_lack_columns_and_have_rows_of_other_kinds(book: Book, tmp_path: Path) -> None:
    """Version 1.0 had no conversations; snapshots are no requests; a row without a time is nowhere."""
    columns = "id TEXT, created_at INTEGER, source TEXT, account_id TEXT, endpoint TEXT, model TEXT, multiplier REAL"
    old = {
        "source": "request",
        "account_id": "1",
        "endpoint": "/chat/completions",
        "model": "gpt-5",
        "multiplier": 1.0,
    }
    source = log_of(
        tmp_path / "old.sqlite",
        {**old, "id": "ms", "created_at": 1_776_679_200_250},
        {**old, "id": "s", "created_at": 1_776_679_200},
        {**old, "id": "snapshot", "created_at": 1_776_679_200, "source": "usage_snapshot"},
        {**old, "id": "when", "created_at": "some day"},
        columns=columns,
    )
    assert await book.import_from(source, {}) == (2, 2)
    rows = (await Questions(book).page(Choice(), 10)).rows
    assert [(row["trace_id"], row["at_ms"], row["account"], row["premium"]) for row in rows] == [
        ("ms", 1_776_679_200_250, "1", 1.0),
        ("s", 1_776_679_200_000, "1", 1.0),
    ]


async def test_a_file_that_is_no_such_log_is_refused(book: Book, tmp_path: Path) -> None:
    """Another database, or none; nothing is written into it."""
    other = tmp_path / "other.sqlite"
    sqlite3.connect(other).execute("CREATE TABLE t (a)").connection.close()
    nothing = tmp_path / "words.txt"
    nothing.write_text("no database" * 100)
    for path in (other, nothing, tmp_path / "missing.sqlite"):
        with pytest.raises(StoreUnavailable, match="cannot be read as the reference gateway's usage log"):
            await book.import_from(path, {})
    assert not (tmp_path / "missing.sqlite").exists()
