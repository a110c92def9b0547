"""POST /playground/PATH: what a client would get for the same body at PATH.

The door has judged the caller, so no client key is asked for; the usage log calls it "playground".
"""

from litestar import post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from copilot_api.gateway.request.routes import Route, all_routes, gemini_route
from copilot_api.neutral.extras import JsonObject
from copilot_api.settings import ClientKeyEntry
from copilot_api.web.admin.desk import AnyRequest, NotFound, asks
from copilot_api.web.asgi import Receive, Scope, Send, read_headers
from copilot_api.web.ingress import Ingress

PLAYGROUND = ClientKeyEntry(id="playground", name="playground", sha256="0" * 64)
_OURS = frozenset({
    "authorization", "cookie", "origin", "referer", "x-admin-secret", "x-api-key", "x-csrf-token", "x-goog-api-key",
})  # fmt: skip
"""What the browser says to the admin, and no client to the gateway."""


class Played:
    """The answer of the line, as it is, as an ASGI application."""

    def __init__(self, ingress: Ingress, route: Route, path: str, from_url: JsonObject | None) -> None:
        self._ingress = ingress
        self._route = route
        self._path = path
        self._from_url = from_url

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Carry the request through the line."""
        headers = {name: value for name, value in read_headers(scope).items() if name not in _OURS}
        inner: Scope = {**scope, "path": self._path}
        await self._ingress(self._route, inner, headers, receive, send, self._from_url, trusted=PLAYGROUND)


def routes(ingress: Ingress) -> list[HTTPRouteHandler]:
    """The one page of this room."""
    known = all_routes()

    opt = asks(dict, refuses=(402, 404, 502, 504)) | {"asks_foreign": True}

    @post("/playground/{path:path}", status_code=200, media_type="*/*", opt=opt)
    async def play(request: AnyRequest, path: FromPath[str]) -> Played:
        """Send a request of any protocol as the operator; the answer is the protocol's own, streamed if it asks."""
        at, query = "/" + path.strip("/"), request.scope["query_string"]
        route, from_url = known.get(at), None
        if route is None:
            route, from_url = gemini_route(at, query.decode("latin-1")) or (None, None)
        if route is None:
            raise NotFound(
                f"No inference is served at {at!r}.",
                code="not_found",
                remedy="Use a path such as /v1/messages, /v1/responses or /v1/chat/completions.",
            )
        return Played(ingress, route, at, from_url)

    return [play]
