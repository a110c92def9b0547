"""L9: a stream cut anywhere is never taken for a whole one."""

import pytest

from copilot_api.wire.sse import SseDecoder
from laws.taps import new_tap
from recorded import STREAM_NAMES, stream

TERMINAL: dict[str, bytes | None] = {
    "chat-annotations": b'"finish_reason":"stop"',
    "chat-azure-text": b'"finish_reason":"stop"',
    "chat-azure-tools": b'"finish_reason":"tool_calls"',
    "chat-claude-split-choices": b'"finish_reason":"tool_calls","index":1',
    "chat-claude-thinking": b'"finish_reason":"stop"',
    "chat-content-filter": b'"finish_reason":"content_filter"',
    "chat-gemini-opaque-no-text": b'"finish_reason":"tool_calls"',
    "chat-gemini-opaque-with-first-text": b'"finish_reason":"stop"',
    "chat-gemini-parallel-tools": b'"finish_reason":"tool_calls"',
    "chat-gemini-stop-with-tools": b'"finish_reason":"stop"',
    "chat-gemini-text": b'"finish_reason":"stop"',
    "chat-inline-error": b'{"error":',
    "chat-length": b'"finish_reason":"length"',
    "chat-stop-with-tools": b'"finish_reason":"stop"',
    "chat-truncated-no-done": None,
    "chat-whitespace-args": b'"finish_reason":"length"',
    "messages-anthropic-text-ping": b"event: message_stop",
    "messages-bedrock-text": b"event: message_stop",
    "messages-context-edit": b"event: message_stop",
    "messages-midstream-error": b"event: error",
    "messages-omitted-thinking": b"event: message_stop",
    "messages-refusal": b"event: message_stop",
    "messages-stray-done": b"event: message_stop",
    "messages-thinking-tool": b"event: message_stop",
    "messages-tool-search": b"event: message_stop",
    "messages-truncated": None,
    "responses-error-event": b"event: error",
    "responses-failed": b"event: response.failed",
    "responses-incomplete": b"event: response.incomplete",
    "responses-reasoning-tool": b"event: response.completed",
    "responses-summary-only-in-done": b"event: response.completed",
    "responses-text": b"event: response.completed",
}
"""The words by which each recording ends; None for one that was cut when it was recorded."""


@pytest.mark.parametrize("name", STREAM_NAMES)
def test_a_stream_is_complete_from_the_last_byte_of_its_terminal_event_on(name: str) -> None:
    """Cut one byte earlier, anywhere before, it is not: byte by byte, the tap asked after each."""
    words = TERMINAL[name]
    data = stream(name)
    whole_at = len(data) + 1 if words is None else data.index(b"\n\n", data.index(words)) + 2
    decoder, tap = SseDecoder(), new_tap(name)
    for length in range(1, len(data) + 1):
        for frame in decoder.feed(data[length - 1 : length]):
            tap.feed(frame)
        assert tap.is_complete == (length >= whole_at)


@pytest.mark.parametrize("name", [name for name in STREAM_NAMES if TERMINAL[name] is not None])
def test_a_stream_without_its_terminal_event_is_not_complete(name: str) -> None:
    """Nor does anything before it count as one; chat alone has a second last word, `[DONE]`."""
    tap = new_tap(name)
    words = TERMINAL[name]
    assert words is not None
    for frame in SseDecoder().feed(stream(name)):
        if words not in frame.raw and frame.data != b"[DONE]":
            tap.feed(frame)
    assert tap.is_complete is False
