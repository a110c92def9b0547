"""Writing a stream with all the ways it can go wrong: pauses, cuts, early ends, errors in the middle.

Must never know: what the frames say.
"""

import asyncio

from aiohttp import web

from copilot_api.simulator.answers.draft import Reply
from copilot_api.simulator.script.directives import Step
from copilot_api.simulator.world.recorder import Entry


def shape_frames(reply: Reply, step: Step) -> list[bytes]:
    """Apply the script's early end or error in the middle to the frames of a reply."""
    if step.error_after is not None:
        return [*reply.frames[: step.error_after], reply.error_frame]
    if step.end_after is not None:
        return reply.frames[: step.end_after]
    return reply.frames


async def send_stream(
    request: web.Request, entry: Entry, headers: list[tuple[str, str]], reply: Reply, step: Step
) -> web.StreamResponse:
    """Send a reply as server-sent events, as fast or as slowly as the step says."""
    headers.append(("content-type", "text/event-stream"))
    headers.append(("cache-control", "no-cache"))
    response = web.StreamResponse(headers=headers)
    frames = shape_frames(reply, step)
    await response.prepare(request)
    if step.is_paced:
        await _send_paced(request, entry, response, frames, step)
        if step.cut_after is not None:
            # A reset in mid-stream: the chunked body never gets its last chunk.
            if request.transport is not None:
                request.transport.abort()
            return response
    elif frames:
        await response.write(b"".join(frames))
        entry.events_sent = len(frames)
    await response.write_eof()
    return response


async def _send_paced(
    request: web.Request, entry: Entry, response: web.StreamResponse, frames: list[bytes], step: Step
) -> None:
    if step.first_byte_ms:
        await asyncio.sleep(step.first_byte_ms / 1000)
    interval_s = step.interval_ms / 1000
    silent_at = step.silence_after if step.silence_ms else -1
    write, sleep = response.write, asyncio.sleep
    for number, frame in enumerate(frames):
        if number == step.cut_after:
            await sleep(0.01)
            return
        if number == silent_at:
            await sleep(step.silence_ms / 1000)
        await write(frame)
        entry.events_sent = number + 1
        if interval_s:
            await sleep(interval_s)
