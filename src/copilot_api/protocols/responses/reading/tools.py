"""Tools and the choice among them, read from a request.

Owns the tool shapes of Responses. Must never know which of them a target can take.
Source: openai-python 3.54, types/responses: tool_param, namespace_tool_param, tool_search_tool_param,
tool_choice_*_param; recorded requests of Codex 0.169 (read 2026-11).
"""

from typing import Final

from copilot_api.errors import MalformedRequest
from copilot_api.neutral.extras import Extras, Json, JsonObject, Remainder
from copilot_api.neutral.request import CustomTool, FunctionTool, Namespace, NativeTool, Tool, ToolChoice
from copilot_api.protocols.responses.reading.content import ORIGIN, TOOL_SEARCH, object_at

WHOLE: Final = "@document"
"""Notes the whole document of something that is written back as it was."""


def read_tools(tools: list[Json], path: str) -> tuple[Tool, ...]:
    """The tools of a list.

    Raises: MalformedRequest for a tool that is no object, or whose known field has a wrong type.
    """
    return tuple(
        read_tool(object_at(tool, f"{path}[{index}]"), f"{path}[{index}]") for index, tool in enumerate(tools)
    )


def read_tool(document: JsonObject, path: str) -> Tool:
    """One tool; one that the origin's server runs, or of a type we do not know, is carried whole."""
    fields = Remainder(document, ORIGIN, path)
    kind = fields.peek("type")
    match kind:
        case "function":
            return _read_function(fields)
        case "custom":
            return _read_custom(fields)
        case "namespace":
            return _read_namespace(fields) or NativeTool(ORIGIN, "namespace", document)
        case "tool_search" if document.get("execution") == "client":
            return _read_tool_search(fields, document)
        case _:
            return NativeTool(ORIGIN, kind if isinstance(kind, str) else "", document)


def _name(fields: Remainder) -> str:
    name = fields.text("name")
    if not name:
        raise MalformedRequest(
            f"{fields.at('name')} is missing: a tool needs a name.", param=fields.at("name")
        )
    return name


def _read_function(fields: Remainder) -> FunctionTool:
    fields.take("type")
    if fields.peek("defer_loading") is False:
        fields.keep("defer_loading")
    return FunctionTool(
        name=_name(fields),
        description=fields.text("description"),
        parameters=fields.object("parameters"),
        strict=fields.flag("strict"),
        is_deferred=bool(fields.flag("defer_loading")),
        extras=fields.extras(),
    )


def _read_custom(fields: Remainder) -> CustomTool:
    fields.take("type")
    name, description, form = _name(fields), fields.text("description"), fields.object("format")
    return CustomTool(name, description, form, fields.extras())


def _read_namespace(fields: Remainder) -> Namespace | None:
    """A namespace; None where it holds something besides functions and custom tools."""
    fields.take("type")
    name, description = _name(fields), fields.text("description")
    tools = read_tools(fields.array("tools") or [], fields.at("tools"))
    plain = tuple(tool for tool in tools if isinstance(tool, FunctionTool | CustomTool))
    if len(plain) != len(tools):
        return None
    return Namespace(name, plain, description, fields.extras())


def _read_tool_search(fields: Remainder, document: JsonObject) -> FunctionTool:
    spelled: JsonObject = {WHOLE: document}
    return FunctionTool(
        TOOL_SEARCH,
        fields.text("description"),
        fields.object("parameters"),
        extras=Extras(ORIGIN, {}, spelled),
    )


def is_tool_search(tool: Tool) -> bool:
    """Whether a function stands for the client's tool search, whose calls have a form of their own."""
    return (
        isinstance(tool, FunctionTool)
        and tool.name == TOOL_SEARCH
        and tool.extras is not None
        and tool.extras.origin == ORIGIN
        and WHOLE in tool.extras.spelled
    )


def only_new(tools: tuple[Tool, ...], known: set[tuple[str | None, str]]) -> tuple[Tool, ...]:
    """The tools whose names are not in `known`, to which they are added; native ones have no name."""
    new: list[Tool] = []
    for tool in tools:
        match tool:
            case FunctionTool() | CustomTool():
                if (None, tool.name) not in known:
                    known.add((None, tool.name))
                    new.append(tool)
            case Namespace():
                inner = tuple(one for one in tool.tools if (tool.name, one.name) not in known)
                known.update((tool.name, one.name) for one in inner)
                if inner:
                    new.append(Namespace(tool.name, inner, tool.description, tool.extras))
            case _:
                new.append(tool)
    return tuple(new)


def read_choice(value: Json, path: str) -> ToolChoice | None:
    """`tool_choice`, a word or an object.

    Raises: MalformedRequest for another type or another word.
    """
    match value:
        case None:
            return None
        case "auto" | "none" | "required":
            return ToolChoice(value)
        case dict():
            return _read_choice_object(value, path)
        case _:
            accepted = "'auto', 'none', 'required' or an object"
            raise Remainder({}, ORIGIN).wrong(path, accepted, value)


def _read_choice_object(document: JsonObject, path: str) -> ToolChoice:
    kept = Extras(ORIGIN, {}, {WHOLE: document})
    name = document.get("name")
    match document.get("type"):
        case "function" if isinstance(name, str):
            return ToolChoice("named", (name,), extras=kept)
        case "custom" if isinstance(name, str):
            return ToolChoice("named", (name,), kind="custom", extras=kept)
        case "allowed_tools":
            tools = Remainder(document, ORIGIN, path).array("tools") or []
            names = [
                object_at(tool, f"{path}.tools[{index}]").get("name") for index, tool in enumerate(tools)
            ]
            known = tuple(name for name in names if isinstance(name, str))
            return ToolChoice("allowed", known, document.get("mode") == "required", extras=kept)
        case _:
            return ToolChoice("native", native=Extras(ORIGIN, document))
