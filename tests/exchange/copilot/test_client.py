"""The one client upstream: real sockets on loopback, every ending of a connection."""

import asyncio

import pytest

from copilot_api.copilot.client import Upstream
from copilot_api.copilot.transport.proxy import read_proxies
from copilot_api.errors import (
    CredentialRefused,
    Draining,
    UpstreamProtocolError,
    UpstreamTimeout,
    UpstreamUnavailable,
)
from copilot_api.settings import Timeouts
from exchange.copilot.callers import addressee, upstream_at
from exchange.copilot.servers import (
    answering,
    http_server,
    ok,
)


@pytest.mark.parametrize("has_short_way", [True, False])
async def test_a_request_arrives_as_it_was_given(has_short_way: bool) -> None:
    """Path, body and headers, plus the bearer; nothing of the library's own, whichever way it takes."""
    async with upstream_at(ok, has_short_way=has_short_way) as (server, upstream, account, _):
        headers = {
            "Content-Type": "application/json",
            "Accept-Encoding": "identity",
            "User-Agent": "me/1",
            "Accept": "*/*",
        }
        reply = await upstream.send(account, "/chat/completions", b'{"a":1}', headers, stream=False)
        assert (reply.status, reply.headers["content-type"], await reply.read()) == (
            200,
            "application/json",
            b"{}",
        )
        reply.close()
        assert server.bodies == [b'{"a":1}']
        lines = server.heads[0].decode().strip().split("\r\n")
        assert lines[0] == "POST /chat/completions HTTP/1.1"
        assert sorted(lines[1:]) == [
            "Accept-Encoding: identity",
            "Accept: */*",
            "Authorization: Bearer tid=1",
            "Content-Length: 7",
            "Content-Type: application/json",
            f"Host: 127.0.0.1:{server.port}",
            "User-Agent: me/1",
        ]
        assert headers.keys() == {"Content-Type", "Accept-Encoding", "User-Agent", "Accept"}


async def test_connections_are_kept() -> None:
    """Ten requests, one connection."""
    async with upstream_at(ok) as (server, upstream, account, _):
        for _ in range(10):
            reply = await upstream.send(account, "/x", b"{}", {})
            await reply.read()
            reply.close()
        assert (server.connections, len(server.heads)) == (1, 10)


async def test_bytes_are_handed_on_as_they_arrive() -> None:
    """Each piece before the next is even sent: nothing is held back."""
    gates = [asyncio.Event() for _ in range(3)]

    async def dripping(head: bytes, body: bytes, writer: asyncio.StreamWriter) -> bool:
        writer.write(
            b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
        )
        for number, gate in enumerate(gates):
            await gate.wait()
            writer.write(b"9\r\ndata: " + str(number).encode() + b"\n\n\r\n")
            await writer.drain()
        writer.write(b"0\r\n\r\n")
        return True

    async with upstream_at(dripping) as (_, upstream, account, _):
        reply = await asyncio.wait_for(upstream.send(account, "/x", b"{}", {}, stream=True), 5)
        chunks = reply.chunks()
        for number, gate in enumerate(gates):
            gate.set()
            assert await asyncio.wait_for(anext(chunks), 5) == b"data: %d\n\n" % number
        with pytest.raises(StopAsyncIteration):
            await anext(chunks)
        reply.close()


async def test_a_closed_reply_drops_the_connection_at_once() -> None:
    """A client that left must not leave Copilot working."""
    gone = asyncio.Event()

    async def endless(head: bytes, body: bytes, writer: asyncio.StreamWriter) -> bool:
        writer.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n")
        await writer.drain()
        while not writer.transport.is_closing():
            writer.write(b"3\r\nabc\r\n")
            await asyncio.sleep(0.005)
        gone.set()
        return False

    async with upstream_at(endless) as (_, upstream, account, _):
        reply = await upstream.send(account, "/x", b"{}", {}, stream=True)
        chunks = reply.chunks()
        assert (await anext(chunks)).startswith(b"abc")
        reply.close()
        await asyncio.wait_for(gone.wait(), 2)


@pytest.mark.parametrize("reading", ["read", "chunks"])
async def test_a_cut_answer_is_a_protocol_error(reading: str) -> None:
    """Never a clean end."""

    async def cut(head: bytes, body: bytes, writer: asyncio.StreamWriter) -> bool:
        writer.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n")
        await writer.drain()
        return False

    async with upstream_at(cut) as (_, upstream, account, _):
        reply = await upstream.send(account, "/x", b"{}", {})
        received: list[bytes] = []

        async def read() -> None:
            if reading == "read":
                received.append(await reply.read())
            else:
                received.extend([chunk async for chunk in reply.chunks()])

        with pytest.raises(UpstreamProtocolError, match="before it was complete"):
            await read()
        reply.close()


