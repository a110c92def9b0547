"""Which `anthropic-beta` values go upstream."""

import json

import pytest

from copilot_api.copilot.quirks import allowed_betas, refused_betas
from copilot_api.wire.body import Body

CLAUDE_CODE = (
    "claude-code-20250219,interleaved-thinking-2025-05-14,context-management-2025-06-27,per-turn-control-2026-07-01,"
    "mid-conversation-tool-changes-2026-07-01,thinking-token-count-2026-05-13,advanced-tool-use-2025-11-20,"
    "effort-2025-11-24,thinking-display-updates-2026-08-18"
)


def betas(header: str | None, refused: frozenset[str] = frozenset(), **fields: object) -> str | None:
    return allowed_betas(header, Body(json.dumps(fields).encode()), refused)


def test_only_the_official_prefixes_pass() -> None:
    """Contract 6.2: what the official client lets through."""
    assert betas(CLAUDE_CODE) == (
        "interleaved-thinking-2025-05-14,context-management-2025-06-27,advanced-tool-use-2025-11-20"
    )
    assert betas("context-1m-2025-08-07, prompt-caching-scope-2026-01-05") is None
    assert betas(None) is None


def test_adaptive_thinking_needs_no_interleaving() -> None:
    """Contract 6.2: interleaved thinking only when not adaptive."""
    assert betas("interleaved-thinking-2025-05-14", thinking={"type": "adaptive"}) is None
    kept = betas("interleaved-thinking-2025-05-14", thinking={"type": "enabled", "budget_tokens": 1024})
    assert kept == "interleaved-thinking-2025-05-14"


@pytest.mark.parametrize(
    ("fields", "value"),
    [
        ({"context_management": {"edits": []}}, "context-management-2025-06-27"),
        (
            {"context_management": {"edits": [{"type": "compact_20260112"}]}},
            "context-management-2025-06-27,compact-2026-01-12",
        ),
        ({"tools": [{"type": "computer_20251124", "name": "computer"}]}, "computer-use-2025-11-24"),
        ({"tools": [{"name": "a", "defer_loading": True}]}, "advanced-tool-use-2025-11-20"),
        ({"tools": [{"type": "tool_search_tool_regex", "name": "s"}]}, "advanced-tool-use-2025-11-20"),
        (
            {"system": [{"text": "s", "cache_control": {"type": "ephemeral", "ttl": "1h"}}]},
            "extended-cache-ttl-2025-04-11",
        ),
        ({"system": [{"text": "s", "cache_control": {"type": "ephemeral", "ttl": "5m"}}]}, None),
    ],
)
def test_a_feature_brings_its_beta(fields: dict[str, object], value: str | None) -> None:
    """Contract 6.2 and 10: required with the field, whatever the client's header says."""
    assert betas(None, **fields) == value
    assert betas(value, **fields) == value


def test_a_refused_value_is_left_out() -> None:
    """Contract 6.6: the backends differ in what they know."""
    values = "`context-1m-2025-08-07`, `advanced-tool-use-2025-11-20`"
    words = f"Unexpected value(s) {values} for the `anthropic-beta` header."
    assert refused_betas(words) == {"context-1m-2025-08-07", "advanced-tool-use-2025-11-20"}
    assert refused_betas("`advanced-tool-use-2025-11-20` is nice") == frozenset()
    assert betas(CLAUDE_CODE, refused_betas(words)) == (
        "interleaved-thinking-2025-05-14,context-management-2025-06-27"
    )
