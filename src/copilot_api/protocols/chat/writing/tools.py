"""Tools and tool choice in chat's words.

Source: openai 3.54, types/chat/chat_completion_tool_union_param.py (read 2026-11). Copilot is not known to take
freeform tools or allowed lists on this route (upstream contract 4.1), so other protocols' become functions.
"""

from copilot_api.neutral.extras import JsonObject
from copilot_api.neutral.request import CustomTool, FunctionTool, ModelRequest, NativeTool, Tool, ToolChoice
from copilot_api.protocols.base import Target
from copilot_api.protocols.chat.words import completed, spelled
from copilot_api.protocols.chat.writing.content import mark
from copilot_api.protocols.losses import Losses
from copilot_api.protocols.tools import Naming, write_choice, write_functions


def put_native_tools(document: JsonObject, request: ModelRequest) -> None:
    """Tools and choice as chat spelled them."""
    for name in ("tools", "functions"):
        tools = [_native_tool(tool) for tool in request.tools if (_is_legacy(tool)) == (name == "functions")]
        if tools or request.spelled.get(name):
            document[name] = [*tools]
    choice = request.tool_choice
    if choice is None:
        return
    if spelled(choice.extras, "@legacy"):
        document["function_call"] = {"name": choice.names[0]} if choice.names else choice.mode
    elif choice.native is not None:
        document.update(choice.native.fields)
    else:
        document["tool_choice"] = spelled(choice.extras, "@as") or choice.mode


def _is_legacy(tool: Tool) -> bool:
    return isinstance(tool, FunctionTool) and spelled(tool.extras, "@legacy") is True


def _native_tool(tool: Tool) -> JsonObject:
    match tool:
        case FunctionTool() if _is_legacy(tool):
            return completed(_function(tool), tool.extras)
        case FunctionTool():
            document: JsonObject = {"function": _function(tool)}
            if "@type" not in (tool.extras.spelled if tool.extras else {}):
                document["type"] = "function"
            if tool.cache is not None:
                document["cache_control"] = mark(tool.cache)
            return completed(document, tool.extras)
        case CustomTool():
            inner: JsonObject = {"name": tool.name}
            if tool.description is not None:
                inner["description"] = tool.description
            if tool.format is not None:
                inner["format"] = tool.format
            return completed({"type": "custom", "custom": inner}, tool.extras)
        case _:
            # Chat has no namespaces: what is left is carried whole.
            return tool.document if isinstance(tool, NativeTool) else {}


def _function(tool: FunctionTool) -> JsonObject:
    function: JsonObject = {"name": tool.name}
    if tool.description is not None:
        function["description"] = tool.description
    if tool.parameters is not None:
        function["parameters"] = tool.parameters
    if tool.strict is not None:
        function["strict"] = tool.strict
    return function


def put_foreign_tools(
    document: JsonObject, request: ModelRequest, target: Target, naming: Naming, losses: Losses
) -> None:
    """Another protocol's tools and choice; cache marks on tools are lost, the prompt's own marks cover them."""
    functions = write_functions(request, target, naming, losses)
    if functions:
        document["tools"] = [{"type": "function", "function": _function(tool)} for tool in functions]
    if any(tool.cache is not None for tool in functions):
        losses.spare("tools[].cache_control", "chat marks messages, and tools stand before them all")
    choice = write_choice(request, naming, bool(functions), losses)
    if choice is not None:
        document["tool_choice"] = _choice(choice, losses)
    parallel = request.parallel_tool_calls
    if functions and (parallel is False or (parallel and target.has_parallel_tool_calls)):
        document["parallel_tool_calls"] = parallel


def _choice(choice: ToolChoice, losses: Losses) -> str | JsonObject:
    if choice.mode == "named" or (len(choice.names) == 1 and choice.is_required):
        return {"type": "function", "function": {"name": choice.names[0]}}
    if choice.mode == "allowed":
        losses.approximate(losses.word("tool_choice"), "the list of allowed tools is not enforced")
        return "required" if choice.is_required else "auto"
    return choice.mode
