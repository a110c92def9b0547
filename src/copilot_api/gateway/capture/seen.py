"""What is seen of one request while it passes: bytes and times, bounded, nothing decoded.

Stands between the line and its two ends: `CapturedClient` on the client's side, `Road` on upstream's. Changes no byte,
delays nothing, and never raises an error of its own.
"""

import time
from collections.abc import AsyncIterator, Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Final

from copilot_api.copilot.client import Addressee, Upstream, UpstreamReply
from copilot_api.copilot.names import Trail, follow
from copilot_api.errors import GatewayError
from copilot_api.gateway.ledger import UsageRecord
from copilot_api.gateway.reply.outlet import Headers
from copilot_api.gateway.request.call import ClientEnd
from copilot_api.neutral.loss import Loss
from copilot_api.settings import ClientKeyEntry

if TYPE_CHECKING:
    from copilot_api.gateway.life import Life

MAX_BODY_BYTES: Final = 1024 * 1024
MAX_FRAME_BYTES: Final = 2 * 1024 * 1024
"""Of one side of one answer."""
SLACK_BYTES: Final = 4096
"""Seen beyond each bound and cut off once secrets are redacted: a bound must not hide half of one."""
_CHUNK_COST_BYTES: Final = 128
"""What a chunk costs besides its bytes: a thousand chunks of a byte are no kilobyte."""


class Allowance:
    """What all captures together may hold in memory."""

    __slots__ = ("_left",)

    def __init__(self, max_bytes: int) -> None:
        self._left = max_bytes

    def take(self, wanted: int) -> int:
        """Get as much as is left of what is wanted."""
        granted = min(wanted, self._left)
        self._left -= granted
        return granted

    def give_back(self, size: int) -> None:
        """Return what is not held any more."""
        self._left += size


class Part:
    """A run of bytes with the times of their arrival, up to a bound. Units: ms since the request's head."""

    __slots__ = ("_limit", "_seen", "chunks", "is_truncated")

    def __init__(self, seen: "Seen", limit: int) -> None:
        self._seen = seen
        self._limit = limit + SLACK_BYTES
        self.chunks: list[tuple[float, bytes]] = []
        self.is_truncated = False

    def add(self, data: bytes) -> None:
        """Note what has just come; what is too much is left out, and so is everything after it."""
        if self.is_truncated or not data:
            return
        wanted = min(len(data), self._limit)
        granted = self._seen.take(wanted + _CHUNK_COST_BYTES) - _CHUNK_COST_BYTES
        self.is_truncated = granted < len(data)
        if granted > 0:
            self._limit -= granted
            self.chunks.append((self._seen.now_ms(), data if granted == len(data) else data[:granted]))


class Attempt:
    """One request to Copilot and its answer. `problem` says why there is no answer."""

    __slots__ = ("answer", "body", "headers", "problem", "response_headers", "started_ms", "status", "url")

    def __init__(self, seen: "Seen", path: str, headers: Mapping[str, str], body: bytes) -> None:
        self.started_ms = seen.now_ms()
        self.url = path
        self.headers = [*headers.items()]
        self.body = Part(seen, MAX_BODY_BYTES)
        self.body.add(body)
        self.status: int | None = None
        self.response_headers: list[tuple[str, str]] = []
        self.answer = Part(seen, MAX_FRAME_BYTES)
        self.problem = ""


