"""The wires we speak HTTP over ourselves: every form of an answer, and which connections are kept."""

import asyncio

import pytest

from copilot_api.copilot.client import Upstream
from copilot_api.copilot.transport.wire import MAX_HEAD_BYTES, head_of
from copilot_api.errors import UpstreamProtocolError
from exchange.copilot.callers import addressee, upstream_at
from exchange.copilot.servers import Script, http_server, ok


def saying(*pieces: bytes, is_kept: bool = True) -> Script:
    """A server that says these bytes, piece by piece."""

    async def script(head: bytes, body: bytes, writer: asyncio.StreamWriter) -> bool:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0.01)
        return is_kept

    return script


async def test_an_answer_without_a_length_ends_with_its_connection() -> None:
    """RFC 9112, 6.3: that is its form of a whole answer."""
    async with upstream_at(saying(b"HTTP/1.1 200 OK\r\n\r\nsome", b" text", is_kept=False)) as (
        _,
        upstream,
        account,
        _,
    ):
        reply = await upstream.send(account, "/x", b"{}", {})
        assert (reply.status, await reply.read()) == (200, b"some text")
        reply.close()


async def test_an_answer_shorter_than_its_length_is_cut() -> None:
    """The connection's end does not make it whole."""
    script = saying(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nsome", is_kept=False)
    async with upstream_at(script) as (_, upstream, account, _):
        reply = await upstream.send(account, "/x", b"{}", {})
        with pytest.raises(UpstreamProtocolError, match="before it was complete"):
            await reply.read()
        reply.close()


async def test_an_interim_answer_is_not_the_answer() -> None:
    """103 and 100 come before it."""
    script = saying(
        b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}",
    )
    async with upstream_at(script) as (server, upstream, account, _):
        for _ in range(2):
            reply = await upstream.send(account, "/x", b"{}", {})
            assert (reply.status, dict(reply.headers), await reply.read()) == (
                200,
                {"content-length": "2"},
                b"{}",
            )
            reply.close()
        assert server.connections == 1


async def test_headers_are_found_whatever_their_case() -> None:
    """HTTP's names have none."""
    script = saying(b"HTTP/1.1 200 OK\r\nX-Request-ID: abc\r\nContent-Length: 0\r\n\r\n")
    async with upstream_at(script) as (_, upstream, account, _):
        reply = await upstream.send(account, "/x", b"{}", {})
        assert (reply.headers["x-request-id"], reply.headers["X-REQUEST-ID"], await reply.read()) == (
            "abc",
            "abc",
            b"",
        )
        reply.close()


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}",
        b"HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n[]",
    ],
    ids=["it says so", "HTTP/1.0", "more than was asked for"],
)
async def test_a_connection_that_may_not_be_kept_is_not(answer: bytes) -> None:
    """The next request gets an answer of its own, never what was left of this one's."""
    async with upstream_at(saying(answer)) as (server, upstream, account, _):
        for _ in range(2):
            reply = await upstream.send(account, "/x", b"{}", {})
            assert await reply.read() == b"{}"
            reply.close()
            await asyncio.sleep(0.03)
        assert server.connections == 2


async def test_bytes_that_nobody_asked_for_end_an_idle_connection() -> None:
    """They would be taken for the next request's answer."""
    async with upstream_at(ok) as (server, upstream, account, _):
        for number in range(2):
            reply = await upstream.send(account, "/x", b"{}", {})
            assert await reply.read() == b"{}"
            reply.close()
            server.writers[number].write(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nstray")
            await asyncio.sleep(0.03)
        assert server.connections == 2


@pytest.mark.parametrize(
    "answer",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 200 OK\r\nx: " + b"a" * MAX_HEAD_BYTES,
        b"HTTP/1.1 101 Up\r\nupgrade: x\r\n\r\n",
    ],
    ids=["another protocol", "a head without end", "an upgrade that nobody asked for"],
)
async def test_what_is_not_an_answer_is_refused(answer: bytes) -> None:
    """In bounded memory, and with a message that says what to look for."""
    async with upstream_at(saying(answer, is_kept=False)) as (_, upstream, account, _):
        with pytest.raises(UpstreamProtocolError, match=r"not HTTP|before it was complete"):
            await upstream.send(account, "/x", b"{}", {})


