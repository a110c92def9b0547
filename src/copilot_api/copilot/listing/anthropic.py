"""Anthropic's model list, with its cursors.

Source: anthropic-python 2.12, types/model_info.py (read 2026-11).
Beside its fields an entry carries `supported_endpoints` and, for an alias, `alias_of`.
"""

import re
from collections.abc import Sequence

from copilot_api.copilot.catalog.model import Model
from copilot_api.copilot.listing.entries import Entry
from copilot_api.errors import MalformedRequest

MAX_LIMIT = 1000
"""The largest page Anthropic allows, and our default: who never turns a page still sees every model."""

_LINES = ("haiku", "sonnet", "opus", "fable", "mythos")
_LEVELS = ("low", "medium", "high", "xhigh", "max")


def render_anthropic(
    entries: Sequence[Entry],
    *,
    limit: str | None = None,
    after_id: str | None = None,
    before_id: str | None = None,
) -> dict[str, object]:
    """Return one page; the arguments are the query's texts as they came.

    Shape: {"data": [...], "has_more": bool, "first_id": str | None, "last_id": str | None}
    Raises: MalformedRequest for a limit outside 1 to 1000 or a cursor that names no model.
    """
    size = _limit(limit)
    ids = [entry.id for entry in entries]
    if after_id:
        start = _position(ids, after_id, "after_id") + 1
        page, has_more = entries[start : start + size], start + size < len(entries)
    elif before_id:
        end = _position(ids, before_id, "before_id")
        page, has_more = entries[max(end - size, 0) : end], end - size > 0
    else:
        page, has_more = entries[:size], size < len(entries)
    return {
        "data": [render_anthropic_model(entry) for entry in page],
        "has_more": has_more,
        "first_id": page[0].id if page else None,
        "last_id": page[-1].id if page else None,
    }


def render_anthropic_model(entry: Entry) -> dict[str, object]:
    """Return one model. Shape: {"type": "model", "id", "display_name", "created_at", "lifecycle", ...}."""
    model = entry.model
    is_leaving = any(notice.code == "pending-deprecation" for notice in (*model.infos, *model.warnings))
    words = re.split(r"[^a-z]+", model.id)
    rendered: dict[str, object] = {
        "type": "model",
        "id": entry.id,
        "display_name": entry.display_name,
        "created_at": entry.released.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "lifecycle": "deprecated" if is_leaving else "active",
        "deprecated_at": None,
        "retires_at": None,
        "line": next((line for line in _LINES if "claude" in words and line in words), None),
        "max_input_tokens": entry.input_tokens,
        "max_tokens": model.limits.output_tokens,
        "capabilities": _capabilities(model),
        "supported_endpoints": sorted(model.endpoints),
    }
    if entry.alias_of is not None:
        rendered["alias_of"] = entry.alias_of
    return rendered


def _capabilities(model: Model) -> dict[str, object]:
    supports, efforts = model.supports, model.supports.reasoning_efforts
    has_budget = supports.max_thinking_budget is not None
    effort: dict[str, object] = {level: _support(level in efforts) for level in _LEVELS}
    return {
        "batch": _support(False),  # Copilot has no batches (contract 2.1).
        "citations": _support(False),
        "code_execution": _support(False),
        "context_management": {"supported": supports.context_editing},
        "effort": {**effort, "supported": bool(efforts)},
        "image_input": _support(supports.vision),
        "pdf_input": _support(False),
        "server_tools": {
            "supported": False,
            "web_search": _support(False),
            "code_execution": _support(False),
        },
        "structured_outputs": _support(supports.structured_outputs),
        "thinking": {
            "supported": has_budget or supports.adaptive_thinking,
            "types": {
                "adaptive": _support(supports.adaptive_thinking),
                "between_tools": _support(False),
                "disabled": _support(True),
                "enabled": _support(has_budget),
            },
        },
    }


def _support(is_supported: bool) -> dict[str, bool]:
    return {"supported": is_supported}


def _limit(text: str | None) -> int:
    if not text:
        return MAX_LIMIT
    if text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= MAX_LIMIT:
        return int(text)
    raise MalformedRequest(f"limit={text!r} is not a number from 1 to {MAX_LIMIT}.", param="limit")


def _position(ids: list[str], cursor: str, name: str) -> int:
    if cursor in ids:
        return ids.index(cursor)
    raise MalformedRequest(
        f"{name}={cursor!r} names no model of the list; start again without it.", param=name
    )
