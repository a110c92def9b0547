"""The ASGI surface of one HTTP request, without a framework: the hot path owes nothing to one.

Source: ASGI specification 3.0, HTTP & WebSocket message format 2.4 (read 2026-11).
"""

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

import msgspec

from copilot_api.errors import BodyTooLarge
from copilot_api.gateway.reply.outlet import Headers
from copilot_api.gateway.request.call import ClientEnd, WhenGone
from copilot_api.wire.inflate import Inflater

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


class ClientGone(Exception):
    """The client hung up before its request was whole; there is nobody to answer."""


def read_headers(scope: Scope) -> dict[str, str]:
    """Header names in lower case; of a repeated header the last one, joined by `, ` where lists are legal."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name = raw_name.decode("latin-1")
        value = raw_value.decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


async def read_body(receive: Receive, headers: dict[str, str], max_body_bytes: int) -> bytes:
    """The whole body, decompressed, never more than `max_body_bytes` of it in memory.

    Raises: BodyTooLarge, UnsupportedEncoding or MalformedRequest; ClientGone when the client hung up.
    """
    declared = headers.get("content-length", "")
    if declared.isdigit() and int(declared) > max_body_bytes:
        raise _too_large(max_body_bytes)
    encoding = headers.get("content-encoding", "identity").strip().lower()
    inflater = None if encoding in {"identity", ""} else Inflater(encoding, max_body_bytes)
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        part: bytes = message.get("body", b"")
        if inflater is not None:
            part = inflater.feed(part)
        size += len(part)
        if size > max_body_bytes:
            raise _too_large(max_body_bytes)
        parts.append(part)
        if not message.get("more_body", False):
            break
    if inflater is not None:
        parts.append(inflater.finish())
    return parts[0] if len(parts) == 1 else b"".join(parts)


def _too_large(max_body_bytes: int) -> BodyTooLarge:
    return BodyTooLarge(
        f"The request body is larger than {max_body_bytes} bytes, decompressed. Send less (images are the usual "
        "cause), or raise COPILOT_API_MAX_BODY_MB."
    )


async def reply(send: Send, status: int, body: bytes, headers: Iterable[tuple[bytes, bytes]]) -> None:
    """Send a whole answer."""
    await send({"type": "http.response.start", "status": status, "headers": list(headers)})
    await send({"type": "http.response.body", "body": body})


async def reply_json(send: Send, status: int, document: object, headers: Headers | None = None) -> None:
    """Send a whole JSON answer."""
    body = msgspec.json.encode(document)
    pairs = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body)), *(headers or [])]
    await reply(send, status, body, pairs)


class DirectEnd:
    """What our own server's end of a request can do beside ASGI (`web/connection.py`).

    The head waits for the first of the body, so that both leave in one write. Where a `send` is anything but such an
    end's own, somebody in between wants to see the messages, and gets them.
    """

    async def send(self, message: Any) -> None:
        """As ASGI says."""
        raise NotImplementedError

    def when_gone(self, tell: Callable[[], None]) -> None:
        """Call `tell` when the client hangs up before its answer is complete; at once where it has."""
        raise NotImplementedError

    def begin(self, status: int, headers: Headers) -> None:
        """Keep the head.

        Raises: ValueError for a header that could be read as two.
        """
        raise NotImplementedError

    async def put(self, body: bytes, *, is_last: bool) -> None:
        """Send part of the body, behind the head if that is still here."""
        raise NotImplementedError


class DirectClient:
    """The client's end of one request on our own server (`gateway.call.ClientEnd`)."""

    __slots__ = ("_end", "_receive")

    def __init__(self, receive: Receive, end: DirectEnd) -> None:
        self._receive = receive
        self._end = end

    async def start(self, status: int, headers: Headers) -> None:
        """Keep the head for the first of the body."""
        self._end.begin(status, headers)

    async def write(self, body: bytes) -> None:
        """Send part of the body."""
        await self._end.put(body, is_last=False)

    async def finish(self, body: bytes) -> None:
        """Send the last part of the body."""
        await self._end.put(body, is_last=True)

    def abort(self) -> None:
        """As `AsgiClient.abort`."""

    async def until_gone(self) -> None:
        """Return when the client has hung up, or when its answer is complete."""
        while (await self._receive())["type"] != "http.disconnect":
            pass


class AsgiClient:
    """The client's end of one ASGI request (`gateway.call.ClientEnd`)."""

    __slots__ = ("_receive", "_send")

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send

    async def start(self, status: int, headers: Headers) -> None:
        """Send the head."""
        await self._send({"type": "http.response.start", "status": status, "headers": headers})

    async def write(self, body: bytes) -> None:
        """Send part of the body."""
        await self._send({"type": "http.response.body", "body": body, "more_body": True})

    async def finish(self, body: bytes) -> None:
        """Send the last part of the body."""
        await self._send({"type": "http.response.body", "body": body})

    def abort(self) -> None:
        """Nothing more is sent: the server closes the connection, and the client sees an unfinished answer.

        Source: uvicorn closes the transport of an application that returns without completing its response.
        """

    async def until_gone(self) -> None:
        """Return when the client has hung up, or when its answer is complete."""
        while (await self._receive())["type"] != "http.disconnect":
            pass


def client_of(receive: Receive, send: Send) -> tuple[ClientEnd, WhenGone | None]:
    """The client's end, and where to say what is to be called when it hangs up; None where nobody could tell."""
    end = getattr(send, "__self__", None)
    if isinstance(end, DirectEnd):
        return DirectClient(receive, end), end.when_gone
    return AsgiClient(receive, send), None
