"""An answer for Responses clients, streamed or whole.

Owns the order of items and the ending. Takes every legal sequence of events. The whole form is the terminal event's
`response` of the same answer streamed, so that the two cannot drift.
Source: openai-python 3.54, types/responses; upstream contract 5.3; clients.md 2 (read 2026-11).

    answer := response.created response.in_progress item* (completed | incomplete | failed)
"""

from typing import Final

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
from copilot_api.neutral.extras import Extras, Json, JsonObject
from copilot_api.neutral.fold import Completion, unfold
from copilot_api.neutral.loss import Handling, Loss
from copilot_api.neutral.opaque import Opaque, seal
from copilot_api.neutral.parts import (
    Citation,
    NativePart,
    Part,
    Reasoning,
    Refusal,
    Text,
    ToolCall,
)
from copilot_api.neutral.request import ModelRequest
from copilot_api.neutral.usage import FinishReason, Usage
from copilot_api.protocols.base import ToolNames, Voice
from copilot_api.protocols.responses.reading.content import ORIGIN
from copilot_api.protocols.responses.reading.items import BESIDE
from copilot_api.protocols.responses.reading.output import PHASE
from copilot_api.protocols.responses.reading.tools import is_tool_search
from copilot_api.protocols.responses.writing.envelope import Numbering, ResponseObject, fit_id
from copilot_api.protocols.responses.writing.speaking import Call, Item, Message, Search, Thought, call_item
from copilot_api.protocols.tools import CallRestorer

_INCOMPLETE: Final = {
    FinishReason.LENGTH: "max_output_tokens",
    FinishReason.CONTEXT: "max_output_tokens",
    FinishReason.CONTENT_FILTER: "content_filter",
    FinishReason.REFUSAL: "content_filter",
}
_Spoken = Message | Thought | Call | Search


