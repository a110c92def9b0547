"""Opening the ledger: the way from nothing or an older shape to today's tables.

A file that is new is made by `sqlite.sql`, a ledger of today is only asked for its version; whatever else there is,
a server's empty database or an older shape, is SQLAlchemy's and Alembic's work (`shape.py`). Changes happen under a
lock, so that two processes that start together make one ledger.
"""

import contextlib
import os
from pathlib import Path

from copilot_api.store.files import locked
from copilot_api.store.ledger.place import HEAD, Place
from copilot_api.store.ledger.writing.pen import Page, Pen

_TABLES = Path(__file__).with_name("sqlite.sql")
_IS_MARKED_IN_FILE = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'alembic_version'"
_IS_MARKED_ON_SERVER = "SELECT 1 WHERE to_regclass('alembic_version') IS NOT NULL"


def open_pen(place: Place) -> Pen:
    """Bring the tables to today's shape; what writes to them.

    Raises: OSError, StoreUnavailable for a ledger of a newer version, and the driver's errors.
    """
    pen = Pen(place)
    with contextlib.ExitStack() as stack:
        if place.path is not None:
            _make_private(place.path)
            stack.enter_context(locked(lock_path(place.path)))
        page = stack.enter_context(pen.transaction())
        is_settled = _is_of_today(page, place) or (not place.is_server and _is_made(page))
    if not is_settled:
        pen.close()
        from copilot_api.store.ledger.tables.shape import settle  # noqa: PLC0415 - 15 MB that few starts need

        settle(place)
    return pen


def lock_path(path: Path) -> Path:
    """The lock that stands beside the file, for whoever changes its tables."""
    return path.with_name(f".{path.name}.lock")


def _make_private(path: Path) -> None:
    """Only its owner reads the ledger; SQLite gives the files beside it the same mode."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    if os.name == "posix" and path.stat().st_uid == os.geteuid() and path.stat().st_mode & 0o077:
        path.chmod(0o600)


def _is_of_today(page: Page, place: Place) -> bool:
    question = _IS_MARKED_ON_SERVER if place.is_server else _IS_MARKED_IN_FILE
    return bool(page.ask(question)) and page.ask("SELECT version_num FROM alembic_version") == [(HEAD,)]


def _is_made(page: Page) -> bool:
    """Make today's tables in an empty file, marked as what the migrations lead to; a test compares the two."""
    if page.ask("SELECT name FROM sqlite_master"):
        return False
    for statement in _TABLES.read_text(encoding="utf-8").split(";\n"):
        if statement.strip():
            page.run(statement)
    page.run("INSERT INTO state (id, next_id, generation) VALUES (1, 1, 0)")
    page.run("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)")
    page.run("INSERT INTO alembic_version VALUES (?)", (HEAD,))
    return True
