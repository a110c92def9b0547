"""A request's tools and tool choice for a target that knows nothing but functions (chat, Messages).

Owns what is reported about them. The writers own the spelling.
"""

from typing import Final

import msgspec

from copilot_api.errors import UnsupportedContent
from copilot_api.neutral.request import (
    CustomTool,
    FunctionTool,
    ModelRequest,
    Namespace,
    NativeTool,
    ToolChoice,
)
from copilot_api.protocols.base import Target
from copilot_api.protocols.losses import Losses
from copilot_api.protocols.spelling import title
from copilot_api.protocols.tools.naming import Naming

_PLACEHOLDER: Final = "DeferredToolPlaceholder"
"""What Claude Code declares so that a server with deferred tools knows there will be some. Nobody can call it.
Source: recorded requests of Claude Code 2.1.330 (read 2026-11)."""


def write_functions(
    request: ModelRequest, target: Target, naming: Naming, losses: Losses
) -> tuple[FunctionTool, ...]:
    """All tools as functions with the target's names; what cannot be said is noted.

    Raises: UnsupportedContent when there are more than the target takes.
    """
    functions: dict[str, FunctionTool] = {}
    for index, tool in enumerate(request.tools):
        path = losses.tool(index)
        for function in _functions(tool, path, naming, losses):
            if function.name in functions:
                losses.drop(path, f"the name {function.name!r} is declared twice")
            else:
                functions[function.name] = function
    if len(functions) > target.max_tools:
        raise UnsupportedContent(
            f"'tools' has {len(functions)} tools and the model {target.model!r} takes at most {target.max_tools}. "
            "Send fewer: disable MCP servers or tool sets that this conversation does not need.",
            param="tools",
        )
    return tuple(functions.values())


def _functions(
    tool: FunctionTool | CustomTool | Namespace | NativeTool, path: str, naming: Naming, losses: Losses
) -> list[FunctionTool]:
    match tool:
        case NativeTool():
            losses.drop(path, f"the tool {tool.type!r} is run by a server that speaks {title(tool.origin)}")
            return []
        case Namespace():
            rest = ", and its description is left out" if tool.description else ""
            losses.approximate(path, f"the namespace {tool.name!r} became part of its tools' names{rest}")
            losses.drop_extras(path, tool.extras)
            return [
                _function(inner, f"{path}.tools[{at}]", naming, losses, tool.name)
                for at, inner in enumerate(tool.tools)
            ]
        case FunctionTool() if tool.is_deferred and tool.name == _PLACEHOLDER:
            losses.spare(path, "a placeholder that nobody can call")
            return []
        case _:
            return [_function(tool, path, naming, losses, None)]


def _function(
    tool: FunctionTool | CustomTool, path: str, naming: Naming, losses: Losses, namespace: str | None
) -> FunctionTool:
    losses.drop_extras(path, tool.extras)
    function = naming.function(tool, namespace)
    if isinstance(tool, CustomTool):
        losses.approximate(path, "a freeform tool became a function with one text property")
        if tool.format is not None and tool.format.get("type") == "text":
            losses.spare(losses.at(path, "format"), "text is what a freeform tool takes anyway")
        return function
    if tool.is_deferred:
        losses.spare(f"{path}.defer_loading", "the tool is there from the start")
    if naming.is_wrapped(function.name):
        place = losses.at(path, "parameters")
        losses.approximate(place, "the schema's root is no plain object: it stands under 'input'")
    return msgspec.structs.replace(function, is_deferred=False, extras=None)


def write_choice(request: ModelRequest, naming: Naming, has_tools: bool, losses: Losses) -> ToolChoice | None:
    """The tool choice in the target's names; None when it would dangle, which is noted.

    `names` of the result are declared functions of the target; "native" never comes out.
    """
    choice = request.tool_choice
    if choice is None:
        return None
    word = losses.word("tool_choice")
    losses.drop_extras(word, choice.extras)
    if not has_tools:
        # Without tools there is nothing to choose: every target refuses to be told, and "none" is what happens.
        if choice.mode in ("required", "named", "native"):
            losses.drop(word, "no tool is left to choose")
        return None
    if choice.mode == "native":
        losses.drop(word, f"only {title(request.origin)} can say this choice")
        return None
    if choice.mode not in ("named", "allowed"):
        return ToolChoice(choice.mode)
    found = [known for name in choice.names if (known := naming.find(name)) is not None]
    if len(found) < len(choice.names) or not found:
        missing = [name for name in choice.names if naming.find(name) is None]
        losses.drop(word, f"no tool is declared under {missing!r}")
    if not found:
        return None
    return ToolChoice(choice.mode, tuple(known[0] for known in found), choice.is_required)