@pytest.mark.parametrize("has_short_way", [True, False])
async def test_a_dead_pooled_connection_is_replaced_without_anyone_noticing(has_short_way: bool) -> None:
    """Upstream hung up between two requests, and we learn it only by sending (contract 7.3)."""
    served = 0

    async def hanging_up(head: bytes, body: bytes, writer: asyncio.StreamWriter) -> bool:
        nonlocal served
        served += 1
        if served == 2:
            return False  # closes on the second request of the kept connection, without a byte
        await ok(head, body, writer)
        return True

    async with upstream_at(hanging_up, has_short_way=has_short_way) as (server, upstream, account, _):
        for _ in range(2):
            reply = await upstream.send(account, "/x", b'{"same":1}', {})
            assert (reply.status, await reply.read()) == (200, b"{}")
            reply.close()
        assert (server.connections, server.bodies) == (2, [b'{"same":1}'] * 3)


async def test_a_fresh_connection_that_dies_is_not_tried_again() -> None:
    """Copilot may have begun to work, and to count."""

    async def dying(head: bytes, body: bytes, writer: asyncio.StreamWriter) -> bool:
        return False

    async with upstream_at(dying) as (server, upstream, account, _):
        with pytest.raises(UpstreamUnavailable, match="hung up"):
            await upstream.send(account, "/x", b"{}", {})
        assert len(server.heads) == 1


async def test_the_second_try_is_on_a_fresh_connection_and_is_the_last() -> None:
    """Two dead connections in the pool do not cost both tries."""
    is_dead = False

    async def dying_later(head: bytes, body: bytes, writer: asyncio.StreamWriter) -> bool:
        if is_dead:
            return False
        await asyncio.sleep(0.02)
        return await ok(head, body, writer)

    async with upstream_at(dying_later) as (server, upstream, account, _):
        replies = await asyncio.gather(*(upstream.send(account, "/x", b"{}", {}) for _ in range(3)))
        for reply in replies:
            await reply.read()
            reply.close()
        assert server.connections == 3
        is_dead = True
        with pytest.raises(UpstreamUnavailable):
            await upstream.send(account, "/x", b"{}", {})
        assert (server.connections, len(server.heads)) == (4, 5)


async def test_a_401_renews_the_bearer_once_and_replays() -> None:
    """The same body, with a new token; the second answer stands whatever it is."""

    async def expired_once(head: bytes, body: bytes, writer: asyncio.StreamWriter) -> bool:
        script = answering(401, b"unauthorized: token expired\n") if b"tid=1\r\n" in head else ok
        return await script(head, body, writer)

    async with upstream_at(expired_once) as (server, upstream, account, tokens):
        reply = await upstream.send(account, "/x", b"{}", {})
        assert (reply.status, await reply.read()) == (200, b"{}")
        assert (len(server.heads), tokens.issued) == (2, 2)
        reply.close()


async def test_twenty_concurrent_401s_make_one_refresh() -> None:
    """Seed defect O5: twenty refreshes. Here one."""

    async def expired_once(head: bytes, body: bytes, writer: asyncio.StreamWriter) -> bool:
        await asyncio.sleep(0.01)
        script = answering(401, b"unauthorized: token expired\n") if b"tid=1\r\n" in head else ok
        return await script(head, body, writer)

    async with upstream_at(expired_once) as (server, upstream, account, tokens):

        async def call() -> int:
            reply = await upstream.send(account, "/x", b"{}", {})
            reply.close()
            return reply.status

        assert await asyncio.gather(*(call() for _ in range(20))) == [200] * 20
        assert (tokens.issued, len(server.heads)) == (2, 40)


async def test_a_401_that_stays_is_returned_and_ends_in_a_cool_down() -> None:
    """Two sends per request at first, then none: never a loop."""
    async with upstream_at(answering(401, b"unauthorized\n")) as (server, upstream, account, tokens):
        for _ in range(2):
            reply = await upstream.send(account, "/x", b"{}", {})
            assert reply.status == 401
            reply.close()
        with pytest.raises(CredentialRefused, match="refuses even fresh tokens"):
            await upstream.send(account, "/x", b"{}", {})
        assert (len(server.heads), tokens.issued) == (4, 4)


async def test_a_direct_credential_is_not_replayed() -> None:
    """There is nothing to renew; the problem says what to do, and a good answer clears it."""
    status = 401

    async def by_status(head: bytes, body: bytes, writer: asyncio.StreamWriter) -> bool:
        return await answering(status)(head, body, writer)

    async with (
        http_server(by_status) as server,
        Upstream(api_base_override=f"{server.url}/") as upstream,
        addressee(server.url, "direct") as (account, _),
    ):
        reply = await upstream.send(account, "/x", b"{}", {})
        reply.close()
        assert (reply.status, len(server.heads)) == (401, 1)
        assert (
            account.credential.problem == "Copilot refused the GitHub token; run `copilot-api login` again."
        )
        status = 200
        (await upstream.send(account, "/x", b"{}", {})).close()
        assert account.credential.problem is None


