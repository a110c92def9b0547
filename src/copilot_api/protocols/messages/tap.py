"""Usage and ending of a Messages answer, read from passing frames.

Owns what a Messages stream means, as far as accounting goes. Must never change a byte.
Source: upstream contract 6.5; Anthropic streaming documentation (read 2026-11).

    stream := message_start (block | ping)* message_delta* message_stop [DONE]?     or an `error` event
    anywhere

`message_start` counts the input and guesses the output; `message_delta` counts are cumulative and win,
field by field. Copilot adds `copilot_usage` to `message_delta` and sometimes a stray `[DONE]` after the
end.
"""

from typing import Final

import msgspec

from copilot_api.neutral.usage import Finish, Usage
from copilot_api.protocols.billing import add_price, as_fields
from copilot_api.protocols.messages.endings import read_finish, read_usage
from copilot_api.wire.sse import Frame

_QUIET_STARTS: Final = (b"event: content_block_", b"event: ping")


class _Message(msgspec.Struct, frozen=True, gc=False):
    id: object = None
    model: object = None
    stop_reason: object = None
    usage: object = None
    copilot_usage: object = None


class _Event(msgspec.Struct, frozen=True, gc=False):
    type: object = None
    message: _Message | None = None
    delta: object = None
    usage: object = None
    copilot_usage: object = None
    error: object = None


_EVENT: Final = msgspec.json.Decoder(_Event)
_REPLY: Final = msgspec.json.Decoder(_Message)


class MessagesTap:
    """A copy-reader of one Messages answer. `message_stop` completes it, and so does an `error` event."""

    __slots__ = ("_counts", "_price", "answer_id", "failure", "finish", "is_complete", "model", "usage")

    def __init__(self) -> None:
        self.usage: Usage | None = None
        self.finish: Finish | None = None
        self.model: str | None = None
        self.answer_id: str | None = None
        self.is_complete = False
        self.failure: str | None = None
        self._counts: dict[str, object] = {}
        self._price: object = None

    def feed(self, frame: Frame) -> None:
        """Observe one frame of a stream."""
        raw = frame.raw
        if raw.startswith(_QUIET_STARTS) or b'"type":"content_block_' in raw:
            return
        try:
            event = _EVENT.decode(frame.data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return
        match event.type:
            case "message_start":
                if event.message is not None:
                    self._read(event.message, event.message.copilot_usage)
            case "message_delta":
                stop_reason = as_fields(event.delta).get("stop_reason")
                self._read(_Message(stop_reason=stop_reason, usage=event.usage), event.copilot_usage)
            case "message_stop":
                self.is_complete = True
            case "error":
                self.failure = read_failure(event.error)
                self.is_complete = True
            case _:
                pass

    def read_reply(self, body: bytes) -> None:
        """Observe a whole non-streaming answer."""
        try:
            reply = _REPLY.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return
        self._read(reply, reply.copilot_usage)
        self.is_complete = True

    def _read(self, message: _Message, price: object) -> None:
        if isinstance(message.model, str) and message.model:
            self.model = message.model
        if self.answer_id is None and isinstance(message.id, str) and message.id:
            self.answer_id = message.id
        if isinstance(message.stop_reason, str) and message.stop_reason:
            self.finish = read_finish(message.stop_reason)
        if price is not None:
            self._price = price
        self._counts.update(
            (name, value) for name, value in as_fields(message.usage).items() if value is not None
        )
        self.usage = add_price(read_usage(self._counts), self._price)


def read_failure(error: object) -> str:
    """The words of an `error` object."""
    fields = as_fields(error)
    message = fields.get("message") or fields.get("type")
    return message if isinstance(message, str) else "The upstream sent an error without words."
