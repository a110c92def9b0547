"""The assistant turn that a conversation may end in. Source: upstream contract 4.1, 6.1 (read 2026-11)."""

from copilot_api.copilot.quirks.base import QuirkContext
from copilot_api.copilot.quirks.documents import (
    Document,
    decode_element,
    documents_in,
    elements,
    encode,
    is_document,
    join,
)
from copilot_api.wire.body import Body


def trailing_assistant(parts: list[bytes]) -> Document | None:
    """The last turn where it is the assistant's."""
    if not parts or b'"assistant"' not in parts[-1]:
        return None
    turn = decode_element(parts[-1])
    return turn if is_document(turn) and turn.get("role") == "assistant" else None


def trim_final_text(body: Body, context: QuirkContext) -> str | None:
    """Trim white space at the end of a trailing assistant turn's text."""
    text = body.text("messages")
    role = text.rfind(b'"role"')  # of the last turn: the rest of it is not worth splitting a long history for
    if role < 0 or b'"assistant"' not in text[role : role + 32]:
        return None
    parts = elements(body, "messages") or []
    turn = trailing_assistant(parts)
    if turn is None:
        return None
    blocks = documents_in(turn.get("content"))
    holder, key = (blocks[-1], "text") if blocks else (turn, "content")
    written = holder.get(key)
    if not isinstance(written, str) or written == written.rstrip():
        return None
    holder[key] = written.rstrip()
    body.set_text("messages", join([*parts[:-1], encode(turn)]))
    return "white space at the end of the last assistant turn trimmed"
