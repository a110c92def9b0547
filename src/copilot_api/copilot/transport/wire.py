"""HTTP/1.1 spoken by ourselves, over a connection that aiohttp has opened: the hot way of every inference request.

Owns one connection's bytes: a request's head and body out, an answer's in. Names, proxies, certificates and
patience while connecting stay aiohttp's (decision 0030). Must never know a bearer or a body's meaning.
Source: RFC 9112 (HTTP/1.1), sections 6.3 (length of a message) and 9.3 (persistence).
"""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Mapping
from typing import TYPE_CHECKING, Final

import aiohttp
import httptools
from multidict import CIMultiDict

from copilot_api.copilot.transport.faults import NotHttp, fault_of

if TYPE_CHECKING:
    from aiohttp.connector import Connection

READ_BUFFER_BYTES: Final = 512 * 1024
"""Reading pauses above this: enough for a fast link, small enough for a thousand slow clients."""
MAX_HEAD_BYTES: Final = 64 * 1024
"""More than any server sends; the bound of what is kept of an answer before its body."""
JOINED_BYTES: Final = 16 * 1024
"""A shorter body is copied behind its head: cheaper than handing the kernel two pieces."""

_NO_HEADERS: Final[Mapping[str, str]] = CIMultiDict()
_FORBIDDEN: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


def head_of(start: str, headers: Mapping[str, str], length: int | None) -> bytes:
    """A request's head; `start` is its first line and its `Host`.

    Units: `length` in bytes, None for a request without a body.
    Raises: ValueError for a header that could be read as two.
    """
    lines = [f"{name}: {value}" for name, value in headers.items()]
    text = "".join(lines)
    if not text.isprintable() and _FORBIDDEN.search(text) is not None:
        raise ValueError("A request header has a control character in it.")
    if length is not None:
        lines.append(f"Content-Length: {length}")
    return "\r\n".join([start, *lines, "\r\n"]).encode()


class WireReply:
    """One answer (`copilot.client.UpstreamReply`), filled by its wire as bytes arrive."""

    __slots__ = (
        "_fault",
        "_parts",
        "_size",
        "_waiter",
        "_wire",
        "headers",
        "is_complete",
        "is_paused",
        "status",
    )

    def __init__(self, wire: "Wire") -> None:
        self.status = 0
        self.headers: Mapping[str, str] = _NO_HEADERS
        self.is_complete = False
        self.is_paused = False
        self._wire = wire
        self._parts: list[bytes] = []
        self._size = 0
        self._fault: Exception | None = None
        self._waiter: asyncio.Future[None] | None = None

    async def read(self) -> bytes:
        """Return the whole body.

        Raises: UpstreamProtocolError when it is cut, UpstreamUnavailable when the connection breaks.
        """
        parts: list[bytes] = []
        while not self.is_complete:
            if self._fault is not None:
                raise fault_of(self._fault, self._wire.host) from self._fault
            if self.is_paused:
                parts.append(self._take())
            await self._more()
        parts.append(self._take())
        return parts[0] if len(parts) == 1 else b"".join(parts)

    async def chunks(self) -> AsyncIterator[bytes]:
        """Return the body as it arrives, never held back.

        Raises: as `read`.
        """
        while True:
            if self._parts:
                yield self._take()
            elif self.is_complete:
                return
            elif self._fault is not None:
                raise fault_of(self._fault, self._wire.host) from self._fault
            else:
                await self._more()

    def close(self) -> None:
        """Drop the connection at once, unless the answer was complete and it is kept for the next request."""
        if not self.is_complete:
            self._wire.drop()

    async def begun(self) -> None:
        """Return when the head is there.

        Raises: aiohttp's exceptions, when it never comes.
        """
        while not self.status:
            if self._fault is not None:
                raise self._fault
            await self._more()

    def add(self, part: bytes) -> bool:
        """Take a part of the body; False when it is time to pause."""
        self._parts.append(part)
        self._size += len(part)
        self.is_paused = self._size > READ_BUFFER_BYTES
        return not self.is_paused

    def fail(self, fault: Exception) -> None:
        """There will be no more."""
        if not self.is_complete and self._fault is None:
            self._fault = fault
            self.wake()

    def wake(self) -> None:
        """Tell whoever waits that there is something new."""
        waiter = self._waiter
        if waiter is not None and not waiter.done():
            waiter.set_result(None)

    def _take(self) -> bytes:
        taken = self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)
        self._parts.clear()
        self._size = 0
        if self.is_paused:
            self.is_paused = False
            self._wire.resume()
        return taken

    async def _more(self) -> None:
        self._waiter = asyncio.get_running_loop().create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None