class ResponsesWriter:
    """Writes one answer; `response` is the whole answer once it has ended."""

    def __init__(self, request: ModelRequest, voice: Voice, names: ToolNames) -> None:
        self._request = request
        self._voice = voice
        self._restorer = CallRestorer(names)
        self._has_search = any(is_tool_search(tool) for tool in request.tools)
        self._numbering = Numbering()
        self._object: ResponseObject | None = None
        self._output: list[Json] = []
        self._spoken: _Spoken | None = None
        self._part: Part | None = None
        self._opaque: Opaque | None = None
        self._usage: Usage | None = None
        self._has_refused = False
        self.losses: tuple[Loss, ...] = ()
        self.response: JsonObject | None = None

    def feed(self, event: Event) -> bytes:
        """The frames for one event, possibly none."""
        restored = self._restorer.feed(event)
        if len(restored) == 1:
            return self._feed(restored[0])
        return b"".join([self._feed(one) for one in restored])

    def _feed(self, event: Event) -> bytes:
        match event:
            case TextDelta() | ToolInputDelta() | ReasoningDelta() | CitationAdded():
                return self._speak(event)
            case OpaqueSet():
                self._opaque = event.opaque
                return b""
            case PartStarted():
                return self._begin(event.part)
            case PartEnded():
                return self._end(event.part)
            case _:
                return self._feed_rare(event)

    def _speak(self, event: TextDelta | ToolInputDelta | ReasoningDelta | CitationAdded) -> bytes:
        match self._spoken, event:
            case ((Message() as message), TextDelta()):
                return message.say(event.text, event.logprobs)
            case ((Call() | Search() as call), ToolInputDelta()):
                return call.say(event.text)
            case ((Thought() as thought), ReasoningDelta()):
                return thought.say(event.text, event.piece, is_raw=event.is_raw)
            case ((Message() as message), CitationAdded()):
                return self._cite(message, event.citation)
            case _:
                return b""

    def _feed_rare(self, event: Event) -> bytes:
        match event:
            case ReplyStarted():
                return self._start(event)
            case UsageSeen():
                self._usage = event.usage
            case NativeEvent() if event.origin != ORIGIN:
                kind = event.document.get("type")
                self._lose(kind if isinstance(kind, str) else "event", event.origin, "such an event")
            case ReplyEnded():
                return self._conclude(event)
            case ReplyFailed():
                return self._fail(event)
            case _:
                pass
        return b""

    def _start(self, event: ReplyStarted) -> bytes:
        voice, numbering = self._voice, self._numbering
        numbering.answer_id = fit_id(event.id, voice)
        created = voice.created_unix_s if event.created_unix_s is None else event.created_unix_s
        self._object = ResponseObject(self._request, numbering.answer_id, created, event.model or voice.model)
        self._lose_extras("response", event.extras)
        begun: JsonObject = {"response": self._object.begun()}
        return numbering.event("response.created", begun) + numbering.event("response.in_progress", begun)

    def _begin(self, part: Part) -> bytes:
        self._part, self._opaque = part, None
        index = len(self._output)
        match part:
            case Text() | Refusal():
                self._has_refused = self._has_refused or isinstance(part, Refusal)
                message = self._spoken = Message(self._numbering, index, part, _phase(part.extras))
                frames = message.say(part.text, part.logprobs if isinstance(part, Text) else ())
                for citation in part.citations if isinstance(part, Text) else ():
                    frames += self._cite(message, citation)
                return frames
            case Reasoning():
                thought = self._spoken = Thought(self._numbering, index)
                return thought.start(part)
            case ToolCall():
                call = self._spoken = call_item(self._numbering, index, part, has_search=self._has_search)
                return call.begin() + call.say(part.arguments)
            case _:
                self._spoken = None
                return b""

    def _end(self, whole: Part | None) -> bytes:
        spoken, started, self._spoken = self._spoken, self._part, None
        part = whole if whole is not None else started
        opaque = self._opaque or getattr(part, "opaque", None)
        if spoken is None:
            return self._write_whole(part, opaque)
        frames = _correct(spoken, whole)
        if isinstance(spoken, Thought):
            spoken.opaque, opaque = opaque, None
        self._lose_extras(f"output[{len(self._output)}]", getattr(part, "extras", None))
        frames += spoken.end()
        if spoken.document is not None:
            self._output.append(spoken.document)
        return frames if opaque is None else frames + self._write_beside(opaque)

    def _write_beside(self, opaque: Opaque) -> bytes:
        """A blob of a text or a call, which have no place for one: a reasoning item behind it brings it back."""
        thought = Thought(self._numbering, len(self._output))
        thought.opaque = Opaque(opaque.origin, {**opaque.payload, BESIDE: "previous"})
        frames = thought.end()
        self._output.append(thought.document)
        return frames

    def _write_whole(self, part: Part | None, opaque: Opaque | None) -> bytes:
        path = f"output[{len(self._output)}]"
        match part:
            case NativePart() if part.origin == ORIGIN and isinstance(kind := part.document.get("type"), str):
                return self._write_native(part.document, kind, opaque)
            case NativePart() if part.text:
                self._lose(path, part.origin, "such a part: said as text", Handling.APPROXIMATED)
                return self._begin(Text(part.text)) + self._end(None)
            case NativePart():
                self._lose(path, part.origin, "such a part")
            case _:
                self._lose(path, "", f"such a part in an answer: {type(part).__name__}")
        return b""

    def _write_native(self, document: JsonObject, kind: str, opaque: Opaque | None) -> bytes:
        item = Item(self._numbering, len(self._output), kind)
        known = {name: value for name, value in document.items() if name not in ("id", "type")}
        frames = item.added(known)
        frames += item.done(known if opaque is None else {**known, "encrypted_content": seal(opaque)})
        self._output.append(item.document)
        return frames

    def _cite(self, message: Message, citation: Citation) -> bytes:
        frames = message.cite(citation)
        if frames is None:
            self._lose(
                f"output[{len(self._output)}].annotations", citation.origin, "a source without an address"
            )
        return frames or b""

    def _conclude(self, event: ReplyEnded) -> bytes:
        reason = event.finish.reason
        self._lose_extras("response", event.extras)
        if reason is FinishReason.ERROR:
            return self._fail(ReplyFailed("error", "The model ended its answer with an error."))
        if reason is FinishReason.PAUSE:
            self._lose("response", "", "a pause to be continued", Handling.APPROXIMATED)
        why = _INCOMPLETE.get(reason)
        if reason is FinishReason.REFUSAL and self._has_refused:
            why = None  # the refusal was said in words
        if why is None:
            return self._close("completed")
        return self._close("incomplete", incomplete_details={"reason": why})

    def _fail(self, event: ReplyFailed) -> bytes:
        code = event.code or ("upstream_protocol_error" if event.kind == "cut" else "server_error")
        message = event.message or "The upstream failed without a word."
        self._lose_extras("error", event.extras)
        return self._close("failed", error={"code": code, "message": message})

    def _close(self, status: str, **fields: Json) -> bytes:
        if self._object is None:
            return b""
        self.response = self._object.ended(status, self._output, self._usage, **fields)
        return self._numbering.event(f"response.{status}", {"response": self.response})

    def _lose(self, path: str, origin: str, what: str, handling: Handling = Handling.DROPPED) -> None:
        loss = Loss(path, origin, ORIGIN, handling, f"Responses has no place for {what}")
        if loss not in self.losses:
            self.losses = (*self.losses, loss)

    def _lose_extras(self, path: str, extras: Extras | None) -> None:
        if extras is None or extras.origin == ORIGIN:
            return
        for name, value in extras.fields.items():
            if value is not None:
                self._lose(f"{path}.{name}", extras.origin, "this field")


def _phase(extras: Extras | None) -> str | None:
    phase = extras.spelled.get(PHASE) if extras is not None and extras.origin == ORIGIN else None
    return phase if isinstance(phase, str) else None


def _correct(spoken: _Spoken, whole: Part | None) -> bytes:
    match spoken, whole:
        case Message(), Text() | Refusal():
            return spoken.correct(whole)
        case Thought(), Reasoning():
            return spoken.correct(whole)
        case ((Call() | Search()), ToolCall()):
            return spoken.correct(whole)
        case _:
            return b""


def write_reply(
    completion: Completion, request: ModelRequest, voice: Voice, names: ToolNames
) -> tuple[JsonObject, tuple[Loss, ...]]:
    """A whole answer: what the same answer streamed would end with."""
    writer = ResponsesWriter(request, voice, names)
    for event in unfold(completion):
        writer.feed(event)
    return writer.response or {}, writer.losses
