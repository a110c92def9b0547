"""`tools` and `toolConfig`: function declarations in either schema language, and Google's own tools.

Owns their words. Source: google-genai 3.4 `types.Tool`, `types.FunctionDeclaration`, `types.FunctionCallingConfig`
(read 2026-11).
"""

from typing import Final

from copilot_api.errors import MalformedRequest
from copilot_api.neutral.extras import JsonObject
from copilot_api.neutral.request import FunctionTool, NativeTool, Tool, ToolChoice
from copilot_api.protocols.gemini.reading.fields import ORIGIN, Fields
from copilot_api.protocols.gemini.reading.schemas import from_dialect, lower_types

_MODES: Final = frozenset(("MODE_UNSPECIFIED", "AUTO", "ANY", "NONE", "VALIDATED"))


def read_tools(request: Fields) -> tuple[tuple[Tool, ...], tuple[str, ...]]:
    """Every tool, and where it stood; an entry may declare functions and switch on several of Google's own at once.

    Raises: MalformedRequest
    """
    tools: list[Tool] = []
    places: list[str] = []
    for entry in request.several("tools"):
        declared = entry.several("functionDeclarations")
        tools += [_read_function(one) for one in declared]
        places += [one.path for one in declared]
        tools += [NativeTool(ORIGIN, name, {name: value}) for name, value in entry.rest().items()]
        places += [entry.at(name) for name in entry.rest()]
    return tuple(tools), tuple(places)


def _read_function(declared: Fields) -> FunctionTool:
    name = declared.text("name")
    if not name:
        path = declared.at("name")
        raise MalformedRequest(f"{path} is missing. Name the function.", param=path)
    dialect = declared.object("parameters")
    json_schema = declared.object("parametersJsonSchema")
    parameters: JsonObject | None = None
    if json_schema is not None:
        parameters = lower_types(json_schema)
    elif dialect is not None:
        parameters = from_dialect(dialect)
    return FunctionTool(name, declared.text("description"), parameters, extras=declared.extras())


def read_choice(request: Fields) -> ToolChoice | None:
    """The choice in `toolConfig`; what is left of it goes into the extras of the request.

    Raises: MalformedRequest
    """
    config = request.nested("toolConfig")
    if config is None:
        return None
    calling = config.nested("functionCallingConfig")
    choice = None if calling is None else _read_calling(calling)
    if calling is not None:
        config.absorb(calling)
    request.absorb(config)
    return choice


def _read_calling(calling: Fields) -> ToolChoice | None:
    mode = calling.word("mode") or "MODE_UNSPECIFIED"
    names = calling.texts("allowedFunctionNames") or ()
    if mode not in _MODES:
        path = calling.at("mode")
        raise MalformedRequest(
            f"{path} must be 'AUTO', 'ANY', 'NONE' or 'VALIDATED', not {mode!r}.", param=path
        )
    if mode == "VALIDATED":
        # Calls that are sure to fit their schema: nobody else has a word for it, so it is reported.
        calling.put("mode", mode)
    is_required = mode == "ANY"
    if mode == "NONE":
        return ToolChoice("none")
    if names:
        if is_required and len(names) == 1:
            return ToolChoice("named", names)
        return ToolChoice("allowed", names, is_required=is_required)
    if is_required:
        return ToolChoice("required")
    return None if mode == "MODE_UNSPECIFIED" else ToolChoice("auto")
