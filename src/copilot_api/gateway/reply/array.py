"""A stream for clients that did not ask for SSE: Gemini's JSON array, made of the same frames."""

from copilot_api.gateway.reply.outlet import Headers
from copilot_api.gateway.request.call import ClientEnd
from copilot_api.protocols.gemini import JsonArray


class ArrayClient:
    """A client's end that turns frames into elements of one array; errors and keepalives keep it valid."""

    __slots__ = ("_array", "_client")

    def __init__(self, client: ClientEnd) -> None:
        self._client = client
        self._array = JsonArray()

    async def start(self, status: int, headers: Headers) -> None:
        """Send the head, with the content type of what really follows."""
        is_stream = any(pair == (b"content-type", b"text/event-stream; charset=utf-8") for pair in headers)
        if is_stream:
            headers = [pair for pair in headers if pair[0] != b"content-type"]
            headers.append((b"content-type", b"application/json; charset=utf-8"))
        await self._client.start(status, headers)

    async def write(self, body: bytes) -> None:
        """Send part of the body."""
        elements = self._array.feed(body)
        if elements:
            await self._client.write(elements)

    async def finish(self, body: bytes) -> None:
        """Send the last part and close the array; an error before the stream began is no array."""
        if body.startswith(b"{"):
            await self._client.finish(body)
        else:
            await self._client.finish(self._array.feed(body) + self._array.finish())

    def abort(self) -> None:
        """Leave the answer unfinished."""
        self._client.abort()

    async def until_gone(self) -> None:
        """Return when the client has hung up, or when its answer is complete."""
        await self._client.until_gone()
