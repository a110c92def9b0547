"""How these tests ask and are answered: the halves as the registry has them."""

from typing import Any

import msgspec

from copilot_api.neutral.events import Event, ReplyEnded, ReplyStarted
from copilot_api.neutral.extras import JsonObject
from copilot_api.neutral.loss import Loss
from copilot_api.neutral.parts import Part
from copilot_api.neutral.request import ModelRequest, Turn
from copilot_api.neutral.usage import Finish, FinishReason
from copilot_api.protocols.base import Target, ToolNames, Voice
from copilot_api.protocols.responses.reading.request import read_request
from copilot_api.protocols.responses.reading.stream import ResponsesReader
from copilot_api.protocols.responses.writing.request import write_request
from copilot_api.protocols.responses.writing.stream import ResponsesWriter
from copilot_api.wire.sse import Frame, SseDecoder, encode_frame
from laws.legal import faults_of

TARGET = Target(
    protocol="responses", model="m", origin="responses:m:1", reasoning_efforts=("low", "medium", "high")
)
VOICE = Voice(answer_id="resp_1", created_unix_s=1788300000, model="gpt-x")


def read(fields: JsonObject) -> ModelRequest:
    """A request of these fields and a model."""
    return read_request({"model": "m", **fields})


def read_items(*items: Any) -> ModelRequest:
    """A request of these input items."""
    return read({"input": list(items)})


def part_of(item: JsonObject) -> Part:
    """The only part of an item's turn."""
    (turn,) = read_items(item).turns
    (part,) = turn.parts
    return part


def write_back(document: JsonObject, target: Target = TARGET) -> JsonObject:
    """Through the hub and out again."""
    return write_request(read_request(document), target).document


def foreign(*turns: Turn, origin: str = "messages", **fields: Any) -> ModelRequest:
    """Another protocol's request."""
    return ModelRequest(origin, "m", turns, **fields)


def written(request: ModelRequest, target: Target = TARGET) -> JsonObject:
    """The document of another protocol's request."""
    return write_request(request, target).document


def lost(request: ModelRequest, target: Target = TARGET) -> list[tuple[str, str]]:
    """Where something was lost, and whether it was dropped or said otherwise."""
    return [(loss.path, loss.handling.value) for loss in write_request(request, target).losses]


def items_of(*parts: Part, role: Any = "assistant") -> list[JsonObject]:
    """The items of another protocol's turn."""
    items: Any = written(foreign(Turn(role, parts)))["input"]
    return items  # type: ignore[no-any-return]  # a list of objects, as every input is


def frame(kind: str, **fields: Any) -> Frame:
    """One frame of an upstream stream."""
    return Frame(encode_frame(msgspec.json.encode({"type": kind, **fields}), kind))


def heard(*frames: Frame, is_whole: bool = False) -> list[Event]:
    """The events of these frames; with `is_whole` those of the end of input too."""
    reader = ResponsesReader("responses:m:1")
    events = [event for one in frames for event in reader.feed(one)]
    return [*events, *reader.finish()] if is_whole else events


def said(*events: Event, request: ModelRequest | None = None, names: ToolNames | None = None) -> list[Any]:
    """The frames that a client gets for these events, decoded."""
    writer = ResponsesWriter(request or read({"input": "hi"}), VOICE, names or ToolNames())
    data = b"".join(writer.feed(event) for event in events)
    return [msgspec.json.decode(one.data) for one in SseDecoder().feed(data)]


def lost_in_answer(*events: Event) -> list[Loss]:
    """What the answer left out."""
    writer = ResponsesWriter(read({"input": "hi"}), VOICE, ToolNames())
    for event in events:
        writer.feed(event)
    return list(writer.losses)


CREATED = frame("response.created", response={"id": "resp_u", "model": "gpt-5", "created_at": 5.0})
STARTED = ReplyStarted("resp_u", "gpt-5", 5)
COMPLETED = frame("response.completed", response={"status": "completed", "output": []})
STOP = ReplyEnded(Finish(FinishReason.STOP, "completed"))


def added(index: int, **item: Any) -> Frame:
    """An item begins."""
    return frame("response.output_item.added", output_index=index, item=item)


def done(index: int, **item: Any) -> Frame:
    """An item is whole."""
    return frame("response.output_item.done", output_index=index, item=item)


def delta(kind: str, text: Any, index: int = 0, **where: Any) -> Frame:
    """A piece of an item."""
    return frame(f"response.{kind}.delta", output_index=index, delta=text, **where)


def inner(*frames: Frame) -> list[Event]:
    """What these frames say between the start and the end."""
    events = heard(CREATED, *frames, COMPLETED)
    assert events[0] == STARTED
    assert faults_of(events) == []
    return events[1:-1]
