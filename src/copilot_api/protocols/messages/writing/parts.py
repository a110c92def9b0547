"""Parts into content blocks, for requests.

Owns the shape of a block and what a part may hold. Must never know the order of turns. Parts of Messages' own
are written exactly as they were read.
Source: anthropic-python 2.12 `types/content_block_param.py` and what it names; upstream contract 6.3 (read 2026-11).
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Sequence
from typing import Final, cast

import msgspec

from copilot_api.errors import UnsupportedContent
from copilot_api.neutral.extras import Extras, Json, JsonObject
from copilot_api.neutral.opaque import Opaque
from copilot_api.neutral.parts import (
    Bytes,
    CacheHint,
    Citation,
    File,
    Image,
    Link,
    NativePart,
    Part,
    Reasoning,
    Refusal,
    Source,
    Stored,
    Text,
    ToolCall,
    ToolResult,
)
from copilot_api.protocols.base import Target
from copilot_api.protocols.losses import Losses
from copilot_api.protocols.messages.slots import ORIGIN
from copilot_api.protocols.spelling import inner_path, made_by
from copilot_api.protocols.tools import Naming

Blocks = list[JsonObject]

_IMAGE_TYPES: Final = ("image/jpeg", "image/png", "image/gif", "image/webp")
_PDF: Final = "application/pdf"
_TEXTUAL: Final = re.compile(r"text/.+|application/(?:.+\+)?(?:json|xml|yaml|x-yaml|javascript|toml|sql)")
_FIT_ID: Final = re.compile(r"[a-zA-Z0-9_-]{1,128}")
RAW_ARGUMENTS: Final = "raw_arguments"
"""Where arguments stand that are no JSON object: `input` can be nothing else."""


def merge(document: JsonObject, fields: JsonObject) -> None:
    """Put fields back into the object they were left over from, inner objects into inner objects."""
    for name, value in fields.items():
        known = document.get(name)
        if isinstance(known, dict) and isinstance(value, dict):
            inner = dict(known)
            merge(inner, value)
            document[name] = inner
        else:
            document[name] = value


def written_id(call_id: str) -> str:
    """A tool call's id as Anthropic takes it (`^[a-zA-Z0-9_-]+$`): kept, or made from its content."""
    if _FIT_ID.fullmatch(call_id):
        return call_id
    return f"toolu_{hashlib.sha256(call_id.encode('utf-8', 'replace')).hexdigest()[:24]}"


def read_arguments(text: str) -> JsonObject | None:
    """The `input` of a call; None when the text is no JSON object."""
    if not text.strip():
        return {}
    try:
        value: object = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None
    return cast("JsonObject", value) if isinstance(value, dict) else None


