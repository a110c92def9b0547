"""Output items while they are spoken: each knows its events, and its document when it is done.

Owns the life of an item. Must never know what comes before or after it. An item that says nothing is never begun.
Whatever a `done` event repeats is what its deltas added up to.
Source: openai-python 3.54, types/responses/response_*_event.py (read 2026-11).

    message   := item.added content_part.added (delta | annotation)* words.done content_part.done item.done
    reasoning := item.added (part.added delta* words.done part.done)* item.done      summary parts or raw content
    call      := item.added delta* words.done item.done
"""

from typing import Final

import msgspec

from copilot_api.neutral.extras import Json, JsonObject
from copilot_api.neutral.opaque import Opaque, seal
from copilot_api.neutral.parts import Citation, Reasoning, Refusal, Text, TokenLogprob, ToolCall
from copilot_api.protocols.openai.logprobs import write_logprobs
from copilot_api.protocols.responses.reading.content import TOOL_SEARCH
from copilot_api.protocols.responses.writing.content import annotation
from copilot_api.protocols.responses.writing.envelope import Numbering, digest

_ADDED: Final = "response.output_item.added"
_DONE: Final = "response.output_item.done"


class Item:
    """What all items do: begin and be done, at one place under one id."""

    def __init__(self, numbering: Numbering, index: int, kind: str) -> None:
        self.numbering = numbering
        self.index = index
        self.id = numbering.item_id(index, kind)
        self.kind = kind
        self.document: JsonObject | None = None

    @property
    def where(self) -> JsonObject:
        """How the item's events name it."""
        return {"item_id": self.id, "output_index": self.index}

    def added(self, fields: JsonObject) -> bytes:
        """The item begins."""
        item: JsonObject = {"id": self.id, "type": self.kind, **fields}
        return self.numbering.event(_ADDED, {"output_index": self.index, "item": item})

    def done(self, fields: JsonObject) -> bytes:
        """The item is whole."""
        self.document = {"id": self.id, "type": self.kind, **fields}
        return self.numbering.event(_DONE, {"output_index": self.index, "item": self.document})


class Message:
    """A message of one text, or of one refusal."""

    def __init__(self, numbering: Numbering, index: int, part: Text | Refusal, phase: str | None) -> None:
        self._item = Item(numbering, index, "message")
        self._is_refusal = isinstance(part, Refusal)
        self._kind, self._field = ("refusal", "refusal") if self._is_refusal else ("output_text", "text")
        self._phase: JsonObject = {} if phase is None else {"phase": phase}
        self._words: list[str] = []
        self._tokens: list[TokenLogprob] = []
        self._annotations: list[Json] = []
        self._head = b""
        self.document: JsonObject | None = None

    def say(self, text: str, logprobs: tuple[TokenLogprob, ...] = ()) -> bytes:
        """More words, and how likely they were."""
        if not text and not logprobs:
            return b""
        begun = b"" if self._head else self._begin()
        self._words.append(text)
        if not logprobs or self._is_refusal:
            return begun + self._item.numbering.delta(self._head, text)
        self._tokens += logprobs
        said: JsonObject = {**self._item.where, "content_index": 0, "delta": text}
        said["logprobs"] = write_logprobs(logprobs, has_bytes=False)
        return begun + self._item.numbering.event("response.output_text.delta", said)

    def cite(self, citation: Citation) -> bytes | None:
        """A source; None where it cannot be cited here."""
        document = annotation(citation)
        if document is None or self._is_refusal:
            return None
        begun = b"" if self._head else self._begin()
        number = len(self._annotations)
        self._annotations.append(document)
        where: JsonObject = {**self._item.where, "content_index": 0, "annotation_index": number}
        kind = "response.output_text.annotation.added"
        return begun + self._item.numbering.event(kind, {**where, "annotation": document})

    def correct(self, whole: Text | Refusal) -> bytes:
        """Say what the whole has beyond the words said; other words can no longer be unsaid."""
        said = "".join(self._words)
        if not whole.text.startswith(said):
            return b""
        late = whole.logprobs if isinstance(whole, Text) and not self._tokens else ()
        return self.say(whole.text[len(said) :], late)

    def end(self) -> bytes:
        """End the part and the item."""
        if not self._head:
            return b""
        numbering, part = self._item.numbering, self._part()
        where: JsonObject = {**self._item.where, "content_index": 0}
        words: JsonObject = {**where, self._field: part[self._field]}
        if not self._is_refusal:
            words["logprobs"] = write_logprobs(tuple(self._tokens), has_bytes=False)
        frames = numbering.event(f"response.{self._kind}.done", words)
        frames += numbering.event("response.content_part.done", {**where, "part": part})
        frames += self._item.done(self._fields("completed", [part]))
        self.document = self._item.document
        return frames

    def _begin(self) -> bytes:
        numbering = self._item.numbering
        where: JsonObject = {**self._item.where, "content_index": 0}
        frames = self._item.added(self._fields("in_progress", []))
        frames += numbering.event("response.content_part.added", {**where, "part": self._part()})
        if not self._is_refusal:
            where["logprobs"] = []
        self._head = numbering.head(f"response.{self._kind}.delta", where)
        return frames

    def _fields(self, status: str, content: list[Json]) -> JsonObject:
        return {"role": "assistant", "status": status, "content": content, **self._phase}

    def _part(self) -> JsonObject:
        part: JsonObject = {"type": self._kind, self._field: "".join(self._words)}
        if not self._is_refusal:
            logprobs = write_logprobs(tuple(self._tokens))
            part.update(annotations=list(self._annotations), logprobs=logprobs)
        return part


