"""Tools and tool choice of a Messages request into the hub.

Source: anthropic-python 2.12 `types/tool_param.py`, `types/tool_choice_param.py` (read 2026-11).
"""

from copilot_api.errors import MalformedRequest
from copilot_api.neutral.extras import Extras, Json, Remainder
from copilot_api.neutral.request import FunctionTool, NativeTool, Tool, ToolChoice
from copilot_api.protocols.messages.reading.blocks import required_text, take_cache
from copilot_api.protocols.messages.slots import ORIGIN


def read_tools(rest: Remainder) -> tuple[Tool, ...]:
    """The tools of a request; server tools are carried whole.

    Raises: MalformedRequest
    """
    if rest.peek("tools") == []:
        rest.keep("tools")
    return tuple(_tool(value, f"tools[{index}]") for index, value in enumerate(rest.array("tools") or ()))


def _tool(value: Json, path: str) -> Tool:
    if not isinstance(value, dict):
        raise MalformedRequest(f"{path} must be an object, not {value!r:.80}.", param=path)
    rest = Remainder(value, ORIGIN, path)
    kind = rest.text("type")
    if kind is not None and kind != "custom":
        return NativeTool(ORIGIN, kind, value)
    if kind is not None:
        rest.spell("type", kind)
    is_deferred = rest.peek("defer_loading") is True
    if is_deferred:
        rest.flag("defer_loading")
    else:
        rest.keep("defer_loading")
    return FunctionTool(
        name=required_text(rest, "name"),
        description=rest.text("description"),
        parameters=rest.object("input_schema"),
        strict=rest.flag("strict"),
        is_deferred=is_deferred,
        cache=take_cache(rest),
        extras=rest.extras(),
    )


def read_choice(rest: Remainder) -> tuple[ToolChoice | None, bool | None]:
    """The tool choice, and whether parallel calls are allowed where the client said so.

    Raises: MalformedRequest
    """
    inner = rest.nested("tool_choice")
    if inner is None:
        return None, None
    kind = inner.peek("type")
    if kind not in ("auto", "any", "tool", "none"):
        return ToolChoice("native", native=inner.extras() or Extras(ORIGIN, {})), None
    inner.take("type")
    disabled = inner.flag("disable_parallel_tool_use")
    parallel = None if disabled is None else not disabled
    if kind == "tool":
        names = (required_text(inner, "name"),)
        return ToolChoice("named", names, extras=inner.extras()), parallel
    if kind == "any":
        return ToolChoice("required", extras=inner.extras()), parallel
    return ToolChoice("auto" if kind == "auto" else "none", extras=inner.extras()), parallel
