"""A streamed Messages answer into events.

Owns the order of parts and the one end. Must never raise: what cannot be read ends the answer as failed, so that
half an answer never passes for a whole one.
Source: Anthropic streaming documentation; anthropic-python 2.12 `types/raw_message_stream_event.py`; upstream
contract 6.5 (read 2026-11).

    stream := message_start (block | ping)* message_delta* message_stop [DONE]?     or `error` anywhere
    block  := content_block_start content_block_delta* content_block_stop
Blocks that overlap, which Anthropic never sends, speak one after another: `_Block` holds back what comes early.
"""

from collections.abc import Callable
from typing import ClassVar, Final, cast

import msgspec

from copilot_api.neutral.events import (
    CitationAdded,
    Event,
    NativeEvent,
    OpaqueSet,
    PartEnded,
    PartStarted,
    ReasoningDelta,
    ReplyEnded,
    ReplyFailed,
    ReplyStarted,
    TextDelta,
    ToolInputDelta,
    UsageSeen,
)
from copilot_api.neutral.extras import Json, JsonObject
from copilot_api.neutral.opaque import Opaque
from copilot_api.neutral.parts import NativePart, Reasoning, Text, ToolCall
from copilot_api.neutral.usage import Finish, FinishReason
from copilot_api.protocols.billing import add_price
from copilot_api.protocols.messages.endings import read_finish, read_usage
from copilot_api.protocols.messages.reading.blocks import read_citation
from copilot_api.protocols.messages.reading.reply import (
    left_of_end,
    read_reply_block,
    said_fields,
    word,
)
from copilot_api.protocols.messages.slots import ORIGIN
from copilot_api.protocols.messages.tap import read_failure
from copilot_api.wire.sse import Frame

_JSON: Final = msgspec.json.Decoder()
_NAMELESS: Final = "The upstream called a tool without naming it."
_CUT: Final = "The upstream's answer ended before it was complete."


class _Block:
    """A block on the wire: its part's number, and what waits until the part may speak."""

    __slots__ = ("has_input", "held", "index", "input", "is_over", "native", "part")

    def __init__(self, document: JsonObject, index: int, origin: str) -> None:
        self.index = index
        self.part = read_reply_block(document, origin)
        self.native: JsonObject | None = None
        self.input: list[str] = []
        self.has_input = False
        self.is_over = False
        self.held: list[Event] = []
        if isinstance(self.part, NativePart):
            # Told at its end, whole: nobody else knows how its deltas add up.
            self.native = dict(document)
        elif isinstance(self.part, ToolCall):
            # Some backends give the whole input at the start; deltas, where there are any, win.
            self.input = [self.part.arguments]
            self.held.append(PartStarted(index, msgspec.structs.replace(self.part, arguments="")))
        else:
            self.held.append(PartStarted(index, self.part))