class PartWriter:
    """Writes parts for one target; what cannot be said goes into `losses`."""

    def __init__(self, target: Target, naming: Naming, losses: Losses) -> None:
        self._target = target
        self._naming = naming
        self._losses = losses
        self._is_own = losses.origin == ORIGIN

    def blocks(self, part: Part, path: str, role: str) -> Blocks:
        """The blocks of one part; none when it cannot be said, which is noted.

        Raises: UnsupportedContent for content that no Messages model takes.
        """
        written: Blocks = []
        match part:
            case Text():
                written = [*self._before(part.opaque, path), *self._text(part, path)]
            case ToolCall():
                written = [*self._before(part.opaque, path), self._call(part, path)]
            case ToolResult():
                written = [self._result(part, path, role)]
            case Reasoning():
                written = self._reasoning(part, path)
            case Image() if role == "assistant" and not self._is_own:
                self._losses.drop(path, "an assistant's turn holds no pictures in Messages")
            case Image():
                written = [self._image(part, path)]
            case File():
                written = [self._file(part, path)]
            case Refusal():
                self._losses.drop_extras(path, part.extras)
                written = [{"type": "text", "text": part.text}] if part.text.strip() else []
            case _:
                written = self._native(part, path, role)
        return written

    def orphan(self, part: ToolResult, path: str, role: str) -> Blocks:
        """A result that answers no call of the turn before it, as words of the user's turn."""
        self._losses.approximate(path, "the result answers no call of the turn before it: written as text")
        blocks: Blocks = [{"type": "text", "text": f"[Result of tool call {part.call_id}]"}]
        for inner in part.content:
            blocks += self.blocks(inner, path, role)
        return blocks

    def marked(
        self, document: JsonObject, cache: CacheHint | None, extras: Extras | None, path: str
    ) -> JsonObject:
        """A block, tool or message with its cache mark and its extras."""
        if cache is not None:
            mark: JsonObject = {"type": "ephemeral"}
            if cache.ttl is not None and (self._is_own or cache.ttl in ("5m", "1h")):
                mark["ttl"] = cache.ttl
            elif cache.ttl is not None:
                place = self._losses.at(path, "cache")
                self._losses.spare(f"{place}.ttl", "Messages keeps a cache for 5m or 1h")
            document["cache_control"] = mark
            self.put_back(mark, cache.extras, self._losses.at(path, "cache"))
        self.put_back(document, extras, path)
        return document

    def put_back(self, document: JsonObject, extras: Extras | None, path: str) -> None:
        """Put the fields of Messages' own back; note those of others."""
        if extras is None:
            return
        if extras.origin == ORIGIN:
            merge(document, extras.spelled)
            merge(document, extras.fields)
        else:
            self._losses.drop_extras(path, extras)

    def _text(self, part: Text, path: str) -> Blocks:
        if not self._is_own and not part.text.strip():
            # Anthropic refuses text blocks without a word (contract 6.1).
            return []
        document: JsonObject = {"type": "text", "text": part.text}
        citations = self._citations(part.citations, path)
        if citations:
            document["citations"] = citations
        return [self.marked(document, part.cache, part.extras, path)]

    def _citations(self, citations: Sequence[Citation], path: str) -> list[Json]:
        kept: list[Json] = [citation.document for citation in citations if citation.origin == ORIGIN]
        if len(kept) < len(citations):
            place = self._losses.at(path, "citations")
            self._losses.drop(place, "Messages knows no citations of other services")
        return kept

    def _before(self, opaque: Opaque | None, path: str) -> Blocks:
        """The thinking whose blob a client kept on the part after it (Gemini's clients do)."""
        return [] if opaque is None else self._reasoning(Reasoning(opaque=opaque), path)

    def _reasoning(self, part: Reasoning, path: str) -> Blocks:
        opaque, target = part.opaque, self._target
        if opaque is None:
            if not self._is_own:
                self._losses.drop(path, "unsigned thinking is refused by Messages models")
                return []
            thought: JsonObject = {"type": "thinking", "thinking": "\n\n".join(part.summary)}
            return [self.marked(thought, part.cache, part.extras, path)]
        if not target.takes(opaque.origin):
            said = f"the thinking was sealed by {made_by(opaque.origin)}, which alone can read it"
            self._losses.drop(path, said)
            return []
        if "signature" in opaque.payload:
            thought = {
                "type": "thinking",
                "thinking": "\n\n".join(part.summary),
                "signature": opaque.payload["signature"],
            }
        elif "data" in opaque.payload:
            thought = {"type": "redacted_thinking", "data": opaque.payload["data"]}
        else:
            self._losses.drop(path, "the sealed thinking holds no signature")
            return []
        return [self.marked(thought, part.cache, part.extras, path)]

    def _image(self, part: Image, path: str) -> JsonObject:
        if not self._target.has_vision:
            raise UnsupportedContent(
                f"{path!r} is an image and the model {self._target.model!r} takes none. Leave it out, or choose a "
                "model with vision.",
                param=path,
            )
        source = part.source
        if isinstance(source, Bytes) and source.media_type not in _IMAGE_TYPES and not self._is_own:
            raise UnsupportedContent(
                f"{path!r} is an image of type {source.media_type!r}. Send one of {', '.join(_IMAGE_TYPES)}.",
                param=path,
            )
        if part.detail not in (None, "auto"):
            place = self._losses.at(path, "detail")
            self._losses.spare(place, "Messages has no detail levels for images")
        document: JsonObject = {"type": "image", "source": self._source(source, path)}
        return self.marked(document, part.cache, part.extras, path)

    def _source(self, source: Source, path: str) -> JsonObject:
        match source:
            case Bytes():
                return {"type": "base64", "media_type": source.media_type, "data": source.data}
            case Link():
                return {"type": "url", "url": source.url}
            case Stored() if source.origin == ORIGIN:
                return {"type": "file", "file_id": source.file_id}
            case _:
                raise UnsupportedContent(
                    f"{path!r} refers to the file {source.file_id!r}, which this model cannot fetch. Send the file's "
                    "bytes in base64.",
                    param=path,
                )

    def _file(self, part: File, path: str) -> JsonObject:
        source, text = part.source, part.text
        if isinstance(source, Bytes) and source.media_type != _PDF and not self._is_own:
            text, source = _decode_text(source, path), None
        document: JsonObject = {"type": "document"}
        if source is not None:
            document["source"] = self._source(source, path)
        else:
            document["source"] = {"type": "text", "media_type": "text/plain", "data": text or ""}
        if part.name is not None:
            document["title"] = part.name
        return self.marked(document, part.cache, part.extras, path)

    def _call(self, part: ToolCall, path: str) -> JsonObject:
        if self._is_own:
            document: JsonObject = {"type": "tool_use", "id": part.id, "name": part.name}
            if part.arguments:
                document["input"] = read_arguments(part.arguments)
            return self.marked(document, part.cache, part.extras, path)
        arguments = read_arguments(self._naming.arguments(part))
        if arguments is None:
            self._losses.approximate(path, f"the arguments are no JSON object: sent as {RAW_ARGUMENTS!r}")
            raw: JsonObject = {RAW_ARGUMENTS: part.arguments}
            arguments = raw
        name = self._naming.call_name(part)
        document = {"type": "tool_use", "id": written_id(part.id), "name": name}
        document["input"] = arguments
        return self.marked(document, part.cache, part.extras, path)

    def _result(self, part: ToolResult, path: str, role: str) -> JsonObject:
        document: JsonObject = {
            "type": "tool_result",
            "tool_use_id": part.call_id if self._is_own else written_id(part.call_id),
        }
        first = part.content[0] if len(part.content) == 1 else None
        if part.is_plain and isinstance(first, Text):
            if first.text or self._is_own:
                document["content"] = first.text
        elif part.content or not part.is_plain:
            content: list[Json] = []
            for index, inner in enumerate(part.content):
                content += self.blocks(inner, inner_path(self._losses.origin, path, index), role)
            document["content"] = content
        if part.is_error is not None:
            document["is_error"] = part.is_error
        return self.marked(document, part.cache, part.extras, path)

    def _native(self, part: NativePart, path: str, role: str) -> Blocks:
        if part.origin == ORIGIN:
            return [part.document]
        words = self._losses.native_words(part, path, role, self._target)
        return [] if words is None else [{"type": "text", "text": words}]


def _decode_text(source: Bytes, path: str) -> str:
    if _TEXTUAL.fullmatch(source.media_type.partition(";")[0].strip().lower()):
        try:
            return base64.b64decode(source.data, validate=True).decode("utf-8")
        except (binascii.Error, ValueError) as error:
            raise UnsupportedContent(
                f"{path!r} is no base64 of UTF-8 text ({error}). Send it so, or as plain text.", param=path
            ) from error
    raise UnsupportedContent(
        f"{path!r} is a file of type {source.media_type!r}. Messages models take PDF, text and images.",
        param=path,
    )
