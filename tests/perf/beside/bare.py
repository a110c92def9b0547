"""`python -m tests.perf.beside.bare FORM PORT UPSTREAM`: forward a body and its answer, and do nothing else.

What the stack costs that the gateway stands on, in two forms: `libraries` is uvicorn and aiohttp as they come, `own`
our connection and our wires (decisions 0030 and 0031).
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable

import aiohttp
import uvicorn
from tests.perf.requests import CHAT_WHOLE, upstream_headers
from yarl import URL

from copilot_api.copilot.transport.connector import open_pool, tls_context
from copilot_api.copilot.transport.road import Road, Wires
from copilot_api.web.asgi import Application, Receive, Scope, Send, client_of
from copilot_api.web.connection import Connection
from copilot_api.web.running.listening import loop_factory

Ask = Callable[[bytes], Awaitable[tuple[int, bytes]]]


def forwarding(ask: Ask) -> Application:
    """Answer each request with what `ask` makes of its body."""

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        body = b""
        while (message := await receive())["type"] == "http.request":
            body += message["body"]
            if not message["more_body"]:
                break
        status, answer = await ask(body)
        client, _ = client_of(receive, send)
        head = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(answer))]
        await client.start(status, head)
        await client.finish(answer)

    return application


async def serve(form: str, port: int, upstream: str) -> None:
    """Listen until stopped."""
    url, headers = URL(upstream + CHAT_WHOLE.upstream_path), upstream_headers(CHAT_WHOLE)
    pool = open_pool(tls_context(None))
    async with aiohttp.ClientSession(connector=pool, auto_decompress=False) as session:
        wires = Wires(Road(url, session, pool), keep_alive_s=55.0)

        async def by_libraries(body: bytes) -> tuple[int, bytes]:
            async with session.post(url, data=body, headers=headers) as reply:
                return reply.status, await reply.read()

        async def by_wires(body: bytes) -> tuple[int, bytes]:
            reply = await wires.ask("POST", url, headers, body)
            return reply.status, await reply.read()

        is_own = form == "own"
        config = uvicorn.Config(
            forwarding(by_wires if is_own else by_libraries), port=port, http=Connection if is_own else "httptools",
            ws="none", lifespan="off", loop="none", log_config=None, access_log=False, server_header=False,
        )  # fmt: skip
        await uvicorn.Server(config).serve()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        runner.run(serve(sys.argv[1], int(sys.argv[2]), sys.argv[3]))
