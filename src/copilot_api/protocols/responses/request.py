"""What a Responses request says about itself.

Owns the peek. Must never know models or accounts. Input items are read as clients send them, not as the
published schema has them: without `type` (opencode, Copilot CLI), with types of their own (Codex).
Source: OpenAI API reference, responses; recorded requests of Codex 0.169 and opencode 1.18 (read 2026-11).
"""

from typing import Final

import msgspec

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
    input: str | list[msgspec.Raw] | None = None
    prompt_cache_key: object = None
    client_metadata: object = None


class _Item(msgspec.Struct, frozen=True):
    type: object = None
    role: object = None
    content: msgspec.Raw = NULL


_TOP: Final = msgspec.json.Decoder(_Top)
_ITEM: Final = msgspec.json.Decoder(_Item)

_CODEX_COMPACTION: Final = "You are performing a CONTEXT CHECKPOINT COMPACTION"
"""How Codex 0.169 begins the compaction request it makes of a custom provider, in a user message."""


def peek(body: bytes) -> RequestPeek:
    """Read what routing needs.

    Raises: MalformedRequest naming the field and what is accepted.
    """
    top = read(body, _TOP)
    model = require_model(top.model)
    items: list[msgspec.Raw] = []
    if isinstance(top.input, str):
        speaker, human_turn = (Speaker.HUMAN, (0, top.input)) if top.input else (Speaker.NOBODY, None)
    else:
        items = top.input or []
        speaker, human_turn = find_speaker(items, _judge, "input")
    return RequestPeek(
        model=model,
        stream=top.stream is True,
        speaker=speaker,
        has_images=has_images(body, items),
        human_turn=human_turn,
        session=as_text(top.prompt_cache_key),
        background=_background(top.client_metadata, items, speaker, human_turn),
    )


def _judge(raw: msgspec.Raw) -> Verdict:
    item = read(raw, _ITEM)
    match item.type, item.role:
        case ((None | "message"), "user"):
            return Speaker.HUMAN, join_text(read_parts(item.content))
        case ((None | "message"), "assistant"):
            return Speaker.ASSISTANT, ""
        case ((None | "message" | "additional_tools" | "compaction_trigger"), _):
            # Instructions, tools and triggers are nobody's turn: after them the human still spoke last.
            return None, ""
        case str(kind), _ if kind.endswith("_output"):
            return Speaker.TOOL, ""
        case _:
            # Reasoning, calls, compactions, and `agent_message`: one agent writing to another.
            return Speaker.ASSISTANT, ""


def _background(
    metadata: object, items: list[msgspec.Raw], speaker: Speaker, human_turn: tuple[int, str] | None
) -> str | None:
    if (
        items
        and b"compaction_trigger" in bytes(items[-1])
        and read(items[-1], _ITEM).type == "compaction_trigger"
    ):
        return "compaction"
    if speaker is Speaker.HUMAN and human_turn is not None:
        if human_turn[1].startswith(_CODEX_COMPACTION):
            return "compaction"
        if items and is_title_call(items, _judge, human_turn):
            return "title"
    # Codex says so of its sub-agents, in the body as in its headers ("collab_spawn").
    if isinstance(metadata, dict) and "x-openai-subagent" in metadata:
        return "subagent"
    return None
