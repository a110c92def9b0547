"""A streamed answer for a Messages client, in the strict form that Claude Code, opencode and pi insist on.

Owns the order of frames. Must never buffer words: every delta leaves as it came.
Source: Anthropic streaming documentation; anthropic-python 2.12 `lib/streaming/_messages.py`; client survey:
`event:` lines, usage at both ends, `content_block_stop` and `message_stop` are all required (read 2026-11).

    stream := message_start block* message_delta message_stop     or `error` at any time, then nothing
    block  := content_block_start content_block_delta* content_block_stop
A block begins with its first word, since an empty one could not be sent back; a thought's signature comes last.
"""

from collections.abc import Callable
from typing import ClassVar, Final, cast

from copilot_api.errors import UpstreamFault, UpstreamProtocolError, UpstreamRejected
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
from copilot_api.neutral.extras import JsonObject
from copilot_api.neutral.loss import Loss
from copilot_api.neutral.opaque import Opaque
from copilot_api.neutral.parts import Part, Reasoning, Refusal, Text, ToolCall
from copilot_api.neutral.request import ModelRequest
from copilot_api.neutral.usage import Usage
from copilot_api.protocols.base import ToolNames, Voice
from copilot_api.protocols.envelopes import encode
from copilot_api.protocols.messages.errors import write_stream_error
from copilot_api.protocols.messages.slots import fill_slot, seal_beside
from copilot_api.protocols.messages.writing.parts import RAW_ARGUMENTS
from copilot_api.protocols.messages.writing.pieces import (
    PROOF_HIDES,
    Notes,
    citation_document,
    native_path,
    odd_block,
    open_block,
    redacted_block,
    write_counts,
    write_end,
    write_head,
    write_rest,
)
from copilot_api.protocols.messages.writing.reply import shows_thoughts
from copilot_api.protocols.tools import INPUT, CallRestorer
from copilot_api.wire.sse import encode_frame

_DELTA: Final = (
    b'event: content_block_delta\ndata: {"type":"content_block_delta","index":%d,"delta":{"type":"%b","%b":'
)
_STOP: Final = b'event: content_block_stop\ndata: {"type":"content_block_stop","index":%d}\n\n'
_CLOSE: Final = b"}}\n\n"
_BREAK: Final = "\n\n"
_BLANK: Final = " \t\r\n"
_WRAPPED: Final = '{"%s":"'


