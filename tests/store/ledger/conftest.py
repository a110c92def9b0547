"""Every test of the ledger runs on both databases; the one of PostgreSQL only where it is installed."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from copilot_api.store.ledger import Book, Place
from postgres import MISSING, Server, programs, running_server


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """One PostgreSQL server for all tests."""
    if programs() is None:
        pytest.skip(MISSING)
    with running_server() as running:
        yield running


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """An empty place for a ledger."""
    if request.param == "sqlite":
        return Place.of(tmp_path)
    started: Server = request.getfixturevalue("server")
    return Place.of(tmp_path, started.new_database())


@pytest.fixture
async def book(place: Place) -> AsyncIterator[Book]:
    """An empty ledger."""
    opened = Book(place)
    yield opened
    await opened.close()
