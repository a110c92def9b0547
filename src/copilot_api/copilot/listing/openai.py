"""OpenAI's model list. Source: openai-python 3.54, types/model.py (read 2026-11).

Beside its four fields an entry carries Copilot's own: endpoints, capabilities with limits, preview, alias.
"""

from collections.abc import Sequence

from copilot_api.copilot.listing.entries import Entry


def render_openai(entries: Sequence[Entry]) -> dict[str, object]:
    """Return the list. Shape: {"object": "list", "data": [...]}."""
    return {"object": "list", "data": [render_openai_model(entry) for entry in entries]}


def render_openai_model(entry: Entry) -> dict[str, object]:
    """Return one model. Shape: {"id", "object": "model", "created", "owned_by", "name", ...}."""
    model = entry.model
    rendered: dict[str, object] = {
        "id": entry.id,
        "object": "model",
        "created": int(entry.released.timestamp()),
        "owned_by": model.vendor or "copilot",
        "name": entry.display_name,
        "version": model.version,
        "preview": model.is_preview,
        "supported_endpoints": sorted(model.endpoints),
        "capabilities": model.raw.get("capabilities") or {},
    }
    for name, value in (
        ("context_window", model.limits.context_window_tokens),
        ("max_input_tokens", entry.input_tokens),
        ("max_output_tokens", model.limits.output_tokens),
    ):
        if value is not None:
            rendered[name] = value
    if entry.alias_of is not None:
        rendered["alias_of"] = entry.alias_of
    return rendered
