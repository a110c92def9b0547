"""How old rows may get. Light: whoever decides when to look does not need the database for it."""

from datetime import UTC, datetime

from copilot_api.settings import Retention


def cutoff_ms(rule: Retention, months: int, now_unix_s: float) -> int | None:
    """Rows that began before this moment (Unix ms) go; None keeps all.

    "calendar_month" is the reference gateway's rule: a new month (UTC) begins with an empty log.
    """
    if rule == "forever":
        return None
    now = datetime.fromtimestamp(now_unix_s, UTC)
    if rule == "calendar_month":
        return _ms(datetime(now.year, now.month, 1, tzinfo=UTC))
    year, month = divmod(now.year * 12 + now.month - 1 - months, 12)
    day = min(now.day, 28)  # every month has one
    return _ms(datetime(year, month + 1, day, tzinfo=UTC))


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
