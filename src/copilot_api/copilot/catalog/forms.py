"""The normal form of a model id: what stays when dates, `-latest` and spelling are taken away.

Pure, and no table of names: it follows how vendors spell (`claude-sonnet-4-5-20250929`,
`gpt-4.1-2025-04-14`).
"""

import re
from typing import Literal

_PREFIX = re.compile(r"^(?:models/)+")
_BRACKET = re.compile(r"\[[^\[\]]*\]$")
"""`[1m]`: a client's own note on the context window (Claude Code), not part of the id."""
_DATE = re.compile(
    r"(?:[-@](?:20\d{6}|20\d{2}-\d{2}-\d{2}|(?:0[1-9]|1[0-2])[0-3]\d|(?:0[1-9]|1[0-2])-[0-3]\d))$"
)
_LATEST = re.compile(r"-latest$")
_DASHED_VERSION = re.compile(r"(?<=\d)-(?=\d{1,2}(?![\da-z]))")

FormKind = Literal["prefix", "window", "latest", "dated", "spelling"]
_STAGES: tuple[tuple[FormKind, re.Pattern[str], str], ...] = (
    ("prefix", _PREFIX, ""),
    ("window", _BRACKET, ""),
    ("latest", _LATEST, ""),
    ("dated", _DATE, ""),
    ("spelling", _DASHED_VERSION, "."),
)

MAX_NAME_LENGTH = 200
"""Longer names are nobody's; they are not looked at (the longest id seen is below 60)."""


def normal_form(name: str) -> str:
    """Return the id without prefix, bracket note, date and `-latest`, lower-case, its version dotted.

    Shape: "claude-sonnet-4-5-20250929" -> "claude-sonnet-4.5"; "models/gpt-4.1-2025-04-14" -> "gpt-4.1"
    """
    return _DASHED_VERSION.sub(".", _stem(name))


def shortened(name: str) -> list[tuple[FormKind, str, str]]:
    """Return how a name comes to its normal form: each change with its kind, and the name before and after it.

    Shape: "models/gpt-4-1-latest" -> [("prefix", "models/gpt-4-1-latest", "gpt-4-1-latest"), ("latest", ...), ...]
    """
    changes: list[tuple[FormKind, str, str]] = []
    before = name
    lowered = name.strip().lower()[:MAX_NAME_LENGTH]
    for kind, pattern, instead in _STAGES:
        after = pattern.sub(instead, lowered)
        if after != lowered:
            changes.append((kind, before, after))
            before = after
        lowered = after
    if lowered != before:
        changes.append(("spelling", before, lowered))
    return changes


def date_of(name: str) -> str:
    """Return the digits of the date an id ends in; empty when it has none."""
    cleaned = _LATEST.sub("", _BRACKET.sub("", name.strip().lower()[:MAX_NAME_LENGTH]))
    found = _DATE.search(cleaned)
    return re.sub(r"\D", "", found.group()) if found else ""


def bracket_of(name: str) -> str:
    """Return the client's note in brackets, without them; empty when there is none."""
    found = _BRACKET.search(name.strip().lower()[:MAX_NAME_LENGTH])
    return found.group()[1:-1] if found else ""


def _stem(name: str) -> str:
    cleaned = _PREFIX.sub("", name.strip().lower()[:MAX_NAME_LENGTH])
    cleaned = _LATEST.sub("", _BRACKET.sub("", cleaned))
    return _DATE.sub("", cleaned)
