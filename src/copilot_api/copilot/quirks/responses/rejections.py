"""What a refusal of `/responses` leads to. Source: upstream contract 5.2, 10 (read 2026-11)."""

from typing import Final

from copilot_api.copilot.quirks.base import QuirkContext
from copilot_api.copilot.quirks.documents import DROPPED, Document, documents_in, edit_elements
from copilot_api.copilot.quirks.responses.request import drop_tool
from copilot_api.errors import UpstreamFault
from copilot_api.wire.body import Body

_ID_WORDS: Final = ("item id", ".id'", ".id]", "apiidparam")


def drop_refused_reasoning(body: Body, context: QuirkContext, fault: UpstreamFault) -> str | None:
    """Drop the reasoning whose ciphertext does not verify. A compaction stays: it is the history itself."""
    said = f"{fault.code} {fault.message}".lower()
    if "invalid_encrypted_content" not in said and "encrypted content" not in said:
        return None
    return _drop_reasoning(body)


def _drop_reasoning(body: Body) -> str | None:
    count = edit_elements(body, "input", (b'"reasoning"',), _dropped_reasoning)
    return f"{count} reasoning items dropped: Copilot does not accept their ciphertext" if count else None


def _dropped_reasoning(item: Document) -> object | None:
    return DROPPED if item.get("type") == "reasoning" else None


def drop_refused_ids(body: Body, context: QuirkContext, fault: UpstreamFault) -> str | None:
    """Drop every id but a compaction's; reasoning, whose id is bound to its ciphertext, goes as a whole."""
    said = fault.message.lower()
    if not any(word in said for word in _ID_WORDS):
        return None
    count = edit_elements(body, "input", (b'"id"',), _without_id)
    return f"{count} input item ids dropped" if count else None


def _without_id(item: Document) -> object | None:
    if item.get("type") == "compaction" or "id" not in item:
        return None
    if item.get("type") == "reasoning":
        return DROPPED
    del item["id"]
    return item


def drop_refused_web_search(body: Body, context: QuirkContext, fault: UpstreamFault) -> str | None:
    """Drop the web search tool where other tools remain; alone it is what was asked for, and the refusal stands."""
    if "web_search" not in fault.message and "web search" not in fault.message:
        return None
    tools = documents_in(body.get("tools"))
    if all(str(tool.get("type")).startswith("web_search") for tool in tools):
        return None
    return drop_tool(body, "web_search")
