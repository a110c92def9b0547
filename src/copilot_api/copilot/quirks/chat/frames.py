"""The answer of `/chat/completions`, made regular. Pure. Source: upstream contract 4.2-4.5 (read 2026-11).

    answer := [empty first frame] frame* finish [usage] "[DONE]"

A frame is decoded only when its bytes say that something must change. What is held back: the first frame while it
has no id (until the next one brings it), and a Claude answer's finish frame (until no other choice can follow).
"""

from typing import Final

import msgspec

from copilot_api.copilot.catalog import Model
from copilot_api.copilot.quirks.chat.choices import (
    CallIndexes,
    RoleOnce,
    is_regular,
    join_deltas,
    repaired_choices,
)
from copilot_api.copilot.quirks.chat.identity import Identity
from copilot_api.copilot.quirks.documents import Document, documents_in, encode, is_document
from copilot_api.copilot.quirks.general.runaway import RunawayGuard, has_breaks
from copilot_api.copilot.quirks.rules import is_claude
from copilot_api.wire.sse import Frame, encode_frame

DONE: Final = b"data: [DONE]\n\n"
_BARE_HEAD: Final = b'data: {"choices":[{'
_REGULAR_HEAD: Final = b'data: {"object":"chat.completion.chunk","choices":[{"finish_reason":null,'


