"""What a Messages request says about itself.

Owns the peek. Must never know models or accounts.
Source: Anthropic API reference, messages; recorded requests of Claude Code 2.1.330 and opencode 1.18 (read
2026-11).
"""

import re
from collections.abc import Sequence
from typing import Final

import msgspec

from copilot_api.errors import MalformedRequest
from copilot_api.protocols.base import RequestPeek, Speaker
from copilot_api.protocols.turns import (
    NULL,
    Part,
    Verdict,
    as_text,
    find_speaker,
    has_images,
    is_title_call,
    join_text,
    read_parts,
    require_model,
)
from copilot_api.wire.reading import read


class _Metadata(msgspec.Struct, frozen=True):
    user_id: object = None


class _Top(msgspec.Struct, frozen=True):
    model: str | None = None
    stream: bool | None = None
    messages: list[msgspec.Raw] | None = None
    system: msgspec.Raw = NULL
    metadata: msgspec.Raw = NULL


class _Turn(msgspec.Struct, frozen=True):
    role: object = None
    content: msgspec.Raw = NULL


class _Identity(msgspec.Struct, frozen=True):
    session_id: object = None


_TOP: Final = msgspec.json.Decoder(_Top)
_TURN: Final = msgspec.json.Decoder(_Turn)
_METADATA: Final = msgspec.json.Decoder(_Metadata | None)
_IDENTITY: Final = msgspec.json.Decoder(_Identity)
_OLD_SESSION: Final = re.compile(r"\Auser_.*_session_(?P<id>[^_]+)\Z", re.DOTALL)

_TOOL_LOADED: Final = "Tool loaded."
"""What Claude Code 2.1.330 writes beside the result of its own tool search: no human wrote it."""
_ATTRIBUTION: Final = "x-anthropic-billing-header:"
_SUBAGENT: Final = "cc_is_subagent=true"
_WEB_SEARCH: Final = "Perform a web search for the query: "
"""The request in which Claude Code 2.1.330 carries out its own WebSearch tool."""


def peek(body: bytes) -> RequestPeek:
    """Read what routing needs.

    Raises: MalformedRequest naming the field and what is accepted.
    """
    top = read(body, _TOP)
    model = require_model(top.model)
    if top.messages is None:
        raise MalformedRequest("'messages' is missing. Send a list of messages.", param="messages")
    speaker, human_turn = find_speaker(top.messages, _judge, "messages")
    return RequestPeek(
        model=model,
        stream=top.stream is True,
        speaker=speaker,
        has_images=has_images(body, top.messages),
        human_turn=human_turn,
        session=_session(top.metadata),
        background=_background(top.system, top.messages, human_turn if speaker is Speaker.HUMAN else None),
    )


def _judge(raw: msgspec.Raw) -> Verdict:
    turn = read(raw, _TURN)
    if turn.role == "assistant":
        return Speaker.ASSISTANT, ""
    if turn.role != "user":
        # Claude Code puts `system` turns after the user's, who still spoke last.
        return None, ""
    parts = read_parts(turn.content)
    has_results = any(part.type == "tool_result" for part in parts)
    human = [part for part in parts if part.type != "tool_result" and not _is_ambient(part, has_results)]
    if human:
        return Speaker.HUMAN, join_text(human)
    return (Speaker.TOOL if has_results else None), ""


def _is_ambient(part: Part, beside_results: bool) -> bool:
    """Whether the client, not a person, wrote this part: reminders, and notes beside tool results."""
    if not isinstance(part.text, str):
        return False
    if beside_results and part.text == _TOOL_LOADED:
        return True
    text = part.text.strip()
    return text.startswith("<system-reminder>") and text.endswith("</system-reminder>")


def _session(metadata: msgspec.Raw) -> str | None:
    try:
        fields = read(metadata, _METADATA)
    except MalformedRequest:
        return None
    return read_session(fields.user_id if fields else None)


def read_session(user_id: object) -> str | None:
    """Claude Code's session: `user_id` is JSON text with a `session_id`, formerly `user_…_session_<id>`."""
    if not isinstance(user_id, str) or not user_id:
        return None
    old = _OLD_SESSION.match(user_id)
    if old:
        return old["id"]
    try:
        return as_text(read(user_id.encode("utf-8", "replace"), _IDENTITY).session_id)
    except MalformedRequest:
        return None


def _background(
    system: msgspec.Raw, messages: Sequence[msgspec.Raw], human_turn: tuple[int, str] | None
) -> str | None:
    """Name the side calls of Claude Code, whose first system block gives it away, and of opencode."""
    if _ATTRIBUTION.encode() in bytes(system):
        parts = read_parts(system)
        text = parts[0].text if parts else None
        if isinstance(text, str) and text.startswith(_ATTRIBUTION):
            if _SUBAGENT in text:
                return "subagent"
            if human_turn is not None and human_turn[1].startswith(_WEB_SEARCH):
                return "web_search"
    if human_turn is not None and is_title_call(messages, _judge, human_turn):
        return "title"
    return None
