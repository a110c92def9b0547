"""Our server's end of a connection: what leaves, in which order, and who is told when a client hangs up."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
import uvicorn

from copilot_api.web.asgi import Application, DirectClient, DirectEnd, Receive, Scope, Send
from copilot_api.web.connection import Connection
from copilot_api.web.running.serve import Server

Use = Callable[[Scope, Receive, DirectEnd], Awaitable[None]]

GET = b"GET /a%20b?c=d HTTP/1.1\r\nhost: x\r\n\r\n"


def direct(use: Use) -> Application:
    """An application that has the server's end for itself."""

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        end = getattr(send, "__self__", None)
        assert isinstance(end, DirectEnd)
        await use(scope, receive, end)

    return application


async def greet(scope: Scope, receive: Receive, end: DirectEnd) -> None:
    """Answer with the path and the query."""
    client = DirectClient(receive, end)
    body = f"{scope['path']} {scope['query_string'].decode()}".encode()
    await client.start(200, [(b"content-length", b"%d" % len(body)), (b"x-a", b"b")])
    await client.finish(body)


@asynccontextmanager
async def serving(application: Application, keep_alive_s: int = 5) -> AsyncIterator[int]:
    """uvicorn on an ephemeral port, as the gateway starts it."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    listener.setblocking(False)
    config = uvicorn.Config(
        application, http=Connection, ws="none", lifespan="off", log_config=None, access_log=False,
        server_header=False, date_header=False, timeout_keep_alive=keep_alive_s, timeout_graceful_shutdown=1,
    )  # fmt: skip
    server = Server(config)
    async with asyncio.TaskGroup() as group:
        run = group.create_task(server.serve(sockets=[listener]))
        while not server.started:
            await asyncio.sleep(0.005)
        try:
            yield int(listener.getsockname()[1])
        finally:
            server.should_exit = True
            await run
            listener.close()


@asynccontextmanager
async def talking(
    application: Application, keep_alive_s: int = 5
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A raw connection to it."""
    async with serving(application, keep_alive_s) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            yield reader, writer
        finally:
            writer.close()


async def test_head_and_body_are_as_they_were_given() -> None:
    """And the path is decoded, the query is not."""
    async with talking(direct(greet)) as (reader, writer):
        writer.write(GET)
        whole = b"HTTP/1.1 200 OK\r\ncontent-length: 8\r\nx-a: b\r\n\r\n/a b c=d"
        assert await reader.readexactly(len(whole)) == whole


@pytest.mark.parametrize(
    ("target", "told"),
    [(b"http://x/a?b=c", b"/a b=c"), (b"/a", b"/a "), (b"/a#f", b"/a ")],
    ids=["absolute", "no query", "fragment"],
)
async def test_every_form_of_a_target_is_read(target: bytes, told: bytes) -> None:
    """RFC 9112, 3.2: a server must take the absolute form, too."""
    async with talking(direct(greet)) as (reader, writer):
        writer.write(b"GET " + target + b" HTTP/1.1\r\nhost: x\r\n\r\n")
        head = await reader.readuntil(b"\r\n\r\n")
        assert b"content-length: %d\r\n" % len(told) in head
        assert await reader.readexactly(len(told)) == told


async def test_requests_sent_at_once_are_answered_in_their_order() -> None:
    """Pipelined: one after the other, all on the same connection."""

    async def slow_first(scope: Scope, receive: Receive, end: DirectEnd) -> None:
        if scope["path"] == "/1":
            await asyncio.sleep(0.05)
        await greet(scope, receive, end)

    async with talking(direct(slow_first)) as (reader, writer):
        writer.write(b"".join(b"GET /%d HTTP/1.1\r\nhost: x\r\n\r\n" % number for number in (1, 2, 3)))
        answers = []
        for _ in range(3):
            await reader.readuntil(b"\r\n\r\n")
            answers.append(await reader.readexactly(3))
        assert answers == [b"/1 ", b"/2 ", b"/3 "]


@pytest.mark.parametrize(
    "request_bytes",
    [b"GET /1 HTTP/1.0\r\nhost: x\r\n\r\n", b"GET /1 HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"],
    ids=["HTTP/1.0", "it asks for that"],
)
async def test_a_connection_that_is_not_kept_says_so_and_ends(request_bytes: bytes) -> None:
    """Said in the head, done after the body."""
    async with talking(direct(greet)) as (reader, writer):
        writer.write(request_bytes)
        assert await reader.read() == (
            b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\nx-a: b\r\nconnection: close\r\n\r\n/1 "
        )


async def test_an_answer_that_says_it_is_the_last_ends_the_connection() -> None:
    """The application's own `connection: close` is not said twice."""

    async def closing(scope: Scope, receive: Receive, end: DirectEnd) -> None:
        end.begin(200, [(b"connection", b"close"), (b"content-length", b"0")])
        await end.put(b"", is_last=True)

    async with talking(direct(closing)) as (reader, writer):
        writer.write(GET)
        assert await reader.read() == b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


