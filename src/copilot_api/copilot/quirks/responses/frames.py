"""The answer of `/responses`, made consistent: one id per item, ciphertext that replays, a filled terminal event.

Owns the state of one answer. Pure. Deltas are the hot path: their `item_id` is replaced in place, without decoding.
Source: upstream contract 5.3 (read 2026-11).

    answer  := created frame* terminal
    frame   := added | delta | done | anything          correlated by output_index, never by id
    held    := compaction added/done                    until it is known to be the last of its kind
"""

from typing import Final

import msgspec

from copilot_api.copilot.quirks.documents import decode_element, encode, fields_of, is_document, join
from copilot_api.copilot.quirks.general.runaway import RunawayGuard, has_breaks
from copilot_api.copilot.quirks.responses.items import (
    Fields,
    begun_item,
    finished_item,
    item_id,
    kind_of,
    repaired_output,
    short_response_id,
    text_of,
)
from copilot_api.errors import MalformedRequest
from copilot_api.wire.sse import Frame, encode_frame

_ITEM_ID: Final = b'"item_id":"'
_INDEX: Final = b'"output_index":'
_ARGUMENTS: Final = b'"type":"response.function_call_arguments.delta"'
_ARGUMENTS_EVENT: Final = b"response.function_call_arguments.delta"
_DELTA_EVENTS: Final = frozenset(
    (
        b"response.output_text.delta",
        b"response.reasoning_summary_text.delta",
        b"response.reasoning_text.delta",
        b"response.refusal.delta",
        b"response.custom_tool_call_input.delta",
        _ARGUMENTS_EVENT,
    )
)
"""Events known to carry no item and no response: nothing else needs to be ruled out."""
_UNREADABLE: Final = (MalformedRequest, msgspec.DecodeError, ValueError, RecursionError)
_ELEMENTS: Final = msgspec.json.Decoder(list[msgspec.Raw])
_KINDS: Final = (
    (b"function_call_arguments", "function_call"),
    (b"custom_tool_call", "custom_tool_call"),
    (b"reasoning", "reasoning"),
    (b"web_search_call", "web_search_call"),
    (b"mcp_call", "mcp_call"),
    (b"", "message"),
)
"""The kind of an item that was never announced, by the event that speaks of it."""


