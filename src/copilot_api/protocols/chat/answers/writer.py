"""Events to a chat stream, always in the strict form.

    stream := role-chunk chunk* finish-chunk usage-chunk? "[DONE]"   |   chunk* error

Thinking is sent twice, as `reasoning_text` (Copilot's own name: its clients read that and echo it beside
`reasoning_opaque`) and as `reasoning_content` (what opencode, aider and Copilot CLI read and replay); a client that
knows several names takes the first it finds. `reasoning_opaque` is sent once, last, since clients add up the strings
of deltas. Annotations are numbered, since openai-python cannot add up lists without an index.
Source: openai 3.54, types/chat/chat_completion_chunk.py and lib/streaming/_deltas.py; client survey 1, 2 (read
2026-11).
"""

from typing import Final

import msgspec

from copilot_api.errors import UpstreamProtocolError
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
from copilot_api.neutral.fold import Folder
from copilot_api.neutral.loss import Loss
from copilot_api.neutral.opaque import Opaque
from copilot_api.neutral.parts import (
    Citation,
    File,
    Image,
    NativePart,
    Part,
    Reasoning,
    Refusal,
    Text,
    TokenLogprob,
    ToolCall,
    ToolResult,
)
from copilot_api.neutral.request import ModelRequest
from copilot_api.neutral.usage import Finish, Usage
from copilot_api.protocols.base import ToolNames, Voice
from copilot_api.protocols.chat.answers.annotations import annotation
from copilot_api.protocols.chat.answers.whole import (
    ANSWER,
    BETWEEN_THOUGHTS,
    MESSAGE,
    UNCITED,
    freeform_tools,
    note_native,
    write_call,
    write_weights,
)
from copilot_api.protocols.chat.errors import write_stream_error
from copilot_api.protocols.chat.slots import DETAILS, FIELD, SlotWriter, write_details
from copilot_api.protocols.chat.words import ORIGIN, write_finish, write_usage
from copilot_api.protocols.losses import Losses
from copilot_api.protocols.tools import CallRestorer, wrap_input

_DONE: Final = b"data: [DONE]\n\n"
_FUNCTION: Final = b',"function":{"arguments":'
_CUSTOM: Final = b',"custom":{"input":'
_CUT: Final = "The answer was cut off upstream before it was complete. Send the request again."
_NO_BLOB: Final = (Refusal, Image, File, ToolResult, type(None))
_encode: Final = msgspec.json.Encoder().encode


