"""One HTTP request over one road: a session, perhaps a proxy, and the address.

Owns the shortest way through aiohttp. `ClientSession.request` spends 25 of 80 µs on what we never use (cookies,
redirects, netrc, middlewares, traces; measured 2026-11 with aiohttp 3.14, 2 KB body, kept connection). Below it
are the same public classes; how they are wired is internal, so the short way is taken only with the aiohttp series
it was written against, and the long way with any other. Obsolete when `ClientSession.request` costs the same.
"""

import asyncio
import io
from typing import TYPE_CHECKING

import aiohttp
import msgspec
from aiohttp.helpers import TimerNoop
from multidict import CIMultiDict
from yarl import URL

from copilot_api.copilot.transport.connector import Pool

if TYPE_CHECKING:
    from aiohttp.connector import Connection

READ_BUFFER_BYTES = 256 * 1024
"""Reading pauses at twice this: enough for a fast link, small enough for a thousand slow clients."""
MAX_HEADER_BYTES = 16 * 1024
MAX_HEADERS = 128
LARGE_BODY_BYTES = 1024 * 1024
"""From here on aiohttp warns that writing raw bytes might block the loop (aiohttp 3.14, payload.py)."""

_NO_TIMER = TimerNoop()
KNOWN_SERIES = "3.14."
HAS_SHORT_WAY = aiohttp.__version__.startswith(KNOWN_SERIES)


class Road(msgspec.Struct, frozen=True):
    """Where one address is, and through what."""

    url: URL
    session: aiohttp.ClientSession
    pool: Pool
    proxy: URL | None = None
    proxy_headers: CIMultiDict[str] | None = None


async def travel(
    road: Road, method: str, headers: CIMultiDict[str], body: bytes | None, *, is_short: bool
) -> aiohttp.ClientResponse:
    """Send one request and return when the answer's head is there.

    Raises: aiohttp's exceptions; the connection is then dropped.
    """
    if road.proxy_headers is not None and road.url.scheme == "http":
        headers.update(road.proxy_headers)  # No tunnel: the proxy reads the request's own headers.
    if is_short:
        return await _short_way(road, method, headers, body)
    return await road.session.request(
        method,
        road.url,
        headers=headers,
        data=_payload(body),
        allow_redirects=False,
        proxy=road.proxy,
        proxy_headers=road.proxy_headers,
    )


async def _short_way(
    road: Road, method: str, headers: CIMultiDict[str], body: bytes | None
) -> aiohttp.ClientResponse:
    timeout = road.session.timeout
    request = aiohttp.ClientRequest(
        method,
        road.url,
        headers=headers,
        data=_payload(body),
        loop=asyncio.get_running_loop(),
        response_class=aiohttp.ClientResponse,
        session=road.session,
        timer=_NO_TIMER,
        proxy=road.proxy,
        proxy_headers=road.proxy_headers,
    )
    try:
        connection = await road.pool.connect(request, traces=[], timeout=timeout)
    except TimeoutError as error:
        raise aiohttp.ConnectionTimeoutError(f"Connection timeout to host {road.url}") from error
    try:
        _prepare(connection, method, timeout)
        response = await request.send(connection)
        try:
            await response.start(connection)
        except BaseException:
            response.close()
            raise
    except aiohttp.ClientError:
        connection.close()
        raise
    except OSError as error:
        connection.close()
        raise aiohttp.ClientOSError(*error.args) from error
    except BaseException:
        connection.close()
        raise
    return response


def _payload(body: bytes | None) -> bytes | io.BytesIO | None:
    """A large body is written in pieces, so that one history of megabytes does not hold everyone up."""
    return io.BytesIO(body) if body is not None and len(body) > LARGE_BODY_BYTES else body


def _prepare(connection: "Connection", method: str, timeout: aiohttp.ClientTimeout) -> None:
    """Tell the connection how to read what comes: as it is, without a timer of its own."""
    protocol = connection.protocol
    if protocol is None:
        raise aiohttp.ServerDisconnectedError
    protocol.set_response_params(
        timer=_NO_TIMER,
        skip_payload=method == "HEAD",
        read_until_eof=True,
        auto_decompress=False,
        read_timeout=None,
        read_bufsize=READ_BUFFER_BYTES,
        timeout_ceil_threshold=timeout.ceil_threshold,
        max_line_size=MAX_HEADER_BYTES,
        max_field_size=MAX_HEADER_BYTES,
        max_headers=MAX_HEADERS,
    )
