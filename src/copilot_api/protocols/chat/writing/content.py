"""Content parts in chat's words.

Owns what Copilot's chat endpoint takes: text and pictures. It takes no files; a text document is said as text.
Source: upstream contract 4.1; openai 3.54, types/chat/chat_completion_content_part_param.py (read 2026-11).
"""

import base64
import binascii

from copilot_api.errors import UnsupportedContent
from copilot_api.neutral.extras import JsonObject
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
from copilot_api.protocols.base import Target
from copilot_api.protocols.chat.words import completed, spelled
from copilot_api.protocols.losses import Losses
from copilot_api.protocols.spelling import title


def native_part(part: Text | Image | File | Refusal | NativePart) -> JsonObject:
    """A part as chat spelled it."""
    match part:
        case Text():
            document: JsonObject = {"type": "text", "text": part.text}
        case Refusal():
            document = {"type": "refusal", "refusal": part.text}
        case Image():
            address = spelled(part.extras, "@url") or _address(part.source)
            if spelled(part.extras, "@bare"):
                document = {"type": "image_url", "image_url": address}
            else:
                inner: JsonObject = {"url": address} if address else {}
                if part.detail is not None:
                    inner["detail"] = part.detail
                document = {"type": "image_url", "image_url": inner}
        case File():
            document = {"type": "file", "file": _native_file(part)}
        case _:
            return part.document
    cache = None if isinstance(part, Refusal) else part.cache
    if cache is not None and spelled(cache.extras, "@at") is None:
        document[str(spelled(cache.extras, "@as") or "cache_control")] = mark(cache)
    return completed(document, part.extras)


def mark(cache: CacheHint) -> JsonObject:
    """A cache mark."""
    document: JsonObject = {} if spelled(cache.extras, "@as") else {"type": "ephemeral"}
    if cache.ttl is not None:
        document["ttl"] = cache.ttl
    return completed(document, cache.extras)


def _native_file(part: File) -> JsonObject:
    inner: JsonObject = {} if part.name is None else {"filename": part.name}
    match part.source:
        case Bytes() as source:
            is_bare = spelled(part.extras, "@bare")
            inner["file_data"] = spelled(part.extras, "@url") or (
                source.data if is_bare else _address(source)
            )
            file_id = spelled(part.extras, "@file_id")
            if file_id is not None:
                inner["file_id"] = file_id
        case Stored() as source:
            inner["file_id"] = source.file_id
        case Link() as source:
            inner["file_data"] = source.url
        case _:
            pass
    return inner


def _address(source: Source) -> str:
    if isinstance(source, Bytes):
        return f"data:{source.media_type};base64,{source.data}"
    return source.url if isinstance(source, Link) else source.file_id


def foreign_part(
    part: Text | Image | File | Refusal | NativePart, path: str, target: Target, losses: Losses
) -> JsonObject:
    """A part of another protocol in what a person or a tool says, as chat can say it.

    Raises: UnsupportedContent when it cannot.
    """
    match part:
        case Text():
            losses.drop_extras(path, part.extras)
            if part.citations:
                losses.drop(
                    losses.at(path, "citations"), "chat has no place for the sources of a replayed text"
                )
            return {"type": "text", "text": part.text}
        case Refusal():
            losses.drop_extras(path, part.extras)
            return {"type": "text", "text": part.text}
        case Image():
            return _foreign_image(part, path, target, losses)
        case File():
            return _foreign_file(part, path, target, losses)
        case _:
            return {"type": "text", "text": losses.native_words(part, path, "user", target) or ""}


def _foreign_image(part: Image, path: str, target: Target, losses: Losses) -> JsonObject:
    if not target.has_vision:
        raise UnsupportedContent(
            f"{path!r} is a picture, and the model {target.model!r} sees none. Leave it out, or choose a model with "
            "vision.",
            param=path,
        )
    if isinstance(part.source, Stored):
        raise UnsupportedContent(
            f"{path!r} is kept by the file service of {title(part.source.origin)}, which Copilot cannot reach. "
            "Send the picture itself.",
            param=path,
        )
    losses.drop_extras(path, part.extras)
    inner: JsonObject = {"url": _address(part.source)}
    if part.detail in ("low", "high", "auto"):
        inner["detail"] = part.detail
    elif part.detail is not None:
        losses.spare(losses.at(path, "detail"), f"chat has no detail {part.detail!r}")
    return {"type": "image_url", "image_url": inner}


def _foreign_file(part: File, path: str, target: Target, losses: Losses) -> JsonObject:
    text = part.text if part.text is not None else _decoded(part.source)
    if text is None:
        what = part.source.media_type if isinstance(part.source, Bytes | Link) else None
        raise UnsupportedContent(
            f"{path!r} is a file ({what or 'of unknown type'}), and Copilot's chat endpoint, by which the model "
            f"{target.model!r} is reached, takes none. Send its text, or choose a model that reads files.",
            param=path,
        )
    losses.drop_extras(path, part.extras)
    losses.approximate(path, "chat takes no documents: said as text")
    # The client's own file name is the one thing that tells two documents apart.
    return {"type": "text", "text": f"{part.name}:\n\n{text}" if part.name else text}


def _decoded(source: Source | None) -> str | None:
    """The words of a text document; None for everything else."""
    if not isinstance(source, Bytes) or not source.media_type.startswith("text/"):
        return None
    try:
        return base64.b64decode(source.data, validate=True).decode("utf-8")
    except (binascii.Error, UnicodeError):
        return None