class _Piece:
    """A piece of thinking that is being said: a part of the summary, or raw."""

    def __init__(self, numbering: Numbering, item: Item, index: int, *, is_raw: bool) -> None:
        self._numbering = numbering
        self.is_raw = is_raw
        self._kind = "reasoning_text" if is_raw else "summary_text"
        self._speech = "response.reasoning_text" if is_raw else "response.reasoning_summary_text"
        self._part_kind = "response.content_part" if is_raw else "response.reasoning_summary_part"
        self._where: JsonObject = {**item.where, "content_index" if is_raw else "summary_index": index}
        self._head = numbering.head(f"{self._speech}.delta", self._where)
        self.words: list[str] = []

    def begin(self) -> bytes:
        return self._numbering.event(f"{self._part_kind}.added", {**self._where, "part": self.part()})

    def say(self, text: str) -> bytes:
        self.words.append(text)
        return self._numbering.delta(self._head, text)

    def end(self) -> bytes:
        part = self.part()
        frames = self._numbering.event(f"{self._speech}.done", {**self._where, "text": part["text"]})
        return frames + self._numbering.event(f"{self._part_kind}.done", {**self._where, "part": part})

    def part(self) -> JsonObject:
        return {"type": self._kind, "text": "".join(self.words)}


class Thought:
    """A reasoning item.

    Its blob is always given, whatever `include` says: nothing is stored here, so a client that does not carry it
    loses its reasoning, and one that asked for nothing just keeps a field it does not know.
    """

    def __init__(self, numbering: Numbering, index: int) -> None:
        self._item = Item(numbering, index, "reasoning")
        self._is_begun = False
        self._open: _Piece | None = None
        self._pieces: dict[int, str] = {}
        self._piece = 0
        self._begun_with: list[str] = []
        self._summary: list[Json] = []
        self._content: list[Json] = []
        self.opaque: Opaque | None = None
        self.document: JsonObject | None = None

    def start(self, part: Reasoning) -> bytes:
        """What the part began with: said when its piece goes on, or a later one begins."""
        self._begun_with = list(part.summary)
        return self.say(part.text or "", 0, is_raw=True)

    def say(self, text: str, piece: int, *, is_raw: bool) -> bytes:
        """More thinking; another piece ends the one that was open."""
        if not text:
            return b""
        frames = b"" if is_raw else self._say_first(piece + 1)
        is_other = self._open is None or self._open.is_raw != is_raw
        if is_other or (not is_raw and piece != self._piece):
            frames += self._turn(is_raw=is_raw)
        if not is_raw:
            self._piece = piece
            self._pieces[piece] = self._pieces.get(piece, "") + text
        return frames + (self._open.say(text) if self._open is not None else b"")

    def correct(self, whole: Reasoning) -> bytes:
        """Say what the whole has beyond the words said."""
        frames = self._say_first(len(self._begun_with))
        last = max(self._pieces, default=-1)
        for piece, text in enumerate(whole.summary):
            if piece > last:
                frames += self.say(text, piece, is_raw=False)
            elif piece == last and text.startswith(self._pieces[piece]):
                frames += self.say(text[len(self._pieces[piece]) :], piece, is_raw=False)
        if whole.text and not self._content and (self._open is None or not self._open.is_raw):
            frames += self.say(whole.text, 0, is_raw=True)
        return frames

    def end(self) -> bytes:
        """End the piece and the item; the blob goes with the finished item only."""
        frames = self._say_first(len(self._begun_with)) + self._close()
        if not self._is_begun:
            if self.opaque is None:
                return frames
            frames += self._begin()
        fields: JsonObject = {"summary": self._summary}
        if self._content:
            fields["content"] = self._content
        if self.opaque is not None:
            fields["encrypted_content"] = seal(self.opaque)
        frames += self._item.done(fields)
        self.document = self._item.document
        return frames

    def _say_first(self, count: int) -> bytes:
        """Say what the first pieces began with, where that is still to do."""
        frames = b""
        for piece in range(min(count, len(self._begun_with))):
            text, self._begun_with[piece] = self._begun_with[piece], ""
            frames += self.say(text, piece, is_raw=False)
        return frames

    def _turn(self, *, is_raw: bool) -> bytes:
        frames = self._close()
        if not self._is_begun:
            frames += self._begin()
        index = len(self._content if is_raw else self._summary)
        self._open = _Piece(self._item.numbering, self._item, index, is_raw=is_raw)
        return frames + self._open.begin()

    def _close(self) -> bytes:
        piece, self._open = self._open, None
        if piece is None:
            return b""
        (self._content if piece.is_raw else self._summary).append(piece.part())
        return piece.end()

    def _begin(self) -> bytes:
        self._is_begun = True
        return self._item.added({"summary": []})


