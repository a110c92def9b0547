"""Events as Gemini's parts: what both forms of an answer share.

Owns which part says what, where blobs are put (see `signatures.py`) and what cannot be said. Calls leave whole, since
Google's clients take each `functionCall` for a whole one.
Source: google-genai 3.4 `types.Part`, `types.Candidate` (read 2026-11).
"""

from typing import Final

import msgspec

from copilot_api.neutral.events import (
    Event,
    NativeEvent,
    PartEnded,
    PartStarted,
    ReasoningDelta,
    ReplyEnded,
    TextDelta,
)
from copilot_api.neutral.extras import Json, JsonObject
from copilot_api.neutral.fold import Folder
from copilot_api.neutral.loss import Handling, Loss
from copilot_api.neutral.opaque import seal
from copilot_api.neutral.parts import (
    Bytes,
    File,
    Image,
    Link,
    NativePart,
    Part,
    Reasoning,
    Refusal,
    Text,
    TokenLogprob,
    ToolCall,
)
from copilot_api.neutral.request import ModelRequest
from copilot_api.protocols.base import ToolNames
from copilot_api.protocols.gemini.signatures import SLOT, pack, pack_thought
from copilot_api.protocols.gemini.writing.endings import write_finish, write_weights
from copilot_api.protocols.gemini.writing.grounding import Grounding
from copilot_api.protocols.tools import restore_call

TARGET: Final = "gemini"
_MAX_SURE_DEPTH: Final = 100
"""Arguments with fewer brackets than this can always be written again, however deep the envelope."""
_RAW: Final = "raw_arguments"
_PARTS: Final = "candidates[0].content.parts"
_UPSTREAM: Final = "upstream"
_NO_OBJECT: Final = "the arguments are no JSON object"
_PIECE_BREAK: Final = "\n\n"


