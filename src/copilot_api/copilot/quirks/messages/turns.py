"""Turns that Copilot refuses as they are. Source: upstream contract 6.1, 6.3, 6.4 (read 2026-11)."""

import re
from typing import Final

from copilot_api.copilot.quirks.base import QuirkContext
from copilot_api.copilot.quirks.documents import (
    DROPPED,
    SEALED,
    Document,
    decode_element,
    documents_in,
    edit_elements,
    elements,
    encode,
    is_document,
    is_list,
    join,
    unsealed,
)
from copilot_api.copilot.quirks.general.trailing import trailing_assistant
from copilot_api.copilot.quirks.rules import refuses_inline_system
from copilot_api.wire.body import Body

_EMPTY_TEXT: Final = re.compile(rb'"text"\s*:\s*"(?:\s|\\[nrt])*"')
_SYSTEM: Final = b'"system"'
REMINDER: Final = "<system-reminder>\n{text}\n</system-reminder>"
"""The form in which Claude Code itself puts system notes into user turns, so the models know it."""
CONTINUE: Final = "Please continue."
"""What the official editor adds after a trailing assistant turn (contract 6.1)."""
ATTRIBUTION: Final = "x-anthropic-billing-header"


def drop_turn_config(body: Body, context: QuirkContext) -> str | None:
    """Drop `output_config` from single turns: the beta that allows it is not let through."""
    changed = edit_elements(body, "messages", (b'"output_config"',), _without_config)
    return "output_config dropped from turns" if changed else None


def _without_config(turn: Document) -> Document | None:
    return turn if turn.pop("output_config", None) is not None else None


def fold_known_inline_system(body: Body, context: QuirkContext) -> str | None:
    """Fold inline system turns for models known, or learned, to refuse them."""
    if refuses_inline_system(context.model) or "inline-system" in context.learned:
        return fold_inline_system(body)
    return None


def fold_inline_system(body: Body) -> str | None:
    """Put each inline `system` turn into the user turn at its place, as a system reminder.

    It stays where it was, joined to its neighbours so that roles still alternate: what stood before it keeps its
    place and text, hence the prompt-cache prefix. In top-level `system` it would change that prefix each turn.
    Between a tool call and its results it goes behind the results, which must come first.
    """
    if _SYSTEM not in body.text("messages"):
        return None
    fold = _Fold()
    for part in elements(body, "messages") or []:
        fold.take(part)
    if not fold.count:
        return None
    body.set_text("messages", fold.encode())
    return f"{fold.count} inline system turns folded into user turns"


class _Fold:
    """Turns so far; `open` is the last of them while it is a user turn that took in a reminder."""

    def __init__(self) -> None:
        self.turns: list[bytes | Document] = []
        self.open: Document | None = None
        self.count = 0

    def take(self, part: bytes) -> None:
        turn = decode_element(part) if _SYSTEM in part or self.open is not None else None
        if is_document(turn) and turn.get("role") == "system":
            self.count += 1
            self._absorb(_reminders(turn))
        elif self.open is not None and is_document(turn) and turn.get("role") == "user":
            blocks = _blocks(turn)
            results = [one for one in blocks if is_document(one) and one.get("type") == "tool_result"]
            rest = [one for one in blocks if one not in results]
            self.open["content"] = results + _blocks(self.open) + rest
        else:
            self.open = None
            self.turns.append(part)

    def _absorb(self, reminders: list[Document]) -> None:
        if not reminders:
            return
        if self.open is None:
            last = self.turns[-1] if self.turns else b"null"
            before = decode_element(last) if isinstance(last, bytes) else None
            if is_document(before) and before.get("role") == "user":
                self.open = before
                self.turns[-1] = before
            else:
                self.open = {"role": "user", "content": []}
                self.turns.append(self.open)
        self.open["content"] = [*_blocks(self.open), *reminders]

    def encode(self) -> bytes:
        texts = [turn if isinstance(turn, bytes) else encode(turn) for turn in self.turns]
        return join(texts)


def _reminders(turn: Document) -> list[Document]:
    content = turn.get("content")
    blocks: list[Document] = (
        [{"type": "text", "text": content}] if isinstance(content, str) else documents_in(content)
    )
    return [
        {**block, "text": REMINDER.format(text=block["text"])}
        if isinstance(block.get("text"), str)
        else block
        for block in blocks
    ]


