"""The sub-agent marker: what a client's hook could only say in the prompt, put back where headers are.

Owns the marker's shape and how it is taken out of a prompt. Must never know what follows from it: a marker becomes
the headers that a client able to set headers would have sent.

    marker := "__SUBAGENT_MARKER__" {"session_id": text, "agent_id": text, "agent_type": text}
    place  := inside <system-reminder>, or a line of its own, in a turn of the user, the system or the developer

Tool results are never looked into: a file that holds the marker's text is content. What is no marker stays as it is.
Source: reference gateway's plugin; Claude Code 2.1.330 puts `SubagentStart hook additional context: <text>` into a
reminder of the first user turn (Sonnet 4.6) or at the head of the system turn after it, as blocks in the first
request and as a string afterwards (Opus 5.5) (recorded 2026-11).
"""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Final, NamedTuple, cast

from copilot_api.copilot.quirks.documents import DROPPED, Document, edit_elements, is_document, is_list
from copilot_api.protocols.base import ProtocolName
from copilot_api.wire.body import Body

NAME: Final = "subagent-marker"
"""How the record calls it."""
NEEDLE: Final = "__SUBAGENT_MARKER__"
_RAW_NEEDLE: Final = NEEDLE.encode()
_OPEN, _CLOSE = "<system-reminder>", "</system-reminder>"
_LABEL: Final = re.compile(r"[ \t]*(?:\w+ hook additional context:)?[ \t]*")
_ONLY_LABELS: Final = re.compile(r"(?:\s|\w+ hook additional context:)*")
_MAX_MARKERS: Final = 16
"""Per text; an agent inside an agent has two."""
_MAX_MARKER_CHARS: Final = 2048
_MAX_VALUE_CHARS: Final = 256
_TURNS: Final[dict[ProtocolName, str]] = {
    "messages": "messages",
    "chat": "messages",
    "responses": "input",
    "gemini": "contents",
}
_PARTS: Final[dict[ProtocolName, str]] = {
    "messages": "content",
    "chat": "content",
    "responses": "content",
    "gemini": "parts",
}
_SPEAKERS: Final = ("user", "system", "developer", None)
"""None: Gemini's `role` may be left out."""
_TEXTS: Final = ("text", "input_text", None)
"""None: Gemini's parts have no type."""


class Marker(NamedTuple):
    """Which sub-agent speaks."""

    session_id: str
    agent_id: str
    agent_type: str

    def headers(self) -> dict[str, str]:
        """The headers that say the same; the interaction id is the same for all the sub-agent's requests."""
        digest = hashlib.blake2b(
            f"{self.session_id}\0{self.agent_id}".encode("utf-8", "replace"), digest_size=16
        ).hexdigest()
        variant = "89ab"[int(digest[16], 16) & 3]
        interaction = f"{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-{variant}{digest[17:20]}-{digest[20:]}"
        return {"x-claude-code-agent-id": self.agent_id, "x-interaction-id": interaction}


def take_marker(
    protocol: ProtocolName, body: bytes, headers: Mapping[str, str]
) -> tuple[bytes, Mapping[str, str], bool]:
    """The body without its markers, the headers with what the last of them says, and whether there was one.

    A client's own headers win. Both come back as they were, the very objects, where there is no marker.
    Raises: MalformedRequest when the body is not a JSON object.
    """
    if _RAW_NEEDLE not in body:
        return body, headers, False
    edited = Body(body)
    found: list[Marker] = []
    name = _TURNS[protocol]
    if edited.text(name).startswith(b'"'):
        _strip_field(edited, name, found)
    else:
        edit_elements(
            edited, name, (_RAW_NEEDLE,), lambda turn: _stripped_turn(turn, _PARTS[protocol], found)
        )
    if not found:
        return body, headers, False
    return edited.encode(), {**found[-1].headers(), **headers}, True


def _strip_field(body: Body, name: str, found: list[Marker]) -> None:
    """Responses' `input` as one string."""
    text = body.get(name)
    if isinstance(text, str):
        body.set(name, strip_markers(text, found))


def _stripped_turn(turn: Document, parts_name: str, found: list[Marker]) -> object | None:
    before = len(found)
    content = turn.get(parts_name)
    if turn.get("role") not in _SPEAKERS or turn.get("type") not in ("message", None):
        return None
    if isinstance(content, str):
        content = strip_markers(content, found)
    elif is_list(content):
        content = _stripped_parts(content, found)
    if len(found) == before:
        return None
    turn[parts_name] = content
    return turn if content else DROPPED


def _stripped_parts(parts: list[object], found: list[Marker]) -> list[object]:
    kept: list[object] = []
    for part in parts:
        text = part.get("text") if is_document(part) and part.get("type") in _TEXTS else None
        if not is_document(part) or not isinstance(text, str) or NEEDLE not in text:
            kept.append(part)
            continue
        left = strip_markers(text, found)
        if left.strip() or left == text:
            kept.append({**part, "text": left})
        elif "cache_control" in part and kept and is_document(last := kept[-1]):
            # The prompt is still to be cached up to here.
            last.setdefault("cache_control", part["cache_control"])
    return kept


def strip_markers(text: str, found: list[Marker]) -> str:
    """A text without its markers, and without the reminder that held nothing else; each is added to `found`."""
    at = 0
    for _ in range(_MAX_MARKERS):
        at = text.find(NEEDLE, at)
        if at < 0:
            break
        read = _read_marker(text, at + len(NEEDLE))
        place = _place(text, at, read[1]) if read is not None else None
        if read is None or place is None:
            at += len(NEEDLE)
            continue
        found.append(read[0])
        text, at = _without(text, *place)
    return text


def _read_marker(text: str, start: int) -> tuple[Marker, int] | None:
    """The marker whose JSON begins at `start`, and where it ends; None for anything else."""
    try:
        value, length = _DECODER.raw_decode(text[start : start + _MAX_MARKER_CHARS])
    except (ValueError, RecursionError):
        return None
    fields = cast("dict[str, object]", value) if isinstance(value, dict) else {}
    values = [fields.get(name) for name in Marker._fields]
    words = [word for word in values if isinstance(word, str) and 0 < len(word) <= _MAX_VALUE_CHARS]
    return (Marker(*words), start + length) if len(words) == len(values) else None


_DECODER: Final = json.JSONDecoder()


def _place(text: str, at: int, end: int) -> tuple[int, int] | None:
    """From where to where a marker with its label goes; None where it is something that someone wrote about it."""
    opened = text.rfind(_OPEN, 0, at)
    closed = text.find(_CLOSE, end)
    if opened >= 0 and closed >= 0 and text.find(_CLOSE, opened, at) < 0:
        inner = text[opened + len(_OPEN) : at] + text[end:closed]
        if _ONLY_LABELS.fullmatch(inner):
            return opened, closed + len(_CLOSE)
        line = max(text.rfind("\n", 0, at) + 1, opened + len(_OPEN))
        return (line if _LABEL.fullmatch(text, line, at) else at), end
    line = text.rfind("\n", 0, at) + 1
    rest = text.find("\n", end)
    after = text[end : len(text) if rest < 0 else rest]
    return (line, end) if _LABEL.fullmatch(text, line, at) and not after.strip() else None


def _without(text: str, start: int, end: int) -> tuple[str, int]:
    """A text without a piece of it and the empty lines that it leaves, and where to look on."""
    before, after = text[:start], text[end:]
    if not before.strip() or before.endswith("\n"):
        after = after.lstrip("\r\n")
    if not after:
        before = before.rstrip("\r\n")
    return before + after, len(before)
