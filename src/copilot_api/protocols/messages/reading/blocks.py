"""Content blocks into parts, for requests and answers alike.

Owns the shape of a block. Must never know turns. A block of unknown type, or of a known type in an unknown form,
becomes a `NativePart` that carries it whole.
Source: anthropic-python 2.12 `types/content_block_param.py` and what it names (read 2026-11).
"""

from collections.abc import Callable, Collection
from typing import Final, cast

import msgspec

from copilot_api.errors import MalformedRequest
from copilot_api.neutral.extras import Extras, Json, JsonObject, Remainder
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
    Source,
    Stored,
    Text,
    ToolCall,
    ToolResult,
)
from copilot_api.protocols.messages.reading.natives import native_text
from copilot_api.protocols.messages.slots import ORIGIN, read_slot, return_blobs

_JSON: Final = msgspec.json.Encoder()


def read_content(rest: Remainder, name: str = "content") -> tuple[tuple[Part, ...], bool]:
    """The parts of a content field, and whether it was no list: a bare string, or missing.

    Raises: MalformedRequest
    """
    content = rest.peek(name)
    if isinstance(content, str):
        rest.take(name)
        return (Text(content),), True
    if content is None:
        return (), True
    if not isinstance(content, list):
        raise rest.wrong(name, "a string or a list of content blocks", content)
    rest.take(name)
    path = rest.at(name)
    parts = [read_block(block, f"{path}[{index}]") for index, block in enumerate(content)]
    return tuple(return_blobs(parts)), False


def read_block(value: Json, path: str, among: Collection[str] | None = None) -> Part:
    """One block. `among` names the types that are understood here; None means all.

    Raises: MalformedRequest
    """
    if not isinstance(value, dict):
        raise MalformedRequest(f"{path} must be a content block (an object), not {value!r:.80}.", param=path)
    kind = value.get("type")
    if not isinstance(kind, str):
        raise MalformedRequest(f"{path}.type must be a string, not {kind!r:.80}.", param=f"{path}.type")
    read = _READERS.get(kind)
    part: Part | None = None
    if read is not None and (among is None or kind in among):
        rest = Remainder(value, ORIGIN, path)
        rest.take("type")
        part = read(rest)
    return NativePart(ORIGIN, value, native_text(value)) if part is None else part


def required_text(rest: Remainder, name: str) -> str:
    """A string that must be there.

    Raises: MalformedRequest
    """
    value = rest.text(name)
    if value is None:
        raise MalformedRequest(f"{rest.at(name)} is missing. Send a string.", param=rest.at(name))
    return value


def open_inner(rest: Remainder, name: str) -> Remainder | None:
    """An object within, to be read on; None when absent or empty (an empty one stays in the rest).

    Raises: MalformedRequest
    """
    return None if rest.peek(name) == {} else rest.nested(name)


def left_over(rest: Remainder, **inner: Remainder | None) -> Extras | None:
    """The extras of an object together with those of its inner objects, each under its name."""
    extras = rest.extras()
    fields = dict(extras.fields) if extras else {}
    spelled = dict(extras.spelled) if extras else {}
    for name, nested in inner.items():
        left = nested.extras() if nested else None
        if left is not None and left.fields:
            fields[name] = left.fields
        if left is not None and left.spelled:
            spelled[name] = left.spelled
    return Extras(ORIGIN, fields, spelled) if fields or spelled else None


def take_cache(rest: Remainder) -> CacheHint | None:
    """The cache mark; one of an unknown type stays in the rest.

    Raises: MalformedRequest
    """
    mark = rest.peek("cache_control")
    if isinstance(mark, dict) and mark.get("type") != "ephemeral":
        return None
    inner = rest.nested("cache_control")
    if inner is None:
        return None
    inner.take("type")
    return CacheHint(inner.text("ttl"), inner.extras())


def read_citation(document: JsonObject) -> Citation:
    """A citation: whole, with what a foreign reader can use beside it."""
    return Citation(
        origin=ORIGIN,
        document=document,
        url=_word(document.get("url")) or _word(document.get("source")),
        title=_word(document.get("title")) or _word(document.get("document_title")),
        quote=_word(document.get("cited_text")),
    )


