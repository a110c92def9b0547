"""What GitHub and Copilot say in JSON, read leniently: a value of another type than expected is absent.

Pure. Owns the reading of single values; which fields there are is each reader's own.
"""

from typing import cast


def as_table(value: object) -> dict[str, object]:
    """Take an object; empty for everything that is none."""
    return cast("dict[str, object]", value) if isinstance(value, dict) else {}


def as_text(value: object) -> str:
    """Take a text without the white space around it; empty for everything that is none."""
    return value.strip() if isinstance(value, str) else ""
