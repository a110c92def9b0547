"""External addresses in `/v1/messages`, which Copilot never fetches: fetched here and sent as base64.

Owns where an address may stand and what a file must be. Source: upstream contract 6.3, 10 (read 2026-11).
"""

import base64
import binascii
from collections.abc import Iterator
from typing import Final

from copilot_api.copilot.catalog import Model
from copilot_api.copilot.pictures import picture_type
from copilot_api.copilot.quirks.base import QuirkContext
from copilot_api.copilot.quirks.documents import (
    Document,
    decode_element,
    documents_in,
    elements,
    encode,
    is_document,
    join,
)
from copilot_api.copilot.quirks.images.fetch import ImageFetch, PublicFetch
from copilot_api.errors import UnsupportedContent
from copilot_api.wire.body import Body

NAME: Final = "image-url"
MAX_FILE_BYTES: Final = 5 * 1024 * 1024
MAX_FETCHES: Final = 20
"""The official editor sends at most 20 pictures in one request (contract 6.1)."""
PICTURES: Final = ("image/png", "image/jpeg", "image/gif", "image/webp")
PDF: Final = "application/pdf"

__all__ = ["NAME", "ImageFetch", "PublicFetch", "inline_images", "media_type_of"]


async def inline_images(body: Body, context: QuirkContext, fetch: ImageFetch) -> list[str]:
    """Replace each external address in the messages by the file's bytes; name the quirk if there was one.

    Raises: UnsupportedContent naming the host and the reason, when a file cannot be had or is not what it must be.
    """
    if b'"url"' not in body.text("messages"):
        return []
    parts = elements(body, "messages") or []
    fetched: dict[str, bytes] = {}
    for at, part in enumerate(parts):
        turn = decode_element(part) if b'"url"' in part else None
        sources = list(_sources(turn)) if is_document(turn) else []
        for block in sources:
            await _inline(block, context.model, fetch, fetched)
        if sources:
            parts[at] = encode(turn)
    if not fetched:
        return []
    body.set_text("messages", join(parts))
    return [NAME]


def media_type_of(data: bytes) -> str | None:
    """What a file is, by its first bytes; what a server says of it counts for nothing."""
    return PDF if data.startswith(b"%PDF-") else picture_type(data)


def _sources(turn: Document) -> Iterator[Document]:
    """Every image or document block with an address, also inside tool results."""
    for block in documents_in(turn.get("content")):
        for one in (block, *documents_in(block.get("content"))):
            source = one.get("source")
            if (
                one.get("type") in ("image", "document")
                and is_document(source)
                and source.get("type") == "url"
            ):
                yield one


async def _inline(block: Document, model: Model, fetch: ImageFetch, fetched: dict[str, bytes]) -> None:
    source = block["source"]
    url = source.get("url") if is_document(source) else None
    if not isinstance(url, str):
        raise UnsupportedContent("A source of type 'url' needs a string 'url'.", param="messages")
    if url not in fetched:
        if len(fetched) >= MAX_FETCHES:
            raise UnsupportedContent(
                f"More than {MAX_FETCHES} external files in one request. Send them as base64 data.",
                param="messages",
            )
        fetched[url] = _inside(url) if url.startswith("data:") else await fetch(url, _max_bytes(block, model))
    data = fetched[url]
    kind = media_type_of(data)
    if kind not in _accepted(block, model):
        raise UnsupportedContent(
            f"The file at {_host(url)!r} is {kind or 'of an unknown type'}; this model takes "
            f"{', '.join(_accepted(block, model))}.",
            param="messages",
        )
    block["source"] = {"type": "base64", "media_type": kind, "data": base64.b64encode(data).decode("ascii")}


def _max_bytes(block: Document, model: Model) -> int:
    vision = model.limits.vision
    if block.get("type") != "image" or vision is None or vision.max_image_bytes is None:
        return MAX_FILE_BYTES
    return min(MAX_FILE_BYTES, vision.max_image_bytes)


def _accepted(block: Document, model: Model) -> tuple[str, ...]:
    if block.get("type") == "document":
        return (PDF,)
    vision = model.limits.vision
    return vision.media_types if vision is not None and vision.media_types else PICTURES


def _inside(url: str) -> bytes:
    head, _, data = url.partition(",")
    try:
        return base64.b64decode(data, validate=True) if head.endswith(";base64") else b""
    except binascii.Error as error:
        raise UnsupportedContent("A 'data:' address does not hold valid base64.", param="messages") from error


def _host(url: str) -> str:
    return url.partition("://")[2].partition("/")[0].rpartition("@")[2] or url[:30]
