"""A failure in the words of Responses clients.

In a stream it is one `response.failed`, not an `error` event: Codex shows the message of `response.failed`
and takes every other ending for a lost connection, which it retries; openai-python hands both out as typed
events.
Source: OpenAI API reference, responses streaming; recorded Codex 0.169 runs (read 2026-11).
"""

from typing import Final

from copilot_api.errors import GatewayError
from copilot_api.protocols.base import WireError
from copilot_api.protocols.envelopes import encode
from copilot_api.protocols.openai_errors import error_object
from copilot_api.wire.sse import encode_frame

_LAST_SEQUENCE_NUMBER: Final = 2**31 - 1
"""Nothing may follow, and how many events went before is not known here: the largest keeps the order."""


def write_error(error: GatewayError) -> WireError:
    """`{"error": {"message", "type", "param", "code"}}` with the error's status."""
    return WireError(error.status, encode({"error": error_object(error, "input")}))


def write_stream_error(error: GatewayError) -> bytes:
    """One `response.failed`, the terminal event that every client knows."""
    said = error_object(error, "input")
    event: dict[str, object] = {
        "type": "response.failed",
        "sequence_number": _LAST_SEQUENCE_NUMBER,
        "response": {
            "id": "resp_failed",
            "object": "response",
            "created_at": 0,
            "status": "failed",
            "error": {"code": said["code"], "message": said["message"]},
            "incomplete_details": None,
            "instructions": None,
            "metadata": {},
            "model": "",
            "output": [],
            "parallel_tool_calls": True,
            "temperature": None,
            "tool_choice": "auto",
            "tools": [],
            "top_p": None,
            "usage": None,
        },
    }
    return encode_frame(encode(event), "response.failed")
