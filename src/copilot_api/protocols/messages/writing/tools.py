"""Tools, tool choice and answer schema as Messages spells them.

Source: anthropic-python 2.12 `types/tool_param.py`, `types/tool_choice_param.py`, `types/output_config_param.py`;
upstream contract 6.3 (read 2026-11).
"""

from typing import Final

from copilot_api.errors import UnsupportedContent
from copilot_api.neutral.extras import Json, JsonObject
from copilot_api.neutral.request import FunctionTool, ModelRequest, NativeTool, OutputFormat, ToolChoice
from copilot_api.protocols.base import Target
from copilot_api.protocols.losses import Losses
from copilot_api.protocols.messages.slots import ORIGIN
from copilot_api.protocols.messages.writing.parts import PartWriter
from copilot_api.protocols.tools import Naming, write_choice, write_functions

JSON_ONLY: Final = "Answer with one JSON object and nothing else: no words around it, no code fence."
"""What `json_object` becomes: Messages has schemas, but no plain JSON mode."""


def write_own_tools(request: ModelRequest, writer: PartWriter) -> list[Json]:
    """The tools of a Messages request, exactly as they were."""
    tools: list[Json] = []
    for index, tool in enumerate(request.tools):
        if isinstance(tool, FunctionTool):
            tools.append(_tool(tool, writer, f"tools[{index}]"))
        elif isinstance(tool, NativeTool) and tool.origin == ORIGIN:
            tools.append(tool.document)
    return tools


def _tool(tool: FunctionTool, writer: PartWriter, path: str) -> JsonObject:
    document: JsonObject = {"name": tool.name}
    if tool.description is not None:
        document["description"] = tool.description
    if tool.parameters is not None:
        document["input_schema"] = tool.parameters
    if tool.strict is not None:
        document["strict"] = tool.strict
    if tool.is_deferred:
        document["defer_loading"] = True
    return writer.marked(document, tool.cache, tool.extras, path)


def write_own_choice(request: ModelRequest, writer: PartWriter) -> JsonObject | None:
    """The tool choice of a Messages request, exactly as it was."""
    choice = request.tool_choice
    if choice is None:
        return None
    document: JsonObject = {}
    if choice.mode == "native":
        writer.put_back(document, choice.native, "tool_choice")
        return document
    document = _choice(choice)
    if request.parallel_tool_calls is not None:
        document["disable_parallel_tool_use"] = not request.parallel_tool_calls
    writer.put_back(document, choice.extras, "tool_choice")
    return document


def _choice(choice: ToolChoice) -> JsonObject:
    if choice.mode == "named":
        return {"type": "tool", "name": choice.names[0]}
    return {"type": "any" if choice.mode == "required" else choice.mode}


def write_tools(
    request: ModelRequest, target: Target, naming: Naming, writer: PartWriter, losses: Losses
) -> tuple[list[Json], JsonObject | None]:
    """Tools and tool choice of a request from another protocol.

    Raises: UnsupportedContent
    """
    functions = write_functions(request, target, naming, losses)
    choice = write_choice(request, naming, bool(functions), losses)
    if choice is not None and choice.mode == "allowed":
        functions = tuple(function for function in functions if function.name in choice.names)
        choice = ToolChoice("required" if choice.is_required else "auto")
    tools: list[Json] = []
    for function in functions:
        document: JsonObject = {"name": function.name, "input_schema": function.parameters}
        if function.description:
            document["description"] = function.description
        if function.strict and target.has_structured_outputs:
            document["strict"] = True
        tools.append(writer.marked(document, function.cache, None, "tools[]"))
    document = _choice(choice) if choice is not None else {}
    if functions and request.parallel_tool_calls is False and document.get("type") != "none":
        document = {"type": "auto", **document, "disable_parallel_tool_use": True}
    return tools, document or None


def write_format(
    format: OutputFormat | None, target: Target, losses: Losses
) -> tuple[JsonObject | None, str | None]:
    """The answer's format for `output_config`, and words for the system where there is no format for it.

    Raises: UnsupportedContent when the model takes no schemas.
    """
    if format is None:
        return None, None
    word = losses.word("output_format")
    losses.drop_extras(word, format.extras)
    if format.kind == "text":
        losses.spare(word, "an answer is text anyway")
        return None, None
    if format.kind == "json_object" or format.schema is None:
        losses.approximate(word, "Messages has no JSON mode without a schema: asked for in words")
        return None, JSON_ONLY
    if not target.has_structured_outputs:
        raise UnsupportedContent(
            f"{word!r} asks for a JSON schema and the model {target.model!r} takes none. Describe the form "
            "in the prompt, or choose a model with structured outputs.",
            param=word,
        )
    if format.name:
        losses.spare(f"{word}.name", "a label, which Messages does without")
    if format.strict is not None:
        losses.spare(f"{word}.strict", "Messages holds every answer to its schema")
    described: JsonObject = {"description": format.description} if format.description else {}
    return {"type": "json_schema", "schema": _closed({**described, **format.schema})}, None


def _closed(schema: JsonObject) -> JsonObject:
    """The schema with `additionalProperties: false` on every object that does not say.

    Anthropic refuses objects without it ("'additionalProperties' must be explicitly set to false").
    Source: anthropic-python 2.12 `lib/_parse/_transform.py` (read 2026-11).
    """
    closed: JsonObject = {name: _closed_in(value) for name, value in schema.items()}
    if schema.get("type") == "object" and "additionalProperties" not in schema:
        closed["additionalProperties"] = False
    return closed


def _closed_in(value: Json) -> Json:
    if isinstance(value, dict):
        return _closed(value)
    return [_closed_in(item) for item in value] if isinstance(value, list) else value
