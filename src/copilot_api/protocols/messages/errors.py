"""A failure in the words of Messages clients.

The anthropic SDK and Claude Code choose by status before the stream and by `error.type` inside it. Claude
Code compacts on `prompt is too long: N tokens > M maximum`, reading both numbers.
Source: Anthropic API reference, errors; anthropic-python 2.12 `types/shared/error_type.py` (read 2026-11).
"""

from typing import Final

from copilot_api.errors import ContextOverflow, GatewayError, UpstreamFault, UpstreamRejected
from copilot_api.protocols.base import WireError
from copilot_api.protocols.envelopes import encode
from copilot_api.wire.sse import encode_frame

_TYPES: Final = {
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    408: "timeout_error",
    409: "conflict_error",
    413: "request_too_large",
    429: "rate_limit_error",
    504: "timeout_error",
    529: "overloaded_error",
}
_KNOWN_TYPES: Final = frozenset({*_TYPES.values(), "invalid_request_error", "api_error"})
THREAD_UNSUPPORTED: Final = "thread_unsupported_request"
"""What anthropic-python 2.12 looks for before it goes on without `thread`, whole histories in each request
(`lib/threads/_thread_state.py`); any other refusal ends its tool runner."""
_FIRST_SERVER_STATUS: Final = 500
_TOO_LONG: Final = "prompt is too long"


def write_error(error: GatewayError) -> WireError:
    """`{"type": "error", "error": {"type", "message"}}` with the error's status, and upstream's code."""
    said: dict[str, object] = {"type": _type(error), "message": error.message}
    if isinstance(error, ContextOverflow):
        said = {"type": "invalid_request_error", "message": _overflow_message(error)}
    if isinstance(error, UpstreamFault):
        said["code"] = error.code
    if error.code == THREAD_UNSUPPORTED:
        said["details"] = {"error_code": error.code, "unsupported": []}
    return WireError(error.status, encode({"type": "error", "error": said}))


def write_stream_error(error: GatewayError, answer_id: str | None = None) -> bytes:
    """One `error` event: the SDK raises on it, Claude Code tries again."""
    return encode_frame(write_error(error).body, "error")


def _type(error: GatewayError) -> str:
    if isinstance(error, UpstreamRejected) and error.upstream_type in _KNOWN_TYPES:
        return str(error.upstream_type)
    return _TYPES.get(
        error.status, "api_error" if error.status >= _FIRST_SERVER_STATUS else "invalid_request_error"
    )


def _overflow_message(error: ContextOverflow) -> str:
    if error.prompt_tokens is not None and error.limit_tokens is not None:
        return f"{_TOO_LONG}: {error.prompt_tokens} tokens > {error.limit_tokens} maximum"
    return error.message if error.message.startswith(_TOO_LONG) else f"{_TOO_LONG}: {error.message}"
