"""A whole answer: the parts of the same events that a stream would be written from, neighbouring texts joined.

Source: google-genai 3.4 `types.GenerateContentResponse` (read 2026-11).
"""

from copilot_api.neutral.events import ReplyEnded, ReplyStarted, UsageSeen
from copilot_api.neutral.extras import Json, JsonObject
from copilot_api.neutral.fold import Completion, unfold
from copilot_api.neutral.loss import Loss
from copilot_api.neutral.request import ModelRequest
from copilot_api.neutral.usage import Usage
from copilot_api.protocols.base import ToolNames, Voice
from copilot_api.protocols.gemini.signatures import SLOT, read_slot
from copilot_api.protocols.gemini.writing.endings import write_usage
from copilot_api.protocols.gemini.writing.scribe import Scribe


def write_reply(
    completion: Completion, request: ModelRequest, voice: Voice, names: ToolNames
) -> tuple[JsonObject, tuple[Loss, ...]]:
    """A `GenerateContentResponse` with one candidate."""
    scribe = Scribe(request, names)
    said: list[JsonObject] = []
    candidate: JsonObject = {}
    for event in unfold(completion):
        match event:
            case ReplyStarted() | UsageSeen():
                continue
            case ReplyEnded():
                rest, candidate = scribe.finish(event)
                said += rest
            case _:
                said += scribe.feed(event)
    parts: list[Json] = [*_joined(said)]
    reply: JsonObject = {
        "candidates": [
            {"content": {"parts": parts or [{"text": ""}], "role": "model"}, "index": 0, **candidate}
        ]
    }
    reply["usageMetadata"] = write_usage(completion.usage or Usage())
    reply["modelVersion"] = completion.model or voice.model
    reply["responseId"] = completion.id or voice.answer_id
    return reply, scribe.losses


def _joined(parts: list[JsonObject]) -> list[JsonObject]:
    """Texts that follow each other as one part, as a client of the stream joins them; so are thoughts.

    A part with a signature begins a part of its own; a signature alone goes to the text before it.
    """
    joined: list[JsonObject] = []
    pieces: list[str] = []
    for part in parts:
        last = joined[-1] if joined else {}
        text = part.get("text")
        if isinstance(text, str) and "text" in last and part.get("thought") == last.get("thought"):
            if SLOT not in part:
                pieces.append(text)
                continue
            if _is_blob_of(last, part):
                last[SLOT] = part[SLOT]
                continue
        _close(last, pieces)
        joined.append(part)
        pieces = [text] if isinstance(text, str) else []
    _close(joined[-1] if joined else {}, pieces)
    return joined


def _is_blob_of(text: JsonObject, part: JsonObject) -> bool:
    """Whether `part` is nothing but the signature of the text before it: no thought came between them."""
    return not part["text"] and SLOT not in text and not read_slot(str(part[SLOT])).thoughts


def _close(part: JsonObject, pieces: list[str]) -> None:
    if len(pieces) > 1:
        part["text"] = "".join(pieces)
