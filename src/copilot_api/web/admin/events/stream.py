"""One stream of events to one page.

    hello (event | comment)* end      a comment every 15 s; the end comes when the server drains, the reader lags,
                                      or the caller is not in any more

Source: HTML standard, 9.2 server-sent events (read 2026-11).
"""

import asyncio

from copilot_api.errors import GatewayError
from copilot_api.web.admin.desk import AdminFault, AnyRequest, Caller, Desk, Reader
from copilot_api.web.admin.desk.feed import Event
from copilot_api.web.admin.door import Door
from copilot_api.web.asgi import AsgiClient, Receive, Scope, Send

MAX_STREAMS = 100
QUIET_S = 15.0
_HEAD = [
    (b"content-type", b"text/event-stream"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),  # nginx would hold events back
]


class TooManyStreams(AdminFault):
    """More pages listen than there is room for."""

    status = 503
    code = "too_many_streams"


class Streams:
    """Every stream that is open. Units: `quiet_s` between comments, at which a caller's right is judged again."""

    def __init__(self, desk: Desk, door: Door, version: str, *, quiet_s: float = QUIET_S) -> None:
        self.feed = desk.feed
        self.door = door
        self.version = version
        self.quiet_s = quiet_s
        self.open_count = 0

    def begin(self, request: AnyRequest, caller: Caller) -> "EventStream":
        """Make the answer that streams. Raises: TooManyStreams."""
        if self.open_count >= MAX_STREAMS:
            raise TooManyStreams(
                f"{MAX_STREAMS} pages listen already.", remedy="Close some of them.", retry_after_s=10.0
            )
        return EventStream(self, request, caller)


class EventStream:
    """The answer to one GET /events, as an ASGI application."""

    def __init__(self, streams: Streams, request: AnyRequest, caller: Caller) -> None:
        self._streams = streams
        self._request = request
        self._caller = caller

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Tell until there is nobody to tell, or nothing more to tell them."""
        reader = self._streams.feed.join()
        client = AsgiClient(receive, send)
        self._streams.open_count += 1
        try:
            async with asyncio.TaskGroup() as group:
                leaving = group.create_task(_watch(client, reader))
                await client.start(200, _HEAD)
                await self._tell(client, reader)
                leaving.cancel()
        finally:
            self._streams.open_count -= 1
            self._streams.feed.leave(reader)

    async def _tell(self, client: AsgiClient, reader: Reader) -> None:
        await client.write(
            b'retry: 2000\nevent: hello\ndata: {"version":"%s"}\n\n' % self._streams.version.encode()
        )
        while True:
            try:
                async with asyncio.timeout(self._streams.quiet_s):
                    event = await reader.next()
            except TimeoutError:
                if not await self._is_still_in():
                    break
                await client.write(b": still here\n\n")
                continue
            if event is None:
                break
            is_over = event.topic in {"session", "settings"} and not await self._is_still_in()
            if not is_over or event.topic == "session":
                await client.write(_frame(event))
            if is_over:
                break
        await client.finish(b"")

    async def _is_still_in(self) -> bool:
        """Whether the caller would be let in now as the one that was let in: secrets change, sessions end."""
        try:
            now = await self._streams.door.identify(self._request)
        except GatewayError:
            return False
        return now is not None and (now.how, now.who) == (self._caller.how, self._caller.who)


async def _watch(client: AsgiClient, reader: Reader) -> None:
    await client.until_gone()
    reader.drop()


def _frame(event: Event) -> bytes:
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (event.id, event.topic.encode(), event.data)
