"""How an answer ended, how likely it was and what it cost, in Google's words.

Source: google-genai 3.4 `types.FinishReason`, `types.LogprobsResult`,
`types.GenerateContentResponseUsageMetadata` (read 2026-11).
"""

from collections.abc import Sequence
from typing import Final

from copilot_api.neutral.extras import JsonObject
from copilot_api.neutral.parts import TokenLogprob
from copilot_api.neutral.usage import Finish, FinishReason, Usage

_REASONS: Final = {
    FinishReason.STOP: "STOP",
    FinishReason.TOOL_CALLS: "STOP",
    FinishReason.LENGTH: "MAX_TOKENS",
    FinishReason.CONTEXT: "MAX_TOKENS",
    FinishReason.CONTENT_FILTER: "SAFETY",
    FinishReason.REFUSAL: "SAFETY",
    FinishReason.PAUSE: "OTHER",
    FinishReason.ERROR: "OTHER",
    FinishReason.OTHER: "OTHER",
}
_OWN_WORDS: Final = frozenset(
    ("RECITATION", "LANGUAGE", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "MALFORMED_FUNCTION_CALL")
)
"""Reasons of Google's that an upstream may hand through."""
_UNSAID: Final = frozenset(("STOP", "MAX_TOKENS"))


def write_finish(finish: Finish, *, is_refusal: bool) -> JsonObject:
    """`finishReason`, and `finishMessage` where the reason alone does not say what upstream said.

    A refusal in words ends as SAFETY, whatever upstream calls it: its text is in the answer.
    """
    reason = _REASONS[finish.reason]
    raw = finish.raw.upper()
    if raw in _OWN_WORDS:
        reason = raw
    elif is_refusal and reason == "STOP":
        reason = "SAFETY"
    written: JsonObject = {"finishReason": reason}
    if reason not in _UNSAID and finish.raw and raw != reason:
        written["finishMessage"] = f"The model stopped with {finish.raw!r}."
    return written


def write_weights(tokens: Sequence[TokenLogprob]) -> JsonObject:
    """How likely the tokens of a candidate were: told with its end, since a stream's chunks are no tokens.

    Google's numbers of tokens are not known to others.
    """
    total = sum(token.logprob for token in tokens)
    result: JsonObject = {
        "chosenCandidates": [_candidate(token) for token in tokens],
        "logProbabilitySum": total,
    }
    if any(token.top for token in tokens):
        result["topCandidates"] = [
            {"candidates": [_candidate(other) for other in token.top]} for token in tokens
        ]
    return {"avgLogprobs": total / len(tokens), "logprobsResult": result}


def _candidate(token: TokenLogprob) -> JsonObject:
    return {"token": token.token, "logProbability": token.logprob}


def write_usage(usage: Usage) -> JsonObject:
    """`usageMetadata`. Google counts thoughts beside the candidates; most others count them as part of the output.

    Gemini models on chat keep the two apart already, which shows when there are more thoughts than output.
    """
    thoughts, output = usage.reasoning_tokens, usage.output_tokens
    candidates = output - thoughts if thoughts <= output else output
    counts: JsonObject = {
        "promptTokenCount": usage.input_tokens,
        "candidatesTokenCount": candidates,
        "totalTokenCount": usage.input_tokens + candidates + thoughts,
    }
    if usage.cache_read_tokens:
        counts["cachedContentTokenCount"] = usage.cache_read_tokens
    if thoughts:
        counts["thoughtsTokenCount"] = thoughts
    return counts