class Scribe:
    """Writes the parts of one answer, event by event, and remembers what its ending must say."""

    def __init__(self, request: ModelRequest, names: ToolNames) -> None:
        self.losses: tuple[Loss, ...] = ()
        self._names = names
        self._shows_thoughts = request.reasoning is not None and request.reasoning.shows_thoughts is True
        self._entries: list[str] = []  # of the next slot
        self._folder = Folder()
        self._said: list[str] = []  # of the open part
        self._piece: tuple[bool, int] | None = None
        self._grounding = Grounding()
        self._tokens: list[TokenLogprob] = []
        self._is_refusal = False
        self._is_text = False

    @property
    def is_plain_text(self) -> bool:
        """Whether a text is open whose next delta needs nothing but its words."""
        return self._is_text and not self._entries

    def note(self, text: str, logprobs: tuple[TokenLogprob, ...] = ()) -> None:
        """Remember words of the open text that the caller writes itself, and how likely they were."""
        self._said.append(text)
        self._tokens += logprobs

    def feed(self, event: Event) -> list[JsonObject]:
        """The parts that one event inside the answer makes."""
        match event:
            case TextDelta():
                self._tokens += event.logprobs
                return self._say(event.text)
            case PartStarted():
                return self._start(event)
            case PartEnded():
                return self._end(event)
            case NativeEvent():
                self._lose(f"{event.origin} event", event.origin, "only its own clients know this event")
                return []
            case ReasoningDelta():
                self._folder.feed(event)
                return self._think(event.text, (event.is_raw, event.piece))
            case _:
                self._folder.feed(event)
                return []

    def finish(self, ended: ReplyEnded) -> tuple[list[JsonObject], JsonObject]:
        """The parts that were held back until the end, and the fields of the finished candidate."""
        parts: list[JsonObject] = [{"text": "", SLOT: self._take_slot()}] if self._entries else []
        candidate = write_finish(ended.finish, is_refusal=self._is_refusal)
        grounding = self._grounding.write()
        if grounding is not None:
            candidate["groundingMetadata"] = grounding
        if self._tokens:
            candidate |= write_weights(self._tokens)
        return parts, candidate

    def _start(self, event: PartStarted) -> list[JsonObject]:
        part = event.part
        self._folder = Folder()
        self._folder.feed(event)
        self._said, self._piece = [], None
        self._is_text = isinstance(part, Text | Refusal)
        if isinstance(part, Text | Refusal):
            self._tokens += part.logprobs if isinstance(part, Text) else ()
            return self._say(part.text)
        if isinstance(part, Reasoning):
            return self._show(part)
        return []

    def _say(self, text: str) -> list[JsonObject]:
        """Words of the open text. The first ones carry what waits for a part."""
        if not text or not self._is_text:
            return []
        self._said.append(text)
        return [{"text": text, SLOT: self._take_slot()}] if self._entries else [{"text": text}]

    def _think(self, text: str, piece: tuple[bool, int]) -> list[JsonObject]:
        """Words of the open thought, where the client asked to see them."""
        if not text or not self._shows_thoughts:
            return []
        if self._piece is not None and self._piece != piece:
            text = _PIECE_BREAK + text
        self._piece = piece
        self._said.append(text)
        return [{"text": text, "thought": True}]

    def _show(self, thought: Reasoning) -> list[JsonObject]:
        parts: list[JsonObject] = []
        for index, text in enumerate(thought.summary):
            parts += self._think(text, (False, index))
        return parts + self._think(thought.text or "", (True, 0))

    def _end(self, event: PartEnded) -> list[JsonObject]:
        self._folder.feed(event)
        is_text, self._is_text = self._is_text, False
        for part in self._folder.completion().parts[:1]:
            if is_text and isinstance(part, Text | Refusal):
                return self._end_text(part, event.part)
            return self._end_thought(part) if isinstance(part, Reasoning) else self._write_other(part)
        return []

    def _write_other(self, part: Part) -> list[JsonObject]:
        match part:
            case ToolCall():
                return [self._write_call(restore_call(part, self._names))]
            case Image() | File():
                return self._write_media(part)
            case NativePart() if part.text:
                return [{"text": part.text}]
            case _:
                self._lose(_PARTS, _UPSTREAM, f"a {type(part).__name__} has no place in an answer")
                return []

    def _end_text(self, part: Text | Refusal, whole: object) -> list[JsonObject]:
        """What a repeated whole has more than its deltas is said; what was said cannot be taken back."""
        self._is_refusal = self._is_refusal or isinstance(part, Refusal)
        said = "".join(self._said)
        written: list[JsonObject] = []
        if isinstance(whole, Text | Refusal) and whole.text.startswith(said) and len(whole.text) > len(said):
            self._is_text = True
            written = self._say(whole.text[len(said) :])
            self._is_text = False
            said = whole.text
        if isinstance(part, Text):
            self._grounding.add_text(said, part.citations)
            if part.opaque is not None:
                self._entries.append(seal(part.opaque))
                written.append({"text": "", SLOT: self._take_slot()})
        else:
            self._grounding.add_text(said, ())
        return written

    def _end_thought(self, thought: Reasoning) -> list[JsonObject]:
        written = [] if self._said else self._show(thought)
        if thought.opaque is not None:
            self._entries += pack_thought(thought, thought.opaque)
        return written

    def _write_call(self, call: ToolCall) -> JsonObject:
        if call.opaque is not None:
            self._entries.append(seal(call.opaque))
        arguments: JsonObject = {"input": call.arguments} if call.kind == "custom" else self._arguments(call)
        written: JsonObject = {"functionCall": {"id": call.id, "name": call.name, "args": arguments}}
        if self._entries:
            written[SLOT] = self._take_slot()
        return written

    def _arguments(self, call: ToolCall) -> JsonObject:
        text = call.arguments
        if not text.strip():
            return {}
        arguments = _read_object(text)
        if arguments is None:
            loss = Loss(f"{_PARTS}.functionCall.args", _UPSTREAM, TARGET, Handling.APPROXIMATED, _NO_OBJECT)
            self.losses += (loss,)
            return {_RAW: text}
        return arguments

    def _write_media(self, part: Image | File) -> list[JsonObject]:
        source = part.source
        if isinstance(source, Bytes):
            return [{"inlineData": {"mimeType": source.media_type, "data": source.data}}]
        if isinstance(source, Link):
            linked: JsonObject = {"fileUri": source.url}
            if source.media_type:
                linked["mimeType"] = source.media_type
            return [{"fileData": linked}]
        self._lose(_PARTS, _UPSTREAM, "the file is known to upstream only")
        return []

    def _take_slot(self) -> str:
        entries, self._entries = self._entries, []
        return pack(entries)

    def _lose(self, path: str, origin: str, reason: str) -> None:
        self.losses += (Loss(path, origin, TARGET, Handling.DROPPED, reason),)


def _read_object(text: str) -> JsonObject | None:
    """The JSON object in a text; None for anything else, and for what could not be written again."""
    try:
        value: Json = msgspec.json.decode(text)
        if text.count("{") + text.count("[") > _MAX_SURE_DEPTH:
            msgspec.json.encode(_wrapped(value))
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _wrapped(value: Json) -> Json:
    for _ in range(_MAX_SURE_DEPTH):
        value = [value]
    return value
