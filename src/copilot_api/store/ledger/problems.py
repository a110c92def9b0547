"""What is wrong with a ledger, in our words and with a remedy."""

import contextlib
from collections.abc import Generator
from contextlib import contextmanager

from copilot_api.errors import StoreUnavailable
from copilot_api.store.ledger.place import HEAD, Place


@contextmanager
def translated(place: Place) -> Generator[None]:
    """Say in our words what the database says.

    Raises: StoreUnavailable.
    """
    try:
        yield
    except OSError as error:
        raise _unavailable(place, error.strerror or str(error)) from error
    except ModuleNotFoundError as error:
        raise _unavailable(place, str(error)) from error
    except place.driver().Error as error:
        raise _unavailable(place, " ".join(str(error).split())) from error


def newer(place: Place, version: str) -> StoreUnavailable:
    """A ledger that a newer version has written."""
    return StoreUnavailable(
        f"The usage ledger in {place} was written by a newer version (its schema is {version!r}, this one knows "
        f"{HEAD!r}). Upgrade copilot-api, or move the ledger away."
    )


def look_at(place: Place) -> str:
    """What can be told of a ledger without changing anything; a file is read through.

    Raises: StoreUnavailable.
    """
    if place.path is None:
        return f"It is kept by {place}; the gateway tells when that does not answer."
    if not place.path.exists():
        return "There is none yet; the first request makes it."
    with (
        translated(place),
        contextlib.closing(place.driver().connect(f"{place.path.as_uri()}?mode=ro", uri=True)) as connection,
    ):
        found = [said for (said,) in connection.execute("PRAGMA quick_check(1)")]
        if found != ["ok"]:
            raise _unavailable(place, f"malformed: {found[0]}")
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone():
            return "It is empty."
        ((version,),) = connection.execute("SELECT version_num FROM alembic_version")
        if version > HEAD:
            raise newer(place, version)
        ((rows,),) = connection.execute("SELECT count(*) FROM exchanges")
    return f"{str(place.path)!r} is sound; it holds {rows:,} requests."


def _unavailable(place: Place, reason: str) -> StoreUnavailable:
    return StoreUnavailable(
        f"The usage ledger in {place} cannot be used: {reason.rstrip('.')}. {_remedy(reason, place)}"
    )


def _remedy(reason: str, place: Place) -> str:
    """What a person does about it."""
    lowered = reason.lower()
    if "psycopg" in lowered:
        return "Install the driver: pip install 'copilot-api-gateway[postgres]'."
    if place.is_server:
        return "Check DATABASE_URL, and that the database server runs and lets this user create tables."
    if "full" in lowered or "no space" in lowered:
        return "Free some space on that disk; records wait in memory and are written then."
    if "locked" in lowered or "busy" in lowered:
        return "Another program holds the file; end it. Records wait in memory and are written then."
    if "malformed" in lowered or "not a database" in lowered:
        return "The file is damaged: stop copilot-api, move the file away, and start again."
    return "Check that the directory exists, belongs to this user and is writable."
