"""The server as its own client: one request down the same line as every other, recorded like them.

Owns a client that only listens. Must never know why something is asked.
"""

import asyncio
import secrets
import time
from collections.abc import Mapping

import msgspec

from copilot_api.gateway.gateway import Gateway
from copilot_api.gateway.reply.outlet import Headers
from copilot_api.gateway.request.call import Call
from copilot_api.gateway.request.routes import all_routes, gemini_route
from copilot_api.settings import ClientKeyEntry


async def ask(
    gateway: Gateway,
    path: str,
    document: Mapping[str, object],
    *,
    key: ClientKeyEntry,
    headers: Mapping[str, str],
    started_unix_s: float | None = None,
) -> "Heard":
    """Ask at a path that clients use, and hear the answer to its end.

    Shape: `headers` in lower case; `document` is the JSON body. A refusal is an answer too.
    Raises: KeyError for a path that serves no inference.
    """
    from_url = None
    route = all_routes().get(path)
    if route is None:
        found = gemini_route(path, "")
        if found is None:
            raise KeyError(path)
        route, from_url = found
    heard = Heard()
    await gateway.exchange(
        Call(
            route=route,
            path=path,
            headers=headers,
            body=msgspec.json.encode(document),
            key=key,
            trace_id=secrets.token_hex(8),
            client=heard,
            started_s=time.perf_counter(),
            started_unix_s=time.time() if started_unix_s is None else started_unix_s,
            from_url=from_url,
        )
    )
    return heard


class Heard:
    """A client that only listens, and what it heard."""

    def __init__(self) -> None:
        self.status = 0
        self._body = b""
        self._is_over = asyncio.Event()

    async def start(self, status: int, headers: Headers) -> None:
        """Note the status."""
        del headers
        self.status = status

    async def write(self, body: bytes) -> None:
        """Keep the body."""
        self._body += body

    async def finish(self, body: bytes) -> None:
        """Keep the last of it."""
        self._body += body
        self._is_over.set()

    def abort(self) -> None:
        """It was cut."""
        self.status = self.status if self.status != 200 else 502
        self._is_over.set()

    async def until_gone(self) -> None:
        """Nobody hangs up before the end."""
        await self._is_over.wait()

    def message(self) -> str:
        """What the answer says is wrong."""
        try:
            found = msgspec.json.decode(self._body, type=_Refusal)
        except msgspec.MsgspecError:
            return self._body[:200].decode("utf-8", "replace")
        return found.error.message


class _Fault(msgspec.Struct):
    message: str = ""


class _Refusal(msgspec.Struct):
    error: _Fault = msgspec.field(default_factory=_Fault)
