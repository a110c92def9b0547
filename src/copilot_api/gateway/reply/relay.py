"""The byte pump within one protocol: upstream's bytes to the client, observed and, where a repair asks for it, mended.

Whole frames are forwarded and never part of one, so that at any moment a keepalive or an error may follow what the
client already has (decision 0006).
"""

from collections.abc import Awaitable
from typing import Protocol

from copilot_api.copilot.client import UpstreamReply
from copilot_api.copilot.quirks import FrameRepair, frame_repair
from copilot_api.errors import GatewayError, UpstreamProtocolError
from copilot_api.gateway.reply.outlet import Outlet
from copilot_api.gateway.request.call import Call
from copilot_api.gateway.request.plan import Plan
from copilot_api.gateway.sweep import Watch
from copilot_api.neutral.loss import Loss
from copilot_api.neutral.usage import Finish, Usage
from copilot_api.protocols.base import Tap
from copilot_api.wire.body import Body
from copilot_api.wire.sse import Frame, SseDecoder


class Open(Protocol):
    """Sends the head, once the first of the answer was seen, so that it can name the answering model."""

    def __call__(self, content_length: int | None = None, /) -> Awaitable[None]:
        """Send it. Units: bytes; None for a stream."""
        ...


class Relay(Protocol):
    """One answer on its way, and what is known of it afterwards."""

    mode: str

    @property
    def model(self) -> str | None:
        """The model that answers, in upstream's words."""
        ...

    @property
    def usage(self) -> Usage | None:
        """What it cost."""
        ...

    @property
    def finish(self) -> Finish | None:
        """Why it ended."""
        ...

    @property
    def failure(self) -> str | None:
        """Upstream's own words for an answer that failed in mid-stream."""
        ...

    @property
    def is_complete(self) -> bool:
        """Whether the protocol's terminal event was seen."""
        ...

    @property
    def losses(self) -> tuple[Loss, ...]:
        """What could not be said."""
        ...

    async def pump(self, reply: UpstreamReply, outlet: Outlet, watch: Watch, open_outlet: Open) -> None:
        """Send the answer on to its end.

        Raises: UpstreamFault when it is cut or cannot be read.
        """
        ...

    def failure_frames(self, error: GatewayError) -> bytes:
        """The frames that end the running stream with `error`."""
        ...


class NativeRelay:
    """The same protocol on both sides."""

    losses: tuple[Loss, ...] = ()

    def __init__(self, chosen: Plan, call: Call, *, is_stream: bool) -> None:
        self._tap = chosen.route.new_tap()
        asked = Body(call.body) if chosen.quirks == "embeddings" else None
        self._repair = frame_repair(chosen.quirks, chosen.model, is_stream, asked)
        self._ingress = chosen.route.protocol.ingress
        self._is_stream = is_stream
        self.mode = "verbatim" if self._repair is None else "repaired"

    @property
    def model(self) -> str | None:
        """The model that answers, in upstream's words."""
        return self._tap.model

    @property
    def usage(self) -> Usage | None:
        """What it cost."""
        return self._tap.usage

    @property
    def finish(self) -> Finish | None:
        """Why it ended."""
        return self._tap.finish

    @property
    def failure(self) -> str | None:
        """Upstream's own words for an answer that failed in mid-stream."""
        return self._tap.failure

    @property
    def is_complete(self) -> bool:
        """Whether the protocol's terminal event was seen."""
        return self._tap.is_complete

    async def pump(self, reply: UpstreamReply, outlet: Outlet, watch: Watch, open_outlet: Open) -> None:
        """Send the answer on to its end; a tap reads a copy.

        Raises: UpstreamProtocolError when it is cut or cannot be read.
        """
        if self._is_stream:
            await relay_stream(reply, outlet, self._tap, self._repair, watch, open_outlet)
        else:
            body = await relay_whole(reply, self._tap, self._repair)
            await open_outlet(len(body))
            await outlet.finish(body)

    def failure_frames(self, error: GatewayError) -> bytes:
        """The frames that end the running stream with `error`.

        The repair has told the client ids of its own: the last frame must bear them too.
        """
        frames = self._ingress.write_stream_error(error, self._tap.answer_id)
        return frames if self._repair is None else self._repair.feed(Frame(frames))


async def relay_stream(
    reply: UpstreamReply,
    outlet: Outlet,
    tap: Tap,
    repair: FrameRepair | None,
    watch: Watch,
    open_outlet: Open,
) -> None:
    """Forward a stream frame by frame until its end.

    `open_outlet` sends the head; it is called once the first frame has been tapped, so that the head can name
    the answering model.
    Raises: UpstreamProtocolError when the stream ends before the protocol's terminal event.
    """
    decoder = SseDecoder()
    is_open = False
    async for chunk in reply.chunks():
        watch.silent_s = 0.0
        frames = decoder.feed(chunk)
        if not frames:
            continue
        passed = _pass(frames, tap, repair)
        if not is_open:
            is_open = True
            await open_outlet()
        if passed:
            watch.quiet_s = 0.0
            await outlet.write(passed)
    rest = _close(decoder.finish(), tap, repair)
    if not tap.is_complete and tap.failure is None:
        raise UpstreamProtocolError(
            "The answer was cut off upstream before it was complete. Send the request again.",
            code="upstream_stream_cut",
        )
    await outlet.finish(rest)


def _pass(frames: list[Frame], tap: Tap, repair: FrameRepair | None) -> bytes:
    for frame in frames:
        tap.feed(frame)
    if repair is not None:
        return b"".join([repair.feed(frame) for frame in frames])
    if len(frames) == 1:
        return frames[0].raw
    return b"".join([frame.raw for frame in frames])


def _close(leftover: bytes, tap: Tap, repair: FrameRepair | None) -> bytes:
    """What the client still gets at upstream's end: a last frame without its blank line, and the repair's."""
    rest = b""
    if leftover:
        frame = Frame(leftover.rstrip(b"\r\n") + b"\n\n")
        was_complete = tap.is_complete
        tap.feed(frame)
        if was_complete or tap.is_complete:
            rest = frame.raw if repair is None else repair.feed(frame)
    return rest if repair is None else rest + repair.finish()


async def relay_whole(reply: UpstreamReply, tap: Tap, repair: FrameRepair | None) -> bytes:
    """Read a non-streaming answer, observed and mended.

    Raises: UpstreamProtocolError when it is not the JSON document that it was to be.
    """
    body = await reply.read()
    tap.read_reply(body)
    if not tap.is_complete:
        raise UpstreamProtocolError(
            "The answer from upstream cannot be read as this protocol's JSON. Send the request again.",
        )
    return body if repair is None else repair.read_reply(body)