async def test_a_stream_is_sent_in_chunks_and_each_at_once() -> None:
    """The head leaves with the first of it; an empty part is not the end."""
    go = asyncio.Event()

    async def streaming(scope: Scope, receive: Receive, end: DirectEnd) -> None:
        end.begin(200, [])
        await end.put(b"one", is_last=False)
        await go.wait()
        await end.put(b"", is_last=False)
        await end.put(b"two", is_last=True)

    async with talking(direct(streaming)) as (reader, writer):
        writer.write(GET)
        first = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\none\r\n"
        assert await reader.readexactly(len(first)) == first
        go.set()
        assert await reader.readexactly(13) == b"3\r\ntwo\r\n0\r\n\r\n"


async def test_a_stream_may_end_without_more() -> None:
    """The last part may be empty."""

    async def streaming(scope: Scope, receive: Receive, end: DirectEnd) -> None:
        end.begin(200, [])
        await end.put(b"one", is_last=False)
        await end.put(b"", is_last=True)

    async with talking(direct(streaming)) as (reader, writer):
        writer.write(GET)
        assert (await reader.readuntil(b"0\r\n\r\n")).endswith(b"\r\n\r\n3\r\none\r\n0\r\n\r\n")


async def test_an_answer_shorter_than_it_promised_does_not_look_whole() -> None:
    """The connection ends, so the client sees that something is missing."""

    async def short(scope: Scope, receive: Receive, end: DirectEnd) -> None:
        end.begin(200, [(b"content-length", b"9")])
        await end.put(b"four", is_last=True)

    async with talking(direct(short)) as (reader, writer):
        writer.write(GET)
        assert await reader.read() == b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nfour"


async def test_an_answer_that_is_left_unfinished_breaks_the_connection() -> None:
    """A failure never looks like a finished answer."""

    async def leaving(scope: Scope, receive: Receive, end: DirectEnd) -> None:
        client = DirectClient(receive, end)
        await client.start(200, [])
        await client.write(b"half")
        client.abort()

    async with talking(direct(leaving)) as (reader, writer):
        writer.write(GET)
        assert await reader.read() == b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n"


@pytest.mark.parametrize("value", [b"a\r\nx-evil: 1", b"a\nb", b"a\x00b"])
async def test_a_header_of_an_answer_cannot_become_two(value: bytes) -> None:
    """Nothing of it is sent."""

    async def evil(scope: Scope, receive: Receive, end: DirectEnd) -> None:
        with pytest.raises(ValueError, match="control character"):
            end.begin(200, [(b"x-a", value)])
        await greet(scope, receive, end)

    async with talking(direct(evil)) as (reader, writer):
        writer.write(GET)
        assert (await reader.readuntil(b"\r\n\r\n")).split(b"\r\n")[1:3] == [b"content-length: 8", b"x-a: b"]


async def test_a_client_that_hangs_up_is_noticed_at_once() -> None:
    """Whoever asked is told, once; not for an answer that was complete."""
    told: list[str] = []
    heard = asyncio.Event()

    async def listening(scope: Scope, receive: Receive, end: DirectEnd) -> None:
        path = scope["path"]

        def tell() -> None:
            told.append(path)
            heard.set()

        end.when_gone(tell)
        if path == "/1":
            await greet(scope, receive, end)
            return
        await heard.wait()
        end.when_gone(lambda: told.append("late"))
        end.begin(200, [])
        await end.put(b"to nobody", is_last=True)

    async with talking(direct(listening)) as (reader, writer):
        writer.write(b"GET /1 HTTP/1.1\r\nhost: x\r\n\r\n")
        await reader.readuntil(b"/1 ")
        writer.write(b"GET /2 HTTP/1.1\r\nhost: x\r\n\r\n")
        await asyncio.sleep(0.05)
        assert told == []
        writer.close()
        await asyncio.wait_for(heard.wait(), 2)
        await asyncio.sleep(0.05)
        assert told == ["/2", "late"]


async def test_a_body_that_the_client_holds_back_is_asked_for() -> None:
    """`Expect: 100-continue`: curl waits a second without it."""

    async def echo(scope: Scope, receive: Receive, end: DirectEnd) -> None:
        body = (await receive())["body"] or (await receive())["body"]
        end.begin(200, [(b"content-length", b"%d" % len(body))])
        await end.put(body, is_last=True)

    async with talking(direct(echo)) as (reader, writer):
        writer.write(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\nexpect: 100-continue\r\n\r\n")
        assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        writer.write(b"{}")
        assert await reader.readuntil(b"{}") == b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"


async def test_an_idle_connection_is_closed_after_a_while_and_a_busy_one_is_not() -> None:
    """The one timer of a connection looks again as often as it must."""

    async def slow(scope: Scope, receive: Receive, end: DirectEnd) -> None:
        if scope["path"] == "/2":
            await asyncio.sleep(1.3)
        await greet(scope, receive, end)

    async with talking(direct(slow), keep_alive_s=1) as (reader, writer):
        for path in (b"/1", b"/2", b"/3"):
            writer.write(b"GET " + path + b" HTTP/1.1\r\nhost: x\r\n\r\n")
            assert (await reader.readuntil(path + b" ")).startswith(b"HTTP/1.1 200 OK")
        assert await asyncio.wait_for(reader.read(), 5) == b""
