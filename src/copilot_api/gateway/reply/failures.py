"""A failure told inside a stream, put into our error tree: what the status would have said."""

from copilot_api.errors import (
    ContextOverflow,
    QuotaExhausted,
    UpstreamFault,
    UpstreamProtocolError,
    UpstreamRejected,
    UpstreamUnavailable,
)
from copilot_api.neutral.events import ReplyFailed

_LIMITS = ("rate_limit", "rate_limited", "quota", "overage_limit")
_OVERFLOWS = ("context_length_exceeded", "model_max_prompt_tokens_exceeded")
_BROKEN = ("invalid_event",)
"""What our own readers call events that nobody can read: upstream's fault, although the word is `invalid`."""
_REJECTIONS = ("invalid", "unsupported", "content_filter", "not_found", "model_not_supported")


def fault_of(failure: ReplyFailed) -> UpstreamFault:
    """The fault that an answer failed with, judged by upstream's code, else by how it ended."""
    code = failure.code
    if failure.kind == "cut":
        return UpstreamProtocolError(
            "The answer was cut off upstream before it was complete. Send the request again."
            if not failure.message
            else failure.message,
            code=code or "upstream_stream_cut",
        )
    if code in _BROKEN:
        return UpstreamProtocolError(failure.message, code=code)
    if any(word in code for word in _OVERFLOWS):
        return ContextOverflow(failure.message, status=400)
    if any(word in code for word in _LIMITS):
        return QuotaExhausted(failure.message, code=code, status=429)
    if any(word in code for word in _REJECTIONS):
        return UpstreamRejected(failure.message, code=code, status=400)
    return UpstreamUnavailable(failure.message, code=code or None)
