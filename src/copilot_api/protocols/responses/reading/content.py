"""Content parts and the items that are one part, as requests and answers both hold them.

Owns how a Responses document becomes a neutral part. Must never know where it stands in a conversation.
Source: openai-python 3.54, types/responses: response_input_content, response_output_text, response_reasoning_item,
response_function_tool_call, response_custom_tool_call (read 2026-11).
"""

from collections.abc import Callable
from typing import Final

import msgspec

from copilot_api.neutral.extras import Json, JsonObject, Remainder
from copilot_api.neutral.opaque import Opaque, open_sealed
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
    Stored,
    Text,
    ToolCall,
)

ORIGIN: Final = "responses"
BOOKKEEPING: Final = ("id", "status", "type", "internal_chat_message_metadata_passthrough")
"""Fields of an item that say nothing of its content. The last is Codex's own, sent to the built-in provider."""
TOOL_SEARCH: Final = "tool_search"
"""A tool search that the client runs is a function of this name; the API reserves the name for it."""
_BASE64: Final = ";base64,"
_PDF: Final = "application/pdf"


def read_content(content: list[Json], path: str, expected: str) -> tuple[Part, ...]:
    """The parts of a content list; `expected` is how text is called there ("input_text", "output_text").

    Raises: MalformedRequest for an element that is no object, or whose known field has a wrong type.
    """
    return tuple(
        read_part(object_at(element, f"{path}[{index}]"), f"{path}[{index}]", expected)
        for index, element in enumerate(content)
    )


def object_at(value: Json, path: str) -> JsonObject:
    """Insist on an object.

    Raises: MalformedRequest for anything else.
    """
    if isinstance(value, dict):
        return value
    raise Remainder({}, ORIGIN).wrong(path, "an object", value)


def read_part(document: JsonObject, path: str, expected: str) -> Part:
    """One content part; one of a type we do not know is carried whole."""
    kind = document.get("type")
    reader = _PARTS.get(kind) if isinstance(kind, str) else None
    if reader is None:
        return NativePart(ORIGIN, document)
    fields = Remainder(document, ORIGIN, path)
    fields.take("type")
    if kind != expected:
        fields.spell("type", kind)
    return reader(fields)


def _read_text(fields: Remainder) -> Text:
    text = fields.text("text") or ""
    citations = _read_citations(fields)
    if fields.peek("logprobs") == []:
        fields.keep("logprobs")
    return Text(text, citations, _read_cache(fields), extras=fields.extras())


def _read_citations(fields: Remainder) -> tuple[Citation, ...]:
    annotations = fields.array("annotations")
    if annotations == []:
        fields.spell("annotations", [])
    return tuple(
        read_citation(object_at(annotation, f"{fields.at('annotations')}[{index}]"))
        for index, annotation in enumerate(annotations or ())
    )


def read_citation(document: JsonObject) -> Citation:
    """A citation out of an annotation; fields of other types than expected are left in the document only."""

    def text(name: str) -> str | None:
        value = document.get(name)
        return value if isinstance(value, str) else None

    def place(name: str) -> int | None:
        value = document.get(name)
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    title = text("title") or text("filename")
    return Citation(ORIGIN, document, text("url"), title, None, place("start_index"), place("end_index"))


def _read_cache(fields: Remainder) -> CacheHint | None:
    hint = fields.nested("prompt_cache_breakpoint")
    if hint is None:
        return None
    ttl = hint.text("ttl")
    hint.keep("mode")
    return CacheHint(ttl, hint.extras())


def _read_refusal(fields: Remainder) -> Refusal:
    return Refusal(fields.text("refusal") or "", fields.extras())


def _read_image(fields: Remainder) -> Image | NativePart:
    url = fields.text("image_url")
    file_id = fields.text("file_id") if url is None else None
    if url is None and file_id is None:
        raise fields.wrong("image_url", "an https address or a data URL", None)
    source = Stored(ORIGIN, file_id) if file_id is not None else _read_url(url or "")
    detail, cache = fields.text("detail"), _read_cache(fields)
    return Image(source, detail, cache, fields.extras())


def _read_url(url: str) -> Bytes | Link:
    """A data URL in its base64 form, as bytes; every other address as it is."""
    head, found, data = url.partition(_BASE64) if url.startswith("data:") else ("", "", "")
    media_type = head[5:]
    if not found or not media_type or ";" in media_type:
        return Link(url)
    return Bytes(media_type, data)


