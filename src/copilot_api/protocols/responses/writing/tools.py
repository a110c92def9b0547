"""Tools and the choice among them, as Responses has them.

Owns the tool shapes going out. Freeform tools and namespaces stand as they are; only names and schemas that the
API refuses are repaired, reversibly.
Source: openai-python 3.54, types/responses: tool_param, namespace_tool_param, tool_choice_*_param (read 2026-11).
"""

from typing import Final

from copilot_api.errors import UnsupportedContent
from copilot_api.neutral.extras import Json, JsonObject
from copilot_api.neutral.request import (
    CustomTool,
    FunctionTool,
    ModelRequest,
    Namespace,
    NativeTool,
    Tool,
    ToolChoice,
)
from copilot_api.protocols.base import Target
from copilot_api.protocols.losses import Losses
from copilot_api.protocols.responses.reading.content import ORIGIN
from copilot_api.protocols.responses.reading.tools import WHOLE
from copilot_api.protocols.responses.writing.content import is_own, note_cache, rejoin
from copilot_api.protocols.spelling import title
from copilot_api.protocols.tools import Naming

_PLACEHOLDER: Final = "DeferredToolPlaceholder"
"""What Claude Code declares so that a server with deferred tools knows there will be some. Nobody can call it.
Source: recorded requests of Claude Code 2.1.330 (read 2026-11)."""


def own_tool(tool: Tool) -> JsonObject:
    """A tool as it was read, or as it would be said of itself where it came from elsewhere."""
    document: JsonObject
    match tool:
        case FunctionTool():
            document = {"type": "function", "name": tool.name}
            if tool.parameters is not None:
                document["parameters"] = tool.parameters
            if tool.strict is not None:
                document["strict"] = tool.strict
            if tool.is_deferred:
                document["defer_loading"] = True
        case CustomTool():
            document = {"type": "custom", "name": tool.name}
            if tool.format is not None:
                document["format"] = tool.format
        case Namespace():
            inner: list[Json] = [own_tool(one) for one in tool.tools]
            document = {"type": "namespace", "name": tool.name, "tools": inner}
        case _:
            return tool.document
    if tool.description is not None:
        document["description"] = tool.description
    return rejoin(document, tool.extras)


def own_choice(choice: ToolChoice) -> Json:
    """A choice as it was read, or in our words where it came from elsewhere."""
    for kept in (choice.native, choice.extras):
        if kept is not None and kept.origin == ORIGIN:
            return kept.spelled.get(WHOLE, kept.fields)
    return _choice(choice.mode, [(name, choice.kind) for name in choice.names], choice.is_required)


def _choice(mode: str, tools: list[tuple[str, str]], is_required: bool) -> Json:
    if mode == "named" and tools:
        return {"type": tools[0][1], "name": tools[0][0]}
    if mode == "allowed":
        allowed: list[Json] = [{"type": kind, "name": name} for name, kind in tools]
        return {"type": "allowed_tools", "mode": "required" if is_required else "auto", "tools": allowed}
    return mode if mode in ("none", "required") else "auto"


class ToolWriter:
    """Writes the tools of another protocol's request."""

    def __init__(self, request: ModelRequest, target: Target, naming: Naming, losses: Losses) -> None:
        self._request = request
        self._target = target
        self._naming = naming
        self._losses = losses

    def tools(self) -> list[Json]:
        """Every tool that can be said; what a foreign server runs is noted as lost.

        Raises: UnsupportedContent when there are more than the target takes.
        """
        written: list[Json] = []
        names: set[Json] = set()
        for index, tool in enumerate(self._request.tools):
            path = self._losses.tool(index)
            document = self._tool(tool, path)
            if document is None:
                continue
            if document["name"] in names:
                self._losses.drop(path, f"the name {document['name']!r} is declared twice")
                continue
            names.add(document["name"])
            written.append(document)
        if len(written) > self._target.max_tools:
            raise UnsupportedContent(
                f"'tools' has {len(written)} tools and the model {self._target.model!r} takes at most "
                f"{self._target.max_tools}. Send fewer: disable MCP servers or tool sets that this conversation "
                "does not need.",
                param="tools",
            )
        return written

    def _tool(self, tool: Tool, path: str) -> JsonObject | None:
        match tool:
            case NativeTool():
                said = f"the tool {tool.type!r} is run by a server that speaks {title(tool.origin)}"
                self._losses.drop(path, said)
                return None
            case Namespace():
                self._losses.drop_extras(path, tool.extras)
                tools: list[Json] = [
                    self._plain(one, f"{path}.tools[{at}]", tool.name) for at, one in enumerate(tool.tools)
                ]
                # A description is required, and some deployments refuse an empty one.
                said = tool.description or tool.name
                return {"type": "namespace", "name": tool.name, "description": said, "tools": tools}
            case FunctionTool() if tool.is_deferred and tool.name == _PLACEHOLDER:
                self._losses.spare(path, "a placeholder that nobody can call")
                return None
            case _:
                return self._plain(tool, path, None)

    def _plain(self, tool: FunctionTool | CustomTool, path: str, namespace: str | None) -> JsonObject:
        if not is_own(tool.extras):
            self._losses.drop_extras(path, tool.extras)
        if isinstance(tool, CustomTool):
            return self._custom(tool, namespace)
        function = self._naming.function(tool, namespace)
        if tool.is_deferred:
            self._losses.spare(f"{path}.defer_loading", "the tool is there from the start")
        if self._naming.is_wrapped(function.name):
            place = self._losses.at(path, "parameters")
            self._losses.approximate(place, "the schema's root is no plain object: it stands under 'input'")
        if tool.cache is not None:
            note_cache(self._losses, path)
        document: JsonObject = {"type": "function", "name": function.name}
        if function.description is not None:
            document["description"] = function.description
        document["parameters"] = function.parameters
        # Unsaid, this API takes a function for strict and refuses most schemas; everywhere else unsaid means no.
        document["strict"] = function.strict if function.strict is not None else False
        return document

    def _custom(self, tool: CustomTool, namespace: str | None) -> JsonObject:
        document: JsonObject = {"type": "custom", "name": self._naming.name(tool.name, namespace, "custom")}
        if tool.description is not None:
            document["description"] = tool.description
        if tool.format is not None:
            document["format"] = _flat(tool.format)
        return document

    def choice(self, tools: list[Json]) -> Json:
        """The choice among the written tools; None when it would dangle, which is noted where it matters."""
        choice = self._request.tool_choice
        if choice is None:
            return None
        word = self._losses.word("tool_choice")
        self._losses.drop_extras(word, choice.extras)
        if not tools:
            # Without tools there is nothing to choose, and to be told so is refused.
            if choice.mode in ("required", "named", "native"):
                self._losses.drop(word, "no tool is left to choose")
            return None
        if choice.mode == "native":
            self._losses.drop(word, f"only {title(self._request.origin)} can say this choice")
            return None
        if choice.mode not in ("named", "allowed"):
            return choice.mode
        found = [known for name in choice.names if (known := self._naming.find(name)) is not None]
        if len(found) < len(choice.names) or not found:
            missing = [name for name in choice.names if self._naming.find(name) is None]
            self._losses.drop(word, f"no tool is declared under {missing!r}")
        if not found:
            return None
        return _choice(choice.mode, [(name, kind) for name, kind, _ in found], choice.is_required)


def _flat(form: JsonObject) -> JsonObject:
    """A grammar as this API spells it; chat nests it one level deeper."""
    nested = form.get("grammar")
    if form.get("type") == "grammar" and isinstance(nested, dict):
        return {"type": "grammar", **nested}
    return form
