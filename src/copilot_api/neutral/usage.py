"""What an answer cost and how it ended: unified values beside the upstream's own words.

Knows nothing of wires. Taps and readers fill these in; the ledger stores them.
"""

from enum import StrEnum

import msgspec


class TokenCost(msgspec.Struct, frozen=True, gc=False):
    """One priced line of `copilot_usage.token_details`.

    Units: `nano_aiu` is 1e-9 AI credits (1 credit = USD 0.01).
    Source: upstream contract 9.3 (read 2026-11).
    """

    token_type: str
    token_count: int
    nano_aiu: int


class Usage(msgspec.Struct, frozen=True, gc=False):
    """Token counts of one answer. `input_tokens` includes what was read from or written to a cache.

    Units: tokens; `total_nano_aiu` in 1e-9 AI credits, None where the upstream priced nothing.
    """

    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    reasoning_tokens: int = 0
    total_nano_aiu: int | None = None
    costs: tuple[TokenCost, ...] = ()


class FinishReason(StrEnum):
    """Why an answer ended, in one vocabulary."""

    STOP = "stop"
    LENGTH = "length"
    TOOL_CALLS = "tool_calls"
    CONTENT_FILTER = "content_filter"
    REFUSAL = "refusal"
    PAUSE = "pause"
    CONTEXT = "context"
    ERROR = "error"
    OTHER = "other"


class Finish(msgspec.Struct, frozen=True):
    """A unified reason beside the upstream's own word."""

    reason: FinishReason
    raw: str
