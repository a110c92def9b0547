"""GET /metrics: for the operator, for a key with the scope `usage` or `admin`, and for the scraper's own key.

Where no key is asked for at all, everybody who reaches the gateway may read it, as everything else.
"""

import asyncio
import hmac
from collections.abc import Callable
from typing import cast

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler

from copilot_api.errors import Forbidden
from copilot_api.settings import Settings
from copilot_api.web.admin.desk import AnyRequest
from copilot_api.web.admin.door import Door
from copilot_api.web.asgi import Scope
from copilot_api.web.guard import Guard, presented_key

_SCOPES = frozenset({"usage", "admin"})

Render = Callable[[str], "tuple[bytes, str]"]
"""From the scraper's Accept header to a body and its content type; runs in a thread."""


class Metrics:
    """The route. `prepare` copies what is counted now and returns what renders it."""

    def __init__(
        self,
        *,
        prepare: Callable[[], Render],
        settings: Callable[[], Settings],
        guard: Callable[[], Guard],
        door: Door,
    ) -> None:
        self._prepare = prepare
        self._settings = settings
        self._guard = guard
        self._door = door

    def routes(self) -> list[HTTPRouteHandler]:
        """Return the route."""

        @get("/metrics")
        async def metrics(request: AnyRequest) -> Response[bytes]:
            """What is counted, in Prometheus' words."""
            await self._admit(request)
            body, content_type = await asyncio.to_thread(self._prepare(), request.headers.get("accept", ""))
            return Response(body, headers={"cache-control": "no-store"}, media_type=content_type)

        return [metrics]

    async def _admit(self, request: AnyRequest) -> None:
        """Let in who may.

        Raises: Unauthorized, Forbidden, Throttled.
        """
        headers = {name.lower(): value for name, value in request.headers.items()}
        presented = presented_key(cast(Scope, request.scope), headers)
        scraper = self._settings().metrics_key
        if scraper is not None and hmac.compare_digest(presented.encode(), scraper.encode()):
            return
        if self._guard().is_open and scraper is None:
            return
        key = self._guard().recognise(presented)
        if key is None:
            if await self._door.identify(request) is None:
                raise self._door.stranger(request)
        elif not _SCOPES.intersection(key.scopes):
            raise Forbidden(
                f"The key {key.name!r} may not read metrics.",
                code="scope_missing",
                remedy="Make a key for it with: copilot-api keys create NAME --scope usage, or set "
                "COPILOT_API_METRICS_KEY.",
            )
