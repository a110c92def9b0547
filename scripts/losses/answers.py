"""One answer, written to the client who asked: some fields change nothing upstream, but what the client is told.

Owns the answer. What a Responses answer merely repeats of its request is left out: that is no effect.
"""

from typing import Any, Final, cast

import msgspec

from copilot_api.neutral.events import (
    Event,
    PartEnded,
    PartStarted,
    ReasoningDelta,
    ReplyEnded,
    ReplyStarted,
    TextDelta,
    UsageSeen,
)
from copilot_api.neutral.extras import JsonObject
from copilot_api.neutral.fold import fold
from copilot_api.neutral.parts import Reasoning, Text
from copilot_api.neutral.request import ModelRequest
from copilot_api.neutral.stops import StopFilter
from copilot_api.neutral.usage import Finish, FinishReason, Usage
from copilot_api.protocols.base import IngressHalf, ProtocolName, ToolNames, Voice
from copilot_api.protocols.registry import PROTOCOLS
from copilot_api.wire.sse import SseDecoder

ANSWER: Final[tuple[Event, ...]] = (
    ReplyStarted("answer", "model", 1788300000),
    PartStarted(0, Reasoning()),
    ReasoningDelta(0, "Foxes?"),
    PartEnded(0),
    PartStarted(1, Text("")),
    TextDelta(1, "The quick fox jumps."),
    PartEnded(1),
    UsageSeen(Usage(input_tokens=3, output_tokens=5)),
    ReplyEnded(Finish(FinishReason.STOP, "stop")),
)
_VOICE: Final = Voice("answer", 1788300000, "model")
_ECHO: Final = ("output", "usage", "status", "incomplete_details", "error")
"""What a `response` says that is not repeated from the request."""


def answered(
    api: ProtocolName, upstream: ProtocolName, request: ModelRequest, names: ToolNames
) -> tuple[list[Any], Any]:
    """The answer as the client gets it: streamed, frame by frame, and whole."""
    ingress = cast("IngressHalf", {spec.name: spec for spec in PROTOCOLS.values()}[api].ingress)
    stop = request.sampling.stop
    events = ANSWER
    if stop and upstream == "responses":
        # As the gateway does for an upstream without stop sequences (decision 0015).
        filter_ = StopFilter(stop)
        events = tuple(passed for event in ANSWER for passed in filter_.feed(event))
    writer = ingress.new_writer(request, _VOICE, names)
    data = b"".join([writer.feed(event) for event in events])
    frames = [_unechoed(_decoded(frame.data)) for frame in SseDecoder().feed(data)]
    whole, _ = ingress.write_reply(fold(events), request, _VOICE, names)
    return frames, _unechoed({"response": whole} if api == "responses" else whole)


def _decoded(data: bytes) -> Any:
    return data if data == b"[DONE]" else msgspec.json.decode(data)


def _unechoed(frame: Any) -> Any:
    response = frame.get("response") if isinstance(frame, dict) else None
    if not isinstance(response, dict):
        return frame
    said: JsonObject = {name: response[name] for name in _ECHO if name in response}
    return {**frame, "response": said}
