"""A streamed answer, read into events.

Owns the state of one answer. Never raises. Everything is keyed by `output_index` (and `content_index`): item ids
differ between the events of one item. What an item holds is believed when the item is done; deltas are for those who
cannot wait.
Source: openai-python 3.54, types/responses/response_stream_event; upstream contract 5.3 (read 2026-11).

    answer := created event* (completed | incomplete | failed | cancelled | error)
    item   := output_item.added (content_part.added delta* content_part.done)* delta* output_item.done

Parts speak one at a time, in the order they were announced: what a later one says meanwhile is held back.
"""

from collections import deque
from collections.abc import Callable
from typing import Final

import msgspec

from copilot_api.errors import MalformedRequest
from copilot_api.neutral.events import (
    CitationAdded,
    Event,
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
from copilot_api.neutral.extras import Extras, Json, JsonObject
from copilot_api.neutral.parts import NativePart, Part, Reasoning, Refusal, Text, ToolCall
from copilot_api.protocols.billing import add_price
from copilot_api.protocols.openai.logprobs import read_logprobs
from copilot_api.protocols.responses.reading.content import ORIGIN, read_citation
from copilot_api.protocols.responses.reading.output import (
    LOGPROBS,
    PHASE,
    bare,
    created_at,
    phase_of,
    read_item,
    read_native,
    text_field,
)
from copilot_api.protocols.responses.tap import CANCELLED, read_failure, read_finish, read_usage
from copilot_api.wire.sse import Frame

_DECODER: Final = msgspec.json.Decoder()
_WHOLE: Final = -1
"""The content index of an item that is one part."""
_Key = tuple[int, int]


class _Slot:
    """One part of the answer: what it began as, and which of its pieces came as deltas."""

    __slots__ = ("citations", "has_logprobs", "has_raw", "held", "index", "is_ended", "kind", "pieces")

    def __init__(self, index: int, part: Part) -> None:
        self.index = index
        self.kind = type(part)
        self.held: list[Event] = []
        self.is_ended = False
        self.pieces: set[int] = set()
        self.citations = 0
        self.has_logprobs = False
        self.has_raw = False


class ResponsesReader:
    """Reads one streamed answer; `origin` is put on the blobs it meets."""

    def __init__(self, origin: str) -> None:
        self._origin = origin
        self._out: list[Event] = []
        self._slots: dict[_Key, _Slot] = {}
        self._waiting: deque[_Slot] = deque()
        self._speaking: _Slot | None = None
        self._phases: dict[int, str | None] = {}
        self._done: set[int] = set()
        self._has_started = False
        self._has_ended = False

    def feed(self, frame: Frame) -> tuple[Event, ...]:
        """Advance by one frame."""
        if self._has_ended:
            return ()
        try:
            event: Json = _DECODER.decode(frame.data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return ()
        if not isinstance(event, dict):
            return ()
        kind = event.get("type")
        act = _ACTIONS.get(kind) if isinstance(kind, str) else (_on_error if "error" in event else None)
        if act is None:
            return ()
        if not self._has_started:
            self._start(event)
        act(self, event)
        events, self._out = tuple(self._out), []
        return events

    def finish(self) -> tuple[Event, ...]:
        """The end of input; without a terminal event the answer was cut."""
        if self._has_ended:
            return ()
        if not self._has_started:
            self._start({})
        self._close(ReplyFailed("cut", "The upstream's answer broke off before it was complete."))
        events, self._out = tuple(self._out), []
        return events

    def _start(self, event: JsonObject) -> None:
        known: JsonObject = response if isinstance(response := event.get("response"), dict) else {}
        self._has_started = True
        self._out.append(ReplyStarted(text_field(known, "id"), text_field(known, "model"), created_at(known)))

    def open(self, key: _Key, part: Part) -> _Slot:
        """Announce a part; it speaks when all before it have ended."""
        slot = self._slots[key] = _Slot(len(self._slots), part)
        started = PartStarted(slot.index, part)
        if self._speaking is None:
            self._speaking = slot
            self._out.append(started)
        else:
            self._waiting.append(slot)
            slot.held.append(started)
        return slot

    def say(self, slot: _Slot, event: Event) -> None:
        """Let a part speak, or keep what it says until it may."""
        (self._out if slot is self._speaking else slot.held).append(event)

    def end(self, slot: _Slot, part: Part | None = None) -> None:
        """End a part; the next one speaks, with all it has said so far."""
        self.say(slot, PartEnded(slot.index, part))
        slot.is_ended = True
        while self._speaking is None or self._speaking.is_ended:
            if not self._waiting:
                self._speaking = None
                return
            self._speaking = self._waiting.popleft()
            self._out += self._speaking.held

    def slot(self, key: _Key, kind: type[Text] | type[Refusal] | type[Reasoning] | None) -> _Slot | None:
        """The slot at `key`; one that nobody announced is opened as `kind`, but for a call (None).

        None: nothing, or nothing of this kind, can be said there any more.
        """
        slot = self._slots.get(key)
        if slot is None and kind is not None and key[0] not in self._done:
            slot = self.open(key, self._begun(key[0], kind))
        is_apt = slot is not None and not slot.is_ended and slot.kind is (kind or ToolCall)
        return slot if is_apt else None

    def _begun(self, index: int, kind: type[Text] | type[Refusal] | type[Reasoning]) -> Part:
        phase = self._phases.get(index)
        extras = None if phase is None else Extras(ORIGIN, {}, {PHASE: phase})
        if kind is Text:
            return Text("", extras=extras)
        return Refusal("", extras) if kind is Refusal else Reasoning()

    def announce(self, index: int, item: JsonObject) -> None:
        """An item begins; one that was announced before goes on."""
        if (index, _WHOLE) in self._slots:
            return
        part: Part
        match item.get("type"):
            case "message":
                self._phases[index] = phase_of(item)
                return
            case "reasoning":
                part = Reasoning()
            case "function_call" | "custom_tool_call" as kind:
                call_id, name = text_field(item, "call_id"), text_field(item, "name")
                if not call_id or not name:
                    return  # the finished item says it
                namespace = text_field(item, "namespace") or None
                is_custom = kind == "custom_tool_call"
                part = ToolCall(call_id, name, "", "custom" if is_custom else "function", namespace)
            case _:
                part = read_native(item, self._origin)
        self.open((index, _WHOLE), part)

    def complete(self, index: int, item: JsonObject) -> None:
        """An item is done: say what its deltas left out, and end its parts."""
        if self._has_ended:
            return
        self._done.add(index)
        try:
            parts = read_item(item, self._origin)
        except MalformedRequest:
            parts = ()
        is_message = item.get("type") == "message"
        for place, part in enumerate(parts):
            if isinstance(part, ToolCall) and not part.name:
                self.fail(
                    {"message": "The upstream called a tool without naming it.", "code": "invalid_event"}
                )
                return
            key = (index, place if is_message else _WHOLE)
            slot = self._slots.get(key) or self.open(key, bare(part))
            if not slot.is_ended:
                self._complete(slot, part)
        for key, slot in list(self._slots.items()):
            if key[0] == index and not slot.is_ended:
                self.end(slot)

    def _complete(self, slot: _Slot, part: Part) -> None:
        if type(part) is not slot.kind:
            self.end(slot)
            return
        index = slot.index
        match part:
            case Text() if (not slot.pieces and part.text) or (not slot.has_logprobs and part.logprobs):
                said = "" if slot.pieces else part.text
                self.say(slot, TextDelta(index, said, part.logprobs))
            case Refusal() if not slot.pieces and part.text:
                self.say(slot, TextDelta(index, part.text))
            case ToolCall() if not slot.pieces and part.arguments:
                self.say(slot, ToolInputDelta(index, part.arguments))
            case Reasoning():
                for piece in range(len(slot.pieces), len(part.summary)):
                    self.say(slot, ReasoningDelta(index, part.summary[piece], piece))
                if part.text and not slot.has_raw:
                    self.say(slot, ReasoningDelta(index, part.text, is_raw=True))
            case _:
                pass
        if isinstance(part, Text):
            for citation in part.citations[slot.citations :]:
                self.say(slot, CitationAdded(index, citation))
        opaque = part.opaque if isinstance(part, Reasoning | NativePart) else None
        if opaque is not None:
            self.say(slot, OpaqueSet(index, opaque))
        self.end(slot, part)

    def conclude(self, event: JsonObject, status: str) -> None:
        """The terminal event: it repeats the whole answer, which is believed where items were not told."""
        response: JsonObject = known if isinstance(known := event.get("response"), dict) else {}
        output = response.get("output")
        if status in ("completed", "incomplete"):
            is_silent = not self._done
            for index, item in enumerate(output if isinstance(output, list) else ()):
                is_open = any(key[0] == index for key in self._slots)
                if isinstance(item, dict) and index not in self._done and (is_silent or is_open):
                    self.complete(index, item)
            if self._has_ended:
                return
        usage = add_price(read_usage(response.get("usage")), event.get("copilot_usage"))
        if status not in ("failed", "cancelled"):
            self._end_parts()
        if usage is not None:
            self._out.append(UsageSeen(usage))
        if status == "failed":
            self._close(ReplyFailed("error", *read_failure(response.get("error"))))
        elif status == "cancelled":
            self._close(ReplyFailed("error", CANCELLED, "cancelled"))
        else:
            details = response.get("incomplete_details")
            is_calling = any(slot.kind is ToolCall for slot in self._slots.values())
            self._close(ReplyEnded(read_finish(status, details, is_calling=is_calling)))

    def fail(self, error: Json) -> None:
        """Upstream says what went wrong, and nothing follows."""
        self._close(ReplyFailed("error", *read_failure(error)))

    def _end_parts(self) -> None:
        for slot in list(self._slots.values()):
            if not slot.is_ended:
                self.end(slot)

    def _close(self, end: ReplyEnded | ReplyFailed) -> None:
        self._out.append(end)
        self._has_ended = True


def _number(event: JsonObject, name: str) -> int:
    return value if isinstance(value := event.get(name), int) else 0


def _delta(event: JsonObject) -> str:
    return value if isinstance(value := event.get("delta"), str) else ""


def _on_added(reader: ResponsesReader, event: JsonObject) -> None:
    item = event.get("item")
    if isinstance(item, dict):
        reader.announce(_number(event, "output_index"), item)


def _on_done(reader: ResponsesReader, event: JsonObject) -> None:
    item = event.get("item")
    if isinstance(item, dict):
        reader.complete(_number(event, "output_index"), item)


def _on_part(reader: ResponsesReader, event: JsonObject) -> None:
    part = event.get("part")
    kind = part.get("type") if isinstance(part, dict) else None
    if kind in ("output_text", "refusal"):
        reader.slot(_place(event), Text if kind == "output_text" else Refusal)


def _on_text(reader: ResponsesReader, event: JsonObject) -> None:
    slot, text = reader.slot(_place(event), Text), _delta(event)
    if slot is not None and text:
        slot.pieces.add(0)
        weighed = event.get(LOGPROBS)
        tokens = read_logprobs(weighed) if weighed else ()
        slot.has_logprobs = slot.has_logprobs or bool(tokens)
        reader.say(slot, TextDelta(slot.index, text, tokens))


def _on_refusal(reader: ResponsesReader, event: JsonObject) -> None:
    slot, text = reader.slot(_place(event), Refusal), _delta(event)
    if slot is not None and text:
        slot.pieces.add(0)
        reader.say(slot, TextDelta(slot.index, text))


def _on_annotation(reader: ResponsesReader, event: JsonObject) -> None:
    slot, annotation = reader.slot(_place(event), Text), event.get("annotation")
    if slot is not None and isinstance(annotation, dict):
        slot.citations += 1
        reader.say(slot, CitationAdded(slot.index, read_citation(annotation)))


def _on_summary(reader: ResponsesReader, event: JsonObject) -> None:
    slot, text = reader.slot((_number(event, "output_index"), _WHOLE), Reasoning), _delta(event)
    if slot is not None and text:
        # Pieces are counted without gaps, whatever upstream counts; the newest one speaks.
        slot.pieces.add(_number(event, "summary_index"))
        reader.say(slot, ReasoningDelta(slot.index, text, len(slot.pieces) - 1))


def _on_raw(reader: ResponsesReader, event: JsonObject) -> None:
    slot, text = reader.slot((_number(event, "output_index"), _WHOLE), Reasoning), _delta(event)
    if slot is not None and text:
        slot.has_raw = True
        reader.say(slot, ReasoningDelta(slot.index, text, is_raw=True))


def _on_input(reader: ResponsesReader, event: JsonObject) -> None:
    slot, text = reader.slot((_number(event, "output_index"), _WHOLE), None), _delta(event)
    if slot is not None and text:
        slot.pieces.add(0)
        reader.say(slot, ToolInputDelta(slot.index, text))


def _on_error(reader: ResponsesReader, event: JsonObject) -> None:
    error = event.get("error")
    reader.fail(error if error is not None else event)


def _on_nothing(reader: ResponsesReader, event: JsonObject) -> None:
    """The answer has begun; that is all."""


def _place(event: JsonObject) -> _Key:
    return _number(event, "output_index"), _number(event, "content_index")


def _ending(status: str) -> Callable[[ResponsesReader, JsonObject], None]:
    return lambda reader, event: reader.conclude(event, status)


_ACTIONS: Final[dict[str, Callable[[ResponsesReader, JsonObject], None]]] = {
    "response.created": _on_nothing,
    "response.in_progress": _on_nothing,
    "response.queued": _on_nothing,
    "response.output_item.added": _on_added,
    "response.output_item.done": _on_done,
    "response.content_part.added": _on_part,
    "response.output_text.delta": _on_text,
    "response.output_text.annotation.added": _on_annotation,
    "response.refusal.delta": _on_refusal,
    "response.reasoning_summary_text.delta": _on_summary,
    "response.reasoning_text.delta": _on_raw,
    "response.function_call_arguments.delta": _on_input,
    "response.custom_tool_call_input.delta": _on_input,
    "response.completed": _ending("completed"),
    "response.incomplete": _ending("incomplete"),
    "response.failed": _ending("failed"),
    "response.cancelled": _ending("cancelled"),
    "error": _on_error,
}
