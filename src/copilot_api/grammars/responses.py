"""A Responses stream.

    stream := created (queued | in_progress)* (item | service-event)* (completed | incomplete | failed) | ... error
    item   := output_item.added parts output_item.done      as `response_items.py` says

Every event has its type in the `event:` line too, and a sequence number one higher than the last; an ending in
failure may jump ahead, because who ends a broken stream need not have counted. The id never changes
(openai-python raises), and the terminal `output` repeats the finished items. opencode loops for ever on a
completed answer without usage.
Source: openai 3.54 `types/responses/response_*_event.py`, `response.py`, `response_usage.py` (read 2026-11).
"""

from typing import Final

from copilot_api.grammars.response_items import Items
from copilot_api.grammars.view import Reading, View, decode
from copilot_api.wire.sse import Frame

_STATUS: Final = {
    "response.created": "in_progress",
    "response.queued": "queued",
    "response.in_progress": "in_progress",
    "response.completed": "completed",
    "response.incomplete": "incomplete",
    "response.failed": "failed",
}
_FAILURES: Final = ("response.failed", "error")


class ResponsesChecker(Reading):
    """Judges one Responses stream."""

    def __init__(self) -> None:
        super().__init__()
        self._next_number = 0
        self._id: str | None = None
        self._items = Items()

    def read(self, frame: Frame, data: bytes, faults: list[str]) -> None:
        """Take one event."""
        event = decode(data, faults)
        if event is None:
            return
        kind = event.text("type")
        event.check(frame.event == kind, f"has the event line {frame.event!r} for type {kind!r}")
        number = event.whole("sequence_number")
        is_next = number == self._next_number or (kind in _FAILURES and number > self._next_number)
        event.check(is_next, f"has sequence_number {number}, not {self._next_number}")
        self._next_number = number + 1
        event.check(self._id is not None or kind in ("response.created", "error"), f"has {kind} first")
        if kind == "error":
            self.has_ended = True
            event.text("message")
        elif kind in _STATUS:
            self._read_response(kind, event.inside("response"))
        else:
            self._items.read(kind, event)

    def _read_response(self, kind: str, response: View) -> None:
        identity = response.words("id")
        if kind == "response.created":
            response.check(self._id is None, "is created again")
            self._id = self._id or identity
        response.check(identity == self._id, "changes its id")
        response.must_be("object", "response")
        response.must_be("status", _STATUS[kind])
        self._read_constants(response)
        output = response.each("output")
        if kind in ("response.created", "response.queued", "response.in_progress"):
            response.check(output == [], "has output already")
            response.check(not self._items.has_any, f"is {kind} after its first item")
            return
        self.has_ended = True
        self._read_end(kind, response, [item.document for item in output])

    def _read_constants(self, response: View) -> None:
        """Check the fields that the schema requires at every stage."""
        created_at = response.document.get("created_at")
        is_time = isinstance(created_at, int | float) and not isinstance(created_at, bool)
        response.check(is_time, "has no created_at")
        response.text("model")
        response.each("tools")
        response.check(response.has("tool_choice"), "has no tool_choice")
        is_flag = isinstance(response.document.get("parallel_tool_calls"), bool)
        response.check(is_flag, "has no parallel_tool_calls")
        for name in ("error", "incomplete_details"):
            response.check(name in response.document, f"has no {name}")

    def _read_end(self, kind: str, response: View, output: list[object]) -> None:
        if kind == "response.failed":
            error = response.inside("error")
            error.words("code")
            error.text("message")
            return
        response.must_be_null("error")
        if kind == "response.incomplete":
            response.inside("incomplete_details").words("reason")
        else:
            response.must_be_null("incomplete_details")
        for index in self._items.unfinished:
            response.fault(f"ends while item {index} is open")
        response.check(output == self._items.finished, "has an output that is not its finished items")
        _read_usage(response.inside("usage"))


def _read_usage(usage: View) -> None:
    total = usage.whole("input_tokens") + usage.whole("output_tokens")
    usage.check(usage.whole("total_tokens") == total, "has a total_tokens that is not the sum")
    usage.inside("input_tokens_details").whole("cached_tokens")
    usage.inside("output_tokens_details").whole("reasoning_tokens")
