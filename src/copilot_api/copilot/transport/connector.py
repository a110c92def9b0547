"""Connections: a keep-alive pool that knows which of its connections have already been used."""

import ssl
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakSet

import aiohttp
import aiohttp_socks
import python_socks

from copilot_api.copilot.transport.proxy import Proxy
from copilot_api.settings import SettingsError

if TYPE_CHECKING:
    from aiohttp.client_proto import ResponseHandler
    from aiohttp.client_reqrep import ClientRequest
    from aiohttp.connector import Connection
    from aiohttp.tracing import Trace

MAX_CONNECTIONS = 1024
"""More than any one machine's clients open; the limit only bounds a leak."""
KEEP_ALIVE_S = 55.0
"""Below the 60 s after which upstream drops silent connections (contract 2.8)."""


class Attempt:
    """One try of one request: asks for a fresh connection, and learns whether it got a used one."""

    __slots__ = ("is_reused", "must_be_fresh")

    def __init__(self, *, must_be_fresh: bool) -> None:
        self.must_be_fresh = must_be_fresh
        self.is_reused = False


ATTEMPT: ContextVar[Attempt | None] = ContextVar("attempt", default=None)


class Pool(aiohttp.TCPConnector):
    """A pool that tells each attempt whether its connection is a used one.

    Only a used connection may have been closed by the other side without our knowing; only then is a request
    that got no byte of an answer sent again.
    """

    _used: "WeakSet[ResponseHandler]"

    async def connect(
        self,
        req: "ClientRequest",
        traces: "list[Trace]",
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109
    ) -> "Connection":
        """Return a connection for `req`; a fresh one where the attempt asks for it."""
        connection = await super().connect(req, traces, timeout)
        attempt = ATTEMPT.get()
        used = self._known()
        if attempt is not None and attempt.must_be_fresh:
            while connection.protocol in used:
                connection.close()
                connection = await super().connect(req, traces, timeout)
        protocol = connection.protocol
        if protocol in used:
            if attempt is not None:
                attempt.is_reused = True
        elif protocol is not None:
            used.add(protocol)
        return connection

    def _known(self) -> "WeakSet[ResponseHandler]":
        try:
            return self._used
        except AttributeError:
            self._used = WeakSet()
            return self._used


class SocksPool(Pool, aiohttp_socks.ProxyConnector):
    """The same through a SOCKS proxy."""


def tls_context(ca_bundle: Path | None) -> ssl.SSLContext:
    """Return the machine's certificates, plus the operator's own.

    Raises: SettingsError when the bundle cannot be read.
    """
    context = ssl.create_default_context()
    if ca_bundle is not None:
        try:
            context.load_verify_locations(cafile=str(ca_bundle))
        except (OSError, ssl.SSLError) as error:
            raise SettingsError(
                f"The CA bundle {str(ca_bundle)!r} cannot be read ({error}); name a file of PEM certificates."
            ) from error
    return context


def open_pool(context: ssl.SSLContext, proxy: Proxy | None = None) -> Pool:
    """Return a pool for direct connections and HTTP proxies, or for one SOCKS proxy."""
    if proxy is None or not proxy.is_socks:
        return Pool(limit=MAX_CONNECTIONS, keepalive_timeout=KEEP_ALIVE_S, ssl=context)
    kind = (
        python_socks.ProxyType.SOCKS4 if proxy.scheme.startswith("socks4") else python_socks.ProxyType.SOCKS5
    )
    return SocksPool(
        host=proxy.host,
        port=proxy.port,
        proxy_type=kind,
        username=proxy.username or None,
        password=proxy.password or None,
        rdns=proxy.has_remote_names,
        limit=MAX_CONNECTIONS,
        keepalive_timeout=KEEP_ALIVE_S,
        ssl=context,
    )
