"""Keeping one account's catalog fresh: on a timer, after login, and when a name is not in it.

Owns when to fetch and what to keep when fetching fails. Must never know how it is fetched (an argument).
"""

from collections.abc import Awaitable, Callable

from copilot_api.copilot.catalog.model import Catalog
from copilot_api.copilot.catalog.parse import read_catalog
from copilot_api.copilot.flight import SingleFlight, Spawn
from copilot_api.errors import GatewayError

FetchModels = Callable[[], Awaitable[bytes]]
"""Returns the body of `GET /models`; raises an UpstreamFault otherwise."""

FAILURE_PAUSE_S = 5.0
"""After a failed fetch nobody's request causes another one for this long, or for as long as Copilot asks."""


class CatalogKeeper:
    """One account's models. A failed refresh keeps the old list and says so in `problem`.

    Units: `unknown_ttl_s` in seconds: a list younger than this is not fetched again for an unknown name, so a
    client that insists on a wrong name costs one fetch a minute, however many names it tries.
    """

    def __init__(
        self,
        fetch: FetchModels,
        *,
        clock: Callable[[], float],
        spawn: Spawn,
        unknown_ttl_s: float = 60.0,
        tell: Callable[[Catalog], None] = lambda _: None,
    ) -> None:
        """`tell` is told each list that was fetched."""
        self._fetch = fetch
        self._tell = tell
        self._clock = clock
        self._unknown_ttl_s = unknown_ttl_s
        self._flight = SingleFlight(self._load, spawn)
        self._ask_again_at_unix_s = 0.0
        self._failure: GatewayError | None = None
        self.current: Catalog | None = None
        self.problem: str | None = None

    async def refresh(self) -> Catalog:
        """Fetch now; callers at the same time share one fetch.

        Raises: the fetch's UpstreamFault. `current` then still holds the old list.
        """
        return await self._flight.join()

    async def loaded(self) -> Catalog:
        """Return the list there is, or the first one.

        Raises: the fetch's UpstreamFault when there has never been a list.
        """
        return self.current if self.current is not None else await self.renewed()

    async def renewed(self) -> Catalog:
        """Return a list to look an unknown name up in once more: fetched again unless just done.

        Raises: the fetch's UpstreamFault when there has never been a list.
        """
        if self._clock() < self._ask_again_at_unix_s:
            if self.current is not None:
                return self.current
            if self._failure is not None:
                raise self._failure
        try:
            return await self.refresh()
        except GatewayError:
            if self.current is None:
                raise
            return self.current

    async def refresh_if_due(self) -> None:
        """Refresh, unless Copilot asked us to wait longer.

        Raises: as `refresh`.
        """
        if self._failure is None or self._clock() >= self._ask_again_at_unix_s:
            await self.refresh()

    async def _load(self) -> Catalog:
        try:
            catalog = read_catalog(await self._fetch(), self._clock())
        except GatewayError as error:
            kept = "the old list stays in use" if self.current is not None else "no model can be resolved yet"
            self.problem = f"The model list could not be refreshed; {kept}. {error.message}"
            self._failure = error
            self._ask_again_at_unix_s = self._clock() + max(FAILURE_PAUSE_S, error.retry_after_s or 0.0)
            raise
        self.current = catalog
        self.problem = None
        self._failure = None
        self._ask_again_at_unix_s = self._clock() + self._unknown_ttl_s
        self._tell(catalog)
        return catalog