async def test_a_403_is_returned_once_and_makes_us_doubt() -> None:
    """Never replayed: a policy's refusal costs one request (seed defect O5)."""
    async with upstream_at(answering(403, b"access to this endpoint is forbidden\n")) as (
        server,
        upstream,
        account,
        _,
    ):
        reply = await upstream.send(account, "/x", b"{}", {})
        assert (reply.status, len(server.heads), account.doubts) == (403, 1, 1)
        reply.close()


@pytest.mark.parametrize("status", [302, 307, 400, 429, 500])
async def test_every_other_status_is_returned(status: int) -> None:
    """No redirect is followed with a bearer, nothing is retried."""
    script = answering(status, b"x", b"location: http://127.0.0.1:1/stolen\r\nretry-after: 7\r\n")
    async with upstream_at(script) as (server, upstream, account, _):
        reply = await upstream.send(account, "/x", b"{}", {})
        assert (reply.status, reply.headers["retry-after"], await reply.read()) == (status, "7", b"x")
        assert len(server.heads) == 1
        reply.close()


async def test_cookies_are_neither_kept_nor_sent() -> None:
    """Accounts share connections, never state."""
    script = answering(200, b"{}", b"set-cookie: a=b; path=/\r\n")
    async with upstream_at(script) as (server, upstream, account, _):
        for _ in range(2):
            reply = await upstream.send(account, "/x", b"{}", {})
            await reply.read()
            reply.close()
        assert b"ookie" not in server.heads[1]


async def test_a_bearer_goes_to_no_other_host() -> None:
    """Even if an account were led astray."""
    async with http_server(ok) as server, Upstream() as upstream, addressee(server.url) as (account, _):
        with pytest.raises(UpstreamProtocolError, match="a token is sent only to"):
            await upstream.send(account, "/x", b"{}", {})
        assert server.heads == []


async def test_nobody_listening_is_unreachable() -> None:
    """With the remedy."""
    async with http_server(ok) as server:
        pass
    async with Upstream(api_base_override=server.url) as upstream, addressee(server.url) as (account, _):
        with pytest.raises(UpstreamUnavailable, match="copilot-api doctor"):
            await upstream.send(account, "/x", b"{}", {})


async def test_something_that_is_not_http_is_a_protocol_error() -> None:
    """Some other service on the port."""

    async def babble(head: bytes, body: bytes, writer: asyncio.StreamWriter) -> bool:
        writer.write(b"220 smtp ready\r\n")
        return True

    async with upstream_at(babble) as (_, upstream, account, _):
        with pytest.raises(UpstreamProtocolError, match="is not HTTP"):
            await upstream.send(account, "/x", b"{}", {})


async def test_many_paths_do_not_fill_the_memory() -> None:
    """Addresses are cached, but bounded."""
    async with upstream_at(ok) as (server, upstream, account, _):
        for number in range(300):
            (await upstream.send(account, f"/models/{number}/policy", b"{}", {})).close()
        assert len(server.heads) == 300


async def test_after_the_end_requests_are_refused_in_our_own_words() -> None:
    """Background work may outlive the client by a moment."""
    async with http_server(ok) as server:
        async with Upstream(api_base_override=server.url) as upstream:
            pass
        async with addressee(server.url) as (account, _):
            with pytest.raises(Draining):
                await upstream.send(account, "/x", b"{}", {})


async def test_a_cancelled_request_drops_its_connection() -> None:
    """The client left before upstream's first byte."""
    arrived = asyncio.Event()

    async def silent(head: bytes, body: bytes, writer: asyncio.StreamWriter) -> bool:
        arrived.set()
        while not writer.transport.is_closing():
            writer.write(b"")
            await asyncio.sleep(0.005)
        return False

    async with upstream_at(silent) as (server, upstream, account, _), asyncio.TaskGroup() as group:
        task = group.create_task(upstream.send(account, "/x", b"{}", {}))
        await arrived.wait()
        task.cancel()
        await asyncio.sleep(0.05)
        assert task.cancelled()
        server.writers[0].write(b"x")
        await asyncio.sleep(0.05)
        server.writers[0].write(b"x")
        await asyncio.sleep(0.05)
        assert server.writers[0].transport.is_closing()


async def test_a_connection_that_cannot_be_made_in_time_is_a_timeout() -> None:
    """A full pool counts as waiting for a connection."""
    timeouts = Timeouts(pool_s=0.02, connect_s=0.02)

    async def never(head: bytes, body: bytes, writer: asyncio.StreamWriter) -> bool:
        await asyncio.sleep(60)
        return False

    async with http_server(never) as silent_proxy:
        rules = read_proxies({"ALL_PROXY": silent_proxy.url})
        async with Upstream(timeouts=timeouts, proxies=rules) as upstream:
            with pytest.raises(UpstreamTimeout, match=r"No connection to 'api\.github\.test' in time"):
                await upstream.fetch("GET", "https://api.github.test/user", {})
