"""Where the ledger is: a file of the data directory, or the database that DATABASE_URL names."""

import contextlib
import importlib
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import msgspec

FILE_NAME = "usage.sqlite"
HEAD = "0001"
"""The newest migration; a ledger that says something else is upgraded, or was written by a newer version."""


class Place(msgspec.Struct, frozen=True):
    """A server's `url` in SQLAlchemy's words, or a file's `path` of whatever characters; its lock stands beside it."""

    url: str
    path: Path | None = None

    @classmethod
    def of(cls, data_directory: Path, database_url: str | None = None) -> "Place":
        """Read DATABASE_URL; without one, the file in the data directory."""
        if not database_url:
            return cls.file(data_directory / FILE_NAME)
        parts = urlsplit(database_url)
        if parts.scheme == "sqlite":
            return cls.file(Path(database_url.removeprefix("sqlite:///")))
        return cls(url=urlunsplit(parts._replace(scheme="postgresql+psycopg")))

    @classmethod
    def file(cls, path: Path) -> "Place":
        """The ledger in this file; a relative path begins at the directory that the process runs in now."""
        return cls(url="sqlite://", path=path.absolute())

    @property
    def is_server(self) -> bool:
        """Whether a database server keeps it."""
        return self.path is None

    def driver(self) -> Any:
        """The DB-API module that speaks to it: `sqlite3`, or psycopg.

        Raises: ModuleNotFoundError where psycopg is needed and not installed.
        """
        return importlib.import_module("psycopg" if self.is_server else "sqlite3")

    def is_due(self) -> bool:
        """Whether the ledger is better opened at once: a file of another version, or a server that may not be there."""
        if self.path is None:
            return True
        if not self.path.exists():
            return False
        sqlite3 = self.driver()
        try:
            with contextlib.closing(sqlite3.connect(f"{self.path.as_uri()}?mode=ro", uri=True)) as connection:
                return bool(
                    connection.execute("SELECT version_num FROM alembic_version").fetchone() != (HEAD,)
                )
        except sqlite3.Error:
            return True

    def __repr__(self) -> str:
        """Tell no password."""
        return f"Place(path={str(self.path)!r})" if self.path else "Place(DATABASE_URL)"

    def __str__(self) -> str:
        """For messages: the path, or the server without its password."""
        if self.path is not None:
            return str(self.path)
        parts = urlsplit(self.url)
        return f"the database {parts.path.lstrip('/')!r} on {parts.hostname or 'a local socket'}"
