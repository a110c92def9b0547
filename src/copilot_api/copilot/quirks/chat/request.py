"""Requests to `/chat/completions` as Copilot takes them. Source: upstream contract 4.1, 4.3 (read 2026-11)."""

from typing import Final

from copilot_api.copilot.quirks.base import QuirkContext
from copilot_api.copilot.quirks.documents import (
    SEALED,
    Document,
    documents_in,
    edit_elements,
    elements,
    integer,
    is_document,
    unsealed,
)
from copilot_api.copilot.quirks.rules import nearest_effort, refuses_effort
from copilot_api.errors import UnsupportedContent
from copilot_api.wire.body import Body

MAX_TOOLS: Final = 128
_REASONING: Final = ("reasoning_text", "reasoning_opaque")


def refuse_too_many_tools(body: Body, context: QuirkContext) -> str | None:
    """Refuse more tools than any model takes.

    Raises: UnsupportedContent naming both numbers.
    """
    if body.text("tools").count(b'"function"') <= MAX_TOOLS:
        return None
    count = len(elements(body, "tools") or [])
    if count <= MAX_TOOLS:
        return None
    raise UnsupportedContent(
        f"'tools' has {count} entries and Copilot takes at most {MAX_TOOLS}. Send fewer tools: disable MCP servers "
        "or tool sets that this conversation does not need.",
        param="tools",
    )


def drop_service_tier(body: Body, context: QuirkContext) -> str | None:
    """Drop `service_tier`."""
    if not body.has("service_tier"):
        return None
    body.drop("service_tier")
    return "service_tier dropped"


def repair_effort(body: Body, context: QuirkContext) -> str | None:
    """Send the nearest effort that the catalog lists; none where the model takes none."""
    effort = body.get("reasoning_effort")
    if not isinstance(effort, str):
        return None
    if refuses_effort(context.model):
        body.drop("reasoning_effort")
        return f"reasoning_effort {effort!r} dropped: the model takes none"
    nearest = nearest_effort(effort, context.model.supports.reasoning_efforts)
    if nearest is None:
        return None
    body.set("reasoning_effort", nearest)
    return f"reasoning_effort {effort!r} sent as {nearest!r}"


def drop_nulls(body: Body, context: QuirkContext) -> str | None:
    """Drop the null members of messages, `content` apart: SDK dumps are full of them and they say nothing."""
    return (
        "null fields dropped from messages"
        if edit_elements(body, "messages", (b"null",), _no_nulls)
        else None
    )


def _no_nulls(message: Document) -> Document | None:
    nulls = [name for name, value in message.items() if value is None and name != "content"]
    for name in nulls:
        del message[name]
    return message if nulls else None


def drop_unproven_reasoning(body: Body, context: QuirkContext) -> str | None:
    """Drop `reasoning_text` that no `reasoning_opaque` proves, and blobs that another upstream sealed."""
    changed = edit_elements(body, "messages", (b'"reasoning_text"', SEALED), _proven)
    return "reasoning without its own proof dropped" if changed else None


def _proven(message: Document) -> Document | None:
    before = [message.get(name) for name in _REASONING]
    own = unsealed(message.get("reasoning_opaque"), "chat", "reasoning_opaque")
    if own is not None:
        message["reasoning_opaque"] = own
    if not message.get("reasoning_opaque"):
        for name in _REASONING:
            message.pop(name, None)
    return message if before != [message.get(name) for name in _REASONING] else None


def wrap_image_urls(body: Body, context: QuirkContext) -> str | None:
    """Give an image part the object that the schema wants where a client sent the bare address."""
    changed = edit_elements(body, "messages", (b'"image_url"',), _wrapped)
    return "image_url strings sent as objects" if changed else None


def _wrapped(message: Document) -> Document | None:
    bare = [part for part in documents_in(message.get("content")) if isinstance(part.get("image_url"), str)]
    for part in bare:
        part["image_url"] = {"url": part["image_url"]}
    return message if bare else None


def drop_empty_prediction(body: Body, context: QuirkContext) -> str | None:
    """Drop a prediction that predicts nothing."""
    prediction = body.get("prediction")
    if not is_document(prediction) or prediction.get("content"):
        return None
    body.drop("prediction")
    return "empty prediction dropped"


def clamp_max_tokens(body: Body, context: QuirkContext) -> str | None:
    """Lower the output limit to what the catalog lets the model write."""
    limit = context.model.limits.output_tokens
    notes: list[str] = []
    for name in ("max_tokens", "max_completion_tokens"):
        wanted = integer(body.get(name))
        if limit is not None and wanted is not None and wanted > limit:
            body.set(name, limit)
            notes.append(f"{name} {wanted} sent as {limit}")
    return "; ".join(notes) or None
