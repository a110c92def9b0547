"""Editing tools that a client declares as freeform (`"type": "custom"`), as function tools.

Owns when that is done and the way back. Three cases:
- a tool with a JSON schema: no freeform tool has one, so upstream would refuse it. It goes out as the function that it
  is, to every model; its arguments come back as the freeform input.
- a real freeform tool for an upstream without them (chat, Messages): the writers wrap it, here nothing is done.
- a real one for Responses: it stays as it is, byte for byte, since Copilot takes it and GPT models were trained on it
  (upstream contract 5.1-5.3). With `useFunctionApplyPatch: true` in the configuration it becomes a function there too.

The client sees the shape that it declared in every case: `custom_tool_call`, streamed or whole.
"""

from typing import Final

import msgspec

from copilot_api.copilot.quirks.documents import Document, decode_element, elements, is_document
from copilot_api.neutral.extras import Extras, JsonObject
from copilot_api.neutral.parts import Part, ToolCall, ToolResult
from copilot_api.neutral.request import CustomTool, FunctionTool, ModelRequest, Tool, ToolChoice, Turn
from copilot_api.protocols.base import ToolNames
from copilot_api.protocols.tools import wrap_custom, wrap_input
from copilot_api.wire.body import Body

NAME: Final = "function-tools"
"""How the record calls it."""
EDITORS: Final = frozenset(
    {"apply_patch", "write", "write_file", "writefiles", "edit", "edit_file", "multi_edit", "multiedit"}
)
"""Names, in lower case, of the tools that clients declare for editing files (reference gateway, README)."""
_SCHEMAS: Final = ("parameters", "input_schema")
_NEEDLE: Final = b'"custom"'


def needs_functions(body: bytes, is_asked: bool) -> bool:
    """Whether a request for Responses itself declares a tool that cannot, or is not to, go out as it is."""
    if _NEEDLE not in body:
        return False
    for text in elements(Body(body), "tools") or []:
        tool = decode_element(text) if _NEEDLE in text else None
        if not is_document(tool) or tool.get("type") != "custom" or not _is_editor(tool.get("name")):
            continue
        if is_asked or _has_schema(tool):
            return True
    return False


def _is_editor(name: object) -> bool:
    return isinstance(name, str) and name.lower() in EDITORS


def _has_schema(tool: Document) -> bool:
    return any(is_document(tool.get(name)) for name in _SCHEMAS)


def with_functions(request: ModelRequest, is_asked: bool) -> tuple[ModelRequest, ToolNames]:
    """A request whose freeform editing tools are functions, and the way back for the answer.

    `is_asked`: also those without a schema. The very request comes back where there is none.
    """
    schemas: dict[str, JsonObject | None] = {}
    tools: list[Tool] = []
    for tool in request.tools:
        function = _function(tool, is_asked)
        if function is not None:
            schemas[function.name] = _schema_of(tool)
        tools.append(function or tool)
    if not schemas:
        return request, ToolNames()
    calls = frozenset(
        part.id
        for turn in request.turns
        for part in turn.parts
        if isinstance(part, ToolCall)
        and (part.kind, part.namespace) == ("custom", None)
        and part.name in schemas
    )
    rewritten = msgspec.structs.replace(
        request,
        tools=tuple(tools),
        tool_choice=_choice(request.tool_choice, schemas),
        turns=tuple(_turn(turn, schemas, calls) for turn in request.turns),
    )
    return rewritten, ToolNames(back={name: (name, None, "custom") for name in schemas})


def joined(names: ToolNames, others: ToolNames) -> ToolNames:
    """Both ways back; what a writer renamed comes first."""
    if not others.back:
        return names
    return ToolNames(back={**others.back, **names.back}, wrapped=names.wrapped)


def _schema_of(tool: Tool) -> JsonObject | None:
    extras = tool.extras if isinstance(tool, CustomTool) else None
    fields = extras.fields if extras is not None else {}
    for name in _SCHEMAS:
        schema = fields.get(name)
        if isinstance(schema, dict):
            return schema
    return None


def _function(tool: Tool, is_asked: bool) -> FunctionTool | None:
    if not isinstance(tool, CustomTool) or not _is_editor(tool.name):
        return None
    schema = _schema_of(tool)
    if schema is not None:
        return FunctionTool(tool.name, tool.description, schema, strict=False)
    if not is_asked:
        return None
    return msgspec.structs.replace(wrap_custom(tool, tool.name), strict=False)


def _choice(choice: ToolChoice | None, schemas: dict[str, JsonObject | None]) -> ToolChoice | None:
    """The choice, with no name of a kind that is gone: one of several kinds is said as the functions alone."""
    if choice is None or schemas.keys().isdisjoint(choice.names):
        return choice
    return msgspec.structs.replace(choice, kind="function", extras=None)


def _turn(turn: Turn, schemas: dict[str, JsonObject | None], calls: frozenset[str]) -> Turn:
    parts = tuple(_part(part, schemas, calls) for part in turn.parts)
    return turn if parts == turn.parts else msgspec.structs.replace(turn, parts=parts)


def _part(part: Part, schemas: dict[str, JsonObject | None], calls: frozenset[str]) -> Part:
    match part:
        case ToolCall() if part.id in calls and part.name in schemas:
            has_schema = schemas[part.name] is not None
            arguments = part.arguments if has_schema else wrap_input(part.arguments)
            extras = _untyped(part.extras)
            return msgspec.structs.replace(part, kind="function", arguments=arguments, extras=extras)
        case ToolResult() if part.call_id in calls:
            return msgspec.structs.replace(part, kind="function", extras=_untyped(part.extras))
        case _:
            return part


def _untyped(extras: Extras | None) -> Extras | None:
    """What an item said besides, without the type that it no longer has and the id that goes with it."""
    if extras is None:
        return None
    spelled = {name: value for name, value in extras.spelled.items() if name not in ("type", "id")}
    return Extras(extras.origin, extras.fields, spelled)
