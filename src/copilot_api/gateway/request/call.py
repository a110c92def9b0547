"""What the edge hands to the line: one request as it came in, and the way back to its client."""

from collections.abc import Callable, Mapping
from typing import Protocol

from copilot_api.gateway.reply.outlet import Writer
from copilot_api.gateway.request.routes import Route
from copilot_api.neutral.extras import JsonObject
from copilot_api.settings import ClientKeyEntry


class ClientEnd(Writer, Protocol):
    """A writer that also knows when nobody listens any more."""

    async def until_gone(self) -> None:
        """Return when the client has hung up, or when its answer is complete."""
        ...


WhenGone = Callable[[Callable[[], None]], None]


class Call:
    """One request after the guard let it in.

    Shape: `headers` has lower-case names; `body` is decompressed; `trace_id` is safe to log and to echo.
    """

    __slots__ = (
        "body",
        "client",
        "from_url",
        "headers",
        "key",
        "path",
        "query",
        "route",
        "started_s",
        "started_unix_s",
        "trace_id",
        "when_gone",
    )

    def __init__(
        self,
        *,
        route: Route,
        path: str,
        headers: Mapping[str, str],
        body: bytes,
        key: ClientKeyEntry | None,
        trace_id: str,
        client: ClientEnd,
        started_s: float,
        started_unix_s: float,
        from_url: JsonObject | None = None,
    ) -> None:
        """Units: `started_s` monotonic, `started_unix_s` wall clock, both when the head arrived.

        `from_url` are fields of the request that its protocol keeps in the URL (Gemini: `model`, `stream`).
        """
        self.route = route
        self.path = path
        self.query = b""
        """What stands behind the question mark of its address, keys included: only explanations look at it."""
        self.headers = headers
        self.body = body
        self.key = key
        self.trace_id = trace_id
        self.client = client
        self.started_s = started_s
        self.started_unix_s = started_unix_s
        self.from_url: JsonObject = from_url or {}
        self.when_gone: WhenGone | None = None
        """Takes what is to be called when the client hangs up. None: somebody must wait in `client.until_gone`."""
