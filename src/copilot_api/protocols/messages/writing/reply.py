"""A whole answer for a Messages client. Source: anthropic-python 2.12 `types/message.py` (read 2026-11)."""

from typing import Final

from copilot_api.neutral.extras import Json, JsonObject
from copilot_api.neutral.fold import Completion
from copilot_api.neutral.loss import Loss
from copilot_api.neutral.opaque import Opaque
from copilot_api.neutral.parts import Part, Reasoning, Refusal, Text, ToolCall
from copilot_api.neutral.request import ModelRequest
from copilot_api.neutral.usage import Finish, FinishReason
from copilot_api.protocols.base import ToolNames, Voice
from copilot_api.protocols.messages.slots import ORIGIN, fill_slot, seal_beside
from copilot_api.protocols.messages.writing.parts import RAW_ARGUMENTS, read_arguments
from copilot_api.protocols.messages.writing.pieces import (
    PROOF,
    PROOF_HIDES,
    Notes,
    citation_document,
    native_path,
    odd_block,
    open_block,
    redacted_block,
    write_counts,
    write_end,
    write_head,
    write_rest,
)
from copilot_api.protocols.tools import INPUT, restore_completion

UNKNOWN_END = Finish(FinishReason.OTHER, "")
_BREAKDOWNS: Final = ("cache_creation", "inference_geo", "server_tool_use", "service_tier")
"""What the published schema requires in `usage`, with null where nobody knows; likewise `container`."""


def shows_thoughts(request: ModelRequest) -> bool:
    """Whether the client wants to read the thinking; unless it says no, it does."""
    return request.reasoning is None or request.reasoning.shows_thoughts is not False


def write_reply(
    completion: Completion, request: ModelRequest, voice: Voice, names: ToolNames
) -> tuple[JsonObject, tuple[Loss, ...]]:
    """A whole answer, and what could not be said in it."""
    completion = restore_completion(completion, names)
    notes = Notes()
    content: list[Json] = []
    for index, part in enumerate(completion.parts):
        content += _blocks(part, f"content[{index}]", notes, is_shown=shows_thoughts(request))
    document = write_head(completion.id, completion.model, voice)
    document["content"] = _end_in_text(content, notes)
    extras = completion.end_extras
    document |= write_end(
        completion.finish or UNKNOWN_END,
        completion.stop_sequence,
        has_calls=any(isinstance(part, ToolCall) for part in completion.parts),
        has_refusal=any(isinstance(part, Refusal) for part in completion.parts),
        extras=extras,
    )
    usage = write_counts(completion.usage, extras)
    document["usage"] = usage
    if extras is None or extras.origin != ORIGIN:
        document["container"] = None
        usage.update(dict.fromkeys(_BREAKDOWNS))
    write_rest(document, extras, notes)
    notes.put(document, completion.extras, "")
    for event in completion.natives:
        notes.drop(native_path(event.document), event.origin, "Messages has no such event")
    return document, notes.losses


def _kind(content: list[Json], place: int) -> Json:
    block = content[place] if len(content) >= -place else None
    return block.get("type") if isinstance(block, dict) else None


def _end_in_text(content: list[Json], notes: Notes) -> list[Json]:
    """Leave out proofs behind the last text, as the stream does: Claude Code prints only a last block."""
    end = -1
    while _kind(content, end) == PROOF:
        end -= 1
    if end == -1 or _kind(content, end) != "text":
        return content
    whole = content[: end + 1]
    notes.drop(f"content[{len(whole)}]", "", PROOF_HIDES)
    return whole


def _blocks(part: Part, path: str, notes: Notes, *, is_shown: bool) -> list[JsonObject]:
    match part:
        case Text():
            return _text(part, path, notes)
        case Refusal():
            notes.put({}, part.extras, path)
            return [{"type": "text", "text": part.text}] if part.text else []
        case Reasoning():
            notes.put({}, part.extras, path)
            return thought_blocks(part, is_shown=is_shown)
        case ToolCall():
            block = open_block(part, notes, path)
            block["input"] = _input(part, path, notes)
            return [block, *_beside(part.opaque)]
        case _:
            odd = odd_block(part, notes, path)
            return [] if odd is None else [odd]


def _input(part: ToolCall, path: str, notes: Notes) -> JsonObject:
    if part.kind == "custom":
        return {INPUT: part.arguments}
    arguments = read_arguments(part.arguments)
    if arguments is None:
        notes.approximate(path, f"the arguments are no JSON object: sent as {RAW_ARGUMENTS!r}")
        return {RAW_ARGUMENTS: part.arguments}
    return arguments


def _text(part: Text, path: str, notes: Notes) -> list[JsonObject]:
    cited = (citation_document(citation, notes, path) for citation in part.citations)
    citations: list[Json] = [document for document in cited if document is not None]
    if not part.text and not citations:
        return [] if part.opaque is None else [redacted_block(part.opaque)]
    block = open_block(part, notes, path)
    block["text"] = part.text
    if citations:
        block["citations"] = citations
    return [block, *_beside(part.opaque)]


def _beside(opaque: Opaque | None) -> list[JsonObject]:
    return [] if opaque is None else [{"type": "redacted_thinking", "data": seal_beside(opaque)}]


def thought_blocks(part: Reasoning, *, is_shown: bool) -> list[JsonObject]:
    """Thinking: its text with the sealed blob as signature, or the blob alone; none where there is neither."""
    pieces = [piece for piece in (*part.summary, part.text) if piece] if is_shown else []
    if part.is_redacted and not pieces:
        return [] if part.opaque is None else [redacted_block(part.opaque)]
    if not pieces and part.opaque is None:
        return []
    signature = "" if part.opaque is None else fill_slot(part.opaque, "signature")
    return [{"type": "thinking", "thinking": "\n\n".join(pieces), "signature": signature}]
