"""One answer in one choice: what Claude's answers on `/chat/completions` are put back together from.

Owns the merge of the non-streaming form and the repairs that it shares with the stream.
Source: upstream contract 4.2, 4.4 (read 2026-11).
"""

from typing import Final

import msgspec

from copilot_api.copilot.quirks.documents import Document, is_document, is_list
from copilot_api.wire.sse import Frame

_ROLE: Final = b'"role":"assistant"'
_OF_FIRST_CHOICE: Final = (b'"index":0,"delta"', b'"finish_reason":null,"index":0')


class _Message(msgspec.Struct):
    tool_calls: list[msgspec.Raw] | None = None


class _Choice(msgspec.Struct):
    message: _Message
    finish_reason: str = ""


class _Whole(msgspec.Struct):
    """What is looked at in an answer that does not stream; the rest of it is not even decoded."""

    choices: list[_Choice]
    id: str = ""
    object: str = ""
    model: str = ""
    created: int = 0


_WHOLE: Final = msgspec.json.Decoder(_Whole)


def is_regular(body: bytes) -> bool:
    """Whether an answer that does not stream needs no repair, as nearly all: seen at a fifth of a repair's cost."""
    try:
        whole = _WHOLE.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    if len(whole.choices) != 1 or not (whole.id and whole.object and whole.model and whole.created):
        return False
    choice = whole.choices[0]
    return bool(choice.finish_reason) and not (choice.finish_reason == "stop" and choice.message.tool_calls)


def repaired_choices(choices: list[Document], *, merges: bool) -> tuple[list[Document], bool]:
    """The choices as clients expect them, and whether anything changed."""
    changed = False
    if merges and len(choices) > 1:
        choices, changed = [merged(choices)], True
    for choice in choices:
        message = choice.get("message")
        if (
            is_document(message)
            and message.get("tool_calls")
            and choice.get("finish_reason") in ("stop", None)
        ):
            choice["finish_reason"] = "tool_calls"
            changed = True
        elif is_document(message) and choice.get("finish_reason") is None:
            choice["finish_reason"] = "stop"
            changed = True
    return choices, changed


def merged(choices: list[Document]) -> Document:
    """All choices as the first: contents joined, tool calls in order, the last finish reason there is."""
    whole = dict(choices[0])
    message: Document = {}
    reason: object = None
    for choice in choices:
        part = choice.get("message")
        _join_message(message, part if is_document(part) else {})
        reason = choice.get("finish_reason") or reason
    return {**whole, "index": 0, "message": message, "finish_reason": reason}


def _join_message(message: Document, part: Document) -> None:
    for key, value in part.items():
        held = message.get(key)
        if held is None:
            message[key] = value
        elif is_list(held) and is_list(value):
            message[key] = [*held, *value]
        elif key in ("content", "reasoning_text") and isinstance(held, str) and isinstance(value, str):
            message[key] = held + value


def join_deltas(choices: list[Document]) -> Document:
    """The choices of one frame as choice 0."""
    if len(choices) == 1:
        choices[0]["index"] = 0
        return choices[0]
    delta: Document = {}
    reason: object = None
    for choice in choices:
        part = choice.get("delta")
        _join_message(delta, part if is_document(part) else {})
        reason = choice.get("finish_reason") or reason
    return {**choices[0], "index": 0, "delta": delta, "finish_reason": reason}


class CallIndexes:
    """Gives the tool calls of split choices one numbering, in order of appearance."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, int], int] = {}

    def renumber(self, choice_index: int, calls: list[Document]) -> None:
        """Set each call's `index`."""
        for position, call in enumerate(calls):
            index = call.get("index")
            own = index if isinstance(index, int) else position
            call["index"] = self._known.setdefault((choice_index, own), len(self._known))


class RoleOnce:
    """Leaves an answer its first role and takes the others out of the bytes: SDKs join the strings of deltas.

    Where choices are not merged, only choice 0 is looked at: each of several has a role of its own.
    """

    def __init__(self, *, merges: bool) -> None:
        self._merges = merges
        self._has_spoken = False

    def pass_on(self, frame: Frame) -> Frame:
        """The frame, without a role that has been said."""
        raw = frame.raw
        if _ROLE not in raw or not (self._merges or any(place in raw for place in _OF_FIRST_CHOICE)):
            return frame
        if not self._has_spoken:
            self._has_spoken = True
            return frame
        return Frame(raw.replace(_ROLE + b",", b"").replace(b"," + _ROLE, b"").replace(_ROLE, b""))