class Seen:
    """Everything that was seen of one request. Times are the line's own clock's."""

    __slots__ = (
        "_allowance", "_held", "_started_s", "answer", "answer_headers", "answer_status", "attempts", "body", "headers",
        "is_aborted", "key", "losses", "method", "path", "record", "resolve", "started_unix_s", "trace_id",
    )  # fmt: skip

    def __init__(self, allowance: Allowance, trace_id: str, started_s: float, started_unix_s: float) -> None:
        self._allowance = allowance
        self._held = 0
        self._started_s = started_s
        self.trace_id = trace_id
        self.started_unix_s = started_unix_s
        self.method, self.path = "POST", ""
        self.headers: Mapping[str, str] = {}
        self.key: ClientKeyEntry | None = None
        self.body = Part(self, MAX_BODY_BYTES)
        self.attempts: list[Attempt] = []
        self.answer = Part(self, MAX_FRAME_BYTES)
        self.answer_status: int | None = None
        self.answer_headers: Headers = []
        self.is_aborted = False
        self.record: UsageRecord | None = None
        self.losses: tuple[Loss, ...] = ()
        self.resolve: Callable[[], Trail] | None = None

    def now_ms(self) -> float:
        """Units: since the request's head arrived."""
        return (time.perf_counter() - self._started_s) * 1000.0

    def take(self, wanted: int) -> int:
        """Hold more, as far as the allowance reaches."""
        granted = self._allowance.take(wanted)
        self._held += granted
        return granted

    def let_go(self) -> None:
        """Hold nothing any more."""
        self._allowance.give_back(self._held)
        self._held = 0

    def ask(self, path: str, headers: Mapping[str, str], body: bytes, key: ClientKeyEntry | None) -> None:
        """Note what the client asks."""
        self.path, self.headers, self.key = path, headers, key
        self.body.add(body)

    def road(self, upstream: Upstream) -> "Road":
        """The way to Copilot, seen."""
        return Road(upstream, self)

    def end(self, life: "Life") -> None:
        """Note how it ended; what is to be told of that is found out later, and elsewhere."""
        self.record = life.record
        if life.relay is not None:
            self.losses = life.relay.losses
        elif life.translation is not None:
            self.losses = life.translation.losses
        catalog = None if life.account is None else life.account.catalog.current
        if catalog is not None and life.record.requested_model:
            settings = life.gateway.settings
            self.resolve = partial(
                follow,
                life.record.requested_model,
                settings.model_mapping,
                catalog,
                settings.hidden_models,
                settings.disable_hidden_models,
            )


class CapturedClient:
    """A client's end that is seen."""

    __slots__ = ("_client", "_seen")

    def __init__(self, client: ClientEnd, seen: Seen) -> None:
        self._client = client
        self._seen = seen

    async def start(self, status: int, headers: Headers) -> None:
        """Send the head."""
        self._seen.answer_status, self._seen.answer_headers = status, headers
        await self._client.start(status, headers)

    async def write(self, body: bytes) -> None:
        """Send part of the body."""
        self._seen.answer.add(body)
        await self._client.write(body)

    async def finish(self, body: bytes) -> None:
        """Send the last part of the body."""
        self._seen.answer.add(body)
        await self._client.finish(body)

    def abort(self) -> None:
        """Leave the answer unfinished."""
        self._seen.is_aborted = True
        self._client.abort()

    async def until_gone(self) -> None:
        """Return when the client has hung up, or when its answer is complete."""
        await self._client.until_gone()


class CapturedReply:
    """Upstream's answer, seen as it is read."""

    __slots__ = ("_attempt", "_reply", "headers", "status")

    def __init__(self, reply: UpstreamReply, attempt: Attempt) -> None:
        self._reply = reply
        self._attempt = attempt
        self.status = reply.status
        self.headers = reply.headers

    async def read(self) -> bytes:
        """Return the whole body. Raises: as the reply itself."""
        try:
            body = await self._reply.read()
        except GatewayError as error:
            self._attempt.problem = error.message
            raise
        self._attempt.answer.add(body)
        return body

    async def chunks(self) -> AsyncIterator[bytes]:
        """Return the body as it arrives. Raises: as the reply itself."""
        try:
            async for chunk in self._reply.chunks():
                self._attempt.answer.add(chunk)
                yield chunk
        except GatewayError as error:
            self._attempt.problem = error.message
            raise

    def close(self) -> None:
        """Drop the connection."""
        self._reply.close()


class Road:
    """The way to Copilot that one request takes, seen."""

    __slots__ = ("_seen", "_upstream")

    def __init__(self, upstream: Upstream, seen: Seen) -> None:
        self._upstream = upstream
        self._seen = seen

    async def send(
        self, account: Addressee, path: str, body: bytes, headers: Mapping[str, str]
    ) -> UpstreamReply:
        """Send one request. Raises: as the client of Copilot."""
        attempt = Attempt(self._seen, path, headers, body)
        self._seen.attempts.append(attempt)
        try:
            reply = await self._upstream.send(account, path, body, headers)
        except GatewayError as error:
            attempt.problem = error.message
            raise
        attempt.url = await account.locate() + path
        attempt.headers.append(("authorization", "Bearer"))
        attempt.status = reply.status
        attempt.response_headers = [*reply.headers.items()]
        return CapturedReply(reply, attempt)
