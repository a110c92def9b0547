"""Usage and ending of a chat answer, read from passing frames.

Owns what a chat stream means, as far as accounting goes. Must never change a byte.
Source: upstream contract 4.2-4.5 (read 2026-11).

    stream := filter_results? chunk* finish+ usage? "[DONE]"?

Copilot's habits: `usage` on the finish chunk (Claude, Gemini), on a later chunk without choices (Azure), or
on every chunk with zeros until the last (Gemini); Claude's answer split over several choices, each with its
own finish; `[DONE]` missing; an `error` chunk as the last one.
"""

from typing import Final

import msgspec

from copilot_api.neutral.usage import Finish, Usage
from copilot_api.protocols.billing import add_price, as_count, as_fields
from copilot_api.protocols.chat.words import read_finish, read_usage
from copilot_api.wire.sse import Frame

_NO_DELTA: Final = msgspec.Raw(b"null")
_MAX_LESSONS: Final = 8
"""A stream whose chunks differ in more than their delta (padding, changing ids) is decoded chunk by chunk."""


class _Choice(msgspec.Struct, frozen=True, gc=False):
    index: object = 0
    finish_reason: object = None
    delta: msgspec.Raw = _NO_DELTA


class _Chunk(msgspec.Struct, frozen=True, gc=False):
    id: object = None
    model: object = None
    choices: list[_Choice] | None = None
    usage: object = None
    copilot_usage: object = None
    error: object = None


_CHUNK: Final = msgspec.json.Decoder(_Chunk)


class ChatTap:
    """A copy-reader of one chat answer.

    `is_complete` is true after `[DONE]`, after an error chunk, or once every choice seen has its finish
    reason: a missing `[DONE]` is Copilot's habit, not a cut.
    """

    __slots__ = (
        "_finished",
        "_lessons_left",
        "_open",
        "_price",
        "_quiet",
        "answer_id",
        "failure",
        "finish",
        "is_complete",
        "model",
        "usage",
    )

    def __init__(self) -> None:
        self.usage: Usage | None = None
        self.finish: Finish | None = None
        self.model: str | None = None
        self.answer_id: str | None = None
        self.is_complete = False
        self.failure: str | None = None
        self._open: set[int] = set()
        self._finished: set[int] = set()
        self._price: object = None
        self._quiet = (b"\x00", b"\x00")  # what no frame begins and ends with
        self._lessons_left = _MAX_LESSONS

    def feed(self, frame: Frame) -> None:
        """Observe one frame of a stream."""
        raw = frame.raw
        head, tail = self._quiet
        if raw.startswith(head) and raw.endswith(tail) and b'"delta":' not in raw[len(head) : -len(tail)]:
            return
        data = frame.data
        if data == b"[DONE]":
            self.is_complete = True
        elif data:
            self._read(data, raw)

    def read_reply(self, body: bytes) -> None:
        """Observe a whole non-streaming answer."""
        self.is_complete = self._read(body, b"")

    def _read(self, data: bytes, raw: bytes) -> bool:
        """Read a chunk or a whole reply, which have the same shape here; False when it cannot be read."""
        try:
            chunk = _CHUNK.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return False
        if isinstance(chunk.model, str) and chunk.model:
            self.model = chunk.model
        if self.answer_id is None and isinstance(chunk.id, str) and chunk.id:
            self.answer_id = chunk.id
        if chunk.error is not None:
            self.failure = failure_of(chunk.error)
            self.is_complete = True
            return True
        if chunk.choices:
            self._read_choices(chunk.choices)
        if not self._read_usage(chunk) and chunk.choices and len(chunk.choices) == 1 and raw:
            self._learn(chunk.choices[0], raw)
        return True

    def _learn(self, choice: _Choice, raw: bytes) -> None:
        """Remember what surrounds the delta of a chunk that changed nothing.

        The chunks of a stream differ in their delta only; one with the same surroundings says nothing new,
        and is told by comparing bytes at a fifth of the cost of decoding it.
        """
        if choice.finish_reason is not None or self._lessons_left == 0:
            return
        self._lessons_left -= 1
        delta = bytes(choice.delta)
        start = raw.find(b'"delta":') + len(b'"delta":')
        if delta.startswith(b"{") and raw.startswith(delta, start):
            self._quiet = (raw[: start + 1], raw[start + len(delta) - 1 :])

    def _read_choices(self, choices: list[_Choice]) -> None:
        for choice in choices:
            index = as_count(choice.index)
            self._open.add(index)
            if isinstance(choice.finish_reason, str) and choice.finish_reason:
                self.finish = read_finish(choice.finish_reason)
                self._finished.add(index)
        if self._finished:
            self.is_complete = self._open == self._finished

    def _read_usage(self, chunk: _Chunk) -> bool:
        """Take the counts and prices of a chunk; False when it has none."""
        usage = read_usage(chunk.usage)
        if usage is None and chunk.copilot_usage is None:
            return False
        if chunk.copilot_usage is not None:
            self._price = chunk.copilot_usage
        self.usage = add_price(usage or self.usage, self._price)
        return True


def failure_of(error: object) -> str:
    """The words of an `error` object."""
    fields = as_fields(error)
    message = fields.get("message") or fields.get("code") or error
    return message if isinstance(message, str) else "The upstream sent an error without words."
