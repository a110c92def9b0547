"""An Anthropic Messages stream.

    stream  := message_start block* message_delta+ message_stop | ... error       ping anywhere
    block   := content_block_start delta* content_block_stop                      indexes 0, 1, 2...
    text        : (text_delta | citations_delta)*
    thinking    : thinking_delta* signature_delta?                                the signature is set, not added
    tool_use    : input_json_delta*                                               a JSON object, or its beginning

The SDK reads a tool's input as it grows and raises on what cannot become a JSON object. What a model itself breaks
further on is not judged: it was sent before anybody could know. `event:` lines are required: Claude Code reads a
stream without them as empty. Usage is required at both ends.
Source: anthropic 2.12 `types/raw_*_event.py`, `lib/streaming/_messages.py` (read 2026-11).
"""

from typing import Final

from copilot_api.grammars.view import Reading, View, decode
from copilot_api.wire.sse import Frame

_STOP_REASONS: Final = (
    "end_turn",
    "max_tokens",
    "stop_sequence",
    "tool_use",
    "pause_turn",
    "refusal",
    "model_context_window_exceeded",
)
_SPACE: Final = " \t\r\n"
_DELTAS: Final[dict[str, dict[str, str]]] = {
    "text": {"text_delta": "text", "citations_delta": "citation"},
    "thinking": {"thinking_delta": "thinking", "signature_delta": "signature"},
    "tool_use": {"input_json_delta": "partial_json"},
    "server_tool_use": {"input_json_delta": "partial_json"},
}
"""Which deltas a block takes, and the field of each."""


class _Block:
    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.input = ""
        self.has_signature = False


class MessagesChecker(Reading):
    """Judges one Messages stream."""

    def __init__(self) -> None:
        super().__init__()
        self._has_started = False
        self._blocks = 0
        self._open: _Block | None = None
        self._has_call = False
        self._stop_reason: str | None = None
        self._has_delta = False

    def read(self, frame: Frame, data: bytes, faults: list[str]) -> None:
        """Take one event."""
        event = decode(data, faults)
        if event is None:
            return
        kind = event.text("type")
        event.check(frame.event == kind, f"has the event line {frame.event!r} for type {kind!r}")
        if kind == "ping":
            return
        if kind == "error":
            self.has_ended = True
            said = event.inside("error")
            said.words("type")
            said.text("message")
            return
        if kind == "message_start":
            self._start(event)
            return
        event.check(self._has_started, f"has {kind} before message_start")
        self._has_started = True  # said once
        self._read_rest(kind, event)

    def _read_rest(self, kind: str, event: View) -> None:
        event.check(not self._has_delta or kind.startswith("message_"), f"has {kind} after message_delta")
        match kind:
            case "content_block_start":
                self._start_block(event)
            case "content_block_delta":
                self._read_delta(event)
            case "content_block_stop":
                self._stop_block(event)
            case "message_delta":
                self._end(event)
            case "message_stop":
                event.check(self._stop_reason is not None, "has message_stop without a stop_reason before it")
                self.has_ended = True
            case _:
                event.fault(f"has an unknown type {kind!r}")

    def _start(self, event: View) -> None:
        event.check(not self._has_started, "starts the message again")
        self._has_started = True
        message = event.inside("message")
        message.words("id")
        message.words("model")
        message.must_be("type", "message")
        message.must_be("role", "assistant")
        message.check(message.each("content") == [], "has content already")
        message.must_be_null("stop_reason")
        message.must_be_null("stop_sequence")
        usage = message.inside("usage")
        usage.whole("input_tokens")
        usage.whole("output_tokens")

    def _start_block(self, event: View) -> None:
        event.check(self._open is None, "starts a block inside another")
        event.check(event.whole("index") == self._blocks, "has an index out of order")
        self._blocks += 1
        block = event.inside("content_block")
        kind = block.words("type")
        self._open = _Block(kind)
        match kind:
            case "text":
                block.check(block.text("text") == "", "begins with text")
            case "thinking":
                block.check(block.text("thinking") == "", "begins with thinking")
                block.check(block.text("signature") == "", "begins with a signature")
            case "redacted_thinking":
                block.words("data")
            case "tool_use" | "server_tool_use":
                self._has_call = self._has_call or kind == "tool_use"
                block.words("id")
                block.words("name")
                block.check(block.document.get("input") == {}, "has an input that is not an empty object")
            case _:
                pass

    def _read_delta(self, event: View) -> None:
        block = self._open
        if block is None:
            event.fault("has a delta outside a block")
            return
        event.check(event.whole("index") == self._blocks - 1, "has the index of another block")
        delta = event.inside("delta")
        kind = delta.text("type")
        field = _DELTAS.get(block.kind, {}).get(kind)
        if field is None:
            event.fault(f"has a {kind} in a {block.kind} block")
        elif kind == "citations_delta":
            delta.inside(field).words("type")
        else:
            value = delta.text(field)
            delta.check(not block.has_signature, "comes after the signature")
            block.has_signature = kind == "signature_delta"
            if kind == "input_json_delta":
                block.input += value

    def _stop_block(self, event: View) -> None:
        block = self._open
        if block is None:
            event.fault("stops a block that is not open")
            return
        event.check(event.whole("index") == self._blocks - 1, "has the index of another block")
        is_input = not block.input or block.input.lstrip(_SPACE).startswith("{")
        event.check(is_input, "ends a tool input that is no JSON object")
        self._open = None

    def _end(self, event: View) -> None:
        event.check(self._open is None, "has message_delta inside a block")
        self._has_delta = True
        event.inside("usage").whole("output_tokens")
        delta = event.inside("delta")
        if delta.has("stop_reason"):
            reason = self._stop_reason = delta.must_be("stop_reason", *_STOP_REASONS)
            is_hit = delta.has("stop_sequence")
            delta.check(is_hit == (reason == "stop_sequence"), "disagrees with itself on the stop sequence")
            delta.check(reason != "tool_use" or self._has_call, "stops for a tool that was not called")
            delta.check(reason != "end_turn" or not self._has_call, "ends the turn after a tool call")
