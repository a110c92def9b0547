"""Long JSON read piece by piece: one call of a decoder holds Python's lock for as long as it takes, 30 ms a megabyte.

Owns the cutting. The values are those of `read_json`, whatever the cut.
"""

from collections.abc import Iterator
from typing import Final, cast

import msgspec

from copilot_api.wire.reading import malformed, read_json

_PIECE_BYTES: Final = 64 * 1024
"""What is read in one call: 2 ms where every fourth byte begins a value (measured 2026-11, 100,000 contents)."""
_MAX_CUTS: Final = 4
"""So deep the cutting goes: a body, its turns, a turn's parts, a part. Each level is looked through once more."""
_FIELDS: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ITEMS: Final = msgspec.json.Decoder(list[msgspec.Raw])
_VALUES: Final = msgspec.json.Decoder(list[object])
_ANY: Final = msgspec.json.Decoder()
_SLICE: Final = 1000


def read_json_in_pieces(body: bytes) -> object:
    """Read a JSON document as plain values.

    Raises: MalformedRequest
    """
    try:
        return _read(body, _MAX_CUTS)
    except msgspec.DecodeError:
        # Lone surrogates, or no JSON at all: whoever reads it whole knows what to do and to say.
        return read_json(body)
    except (UnicodeDecodeError, RecursionError) as error:
        raise malformed(error) from error


def _read(text: bytes | msgspec.Raw, cuts: int) -> object:
    if len(memoryview(text)) <= _PIECE_BYTES or not cuts:
        return _ANY.decode(text)
    head = bytes(memoryview(text)[:_PIECE_BYTES]).lstrip()[:1]
    if head == b"{":
        return {name: _read(raw, cuts - 1) for name, raw in _FIELDS.decode(text).items()}
    if head == b"[":
        return [value for piece in _pieces(_ITEMS.decode(text)) for value in _read_items(piece, cuts)]
    return _ANY.decode(text)


def _pieces(items: list[msgspec.Raw]) -> Iterator[list[msgspec.Raw]]:
    """Neighbours that together are one piece; a longer one stands alone. There is at least one."""
    piece: list[msgspec.Raw] = []
    size = 0
    for item in items:
        if piece and size + len(memoryview(item)) > _PIECE_BYTES:
            yield piece
            piece, size = [], 0
        piece.append(item)
        size += len(memoryview(item))
    yield piece


def _read_items(piece: list[msgspec.Raw], cuts: int) -> list[object]:
    if len(piece) == 1:
        return [_read(piece[0], cuts - 1)]
    return _VALUES.decode(b"[" + b",".join(piece) + b"]")


def let_go(value: object) -> None:
    """Empty the lists of a document that nobody needs any more, piece by piece: freed at once, they hold the lock."""
    if isinstance(value, dict):
        for inner in cast("dict[str, object]", value).values():
            let_go(inner)
    elif isinstance(value, list):
        items = cast("list[object]", value)
        while items:
            del items[-_SLICE:]