def _read_file(fields: Remainder) -> File:
    data, name = fields.text("file_data"), fields.text("filename")
    source: Bytes | Link | Stored
    if data is not None:
        source = _read_data(data, fields)
    elif (url := fields.text("file_url")) is not None:
        source = Link(url)
    elif (file_id := fields.text("file_id")) is not None:
        source = Stored(ORIGIN, file_id)
    else:
        raise fields.wrong("file_data", "a data URL (or give 'file_url')", None)
    cache = _read_cache(fields)
    return File(source, name, None, cache, fields.extras())


def _read_data(data: str, fields: Remainder) -> Bytes:
    source = _read_url(data)
    if isinstance(source, Bytes):
        return source
    # Some clients send the base64 alone; PDF is what the API took first and what they mean.
    fields.spell("@file_data", "bare")
    return Bytes(_PDF, data)


_PARTS: Final[dict[str, Callable[[Remainder], Part]]] = {
    "input_text": _read_text,
    "output_text": _read_text,
    "text": _read_text,
    "refusal": _read_refusal,
    "input_image": _read_image,
    "input_file": _read_file,
}


def read_reasoning(fields: Remainder, origin: str) -> Reasoning:
    """A `reasoning` item. Its blob is the exact (id, encrypted_content) pair, or what we sealed into the latter."""
    fields.keep(*BOOKKEEPING)
    summary = _read_texts(fields, "summary", "summary_text")
    text = "".join(_read_texts(fields, "content", "reasoning_text")) if fields.has("content") else None
    fields.keep("content")  # null
    opaque = _read_blob(fields, origin)
    is_bare = not any(summary) and not text
    is_redacted = opaque is not None and is_bare and not opaque.origin.startswith(ORIGIN)
    return Reasoning(summary, text, opaque, is_redacted, extras=fields.extras())


def _read_texts(fields: Remainder, name: str, kind: str) -> tuple[str, ...]:
    """The texts of a list of one-text objects; anything beside the texts is noted as it was written."""
    elements = fields.array(name) or []
    texts: list[str] = []
    is_usual = True
    for index, element in enumerate(elements):
        path = f"{fields.at(name)}[{index}]"
        piece = Remainder(object_at(element, path), ORIGIN, path)
        texts.append(piece.text("text") or "")
        is_usual = is_usual and element == {"type": kind, "text": texts[-1]}
    if not is_usual or not elements or name == "content":
        fields.spell(name, list(elements))
    return tuple(texts)


def _read_blob(fields: Remainder, origin: str) -> Opaque | None:
    content = fields.text("encrypted_content")
    if not content:
        if content is not None:
            fields.spell("encrypted_content", content)
        fields.keep("encrypted_content")  # null
        return None
    sealed = open_sealed(content)
    return sealed if sealed is not None else native_blob(content, fields.spelled("id"), origin)


def native_blob(content: str, item_id: Json, origin: str) -> Opaque:
    """The pair that replays: the ciphertext is bound to the id of the event or body that brought it."""
    payload = {"encrypted_content": content}
    if isinstance(item_id, str) and item_id:
        payload["id"] = item_id
    return Opaque(origin, payload)


def read_function_call(fields: Remainder) -> ToolCall:
    """A `function_call` item."""
    fields.keep(*BOOKKEEPING)
    call_id, name = fields.text("call_id") or "", fields.text("name") or ""
    arguments, namespace = fields.text("arguments") or "", fields.text("namespace")
    return ToolCall(call_id, name, arguments, "function", namespace, extras=fields.extras())


def read_custom_call(fields: Remainder) -> ToolCall:
    """A `custom_tool_call` item."""
    fields.keep(*BOOKKEEPING)
    call_id, name = fields.text("call_id") or "", fields.text("name") or ""
    text, namespace = fields.text("input") or "", fields.text("namespace")
    return ToolCall(call_id, name, text, "custom", namespace, extras=fields.extras())


def read_search_call(fields: Remainder) -> ToolCall:
    """A `tool_search_call` for the client, as the call of a function."""
    call_id, arguments = fields.text("call_id") or "", fields.take("arguments")
    text = arguments if isinstance(arguments, str) else msgspec.json.encode(arguments or {}).decode()
    return ToolCall(call_id, TOOL_SEARCH, text)