class ResponsesRepair:
    """One answer of `/responses`, streaming or not."""

    def __init__(self) -> None:
        self._response_id = ""
        self._ids: dict[int, bytes] = {}
        self._done: dict[int, bytes] = {}
        self._held: list[tuple[str, Fields]] = []
        self._held_index = 0
        self._shift = 0
        self._guard = RunawayGuard()

    def feed(self, frame: Frame) -> bytes:
        """Forward one frame, repaired.

        Raises: UpstreamProtocolError when tool arguments run away.
        """
        raw = frame.raw
        if raw.startswith(b":"):
            return raw
        try:
            return self._mended(frame, raw)
        except _UNREADABLE:
            # No JSON after all (bytes that are no UTF-8, an index that is no number): the client judges it.
            return self._flush() + raw

    def _mended(self, frame: Frame, raw: bytes) -> bytes:
        named = raw[7 : raw.find(b"\n")] if raw.startswith(b"event: ") else b""
        if named == _ARGUMENTS_EVENT or (not named and _ARGUMENTS in raw):
            self._guard_arguments(frame)
        at = raw.find(_ITEM_ID)
        start = at + len(_ITEM_ID)
        end = raw.find(b'"', start)
        place = raw.find(_INDEX, end)
        if at < 0 or place < 0 or self._shift or self._held or _is_unclear(raw, at, start, end):
            return self._feed_decoded(frame)
        if named not in _DELTA_EVENTS and (b'"item":' in raw or b'"response":' in raw):
            return self._feed_decoded(frame)
        index = int(raw[place + len(_INDEX) : place + len(_INDEX) + 6].partition(b",")[0].partition(b"}")[0])
        return raw[:start] + (self._ids.get(index) or self._unannounced(index, raw)) + raw[end:]

    def finish(self) -> bytes:
        """Give what is still held back; the stream was cut then."""
        return self._flush()

    def read_reply(self, body: bytes) -> bytes:
        """Repair the non-streaming form: the response object itself."""
        response = fields_of(body)
        if response is None or "output" not in response:
            return body
        try:
            return encode(self._terminal(response))
        except _UNREADABLE:
            return body

    def _unannounced(self, index: int, raw: bytes) -> bytes:
        kind = next(kind for word, kind in _KINDS if word in raw)
        return self._id(index, kind)

    def _id(self, index: int, kind: str) -> bytes:
        known = self._ids.get(index)
        if known is None:
            known = self._ids[index] = item_id(self._response_id, index, kind).encode()
        return known

    def _guard_arguments(self, frame: Frame) -> None:
        if not has_breaks(frame.raw):
            self._guard.run = 0
            return
        event = decode_element(frame.data)
        delta = event.get("delta") if is_document(event) else None
        self._guard.feed(delta if isinstance(delta, str) else "")

    def _feed_decoded(self, frame: Frame) -> bytes:
        event = fields_of(frame.data)
        if event is None:
            return self._flush() + frame.raw
        index = _index_of(event) - self._shift
        if self._shift and "output_index" in event:
            event["output_index"] = msgspec.Raw(encode(index))
        item = fields_of(bytes(event["item"])) if "item" in event else None
        response = fields_of(bytes(event["response"])) if "response" in event else None
        if item is not None:
            return self._feed_item(frame, text_of(event, "type"), event, item, index)
        if response is not None:
            return self._feed_response(frame, event, response)
        if "item_id" in event and "output_index" in event:
            event["item_id"] = msgspec.Raw(
                b'"' + (self._ids.get(index) or self._unannounced(index, frame.data)) + b'"'
            )
            return self._flush() + encode_frame(encode(event), frame.event)
        return self._flush() + frame.raw

    def _feed_item(self, frame: Frame, event_kind: str, event: Fields, item: Fields, index: int) -> bytes:
        if kind_of(item) == "compaction":
            return self._hold(event_kind, event, item, index)
        released = self._flush()
        return released + encode_frame(encode(self._event_with(event_kind, event, item, index)), frame.event)

    def _event_with(self, event_kind: str, event: Fields, item: Fields, index: int) -> Fields:
        new_id = self._id(index, kind_of(item)).decode()
        if event_kind.endswith(".done"):
            event["item"] = msgspec.Raw(encode(finished_item(item, new_id)))
            self._done[index] = bytes(event["item"])
        else:
            event["item"] = msgspec.Raw(encode(begun_item(item, new_id)))
        return event

    def _hold(self, event_kind: str, event: Fields, item: Fields, index: int) -> bytes:
        """Keep a compaction back; a newer one takes its place and its index, and all later indexes move up."""
        if not self._held:
            self._held_index = index
        elif index != self._held_index:
            self._held.clear()
            self._shift += 1
            event["output_index"] = msgspec.Raw(encode(self._held_index))
        self._held.append((event_kind, self._event_with(event_kind, event, item, self._held_index)))
        return b""

    def _flush(self) -> bytes:
        if not self._held:
            return b""
        frames = [encode_frame(encode(event), kind) for kind, event in self._held]
        self._held.clear()
        return b"".join(frames)

    def _feed_response(self, frame: Frame, event: Fields, response: Fields) -> bytes:
        if not self._response_id:
            self._response_id = short_response_id(text_of(response, "id"))
        is_terminal = text_of(event, "type").rpartition(".")[2] not in ("created", "in_progress", "queued")
        event["response"] = msgspec.Raw(
            encode(self._terminal(response) if is_terminal else self._named(response))
        )
        return self._flush() + encode_frame(encode(event), frame.event)

    def _named(self, response: Fields) -> Fields:
        if not self._response_id:
            self._response_id = short_response_id(text_of(response, "id"))
        if "id" in response:
            response["id"] = msgspec.Raw(encode(self._response_id))
        return response

    def _terminal(self, response: Fields) -> Fields:
        named = self._named(response)
        text = bytes(named.get("output", b"null"))
        output = [bytes(one) for one in _ELEMENTS.decode(text)] if text.startswith(b"[") else []
        named["output"] = msgspec.Raw(join(repaired_output(output, self._response_id, self._done)))
        return named


def _index_of(event: Fields) -> int:
    value = decode_element(bytes(event["output_index"])) if "output_index" in event else 0
    return value if isinstance(value, int) else 0


def _is_unclear(raw: bytes, at: int, start: int, end: int) -> bool:
    """Whether the found `item_id` may be something else than the event's own member.

    A quote inside a JSON string is escaped, so `"item_id":"` with a quote that no backslash precedes is that key.
    """
    return end < 0 or raw[at - 1 : at] == b"\\" or raw.find(b"\\", start, end) >= 0