class Call:
    """A function call, or a freeform tool's."""

    def __init__(self, numbering: Numbering, index: int, call: ToolCall) -> None:
        is_custom = call.kind == "custom"
        self._item = Item(numbering, index, "custom_tool_call" if is_custom else "function_call")
        self._field = "input" if is_custom else "arguments"
        self._speech = "response.custom_tool_call_input" if is_custom else "response.function_call_arguments"
        self._known: JsonObject = {
            "call_id": call.id or f"call_{digest(self._item.id)}",
            # A call without a name cannot be right, but a missing one breaks whole clients.
            "name": call.name or "unnamed",
        }
        if call.namespace is not None:
            self._known["namespace"] = call.namespace
        self._words: list[str] = []
        self._head = numbering.head(f"{self._speech}.delta", self._item.where)
        self.document: JsonObject | None = None

    def begin(self) -> bytes:
        """The item begins."""
        return self._item.added({**self._known, self._field: "", "status": "in_progress"})

    def say(self, text: str) -> bytes:
        """More of the input."""
        if not text:
            return b""
        self._words.append(text)
        return self._item.numbering.delta(self._head, text)

    def correct(self, whole: ToolCall) -> bytes:
        """Say what the whole has beyond the words said."""
        said = "".join(self._words)
        return self.say(whole.arguments[len(said) :]) if whole.arguments.startswith(said) else b""

    def end(self) -> bytes:
        """End the item. Empty arguments become an empty object: clients parse them."""
        frames = b""
        if self._field == "arguments" and not "".join(self._words).strip():
            frames += self.say("{}")
        words = "".join(self._words)
        done: JsonObject = {**self._item.where, self._field: words}
        if self._field == "arguments":
            done["name"] = self._known["name"]
        frames += self._item.numbering.event(f"{self._speech}.done", done)
        frames += self._item.done({**self._known, self._field: words, "status": "completed"})
        self.document = self._item.document
        return frames


class Search:
    """A tool search that the client runs: a function upstream, an item of its own here, its arguments an object."""

    def __init__(self, numbering: Numbering, index: int, call: ToolCall) -> None:
        self._item = Item(numbering, index, "tool_search_call")
        self._known: JsonObject = {
            "call_id": call.id or f"call_{digest(self._item.id)}",
            "execution": "client",
        }
        self._words: list[str] = []
        self.document: JsonObject | None = None

    def begin(self) -> bytes:
        """The item begins."""
        return self._item.added({**self._known, "arguments": {}, "status": "in_progress"})

    def say(self, text: str) -> bytes:
        """More of the arguments: nobody is told before they are whole."""
        self._words.append(text)
        return b""

    def correct(self, whole: ToolCall) -> bytes:
        """Believe the whole."""
        self._words = [whole.arguments]
        return b""

    def end(self) -> bytes:
        """End the item."""
        frames = self._item.done(
            {**self._known, "arguments": _object("".join(self._words)), "status": "completed"}
        )
        self.document = self._item.document
        return frames


def _object(text: str) -> JsonObject:
    """Arguments as an object; what is none is told as the query."""
    try:
        value: Json = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        value = None
    if isinstance(value, dict):
        return value
    return {"query": text} if text.strip() else {}


def call_item(numbering: Numbering, index: int, call: ToolCall, *, has_search: bool) -> Call | Search:
    """The item of a call; `has_search`: the client searches tools, by a function upstream."""
    is_search = has_search and call.name == TOOL_SEARCH and call.namespace is None
    return Search(numbering, index, call) if is_search else Call(numbering, index, call)
