"""A chat completion stream.

    stream := (chunk+ usage? "[DONE]") | chunk* error
    choice := role-delta (content | refusal | tool-call)* finish        one of each index, in any interleaving

openai-python adds up every string of a delta, so a repeated role, call id or name would double (3.54
`lib/streaming/_deltas.py`); clients that lack an `index` on a call break, and some loop for ever without a
finish reason.
Source: openai 3.54 `types/chat/chat_completion_chunk.py`, `chat_completion_message_custom_tool_call.py`,
`types/completion_usage.py` (read 2026-11).
"""

from typing import Final

from copilot_api.grammars.view import Reading, View, decode
from copilot_api.wire.sse import Frame

_FINISH_REASONS: Final = ("stop", "length", "tool_calls", "content_filter", "function_call")
_SAID: Final = ("content", "refusal", "reasoning_content", "reasoning_text", "reasoning_opaque")
_INPUT: Final = {"function": "arguments", "custom": "input"}
"""Where a kind of call has its input: `function` is all that the chunk's type knows, the API streams both."""


class _Choice:
    def __init__(self) -> None:
        self.calls = 0
        self.finish: str | None = None


class ChatChecker(Reading):
    """Judges one chat stream."""

    def __init__(self) -> None:
        super().__init__()
        self._identity: tuple[str, int, str] | None = None
        self._choices: dict[int, _Choice] = {}
        self._has_usage = False

    def read(self, frame: Frame, data: bytes, faults: list[str]) -> None:
        """Take one chunk, an error or the last word."""
        if frame.event:
            faults.append(f"has an event line {frame.event!r}")
        if data == b"[DONE]":
            self.has_ended = True
            self._check_whole(faults)
            return
        chunk = decode(data, faults)
        if chunk is None:
            return
        if "error" in chunk.document:
            self.has_ended = True
            chunk.inside("error").text("message")
            return
        self._read_chunk(chunk)

    def _check_whole(self, faults: list[str]) -> None:
        if not self._choices:
            faults.append("ends a stream without a choice")
        faults += [
            f"ends choice {index} without a finish_reason"
            for index, choice in self._choices.items()
            if choice.finish is None
        ]

    def _read_chunk(self, chunk: View) -> None:
        chunk.must_be("object", "chat.completion.chunk")
        identity = (chunk.words("id"), chunk.whole("created"), chunk.words("model"))
        if self._identity is None:
            self._identity = identity
        chunk.check(identity == self._identity, "changes id, created or model")
        chunk.check(not self._has_usage, "comes after the usage chunk")
        choices = chunk.each("choices")
        usage = chunk.maybe_inside("usage")
        chunk.check(bool(choices) or usage is not None, "says nothing")
        if usage is not None:
            self._read_usage(chunk, usage, bool(choices))
        for choice in choices:
            self._read_choice(choice)

    def _read_usage(self, chunk: View, usage: View, has_choices: bool) -> None:
        self._has_usage = True
        chunk.check(not has_choices, "has usage beside choices")
        is_finished = bool(self._choices) and all(choice.finish for choice in self._choices.values())
        chunk.check(is_finished or has_choices, "has usage before every choice is finished")
        total = usage.whole("prompt_tokens") + usage.whole("completion_tokens")
        usage.check(usage.whole("total_tokens") == total, "has a total_tokens that is not the sum")

    def _read_choice(self, choice: View) -> None:
        index, delta = choice.whole("index"), choice.inside("delta")
        known = self._choices.get(index)
        if known is None:
            choice.check(index == len(self._choices), "has an index out of order")
            known = self._choices[index] = _Choice()
            choice.check(delta.maybe_text("role") == "assistant", "does not begin with the role")
        else:
            choice.check(not delta.has("role"), "says the role again")
        choice.check(known.finish is None, "goes on after its finish_reason")
        for name in _SAID:
            delta.maybe_text(name)
        for call in delta.maybe_each("tool_calls") or ():
            _read_call(call, known)
        if choice.has("finish_reason"):
            known.finish = choice.must_be("finish_reason", *_FINISH_REASONS)
            choice.check(
                known.finish != "tool_calls" or known.calls > 0, "finishes with tool_calls without a call"
            )
            choice.check(known.finish != "stop" or known.calls == 0, "finishes with stop after a tool call")


def _read_call(call: View, choice: _Choice) -> None:
    index = call.whole("index")
    kind = "custom" if call.has("custom") else "function"
    body = call.inside(kind)
    body.text(_INPUT[kind])
    if index < choice.calls:
        call.check(not call.has("id"), "says its id again")
        call.check(not body.has("name"), "says its name again")
        return
    call.check(index == choice.calls, "has an index out of order")
    choice.calls = index + 1
    call.words("id")
    call.must_be("type", kind)
    body.words("name")
