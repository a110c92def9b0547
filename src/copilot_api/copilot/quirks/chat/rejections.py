"""What a refusal of `/chat/completions` leads to. Source: upstream contract 4.1, 4.3 (read 2026-11)."""

from copilot_api.copilot.quirks.base import QuirkContext
from copilot_api.copilot.quirks.documents import Document, edit_elements
from copilot_api.errors import UpstreamFault
from copilot_api.wire.body import Body


def rename_max_tokens(body: Body, context: QuirkContext, fault: UpstreamFault) -> str | None:
    """Send the output limit under the name that this model takes."""
    for name, other in (("max_tokens", "max_completion_tokens"), ("max_completion_tokens", "max_tokens")):
        if body.has(name) and f"'{name}'" in fault.message and "parameter" in fault.message:
            if not body.has(other):
                body.set(other, body.get(name))
            body.drop(name)
            return f"{name} sent as {other}"
    return None


def drop_refused_reasoning(body: Body, context: QuirkContext, fault: UpstreamFault) -> str | None:
    """Drop the reasoning of earlier turns that does not verify."""
    if (
        "thinking" not in fault.message
        and "thought" not in fault.message
        and "reasoning_" not in fault.message
    ):
        return None
    changed = edit_elements(
        body, "messages", (b'"reasoning_text"', b'"reasoning_opaque"'), _without_reasoning
    )
    return "reasoning of earlier turns dropped: Copilot does not accept it" if changed else None


def _without_reasoning(message: Document) -> Document | None:
    found = [name for name in ("reasoning_text", "reasoning_opaque") if name in message]
    for name in found:
        del message[name]
    return message if found else None


def loosen_tool_choice(body: Body, context: QuirkContext, fault: UpstreamFault) -> str | None:
    """Leave the choice of a tool to the model where `required` is refused."""
    if body.get("tool_choice") != "required" or "tool_choice" not in fault.message:
        return None
    body.set("tool_choice", "auto")
    return "tool_choice 'required' sent as 'auto'"


def rename_developer(body: Body, context: QuirkContext, fault: UpstreamFault) -> str | None:
    """Send `developer` messages as `system` to models that do not know the role."""
    if "developer" not in fault.message and "role" not in fault.message:
        return None
    changed = edit_elements(body, "messages", (b'"developer"',), _as_system)
    return "developer messages sent as system messages" if changed else None


def _as_system(message: Document) -> Document | None:
    if message.get("role") != "developer":
        return None
    message["role"] = "system"
    return message
