"""Requests to `/responses` as Copilot takes them. Source: upstream contract 5.1-5.3 (read 2026-11)."""

from typing import Final

from copilot_api.copilot.quirks.base import QuirkContext
from copilot_api.copilot.quirks.documents import (
    DROPPED,
    Document,
    decode_element,
    documents_in,
    edit_elements,
    elements,
    encode,
    fields_of,
    integer,
    is_document,
    join,
    unsealed,
)
from copilot_api.copilot.quirks.rules import nearest_effort
from copilot_api.errors import UnsupportedContent
from copilot_api.neutral.opaque import open_sealed
from copilot_api.wire.body import Body

PAIRED: Final = frozenset({"reasoning", "compaction"})
"""Items whose id is bound into their ciphertext: only the exact pair replays (contract 5.2)."""
ID_REQUIRED: Final = frozenset(
    {
        "item_reference", "web_search_call", "file_search_call", "computer_call", "code_interpreter_call",
        "image_generation_call", "mcp_call", "mcp_list_tools", "mcp_approval_request",
    }
)  # fmt: skip
"""Items whose published schema demands an id; theirs is kept while it is short enough."""
MAX_ID_CHARS: Final = 64
MIN_OUTPUT_TOKENS: Final = 16
RESERVED_NAMESPACE: Final = "collaboration"
RENAMED_NAMESPACE: Final = "collaboration_tools"
_STATELESS: Final = (
    "Copilot stores no responses. Send the full history in 'input' with store=false and "
    'include=["reasoning.encrypted_content"], which makes reasoning replayable.'
)


def refuse_stored_state(body: Body, context: QuirkContext) -> str | None:
    """Refuse what refers to a stored response.

    Raises: UnsupportedContent naming the field and the stateless way.
    """
    for name in ("previous_response_id", "conversation"):
        if body.get(name) is not None:
            raise UnsupportedContent(f"{name!r} cannot be resolved: {_STATELESS}", param=name)
    if b'"item_reference"' in body.text("input"):
        for index, item in enumerate(documents_in(body.get("input"))):
            if item.get("type") == "item_reference":
                where = f"input[{index}]"
                raise UnsupportedContent(f"{where!r} refers to a stored item: {_STATELESS}", param=where)
    return None


def unset_store(body: Body, context: QuirkContext) -> str | None:
    """Send `store: true` as false."""
    if body.get("store") is not True:
        return None
    body.set("store", False)
    return "store sent as false: Copilot stores nothing"


def drop_service_tier(body: Body, context: QuirkContext) -> str | None:
    """Drop `service_tier`."""
    if not body.has("service_tier"):
        return None
    body.drop("service_tier")
    return "service_tier dropped"


def drop_image_generation(body: Body, context: QuirkContext) -> str | None:
    """Drop the image generation tool and a choice that points at it."""
    return drop_tool(body, "image_generation")


def drop_tool(body: Body, kind: str) -> str | None:
    """Drop the built-in tools whose type begins with `kind`, and a choice that would be left dangling."""
    needle = b'"' + kind.encode()

    def dropped(tool: Document) -> object | None:
        return DROPPED if str(tool.get("type")).startswith(kind) else None

    if not edit_elements(body, "tools", (needle,), dropped):
        return None
    choice = body.get("tool_choice")
    is_dangling = is_document(choice) and str(choice.get("type")).startswith(kind)
    if body.text("tools") == b"[]":
        body.drop("tools")
        body.drop("tool_choice")
    elif is_dangling:
        body.set("tool_choice", "auto")
    return f"{kind} tool dropped"


def repair_items(body: Body, context: QuirkContext) -> str | None:
    """Drop ids that are not bound to anything, and give sealed pairs back their own.

    Upstream hands out ids of hundreds of characters that it then refuses above 64, and refuses short ones of an
    earlier connection; without an id an item is always taken. Reasoning without ciphertext refers to a stored
    item and goes; ciphertext of another origin goes too.
    """
    text = body.text("input")
    if b'"id"' not in text and b'"reasoning"' not in text and b'"compaction"' not in text:
        return None
    kept: list[bytes] = []
    changed = 0
    for part in elements(body, "input") or []:
        new = _repaired_item(part)
        changed += new is not part
        if new is not None:
            kept.append(new)
    if not changed:
        return None
    body.set_text("input", join(kept))
    return f"ids of {changed} input items dropped or restored"


