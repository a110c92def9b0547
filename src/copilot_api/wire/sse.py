"""Server-sent events, sans I/O: bytes in, whole frames out, each with its exact bytes.

Lines end in LF, CR or CRLF and in nothing else: U+2028 inside JSON is text, not a line end.
Source: WHATWG HTML, "Server-sent events", parsing an event stream (read 2026-11).
"""

import msgspec


class Frame(msgspec.Struct, frozen=True, gc=False):
    """One event block, terminator included. `raw` is what came; the properties read it on demand."""

    raw: bytes

    @property
    def data(self) -> bytes:
        """The joined `data:` lines; empty for comments and for blocks without data."""
        raise NotImplementedError

    @property
    def event(self) -> str:
        """The `event:` value; empty when there is none."""
        raise NotImplementedError


class SseDecoder:
    """Splits a byte stream into frames, whatever the chunk borders."""

    def feed(self, chunk: bytes) -> list[Frame]:
        """Take a chunk; return the frames it completed."""
        raise NotImplementedError

    def finish(self) -> bytes:
        """The bytes of an unfinished frame at the end of input (empty when the stream ended cleanly)."""
        raise NotImplementedError


def encode_frame(data: bytes, event: str = "") -> bytes:
    """One frame: optional `event:` line, one `data:` line per line of `data`, a blank line."""
    raise NotImplementedError
