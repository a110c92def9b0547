"""A picture for each account: a small mirrored pattern as GitHub draws it for people who gave none.

Owns: the PNG bytes. Must never know: HTTP.
"""

import struct
import zlib

from copilot_api.simulator.blobs import digest

_CELLS, _CELL_PIXELS = 5, 16
_GROUND = (240, 240, 240)


def portrait(account_id: int) -> bytes:
    """Draw the picture of an account: always the same bytes for the same id."""
    seed = digest("portrait", str(account_id))
    ink = (seed[0] // 2 + 40, seed[1] // 2 + 40, seed[2] // 2 + 40)
    rows: list[bytes] = []
    for row in range(_CELLS):
        half = [seed[3 + row * 3 + column] % 2 == 0 for column in range(3)]
        colours = [ink if is_on else _GROUND for is_on in (*half, half[1], half[0])]
        line = b"\0" + b"".join(bytes(colour) * _CELL_PIXELS for colour in colours)
        rows += [line] * _CELL_PIXELS
    side = _CELLS * _CELL_PIXELS
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(b"".join(rows))), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in chunks)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
