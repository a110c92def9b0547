"""`catalogs.json`: which models each account had when last seen, and what has changed since then.

Owns the file and its bounds. Must never know what a fact about a model means. Nothing depends on it: a file that
cannot be read is begun anew.
"""

from pathlib import Path
from typing import Literal

import msgspec
import structlog

from copilot_api.errors import StoreUnavailable
from copilot_api.store.files import write_atomically

_log = structlog.get_logger(__name__)

FILE_NAME = "catalogs.json"
MAX_CHANGES = 500
"""Kept for one account; a catalogue that changes every day by ten facts fills it in seven weeks."""
MAX_ACCOUNTS = 32

ChangeKind = Literal["added", "removed", "changed"]
Facts = dict[str, object]
"""What is known of one model, as JSON by field."""


class ModelChange(msgspec.Struct, frozen=True, rename="camel"):
    """One difference between two lists of models.

    Shape: `field` is empty for a model that came or went; `before` and `after` are that field's JSON values.
    Units: `at` ISO 8601 in UTC: when it was noticed.
    """

    at: str
    model_id: str
    name: str
    kind: ChangeKind
    field: str = ""
    before: object = None
    after: object = None


class Remembered(msgspec.Struct, frozen=True, rename="camel"):
    """One account's models as last seen, and the changes noticed `since` it was first seen, oldest first."""

    since: str
    models: dict[str, Facts]
    changes: tuple[ModelChange, ...] = ()


class CatalogFile:
    """Loads and saves. Both block for milliseconds: call them through `asyncio.to_thread`."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def load(self) -> dict[str, Remembered]:
        """Return what is remembered, by account; nothing where there is no file, or none that can be read."""
        try:
            return msgspec.json.decode(self.path.read_bytes(), type=dict[str, Remembered])
        except FileNotFoundError:
            return {}
        except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            _log.warning("catalogs.forgotten", path=str(self.path), reason=str(error))
            return {}

    def save(self, remembered: dict[str, Remembered]) -> None:
        """Write it all, within bounds. A disk that refuses is logged: what changed is known until the next start."""
        try:
            write_atomically(self.path, msgspec.json.encode(bounded(remembered)))
        except (OSError, StoreUnavailable) as error:
            _log.warning("catalogs.not_saved", path=str(self.path), reason=str(error))


def bounded(remembered: dict[str, Remembered]) -> dict[str, Remembered]:
    """Keep the newest changes of each account, and the accounts that were written last."""
    kept = list(remembered.items())[-MAX_ACCOUNTS:]
    return {
        account: msgspec.structs.replace(one, changes=one.changes[-MAX_CHANGES:]) for account, one in kept
    }
