"""The HTTP library's exceptions, mapped once to our error tree, each with its remedy."""

import asyncio
import ssl

import aiohttp
import aiohttp_socks

from copilot_api.errors import UpstreamFault, UpstreamProtocolError, UpstreamTimeout, UpstreamUnavailable

TRANSPORT_ERRORS: tuple[type[Exception], ...] = (
    aiohttp.ClientError,
    aiohttp_socks.ProxyError,
    aiohttp_socks.ProxyConnectionError,
    aiohttp_socks.ProxyTimeoutError,
    asyncio.TimeoutError,
    ssl.SSLError,
    OSError,
)
"""Everything that a request may raise because of the network or the other side."""


class NotHttp(aiohttp.ClientError):
    """What came cannot be read as an HTTP answer."""


_PROXY_ERRORS = (
    aiohttp.ClientProxyConnectionError,
    aiohttp.ClientHttpProxyError,
    aiohttp_socks.ProxyError,
    aiohttp_socks.ProxyConnectionError,
    aiohttp_socks.ProxyTimeoutError,
)
_CERTIFICATE_ERRORS = (aiohttp.ClientConnectorCertificateError, aiohttp.ClientConnectorSSLError, ssl.SSLError)


def fault_of(error: Exception, host: str) -> UpstreamFault:  # noqa: PLR0911 - one return for each kind
    """Return the fault that `error` is, for a request to `host`."""
    if isinstance(error, _PROXY_ERRORS):
        status = getattr(error, "status", None)
        asks = " It asks for a user name and password." if status == 407 else ""
        return UpstreamUnavailable(
            f"The proxy on the way to {host!r} failed: {_said(error)}.{asks} Check HTTPS_PROXY, ALL_PROXY "
            "and NO_PROXY, or unset PROXY_ENV to go directly.",
            code="proxy_failed",
        )
    if isinstance(error, _CERTIFICATE_ERRORS):
        return UpstreamUnavailable(
            f"No trusted TLS connection to {host!r}: {_said(error)}. If a company proxy inspects TLS, name "
            "its certificate file as the extra CA bundle.",
            code="tls_failed",
        )
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return UpstreamUnavailable(
            f"The name {host!r} cannot be resolved; check the network, the DNS server, or set PROXY_ENV if a "
            "proxy resolves names here.",
            code="dns_failed",
        )
    if isinstance(error, asyncio.TimeoutError):
        return UpstreamTimeout(
            f"No connection to {host!r} in time; check the network or proxy, or raise the connect timeout.",
            code="connect_timeout",
        )
    if isinstance(error, aiohttp.ClientPayloadError):
        return UpstreamProtocolError(
            f"{host!r} ended its answer before it was complete; send the request again.", code="upstream_cut"
        )
    if isinstance(error, aiohttp.ClientResponseError | NotHttp):
        return UpstreamProtocolError(
            f"What {host!r} sent is not HTTP ({_said(error)}); is something else listening there?"
        )
    return UpstreamUnavailable(
        f"{host!r} cannot be reached or hung up: {_said(error)}. Check the network and try again; "
        "`copilot-api doctor` tests every host.",
        code="unreachable",
    )


def _said(error: Exception) -> str:
    text = str(error).strip().rstrip(".")
    return text[:300] or type(error).__name__
