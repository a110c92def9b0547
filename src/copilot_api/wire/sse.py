"""Server-sent events, sans I/O: bytes in, whole frames out, each with its exact bytes.

Owns where a frame begins and ends and what its `data:` and `event:` lines say. Must never know a protocol,
nor read the JSON inside. Lines end in LF, CR or CRLF and in nothing else: U+2028 inside JSON is text, not a
line end.
Source: WHATWG HTML, "Server-sent events", parsing an event stream (read 2026-11).

    stream  := [BOM] frame*
    frame   := line* blank          a blank line ends it; `raw` holds every byte, the blank line included
    line    := ":" comment | field [":" [" "] value]
"""

import re
from typing import Final

import msgspec

from copilot_api.errors import UpstreamProtocolError

MAX_FRAME_BYTES: Final = 32 * 1024 * 1024
"""A longer frame is refused. The longest seen, a terminal Responses event, repeats a whole answer."""

_BOM: Final = b"\xef\xbb\xbf"
# Possessive (`?+`), so that the CRLF after a line is never taken for two line ends.
_BLANK_LINE: Final = re.compile(rb"(?:\r\n?+|\n)(?:\r\n?+|\n)")
_LINE_END: Final = re.compile(rb"\r\n?|\n")


class Frame(msgspec.Struct, frozen=True, gc=False):
    """One event block, terminator included. `raw` is what came; the properties read it on demand.

    A frame may carry nothing (a comment, a byte order mark, a blank line on its own): its `data` is then
    empty.
    """

    raw: bytes

    @property
    def data(self) -> bytes:
        """The joined `data:` lines; empty for comments and for blocks without data."""
        raw = self.raw
        # The two shapes of nearly every frame upstream sends: `data: …` alone, or after one `event: …` line.
        start = 6
        if raw.startswith(b"event: "):
            start = raw.find(b"\n") + 7
        if (
            raw.startswith(b"data: ", start - 6)
            and raw.find(b"\n", start) == len(raw) - 2
            and b"\r" not in raw
        ):
            return raw[start:-2]
        return b"\n".join(_field_values(raw, b"data"))

    @property
    def event(self) -> str:
        """The `event:` value (the last one, as the standard says); empty when there is none."""
        raw = self.raw
        if b"event" not in raw:
            return ""
        end = raw.find(b"\n")
        if raw.startswith(b"event: ") and end > 0 and raw.find(b"event", end) < 0 and b"\r" not in raw:
            return raw[7:end].decode("utf-8", "replace")
        values = _field_values(raw, b"event")
        return values[-1].decode("utf-8", "replace") if values else ""


def _field_values(raw: bytes, field: bytes) -> list[bytes]:
    values: list[bytes] = []
    for line in _LINE_END.split(raw):
        name, _, value = line.partition(b":")
        if name == field:
            values.append(value[1:] if value.startswith(b" ") else value)
    return values


class SseDecoder:
    """Splits a byte stream into frames, whatever the chunk borders.

    The `raw` of all frames, and then `finish()`, concatenate to exactly the bytes fed.
    """

    __slots__ = ("_after_cr", "_at_start", "_has_cr", "_is_busy", "_max_frame_bytes", "_pending")

    def __init__(self, max_frame_bytes: int = MAX_FRAME_BYTES) -> None:
        self._pending = bytearray()
        self._max_frame_bytes = max_frame_bytes
        self._has_cr = False  # whether `_pending` holds a CR
        self._after_cr = False  # the last frame ended in CR: an LF now is the rest of its line end
        self._at_start = True  # a byte order mark may still come
        self._is_busy = True  # any of the above: the next chunk takes the slow way

    def feed(self, chunk: bytes) -> list[Frame]:
        """Take a chunk; return the frames it completed.

        Raises: UpstreamProtocolError when an unfinished frame has grown beyond the limit.
        """
        if self._is_busy or b"\r" in chunk:
            return self._feed_any(chunk)
        if chunk.endswith(b"\n\n"):
            # Nearly always one frame of one or two lines. Counting one byte is faster than searching for two.
            lines = chunk.count(b"\n")
            if lines == 2 or (lines == 3 and not chunk.endswith(b"\n\n\n")):
                return [Frame(chunk)]
        pieces = chunk.split(b"\n\n")
        self._keep(pieces.pop())
        return [Frame(piece + b"\n\n") for piece in pieces]

    def finish(self) -> bytes:
        """Give the bytes of an unfinished frame at the end of input (empty when the stream ended cleanly).

        The standard discards them; a caller that wants to look makes a `Frame` of them.
        """
        return bytes(self._pending)

    def _feed_any(self, chunk: bytes) -> list[Frame]:
        """Take the general case: something is pending, the stream begins, or a CR is about."""
        frames: list[Frame] = []
        if self._after_cr and chunk:
            self._after_cr = False
            if chunk.startswith(b"\n"):
                frames.append(Frame(b"\n"))
                chunk = chunk[1:]
        # A blank line may have begun in the old bytes, at most three of its four being there.
        search_from = max(0, len(self._pending) - 3)
        self._has_cr = self._has_cr or b"\r" in chunk
        self._pending += chunk
        if self._at_start:
            if not self._read_mark(frames):
                return frames
            search_from = 0
        end = self._cut(frames, search_from)
        if end:
            self._after_cr = end == len(self._pending) and self._pending.endswith(b"\r")
            del self._pending[:end]
            self._has_cr = self._has_cr and b"\r" in self._pending
        self._is_busy = bool(self._pending) or self._after_cr
        self._check_size()
        return frames

    def _read_mark(self, frames: list[Frame]) -> bool:
        """Set a byte order mark apart as a frame of its own; False while it may still be coming."""
        head = bytes(self._pending[:3])
        if head == _BOM:
            frames.append(Frame(_BOM))
            del self._pending[:3]
        elif _BOM.startswith(head):
            return False
        self._at_start = False
        return True

    def _cut(self, frames: list[Frame], search_from: int) -> int:
        """Append every whole frame; return where the unfinished one begins."""
        pending = self._pending
        start = 0
        while True:
            if self._has_cr:
                match = _BLANK_LINE.search(pending, search_from)
                end = match.end() if match else -1
            else:
                found = pending.find(b"\n\n", search_from)
                end = found + 2 if found >= 0 else -1
            if end < 0:
                return start
            frames.append(Frame(bytes(pending[start:end])))
            start = search_from = end

    def _keep(self, rest: bytes) -> None:
        if rest:
            self._pending += rest
            self._is_busy = True
            self._check_size()

    def _check_size(self) -> None:
        if len(self._pending) > self._max_frame_bytes:
            raise UpstreamProtocolError(
                f"The upstream sent an event of more than {self._max_frame_bytes} bytes without ending it."
            )


def encode_frame(data: bytes, event: str = "") -> bytes:
    """Write one frame: optional `event:` line, one `data:` line per line of `data`, a blank line."""
    head = b"event: %b\n" % event.encode() if event else b""
    if b"\n" in data or b"\r" in data:
        data = b"\ndata: ".join(_LINE_END.split(data))
    return b"%bdata: %b\n\n" % (head, data)
