"""A failure in the words of Gemini clients.

Source: Google API design guide, errors (google.rpc.Status and its details); google-genai 3.4 (read 2026-11).
"""

from typing import Final

from copilot_api.errors import ContextOverflow, GatewayError
from copilot_api.protocols.base import WireError
from copilot_api.protocols.envelopes import encode
from copilot_api.wire.sse import encode_frame

_STATUSES: Final = {
    401: "UNAUTHENTICATED",
    402: "RESOURCE_EXHAUSTED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    408: "DEADLINE_EXCEEDED",
    409: "ABORTED",
    429: "RESOURCE_EXHAUSTED",
    499: "CANCELLED",
    501: "UNIMPLEMENTED",
    502: "UNAVAILABLE",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}
_FIRST_SERVER_STATUS: Final = 500


def write_error(error: GatewayError) -> WireError:
    """`{"error": {"code", "message", "status", "details"}}`; the code is in an ErrorInfo."""
    status = _STATUSES.get(
        error.status, "INTERNAL" if error.status >= _FIRST_SERVER_STATUS else "INVALID_ARGUMENT"
    )
    details: list[dict[str, object]] = [
        {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": error.code, "domain": "copilot-api"}
    ]
    if error.retry_after_s is not None:
        delay = {
            "@type": "type.googleapis.com/google.rpc.RetryInfo",
            "retryDelay": f"{error.retry_after_s:g}s",
        }
        details.append({**delay})
    message = error.message
    if isinstance(error, ContextOverflow):
        status, message = "INVALID_ARGUMENT", _overflow_message(error)
    said = {"code": error.status, "message": message, "status": status, "details": details}
    return WireError(error.status, encode({"error": said}))


def write_stream_error(error: GatewayError, answer_id: str | None = None) -> bytes:
    """One chunk with an `error`, which the SDKs raise on."""
    return encode_frame(write_error(error).body)


def _overflow_message(error: ContextOverflow) -> str:
    if error.prompt_tokens is not None and error.limit_tokens is not None:
        return (
            f"The input token count ({error.prompt_tokens}) exceeds the maximum number of tokens allowed "
            f"({error.limit_tokens})."
        )
    return f"The input token count exceeds the maximum number of tokens allowed. {error.message}"
