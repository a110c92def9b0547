"""What a whole answer and a streamed one say alike: blocks, citations, the end.

Owns the words of an answer to our clients and the book of what they cannot be told.
Source: anthropic-python 2.12 `types/message.py`, `types/raw_message_stream_event.py` (read 2026-11).
"""

from typing import Final

from copilot_api.neutral.extras import Extras, JsonObject
from copilot_api.neutral.loss import Handling, Loss
from copilot_api.neutral.opaque import Opaque
from copilot_api.neutral.parts import Citation, NativePart, Part, Text, ToolCall
from copilot_api.neutral.usage import Finish, Usage
from copilot_api.protocols.base import Voice
from copilot_api.protocols.messages.endings import write_stop_reason, write_usage
from copilot_api.protocols.messages.slots import ORIGIN, fill_slot
from copilot_api.protocols.messages.writing.parts import merge

PROOF: Final = "redacted_thinking"
"""The block that holds nothing but a blob."""
PROOF_HIDES: Final = "a proof behind the last text would hide that text: Claude Code prints only a last block"
"""Source: Claude Code 2.1.330 with `--print` on a Gemini model, whose proofs come last (contract 4.5)."""
_ID: Final = "msg_"


class Notes:
    """What our client is not told, each thing once."""

    def __init__(self) -> None:
        self.losses: tuple[Loss, ...] = ()
        self._paths: set[tuple[str, str]] = set()

    def drop(self, path: str, origin: str, reason: str) -> None:
        """Note something that is not said."""
        self._note(Loss(path, origin, ORIGIN, Handling.DROPPED, reason))

    def approximate(self, path: str, reason: str) -> None:
        """Note something that is said in other words."""
        self._note(Loss(path, "", ORIGIN, Handling.APPROXIMATED, reason))

    def _note(self, loss: Loss) -> None:
        if (loss.path, loss.origin) not in self._paths:
            self._paths.add((loss.path, loss.origin))
            self.losses = (*self.losses, loss)

    def put(self, document: JsonObject, extras: Extras | None, path: str) -> None:
        """Put back the fields of Messages' own; note those of others."""
        if extras is None:
            return
        if extras.origin == ORIGIN:
            merge(document, extras.fields)
            return
        for name, value in extras.fields.items():
            if value is not None:
                self.drop(f"{path}.{name}" if path else name, extras.origin, "Messages has no such field")


def write_head(answer_id: str, model: str, voice: Voice) -> JsonObject:
    """The first fields of an answer. An id that is not of Messages' form is replaced."""
    return {
        "id": answer_id if answer_id.startswith(_ID) else voice.answer_id,
        "type": "message",
        "role": "assistant",
        "model": model or voice.model,
    }


def open_block(part: Text | ToolCall, notes: Notes, path: str) -> JsonObject:
    """The beginning of a block, without what its deltas add."""
    document: JsonObject = {"type": "text", "text": ""}
    if isinstance(part, ToolCall):
        document = {"type": "tool_use", "id": part.id, "name": part.name, "input": {}}
    notes.put(document, part.extras, path)
    return document


def redacted_block(opaque: Opaque) -> JsonObject:
    """A block that holds nothing but a blob."""
    return {"type": "redacted_thinking", "data": fill_slot(opaque, "data")}


def citation_document(citation: Citation, notes: Notes, path: str) -> JsonObject | None:
    """A citation in Messages' words: its own as they are, web addresses as search results."""
    if citation.origin == ORIGIN and isinstance(citation.document.get("type"), str):
        return citation.document
    if citation.url is None:
        notes.drop(
            f"{path}.citations", citation.origin, "Messages cites addresses and its own documents only"
        )
        return None
    return {
        "type": "web_search_result_location",
        "url": citation.url,
        "title": citation.title,
        "cited_text": citation.quote or "",
        "encrypted_index": "",
    }


def odd_block(part: Part, notes: Notes, path: str) -> JsonObject | None:
    """The block of a part that is no text, thinking or call; None when there is none, which is noted."""
    if isinstance(part, NativePart):
        if part.origin == ORIGIN:
            return part.document
        if part.text:
            return {"type": "text", "text": part.text}
        notes.drop(path, part.origin, f"{part.document.get('type', '')!r} is known to {part.origin} alone")
        return None
    notes.drop(path, "", f"a {type(part).__name__} cannot stand in an answer of Messages")
    return None


def write_end(
    finish: Finish, stop_sequence: str | None, *, has_calls: bool, has_refusal: bool, extras: Extras | None
) -> JsonObject:
    """Why the answer ended, as the fields of a message or of a `message_delta`."""
    reason, sequence = write_stop_reason(finish, stop_sequence, has_calls=has_calls, has_refusal=has_refusal)
    is_own = extras is not None and extras.origin == ORIGIN
    details = extras.fields.get("stop_details") if extras is not None and is_own else None
    return {"stop_reason": reason, "stop_sequence": sequence, "stop_details": details}


def native_path(document: JsonObject) -> str:
    """What to call an event that only its origin knows."""
    return str(document.get("type") or next(iter(document), "event"))


def write_counts(usage: Usage | None, extras: Extras | None) -> JsonObject:
    """The `usage` object, with the service's own breakdown where the answer was Messages' own."""
    document = write_usage(usage)
    details = extras.spelled.get("usage") if extras is not None and extras.origin == ORIGIN else None
    if isinstance(details, dict):
        merge(document, details)
    return document


def write_rest(document: JsonObject, extras: Extras | None, notes: Notes) -> None:
    """What else the end of the answer says (`context_management`)."""
    if extras is not None and extras.origin == ORIGIN:
        merge(document, {name: value for name, value in extras.fields.items() if name != "stop_details"})
    else:
        notes.put(document, extras, "")
