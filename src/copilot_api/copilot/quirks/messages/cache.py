"""`cache_control` as Copilot takes it: at most four marks of `type` and `ttl`, on blocks that may carry one.

Owns every edit of a mark. Marks are looked for only where the protocol has them (tools, system blocks, content
blocks, blocks in tool results): a tool's own arguments may hold a key of that name and are never touched.
Source: upstream contract 6.1, 6.3 (read 2026-11).
"""

from collections.abc import Iterator
from typing import Final

from copilot_api.copilot.quirks.base import QuirkContext
from copilot_api.copilot.quirks.documents import (
    Document,
    decode_element,
    documents_in,
    edit_elements,
    elements,
    encode,
    is_document,
    join,
)
from copilot_api.wire.body import Body

NEEDLE: Final = b'"cache_control"'
SECTIONS: Final = ("tools", "system", "messages")
MAX_MARKS: Final = 4
_CLEAN: Final = frozenset(
    b'"cache_control":' + value
    for value in (
        b'{"type":"ephemeral"}',
        b'{"type":"ephemeral","ttl":"5m"}',
        b'{"type":"ephemeral","ttl":"1h"}',
        b'{"ttl":"5m","type":"ephemeral"}',
        b'{"ttl":"1h","type":"ephemeral"}',
    )
)
_KEPT: Final = ("type", "ttl")
_UNMARKABLE: Final = ("thinking", "redacted_thinking")


def marks(text: bytes) -> list[bytes]:
    """Each mark in a piece of JSON, key included, without white space.

    A quote inside a JSON string is always escaped, so the needle with both its quotes can only be a token of
    that name (or the tail of a longer key, which then fails to look clean and is decided by decoding).
    """
    found: list[bytes] = []
    at = text.find(NEEDLE)
    while at >= 0:
        end = text.find(b"}", at) + 1
        found.append(text[at:end].translate(None, b" \t\r\n"))
        at = text.find(NEEDLE, at + len(NEEDLE))
    return found


def has_hour_ttl(body: Body) -> bool:
    """Whether some mark asks for the one-hour cache, which needs a beta."""
    return any(b'"ttl":"1h"' in mark for name in SECTIONS for mark in marks(body.text(name)))


def repair_marks(body: Body, context: QuirkContext) -> str | None:
    """Leave `type` and `ttl` in each mark, take marks from where none may be, and keep four.

    One quirk, because looking for marks is what costs: a clean body is searched once.
    """
    found = {name: marks(body.text(name)) for name in SECTIONS}
    notes: list[str] = []
    for name in SECTIONS:
        if any(mark not in _CLEAN for mark in found[name]) and edit_elements(body, name, (NEEDLE,), _reduced):
            notes.append(f"cache_control in {name} reduced to type and ttl")
    if found["messages"] and edit_elements(body, "messages", (b'thinking"',), _unmarked_thinking):
        notes.append("cache_control taken from thinking")
    if found["tools"] and edit_elements(body, "tools", (b'"defer_loading"',), _unmarked_deferred):
        notes.append("cache_control taken from deferred tools")
    if sum(map(len, found.values())) > MAX_MARKS:
        notes += _drop_surplus(body)
    return "; ".join(notes) or None


def _drop_surplus(body: Body) -> list[str]:
    """Leave four marks: the earliest ones in the messages go first, then in the system text, then in the tools.

    A later mark covers everything before it, and the newest turn's mark is what the next request reads; the
    marks after tools and system hold the prefix that never changes. So the oldest turns' marks lose least.
    """
    counts = {name: len(marks(body.text(name))) for name in SECTIONS}
    surplus = sum(counts.values()) - MAX_MARKS
    dropped = 0
    for name in reversed(SECTIONS):
        if dropped < surplus and counts[name]:
            dropped += _drop_earliest(body, name, surplus - dropped)
    return [f"{dropped} cache_control marks beyond {MAX_MARKS} dropped"] if dropped else []


def move_root_mark(body: Body, context: QuirkContext) -> str | None:
    """Move a mark at the root of the request, which means "the last block", to that block."""
    if not body.has("cache_control"):
        return None
    mark = body.get("cache_control")
    body.drop("cache_control")
    parts = elements(body, "messages")
    if is_document(mark) and parts:
        turn = decode_element(parts[-1])
        if is_document(turn) and _mark_last_block(turn, mark):
            parts[-1] = encode(turn)
            body.set_text("messages", join(parts))
            return "root cache_control moved to the last block"
    return "root cache_control dropped"


def drop_ttl(body: Body) -> bool:
    """Take `ttl` from every mark; whether there was one."""
    return sum(edit_elements(body, name, (NEEDLE,), _without_ttl) for name in SECTIONS) > 0


def _holders(element: Document) -> Iterator[Document]:
    """Every object of a section's element that may carry a mark, outermost first."""
    yield element
    for block in documents_in(element.get("content")):
        yield block
        yield from documents_in(block.get("content"))


def _reduced(element: Document) -> Document | None:
    changed = False
    for holder in _holders(element):
        mark = holder.get("cache_control")
        if is_document(mark) and any(key not in _KEPT for key in mark):
            holder["cache_control"] = {key: mark[key] for key in _KEPT if key in mark}
            changed = True
    return element if changed else None


def _without_ttl(element: Document) -> Document | None:
    changed = False
    for holder in _holders(element):
        mark = holder.get("cache_control")
        if is_document(mark):
            changed = mark.pop("ttl", None) is not None or changed
    return element if changed else None


def _unmarked_thinking(turn: Document) -> Document | None:
    changed = False
    for block in documents_in(turn.get("content")):
        if block.get("type") in _UNMARKABLE:
            changed = block.pop("cache_control", None) is not None or changed
    return turn if changed else None


def _unmarked_deferred(tool: Document) -> Document | None:
    if tool.get("defer_loading") and tool.pop("cache_control", None) is not None:
        return tool
    return None


def _drop_earliest(body: Body, name: str, count: int) -> int:
    dropped = 0

    def unmark(element: Document) -> Document | None:
        nonlocal dropped
        before = dropped
        for holder in _holders(element):
            if dropped < count and holder.pop("cache_control", None) is not None:
                dropped += 1
        return element if dropped > before else None

    edit_elements(body, name, (NEEDLE,), unmark)
    return dropped


def _mark_last_block(turn: Document, mark: Document) -> bool:
    content = turn.get("content")
    clean = {key: mark[key] for key in _KEPT if key in mark}
    if isinstance(content, str) and content:
        turn["content"] = [{"type": "text", "text": content, "cache_control": clean}]
        return True
    blocks = documents_in(content)
    if not blocks or blocks[-1].get("type") in _UNMARKABLE:
        return False
    blocks[-1].setdefault("cache_control", clean)
    return True