class Wire(asyncio.Protocol):
    """One connection: one request at a time, kept between them.

    `on_free` is told each time it is ready for another, `on_gone` when it is closed.
    """

    def __init__(
        self,
        connection: "Connection",
        host: str,
        *,
        on_free: "Callable[[Wire], None]",
        on_gone: "Callable[[Wire], None]",
    ) -> None:
        """Take over `connection`, which aiohttp has opened and nobody has used.

        Raises: aiohttp.ServerDisconnectedError when it is closed already.
        """
        transport, former = connection.transport, connection.protocol
        if transport is None or former is None or transport.is_closing():
            connection.close()
            raise aiohttp.ServerDisconnectedError
        self.host = host
        self._connection = connection
        self._former = former
        self._transport = transport
        self._on_free = on_free
        self._on_gone = on_gone
        self._reply: WireReply | None = None
        self._has_length = False
        self._head_bytes = 0
        self._headers: list[tuple[str, str]] = []
        self._parser: httptools.HttpResponseParser | None = httptools.HttpResponseParser(self)
        transport.set_protocol(self)

    @property
    def is_open(self) -> bool:
        """Whether it can take a request."""
        return self._parser is not None and not self._transport.is_closing()

    async def ask(self, head: bytes, body: bytes) -> WireReply:
        """Send one request and return when the answer's head is there.

        Raises: aiohttp.ServerDisconnectedError or aiohttp.ClientOSError when the connection broke before any byte
        of an answer; another aiohttp.ClientError for an answer that cannot be read.
        """
        reply = self._reply = WireReply(self)
        self._head_bytes = 0
        self._has_length = False
        try:
            if len(body) > JOINED_BYTES:
                self._transport.writelines((head, body))
            else:
                self._transport.write(head + body)
            await reply.begun()
        except BaseException:
            self.drop()
            raise
        return reply

    def drop(self) -> None:
        """Close the connection at once; what is unsent is thrown away."""
        self._transport.abort()

    def resume(self) -> None:
        """Read on."""
        if self.is_open:
            self._transport.resume_reading()

    def data_received(self, data: bytes) -> None:
        """Bytes of an answer; anything that nobody asked for ends the connection."""
        reply, parser = self._reply, self._parser
        if reply is None or parser is None:
            self.drop()
            return
        if not reply.status:
            self._head_bytes += len(data)
        try:
            parser.feed_data(data)
            if not reply.status and self._head_bytes > MAX_HEAD_BYTES:
                raise NotHttp(f"its answer's head has more than {MAX_HEAD_BYTES} bytes")
        except (httptools.HttpParserError, httptools.HttpParserUpgrade, NotHttp) as error:
            reply.fail(error if isinstance(error, NotHttp) else _unreadable(reply, error))
            self.drop()
            return
        reply.wake()

    def connection_lost(self, exc: Exception | None) -> None:
        """The end: of an answer that has no other, or of one that is cut."""
        self._parser = None
        reply, self._reply = self._reply, None
        if reply is not None:
            if reply.status and not self._has_length and exc is None:
                reply.is_complete = True
                reply.wake()
            reply.fail(self._cut(reply, exc))
        self._former.connection_lost(exc)
        self._connection.close()
        self._on_gone(self)

    def _cut(self, reply: WireReply, exc: Exception | None) -> Exception:
        if reply.status or self._head_bytes:
            return aiohttp.ClientPayloadError("the connection closed in the middle of the answer")
        return (
            aiohttp.ClientOSError(*exc.args)
            if isinstance(exc, OSError)
            else aiohttp.ServerDisconnectedError()
        )

    def on_message_begin(self) -> None:
        """The first byte of an answer (httptools). One that nobody asked for would be taken for the next one's."""
        if self._reply is None:
            self.drop()

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header line (httptools)."""
        self._headers.append(
            (name.decode("utf-8", "surrogateescape"), value.decode("utf-8", "surrogateescape"))
        )

    def on_headers_complete(self) -> None:
        """The head is whole (httptools)."""
        reply, parser = self._reply, self._parser
        headers, self._headers = self._headers, []
        if reply is None or parser is None:
            return
        status = parser.get_status_code()
        if status < 200:
            return
        reply.headers = CIMultiDict(headers)
        self._has_length = (
            "content-length" in reply.headers or "transfer-encoding" in reply.headers or status in {204, 304}
        )
        reply.status = status

    def on_body(self, part: bytes) -> None:
        """A part of the body (httptools)."""
        if self._reply is not None and not self._reply.add(part):
            self._transport.pause_reading()

    def on_message_complete(self) -> None:
        """The answer is whole (httptools): the connection is free, if both sides keep it."""
        reply, parser = self._reply, self._parser
        if reply is None or parser is None or not reply.status:
            return
        self._reply = None
        reply.is_complete = True
        if reply.is_paused:
            reply.is_paused = False
            self._transport.resume_reading()
        if parser.should_keep_alive() and self.is_open and not self._transport.get_write_buffer_size():
            self._on_free(self)
        else:
            self._transport.close()
        reply.wake()


def _unreadable(reply: WireReply, error: Exception) -> Exception:
    """What bytes that are not HTTP mean: in the head a stranger, in the body an answer that is broken."""
    if reply.status:
        return aiohttp.ClientPayloadError(str(error))
    return NotHttp(str(error))
