"""Quota over time: how fast it goes, how long it lasts, and whether our sums agree with GitHub's numbers."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, func, select

from copilot_api.store.ledger.answers import Cause, Day, Pace
from copilot_api.store.ledger.queries.causes import EXPLANATIONS, Hour, cause_of
from copilot_api.store.ledger.tables.schema import daily, facets, readings
from copilot_api.store.ledger.writing.batch import DAY_MS, HOUR_MS

PRINCIPAL = ("premium_models", "premium_interactions", "chat")
"""The bucket a person watches, first that is there (upstream contract 9.1)."""
_NANO = 1e9
_PACE_DAYS = 7
_WITHOUT_PERIOD_DAYS = 31


def pace(connection: Connection, account_id: str, now_ms: int) -> list[Pace]:
    """The course of each bucket of an account."""
    since = (now_ms - _WITHOUT_PERIOD_DAYS * DAY_MS) // HOUR_MS
    question = (
        select(readings)
        .where(readings.c.account_id == account_id, readings.c.hour >= since)
        .order_by(readings.c.bucket, readings.c.hour)
    )
    by_bucket: dict[str, list[Any]] = {}
    for row in connection.execute(question).mappings():
        by_bucket.setdefault(row["bucket"], []).append(row)
    return [_pace(bucket, rows, now_ms) for bucket, rows in by_bucket.items()]


def _pace(bucket: str, rows: Sequence[Any], now_ms: int) -> Pace:
    newest = rows[-1]
    period = [row for row in rows if row["resets_at"][:10] == newest["resets_at"][:10]]
    begin_ms = max(period[0]["at_ms"], now_ms - _PACE_DAYS * DAY_MS)
    recent = [row for row in period if row["at_ms"] > begin_ms]
    days = (now_ms - begin_ms) / DAY_MS
    per_day = sum(row["spent"] for row in recent) / max(days, 1 / 24) if recent else None
    left = newest["remaining"]
    is_going = per_day is not None and per_day > 0 and left > 0
    return Pace(
        bucket=bucket,
        points=tuple((row["at_ms"], row["remaining"]) for row in period),
        entitlement=newest["entitlement"],
        per_day=per_day,
        lasts_until_ms=int(now_ms + left / per_day * DAY_MS) if is_going and per_day else None,
        resets_at=newest["resets_at"],
        is_token_billed=newest["is_token_billed"],
    )


def reconciliation(connection: Connection, account_id: str, days: int, now_ms: int) -> tuple[str, list[Day]]:
    """The principal bucket, and the last days, newest first."""
    today = now_ms // DAY_MS
    first = today - days + 1
    bucket = _principal(connection, account_id)
    told = _told(connection, account_id, bucket, first)
    local = _local(connection, account_id, first)
    found: list[Day] = []
    for day in range(today, first - 1, -1):
        if day in local or day in told:
            before = max((other for other in told if other < day), default=None)
            after = min((other for other in told if other > day), default=None)
            hours = told.get(day, ())
            cause = cause_of(
                day,
                today,
                _charge(local.get(day)),
                hours,
                None if before is None else told[before][-1],
                None if after is None else told[after][0],
            )
            found.append(_day(day, local.get(day), hours, cause))
    return bucket, found


def _principal(connection: Connection, account_id: str) -> str:
    found = set(
        connection.execute(
            select(readings.c.bucket).where(readings.c.account_id == account_id).distinct()
        ).scalars()
    )
    return next((bucket for bucket in PRINCIPAL if bucket in found), "")


def _told(connection: Connection, account_id: str, bucket: str, first: int) -> dict[int, list[Hour]]:
    """What was read, by day; with the day before the first, which tells where that one begins."""
    question = select(readings).where(
        readings.c.account_id == account_id, readings.c.bucket == bucket, readings.c.hour >= (first - 1) * 24
    )
    told: dict[int, list[Hour]] = {}
    for row in connection.execute(question.order_by(readings.c.hour)).mappings():
        hour = Hour(
            at_ms=row["at_ms"],
            since_ms=row["since_ms"],
            spent=row["spent"],
            remaining=row["remaining"],
            entitlement=row["entitlement"] or 0.0,
            resets_at=row["resets_at"],
        )
        told.setdefault(row["hour"] // 24, []).append(hour)
    return told


def _local(connection: Connection, account_id: str, first: int) -> dict[int, Any]:
    names = ("requests", "premium", "nano_aiu", "charge_nano")
    question = (
        select(daily.c.start, *(func.sum(daily.c[name]).label(name) for name in names))
        .select_from(daily.join(facets, daily.c.facet == facets.c.id))
        .where(facets.c.account_id == account_id, daily.c.start >= first)
        .group_by(daily.c.start)
    )
    return {row["start"]: row for row in connection.execute(question).mappings()}


def _charge(local: Any) -> float:
    return float(local["charge_nano"]) / _NANO if local is not None else 0.0


def _day(day: int, local: Any, hours: Sequence[Hour], cause: Cause) -> Day:
    charge = _charge(local)
    delta = sum(hour.spent for hour in hours) if hours else None
    return Day(
        day=day,
        requests=int(local["requests"]) if local is not None else 0,
        premium=float(local["premium"]) if local is not None else 0.0,
        credits=float(local["nano_aiu"]) / _NANO if local is not None else 0.0,
        local_charge=charge,
        github_delta=delta,
        gap=None if delta is None else delta - charge,
        cause=cause,
        explanation=EXPLANATIONS[cause],
    )
