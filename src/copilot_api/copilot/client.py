"""The one client that speaks HTTP to GitHub and Copilot.

Owns connections, proxies, certificates, the bearer's last step and the mapping of network errors. Must never
know what a body means. First-byte and idle timeouts are the relay's (one sweeper for all, nothing per read).

Two retries exist here, both before any byte of an answer, from the same unmutated body: one after a 401 with
a renewed bearer, one when a pooled connection turns out to be dead. Source: upstream contract 2.8 and 7.3.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

import aiohttp
import msgspec
from multidict import CIMultiDict
from yarl import URL

from copilot_api.copilot.auth import Credential
from copilot_api.copilot.transport.answer import Answer
from copilot_api.copilot.transport.connector import KEEP_ALIVE_S, Pool, open_pool, tls_context
from copilot_api.copilot.transport.faults import TRANSPORT_ERRORS, fault_of
from copilot_api.copilot.transport.hosts import checked_api_base
from copilot_api.copilot.transport.proxy import Proxy, ProxyRules
from copilot_api.copilot.transport.road import (
    HAS_SHORT_WAY,
    LARGE_BODY_BYTES,
    READ_BUFFER_BYTES,
    Road,
    Wires,
    travel,
)
from copilot_api.errors import Draining, UpstreamProtocolError
from copilot_api.settings import Timeouts

MAX_ANSWER_BYTES = 16 * 1024 * 1024
"""Bound of a small answer (`fetch`); the largest model list seen is below 200 KiB."""
SMALL_TOTAL_S = 30.0
"""Patience for a small answer; VS Code gives its requests 30 s to headers (contract 2.2)."""
MAX_TARGETS = 256


class Addressee(Protocol):
    """The account a request is sent for."""

    @property
    def credential(self) -> Credential:
        """Its bearer."""
        ...

    async def locate(self) -> str:
        """Its Copilot API base, asked for where it is not known yet."""
        ...

    def doubt(self) -> None:
        """Copilot answered 403: host or entitlement may have changed."""
        ...


class UpstreamReply(Protocol):
    """One answer, its body not yet read. Always `close()` it; that is free after a complete read."""

    status: int
    headers: Mapping[str, str]
    """Whatever their case."""

    async def read(self) -> bytes:
        """Return the whole body.

        Raises: UpstreamProtocolError when it is cut, UpstreamUnavailable when the connection breaks.
        """
        ...

    def chunks(self) -> AsyncIterator[bytes]:
        """Return the body as it arrives, never held back.

        Raises: as `read`.
        """
        ...

    def close(self) -> None:
        """Drop the connection at once, unless the answer was complete and it is kept for the next request."""
        ...


class Upstream:
    """The road to Copilot and GitHub: `async with Upstream(...) as upstream`.

    `api_base_override` is the operator's (`COPILOT_API_UPSTREAM_URL`): besides Copilot's own hosts the only
    one a bearer is sent to.
    """

    def __init__(
        self,
        *,
        timeouts: Timeouts | None = None,
        proxies: ProxyRules | None = None,
        ca_bundle: Path | None = None,
        api_base_override: str | None = None,
        small_total_s: float = SMALL_TOTAL_S,
        has_short_way: bool = HAS_SHORT_WAY,
        keep_alive_s: float = KEEP_ALIVE_S,
    ) -> None:
        self._timeouts = timeouts or Timeouts()
        self._proxies = proxies or ProxyRules()
        self._ca_bundle = ca_bundle
        self._small_total_s = small_total_s
        self._has_short_way = has_short_way
        self._keep_alive_s = keep_alive_s
        self._override = api_base_override.rstrip("/") if api_base_override else None
        self._sessions: dict[Proxy | None, tuple[aiohttp.ClientSession, Pool]] = {}
        self._targets: dict[tuple[str, str], Road] = {}
        self._wires: dict[str, Wires] = {}
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        """Open the sessions, one for each road.

        Raises: SettingsError for a CA bundle that cannot be read.
        """
        await self._open_sessions(await asyncio.to_thread(tls_context, self._ca_bundle))
        return self

    async def adopt(self, *, timeouts: Timeouts, proxies: ProxyRules, ca_bundle: Path | None) -> None:
        """Take other roads from the next request on; requests under way end on those they began on.

        What was opened before stays until the block is left: its idle connections close by themselves.
        Raises: SettingsError for a CA bundle that cannot be read, and then nothing changes.
        """
        if (timeouts, proxies, ca_bundle) == (self._timeouts, self._proxies, self._ca_bundle):
            return
        context = await asyncio.to_thread(tls_context, ca_bundle)
        self._timeouts, self._proxies, self._ca_bundle = timeouts, proxies, ca_bundle
        await self._open_sessions(context)
        self._targets.clear()
        self._wires.clear()

    async def _open_sessions(self, context: ssl.SSLContext) -> None:
        socks = {proxy for proxy in (self._proxies.http, self._proxies.https) if proxy and proxy.is_socks}
        sessions: dict[Proxy | None, tuple[aiohttp.ClientSession, Pool]] = {}
        for proxy in (None, *socks):
            pool = open_pool(context, proxy)
            session = await self._stack.enter_async_context(self._open_session(pool))
            sessions[proxy] = session, pool
        self._sessions = sessions

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close every connection."""
        self._targets.clear()
        self._wires.clear()
        self._sessions.clear()
        await self._stack.aclose()

    async def send(
        self,
        account: Addressee,
        path: str,
        body: bytes,
        headers: Mapping[str, str],
        *,
        stream: bool = False,
        method: str = "POST",
    ) -> UpstreamReply:
        """Send one request for `account`; returns for every status but a 401 that a renewed bearer mends.

        Shape: `path` begins with a slash; `headers` without Authorization. `stream` is a statement of the
        caller's for the log; both forms are read the same way.
        Raises: UpstreamUnavailable, UpstreamTimeout, UpstreamProtocolError; what the credential raises.
        """
        credential = account.credential
        bearer = await credential.bearer()
        target = self._target(await account.locate(), path)
        sent = {**headers, "Authorization": f"Bearer {bearer.token}"}
        reply = await self._attempt(method, target, sent, body)
        if reply.status == 401:
            credential.reject(bearer.token)
            if bearer.is_exchanged:
                reply.close()
                bearer = await credential.bearer()
                sent["Authorization"] = f"Bearer {bearer.token}"
                target = self._target(await account.locate(), path)
                reply = await self._attempt(method, target, sent, body)
                if reply.status == 401:
                    credential.reject(bearer.token)
        elif reply.status == 403:
            account.doubt()
        elif credential.fault is not None and reply.status < 300:
            credential.accept()
        return reply

    async def fetch(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | None = None,
        *,
        max_bytes: int = MAX_ANSWER_BYTES,
    ) -> Answer:
        """Send one small request and read its whole answer (GitHub's REST side). No redirect is followed.

        Raises: UpstreamUnavailable, UpstreamTimeout, UpstreamProtocolError.
        """
        base, target = URL(url), self._road(url)
        try:
            async with asyncio.timeout(self._small_total_s):
                reply = await self._attempt(method, target, headers, body)
                try:
                    return await self._read_small(reply, base.host or "", max_bytes)
                finally:
                    reply.close()
        except TimeoutError as error:
            raise fault_of(error, base.host or "") from error

    async def _read_small(self, reply: UpstreamReply, host: str, max_bytes: int) -> Answer:
        received = bytearray()
        async for chunk in reply.chunks():
            received += chunk
            if len(received) > max_bytes:
                raise UpstreamProtocolError(f"{host!r} answered with more than {max_bytes} bytes.")
        headers = {name.lower(): value for name, value in reply.headers.items()}
        return Answer(status=reply.status, headers=headers, body=bytes(received))

    async def _attempt(
        self, method: str, target: Road, headers: Mapping[str, str], body: bytes | None
    ) -> UpstreamReply:
        """Send, by the shortest way there is."""
        try:
            if target.wires is None or len(body or b"") > LARGE_BODY_BYTES:
                return await travel(target, method, headers, body)
            return await target.wires.ask(method, target.url, headers, body or b"")
        except TRANSPORT_ERRORS as error:
            raise fault_of(error, target.host) from error

    def _target(self, base: str, path: str) -> Road:
        target = self._targets.get((base, path))
        if target is None:
            if base != self._override:
                checked_api_base(base)
            target = self._wired(self._road(base + path))
            if len(self._targets) >= MAX_TARGETS:
                self._targets.clear()
            self._targets[base, path] = target
        return target

    def _wired(self, road: Road) -> Road:
        """The same road with the wires of its host, where the short way goes there."""
        if not self._has_short_way or (road.proxy is not None and road.url.scheme == "http"):
            return road
        origin = str(road.url.origin())
        wires = self._wires.get(origin)
        if wires is None:
            wires = self._wires[origin] = Wires(road, keep_alive_s=self._keep_alive_s)
        return msgspec.structs.replace(road, wires=wires)

    def _road(self, url: str) -> Road:
        proxy = self._proxies.proxy_for(url)
        opened = self._sessions.get(proxy if proxy is not None and proxy.is_socks else None)
        if opened is None:
            raise Draining("The server is shutting down; try again when it is back.")
        session, pool = opened
        if proxy is None or proxy.is_socks:
            return Road(URL(url), session, pool)
        authorization = proxy.authorization
        headers = None if authorization is None else CIMultiDict({"Proxy-Authorization": authorization})
        return Road(URL(url), session, pool, URL(proxy.url), headers)

    def _open_session(self, pool: Pool) -> aiohttp.ClientSession:
        timeouts = self._timeouts
        return aiohttp.ClientSession(
            connector=pool,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            raise_for_status=False,
            trust_env=False,
            read_bufsize=READ_BUFFER_BYTES,
            timeout=aiohttp.ClientTimeout(
                total=None,
                connect=timeouts.pool_s + timeouts.connect_s,
                sock_connect=timeouts.connect_s,
                sock_read=None,
            ),
        )
