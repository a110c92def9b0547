"""The byte pump: upstream's answer to the client, observed and, where a repair asks for it, mended.

The only place where async meets codecs. Whole frames are forwarded and never part of one, so that at any moment
a keepalive or an error may follow what the client already has (decision 0006).
"""

from collections.abc import Awaitable, Callable

from copilot_api.copilot.client import UpstreamReply
from copilot_api.copilot.quirks import FrameRepair
from copilot_api.errors import UpstreamProtocolError
from copilot_api.gateway.reply.outlet import Outlet
from copilot_api.gateway.sweep import Watch
from copilot_api.protocols.base import Tap
from copilot_api.wire.sse import Frame, SseDecoder

Open = Callable[[], Awaitable[None]]


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
