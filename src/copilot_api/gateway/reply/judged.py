"""A client's end under observation: every stream is checked against its protocol's grammar on its way out.

For finding faults (`--validate-streams`); it changes no byte. The grammar is the strict form: a native answer keeps
the form in which Copilot wrote it, so a finding there is Copilot's.
"""

import structlog

from copilot_api.gateway.reply.outlet import Headers
from copilot_api.gateway.request.call import ClientEnd
from copilot_api.grammars import checker_for
from copilot_api.protocols.base import ProtocolName
from copilot_api.wire.sse import SseDecoder

_log: structlog.stdlib.BoundLogger = structlog.get_logger()


class JudgedClient:
    """Passes everything on, and logs what the grammar has against it."""

    __slots__ = ("_checker", "_client", "_decoder", "_is_stream", "_trace_id")

    def __init__(self, client: ClientEnd, protocol: ProtocolName, trace_id: str) -> None:
        self._client = client
        self._checker = checker_for(protocol)
        self._decoder = SseDecoder()
        self._is_stream = False
        self._trace_id = trace_id

    async def start(self, status: int, headers: Headers) -> None:
        """Send the head."""
        self._is_stream = any(
            name == b"content-type" and value.startswith(b"text/event-stream") for name, value in headers
        )
        await self._client.start(status, headers)

    async def write(self, body: bytes) -> None:
        """Send part of the body."""
        self._judge(body)
        await self._client.write(body)

    async def finish(self, body: bytes) -> None:
        """Send the last part of the body."""
        self._judge(body)
        if self._is_stream:
            self._report(self._checker.finish())
        await self._client.finish(body)

    def abort(self) -> None:
        """Leave the answer unfinished."""
        self._client.abort()

    async def until_gone(self) -> None:
        """Return when the client has hung up, or when its answer is complete."""
        await self._client.until_gone()

    def _judge(self, body: bytes) -> None:
        if self._is_stream:
            for frame in self._decoder.feed(body):
                self._report(self._checker.feed(frame))

    def _report(self, violations: tuple[str, ...]) -> None:
        for violation in violations:
            _log.warning("stream.violated", trace_id=self._trace_id, violation=violation)
