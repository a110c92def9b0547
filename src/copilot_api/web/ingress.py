"""The front door of inference: guard, read the body, hand the call to the line.

Dispatched by a dict on the path before any framework. Refusals leave in the protocol of the path.
"""

import re
import time
from collections.abc import Callable

from copilot_api.errors import GatewayError
from copilot_api.gateway.gateway import Gateway
from copilot_api.gateway.ledger import UsageRecord
from copilot_api.gateway.request.call import Call
from copilot_api.gateway.request.ids import new_trace_id
from copilot_api.gateway.request.routes import Route
from copilot_api.neutral.extras import JsonObject
from copilot_api.settings import ClientKeyEntry
from copilot_api.web.asgi import ClientGone, Receive, Scope, Send, client_of, read_body, reply
from copilot_api.web.guard import Guard

_TRACE_ID = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}")


def trace_id_of(headers: dict[str, str]) -> str:
    """The caller's `x-trace-id` when it is safe to log and echo, else a new one.

    Shape: 1 to 64 of word characters, dot and dash, the first a word character.
    """
    given = headers.get("x-trace-id", "").strip()
    return given if _TRACE_ID.fullmatch(given) else new_trace_id()


class Ingress:
    """Answers the POST paths of the protocols."""

    def __init__(self, gateway: Gateway, guard: Callable[[], Guard]) -> None:
        self._gateway = gateway
        self._guard = guard

    async def __call__(
        self,
        route: Route,
        scope: Scope,
        headers: dict[str, str],
        receive: Receive,
        send: Send,
        from_url: JsonObject | None = None,
        *,
        trusted: ClientKeyEntry | None = None,
    ) -> None:
        """Serve one request whose Host and Origin have been checked; `from_url` as in `Call`.

        `trusted` stands in for a client key where somebody else has judged the caller: the admin's playground.
        """
        started_s, started_unix_s, trace_id = time.perf_counter(), time.time(), trace_id_of(headers)
        try:
            key = trusted or self._guard().require_key(scope, headers)
            body = await read_body(receive, headers, self._gateway.settings.max_body_bytes)
        except GatewayError as error:
            self._refuse(route, scope, headers, trace_id, error, started_unix_s)
            await refuse(route, send, trace_id, error)
            return
        except ClientGone:
            return
        client, when_gone = client_of(receive, send)
        call = Call(
            route=route,
            path=scope["path"],
            headers=headers,
            body=body,
            key=key,
            trace_id=trace_id,
            client=client,
            started_s=started_s,
            started_unix_s=started_unix_s,
            from_url=from_url,
        )
        call.query, call.when_gone = scope.get("query_string", b""), when_gone
        await self._gateway.exchange(call)

    def _refuse(
        self,
        route: Route,
        scope: Scope,
        headers: dict[str, str],
        trace_id: str,
        error: GatewayError,
        started_unix_s: float,
    ) -> None:
        record = UsageRecord(
            trace_id=trace_id,
            ingress=route.protocol.name,
            operation=route.operation,
            path=scope["path"],
            started_unix_s=started_unix_s,
            outcome="refused",
            status=error.status,
            error_code=error.code,
            error_message=error.message,
        )
        self._gateway.ledger.record(record)
        if self._gateway.captures.register:
            self._gateway.captures.refused(record, headers, scope.get("query_string", b""))


async def refuse(route: Route, send: Send, trace_id: str, error: GatewayError) -> None:
    """Say `error` in the route's protocol and close the connection: its body may still be on the way."""
    wire = route.protocol.ingress.write_error(error)
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", b"%d" % len(wire.body)),
        (b"x-trace-id", trace_id.encode()),
        (b"connection", b"close"),
    ]
    if error.status == 401:
        headers.append((b"www-authenticate", b'Bearer realm="copilot-api"'))
    await reply(send, wire.status, wire.body, headers)
