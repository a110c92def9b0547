"""Other proxies, certificates and timeouts, taken over while requests are under way."""

import asyncio
from pathlib import Path

import pytest

from copilot_api.copilot.client import Upstream
from copilot_api.copilot.transport.proxy import ProxyRules, chosen_proxies, read_proxies
from copilot_api.errors import UpstreamUnavailable
from copilot_api.settings import Settings, SettingsError, Timeouts
from exchange.copilot.callers import addressee
from exchange.copilot.servers import certified, connect_proxy, http_server, ok, socks_proxy

OF_GITHUB = "https://api.github.test/user"


async def test_a_new_bundle_counts_from_the_next_request_on(tmp_path: Path) -> None:
    """Without it the certificate is refused; a bundle that cannot be read changes nothing."""
    bundle, context = certified(tmp_path, "api.github.test")
    async with http_server(ok, context) as server, connect_proxy(server) as proxy:
        rules = read_proxies({"HTTPS_PROXY": f"http://127.0.0.1:{proxy.port}"})
        async with Upstream(proxies=rules) as upstream:
            with pytest.raises(UpstreamUnavailable, match="extra CA bundle"):
                await upstream.fetch("GET", OF_GITHUB, {})
            await upstream.adopt(timeouts=Timeouts(), proxies=rules, ca_bundle=bundle)
            assert (await upstream.fetch("GET", OF_GITHUB, {})).status == 200
            with pytest.raises(SettingsError, match="cannot be read"):
                await upstream.adopt(timeouts=Timeouts(), proxies=rules, ca_bundle=tmp_path / "none.pem")
            assert (await upstream.fetch("GET", OF_GITHUB, {})).status == 200


async def test_requests_take_the_new_proxy_and_later_none() -> None:
    """HTTP, then SOCKS, then directly."""
    async with (
        http_server(ok) as server,
        connect_proxy(server) as first,
        socks_proxy(server) as second,
        Upstream() as upstream,
    ):
        for proxy, scheme in ((first, "http"), (second, "socks5h")):
            settings = Settings(data_directory=Path(), proxy_url=f"{scheme}://127.0.0.1:{proxy.port}")
            rules = chosen_proxies(settings, {"HTTP_PROXY": "http://127.0.0.1:1"})
            await upstream.adopt(timeouts=Timeouts(), proxies=rules, ca_bundle=None)
            assert (await upstream.fetch("GET", "http://copilot.test:8080/x", {})).status == 200
            assert len(proxy.heads) == 1
        await upstream.adopt(timeouts=Timeouts(), proxies=ProxyRules(), ca_bundle=None)
        assert (await upstream.fetch("GET", f"{server.url}/x", {})).status == 200
        assert (len(first.heads), len(second.heads)) == (1, 1)


async def test_an_answer_under_way_ends_on_the_road_it_began_on() -> None:
    """The connection it uses is not closed under it."""
    may_end = asyncio.Event()

    async def slow(head: bytes, body: bytes, writer: asyncio.StreamWriter) -> bool:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nabc")
        await writer.drain()
        await may_end.wait()
        writer.write(b"def")
        return True

    async with (
        http_server(slow) as server,
        Upstream(api_base_override=server.url) as upstream,
        addressee(server.url) as (account, _),
    ):
        reply = await upstream.send(account, "/x", b"{}", {})
        await upstream.adopt(timeouts=Timeouts(connect_s=3), proxies=ProxyRules(), ca_bundle=None)
        may_end.set()
        assert await reply.read() == b"abcdef"
        reply.close()
        again = await upstream.send(account, "/x", b"{}", {})
        assert await again.read() == b"abcdef"
        again.close()
        assert server.connections == 2


def test_one_proxy_of_the_settings_wins_over_the_environments() -> None:
    """Its exceptions stay those of the environment, where that is honoured at all."""
    environment = {"HTTPS_PROXY": "http://env.test:1", "NO_PROXY": "intern.test"}
    chosen = Settings(data_directory=Path(), proxy_url="http://own.test:2")
    rules = chosen_proxies(chosen, environment)
    assert [str(rules.proxy_for(f"{scheme}://x.test")) for scheme in ("http", "https")] == [
        "Proxy('http://own.test:2')"
    ] * 2
    assert rules.proxy_for("https://intern.test") is not None
    both = Settings(data_directory=Path(), proxy_url="http://own.test:2", use_proxy_environment=True)
    assert chosen_proxies(both, environment).proxy_for("https://intern.test") is None
    assert chosen_proxies(Settings(data_directory=Path()), environment) == ProxyRules()