class ChatRepair:
    """One answer of `/chat/completions`, streaming or not."""

    def __init__(self, model: Model) -> None:
        self._merges = is_claude(model)
        self._identity = Identity(model.id)
        self._early: list[Document] = []
        self._finish: Document | None = None
        self._calls = CallIndexes()
        self._roles = RoleOnce(merges=self._merges)
        self._guard = RunawayGuard()
        self._has_choices = False
        self._has_calls = False
        self._has_finished = False
        self._has_failed = False
        self._is_done = False

    def feed(self, frame: Frame) -> bytes:
        """Forward one frame, repaired.

        Raises: UpstreamProtocolError when tool arguments run away.
        """
        raw = frame.raw
        if raw.startswith(b":"):
            return raw
        frame = self._roles.pass_on(frame)
        raw = frame.raw
        if self._finish is None:
            kind = self._identity.kind_of(raw)
            if kind == "regular" and b'"finish_reason":null' in raw and self._is_plain(raw):
                return raw
            if kind == "bare" and raw.startswith(_BARE_HEAD) and self._is_bare(raw):
                return _REGULAR_HEAD + raw[len(_BARE_HEAD) :]
        return self._feed_decoded(frame)

    def finish(self) -> bytes:
        """Give what is held back, and the `[DONE]` that a clean end lacks."""
        if self._is_done:
            return b""
        rest = self._release()
        return rest + DONE if self._has_finished and not self._has_failed else rest

    def read_reply(self, body: bytes) -> bytes:
        """Repair the non-streaming form."""
        if is_regular(body):
            return body
        reply = _decoded(body)
        choices = documents_in(reply.get("choices")) if reply is not None else []
        if reply is None or not choices:
            return body
        repaired, changed = repaired_choices(choices, merges=self._merges)
        reply["choices"] = repaired
        self._identity.settle(reply, body)
        changed = self._identity.fill(reply, "chat.completion") or changed
        return encode(reply) if changed else body

    def _is_plain(self, raw: bytes) -> bool:
        """Whether a regular frame needs nothing: no calls to number or to guard, one choice, in its place."""
        if self._merges and b'"index":0' not in raw:
            return False
        if b'"tool_calls"' not in raw:
            return not self._merges or raw.count(b'"delta"') == 1
        self._has_calls = True
        is_plain = not self._merges and raw.count(b'"index":') > 1 and not has_breaks(raw)
        if is_plain:
            self._guard.run = 0
        return is_plain

    def _is_bare(self, raw: bytes) -> bool:
        """Whether a frame without `object` lacks `finish_reason` too, and nothing else: Claude's and Gemini's."""
        return (
            b'"finish_reason"' not in raw
            and b'"tool_calls"' not in raw
            and raw.count(b'"delta"') == 1
            and (b'"index":0' in raw or not self._merges)
        )

    def _feed_decoded(self, frame: Frame) -> bytes:
        data = frame.data
        if data == b"[DONE]":
            return self._end()
        chunk = _decoded(data)
        if chunk is None:
            return frame.raw
        if "choices" not in chunk:
            self._has_failed = self._has_failed or "error" in chunk
            return self._release() + frame.raw
        choices = documents_in(chunk["choices"])
        if not choices and not self._identity.is_settled and not chunk.get("id"):
            self._early.append(chunk)
            return b""
        self._identity.settle(chunk, data)
        before = self._release_early()
        was = encode(chunk)
        self._identity.fill(chunk, "chat.completion.chunk")
        chunk["choices"] = self._repaired(choices)
        after = encode(chunk)
        text = frame.raw if was == after else encode_frame(after)
        return before + self._ordered(chunk, text)

    def _repaired(self, choices: list[Document]) -> list[Document]:
        for choice in choices:
            self._has_choices = True
            choice.setdefault("finish_reason", None)
            delta = choice.get("delta")
            calls = documents_in(delta.get("tool_calls")) if is_document(delta) else []
            if calls:
                self._take_calls(choice, calls)
            if choice["finish_reason"] == "stop" and self._has_calls:
                choice["finish_reason"] = "tool_calls"
        if self._merges and choices:
            return [join_deltas(choices)]
        return choices

    def _take_calls(self, choice: Document, calls: list[Document]) -> None:
        self._has_calls = True
        index = choice.get("index")
        if self._merges:
            self._calls.renumber(index if isinstance(index, int) else 0, calls)
        for position, call in enumerate(calls):
            call.setdefault("index", position)
            function = call.get("function")
            arguments = function.get("arguments") if is_document(function) else None
            if isinstance(arguments, str):
                self._guard.feed(arguments)

    def _ordered(self, chunk: Document, text: bytes) -> bytes:
        """Let a finish reason out once: at once where choices are not split, else behind all of them."""
        choices = documents_in(chunk["choices"])
        reason = next((choice["finish_reason"] for choice in choices if choice["finish_reason"]), None)
        if not self._merges:
            self._has_finished = self._has_finished or reason is not None
            return text
        if not choices:
            return self._release() + text
        before, earlier = self._release_unfinished()
        if reason is not None:
            self._finish = chunk
            return before
        if earlier is not None:
            self._finish = self._identity.chunk(earlier)
        return before + text

    def _release_unfinished(self) -> tuple[bytes, object]:
        """Let a held finish frame go without its reason, since another choice follows it; and that reason."""
        if self._finish is None:
            return b"", None
        choice = documents_in(self._finish["choices"])[0]
        reason, choice["finish_reason"] = choice["finish_reason"], None
        delta = choice.get("delta")
        is_empty = not is_document(delta) or not any(delta.values())
        text = b"" if is_empty and not self._finish.get("usage") else encode_frame(encode(self._finish))
        self._finish = None
        return text, reason

    def _release_early(self) -> bytes:
        early, self._early = self._early, []
        for chunk in early:
            self._identity.fill(chunk, "chat.completion.chunk")
        return b"".join(encode_frame(encode(chunk)) for chunk in early)

    def _release(self) -> bytes:
        """Give everything held back, in order."""
        early = self._release_early()
        if self._finish is None:
            return early
        self._has_finished = True
        choice = documents_in(self._finish["choices"])[0]
        if self._has_calls and choice["finish_reason"] == "stop":
            choice["finish_reason"] = "tool_calls"
        text, self._finish = encode_frame(encode(self._finish)), None
        return early + text

    def _end(self) -> bytes:
        """The clean end: with a finish reason, even where upstream forgot it."""
        if self._is_done:
            return b""
        self._is_done = True
        rest = self._release()
        if self._has_choices and not self._has_finished and not self._has_failed:
            reason = "tool_calls" if self._has_calls else "stop"
            rest += encode_frame(encode(self._identity.chunk(reason)))
        return rest + DONE


def _decoded(data: bytes) -> Document | None:
    try:
        value: object = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return value if is_document(value) else None
