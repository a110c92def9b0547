"""Fetching one file that a client's request points at, without becoming the client's way into our network.

Owns the connection: the address that was checked is the address that is connected to (the check is in the
resolver), on every redirect again. Sends no cookies, no credentials, no proxy lookups; reads no more than asked for.
"""

import asyncio
import socket
from collections.abc import Callable
from typing import Final, Protocol

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver
from yarl import URL

from copilot_api.copilot.quirks.images.address import is_public_address
from copilot_api.errors import UnsupportedContent

MAX_REDIRECTS: Final = 3
TIMEOUT_S: Final = 10.0
_STEP_BYTES: Final = 65536
_REDIRECTS: Final = (301, 302, 303, 307, 308)


class ImageFetch(Protocol):
    """Whatever can fetch: `PublicFetch`, or a test's stand-in."""

    async def __call__(self, url: str, max_bytes: int) -> bytes:
        """Give the bytes at `url`.

        Raises: UnsupportedContent naming the host and the reason.
        """
        ...


class PublicFetch:
    """Fetches over http(s) from public addresses only.

    Units: `timeout_s` in seconds, for the whole fetch. `is_allowed` judges each address before it is connected to.
    """

    def __init__(
        self,
        *,
        resolver: Callable[[], AbstractResolver] = ThreadedResolver,
        is_allowed: Callable[[str], bool] = is_public_address,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        self._resolver = resolver
        self._is_allowed = is_allowed
        self._timeout_s = timeout_s

    async def __call__(self, url: str, max_bytes: int) -> bytes:
        """Give the bytes at `url`.

        Raises: UnsupportedContent naming the host and the reason.
        """
        try:
            target = URL(url)
        except ValueError as error:
            raise _refusal("the given address", "it is not a URL") from error
        try:
            async with asyncio.timeout(self._timeout_s):
                return await self._follow(target, max_bytes)
        except TimeoutError as error:
            raise _refusal(target.host, f"it took longer than {self._timeout_s:g} s") from error
        except aiohttp.ClientError as error:
            raise _refusal(target.host, _reason(error)) from error

    async def _follow(self, target: URL, max_bytes: int) -> bytes:
        resolver = _Guarded(self._resolver(), self._is_allowed)
        connector = aiohttp.TCPConnector(resolver=resolver, use_dns_cache=False, force_close=True)
        session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
            auto_decompress=False,
            headers={"Accept": "*/*", "Accept-Encoding": "identity", "User-Agent": "copilot-api"},
        )
        try:
            for _ in range(MAX_REDIRECTS + 1):
                target = self._checked(target)
                async with session.get(target, allow_redirects=False) as reply:
                    if reply.status not in _REDIRECTS:
                        return await _read(reply, target, max_bytes)
                    target = target.join(URL(reply.headers.get("Location", "")))
        finally:
            await session.close()
            await resolver.close()
        raise _refusal(target.host, f"it redirects more than {MAX_REDIRECTS} times")

    def _checked(self, target: URL) -> URL:
        """The target without credentials; the resolver is not asked about literal addresses, so they are here."""
        if target.scheme not in ("http", "https") or not target.host:
            raise _refusal(
                target.host, f"{target.scheme or 'no'!r} addresses are not fetched, only http and https"
            )
        if _is_literal(target.host) and not self._is_allowed(target.host):
            raise _refusal(target.host, "it is not a public address")
        return target.with_user(None)


class _Guarded(AbstractResolver):
    """A resolver that gives public addresses only; one that is not refuses the whole name."""

    def __init__(self, inner: AbstractResolver, is_allowed: Callable[[str], bool]) -> None:
        self._inner = inner
        self._is_allowed = is_allowed

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._inner.resolve(host, port, family)
        if not all(self._is_allowed(one["host"]) for one in found):
            raise _refusal(host, "it does not lead to a public address")
        return found

    async def close(self) -> None:
        await self._inner.close()


async def _read(reply: aiohttp.ClientResponse, target: URL, max_bytes: int) -> bytes:
    if reply.status != 200:
        raise _refusal(target.host, f"it answered {reply.status}")
    read = bytearray()
    async for piece in reply.content.iter_chunked(_STEP_BYTES):
        read += piece
        if len(read) > max_bytes:
            raise _refusal(target.host, f"it is larger than {max_bytes} bytes")
    return bytes(read)


def _is_literal(host: str) -> bool:
    try:
        socket.inet_pton(socket.AF_INET6 if ":" in host else socket.AF_INET, host.partition("%")[0])
    except OSError:
        return False
    return True


def _reason(error: aiohttp.ClientError) -> str:
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return "its name cannot be resolved"
    if isinstance(error, aiohttp.InvalidURL):
        return "it is not a URL"
    return f"the connection failed ({type(error).__name__})"


def _refusal(host: str | None, reason: str) -> UnsupportedContent:
    return UnsupportedContent(
        f"The file at {host or 'the given address'!r} cannot be included: {reason}. Send it as base64 data.",
        param="messages",
    )
