"""What differs from model to model, as data with its evidence, and the arithmetic of reasoning efforts.

Owns facts that the catalog does not carry. Must never know a protocol's fields.
Source: upstream contract 6.4 (read 2026-11).
"""

import re
from typing import Final

from copilot_api.copilot.catalog import Model

_CLAUDE: Final = re.compile(r"^claude-(?P<family>[a-z]+)-(?P<major>\d{1,2})(?:[.-](?P<minor>\d{1,2})(?!\d))?")
EFFORTS: Final = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
"""Every effort name seen on the wire, weakest first."""
_LISTED: Final = re.compile(r"supported values(?: are)?:? *\[?([^\].]*)", re.IGNORECASE)
_WORD: Final = re.compile(r"[a-z]+")


def is_claude(model: Model) -> bool:
    """Whether Anthropic's rules apply."""
    return model.vendor == "Anthropic" or model.id.startswith("claude-")


def claude_version(model: Model) -> tuple[str, int, int] | None:
    """Family, major and minor of a Claude id, dotted or dashed; None for other models.

    Shape: "claude-sonnet-4-5-20250929" -> ("sonnet", 4, 5); "claude-opus-5" -> ("opus", 5, 0)
    """
    found = _CLAUDE.match(model.id)
    return (found["family"], int(found["major"]), int(found["minor"] or 0)) if found else None


def refuses_inline_system(model: Model) -> bool:
    """Whether a `system` turn among the messages is refused: Claude up to 4.7 (contract 6.4)."""
    version = claude_version(model)
    return version is not None and version[1:] <= (4, 7)


def refuses_manual_thinking(model: Model) -> bool:
    """Whether `thinking.enabled` is refused: Opus from 4.7 on (contract 6.4)."""
    version = claude_version(model)
    return version is not None and version[0] == "opus" and version[1:] >= (4, 7)


def refuses_effort(model: Model) -> bool:
    """Whether no effort and no adaptive thinking is taken: Claude up to 4.5 (contract 6.4)."""
    version = claude_version(model)
    return version is not None and version[1:] <= (4, 5)


def nearest_effort(wanted: str, supported: tuple[str, ...]) -> str | None:
    """The strongest supported effort that is not stronger than `wanted`, else the weakest supported one.

    None when `wanted` is supported, is no known effort, or nothing is known to be supported.
    Shape: ("xhigh", ("low", "medium", "high")) -> "high"; ("none", ("low", "medium")) -> "low"
    """
    if wanted in supported or wanted not in EFFORTS:
        return None
    known = [effort for effort in EFFORTS if effort in supported]
    lower = [effort for effort in known if EFFORTS.index(effort) < EFFORTS.index(wanted)]
    return lower[-1] if lower else known[0] if known else None


def effort_for_budget(budget_tokens: int) -> str:
    """The effort that stands for a thinking budget.

    Units: tokens. 4,096 and 16,000 are the small and the default budget of the official editor (contract 6.1).
    """
    if budget_tokens <= 4096:
        return "low"
    return "medium" if budget_tokens <= 16000 else "high"


def listed_efforts(message: str) -> tuple[str, ...]:
    """The efforts a rejection names as supported; empty when it names none.

    Shape: '... supported values: [low medium high max]' -> ("low", "medium", "high", "max")
    """
    found = _LISTED.search(message.replace("'", " ").replace('"', " "))
    if found is None:
        return ()
    return tuple(word for word in _WORD.findall(found[1].lower()) if word in EFFORTS)
