"""uvicorn's HTTP/1.1 protocol with a shorter way out: one write for head and body, no task that waits for a hang-up.

Owns one client connection below ASGI. What is not said through `DirectEnd` goes uvicorn's own way, so every other
route is as it was. How uvicorn's class is built is internal to it: this one is taken only with the series it was
written against (decision 0031). Must never know a route.
"""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, Literal, cast
from urllib.parse import unquote

import httptools
import uvicorn
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from copilot_api.gateway.reply.outlet import Headers
from copilot_api.web.asgi import DirectEnd

if TYPE_CHECKING:
    from uvicorn._types import ASGI3Application

KNOWN_SERIES: Final = "0.54."

_PLAIN: Final = bytes({*range(0x20, 0x7F), *range(0x80, 0x100), 0x09})
"""What may be in a header's value."""


class Cycle(RequestResponseCycle, DirectEnd):
    """One request and its answer."""

    _held = b""
    _tell: Callable[[], None] | None = None

    def when_gone(self, tell: Callable[[], None]) -> None:
        """As `DirectEnd`."""
        self.flow.resume_reading()
        if self.disconnected:
            tell()
        else:
            self._tell = tell

    def begin(self, status: int, headers: Headers) -> None:
        """As `DirectEnd`."""
        is_chunked, length = True, 0
        for name, value in headers:
            if name == b"content-length":
                is_chunked, length = False, int(value)
            elif name == b"connection" and value == b"close":
                self.keep_alive = False
        lines = [name + b": " + value for name, value in (*self.default_headers, *headers)]
        if b"".join(lines).translate(None, _PLAIN):
            raise ValueError("A header of the answer has a control character in it.")
        if not self.keep_alive and (b"connection", b"close") not in headers:
            lines.append(b"connection: close")
        if is_chunked:
            lines.append(b"transfer-encoding: chunked")
        self.response_started, self.waiting_for_100_continue = True, False
        self.chunked_encoding, self.expected_content_length = is_chunked, length
        self._held = STATUS_LINE[status] + b"\r\n".join(lines) + b"\r\n\r\n"

    async def put(self, body: bytes, *, is_last: bool) -> None:
        """As `DirectEnd`."""
        if self.flow.write_paused and not self.disconnected:
            await self.flow.drain()
        if self.disconnected:
            return
        held = self._held
        if held:
            self._held = b""
        if not self.chunked_encoding:
            self.expected_content_length -= len(body)
        elif body:
            body = (
                b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
                if is_last
                else b"%x\r\n%b\r\n" % (len(body), body)
            )
        elif is_last:
            body = b"0\r\n\r\n"
        self.transport.write(held + body if held else body)
        if is_last:
            self._complete()

    def _complete(self) -> None:
        self._tell = None
        self.response_complete = True
        self.message_event.set()
        if not self.keep_alive or self.expected_content_length:
            self.transport.close()  # an answer of another length than it promised must not look whole
        self.on_response()

    def lose(self) -> None:
        """The connection is gone."""
        tell, self._tell = self._tell, None
        if tell is not None:
            tell()


class Connection(HttpToolsProtocol):
    """One connection, answered by `Cycle`s, with one timer for as long as it lives."""

    _idle_since_s = 0.0

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the exchange that runs, if there is one."""
        super().connection_lost(exc)
        super()._unset_keepalive_if_required()
        cycle: object = self.cycle
        if isinstance(cycle, Cycle):
            cycle.lose()

    def on_headers_complete(self) -> None:
        """Begin the request (httptools); as uvicorn's, without what this server never uses."""
        scope: Any = self.scope
        parser: Any = self.parser
        app = cast("ASGI3Application", self.app)  # pyright: ignore[reportUnknownMemberType]  # typed in part only
        former: Any = self.cycle
        version = parser.get_http_version()
        if version != "1.1":
            scope["http_version"] = version
        scope["method"] = parser.get_method().decode("ascii")
        raw_path, scope["query_string"] = _split(self.url)
        path = raw_path.decode("ascii")
        scope["raw_path"], scope["path"] = raw_path, unquote(path) if "%" in path else path
        cycle = self.cycle = Cycle(
            scope=scope,
            transport=self.transport,
            flow=self.flow,
            logger=self.logger,
            access_logger=self.access_logger,
            access_log=self.access_log,
            default_headers=self.server_state.default_headers,
            message_event=asyncio.Event(),
            expect_100_continue=self.expect_100_continue,
            keep_alive=version != "1.0" and parser.should_keep_alive(),
            on_response=self.on_response_complete,
        )
        if former is None or former.response_complete:
            self._start_asgi_task(cycle, app)
        else:
            self.flow.pause_reading()
            self.pipeline.appendleft((cycle, app))

    def on_response_complete(self) -> None:
        """Go on with what waits on this connection, or wait."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
            return
        self._idle_since_s = self.loop.time()
        if self.timeout_keep_alive_task is None:
            self._look_again(self.timeout_keep_alive)

    def timeout_keep_alive_handler(self) -> None:
        """Close a connection that has been idle for long enough; look again at any other."""
        self.timeout_keep_alive_task = None
        if self.transport.is_closing():
            return
        idle_s = self.loop.time() - self._idle_since_s if self.cycle.response_complete else 0.0
        if idle_s >= self.timeout_keep_alive:
            self.transport.close()
        else:
            self._look_again(self.timeout_keep_alive - idle_s)

    def _look_again(self, after_s: float) -> None:
        self.timeout_keep_alive_task = self.loop.call_later(after_s, self.timeout_keep_alive_handler)

    def _unset_keepalive_if_required(self) -> None:
        """The timer stays: to stop and start it costs every request more than to look at it once in a while."""


def _split(url: bytes) -> tuple[bytes, bytes]:
    """The path and the query of a request's target."""
    if url.startswith(b"/") and b"#" not in url:
        path, _, query = url.partition(b"?")
        return path, query
    parsed = httptools.parse_url(url)
    return parsed.path or b"", parsed.query or b""


def protocol() -> "type[asyncio.Protocol] | Literal['httptools']":
    """What uvicorn is to speak: ours with the series it was written against, else its own."""
    return Connection if uvicorn.__version__.startswith(KNOWN_SERIES) else "httptools"
