"""When quotas begin anew: on the first of the next month, by the world's clock.

Owns: the dates that the plan documents, headers and refusals tell. Must never know: HTTP, balances.
Source: upstream contract §9.1; the hour of `quota_reset_at` and the day of the older free plan as recorded.
"""

import copy
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from copilot_api.simulator.shapes import Json, as_object

_LEGACY_DAY = 18
_RESET_AT = timedelta(hours=22)


def next_month(unix_s: float) -> datetime:
    """The first moment of the next month in UTC."""
    now = datetime.fromtimestamp(unix_s, UTC)
    return datetime(now.year + now.month // 12, now.month % 12 + 1, 1, tzinfo=UTC)


def iso(moment: datetime) -> str:
    """Write a moment as the headers do."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def http_date(moment: datetime) -> str:
    """Write a moment as Retry-After does."""
    return format_datetime(moment, usegmt=True)


def dated_seat(user: Json, unix_s: float) -> Json:
    """Return a copy of a plan's `copilot_internal/user` document with this month's dates."""
    seat = as_object(copy.deepcopy(user))
    resets = next_month(unix_s)
    if seat.get("quota_reset_date") is not None:
        seat["quota_reset_date"] = resets.strftime("%Y-%m-%d")
        seat["quota_reset_date_utc"] = resets.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    if seat.get("limited_user_reset_date") is not None:
        seat["limited_user_reset_date"] = _legacy_reset(unix_s).strftime("%Y-%m-%d")
    read_at = datetime.fromtimestamp(unix_s, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    for bucket in as_object(seat.get("quota_snapshots")).values():
        as_object(bucket).update(quota_reset_at=int((resets + _RESET_AT).timestamp()), timestamp_utc=read_at)
    return seat


def dated_token(token: Json, unix_s: float) -> Json:
    """Return a copy of a plan's token envelope with this month's date."""
    envelope = as_object(copy.deepcopy(token))
    if envelope.get("limited_user_reset_date") is not None:
        envelope["limited_user_reset_date"] = int(_legacy_reset(unix_s).timestamp())
    return envelope


def _legacy_reset(unix_s: float) -> datetime:
    """The older free plan begins anew on a day of its own."""
    now = datetime.fromtimestamp(unix_s, UTC)
    this = datetime(now.year, now.month, _LEGACY_DAY, tzinfo=UTC)
    return this if this > now else next_month(unix_s).replace(day=_LEGACY_DAY)
