"""Short ways to ask and to answer, for the tests of the Messages spoke."""

from typing import cast

import msgspec
from anthropic.lib.streaming._messages import accumulate_event
from anthropic.types import ParsedMessage, RawMessageStreamEvent

from copilot_api.neutral.events import Event
from copilot_api.neutral.extras import Json, JsonObject
from copilot_api.neutral.loss import Loss
from copilot_api.neutral.request import ModelRequest, Turn
from copilot_api.protocols.base import Target, ToolNames, Voice, Written
from copilot_api.protocols.messages.reading.request import read_request
from copilot_api.protocols.messages.reading.stream import MessagesReader
from copilot_api.protocols.messages.writing.request import write_request
from copilot_api.protocols.messages.writing.stream import MessagesWriter
from copilot_api.wire.sse import Frame, SseDecoder

TARGET = Target("messages", "claude-x", "messages:claude-x:1", max_output_tokens=8000)
THINKER = msgspec.structs.replace(TARGET, min_thinking_budget=1024, max_thinking_budget=32000)
ADAPTIVE = msgspec.structs.replace(
    TARGET, has_adaptive_thinking=True, reasoning_efforts=("low", "medium", "high")
)
VOICE = Voice(answer_id="msg_ours", created_unix_s=1, model="gpt-5")
NO_NAMES = ToolNames()
ASKED = ModelRequest(origin="messages", model="gpt-5", turns=())

FIELDS = ("id", "type", "role", "model", "content", "stop_reason", "stop_sequence", "stop_details")
COUNTS = (
    "input_tokens",
    "output_tokens",
    "cache_read_input_tokens",
    "cache_creation_input_tokens",
    "output_tokens_details",
)


def read(*blocks: JsonObject, role: str = "user", **more: Json) -> ModelRequest:
    """A request of one turn with these blocks."""
    turn: JsonObject = {"role": role, "content": list(blocks)}
    return read_request({"model": "m", "messages": [turn], **more})


def again(document: JsonObject, target: Target = TARGET) -> JsonObject:
    """A Messages request through the hub and back, under its own model's name; nothing is lost."""
    written = write_request(read_request(document), target)
    assert written.losses == ()
    return {**written.document, "model": document["model"]}


def foreign(*turns: Turn, target: Target = TARGET, **more: object) -> Written:
    """A chat request of these turns, written for a Messages model."""
    request = ModelRequest(origin="chat", model="m", turns=turns)
    return write_request(msgspec.structs.replace(request, **more), target)


def messages_of(written: Written) -> Json:
    """The messages of a written request."""
    return written.document["messages"]


def paths(losses: tuple[Loss, ...]) -> list[tuple[str, str]]:
    """Where losses are, and what became of the things."""
    return [(loss.path, str(loss.handling)) for loss in losses]


def frame(document: Json) -> Frame:
    """One upstream frame."""
    return Frame(b"data: " + msgspec.json.encode(document) + b"\n\n")


def heard(*documents: Json) -> list[Event]:
    """The events of these upstream documents, and of the end of input."""
    reader = MessagesReader("o")
    events = [event for document in documents for event in reader.feed(frame(document))]
    return [*events, *reader.finish()]


def told(*events: Event, request: ModelRequest = ASKED, names: ToolNames = NO_NAMES) -> list[JsonObject]:
    """The documents that a streaming client gets; each under an event line of its own type."""
    writer = MessagesWriter(request, VOICE, names)
    documents: list[JsonObject] = []
    for frame in SseDecoder().feed(b"".join(writer.feed(event) for event in events)):
        document = cast("JsonObject", msgspec.json.decode(frame.data))
        assert frame.event == document["type"]
        documents.append(document)
    return documents


def deltas(documents: list[JsonObject]) -> list[Json]:
    """The blocks that begin, the deltas, and "stop" for each end."""
    said: list[Json] = []
    for document in documents:
        if document["type"] == "content_block_stop":
            said.append("stop")
        elif document["type"] in ("content_block_start", "content_block_delta"):
            said.append(document.get("content_block") or document.get("delta"))
    return said


def summed(documents: list[JsonObject]) -> JsonObject:
    """What the official SDK makes of a stream."""
    message: ParsedMessage[None] | None = None
    buffers: dict[int, bytes] = {}
    for document in documents:
        event = cast("RawMessageStreamEvent", document)
        message = accumulate_event(event=event, current_snapshot=message, json_bufs=buffers)
    assert message is not None
    return seen(cast("JsonObject", message.to_dict(mode="json", warnings=False)))


def seen(message: JsonObject) -> JsonObject:
    """What both a whole answer and the SDK's sum of a stream hold: it takes the breakdown of counts at the start."""
    usage = cast("JsonObject", message["usage"])
    counts: JsonObject = {name: usage.get(name) for name in COUNTS}
    return {**{name: message.get(name) for name in FIELDS}, "usage": counts}
