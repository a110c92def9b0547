"""The error object that both OpenAI protocols share: {"message", "type", "param", "code"}.

Owns its words. Must never know how a stream carries it. The openai SDK chooses its exception by status and
shows `error.message`; litellm takes a 401 whose type is `invalid_request_error` for a bad request, hence
`authentication_error`. Source: OpenAI API reference, error codes; openai-python 3.54 (read 2026-11).
"""

from typing import Final

from copilot_api.errors import ContextOverflow, GatewayError, UpstreamRejected

_TYPES: Final = {
    401: "authentication_error",
    402: "insufficient_quota",
    403: "permission_error",
    404: "not_found_error",
    429: "rate_limit_error",
}
_FIRST_SERVER_STATUS: Final = 500


def error_object(error: GatewayError, overflow_param: str) -> dict[str, object]:
    """`error` in OpenAI's words. `overflow_param` names the request field that holds the prompt."""
    if isinstance(error, ContextOverflow):
        return {
            "message": _overflow_message(error),
            "type": "invalid_request_error",
            "param": overflow_param,
            "code": "context_length_exceeded",
        }
    return {"message": error.message, "type": _type(error), "param": error.param, "code": error.code}


def _type(error: GatewayError) -> str:
    if isinstance(error, UpstreamRejected) and error.upstream_type:
        return error.upstream_type
    if error.status == 429 and "quota" in error.code:
        return "insufficient_quota"
    return _TYPES.get(
        error.status, "server_error" if error.status >= _FIRST_SERVER_STATUS else "invalid_request_error"
    )


def _overflow_message(error: ContextOverflow) -> str:
    if error.prompt_tokens is not None and error.limit_tokens is not None:
        return (
            f"This model's maximum context length is {error.limit_tokens} tokens. However, your messages "
            f"resulted in {error.prompt_tokens} tokens. Please reduce the length of the messages."
        )
    if error.limit_tokens is not None:
        return f"This model's maximum context length is {error.limit_tokens} tokens. {error.message}"
    return f"This model's maximum context length was exceeded. {error.message}"
