"""The byte pump between two protocols: upstream's frames to events, events to the client's frames.

The upstream call always streams; a client that does not gets the fold of the same events, so that the two forms
cannot drift.
"""

from collections.abc import AsyncIterator
from typing import cast

import msgspec

from copilot_api.copilot.client import UpstreamReply
from copilot_api.copilot.quirks import RunawayGuard
from copilot_api.errors import GatewayError, UpstreamFault, UpstreamProtocolError
from copilot_api.gateway.reply.failures import fault_of
from copilot_api.gateway.reply.outlet import Outlet
from copilot_api.gateway.reply.relay import Open
from copilot_api.gateway.request.plan import Plan
from copilot_api.gateway.request.translate import Translation, ingress_of, upstream_of
from copilot_api.gateway.sweep import Watch
from copilot_api.neutral.events import (
    Event,
    PartStarted,
    ReasoningDelta,
    ReplyEnded,
    ReplyFailed,
    ReplyStarted,
    TextDelta,
    ToolInputDelta,
    UsageSeen,
)
from copilot_api.neutral.extras import JsonObject
from copilot_api.neutral.fold import Folder, unfold
from copilot_api.neutral.loss import Handling, Loss
from copilot_api.neutral.parts import ToolCall
from copilot_api.neutral.stops import StopFilter
from copilot_api.neutral.usage import Finish, Usage
from copilot_api.protocols.base import EventReader, Voice
from copilot_api.wire.reading import read_json
from copilot_api.wire.sse import SseDecoder

_UNPRICED = (
    "responses",
    "client",
    Handling.DROPPED,
    "the answer was ended at a stop sequence, before upstream said what it cost",
)
"""Nobody knows the price of an answer that was ended here (decision 0015): the log says so."""
_WORDS = (TextDelta, ReasoningDelta)
"""The bulk of every answer: nothing in them concerns the record."""


class TranslatedRelay:
    """One translated answer. What the record wants to know of it is noted as the events go by."""

    mode = "translated"

    def __init__(self, chosen: Plan, translation: Translation, voice: Voice, *, is_stream: bool) -> None:
        self._ingress = ingress_of(chosen)
        self._upstream = upstream_of(chosen)
        self._translation = translation
        self._voice = voice
        self._is_stream = is_stream
        self._writer = self._ingress.new_writer(translation.request, voice, translation.names)
        stop = translation.request.sampling.stop
        self._stops = StopFilter(stop) if stop and chosen.upstream == "responses" else None
        self._whole_losses: tuple[Loss, ...] = ()
        self._unpriced: tuple[Loss, ...] = ()
        self._failed: ReplyFailed | None = None
        self._guard: RunawayGuard | None = None
        self.model: str | None = None
        self.usage: Usage | None = None
        self.finish: Finish | None = None
        self.is_complete = False

    @property
    def failure(self) -> str | None:
        """Upstream's words for an answer that broke off."""
        return None if self._failed is None else self._failed.message

    @property
    def losses(self) -> tuple[Loss, ...]:
        """What could not be said, there and back."""
        return (*self._translation.losses, *self._writer.losses, *self._whole_losses, *self._unpriced)

    async def pump(self, reply: UpstreamReply, outlet: Outlet, watch: Watch, open_outlet: Open) -> None:
        """Send the answer on, as a stream or as a whole.

        Raises: UpstreamFault for an answer that was cut, or failed before anything was sent of it.
        """
        if self._is_stream:
            await self._pump_stream(reply, outlet, watch, open_outlet)
        else:
            document = await self._whole(reply, watch)
            body = msgspec.json.encode(document)
            await open_outlet(len(body))
            await outlet.finish(body)

    def failure_frames(self, error: GatewayError) -> bytes:
        """The frames that end the running stream with `error`."""
        return self._writer.feed(self._failed or ReplyFailed("error", error.message, error.code))

    async def _pump_stream(
        self, reply: UpstreamReply, outlet: Outlet, watch: Watch, open_outlet: Open
    ) -> None:
        is_open = False
        async for batch in self._batches(reply):
            watch.silent_s = 0.0
            for event in batch:
                if not isinstance(event, _WORDS):
                    self._see(event)
            failed = self._failed
            if failed is not None and not is_open:
                raise fault_of(failed)
            is_cut = failed is not None and failed.kind == "cut"
            written = b"".join([self._writer.feed(event) for event in (batch[:-1] if is_cut else batch)])
            if written:
                if not is_open:
                    is_open = True
                    await open_outlet()
                watch.quiet_s = 0.0
                await outlet.write(written)
            if failed is not None and is_cut:
                raise fault_of(failed)
        await outlet.finish()

    async def _whole(self, reply: UpstreamReply, watch: Watch) -> JsonObject:
        folder = Folder()
        async for batch in self._batches(reply):
            watch.silent_s = 0.0
            for event in batch:
                self._see(event)
                folder.feed(event)
        if self._failed is not None:
            raise fault_of(self._failed)
        translation = self._translation
        document, self._whole_losses = self._ingress.write_reply(
            folder.completion(), translation.request, self._voice, translation.names
        )
        return document

    def _see(self, event: Event) -> None:
        match event:
            case ReplyStarted():
                self.model = event.model or None
            case UsageSeen():
                self.usage = event.usage
            case ReplyEnded():
                self.finish, self.is_complete = event.finish, True
            case ReplyFailed():
                self._failed, self.is_complete = event, True
            case PartStarted(part=ToolCall() as call):
                self._guard = RunawayGuard() if call.kind == "function" else None
            case ToolInputDelta() if self._guard is not None:
                self._guard.feed(event.text)
            case _:
                return

    async def _batches(self, reply: UpstreamReply) -> AsyncIterator[tuple[Event, ...]]:
        """Events in the batches in which upstream's bytes came, also where it answers with one JSON document."""
        origin = self._translation.origin
        if reply.headers.get("content-type", "").startswith("application/json"):
            document = read_json(await reply.read())
            if not isinstance(document, dict):
                raise UpstreamProtocolError(
                    "The answer from upstream is not a JSON object. Send the request again."
                )
            yield self._stopped(unfold(self._upstream.read_reply(cast(JsonObject, document), origin)))
            return
        reader, decoder = self._upstream.new_reader(origin), SseDecoder()
        try:
            async for chunk in reply.chunks():
                yield self._stopped(_read(reader, decoder, chunk))
                if self._stops is not None and self._stops.has_stopped:
                    if self.usage is None:
                        self._unpriced = (Loss("usage", *_UNPRICED),)
                    return  # the caller closes the reply, and upstream stops speaking
        except UpstreamFault as fault:
            yield self._stopped(tuple(_in_words_of(fault, event) for event in reader.finish()))
            return
        last = _read(reader, decoder, b"\n\n") if decoder.finish() else ()
        yield self._stopped((*last, *reader.finish()))

    def _stopped(self, events: tuple[Event, ...]) -> tuple[Event, ...]:
        """Stop sequences for an upstream that has none (Responses)."""
        if self._stops is None:
            return events
        return tuple(passed for event in events for passed in self._stops.feed(event))


def _read(reader: EventReader, decoder: SseDecoder, chunk: bytes) -> tuple[Event, ...]:
    frames = decoder.feed(chunk)
    if len(frames) == 1:
        return reader.feed(frames[0])
    return tuple(event for frame in frames for event in reader.feed(frame))


def _in_words_of(fault: UpstreamFault, event: Event) -> Event:
    """A cut, told with the reason that the connection gave."""
    if isinstance(event, ReplyFailed):
        return ReplyFailed(event.kind, fault.message, fault.code, event.extras)
    return event
