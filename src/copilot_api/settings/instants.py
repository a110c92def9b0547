"""An instant in words: ISO 8601 in UTC, to the second, in files, in the admin API and on the wire alike.

Pure: what time it is now is its caller's.
"""

from datetime import UTC, datetime


def read_instant(text: str) -> float:
    """Read an ISO 8601 time; without an offset it is UTC.

    Units: seconds since 1970. Raises: ValueError.
    """
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=UTC)
    return instant.timestamp()


def write_instant(unix_s: float) -> str:
    """Write a time as every instant here is written.

    Shape: 0.0 -> "1970-01-01T00:00:00Z".
    """
    return datetime.fromtimestamp(unix_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
