"""A failure in the words of chat clients.

Source: OpenAI API reference, errors; openai-python 3.54 `_streaming.py` raises APIError on any data with an
`error` key (read 2026-11).
"""

from copilot_api.errors import GatewayError
from copilot_api.protocols.base import WireError
from copilot_api.protocols.envelopes import encode
from copilot_api.protocols.openai.errors import error_object
from copilot_api.wire.sse import encode_frame


def write_error(error: GatewayError) -> WireError:
    """`{"error": {"message", "type", "param", "code"}}` with the error's status."""
    return WireError(error.status, encode({"error": error_object(error, "messages")}))


def write_stream_error(error: GatewayError, answer_id: str | None = None) -> bytes:
    """One error chunk and no `[DONE]` after it, so that nobody takes the answer for complete."""
    return encode_frame(write_error(error).body)
