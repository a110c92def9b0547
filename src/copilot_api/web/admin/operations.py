"""What operators and orchestrators ask: am I alive, am I ready, what is the token; and the admin's status page.

Litestar, behind the same guard as everything else: `web/app.py` has checked Host and Origin before.
"""

import asyncio
import re
import secrets
from collections.abc import Awaitable, Callable, Sequence
from functools import cached_property
from typing import cast

import msgspec
import structlog
from litestar import Litestar, Response, Router, get, head
from litestar.exceptions import HTTPException, ValidationException
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.plugins import PluginProtocol
from litestar.plugins.core import MsgspecDIPlugin
from litestar.routes import HTTPRoute

from copilot_api.copilot.accounts import Accounts
from copilot_api.errors import BodyTooLarge, Forbidden, GatewayError, MethodNotAllowed, UnknownRoute
from copilot_api.settings import Settings
from copilot_api.web.admin.about import describe
from copilot_api.web.admin.desk import (
    MAX_DOCUMENT_BYTES,
    AnyRequest,
    NotAccepted,
    SaidFault,
    answered,
    caller_of,
    say,
)
from copilot_api.web.admin.door import Connection, Door, guarded
from copilot_api.web.admin.page import Page
from copilot_api.web.admin.status import Inspector, Status
from copilot_api.web.asgi import Application, Receive, Scope, Send

_log: structlog.stdlib.BoundLogger = structlog.get_logger()

Rooms = Sequence[HTTPRouteHandler | Router]
"""The pages of the admin API, each under its own path below /admin/api."""


class _Plain(Litestar):
    """Without the plug-ins for pydantic and attrs: nothing here uses them, and they are 8 MB where these are installed.

    The hook is private to Litestar; should it go, the plug-ins are merely loaded again.
    """

    @staticmethod
    def _get_default_plugins(plugins: list[PluginProtocol]) -> list[PluginProtocol]:
        return [*plugins, MsgspecDIPlugin()]


class Operations:
    """The handlers' collaborators. `settings` is looked up at each request: it may change.

    `rooms` are behind the admin's door, `outside` decide themselves who may ask.
    """

    def __init__(
        self,
        *,
        settings: Callable[[], Settings],
        door: Door,
        inspector: Inspector,
        accounts: Accounts,
        rooms: Rooms = (),
        outside: Rooms = (),
        version: str = "",
    ) -> None:
        self._version = version
        self._rooms = rooms
        self._outside = outside
        self._settings = settings
        self._door = door
        self._inspector = inspector
        self._accounts = accounts

    def application(self) -> Application:
        """The ASGI application of all of them, the page and the API of the admin included.

        It is built at the first request: 3 MB, and 100 ms of a start, that a gateway does without whose clients
        only ask models. In a thread, so that streams go on.
        """
        building = asyncio.Lock()
        built: Application | None = None

        async def operations(scope: Scope, receive: Receive, send: Send) -> None:
            nonlocal built
            if built is None:
                async with building:
                    built = built or cast(Application, await asyncio.to_thread(self.litestar))
            await built(scope, receive, send)

        return guarded(operations)

    def litestar(self) -> Litestar:
        """The routes, for whoever wants to list them."""
        return _Plain(
            route_handlers=[*self._health(), *self._admin(), *self._outside, *Page().routes(), self._api()],
            openapi_config=None,
            exception_handlers={GatewayError: _say, HTTPException: _say_http, Exception: _say_bug},
            request_max_body_size=MAX_DOCUMENT_BYTES,
            debug=False,
        )

    def _api(self) -> Router:
        """Every room of the admin API behind one door."""

        @get("/status", sync_to_thread=False)
        def status() -> Response[Status]:
            """Everything the operator should know about the server at this moment."""
            return answered(self._inspector.look())

        @get("/openapi.json", media_type="application/json")
        async def openapi() -> Response[bytes]:
            """This description."""
            body = await asyncio.to_thread(lambda: self._description)
            return Response(body, headers={"cache-control": "no-store"}, media_type="application/json")

        handlers = [status, openapi, *self._rooms]
        return Router(path="/admin/api", route_handlers=handlers, guards=[_guard_of(self._door)])

    @cached_property
    def _description(self) -> bytes:
        """The API described by its own routes, in an application that nobody is served from."""
        config = OpenAPIConfig(title="copilot-api admin", version=self._version)
        application = Litestar(route_handlers=[self._api()], openapi_config=config)
        return msgspec.json.encode(describe(application, self._version))

    def _health(self) -> list[HTTPRouteHandler]:
        @get("/", media_type="text/plain", sync_to_thread=False)
        def root() -> str:
            demo = " (DEMO)" if self._settings().demo else ""
            return f"copilot-api is running{demo}. Admin: /admin, readiness: /readyz\n"

        @head("/", sync_to_thread=False)
        def root_head() -> None:
            """Claude Code asks this before its first request."""

        @get("/healthz", sync_to_thread=False)
        def healthz() -> dict[str, str]:
            return {"status": "ok"}

        @get("/readyz", sync_to_thread=False)
        def readyz() -> Response[dict[str, object]]:
            status = self._inspector.look()
            failing = [
                {"name": check.name, "detail": check.detail, "remedy": check.remedy}
                for check in status.checks
                if not check.is_ok and check.is_required
            ]
            document: dict[str, object] = {
                "ready": status.is_ready,
                "demo": status.is_demo,
                "failing": failing,
            }
            return Response(document, status_code=200 if status.is_ready else 503)

        return [root, root_head, healthz, readyz]

    def _admin(self) -> list[HTTPRouteHandler]:
        @get("/token", guards=[_guard_of(self._door)])
        async def token(request: AnyRequest) -> Response[dict[str, str]]:
            return await self._tell_token(request)

        return [token]

    async def _tell_token(self, request: AnyRequest) -> Response[dict[str, str]]:
        """The current Copilot token, for the operator alone and never for a page."""
        if not self._settings().token_endpoint:
            raise UnknownRoute("GET /token is switched off (COPILOT_API_TOKEN_ENDPOINT=false).")
        if request.headers.get("origin") or request.headers.get("sec-fetch-site", "none") != "none":
            raise Forbidden("GET /token answers no web page.", code="origin_not_allowed")
        if caller_of(request).how == "key":
            raise Forbidden("GET /token answers the operator, not a client key.", code="scope_missing")
        bearer = await self._accounts.choose(None).credential.bearer()
        return Response({"token": bearer.token}, headers={"cache-control": "no-store"})