class MessagesReader:
    """Reads one streamed answer; `origin` is put on the blobs it meets."""

    def __init__(self, origin: str) -> None:
        self._origin = origin
        self._blocks: dict[
            object, _Block
        ] = {}  # by wire index, in the order they speak; the first one speaks
        self._count = 0
        self._is_started = False
        self._is_over = False
        self._counts: JsonObject = {}
        self._price: Json = None
        self._has_news = False  # counts that were not told yet
        self._has_call = False
        self._delta: JsonObject = {}
        self._end: JsonObject = {}

    def feed(self, frame: Frame) -> tuple[Event, ...]:
        """Advance by one frame.

        Shape: {"type": "content_block_delta", "index": 0, "delta": {...}} -> (TextDelta(0, "..."),)
        """
        data = frame.data
        if self._is_over or not data or data == b"[DONE]":
            return ()
        try:
            event: object = _JSON.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return self._fail("error", "The upstream sent an event that is no JSON.", "invalid_event")
        if not isinstance(event, dict):
            return ()
        fields = cast("JsonObject", event)
        read = self._EVENTS.get(str(fields.get("type")))
        return read(self, fields) if read is not None else ()

    def finish(self) -> tuple[Event, ...]:
        """The end of input: whatever is not complete by now was cut."""
        return () if self._is_over else self._fail("cut", _CUT, "cut")

    def _start(self, event: JsonObject) -> tuple[Event, ...]:
        message = said_fields(event.get("message"))
        started = self._begin(message)
        self._end.update(message)
        self._count_usage(message)
        return (*started, *self._counted())

    def _begin(self, message: JsonObject) -> tuple[Event, ...]:
        if self._is_started:
            return ()
        self._is_started = True
        return (ReplyStarted(word(message.get("id")), word(message.get("model"))),)

    def _block_start(self, event: JsonObject) -> tuple[Event, ...]:
        document = said_fields(event.get("content_block"))
        wire_index = event.get("index")
        at = wire_index if isinstance(wire_index, int) else -1 - self._count
        events = [*self._begin({})]
        if at in self._blocks:
            events += self._block_stop(event)
        block = _Block(document, self._count, self._origin)
        if isinstance(block.part, ToolCall) and not block.part.name:
            return (*events, *self._fail("error", _NAMELESS, "invalid_event"))
        self._has_call = self._has_call or isinstance(block.part, ToolCall)
        self._blocks[at] = block
        self._count += 1
        return (*events, *self._release())

    def _block_delta(self, event: JsonObject) -> tuple[Event, ...]:
        delta, block = event.get("delta"), self._block(event)
        if block is None or block.is_over or not isinstance(delta, dict):
            return self._fail("error", "The upstream sent a piece of no open block.", "invalid_event")
        said = self._said(block, delta)
        if "copilot_annotations" in event or "copilot_annotations" in delta:
            notes = event.get("copilot_annotations") or delta.get("copilot_annotations")
            said.append(NativeEvent(ORIGIN, {"copilot_annotations": notes}, block.index))
        if not block.held and block is next(iter(self._blocks.values())):
            return tuple(said)
        block.held += said
        return ()

    def _block(self, event: JsonObject) -> _Block | None:
        """The block an event is about; the newest one where it does not say."""
        index = event.get("index")
        if isinstance(index, int):
            return self._blocks.get(index)
        return next(reversed(self._blocks.values()), None)

    def _said(self, block: _Block, delta: JsonObject) -> list[Event]:
        if block.native is not None:
            _grow(block, delta)
            return []
        index, kind = block.index, delta.get("type")
        piece = _PIECES.get(kind) if isinstance(kind, str) else None
        if piece is not None and isinstance(block.part, piece[2]):
            text = word(delta.get(piece[0]))
            block.has_input = block.has_input or bool(text)
            return [piece[1](index, text)] if text else []
        if kind == "signature_delta":
            return [OpaqueSet(index, Opaque(self._origin, {"signature": word(delta.get("signature"))}))]
        if kind == "citations_delta":
            citation = delta.get("citation")
            return [CitationAdded(index, read_citation(citation))] if isinstance(citation, dict) else []
        return [NativeEvent(ORIGIN, {"delta": delta}, index)]

    def _block_stop(self, event: JsonObject) -> tuple[Event, ...]:
        block = self._block(event)
        if block is None or block.is_over:
            return ()
        self._close(block)
        return self._release()

    def _close(self, block: _Block) -> None:
        block.is_over = True
        if block.native is not None:
            if block.input:
                block.native["input"] = _read_input("".join(block.input))
            block.held.append(PartStarted(block.index, read_reply_block(block.native, self._origin)))
        elif isinstance(block.part, ToolCall) and not block.has_input:
            block.held.append(ToolInputDelta(block.index, block.part.arguments))
        block.held.append(PartEnded(block.index))

    def _release(self) -> tuple[Event, ...]:
        """What the speaking block held back, and the next ones' where it is over."""
        events: list[Event] = []
        for wire_index, block in [*self._blocks.items()]:
            events += block.held
            block.held = []
            if not block.is_over:
                break
            del self._blocks[wire_index]
        return tuple(events)

    def _message_delta(self, event: JsonObject) -> tuple[Event, ...]:
        started = self._begin({})
        self._count_usage(event)
        self._delta.update(said_fields(event.get("delta")))
        self._end.update(event)
        return (*started, *self._counted())

    def _counted(self) -> tuple[Event, ...]:
        """What was counted and not told yet; it waits while a part is open."""
        usage = add_price(read_usage(self._counts), self._price)
        if usage is None or self._blocks or not self._has_news:
            return ()
        self._has_news = False
        return (UsageSeen(usage),)

    def _count_usage(self, message: JsonObject) -> None:
        self._has_news = True
        self._counts.update(said_fields(message.get("usage")))
        price = message.get("copilot_usage")
        self._price = self._price if price is None else price

    def _stop(self, event: JsonObject) -> tuple[Event, ...]:
        self._is_over = True
        raw = word(self._delta.get("stop_reason"))
        extras = left_of_end({**self._end, **event}, self._delta, self._counts)
        sequence = word(self._delta.get("stop_sequence")) or None
        parts = self._end_parts()
        ended = ReplyEnded(self._fitting(read_finish(raw)), sequence, extras)
        return (*self._begin({}), *parts, *self._counted(), ended)

    def _fitting(self, finish: Finish) -> Finish:
        """The reason that fits the calls: clients run them, or look for them, by its word."""
        said = (finish.reason, self._has_call)
        if said == (FinishReason.STOP, True):
            return Finish(FinishReason.TOOL_CALLS, finish.raw)
        if said == (FinishReason.TOOL_CALLS, False):
            return Finish(FinishReason.STOP, finish.raw)
        return finish

    def _end_parts(self) -> tuple[Event, ...]:
        for block in self._blocks.values():
            if not block.is_over:
                self._close(block)
        return self._release()

    def _error(self, event: JsonObject) -> tuple[Event, ...]:
        error = said_fields(event.get("error"))
        return self._fail("error", read_failure(error), word(error.get("type")))

    def _fail(self, kind: str, message: str, code: str) -> tuple[Event, ...]:
        self._is_over = True
        failed = ReplyFailed("cut" if kind == "cut" else "error", message, code)
        released = self._release()
        self._blocks.clear()  # what was counted is told, although a part stays open
        return (*self._begin({}), *released, *self._counted(), failed)

    _EVENTS: ClassVar[dict[str, Callable[["MessagesReader", JsonObject], tuple[Event, ...]]]] = {
        "message_start": _start,
        "content_block_start": _block_start,
        "content_block_delta": _block_delta,
        "content_block_stop": _block_stop,
        "message_delta": _message_delta,
        "message_stop": _stop,
        "error": _error,
    }


def _grow(block: _Block, delta: JsonObject) -> None:
    """Add a delta to a block that only Messages knows: input in pieces, everything else as a whole."""
    native = cast("JsonObject", block.native)
    if delta.get("type") == "input_json_delta":
        block.input.append(word(delta.get("partial_json")))
        return
    native.update((name, value) for name, value in delta.items() if name != "type" and value is not None)


def _read_input(text: str) -> Json:
    try:
        return cast("Json", _JSON.decode(text)) if text.strip() else {}
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return text


_PIECES: Final[dict[str, tuple[str, Callable[[int, str], Event], type]]] = {
    "text_delta": ("text", TextDelta, Text),
    "thinking_delta": ("thinking", ReasoningDelta, Reasoning),
    "input_json_delta": ("partial_json", ToolInputDelta, ToolCall),
}
