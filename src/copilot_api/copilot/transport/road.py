"""The ways of one HTTP request: over a kept wire of our own, or through aiohttp's client.

Owns the choice and the wires that wait for their next request. A wire is a connection that aiohttp's connector
opened and that we speak HTTP over ourselves: a third of the CPU (decision 0030). How connector and connection are
wired is internal to aiohttp, so this is done only with the series it was written against; any other version, a plain
proxy, and bodies so large that writing them at once would hold everyone up take the long way.
"""

import asyncio
import io
import time
from collections.abc import AsyncIterator, Mapping

import aiohttp
import msgspec
from aiohttp.helpers import TimerNoop
from multidict import CIMultiDict
from yarl import URL

from copilot_api.copilot.transport.connector import ATTEMPT, Attempt, Pool
from copilot_api.copilot.transport.faults import TRANSPORT_ERRORS, fault_of
from copilot_api.copilot.transport.wire import Wire, WireReply, head_of

READ_BUFFER_BYTES = 256 * 1024
"""Reading the long way pauses at twice this, as a wire does."""
LARGE_BODY_BYTES = 1024 * 1024
"""From here on aiohttp warns that writing raw bytes might block the loop (aiohttp 3.14, payload.py)."""

KNOWN_SERIES = "3.14."
HAS_SHORT_WAY = aiohttp.__version__.startswith(KNOWN_SERIES)


class Road(msgspec.Struct, frozen=True):
    """Where one address is, and through what. `wires` are those of its host; None where there is no short way."""

    url: URL
    session: aiohttp.ClientSession
    pool: Pool
    proxy: URL | None = None
    proxy_headers: CIMultiDict[str] | None = None
    wires: "Wires | None" = None

    @property
    def host(self) -> str:
        """Its name, for messages."""
        return self.url.host or ""


class Wires:
    """The open wires to one host, the one that was used last is taken first."""

    def __init__(self, road: Road, *, keep_alive_s: float) -> None:
        self._road = road
        self._keep_alive_s = keep_alive_s
        self._idle: list[tuple[Wire, float]] = []
        self._timer: asyncio.TimerHandle | None = None

    async def ask(self, method: str, url: URL, headers: Mapping[str, str], body: bytes) -> WireReply:
        """Send one request; once more, on a fresh wire, when a kept one was dead before any byte of an answer.

        Raises: aiohttp's exceptions; the wire is then dropped.
        """
        start = f"{method} {url.raw_path_qs} HTTP/1.1\r\nHost: {url.host_port_subcomponent}"
        head = head_of(start, headers, len(body) if body or method != "GET" else None)
        wire = self._take()
        if wire is not None:
            try:
                return await wire.ask(head, body)
            except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError):
                pass  # it was closed while it waited, and we learn it only now
        return await (await self._open()).ask(head, body)

    def _take(self) -> Wire | None:
        now_s = time.monotonic()
        while self._idle:
            wire, since_s = self._idle.pop()
            if wire.is_open and now_s - since_s < self._keep_alive_s:
                return wire
            wire.drop()
        return None

    async def _open(self) -> Wire:
        road = self._road
        timeout = road.session.timeout
        request = aiohttp.ClientRequest(
            "GET",
            road.url,
            loop=asyncio.get_running_loop(),
            response_class=aiohttp.ClientResponse,
            session=road.session,
            timer=TimerNoop(),
            proxy=road.proxy,
            proxy_headers=road.proxy_headers,
        )
        ATTEMPT.set(Attempt(must_be_fresh=True))
        try:
            connection = await road.pool.connect(request, traces=[], timeout=timeout)
        except TimeoutError as error:
            raise aiohttp.ConnectionTimeoutError(f"Connection timeout to host {road.url}") from error
        return Wire(connection, road.host, on_free=self._keep, on_gone=self._forget)

    def _keep(self, wire: Wire) -> None:
        self._idle.append((wire, time.monotonic()))
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._keep_alive_s, self._sweep)

    def _forget(self, wire: Wire) -> None:
        self._idle = [entry for entry in self._idle if entry[0] is not wire]
        if not self._idle:
            self._stop_sweeping()

    def _sweep(self) -> None:
        """Close what has waited too long: upstream would, and we would learn it too late."""
        self._timer = None
        oldest_s = time.monotonic() - self._keep_alive_s
        for wire, since_s in self._idle:
            if since_s <= oldest_s:
                wire.drop()
        self._idle = [entry for entry in self._idle if entry[1] > oldest_s]
        if self._idle:
            wait_s = max(0.0, self._idle[0][1] - oldest_s)
            self._timer = asyncio.get_running_loop().call_later(wait_s, self._sweep)

    def _stop_sweeping(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class LongReply:
    """An answer that came the long way (`copilot.client.UpstreamReply`)."""

    __slots__ = ("_response", "headers", "status")

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response
        self.status: int = response.status
        self.headers: Mapping[str, str] = response.headers

    async def read(self) -> bytes:
        """Return the whole body.

        Raises: UpstreamProtocolError when it is cut, UpstreamUnavailable when the connection breaks.
        """
        try:
            return await self._response.read()
        except TRANSPORT_ERRORS as error:
            raise fault_of(error, self._response.url.host or "") from error

    async def chunks(self) -> AsyncIterator[bytes]:
        """Return the body as it arrives, never held back.

        Raises: as `read`.
        """
        receive = self._response.content.readany
        try:
            while chunk := await receive():
                yield chunk
        except TRANSPORT_ERRORS as error:
            raise fault_of(error, self._response.url.host or "") from error

    def close(self) -> None:
        """Drop the connection at once, unless the answer was complete and it is back in the pool."""
        self._response.close()


async def travel(road: Road, method: str, headers: Mapping[str, str], body: bytes | None) -> LongReply:
    """Send one request the long way; once more on a fresh connection when a used one was dead, as `Wires.ask`.

    Raises: aiohttp's exceptions; the connection is then dropped.
    """
    attempt = Attempt(must_be_fresh=False)
    ATTEMPT.set(attempt)
    try:
        return await _request(road, method, headers, body)
    except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError) as error:
        if not attempt.is_reused or isinstance(error, aiohttp.ClientConnectorError):
            raise
    ATTEMPT.set(Attempt(must_be_fresh=True))
    return await _request(road, method, headers, body)


async def _request(road: Road, method: str, headers: Mapping[str, str], body: bytes | None) -> LongReply:
    sent = CIMultiDict(headers)
    if road.proxy_headers is not None and road.url.scheme == "http":
        sent.update(road.proxy_headers)  # No tunnel: the proxy reads the request's own headers.
    response = await road.session.request(
        method,
        road.url,
        headers=sent,
        data=_payload(body),
        allow_redirects=False,
        proxy=road.proxy,
        proxy_headers=road.proxy_headers,
    )
    return LongReply(response)


def _payload(body: bytes | None) -> bytes | io.BytesIO | None:
    """A large body is written in pieces, so that one history of megabytes does not hold everyone up."""
    return io.BytesIO(body) if body is not None and len(body) > LARGE_BODY_BYTES else body
