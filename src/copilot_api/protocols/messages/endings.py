"""How an answer of Messages ends and what it counts: the words of both directions.

Owns stop reasons and usage. Must never know requests.
Source: anthropic-python 2.12 `types/stop_reason.py`, `types/usage.py`; upstream contract 6.5 (read 2026-11).
"""

from collections.abc import Mapping
from typing import Final

from copilot_api.neutral.extras import JsonObject
from copilot_api.neutral.usage import Finish, FinishReason, Usage
from copilot_api.protocols.billing import as_count, as_fields

REASONS: Final = {
    "end_turn": FinishReason.STOP,
    "stop_sequence": FinishReason.STOP,
    "max_tokens": FinishReason.LENGTH,
    "tool_use": FinishReason.TOOL_CALLS,
    "pause_turn": FinishReason.PAUSE,
    "refusal": FinishReason.REFUSAL,
    "model_context_window_exceeded": FinishReason.CONTEXT,
}
_WORDS: Final = {
    FinishReason.LENGTH: "max_tokens",
    FinishReason.TOOL_CALLS: "tool_use",
    FinishReason.CONTENT_FILTER: "refusal",
    FinishReason.REFUSAL: "refusal",
    FinishReason.PAUSE: "pause_turn",
    FinishReason.CONTEXT: "model_context_window_exceeded",
}


def read_finish(raw: str) -> Finish:
    """A stop reason; an unknown one is OTHER, its word kept."""
    return Finish(REASONS.get(raw, FinishReason.OTHER), raw)


def read_usage(counts: Mapping[str, object]) -> Usage | None:
    """The counts of a `usage` object; None when it is empty."""
    if not counts:
        return None
    read = as_count(counts.get("cache_read_input_tokens"))
    written = as_count(counts.get("cache_creation_input_tokens"))
    return Usage(
        input_tokens=as_count(counts.get("input_tokens")) + read + written,
        output_tokens=as_count(counts.get("output_tokens")),
        cache_read_tokens=read,
        cache_write_tokens=written,
        reasoning_tokens=as_count(as_fields(counts.get("output_tokens_details")).get("thinking_tokens")),
    )


def write_usage(usage: Usage | None) -> JsonObject:
    """A `usage` object, whose input count leaves the cached tokens out. Zeros where nothing is known.

    Clients insist on the object at the start and at the end of a stream (opencode, pi).
    """
    usage = usage or Usage()
    cached = usage.cache_read_tokens + usage.cache_write_tokens
    document: JsonObject = {
        "input_tokens": max(usage.input_tokens - cached, 0),
        "cache_creation_input_tokens": usage.cache_write_tokens,
        "cache_read_input_tokens": usage.cache_read_tokens,
        "output_tokens": usage.output_tokens,
    }
    if usage.reasoning_tokens:
        document["output_tokens_details"] = {"thinking_tokens": usage.reasoning_tokens}
    return document


def write_stop_reason(
    finish: Finish, stop_sequence: str | None, *, has_calls: bool, has_refusal: bool
) -> tuple[str, str | None]:
    """Stop reason and stop sequence, which agree with each other and with the blocks that were written.

    Upstream's own reason where it is one of ours, else the nearest. An answer that asks for tools and merely
    "stops" asks for tools: chat upstreams end so now and then.
    """
    reason = finish.raw if finish.raw in REASONS else _WORDS.get(finish.reason, "end_turn")
    if reason in ("end_turn", "stop_sequence", "tool_use"):
        if stop_sequence is not None:
            return "stop_sequence", stop_sequence
        if has_calls:
            return "tool_use", None
        return ("refusal" if has_refusal else "end_turn"), None
    return reason, None
