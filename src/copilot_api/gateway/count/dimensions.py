"""The width and height of a picture, read from the first bytes of its file; nothing is decoded. Pure.

Source: PNG specification 1.2 (11.2.2), GIF89a, JPEG (ITU-T T.81 annex B), WebP container specification (read 2026-11).
"""

import binascii
from typing import Final

HEAD_CHARS: Final = 400_000
"""How much base64 is looked at: a JPEG may carry hundreds of kilobytes of metadata before its frame header."""
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_STANDALONE: Final = frozenset((0x01, *range(0xD0, 0xD9)))

Size = tuple[int, int]


def read_size(base64_text: str) -> Size | None:
    """Width and height in pixels; None for what is no PNG, JPEG, GIF or WebP, or is cut short."""
    try:
        head = binascii.a2b_base64(_whole_quads(base64_text[:HEAD_CHARS]))
    except ValueError:
        return None
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        size = _big(head[16:20]), _big(head[20:24])
    elif head.startswith((b"GIF87a", b"GIF89a")):
        size = _little(head[6:8]), _little(head[8:10])
    elif head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        size = _webp(head)
    elif head.startswith(b"\xff\xd8"):
        size = _jpeg(head)
    else:
        return None
    return size if min(size) > 0 else None


def _whole_quads(text: str) -> str:
    """Base64 that can be decoded although it was cut: line breaks out, four characters each."""
    compact = "".join(text.split())
    return compact[: len(compact) & ~3]


def _webp(head: bytes) -> Size:
    kind = head[12:16]
    if kind == b"VP8X":
        return _little(head[24:27]) + 1, _little(head[27:30]) + 1
    if kind == b"VP8L":
        bits = _little(head[21:25])
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    return _little(head[26:28]) & 0x3FFF, _little(head[28:30]) & 0x3FFF


def _jpeg(head: bytes) -> Size:
    position = 2
    while position + 9 <= len(head) and head[position] == 0xFF:
        marker = head[position + 1]
        if marker in _FRAMES:
            return _big(head[position + 7 : position + 9]), _big(head[position + 5 : position + 7])
        if marker == 0xFF:
            position += 1
        elif marker in _STANDALONE:
            position += 2
        else:
            position += 2 + max(2, _big(head[position + 2 : position + 4]))
    return 0, 0


def _big(data: bytes) -> int:
    return int.from_bytes(data, "big")


def _little(data: bytes) -> int:
    return int.from_bytes(data, "little")