def _repaired_item(part: bytes) -> bytes | None:
    """The item as it is to be sent; the same object when untouched, None when it goes."""
    fields = fields_of(part)
    if fields is None:
        return part
    kind = bytes(fields.get("type", b"")).decode().strip('"')
    if kind in PAIRED:
        item = decode_element(part)
        new = _repaired_pair(item) if is_document(item) else None
        return part if new is None else None if new is DROPPED else encode(new)
    if "id" not in fields or (kind in ID_REQUIRED and len(bytes(fields["id"])) <= MAX_ID_CHARS + 2):
        return part
    del fields["id"]
    return encode(fields)


def _repaired_pair(item: Document) -> object | None:
    text = item.get("encrypted_content")
    if not isinstance(text, str) or not text:
        return DROPPED
    own = unsealed(text, "responses", "encrypted_content")
    if own is None:
        return None
    opaque = open_sealed(text)
    if not own or opaque is None:
        return DROPPED
    item["encrypted_content"] = own
    if "id" in opaque.payload:
        item["id"] = opaque.payload["id"]
    else:
        item.pop("id", None)
    return item


def repair_output_limit(body: Body, context: QuirkContext) -> str | None:
    """Keep `max_output_tokens` between the API's floor and the model's ceiling."""
    wanted = integer(body.get("max_output_tokens"))
    if wanted is None:
        return None
    limit = context.model.limits.output_tokens
    allowed = max(wanted, MIN_OUTPUT_TOKENS)
    allowed = allowed if limit is None else min(allowed, max(limit, MIN_OUTPUT_TOKENS))
    if allowed == wanted:
        return None
    body.set("max_output_tokens", allowed)
    return f"max_output_tokens {wanted} sent as {allowed}"


def repair_effort(body: Body, context: QuirkContext) -> str | None:
    """Send the nearest effort that the catalog lists."""
    reasoning = body.get("reasoning")
    effort = reasoning.get("effort") if is_document(reasoning) else None
    if not is_document(reasoning) or not isinstance(effort, str):
        return None
    nearest = nearest_effort(effort, context.model.supports.reasoning_efforts)
    if nearest is None:
        return None
    body.set("reasoning", {**reasoning, "effort": nearest})
    return f"reasoning.effort {effort!r} sent as {nearest!r}"


def describe_namespaces(body: Body, context: QuirkContext) -> str | None:
    """Give a namespace tool without a description its name as one."""
    changed = edit_elements(body, "tools", (b'"namespace"',), _described)
    changed += edit_elements(body, "input", (b'"additional_tools"',), _described_inside)
    return "empty namespace descriptions filled" if changed else None


def _described(tool: Document) -> Document | None:
    if tool.get("type") != "namespace" or tool.get("description"):
        return None
    tool["description"] = tool.get("name")
    return tool


def _described_inside(item: Document) -> Document | None:
    changed = [tool for tool in documents_in(item.get("tools")) if _described(tool) is not None]
    return item if changed else None


def rename_reserved_namespace(body: Body, context: QuirkContext) -> str | None:
    """Call a namespace `collaboration` otherwise; the answer's calls are given the old name back (frames.py)."""
    needle = (b'"' + RESERVED_NAMESPACE.encode() + b'"',)
    if not edit_elements(body, "tools", needle, _renamed_tool):
        return None
    edit_elements(body, "input", needle, _renamed_call)
    return f"namespace {RESERVED_NAMESPACE!r} sent as {RENAMED_NAMESPACE!r}"


def _renamed_tool(tool: Document) -> Document | None:
    if tool.get("type") != "namespace" or tool.get("name") != RESERVED_NAMESPACE:
        return None
    tool["name"] = RENAMED_NAMESPACE
    return tool


def _renamed_call(item: Document) -> Document | None:
    if item.get("namespace") != RESERVED_NAMESPACE:
        return None
    item["namespace"] = RENAMED_NAMESPACE
    return item
