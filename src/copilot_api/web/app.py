"""The ASGI application: guard, then dispatch by path. Frameworks come after the hot path, never before it."""

from collections.abc import Mapping

from copilot_api.errors import GatewayError, MethodNotAllowed, UpgradeRequired
from copilot_api.gateway.request.routes import Route, gemini_route
from copilot_api.web.asgi import Application, Receive, Scope, Send, read_headers, reply, reply_json
from copilot_api.web.guard import Guard
from copilot_api.web.ingress import Ingress, refuse, trace_id_of
from copilot_api.web.models import ModelListing
from copilot_api.web.unserved import owner_of, refuse_unserved


class App:
    """One callable for every request. `guard` is replaced as a whole when the settings change."""

    def __init__(
        self,
        *,
        guard: Guard,
        routes: Mapping[str, Route],
        ingress: Ingress,
        models: ModelListing,
        operations: Application,
    ) -> None:
        self.guard = guard
        self._routes = routes
        self._ingress = ingress
        self._models = models
        self._operations = operations

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one ASGI scope."""
        if scope["type"] != "http":
            await _close(scope, receive, send)
            return
        headers = read_headers(scope)
        path: str = scope["path"]
        route, from_url = self._routes.get(path), None
        if route is None and ":" in path and scope["method"] == "POST":
            route, from_url = gemini_route(path, scope["query_string"].decode("latin-1")) or (None, None)
        try:
            self.guard.check_host(scope, headers)
            self.guard.check_origin(headers)
            if "origin" in headers:
                send = self._with_cors(headers["origin"], send)
                if scope["method"] == "OPTIONS":
                    await _preflight(headers, send)
                    return
            if route is not None and scope["method"] != "POST":
                raise _wrong_method(path, scope["method"], headers)
        except GatewayError as error:
            await _refuse(route, send, headers, error)
            return
        if route is not None:
            await self._ingress(route, scope, headers, receive, send, from_url)
        elif self._models.serves(path) and not (scope["method"] == "POST" and ":" in path):
            await self._models(scope, headers, send)
        elif (owner := owner_of(path, headers)) is not None:
            await refuse_unserved(send, owner, scope["method"], path, trace_id_of(headers))
        else:
            await self._operations(scope, receive, send)

    def _with_cors(self, origin: str, send: Send) -> Send:
        """Let a page that the operator allowed read the answer; our own page needs no leave."""
        if not self.guard.is_allowed_origin(origin):
            return send

        async def send_allowed(message: dict[str, object]) -> None:
            if message["type"] == "http.response.start":
                added = [
                    (b"access-control-allow-origin", origin.encode("latin-1")),
                    (b"access-control-expose-headers", b"*"),
                    (b"vary", b"origin"),
                ]
                message["headers"] = [*message.get("headers", ()), *added]  # type: ignore[misc]  # ASGI messages are untyped
            await send(message)

        return send_allowed  # type: ignore[return-value]  # a dict is a MutableMapping


def _wrong_method(path: str, method: str, headers: Mapping[str, str]) -> GatewayError:
    if method == "GET" and headers.get("upgrade", "").lower() == "websocket":
        return UpgradeRequired(
            f"The WebSocket form of {path} is not served. Send the same request as POST over HTTP."
        )
    return MethodNotAllowed(f"{method} is not served on {path}; send POST.")


async def _refuse(route: Route | None, send: Send, headers: dict[str, str], error: GatewayError) -> None:
    if route is not None:
        await refuse(route, send, trace_id_of(headers), error)
        return
    document = {"error": {"message": error.message, "code": error.code}}
    await reply_json(send, error.status, document, [(b"connection", b"close")])


async def _preflight(headers: Mapping[str, str], send: Send) -> None:
    allowed = headers.get("access-control-request-headers", "").encode("latin-1")
    await reply(
        send,
        204,
        b"",
        [
            (b"access-control-allow-methods", b"GET, POST"),
            (b"access-control-allow-headers", allowed),
            (b"access-control-max-age", b"600"),
        ],
    )


async def _close(scope: Scope, receive: Receive, send: Send) -> None:
    """No WebSocket is served yet; lifespan is handled by `serve.py`."""
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1008, "reason": "WebSockets are not served"})