class MessagesWriter:
    """Writes one streamed answer. Accepts every legal event sequence."""

    def __init__(self, request: ModelRequest, voice: Voice, names: ToolNames) -> None:
        self._voice = voice
        self._restorer = CallRestorer(names)
        self._is_idle = not (names.back or names.wrapped)
        self._shows_thoughts = shows_thoughts(request)
        self._notes = Notes()
        self.losses: tuple[Loss, ...] = ()
        self._usage: Usage | None = None
        self._part: Part | None = None
        self._opaque: Opaque | None = None
        self._block = 0  # the number of the open block, or of the next one
        self._is_open = False
        self._head = b""  # how a delta of the open block begins
        self._said: list[str] = []  # what the open part said so far
        self._wrap: str | None = None  # the property that a call's input is wrapped in; None: not yet known
        self._piece: tuple[int, bool] | None = None
        self._late: list[JsonObject] = []  # proofs that came behind a text
        self._is_text_last = False
        self._has_calls = False
        self._has_refusal = False
        self._is_over = False

    def feed(self, event: Event) -> bytes:
        """The frames for one event, possibly none."""
        if self._is_over:
            return b""
        if self._is_idle:
            frames = self._WRITERS[type(event)](self, event)
        else:
            frames = b"".join([self._WRITERS[type(told)](self, told) for told in self._restorer.feed(event)])
        self.losses = self._notes.losses
        return frames

    def _reply_started(self, event: ReplyStarted) -> bytes:
        message = write_head(event.id, event.model, self._voice)
        message |= {"content": [], "stop_reason": None, "stop_sequence": None, "stop_details": None}
        # Nothing is counted yet, but clients insist on the object: `message_delta` has the true counts.
        message["usage"] = write_counts(self._usage, None)
        self._notes.put(message, event.extras, "")
        return _frame("message_start", {"message": message})

    def _part_started(self, event: PartStarted) -> bytes:
        part = event.part
        self._part, self._opaque, self._said, self._piece, self._wrap = part, None, [], None, None
        match part:
            case Text():
                self._opaque = part.opaque
                return self._say(part.text) + self._cite(part)
            case Refusal():
                self._has_refusal = True
                self._notes.put({}, part.extras, self._path)
                return self._say(part.text)
            case Reasoning():
                self._opaque = part.opaque
                self._notes.put({}, part.extras, self._path)
                return self._think_all(part)
            case ToolCall():
                self._has_calls = True
                self._opaque = part.opaque
                return self._begin_call(part) + self._argue(part.arguments)
            case _:
                block = odd_block(part, self._notes, self._path)
                return b"" if block is None else self._odd(block)

    @property
    def _path(self) -> str:
        return f"content[{self._block}]"

    def _whole(self, block: JsonObject) -> bytes:
        """A block without deltas."""
        return self._begin(block, b"", b"") + self._stop()

    def _prove(self, block: JsonObject) -> bytes:
        """A proof in a block of its own. Behind a text it waits: at the end it would hide the text."""
        if not self._is_text_last:
            return self._whole(block)
        self._late.append(block)
        return b""

    def _odd(self, block: JsonObject) -> bytes:
        """A block of a part that does not stream; text and input stand in deltas all the same."""
        given = block.get("input")
        if block.get("type") == "text":
            return self._say(str(block["text"])) + self._stop()
        if not isinstance(given, dict) or not given:
            return self._whole(block)
        begun = self._begin({**block, "input": {}}, b"input_json_delta", b"partial_json")
        return begun + self._head + encode(encode(given).decode()) + _CLOSE + self._stop()

    def _begin(self, block: JsonObject, kind: bytes, field: bytes) -> bytes:
        late, self._late = self._late, []
        waited = b"".join([self._whole(proof) for proof in late])
        self._is_open, self._is_text_last = True, block.get("type") == "text"
        self._head = _DELTA % (self._block, kind, field)
        return waited + _frame("content_block_start", {"index": self._block, "content_block": block})

    def _begin_call(self, part: ToolCall) -> bytes:
        begun = self._begin(open_block(part, self._notes, self._path), b"input_json_delta", b"partial_json")
        if part.kind == "custom":
            self._wrap = INPUT
            begun += self._head + encode(_WRAPPED % INPUT) + _CLOSE
        return begun

    def _begin_text(self) -> bytes:
        part = self._part if isinstance(self._part, Text) else Text("")
        return self._begin(open_block(part, self._notes, self._path), b"text_delta", b"text")

    def _begin_thought(self) -> bytes:
        block: JsonObject = {"type": "thinking", "thinking": "", "signature": ""}
        return self._begin(block, b"thinking_delta", b"thinking")

    def _stop(self) -> bytes:
        if not self._is_open:
            return b""
        frame = _STOP % self._block
        self._is_open = False
        self._block += 1
        return frame

    def _say(self, text: str) -> bytes:
        """Words of a text."""
        if not text:
            return b""
        self._said.append(text)
        begun = b"" if self._is_open else self._begin_text()
        return begun + self._head + encode(text) + _CLOSE

    def _argue(self, text: str) -> bytes:
        """A piece of a call's arguments. What cannot become a JSON object is wrapped in one: SDKs would raise."""
        if not text:
            return b""
        self._said.append(text)
        wrapping = ""
        if self._wrap is None:
            text = "".join(self._said)
            begun = text.lstrip(_BLANK)
            if not begun:
                return b""
            self._wrap = "" if begun.startswith("{") else RAW_ARGUMENTS
            if self._wrap:
                self._notes.approximate(
                    self._path, f"the arguments are no JSON object: sent as {RAW_ARGUMENTS!r}"
                )
                wrapping = _WRAPPED % RAW_ARGUMENTS
        if self._wrap:
            text = wrapping + encode(text)[1:-1].decode()
        return self._head + encode(text) + _CLOSE

    def _text_delta(self, event: TextDelta) -> bytes:
        return self._say(event.text) if isinstance(self._part, Text | Refusal) else b""

    def _tool_input_delta(self, event: ToolInputDelta) -> bytes:
        return self._argue(event.text) if isinstance(self._part, ToolCall) else b""

    def _reasoning_delta(self, event: ReasoningDelta) -> bytes:
        return self._think(event.text, (event.piece, event.is_raw))

    def _think(self, text: str, piece: tuple[int, bool]) -> bytes:
        if not (text and self._shows_thoughts and isinstance(self._part, Reasoning)):
            return b""
        begun = b"" if self._is_open else self._begin_thought()
        if self._piece not in (None, piece):
            text = _BREAK + text
        self._piece = piece
        self._said.append(text)
        return begun + self._head + encode(text) + _CLOSE

    def _think_all(self, part: Reasoning) -> bytes:
        pieces = [(text, (index, False)) for index, text in enumerate(part.summary)]
        pieces += [(part.text, (0, True))] if part.text else []
        return b"".join([self._think(text, piece) for text, piece in pieces])

    def _cite(self, part: Text) -> bytes:
        return b"".join([self._citation_added(CitationAdded(0, citation)) for citation in part.citations])

    def _citation_added(self, event: CitationAdded) -> bytes:
        document = citation_document(event.citation, self._notes, self._path)
        if document is None or not isinstance(self._part, Text):
            return b""
        begun = b"" if self._is_open else self._begin_text()
        delta: JsonObject = {"type": "citations_delta", "citation": document}
        return begun + _frame("content_block_delta", {"index": self._block, "delta": delta})

    def _opaque_set(self, event: OpaqueSet) -> bytes:
        self._opaque = event.opaque
        return b""

    def _part_ended(self, event: PartEnded) -> bytes:
        written = self._correct(event.part) if event.part is not None else b""
        part, opaque, was_open = self._part, self._opaque, self._is_open
        self._part = self._opaque = None
        if isinstance(part, Reasoning):
            return written + self._end_thought(part, opaque)
        if self._wrap:
            written += self._head + encode('"}') + _CLOSE
        written += self._stop()
        if opaque is not None:
            # A text without a word left no block to stand beside.
            data = seal_beside(opaque) if was_open else fill_slot(opaque, "data")
            written += self._prove({"type": "redacted_thinking", "data": data})
        return written

    def _end_thought(self, part: Reasoning, opaque: Opaque | None) -> bytes:
        if opaque is None:
            return self._stop()
        if part.is_redacted and not self._is_open:
            return self._prove(redacted_block(opaque))
        begun = b"" if self._is_open else self._begin_thought()
        delta: JsonObject = {"type": "signature_delta", "signature": fill_slot(opaque, "signature")}
        return begun + _frame("content_block_delta", {"index": self._block, "delta": delta}) + self._stop()

    def _correct(self, whole: Part) -> bytes:
        """What the repeated whole says beyond the deltas; what was said cannot be taken back."""
        said = "".join(self._said)
        match whole:
            case Text() | Refusal() if isinstance(self._part, Text | Refusal):
                return self._say(whole.text.removeprefix(said)) if whole.text.startswith(said) else b""
            case ToolCall() if isinstance(self._part, ToolCall):
                told = whole.arguments.startswith(said)
                return self._argue(whole.arguments.removeprefix(said)) if told else b""
            case Reasoning() if isinstance(self._part, Reasoning):
                self._opaque = self._opaque or whole.opaque
                return b"" if said else self._think_all(whole)
            case _:
                return b""

    def _usage_seen(self, event: UsageSeen) -> bytes:
        self._usage = event.usage
        return b""

    def _native_event(self, event: NativeEvent) -> bytes:
        self._notes.drop(native_path(event.document), event.origin, "Messages has no such event")
        return b""

    def _reply_ended(self, event: ReplyEnded) -> bytes:
        self._is_over = True
        if self._late:
            self._notes.drop(self._path, "", PROOF_HIDES)
        extras = event.extras
        delta = write_end(
            event.finish,
            event.stop_sequence,
            has_calls=self._has_calls,
            has_refusal=self._has_refusal,
            extras=extras,
        )
        last: JsonObject = {"delta": delta, "usage": write_counts(self._usage, extras)}
        write_rest(last, extras, self._notes)
        return self._stop() + _frame("message_delta", last) + _frame("message_stop", {})

    def _reply_failed(self, event: ReplyFailed) -> bytes:
        self._is_over = True
        fault: UpstreamFault
        if event.kind == "cut":
            fault = UpstreamProtocolError(event.message)
        else:
            fault = UpstreamRejected(event.message, code=event.code or None, status=502)
            fault.upstream_type = event.code or None
        return write_stream_error(fault)

    _WRITERS: ClassVar = cast(
        "dict[type[object], Callable[[MessagesWriter, object], bytes]]",
        {
            TextDelta: _text_delta,
            ReasoningDelta: _reasoning_delta,
            ToolInputDelta: _tool_input_delta,
            ReplyStarted: _reply_started,
            PartStarted: _part_started,
            PartEnded: _part_ended,
            CitationAdded: _citation_added,
            OpaqueSet: _opaque_set,
            UsageSeen: _usage_seen,
            NativeEvent: _native_event,
            ReplyEnded: _reply_ended,
            ReplyFailed: _reply_failed,
        },
    )


def _frame(name: str, fields: JsonObject) -> bytes:
    return encode_frame(encode({"type": name, **fields}), name)
