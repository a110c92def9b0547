"""Pieces of content, in one vocabulary. Frozen values; equal content means equal parts.

Every part may carry `extras` (fields its reader did not understand) and, where its protocol has them, a cache
hint. A part that only one protocol knows is a `NativePart`: carried whole, written only to its origin.
"""

from typing import Literal

import msgspec

from copilot_api.neutral.extras import Extras, JsonObject
from copilot_api.neutral.opaque import Opaque


class CacheHint(msgspec.Struct, frozen=True):
    """The client asks that the prompt be cached up to here. `ttl` in the origin's words ("5m", "1h")."""

    ttl: str | None = None
    extras: Extras | None = None


class Citation(msgspec.Struct, frozen=True):
    """A source behind a text. `document` is the whole citation in its origin's words; the others are read from it.

    Units: `start` and `end` in characters of the text, where the origin counts them.
    """

    origin: str
    document: JsonObject
    url: str | None = None
    title: str | None = None
    quote: str | None = None
    start: int | None = None
    end: int | None = None


class Bytes(msgspec.Struct, frozen=True):
    """A file in the request itself. Shape: `data` is standard base64 text, as it came."""

    media_type: str
    data: str


class Link(msgspec.Struct, frozen=True):
    """A file somewhere else: an http(s) address."""

    url: str
    media_type: str | None = None


class Stored(msgspec.Struct, frozen=True):
    """A file that one protocol's file service keeps. Only its origin can fetch it."""

    origin: str
    file_id: str


Source = Bytes | Link | Stored


class TokenLogprob(msgspec.Struct, frozen=True):
    """A token of an answer, how likely it was, and the likeliest ones in its place (without further ones).

    Units: `logprob` is a natural logarithm. `utf8` are the token's bytes, None where upstream does not say.
    """

    token: str
    logprob: float | int
    utf8: tuple[int, ...] | None = None
    top: tuple["TokenLogprob", ...] = ()


class Text(msgspec.Struct, frozen=True):
    """Words. Empty text is kept: whether it may be sent is the writer's business."""

    text: str
    citations: tuple[Citation, ...] = ()
    cache: CacheHint | None = None
    opaque: Opaque | None = None
    """A blob that hangs on a text part (Gemini puts thought signatures there)."""
    extras: Extras | None = None
    logprobs: tuple[TokenLogprob, ...] = ()
    """Of an answer, where the client asked for them and upstream has them."""


class Image(msgspec.Struct, frozen=True):
    """A picture. `detail` is "low", "high", "auto" or another word of the origin."""

    source: Source
    detail: str | None = None
    cache: CacheHint | None = None
    extras: Extras | None = None


class File(msgspec.Struct, frozen=True):
    """A document: PDF, plain text, anything with a media type. `text` holds a document given as plain text."""

    source: Source | None
    name: str | None = None
    text: str | None = None
    cache: CacheHint | None = None
    extras: Extras | None = None


class Reasoning(msgspec.Struct, frozen=True):
    """Thinking: what may be read of it, and the blob that its origin wants back byte for byte.

    `summary` are the readable pieces (a summary's parts, or the one thinking text); `text` is raw reasoning, where
    an origin shows it. `is_redacted`: there is only the blob.
    """

    summary: tuple[str, ...] = ()
    text: str | None = None
    opaque: Opaque | None = None
    is_redacted: bool = False
    cache: CacheHint | None = None
    extras: Extras | None = None


class ToolCall(msgspec.Struct, frozen=True):
    """The model asks for a tool. `arguments` is text, never parsed and re-dumped; may be empty or broken JSON.

    `kind` "custom" means that `arguments` is freeform input, not JSON. `namespace` as Responses has it.
    """

    id: str
    name: str
    arguments: str
    kind: Literal["function", "custom"] = "function"
    namespace: str | None = None
    opaque: Opaque | None = None
    """A thought signature on the call (Gemini)."""
    cache: CacheHint | None = None
    extras: Extras | None = None


class ToolResult(msgspec.Struct, frozen=True):
    """What a tool gave back. `name` where the origin matches by name; `content` may be empty.

    `is_plain`: the content was a bare string on the wire. `is_error` None: the origin did not say.
    """

    call_id: str
    content: tuple["Text | Image | File | NativePart", ...] = ()
    name: str | None = None
    is_error: bool | None = None
    is_plain: bool = False
    kind: Literal["function", "custom"] = "function"
    cache: CacheHint | None = None
    extras: Extras | None = None


class Refusal(msgspec.Struct, frozen=True):
    """The model's words for saying no."""

    text: str
    extras: Extras | None = None


class NativePart(msgspec.Struct, frozen=True):
    """A part that only `origin` knows (a server tool's call, an `agent_message`, a compaction): carried whole.

    `text` is what a reader of another protocol may be told instead, where there is a fair way to say it.
    """

    origin: str
    document: JsonObject
    text: str | None = None
    opaque: Opaque | None = None


Part = Text | Image | File | Reasoning | ToolCall | ToolResult | Refusal | NativePart
