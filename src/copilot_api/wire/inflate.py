"""Undoing `content-encoding`, sans I/O and safe against bombs.

Owns the encodings and the expansion limit. Must never know where the bytes come from. Every step produces a
bounded piece, so that memory never holds more than `max_bytes` and one step, whatever the input expands to.
Source: RFC 9110 section 8.4, RFC 1950-1952, RFC 7932, RFC 8878 (read 2026-11).
"""

import sys
import zlib
from collections.abc import Callable, Iterator
from typing import Final, Protocol, cast

import brotli  # type: ignore[import-untyped]  # pyright: ignore[reportMissingTypeStubs]  # ships no types

from copilot_api.errors import BodyTooLarge, MalformedRequest, UnsupportedEncoding

if sys.version_info >= (3, 14):  # pragma: no cover - one branch per interpreter
    from compression import zstd
else:  # pragma: no cover
    from backports import zstd  # pyright: ignore[reportMissingTypeStubs]

STEP_BYTES: Final = 64 * 1024
MAX_ENCODINGS: Final = 3
"""Nobody stacks more; each layer multiplies what a bomb costs us."""

_GZIP_WINDOW: Final = 31
_RAW_DEFLATE_WINDOW: Final = -15
_ZLIB_WINDOW: Final = 15


class _Layer(Protocol):
    """One encoding being undone."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Bounded pieces of what `data` inflates to."""
        ...

    def is_whole(self) -> bool:
        """Whether the input ended where the encoding says it does."""
        ...


class _ZlibLayer:
    """gzip (also several members in a row) or deflate."""

    def __init__(self, window: int) -> None:
        self._window = window
        self._stream = zlib.decompressobj(window)
        self._is_begun = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        while data:
            if self._stream.eof:
                if self._window != _GZIP_WINDOW:
                    raise zlib.error("data after the end of the stream")
                self._stream = zlib.decompressobj(self._window)
            if not self._is_begun:
                self._is_begun = True
                # "deflate" means zlib (RFC 9110), but many senders leave its header out.
                if self._window == _ZLIB_WINDOW and data[0] & 0x0F != zlib.DEFLATED:
                    self._window = _RAW_DEFLATE_WINDOW
                    self._stream = zlib.decompressobj(self._window)
            yield self._stream.decompress(data, STEP_BYTES)
            data = self._stream.unused_data if self._stream.eof else self._stream.unconsumed_tail
        while not self._stream.eof:
            # Output may wait inside although the input is used up.
            piece = self._stream.decompress(b"", STEP_BYTES)
            if not piece:
                return
            yield piece

    def is_whole(self) -> bool:
        return self._stream.eof


class _BrotliStream(Protocol):
    """`brotli.Decompressor`, of which the package says no types."""

    def process(self, data: bytes, output_buffer_limit: int) -> bytes: ...
    def can_accept_more_data(self) -> bool: ...
    def is_finished(self) -> bool: ...


_BROTLI_ERROR: Final = cast("type[Exception]", brotli.error)  # pyright: ignore[reportUnknownMemberType]


class _BrotliLayer:
    def __init__(self) -> None:
        self._stream = cast("_BrotliStream", brotli.Decompressor())  # pyright: ignore[reportUnknownMemberType]

    def feed(self, data: bytes) -> Iterator[bytes]:
        piece = self._stream.process(data, output_buffer_limit=STEP_BYTES)
        yield piece
        # brotli 1.2 says it can accept more data while output is still waiting, so ask until there is none.
        while not self._stream.is_finished() and (piece or not self._stream.can_accept_more_data()):
            piece = self._stream.process(b"", output_buffer_limit=STEP_BYTES)
            yield piece

    def is_whole(self) -> bool:
        return self._stream.is_finished()


class _ZstdLayer:
    """zstd, also several frames in a row."""

    def __init__(self) -> None:
        self._stream = zstd.ZstdDecompressor()

    def feed(self, data: bytes) -> Iterator[bytes]:
        while True:
            if self._stream.eof:
                data = self._stream.unused_data + data
                if not data:
                    return
                self._stream = zstd.ZstdDecompressor()
            yield self._stream.decompress(data, STEP_BYTES)
            data = b""
            if not self._stream.eof and self._stream.needs_input:
                return

    def is_whole(self) -> bool:
        return self._stream.eof


_LAYERS: Final[dict[str, Callable[[], _Layer]]] = {
    "gzip": lambda: _ZlibLayer(_GZIP_WINDOW),
    "x-gzip": lambda: _ZlibLayer(_GZIP_WINDOW),
    "deflate": lambda: _ZlibLayer(_ZLIB_WINDOW),
    "br": _BrotliLayer,
    "zstd": _ZstdLayer,
}


class Inflater:
    """Undoes a `content-encoding` header, piece by piece.

    Units: `max_bytes` counts inflated bytes, of each layer.
    """

    def __init__(self, encoding: str, max_bytes: int) -> None:
        """Read the header.

        Raises: UnsupportedEncoding
        """
        names = [
            name for part in encoding.split(",") if (name := part.strip().lower()) not in {"", "identity"}
        ]
        unknown = [name for name in names if name not in _LAYERS]
        if unknown or len(names) > MAX_ENCODINGS:
            raise UnsupportedEncoding(
                f"Content-Encoding {encoding!r} cannot be undone. Send gzip, deflate, br, zstd or identity, "
                f"at most {MAX_ENCODINGS} of them."
            )
        # The header lists them in the order they were applied; they come off in reverse.
        self._layers = [_LAYERS[name]() for name in reversed(names)]
        self._counts = [0] * (len(names) + 1)
        self._max_bytes = max_bytes
        self._encoding = encoding
        self._is_fed = False

    def feed(self, data: bytes) -> bytes:
        """Take encoded bytes; return what they inflate to.

        Raises: BodyTooLarge, MalformedRequest
        """
        if not data:
            return b""
        self._is_fed = True
        try:
            return b"".join(self._inflate(data, 0))
        except (zlib.error, _BROTLI_ERROR, zstd.ZstdError) as error:
            raise MalformedRequest(
                f"The body is not valid {self._encoding!r} data ({error}). Check the Content-Encoding header."
            ) from error

    def finish(self) -> bytes:
        """Say that the input ended; nothing is left over, since `feed` gives all there is.

        Raises: MalformedRequest when the encoded data was cut.
        """
        if self._is_fed and not all(layer.is_whole() for layer in self._layers):
            raise MalformedRequest(f"The {self._encoding!r} body was cut before its end. Send it whole.")
        return b""

    def _inflate(self, data: bytes, depth: int) -> Iterator[bytes]:
        self._counts[depth] += len(data)
        if depth and self._counts[depth] > self._max_bytes:
            raise BodyTooLarge(f"The body inflates to more than {self._max_bytes} bytes.")
        if depth == len(self._layers):
            yield data
            return
        for piece in self._layers[depth].feed(data):
            if piece:
                yield from self._inflate(piece, depth + 1)


__all__ = ["MAX_ENCODINGS", "STEP_BYTES", "Inflater"]