class ChatWriter:
    """Writes one answer to a streaming chat client."""

    def __init__(self, request: ModelRequest, voice: Voice, names: ToolNames) -> None:
        self._voice = voice
        self._wants_usage = request.wants_stream_usage is True
        self._restorer = CallRestorer(names)
        self._is_plain = not names.back and not names.wrapped
        self._losses = Losses(ANSWER, ORIGIN)
        self._freeform = freeform_tools(request)
        self._call_form: bytes = _FUNCTION
        self._id = voice.answer_id
        self._first_call = ""
        self._head = self._middle = self._tail = self._rest = b""
        self._has_ended = False
        self._open: Part | None = None
        self._field = b'{"content":'
        self._opaque: Opaque | None = None
        self._has_spoken = self._is_wrapped = False  # the open part
        self._slot = SlotWriter()
        self._thought = Folder()
        self._piece: int | None = None  # of the thought that was last added to, in this part
        self._has_thought = self._has_refused = False
        self._chars = self._part_chars = self._calls = 0
        self._cited: list[Citation] = []  # by the open part
        self._annotations = 0
        self._usage: Usage | None = None

    @property
    def losses(self) -> tuple[Loss, ...]:
        """What could not be said so far."""
        return self._losses.all

    def feed(self, event: Event) -> bytes:
        """The frames for one event; nothing after the end."""
        if self._has_ended:
            return b""
        if self._is_plain:
            return self._write(event)
        return b"".join([self._write(restored) for restored in self._restorer.feed(event)])

    def _write(self, event: Event) -> bytes:
        match event:
            case TextDelta():
                return self._say(event.text, event.logprobs)
            case ToolInputDelta():
                return self._give(event.text)
            case ReasoningDelta():
                self._thought.feed(event)
                return self._think(event.text, -1 if event.is_raw else event.piece)
            case OpaqueSet():
                self._opaque = event.opaque
            case CitationAdded():
                self._cited.append(event.citation)
            case UsageSeen():
                self._usage = event.usage
            case NativeEvent():
                self._losses.drop(MESSAGE, f"only {event.origin} says this", event.origin)
            case _:
                return self._write_border(event)
        return b""

    def _write_border(
        self, event: ReplyStarted | PartStarted | PartEnded | ReplyEnded | ReplyFailed
    ) -> bytes:
        match event:
            case ReplyStarted():
                return self._start(event)
            case PartStarted():
                return self._start_part(event.part)
            case PartEnded():
                return self._end_part(event)
            case ReplyEnded():
                return self._end(event.finish)
            case _:
                self._has_ended = True
                error = UpstreamProtocolError(event.message or _CUT, code=event.code or None)
                return write_stream_error(error, self._id)

    def _start(self, event: ReplyStarted) -> bytes:
        self._id = event.id or self._id
        identity = _encode(
            {
                "id": self._id,
                "object": "chat.completion.chunk",
                "created": event.created_unix_s or self._voice.created_unix_s,
                "model": event.model or self._voice.model,
            }
        )[:-1]
        self._head = b"data: " + identity + b',"choices":[{"index":0,"delta":'
        self._middle = b',"logprobs":null,"finish_reason":'
        # OpenAI sends a null usage on every chunk of a stream that will end with one.
        self._tail = b'}],"usage":null}\n\n' if self._wants_usage else b"}]}\n\n"
        self._rest = self._middle + b"null" + self._tail
        return self._chunk(b'{"role":"assistant","content":""}')

    def _chunk(self, delta: bytes) -> bytes:
        return self._head + delta + self._rest

    def _say(self, text: str, logprobs: tuple[TokenLogprob, ...] = ()) -> bytes:
        self._has_spoken = True
        self._part_chars += len(text)
        if logprobs:
            weights = _encode(write_weights(logprobs))
            rest = b',"logprobs":' + weights + b',"finish_reason":null' + self._tail
            return self._head + self._field + _encode(text) + b"}" + rest
        return self._head + self._field + _encode(text) + b"}" + self._rest

    def _give(self, text: str) -> bytes:
        self._has_spoken = True
        if self._is_wrapped:
            text = _encode(text)[1:-1].decode()
        return self._add(text)

    def _add(self, arguments: str) -> bytes:
        said = _encode(arguments)
        return self._chunk(b'{"tool_calls":[{"index":%d%b%b}}]}' % (self._calls - 1, self._call_form, said))

    def _think(self, text: str, piece: int) -> bytes:
        if not text:
            return b""
        if self._has_thought and piece != self._piece:
            text = BETWEEN_THOUGHTS + text
        self._piece, self._has_thought, self._has_spoken = piece, True, True
        said = _encode(text)
        return self._chunk(b'{"reasoning_text":%b,"reasoning_content":%b}' % (said, said))

    def _start_part(self, part: Part) -> bytes:
        self._open, self._opaque, self._has_spoken, self._part_chars = part, None, False, 0
        match part:
            case Text():
                self._field = b'{"content":'
                self._cited = [*part.citations]
                return self._say(part.text, part.logprobs) if part.text else b""
            case Refusal():
                self._field, self._has_refused = b'{"refusal":', True
                return self._say(part.text) if part.text else b""
            case Reasoning():
                self._piece = None
                self._thought = Folder()
                self._thought.feed(PartStarted(0, part))
                return self._think_whole(part)
            case ToolCall():
                return self._start_call(part)
            case NativePart():
                note_native(part, self._losses)
                self._field = b'{"content":'
                return self._say(part.text) if part.text else b""
            case _:
                self._losses.drop(MESSAGE, "chat answers with text and calls only")
                return b""

    def _start_call(self, call: ToolCall) -> bytes:
        document: JsonObject = {
            "index": self._calls,
            **write_call(call, self._id, self._calls, self._freeform),
        }
        is_freeform = document["type"] == "custom"
        self._call_form = _CUSTOM if is_freeform else _FUNCTION
        self._is_wrapped = call.kind == "custom" and not is_freeform
        self._has_spoken = bool(call.arguments)
        if not is_freeform:
            # The wrapping of a freeform input stays open until the call ends.
            begun = wrap_input(call.arguments)[:-2] if self._is_wrapped else call.arguments
            document["function"] = {"name": call.name, "arguments": begun}
        if not self._calls:
            self._first_call = str(document["id"])
        self._calls += 1
        return self._chunk(_encode({"tool_calls": [document]}))

    def _end_part(self, event: PartEnded) -> bytes:
        part = event.part if event.part is not None else self._open
        written = b""
        opaque = self._opaque or (None if isinstance(part, _NO_BLOB) else part.opaque)
        match part:
            case Text() | Refusal():
                if not self._has_spoken and part.text:
                    written = self._say(part.text, part.logprobs if isinstance(part, Text) else ())
                if isinstance(part, Text):
                    written += self._cite()
                    self._slot.add_text(self._part_chars, opaque)
                    self._chars += self._part_chars
            case ToolCall():
                if not self._has_spoken and (part.arguments or part.kind == "function"):
                    # No arguments at all are an empty object: clients parse what they got.
                    written = self._give(part.arguments or "{}")
                if self._is_wrapped:
                    written += self._add('"}')
                self._slot.add_call(opaque)
            case Reasoning():
                written = b"" if self._has_spoken else self._think_whole(part)
                if opaque is not None:
                    self._thought.feed(OpaqueSet(0, opaque))
                self._thought.feed(PartEnded(0, event.part))
                self._slot.add(self._thought.completion().parts[0])
            case NativePart():
                self._chars += self._part_chars
                self._slot.add_text(self._part_chars, None)
            case _:
                pass
        self._open = None
        return written

    def _think_whole(self, part: Reasoning) -> bytes:
        said = [self._think(text, piece) for piece, text in enumerate(part.summary)]
        return b"".join(said) + self._think(part.text or "", -1)

    def _cite(self) -> bytes:
        """The sources of the text that ends."""
        notes: list[Json] = []
        for citation in self._cited:
            note = annotation(citation, self._chars, self._chars + self._part_chars)
            if note is None or not self._part_chars:
                self._losses.drop(f"{MESSAGE}.annotations", UNCITED, citation.origin)
            else:
                notes.append({"index": self._annotations, **note})
                self._annotations += 1
        return self._chunk(_encode({"annotations": notes})) if notes else b""

    def _end(self, finish: Finish) -> bytes:
        self._has_ended = True
        last: JsonObject = {}
        slot = self._slot.write()
        if slot is not None:
            last[FIELD] = slot
            if self._calls:
                last[DETAILS] = write_details(slot, self._first_call)
        reason = write_finish(finish, has_calls=self._calls > 0, has_refusal=self._has_refused)
        frames = [self._chunk(_encode(last))] if last else []
        frames.append(self._head + b"{}" + self._middle + _encode(reason) + self._tail)
        if self._wants_usage:
            usage = _encode(write_usage(self._usage or Usage()))
            head = self._head[: self._head.index(b'"choices":')]
            frames.append(head + b'"choices":[],"usage":' + usage + b"}\n\n")
        return b"".join([*frames, _DONE])