def _word(value: Json) -> str | None:
    return value if isinstance(value, str) else None


def _text(rest: Remainder) -> Part:
    citations: list[Citation] = []
    if rest.peek("citations") != []:
        for index, value in enumerate(rest.array("citations") or ()):
            if not isinstance(value, dict):
                raise rest.wrong(f"citations[{index}]", "an object", value)
            citations.append(read_citation(value))
    return Text(required_text(rest, "text"), tuple(citations), take_cache(rest), extras=rest.extras())


def _source(source: Remainder) -> Source | None:
    match source.text("type"):
        case "base64":
            return Bytes(required_text(source, "media_type"), required_text(source, "data"))
        case "url":
            return Link(required_text(source, "url"))
        case "file":
            return Stored(ORIGIN, required_text(source, "file_id"))
        case _:
            return None


def _image(rest: Remainder) -> Part | None:
    inner = rest.nested("source")
    source = _source(inner) if inner else None
    if source is None:
        return None
    return Image(source, cache=take_cache(rest), extras=left_over(rest, source=inner))


def _document(rest: Remainder) -> Part | None:
    inner = rest.nested("source")
    if inner is None:
        return None
    source: Source | None = None
    text: str | None = None
    if inner.peek("type") == "text" and inner.peek("media_type") == "text/plain":
        inner.take("type")
        inner.take("media_type")
        text = required_text(inner, "data")
    else:
        source = _source(inner)
        if source is None:
            return None
    return File(source, rest.text("title"), text, take_cache(rest), left_over(rest, source=inner))


def _thinking(rest: Remainder) -> Part:
    thinking = required_text(rest, "thinking")
    opaque: Opaque | None = None
    if rest.peek("signature") != "":
        signature = rest.text("signature")
        opaque = None if signature is None else read_slot(signature, "signature")
    summary = (thinking,) if thinking else ()
    return Reasoning(summary, opaque=opaque, cache=take_cache(rest), extras=rest.extras())


def _redacted(rest: Remainder) -> Part:
    opaque = read_slot(required_text(rest, "data"), "data")
    return Reasoning(opaque=opaque, is_redacted=True, cache=take_cache(rest), extras=rest.extras())


def _call(rest: Remainder) -> Part:
    given = rest.object("input")
    return ToolCall(
        id=required_text(rest, "id"),
        name=required_text(rest, "name"),
        arguments="" if given is None else _encode(given, rest.at("input")),
        cache=take_cache(rest),
        extras=rest.extras(),
    )


def _encode(value: JsonObject, path: str) -> str:
    try:
        return _JSON.encode(value).decode()
    except (UnicodeEncodeError, RecursionError) as error:
        raise MalformedRequest(f"{path} cannot be read: {error}. Send plain JSON.", param=path) from error


_IN_RESULTS: Final = ("text", "image", "document")


def _result(rest: Remainder) -> Part:
    content = rest.peek("content")
    parts: list[Part] = []
    if isinstance(content, list):
        path = rest.at("content")
        parts = [read_block(block, f"{path}[{at}]", _IN_RESULTS) for at, block in enumerate(content)]
        rest.take("content")
    elif content is not None:
        plain = rest.take("content")
        if not isinstance(plain, str):
            raise rest.wrong("content", "a string or a list of content blocks", plain)
        parts = [Text(plain)]
    return ToolResult(
        call_id=required_text(rest, "tool_use_id"),
        content=cast("tuple[Text | Image | File | NativePart, ...]", tuple(parts)),
        is_error=rest.flag("is_error"),
        is_plain=not isinstance(content, list),
        cache=take_cache(rest),
        extras=rest.extras(),
    )


_READERS: Final[dict[str, Callable[[Remainder], Part | None]]] = {
    "text": _text,
    "image": _image,
    "document": _document,
    "thinking": _thinking,
    "redacted_thinking": _redacted,
    "tool_use": _call,
    "tool_result": _result,
}
