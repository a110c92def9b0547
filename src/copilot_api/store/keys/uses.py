"""When each client key was used last: noted in memory with every request, written now and then.

Owns `key-uses.json` in the data directory. It can be lost without harm: a file that cannot be read begins anew.
"""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

import msgspec
import structlog

from copilot_api.errors import StoreUnavailable
from copilot_api.settings import ClientKeyEntry
from copilot_api.store.files import locked, write_atomically

_log = structlog.get_logger(__name__)
KEY_USES_NAME: Final = "key-uses.json"
EVERY_S: Final = 60.0
"""A key's last use is told to the day or the minute; a disk that sleeps is not woken for it more often."""
KEPT: Final = 1000
"""Keys remembered at most, those used last: what was revoked long ago fades away."""


class _Document(msgspec.Struct):
    """The file. Units: Unix seconds by key id."""

    version: int = 1
    keys: dict[str, int] = {}


class KeyUses:
    """The last use of every key. `note` costs a request one store into a dictionary."""

    def __init__(self, path: Path, *, clock: Callable[[], float] = time.time) -> None:
        self.path = path
        self._clock = clock
        self._used: dict[str, float] = {}
        self._written: dict[str, int] = {}
        self._saving = threading.Lock()

    def note(self, entry: ClientKeyEntry) -> None:
        """A key was used now."""
        self._used[entry.id] = self._clock()

    def last(self, key_id: str) -> float | None:
        """When a key was used last, by any process as far as known here; None for never.

        Units: Unix seconds.
        """
        here, there = self._used.get(key_id), self._written.get(key_id)
        return max(here, there) if here is not None and there is not None else here or there

    def known(self) -> dict[str, int]:
        """The last use of each key that this process saw. Units: whole Unix seconds by key id."""
        return {key_id: int(at_s) for key_id, at_s in tuple(self._used.items())}

    def load(self) -> None:
        """Read what was written; blocks for a moment."""
        self._written = self._read().keys

    def save(self) -> None:
        """Write what is new, together with what other processes wrote; blocks for milliseconds.

        A disk that refuses is logged, and the next time tried again.
        """
        with self._saving:
            used = self.known()
            if all(self._written.get(key_id, 0) >= at_s for key_id, at_s in used.items()):
                return
            try:
                with locked(self.path.with_name(f"{self.path.name}.lock")):
                    found = self._read().keys
                    newest = {key: max(found.get(key, 0), used.get(key, 0)) for key in {**found, **used}}
                    kept = dict(sorted(newest.items(), key=lambda item: -item[1])[:KEPT])
                    write_atomically(self.path, msgspec.json.encode(_Document(keys=kept)))
            except StoreUnavailable as error:
                _log.warning("keys.use_not_written", reason=error.message)
                return
            self._written = kept

    async def run(self, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        """Write what is new once a minute, for ever."""
        while True:
            await sleep(EVERY_S)
            await asyncio.to_thread(self.save)

    def _read(self) -> _Document:
        try:
            return msgspec.json.decode(self.path.read_bytes(), type=_Document)
        except (OSError, msgspec.DecodeError, UnicodeDecodeError):
            return _Document()
