"""The `anthropic-beta` header that Copilot accepts, from the client's header and the body's features.

Owns the allow-list. Source: upstream contract 6.2 and 10 (read 2026-11).
"""

import re
from typing import Final

from copilot_api.copilot.quirks.documents import is_document
from copilot_api.copilot.quirks.messages.cache import has_hour_ttl
from copilot_api.wire.body import Body

ALLOWED_PREFIXES: Final = ("interleaved-thinking-", "context-management-", "advanced-tool-use-")
"""What the official client lets through (contract 6.2)."""
CONTEXT_MANAGEMENT: Final = "context-management-2025-06-27"
EXTENDED_CACHE_TTL: Final = "extended-cache-ttl-2025-04-11"
COMPACT: Final = "compact-2026-01-12"
COMPUTER_USE: Final = "computer-use-2025-11-24"
ADVANCED_TOOL_USE: Final = "advanced-tool-use-2025-11-20"
INTERLEAVED_THINKING: Final = "interleaved-thinking-"
_BETA_NAME: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)+-20\d\d-?\d\d-?\d\d")


def allowed_betas(header: str | None, body: Body, refused: frozenset[str] = frozenset()) -> str | None:
    """The header to send: known values of the client's, then what the body's features require; None for none.

    Call it after `before_send`, on the repaired body. `refused` are values that Copilot has just rejected.
    Shape: "claude-code-20250219, context-management-2025-06-27" -> "context-management-2025-06-27"
    """
    sent = [value.strip() for value in (header or "").split(",")]
    kept = [value for value in sent if value.startswith(ALLOWED_PREFIXES)]
    thinking = body.get("thinking")
    if is_document(thinking) and thinking.get("type") == "adaptive":
        # Adaptive thinking interleaves by itself; the official client then leaves the beta out (contract 6.2).
        kept = [value for value in kept if not value.startswith(INTERLEAVED_THINKING)]
    kept += required_betas(
        body, is_deferral_known=any(value.startswith("advanced-tool-use-") for value in kept)
    )
    return ",".join(value for value in dict.fromkeys(kept) if value not in refused) or None


def required_betas(body: Body, *, is_deferral_known: bool = False) -> list[str]:
    """The values without which a feature that the body uses is refused.

    `is_deferral_known`: the client named the beta of deferred tools itself, so they need not be looked for.
    """
    required: list[str] = []
    if body.has("context_management"):
        required.append(CONTEXT_MANAGEMENT)
        if b'"compact_' in body.text("context_management"):
            required.append(COMPACT)
    tools = body.text("tools")
    if b'"computer_20' in tools:
        required.append(COMPUTER_USE)
    if not is_deferral_known and (b'"defer_loading"' in tools or b'"tool_search_tool_' in tools):
        required.append(ADVANCED_TOOL_USE)
    if has_hour_ttl(body):
        required.append(EXTENDED_CACHE_TTL)
    return required


def refused_betas(message: str) -> frozenset[str]:
    """The values that a rejection of the header names; empty when it is not about the header.

    Shape: "Unexpected value(s) `context-1m-2025-08-07` for the `anthropic-beta` header."
    """
    if "anthropic-beta" not in message:
        return frozenset()
    return frozenset(_BETA_NAME.findall(message))
