"""Pictures and files in Gemini's parts: bytes in the request, or the address of something elsewhere.

Owns what becomes an Image and what a File. Source: google-genai 3.4 `types.Blob`, `types.FileData`,
`types.PartMediaResolution` (read 2026-11).
"""

import base64
import binascii
from typing import Final
from urllib.parse import urlsplit

from copilot_api.neutral.parts import Bytes, File, Image, Link, Source, Stored
from copilot_api.protocols.gemini.reading.fields import ORIGIN, Fields

_URL_SAFE: Final = str.maketrans("-_", "+/")
_PICTURES: Final = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "gif": "image/gif",
    "webp": "image/webp",
}
_GOOGLE_FILES: Final = ("generativelanguage.googleapis.com",)
_DETAILS: Final = {
    "MEDIA_RESOLUTION_LOW": "low",
    "MEDIA_RESOLUTION_MEDIUM": "auto",
    "MEDIA_RESOLUTION_HIGH": "high",
}


def read_inline(part: Fields) -> Image | File | None:
    """The part's `inlineData`; None when it has none. Text files are read as the text they are.

    Raises: MalformedRequest
    """
    blob = part.nested("inlineData")
    if blob is None:
        return None
    media_type = blob.text("mimeType") or "application/octet-stream"
    data = _standard(blob.text("data") or "")
    is_picture = media_type.startswith("image/")
    name = None if is_picture else blob.text("displayName")
    part.absorb(blob)
    if is_picture:
        detail = _detail(part)
        return Image(Bytes(media_type, data), detail, extras=part.extras())
    text = _text(data) if media_type.startswith("text/") else None
    source = Bytes(media_type, data) if text is None else None
    return File(source, name, text, extras=part.extras())


def read_linked(part: Fields) -> Image | File | None:
    """The part's `fileData`; None when it has none.

    Raises: MalformedRequest
    """
    linked = part.nested("fileData")
    if linked is None:
        return None
    address = linked.text("fileUri") or ""
    kind = linked.text("mimeType") or picture_type(address)
    is_picture = kind is not None and kind.startswith("image/")
    name = None if is_picture else linked.text("displayName")
    part.absorb(linked)
    source: Source = Link(address, kind) if _is_public(address) else Stored(ORIGIN, address)
    if is_picture:
        detail = _detail(part)
        return Image(source, detail, extras=part.extras())
    return File(source, name, extras=part.extras())


def picture_type(address: str) -> str | None:
    """The media type that an address without one ends in, where it is a picture's."""
    return _PICTURES.get(address.split("?", maxsplit=1)[0].rpartition(".")[2].lower())


def _is_public(address: str) -> bool:
    """Whether anyone may fetch it: Google's own file service answers only the key that uploaded the file."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and parts.hostname not in _GOOGLE_FILES


def _detail(part: Fields) -> str | None:
    resolution = part.nested("mediaResolution")
    if resolution is None:
        return None
    level = resolution.word("level")
    detail = _DETAILS.get(level or "")
    if level is not None and detail is None:
        resolution.put("level", level)
    part.absorb(resolution)
    return detail


def _standard(data: str) -> str:
    """Base64 in the standard alphabet with its padding: google-genai writes the URL-safe one."""
    if "-" in data or "_" in data:
        data = data.translate(_URL_SAFE)
    return data if len(data) % 4 == 0 else data.rstrip("=") + "=" * (-len(data.rstrip("=")) % 4)


def _text(data: str) -> str | None:
    try:
        return base64.b64decode(data, validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return None
