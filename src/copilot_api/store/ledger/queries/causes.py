"""Why a day's sum here and the change in GitHub's numbers differ: what can be known of it, and no more.

Pure. A gap is never called agreement; of several causes that may hold, the one that the readings show is said.
"""

from collections.abc import Sequence
from itertools import pairwise

import msgspec

from copilot_api.store.ledger.answers import Cause

DAY_MS = 86_400_000
HOLE_MS = 2 * 3_600_000
"""Quotas are read every ten minutes by default, and with each answer: a longer silence means that nobody was here."""
_STEP = 0.001
"""Headers tell what is left in tenths of a percent of the entitlement, some of them."""
_LEAST_STEP = 0.05
_NOISE = 1e-9
"""Of adding up."""
_VISIBLE = 0.005
"""A gap that is shown as more than nothing, with two decimals."""
_BIG_RISE = 0.05
"""Of the entitlement: answers that overtake each other explain less (see `writing/readings.py`)."""

EXPLANATIONS: dict[Cause, str] = {
    "untold": "GitHub told nothing of the quota on this day.",
    "agree": "Both agree.",
    "rounding": "The gap is within rounding: GitHub tells what is left in steps of a tenth of a percent.",
    "reset": (
        "GitHub took less as far as it told: the quota began anew on this day, and what was taken between the last "
        "reading and that moment is told by nobody."
    ),
    "raised": (
        "GitHub took less as far as it told: the quota was raised on this day, which hides what was taken at that time."
    ),
    "later": (
        "GitHub took less as far as it told: nothing was read after the day's last reading, and the next one, days "
        "later, tells of the rest."
    ),
    "pending": (
        "GitHub took less than we counted so far: its numbers of the last requests are still to come, or a discount "
        "was given."
    ),
    "less": "GitHub took less than we counted: a discount was given, or its numbers came on another day.",
    "backlog": (
        "GitHub took more: the day's first reading also tells of the time before it, when nothing was read here; "
        "or other clients used the account."
    ),
    "away": (
        "GitHub took more while nothing was read here for hours, as when the gateway does not run: other clients used "
        "the account."
    ),
    "others": "GitHub took more than went through here: other clients used the account, such as an editor.",
}


class Hour(msgspec.Struct, frozen=True):
    """One hour's readings, as the ledger keeps them. Units: the bucket's; `since_ms` is the reading before."""

    at_ms: int
    since_ms: int
    spent: float
    remaining: float
    entitlement: float
    resets_at: str


def cause_of(
    day: int,
    today: int,
    charge: float,
    hours: Sequence[Hour],
    before: Hour | None = None,
    after: Hour | None = None,
) -> Cause:
    """Say why a day's two sides differ. `before` and `after` are the hours told next to the day's own.

    Units: days since 1970; `charge` in the bucket's unit.
    """
    if not hours:
        return "untold"
    gap = sum(hour.spent for hour in hours) - charge
    if abs(gap) < _VISIBLE:
        return "agree"
    rounding = max(_STEP * hours[-1].entitlement, _LEAST_STEP) + _NOISE
    if abs(gap) <= rounding:
        return "rounding"
    if gap < 0:
        return _why_less(day, today, hours, before, after)
    first = hours[0]
    if first.since_ms // DAY_MS < day and first.spent >= gap - rounding:
        return "backlog"
    unseen = sum(hour.spent for hour in hours if hour.at_ms - hour.since_ms >= HOLE_MS)
    return "away" if unseen >= gap - rounding else "others"


def _why_less(day: int, today: int, hours: Sequence[Hour], before: Hour | None, after: Hour | None) -> Cause:
    course = [*([] if before is None else [before]), *hours]
    for earlier, later in pairwise(course):
        if later.resets_at[:10] != earlier.resets_at[:10]:
            return "reset"
        if later.remaining - earlier.remaining > _BIG_RISE * later.entitlement:
            return "raised"
    if day == today:
        return "pending"
    is_told_later = after is not None and after.since_ms // DAY_MS == day and after.spent > _VISIBLE
    return "later" if is_told_later else "less"
