"""What a writer could not say. Losses are returned, reported and counted; never silent."""

from enum import StrEnum

import msgspec


class Handling(StrEnum):
    """What became of the thing."""

    DROPPED = "dropped"
    """A knob or a hint the target has no word for; the answer is still to the same question."""
    APPROXIMATED = "approximated"
    """Said in other words that mean nearly the same."""


class Loss(msgspec.Struct, frozen=True):
    """One thing that did not arrive as it was sent.

    Shape: Loss(path="messages[3].content[0].cache_control", origin="messages", target="chat",
    handling=DROPPED, reason="chat has no cache marks"). `path` is in the origin's own words, without values.
    """

    path: str
    origin: str
    target: str
    handling: Handling
    reason: str
