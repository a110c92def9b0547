"""Gemini's parts as parts of the hub, one at a time.

Owns the words of `types.Part`. What a part is, its data field says; a part with a field we do not know is carried
whole. Must never know turns: ids of calls are given by `calls.py`.
Source: google-genai 3.4 `types.Part`, `types.FunctionCall`, `types.FunctionResponse` (read 2026-11).
"""

from typing import Final

import msgspec

from copilot_api.errors import MalformedRequest
from copilot_api.neutral.extras import Json, JsonObject
from copilot_api.neutral.parts import File, Image, NativePart, Part, Reasoning, Text, ToolCall, ToolResult
from copilot_api.protocols.gemini.reading.calls import Calls
from copilot_api.protocols.gemini.reading.fields import ORIGIN, Fields, as_fields
from copilot_api.protocols.gemini.reading.media import read_inline, read_linked
from copilot_api.protocols.gemini.signatures import SLOT, Slot, read_slot

_ENCODER: Final = msgspec.json.Encoder()
_NO_SLOT: Final = Slot()
_ANNOTATIONS: Final = frozenset(
    (
        "mediaResolution",
        "videoMetadata",
        "partMetadata",
        "audioTranscription",
        "mediaProcessing",
        "speechMetadata",
        "documentMetadata",
        "spreadsheetMetadata",
        "audioMetadata",
    )
)
"""Fields that describe a part and are not its data."""


def read_parts(value: Json, path: str, calls: Calls) -> tuple[list[Part], list[str]]:
    """All parts of a `parts` field, and where each stood; a string, or one part on its own, is a list of one.

    Raises: MalformedRequest
    """
    parts: list[Part] = []
    places: list[str] = []
    entries = value if isinstance(value, list) else [] if value is None else [value]
    for index, entry in enumerate(entries):
        place = f"{path}[{index}]"
        if isinstance(entry, str):
            read: list[Part] = [Text(entry)]
        else:
            read = read_part(as_fields(entry, place), entry, calls)
            _add_media(parts, read)
        parts += read
        places += [place] * len(read)
    return parts, places


def _add_media(parts: list[Part], read: list[Part]) -> None:
    """Move a picture that follows a tool's result into it: Gemini CLI sends what a tool read beside its result."""
    last = parts[-1] if parts else None
    if isinstance(last, ToolResult) and len(read) == 1 and isinstance(read[0], Image | File):
        parts[-1] = msgspec.structs.replace(last, content=(*last.content, read[0]))
        read.clear()


def read_part(fields: Fields, document: Json, calls: Calls) -> list[Part]:
    """One part; thoughts that travelled in its slot come before it.

    Raises: MalformedRequest
    """
    call = fields.nested("functionCall")
    if call is not None:
        return _read_call(fields, call, calls)
    result = fields.nested("functionResponse")
    if result is not None:
        return [_read_result(fields, result, calls)]
    media = read_inline(fields) or read_linked(fields)
    if media is not None:
        return [media]
    if fields.has("text") or not _has_other_data(fields):
        return _read_text(fields)
    return [_read_native(fields, document)]


def _has_other_data(fields: Fields) -> bool:
    """Whether anything is there besides what describes a part: then it is of a kind we do not know."""
    return any(name not in _ANNOTATIONS and name not in (SLOT, "thought") for name in fields.rest())


def _take_slot(fields: Fields) -> Slot:
    value = fields.text(SLOT)
    return _NO_SLOT if value is None else read_slot(value)


def _read_text(fields: Fields) -> list[Part]:
    text = fields.text("text") or ""
    is_thought = fields.flag("thought") is True
    slot = _take_slot(fields)
    parts: list[Part] = list(slot.thoughts)
    if is_thought:
        parts.append(Reasoning((text,) if text else (), opaque=slot.own, extras=fields.extras()))
    elif text or not parts or slot.own is not None:
        parts.append(Text(text, opaque=slot.own, extras=fields.extras()))
    return parts


def _read_call(fields: Fields, call: Fields, calls: Calls) -> list[Part]:
    name = call.text("name")
    if not name:
        raise MalformedRequest(f"{call.at('name')} is missing. Name the function.", param=call.at("name"))
    arguments = _ENCODER.encode(call.object("args") or {}).decode()
    call_id = calls.add_call(call.text("id"), name, arguments)
    slot = _take_slot(fields)
    fields.absorb(call)
    return [*slot.thoughts, ToolCall(call_id, name, arguments, opaque=slot.own, extras=fields.extras())]


def _read_result(fields: Fields, result: Fields, calls: Calls) -> ToolResult:
    name = result.text("name") or ""
    response = result.object("response") or {}
    call_id = calls.answer(result.text("id"), name)
    content: list[Text | Image | File | NativePart] = []
    said = _response_text(response)
    if said is not None:
        content.append(Text(said))
    for part in result.several("parts"):
        media = read_inline(part) or read_linked(part)
        content.append(media or NativePart(ORIGIN, part.rest()))
    fields.absorb(result)
    return ToolResult(
        call_id,
        tuple(content),
        name=name or None,
        is_error=True if response.get("error") is not None else None,
        extras=fields.extras(),
    )


def _response_text(response: JsonObject) -> str | None:
    """What a model should read: Google's documentation gives the output under "output" and an error under "error".

    The SDK's own function calling says "result" instead. Anything else is the output as a whole.
    """
    if not response:
        return None
    if len(response) == 1:
        [(name, value)] = response.items()
        if name in ("output", "error", "result") and isinstance(value, str):
            return value
    return _ENCODER.encode(response).decode()


def _read_native(fields: Fields, document: Json) -> NativePart:
    """Carry a part that only Google knows; code and what it printed can be told to anybody."""
    carried = document if isinstance(document, dict) else {}
    code, outcome = fields.peek("executableCode"), fields.peek("codeExecutionResult")
    text: str | None = None
    if isinstance(code, dict) and isinstance(code.get("code"), str):
        text = f"```{str(code.get('language') or '').lower()}\n{code['code']}\n```"
    elif isinstance(outcome, dict) and isinstance(outcome.get("output"), str):
        text = f"```\n{outcome['output']}\n```"
    return NativePart(ORIGIN, carried, text)
