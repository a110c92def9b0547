"""The content of a message: a string, or parts.

Source: openai 3.54, types/chat/chat_completion_content_part_param.py (`prompt_cache_breakpoint`); upstream contract 4.1
for `image_url.media_type`; LiteLLM's and OpenRouter's `cache_control` on parts (read 2026-11).
"""

import re
from typing import Final

import msgspec

from copilot_api.errors import MalformedRequest
from copilot_api.neutral.extras import Extras, Json, JsonObject, Remainder
from copilot_api.neutral.parts import (
    Bytes,
    CacheHint,
    File,
    Image,
    Link,
    NativePart,
    Refusal,
    Source,
    Stored,
    Text,
)
from copilot_api.protocols.chat.words import ORIGIN, rest

Content = Text | Image | File | Refusal | NativePart

_DATA_URL: Final = re.compile(r"data:([^;,]+);base64,")
_PDF: Final = ".pdf"
BREAKPOINT: Final = "prompt_cache_breakpoint"


def read_content(value: Json, path: str) -> tuple[list[Content], bool]:
    """The parts of a content field, and whether it was a bare string.

    Raises: MalformedRequest for anything but a string, a list of objects or null.
    """
    if isinstance(value, str):
        return [Text(value)], True
    if value is None:
        return [], False
    if not isinstance(value, list):
        raise MalformedRequest(f"{path} must be a string or a list of parts.", param=path)
    return [_read_part(part, f"{path}[{at}]") for at, part in enumerate(value)], False


def _read_part(value: Json, path: str) -> Content:
    if not isinstance(value, dict):
        raise MalformedRequest(f"{path} must be an object with a 'type'.", param=path)
    part = Remainder(value, ORIGIN, path)
    match part.text("type"):
        case "text" if part.has("text"):
            return Text(part.text("text") or "", cache=_read_cache(part), extras=part.extras())
        case "image_url" if part.has("image_url"):
            return _read_image(part)
        case "file" if part.has("file"):
            return _read_file(part)
        case "refusal" if part.has("refusal"):
            part.spell("@part", True)
            return Refusal(part.text("refusal") or "", part.extras())
        case _:
            return NativePart(ORIGIN, value)


def _read_image(part: Remainder) -> Image:
    cache = _read_cache(part)
    url = part.peek("image_url")
    if isinstance(url, str):
        # Against the published shape, and yet sent: Copilot's schema refuses it, a quirk mends it.
        part.take("image_url")
        part.spell("@bare", True)
        return Image(_source(part, url), cache=cache, extras=part.extras())
    inner = part.nested("image_url")
    address = "" if inner is None else inner.text("url") or ""
    detail = None if inner is None else inner.text("detail")
    return Image(_source(part, address), detail, cache, rest(part, image_url=inner))


def _read_file(part: Remainder) -> File:
    cache = _read_cache(part)
    inner = part.nested("file") or Remainder({}, ORIGIN)
    name = inner.text("filename")
    data, file_id = inner.text("file_data"), inner.text("file_id")
    source: Source | None = None
    if data is not None:
        media_type = "application/pdf" if (name or "").lower().endswith(_PDF) else "application/octet-stream"
        source = _source(inner, data) if data.startswith("data:") else Bytes(media_type, data)
        if not data.startswith("data:"):
            inner.spell("@bare", True)
        if file_id is not None:
            inner.spell("@file_id", file_id)
    elif file_id is not None:
        source = Stored(ORIGIN, file_id)
    return File(source, name, cache=cache, extras=rest(part, file=inner))


def _source(part: Remainder, url: str) -> Bytes | Link:
    """Where a picture or a file is. A data URL that is not of the one common form keeps its spelling."""
    head = _DATA_URL.match(url)
    if head is not None:
        return Bytes(head[1], url[head.end() :])
    if url.startswith("data:"):
        media_type, _, data = url[5:].partition(",")
        if media_type.endswith(";base64"):
            part.spell("@url", url)
            return Bytes(media_type.partition(";")[0], data)
    return Link(url)


def _read_cache(part: Remainder) -> CacheHint | None:
    """A cache mark, in Anthropic's words, which other gateways brought into chat, or in OpenAI's."""
    hint = part.peek("cache_control")
    if isinstance(hint, dict) and hint.get("type") == "ephemeral":
        part.take("cache_control")
        return read_hint(hint)
    breakpoint_ = part.peek(BREAKPOINT)
    if not isinstance(breakpoint_, dict) or breakpoint_.get("mode") != "explicit":
        return None
    part.take(BREAKPOINT)
    fields = {name: value for name, value in breakpoint_.items() if name != "mode"}
    ttl = fields.pop("ttl") if isinstance(fields.get("ttl"), str) else None
    spelled: JsonObject = {"@as": BREAKPOINT, "mode": "explicit"}
    return CacheHint(ttl if isinstance(ttl, str) else None, Extras(ORIGIN, fields, spelled))


def read_hint(hint: JsonObject) -> CacheHint:
    """A cache mark `{"type": "ephemeral", "ttl"?}`."""
    fields = {name: value for name, value in hint.items() if name != "type"}
    ttl = fields.get("ttl")
    if isinstance(ttl, str):
        del fields["ttl"]
    return CacheHint(ttl if isinstance(ttl, str) else None, Extras(ORIGIN, fields) if fields else None)


def hang_hint(parts: list[Content], hint: CacheHint, name: str) -> bool:
    """Hang a message's cache mark of that name on its last part; False where there is none to hang it on."""
    if not parts or not isinstance(parts[-1], Text | Image | File) or parts[-1].cache is not None:
        return False
    mark = msgspec.structs.replace(
        hint, extras=Extras(ORIGIN, {} if hint.extras is None else hint.extras.fields, {"@at": name})
    )
    parts[-1] = msgspec.structs.replace(parts[-1], cache=mark)
    return True
