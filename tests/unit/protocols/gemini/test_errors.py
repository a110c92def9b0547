"""The Gemini spoke: errors in Google's words."""

import pytest

from copilot_api.errors import (
    ContextOverflow,
    GatewayError,
    QuotaExhausted,
    Unauthorized,
    UpstreamRejected,
    UpstreamUnavailable,
)
from copilot_api.protocols.gemini import PROTOCOL


def overflow(prompt: int | None, limit: int | None) -> ContextOverflow:
    """An overflow with what upstream said of it."""
    error = ContextOverflow("They said so.", status=413)
    error.prompt_tokens, error.limit_tokens = prompt, limit
    return error


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (Unauthorized("who?"), '"code":401,"message":"who?","status":"UNAUTHENTICATED"'),
        (GatewayError("bug"), '"code":500,"message":"bug","status":"INTERNAL"'),
        (UpstreamUnavailable("gone"), '"code":502,"message":"gone","status":"UNAVAILABLE"'),
        (UpstreamRejected("no", status=422), '"code":422,"message":"no","status":"INVALID_ARGUMENT"'),
        (
            overflow(300, 200),
            '"code":413,"message":"The input token count (300) exceeds the maximum number of tokens allowed '
            '(200).","status":"INVALID_ARGUMENT"',
        ),
        (
            overflow(300, None),
            '"code":413,"message":"The input token count exceeds the maximum number of tokens allowed. They said '
            'so.","status":"INVALID_ARGUMENT"',
        ),
        (
            overflow(None, 200),
            '"code":413,"message":"The input token count exceeds the maximum number of tokens allowed. They said '
            'so.","status":"INVALID_ARGUMENT"',
        ),
    ],
)
def test_an_error_is_said_in_googles_envelope(error: GatewayError, said: str) -> None:
    """The status is kept as `code`, its name as `status`, our code as the reason of an ErrorInfo."""
    written = PROTOCOL.ingress.write_error(error)
    details = (
        '"details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"'
        + error.code
        + '","domain":"copilot-api"}]'
    )
    assert written.status == error.status
    assert written.body.decode() == '{"error":{' + said + "," + details + "}}"


def test_a_wait_is_said_as_retry_info() -> None:
    """Google's clients read the delay there; in a stream the envelope is one chunk."""
    error = QuotaExhausted("slow down", retry_after_s=2.5)
    assert PROTOCOL.ingress.write_stream_error(error) == (
        b'data: {"error":{"code":429,"message":"slow down","status":"RESOURCE_EXHAUSTED","details":['
        b'{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"rate_limited","domain":"copilot-api"},'
        b'{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"2.5s"}]}}\n\n'
    )
