"""What has changed in the catalogues: each list that is fetched anyway is compared with the one before.

Owns the memory of it, in the process and on disk. Never asks Copilot.
"""

import asyncio
import time
from collections.abc import Callable, Coroutine

from copilot_api.copilot.catalog import Catalog
from copilot_api.copilot.catalog.changes import compare, facts_by_id
from copilot_api.settings import write_instant
from copilot_api.store.memory.catalogs import CatalogFile, Facts, ModelChange, Remembered, bounded

Spawn = Callable[[Coroutine[object, object, None]], object]


class History:
    """Remembers each account's models."""

    def __init__(
        self,
        file: CatalogFile,
        *,
        spawn: Spawn,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Units: `clock` gives Unix seconds."""
        self._file = file
        self._spawn = spawn
        self._followers: list[Callable[[str], None]] = []
        self._clock = clock
        self._remembered: dict[str, Remembered] | None = None
        self._in_order = asyncio.Lock()

    def saw(self, account_id: str, catalog: Catalog) -> None:
        """Take in a list that was fetched; the comparing is done in the background. An empty one says nothing."""
        if catalog.models:
            self._spawn(self.take_in(account_id, facts_by_id(catalog)))
        for tell in self._followers:
            tell(account_id)

    def follow(self, told: Callable[[str], None]) -> None:
        """Tell a room whose list was fetched."""
        self._followers.append(told)

    async def take_in(self, account_id: str, models: dict[str, Facts]) -> None:
        """Compare with what is remembered, and remember this instead; written only where something is different."""
        async with self._in_order:
            remembered = await self._load()
            before = remembered.get(account_id)
            if before is not None and before.models == models:
                return
            at = write_instant(self._clock())
            changes = () if before is None else (*before.changes, *compare(before.models, models, at))
            remembered.pop(account_id, None)  # the account that changed last is the last to be forgotten
            remembered[account_id] = Remembered(at if before is None else before.since, models, changes)
            self._remembered = bounded(remembered)
            await asyncio.to_thread(self._file.save, self._remembered)

    async def changes(self, account_id: str, days: float) -> tuple[str | None, list[ModelChange]]:
        """Return since when an account's models are known, and its changes of the last days, newest first."""
        async with self._in_order:
            found = (await self._load()).get(account_id)
        if found is None:
            return None, []
        earliest = write_instant(self._clock() - days * 86400)
        return found.since, [change for change in reversed(found.changes) if change.at >= earliest]

    async def _load(self) -> dict[str, Remembered]:
        if self._remembered is None:
            self._remembered = await asyncio.to_thread(self._file.load)
        return self._remembered
