"""A chat request written for chat: exactly as it came (law L1).

Owns that nothing is added. The only thing that may be left out is reasoning that the target could not verify.
"""

from copilot_api.neutral.extras import JsonObject
from copilot_api.neutral.opaque import Opaque
from copilot_api.neutral.parts import (
    File,
    Image,
    NativePart,
    Part,
    Reasoning,
    Refusal,
    Text,
    ToolCall,
    ToolResult,
)
from copilot_api.neutral.request import ModelRequest, Turn
from copilot_api.protocols.base import Target
from copilot_api.protocols.chat.slots import FIELD
from copilot_api.protocols.chat.words import completed, spelled
from copilot_api.protocols.chat.writing.content import mark, native_part
from copilot_api.protocols.losses import Losses


def native_messages(request: ModelRequest, target: Target, losses: Losses) -> list[JsonObject]:
    """Every turn as the message it was."""
    return [_message(turn, at, target, losses) for at, turn in enumerate(request.turns)]


def _message(turn: Turn, at: int, target: Target, losses: Losses) -> JsonObject:
    result = turn.parts[0] if turn.parts else None
    if turn.role == "tool" and isinstance(result, ToolResult):
        return _result(turn, result)
    message: JsonObject = {"role": turn.role}
    if turn.name is not None:
        message["name"] = turn.name
    content = [
        part
        for part in turn.parts
        if isinstance(part, Text | Image | File)
        or (_is_content(part) and isinstance(part, Refusal | NativePart))
    ]
    _put_content(message, content, turn)
    if turn.role == "assistant":
        _put_answer(message, turn.parts, turn, losses.turn(at), target, losses)
    return completed(message, turn.extras)


def _is_content(part: Part) -> bool:
    if isinstance(part, Refusal):
        return bool(spelled(part.extras, "@part"))
    return isinstance(part, NativePart) and "tool_call" not in part.document


def _put_content(
    message: JsonObject, content: list[Text | Image | File | Refusal | NativePart], turn: Turn
) -> None:
    for part in content:
        cache = part.cache if isinstance(part, Text | Image | File) else None
        if cache is not None and (name := spelled(cache.extras, "@at")):
            message[str(name)] = mark(cache)
    if turn.is_plain:
        message["content"] = "".join(part.text for part in content if isinstance(part, Text))
    elif content or spelled(turn.extras, "@content") is not None:
        message["content"] = [native_part(part) for part in content]


def _result(turn: Turn, result: ToolResult) -> JsonObject:
    is_legacy = spelled(turn.extras, "@role") is not None
    message: JsonObject = {"role": "function" if is_legacy else "tool"}
    if not is_legacy or spelled(turn.extras, "@tool_call_id") is not None:
        message["tool_call_id"] = result.call_id
    if result.name is not None:
        message["name"] = result.name
    _put_content(message, [*result.content], turn)
    return completed(message, turn.extras)


def _put_answer(
    message: JsonObject, parts: tuple[Part, ...], turn: Turn, path: str, target: Target, losses: Losses
) -> None:
    calls: list[JsonObject] = []
    blobs: list[str] = []
    for part in parts:
        match part:
            case Reasoning():
                blob = _blob(part.opaque, target)
                if blob is None:
                    losses.drop(f"{path}.{FIELD}", f"the model {target.model!r} cannot verify this reasoning")
                    continue
                blobs += [blob] if blob else []
                names = spelled(part.extras, "@fields")
                text = "".join(part.summary) + (part.text or "")
                for name in names if isinstance(names, list) else ["reasoning_text"] if text else []:
                    held = message.get(str(name))
                    message[str(name)] = held + text if isinstance(held, str) else text
            case Refusal() if not _is_content(part):
                message["refusal"] = part.text
            case ToolCall() if spelled(part.extras, "@legacy"):
                message["function_call"] = completed(_function(part), part.extras)
            case ToolCall():
                calls.append(_call(part))
            case NativePart() if not _is_content(part):
                call = part.document["tool_call"]
                calls += [call] if isinstance(call, dict) else []
            case _:
                pass
    if blobs:
        message[FIELD] = "".join(blobs)
    if calls or spelled(turn.extras, "@tool_calls") is not None:
        message["tool_calls"] = [*calls]


def _blob(opaque: Opaque | None, target: Target) -> str | None:
    """Chat's own blob; empty where there is none, None for one that the target did not make."""
    if opaque is None:
        return ""
    return opaque.payload.get(FIELD, "") if target.takes(opaque.origin) else None


def _function(call: ToolCall) -> JsonObject:
    function: JsonObject = {"name": call.name}
    if call.arguments or "@arguments" not in (call.extras.spelled if call.extras else {}):
        function["input" if call.kind == "custom" else "arguments"] = call.arguments
    return function


def _call(call: ToolCall) -> JsonObject:
    document: JsonObject = {"id": call.id, call.kind: _function(call)}
    if "@type" not in (call.extras.spelled if call.extras else {}):
        document["type"] = call.kind
    return completed(document, call.extras)
