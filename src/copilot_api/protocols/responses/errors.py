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
from copilot_api.protocols.openai.errors import error_object
from copilot_api.wire.sse import encode_frame

_LAST_SEQUENCE_NUMBER: Final = 2**31 - 1
"""How many events went before is not known here, and nothing may follow: the largest number keeps the order."""
_OWN_ID: Final = "resp_failed"


def write_error(error: GatewayError) -> WireError:
    """`{"error": {"message", "type", "param", "code"}}` with the error's status."""
    return WireError(error.status, encode({"error": error_object(error, "input")}))


def write_stream_error(error: GatewayError, answer_id: str | None = None) -> bytes:
    """One `response.failed`, the terminal event that every client knows.

    openai-python's accumulating stream breaks off unless the first event is `response.created` and all others
    have its `id`; so where nothing was streamed yet, a `response.created` goes before.
    """
    said = error_object(error, "input")
    words = {"code": said["code"], "message": said["message"]}
    if answer_id is not None:
        return _event("response.failed", _LAST_SEQUENCE_NUMBER, _response(answer_id, "failed", words))
    created = _event("response.created", 0, _response(_OWN_ID, "in_progress", None))
    return created + _event("response.failed", 1, _response(_OWN_ID, "failed", words))


def _event(name: str, number: int, response: dict[str, object]) -> bytes:
    return encode_frame(encode({"type": name, "sequence_number": number, "response": response}), name)


def _response(answer_id: str, status: str, error: object) -> dict[str, object]:
    """Fill every field that the schema requires, since strict clients look for them."""
    return {
        "id": answer_id,
        "object": "response",
        "created_at": 0,
        "status": status,
        "error": error,
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
    }