async def test_a_body_that_is_not_chunked_right_is_an_error() -> None:
    """What came before it is not a whole answer."""
    script = saying(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n", b"zz\r\n")
    async with upstream_at(script) as (_, upstream, account, _):
        reply = await upstream.send(account, "/x", b"{}", {})
        with pytest.raises(UpstreamProtocolError, match="before it was complete"):
            await reply.read()


async def test_a_connection_closed_after_half_a_head_is_not_asked_again() -> None:
    """Upstream had begun to answer, and perhaps to count."""
    served = 0

    async def script(head: bytes, body: bytes, writer: asyncio.StreamWriter) -> bool:
        nonlocal served
        served += 1
        if served == 1:
            return await ok(head, body, writer)
        writer.write(b"HTTP/1.1 200 OK\r\nconte")
        await writer.drain()
        return False

    async with upstream_at(script) as (_, upstream, account, _):
        reply = await upstream.send(account, "/x", b"{}", {})
        await reply.read()
        with pytest.raises(UpstreamProtocolError, match="before it was complete"):
            await upstream.send(account, "/x", b"{}", {})
        assert served == 2


async def test_a_cancelled_request_drops_its_connection() -> None:
    """A client that left while upstream thought must not leave Copilot working."""
    gone = asyncio.Event()

    async def thinking(head: bytes, body: bytes, writer: asyncio.StreamWriter) -> bool:
        while not writer.transport.is_closing():
            writer.write(b"HTTP/1.1 103 Early Hints\r\n\r\n")
            await asyncio.sleep(0.005)
        gone.set()
        return False

    async with upstream_at(thinking) as (_, upstream, account, _):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(upstream.send(account, "/x", b"{}", {}), 0.1)
        await asyncio.wait_for(gone.wait(), 2)


async def test_a_reader_that_is_slow_holds_the_sender_up() -> None:
    """Memory is bounded, nothing is lost, and the connection goes on to serve."""
    sent = 0
    piece = b"x" * 65536

    async def script(head: bytes, body: bytes, writer: asyncio.StreamWriter) -> bool:
        nonlocal sent
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % (len(piece) * 400))
        for _ in range(400):
            writer.write(piece)
            await writer.drain()
            sent += 1
        return True

    async with upstream_at(script) as (server, upstream, account, _):
        reply = await upstream.send(account, "/x", b"{}", {})
        await asyncio.sleep(0.2)
        assert sent < 400
        received = 0
        async for chunk in reply.chunks():
            received += len(chunk)
        reply.close()
        assert received == len(piece) * 400
        whole = await upstream.send(account, "/x", b"{}", {})
        assert len(await whole.read()) == len(piece) * 400
        whole.close()
        assert server.connections == 1


async def test_many_at_once_have_a_connection_each() -> None:
    """And the next many take the same ones."""

    async def slowly(head: bytes, body: bytes, writer: asyncio.StreamWriter) -> bool:
        await asyncio.sleep(0.05)
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % len(body) + body)
        return True

    async with upstream_at(slowly) as (server, upstream, account, _):

        async def ask(number: int) -> bytes:
            reply = await upstream.send(account, "/x", b"%d" % number, {})
            try:
                return await reply.read()
            finally:
                reply.close()

        for _ in range(2):
            assert await asyncio.gather(*(ask(number) for number in range(8))) == [
                b"%d" % n for n in range(8)
            ]
        assert server.connections == 8


async def test_a_connection_is_closed_after_a_while_of_nothing() -> None:
    """Before upstream closes it, which we would learn too late."""
    async with (
        http_server(ok) as server,
        Upstream(api_base_override=server.url, keep_alive_s=0.1) as upstream,
        addressee(server.url) as (account, _),
    ):
        for _ in range(2):
            for _ in range(2):
                reply = await upstream.send(account, "/x", b"{}", {})
                await reply.read()
                reply.close()
                await asyncio.sleep(0.01)
            async with asyncio.timeout(5):
                while not all(writer.transport.is_closing() for writer in server.writers):
                    await asyncio.sleep(0.01)
        assert server.connections == 2


async def test_a_large_body_arrives_whole() -> None:
    """Below and above what is written at once."""
    async with upstream_at(ok) as (server, upstream, account, _):
        for size in (20_000, 900_000, 1_500_000):
            reply = await upstream.send(account, "/x", b"y" * size, {})
            await reply.read()
            reply.close()
        assert [len(body) for body in server.bodies] == [20_000, 900_000, 1_500_000]


@pytest.mark.parametrize("value", ["a\r\nX-Evil: 1", "a\nb", "a\x00b"])
def test_a_header_cannot_become_two(value: str) -> None:
    """Whatever a value holds."""
    with pytest.raises(ValueError, match="control character"):
        head_of("POST / HTTP/1.1\r\nHost: a", {"X-A": value}, 0)


def test_a_head_is_written_as_it_is_read() -> None:
    """Names keep their case, a body's length comes last, and a request without a body names none."""
    start = "POST /a HTTP/1.1\r\nHost: b"
    assert head_of(start, {"X-A": "ä\t1"}, 3) == (
        b"POST /a HTTP/1.1\r\nHost: b\r\nX-A: \xc3\xa4\t1\r\nContent-Length: 3\r\n\r\n"
    )
    assert head_of(start, {}, None) == b"POST /a HTTP/1.1\r\nHost: b\r\n\r\n"
