"""Quota readings, one row per bucket and hour: what is left, and what was spent since the reading before.

What is left is a state, so readings may be skipped without losing anything. Replies that overtake each other
make it rise a little, which is no reset; a new `resets_at`, or a big rise, is one.
"""

from collections.abc import Sequence

from sqlalchemy import Connection, and_, delete, insert, select

from copilot_api.store.ledger.entry import Reading
from copilot_api.store.ledger.schema import readings
from copilot_api.store.ledger.writing.batch import HOUR_MS

BIG_RISE = 0.05
"""Of the entitlement: no cost of requests under way explains it."""


def write_readings(connection: Connection, fresh: Sequence[Reading]) -> None:
    """Write what was read, oldest first. The caller holds the ledger's lock."""
    for reading in sorted(fresh, key=lambda item: item.at_ms):
        _write(connection, reading)


def _write(connection: Connection, reading: Reading) -> None:
    of_bucket = and_(readings.c.account_id == reading.account_id, readings.c.bucket == reading.bucket)
    newest = select(readings).where(of_bucket).order_by(readings.c.hour.desc()).limit(1)
    before = connection.execute(newest).mappings().one_or_none()
    hour = reading.at_ms // HOUR_MS
    spent, remaining, since_ms = 0.0, reading.remaining, reading.at_ms
    if before is not None:
        if reading.at_ms < before["at_ms"]:
            return
        fall, remaining = step(before["remaining"], before["resets_at"], reading)
        spent, since_ms = fall, before["at_ms"]
        if before["hour"] == hour:
            spent, since_ms = before["spent"] + fall, before["since_ms"]
            connection.execute(delete(readings).where(of_bucket, readings.c.hour == hour))
    connection.execute(
        insert(readings).values(
            account_id=reading.account_id,
            bucket=reading.bucket,
            hour=hour,
            at_ms=reading.at_ms,
            remaining=remaining,
            entitlement=reading.entitlement,
            spent=spent,
            since_ms=since_ms,
            resets_at=reading.resets_at,
            is_token_billed=reading.is_token_billed,
        )
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
