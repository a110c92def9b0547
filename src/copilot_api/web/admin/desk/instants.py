"""Times as the admin API says them: ISO 8601 in UTC, to the second, null where unknown."""

from copilot_api.settings import read_instant, write_instant


def iso(unix_s: float | None) -> str | None:
    """Say a time. Units: Unix seconds."""
    if unix_s is None:
        return None
    return write_instant(unix_s)


def iso_text(text: str) -> str | None:
    """Say a time that somebody else wrote: a date, or a time with any offset and fraction."""
    try:
        return iso(read_instant(text.strip()))
    except (ValueError, OverflowError, OSError):
        return None
