"""Small answers, proxies and certificates: real sockets on loopback."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from copilot_api.copilot.client import Upstream
from copilot_api.copilot.transport.proxy import read_proxies
from copilot_api.errors import (
    UpstreamProtocolError,
    UpstreamTimeout,
    UpstreamUnavailable,
)
from copilot_api.settings import Timeouts
from exchange.copilot.callers import Addressee, addressee
from exchange.copilot.servers import (
    answering,
    certified,
    connect_proxy,
    http_server,
    ok,
    socks_proxy,
)


class TestFetch:
    """Small answers, read whole."""

    async def test_the_whole_answer_is_read(self) -> None:
        """Status, headers in lower case, body."""
        async with http_server(answering(404, b"no", b"X-Thing: y\r\n")) as server, Upstream() as upstream:
            answer = await upstream.fetch("GET", f"{server.url}/user", {"User-Agent": "me"})
            assert (answer.status, answer.headers["x-thing"], answer.body) == (404, "y", b"no")
            assert server.heads[0].startswith(b"GET /user HTTP/1.1\r\n")

    async def test_an_endless_answer_is_cut(self) -> None:
        """16 MiB are enough for anyone's profile."""

        async def endless(head: bytes, body: bytes, writer: asyncio.StreamWriter) -> bool:
            writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
            for _ in range(400):
                writer.write(b"x" * 65536)
                await writer.drain()
            return False

        async with http_server(endless) as server, Upstream() as upstream:
            with pytest.raises(UpstreamProtocolError, match="more than 16777216 bytes"):
                await upstream.fetch("GET", server.url, {})

    async def test_a_silent_answer_is_a_timeout(self) -> None:
        """The patience for a small answer is an argument of the client."""

        async def silent(head: bytes, body: bytes, writer: asyncio.StreamWriter) -> bool:
            await asyncio.sleep(60)
            return False

        async with http_server(silent) as server, Upstream(small_total_s=0.05) as upstream:
            with pytest.raises(UpstreamTimeout, match="in time"):
                await upstream.fetch("GET", server.url, {})


NAME = "http://copilot.test:8080"


class TestProxies:
    """A name that only the proxy can resolve."""

    async def test_an_http_proxy_forwards_by_name(self) -> None:
        """With credentials, decoded from its address."""
        async with (
            http_server(ok) as server,
            connect_proxy(server, authorization=b"Basic dTpw") as proxy,
            _through(f"http://u:p@127.0.0.1:{proxy.port}") as (upstream, account),
        ):
            reply = await upstream.send(account, "/x", b"{}", {})
            assert await reply.read() == b"{}"
            reply.close()
            assert proxy.heads[0].startswith(b"POST http://copilot.test:8080/x HTTP/1.1\r\n")

    async def test_an_https_target_is_tunnelled_and_its_certificate_checked(self, tmp_path: Path) -> None:
        """CONNECT by name, TLS inside; a company's own authority counts once its bundle is named."""
        bundle, context = certified(tmp_path, "api.github.test")
        async with http_server(ok, context) as server, connect_proxy(server) as proxy:
            rules = read_proxies({"HTTPS_PROXY": f"http://127.0.0.1:{proxy.port}"})
            async with Upstream(proxies=rules, ca_bundle=bundle) as upstream:
                answer = await upstream.fetch("GET", "https://api.github.test/user", {})
                assert (answer.status, answer.body) == (200, b"{}")
            assert proxy.heads[0].startswith(b"CONNECT api.github.test:443 HTTP/1.1\r\n")
            async with Upstream(proxies=rules) as upstream:
                with pytest.raises(UpstreamUnavailable, match="extra CA bundle") as caught:
                    await upstream.fetch("GET", "https://api.github.test/user", {})
                assert caught.value.code == "tls_failed"

    async def test_a_proxy_that_refuses_says_so(self) -> None:
        """407 on a tunnel names the proxy, not GitHub."""
        async with http_server(ok) as server, connect_proxy(server, authorization=b"Basic other") as proxy:
            rules = read_proxies({"HTTPS_PROXY": f"http://127.0.0.1:{proxy.port}"})
            async with Upstream(proxies=rules) as upstream:
                with pytest.raises(UpstreamUnavailable, match="It asks for a user name and password"):
                    await upstream.fetch("GET", "https://api.github.test/user", {})

    @pytest.mark.parametrize("scheme", ["socks5", "socks5h"])
    async def test_a_socks_proxy_carries_requests(self, scheme: str) -> None:
        """socks5h leaves the name to the proxy; both keep their connections."""
        target = NAME if scheme == "socks5h" else "http://192.0.2.7:8080"
        async with (
            http_server(ok) as server,
            socks_proxy(server, user=b"u", password=b"p") as proxy,
            _through(f"{scheme}://u:p@127.0.0.1:{proxy.port}", target) as (upstream, account),
        ):
            for _ in range(3):
                reply = await upstream.send(account, "/x", b"{}", {})
                assert await reply.read() == b"{}"
                reply.close()
            assert proxy.heads == [b"copilot.test" if scheme == "socks5h" else b"192.0.2.7"]

    async def test_a_socks_proxy_that_refuses_is_named(self) -> None:
        """Wrong credentials are the proxy's matter."""
        async with (
            http_server(ok) as server,
            socks_proxy(server, user=b"u", password=b"right") as proxy,
            _through(f"socks5h://u:wrong@127.0.0.1:{proxy.port}") as (upstream, account),
        ):
            with pytest.raises(UpstreamUnavailable, match="The proxy on the way"):
                await upstream.send(account, "/x", b"{}", {})

    async def test_an_exception_goes_directly(self) -> None:
        """Loopback never takes the proxy."""
        rules = read_proxies({"ALL_PROXY": "http://127.0.0.1:1"})
        async with (
            http_server(ok) as server,
            Upstream(api_base_override=server.url, proxies=rules) as upstream,
            addressee(server.url) as (account, _),
        ):
            reply = await upstream.send(account, "/x", b"{}", {})
            assert reply.status == 200
            reply.close()


@asynccontextmanager
async def _through(proxy: str, target: str = NAME) -> AsyncIterator[tuple[Upstream, Addressee]]:
    rules = read_proxies({"ALL_PROXY": proxy})
    timeouts = Timeouts(connect_s=5.0)
    async with (
        Upstream(api_base_override=target, proxies=rules, timeouts=timeouts) as upstream,
        addressee(target) as (account, _),
    ):
        yield upstream, account
