"""The answer of `/v1/messages`: forwarded as it is, but for a stray end mark and runaway arguments. Pure.

Source: upstream contract 6.5, 4.2 (read 2026-11).
"""

from typing import Final

import msgspec

from copilot_api.copilot.quirks.general.runaway import RunawayGuard, has_breaks
from copilot_api.wire.sse import Frame

_ARGUMENTS: Final = b'"partial_json":"'


class _Delta(msgspec.Struct):
    partial_json: str = ""


class _Event(msgspec.Struct):
    delta: _Delta


_PEEK: Final = msgspec.json.Decoder(_Event)


class MessagesRepair:
    """One stream of `/v1/messages`."""

    def __init__(self) -> None:
        self._guard = RunawayGuard()

    def feed(self, frame: Frame) -> bytes:
        """Forward one frame, unless it is OpenAI's end mark.

        Raises: UpstreamProtocolError when tool arguments run away.
        """
        raw = frame.raw
        if raw.startswith(b"data: [DONE]"):
            return b""
        if _ARGUMENTS in raw:
            self._guard_arguments(frame)
        return raw

    def finish(self) -> bytes:
        """Nothing is held back."""
        return b""

    def read_reply(self, body: bytes) -> bytes:
        """Nothing to repair."""
        return body

    def _guard_arguments(self, frame: Frame) -> None:
        if not has_breaks(frame.raw):
            self._guard.run = 0
            return
        try:
            self._guard.feed(_PEEK.decode(frame.data).delta.partial_json)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return  # Not an argument delta after all, or not JSON: the tap and the client judge it.