def _guard_of(door: Door) -> Callable[[Connection, BaseRouteHandler], Awaitable[None]]:
    """The door as a plain function: Litestar copies guards deeply, and a door is not to be copied."""

    async def guard(connection: Connection, handler: BaseRouteHandler) -> None:
        await door.admit(connection, handler)

    return guard


def _say_http(request: AnyRequest, error: HTTPException) -> Response[SaidFault]:
    """Litestar's own refusals, in our shape."""
    path, method = request.scope["path"], request.scope["method"]
    if error.status_code == 404:
        return say(
            UnknownRoute(
                f"Nothing is served at {path!r}. The README lists the endpoints; clients usually "
                "want a base URL that ends in /v1 (OpenAI) or has no path at all (Anthropic)."
            )
        )
    if error.status_code == 405:
        refused = say(MethodNotAllowed(f"{method} is not served on {path!r}."))
        refused.headers["allow"] = ", ".join(sorted(_methods_of(request.app, path)))
        return refused
    if error.status_code == 413:
        return say(BodyTooLarge(f"The body is larger than {MAX_DOCUMENT_BYTES} bytes. Send less."))
    if isinstance(error, ValidationException):
        return say(NotAccepted("Some parameters are not accepted.", fields=_wrong_parameters(error)))
    return say(GatewayError(str(error.detail), code="request_refused", status=error.status_code))


def _methods_of(application: Litestar, path: str) -> set[str]:
    """The methods that are served at a path. A route for whole trees counts only where no other fits."""
    exact, broad = set[str](), set[str]()
    for route in application.routes:
        if not isinstance(route, HTTPRoute):
            continue
        is_tree = ":path}" in route.path
        parts = re.split(r"(\{[^{}]+\})", route.path)
        pattern = "".join(_pattern_of(part) if part.startswith("{") else re.escape(part) for part in parts)
        if re.fullmatch(pattern, path):
            (broad if is_tree else exact).update(route.methods)
    return exact or broad


def _pattern_of(parameter: str) -> str:
    return ".+" if parameter.endswith(":path}") else "[^/]+"


def _wrong_parameters(error: ValidationException) -> dict[str, str]:
    found = error.extra if isinstance(error.extra, list) else []
    return {_said(str(item.get("key", ""))): str(item.get("message", "")) for item in found}


def _said(name: str) -> str:
    """A parameter's name in the query string, from its name in the handler: `from_` is `from`."""
    first, *others = name.rstrip("_").split("_")
    return first + "".join(word.capitalize() for word in others)


def _say(_: AnyRequest, error: GatewayError) -> Response[SaidFault]:
    """One error shape for every operation."""
    return say(error)


def _say_bug(request: AnyRequest, error: Exception) -> Response[SaidFault]:
    """A bug tells its caller an id and nothing else; the log has the rest."""
    trace_id = secrets.token_hex(8)
    _log.error("admin.failed", path=request.scope["path"], trace_id=trace_id, exc_info=error)
    return say(GatewayError("Something went wrong here. The log has the reason under this id."), trace_id)
