"""Messages of a chat request, one turn each.

Owns how calls and results are matched where the legacy `function_call` gives no id. What is said twice (both
`reasoning_text` and `reasoning_content`, which our own writer sends) is read once.
Source: openai 3.54, types/chat/chat_completion_*_message_param.py; upstream contract 4.3; recorded requests of
opencode, Copilot CLI and pi for `reasoning_content` (read 2026-11).
"""

import hashlib
from typing import Final, cast

from copilot_api.errors import MalformedRequest
from copilot_api.neutral.extras import Extras, Json, Remainder
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
from copilot_api.neutral.request import Role, Turn
from copilot_api.protocols.chat.reading.content import Content, hang_hint, read_content, read_hint
from copilot_api.protocols.chat.slots import DETAILS, FIELD, place, read_details, read_slot
from copilot_api.protocols.chat.words import ORIGIN, rest

THOUGHT_FIELDS: Final = ("reasoning_text", "reasoning_content", "reasoning")
_ROLES: Final = ("system", "developer", "user", "assistant", "tool", "function")
_MARKS: Final = ("copilot_cache_control", "cache_control")
"""Copilot's own mark of a message, and the one that opencode puts there for Claude."""


class TurnReader:
    """Reads messages in order; remembers legacy calls until their results come."""

    def __init__(self) -> None:
        self._legacy: dict[str, str] = {}
        self._legacy_count = 0

    def read(self, value: Json, path: str) -> Turn:
        """One message.

        Raises: MalformedRequest for a known field of a wrong type, naming its path.
        """
        if not isinstance(value, dict):
            raise MalformedRequest(f"{path} must be an object with 'role' and 'content'.", param=path)
        message = Remainder(value, ORIGIN, path)
        role = message.text("role")
        if role not in _ROLES:
            raise MalformedRequest(
                f"{path}.role must be one of {', '.join(_ROLES)}, not {role!r}.", param=f"{path}.role"
            )
        content, is_plain = read_content(message.peek("content"), f"{path}.content")
        if not content and message.take("content") is not None:
            message.spell("@content", [])
        message.take("content")
        if role in ("tool", "function"):
            return self._read_result(message, role, content, is_plain)
        _read_mark(message, content)
        name = message.text("name")
        parts: list[Part] = [*content]
        if role == "assistant":
            parts = self._read_answer(message, content)
        return Turn(cast(Role, role), tuple(parts), is_plain, name, extras=message.extras())

    def _read_answer(self, message: Remainder, content: list[Content]) -> list[Part]:
        said: list[Part] = [*content]
        refusal = message.text("refusal")
        if refusal is not None:
            said.append(Refusal(refusal))
        calls = message.array("tool_calls")
        if calls is not None and not calls:
            message.spell("@tool_calls", [])
        said += [_read_call(call, f"{message.path}.tool_calls[{at}]") for at, call in enumerate(calls or ())]
        if message.has("function_call"):
            said.append(self._read_legacy_call(message))
        return _with_reasoning(message, said)

    def _read_legacy_call(self, message: Remainder) -> ToolCall:
        call = message.nested("function_call") or Remainder({}, ORIGIN)
        name, arguments = call.text("name") or "", _arguments(call, "arguments")
        call.spell("@legacy", True)
        mark = hashlib.sha256(f"{self._legacy_count}\0{name}\0{arguments}".encode("utf-8", "replace"))
        self._legacy_count += 1
        self._legacy[name] = call_id = f"call_{mark.hexdigest()[:24]}"
        return ToolCall(call_id, name, arguments, extras=call.extras())

    def _read_result(self, message: Remainder, role: str, content: list[Content], is_plain: bool) -> Turn:
        call_id, name = message.text("tool_call_id"), message.text("name")
        if call_id is None:
            if role == "tool":
                raise MalformedRequest(
                    f"{message.path}.tool_call_id is missing. Name the call that this is the result of.",
                    param=f"{message.path}.tool_call_id",
                )
            message.spell("@role", role)
            call_id = self._legacy.get(name or "", f"call_{name or ''}")
        elif role == "function":
            message.spell("@role", role)
            message.spell("@tool_call_id", call_id)
        _read_mark(message, content)
        kept = tuple(_in_result(part) for part in content)
        result = ToolResult(call_id, kept, name, is_plain=is_plain)
        return Turn("tool", (result,), is_plain, extras=message.extras())


def _in_result(part: Content) -> Text | Image | File | NativePart:
    if not isinstance(part, Refusal):
        return part
    fields = {} if part.extras is None else part.extras.fields
    return NativePart(ORIGIN, {"type": "refusal", "refusal": part.text, **fields}, part.text)


def _read_mark(message: Remainder, content: list[Content]) -> None:
    for name in _MARKS:
        mark = message.peek(name)
        if not isinstance(mark, dict) or mark.get("type") != "ephemeral":
            continue
        if hang_hint(content, read_hint(mark), name):
            message.take(name)


def _read_call(value: Json, path: str) -> ToolCall | NativePart:
    if not isinstance(value, dict):
        raise MalformedRequest(f"{path} must be an object.", param=path)
    call = Remainder(value, ORIGIN, path)
    # Streams number their calls, and clients send the number back.
    call.keep("index")
    type_ = call.text("type")
    if type_ is None:
        call.spell("@type", None)
    call_id = call.text("id")
    if call_id is None:
        raise MalformedRequest(f"{path}.id is missing. Give each tool call an id.", param=f"{path}.id")
    if type_ in (None, "function") and call.has("function"):
        inner = call.nested("function") or Remainder({}, ORIGIN)
        name, arguments = inner.text("name") or "", _arguments(inner, "arguments")
        return ToolCall(call_id, name, arguments, extras=rest(call, function=inner))
    if type_ == "custom" and call.has("custom"):
        inner = call.nested("custom") or Remainder({}, ORIGIN)
        name, arguments = inner.text("name") or "", _arguments(inner, "input")
        return ToolCall(call_id, name, arguments, "custom", extras=rest(call, custom=inner))
    return NativePart(ORIGIN, {"tool_call": value})


def _arguments(fields: Remainder, name: str) -> str:
    given = fields.text(name)
    if given is None and fields.peek(name) is None:
        fields.spell("@arguments", None)
    return given or ""


def _with_reasoning(message: Remainder, said: list[Part]) -> list[Part]:
    """Put what was thought before what was said, or in the places where it was thought."""
    slot, same = message.text(FIELD), read_details(message.peek(DETAILS))
    if same is not None:
        message.take(DETAILS)
        slot = slot or same
    texts = {name: text for name in THOUGHT_FIELDS if isinstance(text := message.peek(name), str)}
    thought = next(iter(texts.values()), None)
    names: list[Json] = [name for name, text in texts.items() if text == thought]
    for name in names:
        message.take(str(name))
    if slot is None and thought is None:
        return said
    opaque = None if slot is None else read_slot(slot)
    if isinstance(opaque, tuple):
        return place(opaque, said)
    summary = () if thought is None else (thought,)
    extras = Extras(ORIGIN, {}, {"@fields": names}) if names else None
    return [Reasoning(summary, opaque=opaque, is_redacted=thought is None, extras=extras), *said]
