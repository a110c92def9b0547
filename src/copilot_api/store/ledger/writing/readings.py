"""Quota readings, one row per bucket and hour: what is left, and what was spent since the reading before.

What is left is a state, so readings may be skipped without losing anything. Replies that overtake each other
make it rise a little, which is no reset; a new `resets_at`, or a big rise, is one.
"""

from collections.abc import Sequence

from copilot_api.store.ledger.entry import Reading
from copilot_api.store.ledger.writing.batch import HOUR_MS
from copilot_api.store.ledger.writing.pen import Page
from copilot_api.store.ledger.writing.statements import READINGS

BIG_RISE = 0.05
"""Of the entitlement: no cost of requests under way explains it."""


def write_readings(page: Page, fresh: Sequence[Reading]) -> None:
    """Write what was read, oldest first. The caller holds the ledger's lock."""
    for reading in sorted(fresh, key=lambda item: item.at_ms):
        _write(page, reading)


def _write(page: Page, reading: Reading) -> None:
    before = page.ask(
        "SELECT hour, at_ms, remaining, resets_at, spent, since_ms FROM readings "
        "WHERE account_id = ? AND bucket = ? ORDER BY hour DESC LIMIT 1",
        (reading.account_id, reading.bucket),
    )
    hour = reading.at_ms // HOUR_MS
    spent, remaining, since_ms = 0.0, reading.remaining, reading.at_ms
    for last_hour, last_ms, left, resets_at, last_spent, last_since_ms in before:
        if reading.at_ms < last_ms:
            return
        spent, remaining = step(left, resets_at, reading)
        since_ms = last_ms
        if last_hour == hour:
            spent, since_ms = last_spent + spent, last_since_ms
    page.insert(
        READINGS,
        [
            (
                reading.account_id,
                reading.bucket,
                hour,
                reading.at_ms,
                remaining,
                reading.entitlement,
                spent,
                since_ms,
                reading.resets_at,
                reading.is_token_billed,
            )
        ],
    )


def step(remaining: float, resets_at: str, reading: Reading) -> tuple[float, float]:
    """From what was left to a new reading: what was spent, and what is left now."""
    rise = reading.remaining - remaining
    is_new_period = bool(resets_at and reading.resets_at and resets_at[:10] < reading.resets_at[:10])
    if is_new_period and reading.entitlement is not None:
        return max(0.0, reading.entitlement - reading.remaining), reading.remaining
    if rise <= 0:
        return -rise, reading.remaining
    if is_new_period or rise > BIG_RISE * (reading.entitlement or 0.0):
        return 0.0, reading.remaining
    return 0.0, remaining
