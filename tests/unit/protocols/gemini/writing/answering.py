"""What the tests of answers share."""

import json
from typing import Any

from copilot_api.neutral.events import (
    Event,
    PartEnded,
    PartStarted,
    ReplyEnded,
    ReplyStarted,
    TextDelta,
    ToolInputDelta,
)
from copilot_api.neutral.fold import fold
from copilot_api.neutral.loss import Loss
from copilot_api.neutral.parts import Text, ToolCall
from copilot_api.neutral.request import ModelRequest, ReasoningOptions
from copilot_api.neutral.usage import Finish, FinishReason
from copilot_api.protocols.base import ToolNames, Voice
from unit.protocols.gemini.reading.asking import INGRESS

VOICE = Voice(answer_id="answer_1", created_unix_s=1788300000, model="gpt-5")
STARTED = ReplyStarted("resp_1", "gpt-5-2026")
ENDED = ReplyEnded(Finish(FinishReason.STOP, "stop"))
NO_USAGE = {"promptTokenCount": 0, "candidatesTokenCount": 0, "totalTokenCount": 0}


def asked(*, shows_thoughts: bool | None = None) -> ModelRequest:
    """A request, possibly one that wants to see thoughts."""
    return ModelRequest("gemini", "gpt-5", (), reasoning=ReasoningOptions(shows_thoughts=shows_thoughts))


def said(index: int, *pieces: str, part: Text | None = None) -> list[Event]:
    """A text part in pieces."""
    deltas: list[Event] = [TextDelta(index, piece) for piece in pieces]
    return [PartStarted(index, part or Text("")), *deltas, PartEnded(index)]


def called(index: int, arguments: str, **more: Any) -> list[Event]:
    """A call whose arguments come in two pieces."""
    half = len(arguments) // 2
    call = ToolCall(f"call_{index}", "ls", "", **more)
    pieces = [ToolInputDelta(index, arguments[:half]), ToolInputDelta(index, arguments[half:])]
    return [PartStarted(index, call), *pieces, PartEnded(index)]


def stream(
    *events: Event, request: ModelRequest | None = None, names: ToolNames | None = None
) -> tuple[list[Any], tuple[Loss, ...]]:
    """The chunks of a streamed answer, and its losses."""
    writer = INGRESS.new_writer(request or asked(), VOICE, names or ToolNames())
    written = b"".join(writer.feed(event) for event in events)
    frames = written.split(b"\n\n")
    assert frames.pop() == b""
    assert all(frame.startswith(b"data: ") for frame in frames)
    return [json.loads(frame[6:]) for frame in frames], writer.losses


def parts_streamed(*events: Event, request: ModelRequest | None = None) -> list[Any]:
    """The parts of all chunks of an answer that ended well."""
    chunks, _ = stream(STARTED, *events, ENDED, request=request)
    return [part for chunk in chunks for part in chunk["candidates"][0]["content"]["parts"]]


def whole(
    *events: Event, request: ModelRequest | None = None, names: ToolNames | None = None
) -> tuple[Any, tuple[Loss, ...]]:
    """The same answer in one piece."""
    return INGRESS.write_reply(fold(events), request or asked(), VOICE, names or ToolNames())


def parts_whole(*events: Event, request: ModelRequest | None = None) -> Any:
    """The parts of a whole answer."""
    reply, _ = whole(STARTED, *events, ENDED, request=request)
    return reply["candidates"][0]["content"]["parts"]
