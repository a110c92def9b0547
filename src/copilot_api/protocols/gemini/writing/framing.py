r"""A stream for callers that did not ask for `alt=sse`: one JSON array, an element per chunk.

Owns the brackets and commas. Takes SSE frames, whoever wrote them (the writer, a stream error, a keepalive), so that
what is sent is valid JSON however the answer ends.

    array := "[" (element (",\n" element)*)? "]\n"      a frame without data becomes a line break: white space
"""

from copilot_api.wire.sse import SseDecoder


class JsonArray:
    """Reframes one stream."""

    __slots__ = ("_decoder", "_has_begun")

    def __init__(self) -> None:
        self._decoder = SseDecoder()
        self._has_begun = False

    def feed(self, frames: bytes) -> bytes:
        """Take SSE bytes, whole frames or not; return the elements they complete."""
        if not frames.strip() and not self._decoder.finish():
            return frames  # a keepalive: what is blank in a stream is blank between elements
        written: list[bytes] = []
        for frame in self._decoder.feed(frames):
            data = frame.data
            if not data:
                written.append(b"\n")
                continue
            written.append((b",\n" if self._has_begun else b"[") + data)
            self._has_begun = True
        return b"".join(written)

    def finish(self) -> bytes:
        """Close the array; one that was never opened is empty."""
        return b"]\n" if self._has_begun else b"[]\n"
