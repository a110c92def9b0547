"""Tools, legacy functions and the choice among them.

Source: openai 3.54, types/chat/chat_completion_tool_union_param.py, chat_completion_tool_choice_option_param.py and
the deprecated `functions` and `function_call` of completion_create_params.py (read 2026-11).
"""

from typing import Final, Literal

from copilot_api.errors import MalformedRequest
from copilot_api.neutral.extras import Extras, Json, Remainder
from copilot_api.neutral.request import CustomTool, FunctionTool, NativeTool, Tool, ToolChoice
from copilot_api.protocols.chat.reading.content import read_hint
from copilot_api.protocols.chat.words import ORIGIN, rest

_MODES: Final[dict[str, Literal["auto", "none", "required"]]] = {
    "auto": "auto",
    "none": "none",
    "required": "required",
}


def read_tools(request: Remainder) -> tuple[Tool, ...]:
    """The request's tools; functions in the legacy field come after the others.

    Raises: MalformedRequest for a known field of a wrong type; so does all that follows.
    """
    tools = [_read_tool(tool, f"tools[{at}]") for at, tool in enumerate(request.array("tools") or ())]
    functions = request.array("functions") or ()
    return (*tools, *(_read_function(tool, f"functions[{at}]") for at, tool in enumerate(functions)))


def _read_tool(value: Json, path: str) -> Tool:
    if not isinstance(value, dict):
        raise MalformedRequest(f"{path} must be an object with a 'type'.", param=path)
    tool = Remainder(value, ORIGIN, path)
    type_ = tool.text("type")
    if type_ is None:
        tool.spell("@type", None)
    if type_ in (None, "function") and (inner := tool.nested("function")) is not None:
        mark = tool.peek("cache_control")
        cache = None
        if isinstance(mark, dict) and mark.get("type") == "ephemeral":
            tool.take("cache_control")
            cache = read_hint(mark)
        return FunctionTool(
            _name(inner),
            inner.text("description"),
            inner.object("parameters"),
            inner.flag("strict"),
            cache=cache,
            extras=rest(tool, function=inner),
        )
    if type_ == "custom" and (inner := tool.nested("custom")) is not None:
        return CustomTool(
            _name(inner), inner.text("description"), inner.object("format"), rest(tool, custom=inner)
        )
    return NativeTool(ORIGIN, type_ or "", value)


def _read_function(value: Json, path: str) -> FunctionTool:
    if not isinstance(value, dict):
        raise MalformedRequest(f"{path} must be an object with a 'name'.", param=path)
    tool = Remainder(value, ORIGIN, path)
    tool.spell("@legacy", True)
    return FunctionTool(
        _name(tool), tool.text("description"), tool.object("parameters"), extras=tool.extras()
    )


def _name(tool: Remainder) -> str:
    name = tool.text("name")
    if name is None:
        raise MalformedRequest(f"{tool.at('name')} is missing. Name the tool.", param=tool.at("name"))
    return name


def read_choice(request: Remainder) -> ToolChoice | None:
    """Which tool may be called: `tool_choice`, else the legacy `function_call`."""
    if request.has("tool_choice"):
        return _read_choice(request.take("tool_choice"))
    choice = request.take("function_call")
    if choice is None:
        return None
    extras = Extras(ORIGIN, {}, {"@legacy": True})
    if isinstance(choice, dict) and isinstance(name := choice.get("name"), str):
        return ToolChoice("named", (name,), extras=extras)
    mode = _MODES.get(choice) if isinstance(choice, str) else None
    if mode is not None and mode != "required":
        return ToolChoice(mode, extras=extras)
    raise request.wrong("function_call", "'auto', 'none' or an object with a 'name'", choice)


def _read_choice(choice: Json) -> ToolChoice:
    native = ToolChoice("native", native=Extras(ORIGIN, {"tool_choice": choice}))
    if not isinstance(choice, dict):
        mode = _MODES.get(choice) if isinstance(choice, str) else None
        return native if mode is None else ToolChoice(mode)
    type_ = choice.get("type")
    inner = choice.get(type_) if isinstance(type_, str) else None
    if not isinstance(inner, dict):
        return native
    extras = Extras(ORIGIN, {}, {"@as": choice})
    if type_ in ("function", "custom") and isinstance(name := inner.get("name"), str):
        return ToolChoice("named", (name,), kind="custom" if type_ == "custom" else "function", extras=extras)
    tools = inner.get("tools")
    names = [_allowed(tool) for tool in tools] if isinstance(tools, list) else [None]
    if type_ != "allowed_tools" or not all(names):
        return native
    return ToolChoice(
        "allowed", tuple(filter(None, names)), is_required=inner.get("mode") == "required", extras=extras
    )


def _allowed(tool: Json) -> str | None:
    """The name in one entry of an allowed list, nested under its type or flat."""
    if not isinstance(tool, dict):
        return None
    inner = tool.get(type_) if isinstance(type_ := tool.get("type"), str) else None
    name = inner.get("name") if isinstance(inner, dict) else tool.get("name")
    return name if isinstance(name, str) else None
