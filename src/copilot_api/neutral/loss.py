"""What a writer could not say. Losses are returned, reported and counted; never silent."""

from enum import StrEnum

import msgspec


class Handling(StrEnum):
    """What became of the thing, the worst first."""

    DROPPED = "dropped"
    """Left out, and the answer may be another one for it. Whoever is strict is refused."""
    APPROXIMATED = "approximated"
    """Said in other words that mean nearly the same."""
    HARMLESS = "harmless"
    """Left out, and the answer says the same: a hint on caching, cost, delivery or bookkeeping, or what happens
    anyway."""


class Loss(msgspec.Struct, frozen=True):
    """One thing that did not arrive as it was sent.

    Shape: Loss(path="messages[3].name", origin="chat", target="messages", handling=DROPPED, reason="Messages' turns
    have no names"). `path` is in the origin's own words, without values; a harmless loss names its kind once for a
    whole request, without indices ("messages[].content[].cache_control").
    """

    path: str
    origin: str
    target: str
    handling: Handling
    reason: str


def worst_first(losses: tuple[Loss, ...]) -> tuple[Loss, ...]:
    """The same losses, dropped ones before approximated ones before harmless ones."""
    order = list(Handling)
    return tuple(sorted(losses, key=lambda loss: order.index(loss.handling)))
