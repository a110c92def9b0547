"""A streamed answer: SSE chunks, each a whole `GenerateContentResponse`.

    stream := chunk* (last | error)       every chunk: one candidate, index 0, role "model", at least one part
    last   := a chunk with `finishReason`, `usageMetadata` and at least one part

Clients' chats drop a whole answer for one chunk without parts (google-genai `chats._validate_content`, @google/genai
`isValidContent`), so the last chunk has an empty text where nothing else is left to say. An answer that fails has no
`finishReason`: clients ask again.
"""

from typing import Final

import msgspec

from copilot_api.errors import UpstreamProtocolError
from copilot_api.neutral.events import (
    Event,
    ReplyEnded,
    ReplyFailed,
    ReplyStarted,
    TextDelta,
    UsageSeen,
)
from copilot_api.neutral.extras import JsonObject
from copilot_api.neutral.loss import Loss
from copilot_api.neutral.request import ModelRequest
from copilot_api.neutral.usage import Usage
from copilot_api.protocols.base import ToolNames, Voice
from copilot_api.protocols.gemini.errors import write_stream_error
from copilot_api.protocols.gemini.writing.endings import write_usage
from copilot_api.protocols.gemini.writing.scribe import Scribe

_encode: Final = msgspec.json.Encoder().encode
_HEAD: Final = b'data: {"candidates":[{"content":{"parts":['
_ROLE: Final = b'],"role":"model"},"index":0'


class StreamWriter:
    """Writes one answer; see the grammar above."""

    __slots__ = ("_is_over", "_scribe", "_tail", "_usage", "_voice", "losses")

    def __init__(self, request: ModelRequest, voice: Voice, names: ToolNames) -> None:
        self.losses: tuple[Loss, ...] = ()
        self._scribe = Scribe(request, names)
        self._voice = voice
        self._usage = Usage()  # zeros where upstream counts nothing: clients add it up unasked
        self._is_over = False
        self._tail = self._write_tail("", "")

    def feed(self, event: Event) -> bytes:
        """The chunk for one event, possibly none."""
        scribe = self._scribe
        if type(event) is TextDelta and scribe.is_plain_text and event.text:
            scribe.note(event.text, event.logprobs)
            return _HEAD + b'{"text":' + _encode(event.text) + b"}" + _ROLE + b"}]" + self._tail
        if self._is_over:
            return b""
        match event:
            case ReplyStarted():
                self._tail = self._write_tail(event.id, event.model)
            case UsageSeen():
                self._usage = event.usage
            case ReplyEnded():
                return self._end(event)
            case ReplyFailed():
                self._is_over = True
                return write_stream_error(UpstreamProtocolError(event.message, code=event.code or None))
            case _:
                said = b"".join([self._chunk(part) for part in scribe.feed(event)])
                self.losses = scribe.losses
                return said
        return b""

    def _chunk(self, part: JsonObject) -> bytes:
        return _HEAD + _encode(part) + _ROLE + b"}]" + self._tail

    def _end(self, ended: ReplyEnded) -> bytes:
        """The last chunk, with what was held back until now."""
        self._is_over = True
        parts, candidate = self._scribe.finish(ended)
        said = b",".join([_encode(part) for part in parts or [{"text": ""}]])
        usage = b',"usageMetadata":' + _encode(write_usage(self._usage))
        return _HEAD + said + _ROLE + b"," + _encode(candidate)[1:] + b"]" + usage + self._tail

    def _write_tail(self, answer_id: str, model: str) -> bytes:
        said = {
            "modelVersion": model or self._voice.model,
            "responseId": answer_id or self._voice.answer_id,
        }
        return b"," + _encode(said)[1:] + b"\n\n"
