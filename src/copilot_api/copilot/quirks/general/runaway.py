"""Degenerate output: tool arguments that turn into white space without end.

Owns the count. Source: upstream contract 4.2 (read 2026-11): line breaks and tabs without end in tool arguments.
"""

from typing import Final

from copilot_api.errors import UpstreamProtocolError

MAX_BREAKS_IN_A_ROW: Final = 100
"""Line breaks and tabs between two JSON tokens: a pretty-printer writes one break and a tab per level."""


class RunawayGuard:
    """Counts the line breaks and tabs in a row that a tool call's arguments have brought.

    Inside a JSON string they would be escaped, so a file's own blank lines never count. Spaces neither count
    nor end a run.

    grammar: run := 0 ; fragment of white space -> run += its breaks ; anything else -> run := breaks of its tail
    """

    __slots__ = ("run",)

    def __init__(self) -> None:
        self.run = 0

    def feed(self, fragment: str) -> None:
        """Take one fragment of arguments.

        Raises: UpstreamProtocolError when the run is too long to end by itself.
        """
        stripped = fragment.rstrip(" \r\n\t")
        tail = fragment[len(stripped) :]
        self.run = len(tail) - tail.count(" ") + (0 if stripped else self.run)
        if self.run > MAX_BREAKS_IN_A_ROW:
            raise UpstreamProtocolError(
                f"The model wrote more than {MAX_BREAKS_IN_A_ROW} line breaks and tabs in a row into a tool call's "
                "arguments and would not have stopped. Send the request again.",
                code="upstream_runaway_output",
            )


def has_breaks(raw: bytes) -> bool:
    """Whether a frame's JSON text holds an escaped break at all: most do not, and need no decoding."""
    return b"\\n" in raw or b"\\t" in raw or b"\\r" in raw
