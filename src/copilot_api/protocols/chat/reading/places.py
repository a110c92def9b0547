"""Where the parts of a message stood in the client's document.

Owns the paths in chat's own words. Source: openai 3.54, types/chat/chat_completion_*_message_param.py (read 2026-11).
"""

from collections.abc import Sequence

from copilot_api.neutral.parts import NativePart, Part, Reasoning, Refusal, ToolCall, ToolResult
from copilot_api.neutral.request import FunctionTool, Places, Tool, Turn
from copilot_api.protocols.chat.slots import FIELD
from copilot_api.protocols.chat.words import spelled


def read_places(turns: Sequence[Turn], tools: Sequence[Tool]) -> Places:
    """Where everything stood."""
    paths = tuple(f"messages[{index}]" for index in range(len(turns)))
    return Places(
        turns=paths,
        parts=tuple(_parts(turn, path) for turn, path in zip(turns, paths, strict=True)),
        tools=_tools(tools),
    )


def _parts(turn: Turn, path: str) -> tuple[str, ...]:
    """Content is numbered, calls are numbered beside it, and thinking has a field of its own."""
    places: list[str] = []
    contents = calls = 0
    for part in turn.parts:
        field = _field(part)
        if field == "content" and not turn.is_plain:
            field, contents = f"content[{contents}]", contents + 1
        elif field == "tool_calls":
            field, calls = f"tool_calls[{calls}]", calls + 1
        places.append(f"{path}.{field}" if field else path)
    return tuple(places)


def _field(part: Part) -> str:
    match part:
        case ToolResult():
            return ""
        case Reasoning():
            return FIELD if part.opaque is not None else "reasoning_text"
        case ToolCall():
            return "function_call" if spelled(part.extras, "@legacy") else "tool_calls"
        case NativePart() if "tool_call" in part.document:
            return "tool_calls"
        case Refusal() if not spelled(part.extras, "@part"):
            return "refusal"
        case _:
            return "content"


def _tools(tools: Sequence[Tool]) -> tuple[str, ...]:
    """Functions in the legacy field come after the others."""
    legacy = [isinstance(tool, FunctionTool) and bool(spelled(tool.extras, "@legacy")) for tool in tools]
    first = legacy.index(True) if True in legacy else len(tools)
    return tuple(
        f"functions[{index - first}]" if is_legacy else f"tools[{index}]"
        for index, is_legacy in enumerate(legacy)
    )
