"""Usage and ending of a Responses answer, read from passing frames.

Owns what the terminal events mean. Must never change a byte, nor look at item ids (Copilot rotates them).
Source: upstream contract 5.3 (read 2026-11).

    stream := response.created event* (response.completed | .incomplete | .failed | .cancelled | error)

The terminal event repeats the whole answer and carries `copilot_usage` beside `response`.
"""

from typing import Final

import msgspec

from copilot_api.neutral.usage import Finish, FinishReason, Usage
from copilot_api.protocols.billing import add_price, as_count, as_fields
from copilot_api.wire.sse import Frame

_INCOMPLETE: Final = {
    "max_output_tokens": FinishReason.LENGTH,
    "content_filter": FinishReason.CONTENT_FILTER,
}
CALLS: Final = frozenset(
    {"function_call", "custom_tool_call", "local_shell_call", "shell_call", "tool_search_call"}
)
"""Output items that the client must act on."""
CANCELLED: Final = "The upstream cancelled the answer."
_LOUD: Final = (
    "response.created",
    "response.completed",
    "response.incomplete",
    "response.failed",
    "response.cancelled",
)
_LOUD_STARTS: Final = tuple(b"event: %b" % name.encode() for name in (*_LOUD, "error"))
_LOUD_NEEDLES: Final = tuple(b'"%b"' % name.encode() for name in (*_LOUD, "error"))


class _Item(msgspec.Struct, frozen=True, gc=False):
    type: object = None


class _Response(msgspec.Struct, frozen=True, gc=False):
    id: object = None
    model: object = None
    status: object = None
    error: object = None
    incomplete_details: object = None
    output: list[_Item] | None = None
    usage: object = None
    copilot_usage: object = None


class _Event(msgspec.Struct, frozen=True, gc=False):
    type: object = None
    response: _Response | None = None
    copilot_usage: object = None
    code: object = None
    message: object = None
    error: object = None


_EVENT: Final = msgspec.json.Decoder(_Event)
_REPLY: Final = msgspec.json.Decoder(_Response)


class ResponsesTap:
    """A copy-reader of one Responses answer, completed by every terminal event: failures too."""

    __slots__ = ("answer_id", "failure", "finish", "is_complete", "model", "usage")

    def __init__(self) -> None:
        self.usage: Usage | None = None
        self.finish: Finish | None = None
        self.model: str | None = None
        self.answer_id: str | None = None
        self.is_complete = False
        self.failure: str | None = None

    def feed(self, frame: Frame) -> None:
        """Observe one frame of a stream."""
        raw = frame.raw
        if raw.startswith(b"event: "):
            if not raw.startswith(_LOUD_STARTS):
                return
        elif not any(needle in raw for needle in _LOUD_NEEDLES):
            return
        try:
            event = _EVENT.decode(frame.data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return
        if event.type == "error":
            self._fail(
                event.error if event.error is not None else {"message": event.message, "code": event.code}
            )
            self.is_complete = True
        elif event.response is not None and event.type in _LOUD:
            self._read(event.response, event.copilot_usage)

    def read_reply(self, body: bytes) -> None:
        """Observe a whole non-streaming answer."""
        try:
            reply = _REPLY.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return
        self._read(reply, reply.copilot_usage)
        self.is_complete = True

    def _read(self, response: _Response, price: object) -> None:
        if isinstance(response.model, str) and response.model:
            self.model = response.model
        if self.answer_id is None and isinstance(response.id, str) and response.id:
            self.answer_id = response.id
        usage = read_usage(response.usage)
        self.usage = add_price(usage or self.usage, price)
        match response.status:
            case "completed" | "incomplete":
                called = any(
                    item.type in CALLS for item in response.output or () if isinstance(item.type, str)
                )
                self.finish = read_finish(
                    str(response.status), response.incomplete_details, is_calling=called
                )
            case "failed":
                self._fail(response.error)
            case "cancelled":
                self.finish = Finish(FinishReason.OTHER, "cancelled")
                self.failure = CANCELLED
            case _:
                return
        self.is_complete = True

    def _fail(self, error: object) -> None:
        self.failure = read_failure(error)[0]
        self.finish = Finish(FinishReason.ERROR, "failed")


def read_usage(document: object) -> Usage | None:
    """Counts of a `usage` object; None where it says nothing."""
    usage = as_fields(document)
    if not usage:
        return None
    details = as_fields(usage.get("input_tokens_details"))
    return Usage(
        input_tokens=as_count(usage.get("input_tokens")),
        output_tokens=as_count(usage.get("output_tokens")),
        cache_read_tokens=as_count(details.get("cached_tokens")),
        cache_write_tokens=as_count(details.get("cache_write_tokens")),
        reasoning_tokens=as_count(as_fields(usage.get("output_tokens_details")).get("reasoning_tokens")),
    )


def read_finish(status: str, details: object, *, is_calling: bool) -> Finish:
    """How a "completed" or an "incomplete" answer ended; `details` are its `incomplete_details`."""
    if status == "completed":
        return Finish(FinishReason.TOOL_CALLS if is_calling else FinishReason.STOP, "completed")
    reason = str(as_fields(details).get("reason", ""))
    return Finish(_INCOMPLETE.get(reason, FinishReason.OTHER), reason)


def read_failure(error: object) -> tuple[str, str]:
    """Message and code of an error object; its code speaks where it has no message."""
    fields = as_fields(error)
    code = fields.get("code")
    message = fields.get("message") or code
    said = message if isinstance(message, str) else "The upstream sent an error without words."
    return said, code if isinstance(code, str) else ""
