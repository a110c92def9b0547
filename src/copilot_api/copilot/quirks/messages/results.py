"""Tool calls and results that do not pair up. Source: upstream contract 6.3, fixture 400-tool-result-missing.

Only after a refusal: a history that upstream takes is none of our business. Clients lose results when a person stops
a tool, and calls when they cut their history.
"""

from typing import Final, TypeGuard

from copilot_api.copilot.quirks.base import QuirkContext
from copilot_api.copilot.quirks.documents import (
    Document,
    decode_element,
    documents_in,
    elements,
    encode,
    is_document,
    is_list,
    join,
)
from copilot_api.errors import UpstreamFault
from copilot_api.wire.body import Body

UNANSWERED: Final = "The tool was interrupted and gave no result."
_WORDS: Final = ("tool_use", "tool_result")


def pair_results(body: Body, context: QuirkContext, fault: UpstreamFault) -> str | None:
    """Answer each call that has no result with an error, and say results without a call as text."""
    if not all(word in fault.message for word in _WORDS):
        return None
    turns = [decode_element(text) for text in elements(body, "messages") or []]
    pairing = _Pairing(_gathered(turns))
    if not pairing.changed:
        return None
    body.set_text("messages", join([encode(turn) for turn in pairing.turns]))
    return f"{pairing.changed} tool calls or results without their counterpart mended"


def _gathered(turns: list[object]) -> list[object]:
    """Results spread over several user turns in a row, in one."""
    kept: list[object] = []
    for turn in turns:
        before = kept[-1] if kept else None
        if _is_user(before) and _is_user(turn) and _holds_result(turn):
            kept[-1] = {**before, "content": [*_blocks(before), *_blocks(turn)]}
        else:
            kept.append(turn)
    return kept


def _is_user(turn: object) -> TypeGuard[Document]:
    return is_document(turn) and turn.get("role") == "user"


class _Pairing:
    """The turns so far; `open` are the calls of the last one that spoke, while they wait for their results."""

    def __init__(self, turns: list[object]) -> None:
        self.turns: list[object] = []
        self.changed = 0
        self._open: list[str] = []
        for turn in turns:
            self._take(turn)
        self._close()

    def _take(self, turn: object) -> None:
        if not is_document(turn) or turn.get("role") == "system":
            self.turns.append(turn)
        elif turn.get("role") == "user":
            self._answer(turn)
        else:
            self._close()
            self.turns.append(turn)
            calls = [block for block in documents_in(turn.get("content")) if block.get("type") == "tool_use"]
            self._open = [str(block.get("id")) for block in calls]

    def _answer(self, turn: Document) -> None:
        blocks = _blocks(turn)
        named = [block.get("tool_use_id") for block in documents_in(blocks) if _is_result(block)]
        given = {call_id for call_id in named if isinstance(call_id, str)}
        missing = [_unanswered(call_id) for call_id in self._open if call_id not in given]
        paired = [self._as_text(block) for block in blocks]
        # Results come first, or they count as missing.
        ordered = sorted(paired, key=lambda block: not _is_result(block))
        changed = len(missing) + sum(old is not new for old, new in zip(blocks, ordered, strict=True))
        self.changed += changed
        self._open = []
        self.turns.append({**turn, "content": [*missing, *ordered]} if changed else turn)

    def _as_text(self, block: object) -> object:
        if not is_document(block) or not _is_result(block) or block.get("tool_use_id") in self._open:
            return block
        content = block.get("content")
        said = [str(part["text"]) for part in documents_in(content) if "text" in part]
        text = content if isinstance(content, str) else "\n".join(said)
        return {"type": "text", "text": f"Result of an earlier tool call:\n{text}" if text else UNANSWERED}

    def _close(self) -> None:
        """Nobody answered at all: a turn of results where the user's would be, before any system turn."""
        if not self._open:
            return
        place = len(self.turns)
        while place and _is_system(self.turns[place - 1]):
            place -= 1
        results: list[object] = [_unanswered(call_id) for call_id in self._open]
        self.turns.insert(place, {"role": "user", "content": results})
        self.changed += len(results)
        self._open = []


def _is_result(block: object) -> bool:
    return is_document(block) and block.get("type") == "tool_result"


def _holds_result(turn: Document) -> bool:
    return any(_is_result(block) for block in documents_in(turn.get("content")))


def _blocks(turn: Document) -> list[object]:
    content = turn.get("content")
    if isinstance(content, str):
        return [{"type": "text", "text": content}] if content else []
    return content if is_list(content) else []


def _is_system(turn: object) -> bool:
    return is_document(turn) and turn.get("role") == "system"


def _unanswered(call_id: str) -> Document:
    return {"type": "tool_result", "tool_use_id": call_id, "is_error": True, "content": UNANSWERED}