def _blocks(turn: Document) -> list[object]:
    content = turn.get("content")
    if isinstance(content, str):
        return [{"type": "text", "text": content}] if content else []
    return list(content) if is_list(content) else []


def drop_empty_text(body: Body, context: QuirkContext) -> str | None:
    """Drop text blocks without text; a turn left without content goes too."""
    changed = 0
    for name, edit in (("messages", _without_empty_text), ("system", _dropped_if_empty)):
        if _EMPTY_TEXT.search(body.text(name)):
            changed += edit_elements(body, name, (b'"text"',), edit)
    if changed and body.text("system") == b"[]":
        body.drop("system")
    return "empty text blocks dropped" if changed else None


def _is_empty_text(block: object) -> bool:
    return is_document(block) and block.get("type") == "text" and not str(block.get("text", " ")).strip()


def _dropped_if_empty(block: Document) -> object | None:
    return DROPPED if _is_empty_text(block) else None


def _without_empty_text(turn: Document) -> object | None:
    content = turn.get("content")
    if not is_list(content):
        return None
    changed = False
    for block in documents_in(content):
        inner = block.get("content")
        if is_list(inner) and any(_is_empty_text(one) for one in inner):
            block["content"] = [one for one in inner if not _is_empty_text(one)]
            changed = True
    kept = [block for block in content if not _is_empty_text(block)]
    if not kept:
        return DROPPED if content else None
    if len(kept) == len(content) and not changed:
        return None
    turn["content"] = kept
    return turn


def ask_to_continue(body: Body) -> str | None:
    """Follow a trailing assistant turn with a user turn, for models that refuse to be prefilled."""
    parts = elements(body, "messages") or []
    if trailing_assistant(parts) is None:
        return None
    body.set_text("messages", join([*parts, encode({"role": "user", "content": CONTINUE})]))
    return "trailing assistant turn followed by a request to continue"


def drop_attribution(body: Body) -> str | None:
    """Drop Claude Code's attribution block from the system text."""
    system = body.get("system")
    if isinstance(system, str) and system.startswith(ATTRIBUTION):
        _, _, rest = system.partition("\n")
        if rest.strip():
            body.set("system", rest)
        else:
            body.drop("system")
        return "attribution line dropped from the system text"
    if not edit_elements(body, "system", (ATTRIBUTION.encode(),), _dropped_attribution):
        return None
    return "attribution block dropped from the system text"


def _dropped_attribution(block: Document) -> object | None:
    return DROPPED if str(block.get("text")).startswith(ATTRIBUTION) else None


def open_signatures(body: Body, context: QuirkContext) -> str | None:
    """Give sealed signatures back their own text; drop thinking that another upstream sealed."""
    changed = edit_elements(body, "messages", (SEALED,), _opened)
    return "sealed thinking opened, or dropped where another upstream made it" if changed else None


def _opened(turn: Document) -> object | None:
    content = turn.get("content")
    kept: list[object] = []
    changed = False
    for block in content if is_list(content) else []:
        name = "signature" if is_document(block) and "signature" in block else "data"
        own = unsealed(block.get(name), "messages", name) if is_document(block) else None
        changed = changed or own is not None
        if own is None:
            kept.append(block)
        elif own and is_document(block):
            kept.append({**block, name: own})
    if not changed:
        return None
    return {**turn, "content": kept} if kept else DROPPED


def drop_thinking(body: Body) -> str | None:
    """Drop the thinking of earlier turns; in manual mode, where a tool call would then stand bare, think no more."""
    changed = edit_elements(body, "messages", (b'thinking"',), _without_thinking)
    if not changed:
        return None
    thinking = body.get("thinking")
    if is_document(thinking) and thinking.get("type") == "enabled" and b'"tool_use"' in body.text("messages"):
        body.drop("thinking")
    return "thinking of earlier turns dropped: Copilot does not accept its signature"


def _without_thinking(turn: Document) -> object | None:
    content = turn.get("content")
    if not is_list(content):
        return None
    kept = [
        one
        for one in content
        if not (is_document(one) and one.get("type") in ("thinking", "redacted_thinking"))
    ]
    if len(kept) == len(content):
        return None
    if not kept:
        return DROPPED
    turn["content"] = kept
    return turn
