"""What a chat request says about itself.

Owns the peek. Must never know models or accounts.
Source: OpenAI API reference, chat completions; recorded requests of opencode, aider, Copilot CLI (read
2026-11).
"""

from typing import Final

import msgspec

from copilot_api.errors import MalformedRequest
from copilot_api.protocols.base import RequestPeek, Speaker
from copilot_api.protocols.turns import (
    NULL,
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


class _Top(msgspec.Struct, frozen=True):
    model: str | None = None
    stream: bool | None = None
    messages: list[msgspec.Raw] | None = None
    prompt_cache_key: object = None


class _Turn(msgspec.Struct, frozen=True):
    role: object = None
    content: msgspec.Raw = NULL


_TOP: Final = msgspec.json.Decoder(_Top)
_TURN: Final = msgspec.json.Decoder(_Turn)


def peek(body: bytes) -> RequestPeek:
    """Read what routing needs.

    Raises: MalformedRequest naming the field and what is accepted.
    """
    top = read(body, _TOP)
    model = require_model(top.model)
    if top.messages is None:
        raise MalformedRequest("'messages' is missing. Send a list of messages.", param="messages")
    speaker, human_turn = find_speaker(top.messages, _judge, "messages")
    is_title = human_turn is not None and is_title_call(top.messages, _judge, human_turn)
    return RequestPeek(
        model=model,
        stream=top.stream is True,
        speaker=speaker,
        has_images=has_images(body, top.messages),
        human_turn=human_turn,
        session=as_text(top.prompt_cache_key),
        background="title" if is_title and speaker is Speaker.HUMAN else None,
    )


def _judge(raw: msgspec.Raw) -> Verdict:
    turn = read(raw, _TURN)
    match turn.role:
        case "user":
            return Speaker.HUMAN, join_text(read_parts(turn.content))
        case "assistant":
            return Speaker.ASSISTANT, ""
        case "tool" | "function":
            return Speaker.TOOL, ""
        case _:
            # system and developer: aider puts its reminder after the user's message, who still spoke last.
            return None, ""
