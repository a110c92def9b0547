"""Google's model list, with its page tokens.

Source: google-genai 3.4, types.Model and its wire names (read 2026-11).
Beside its fields an entry carries `supportedEndpoints` and, for an alias, `aliasOf`.
"""

from collections.abc import Sequence

from copilot_api.copilot.catalog import CHAT, EMBEDDINGS, MESSAGES, RESPONSES, Model
from copilot_api.copilot.listing.entries import Entry
from copilot_api.errors import MalformedRequest

MAX_PAGE_SIZE = 1000
"""The largest page Google allows, and our default: clients that never turn a page still see every model."""

_METHODS = {
    "chat": ["generateContent", "streamGenerateContent", "countTokens"],
    "embeddings": ["embedContent", "batchEmbedContents"],
}
_SPOKEN = {"chat": frozenset({CHAT, RESPONSES, MESSAGES}), "embeddings": frozenset({EMBEDDINGS})}
"""One of these a model must list, if it lists any, to be reached by the methods of its kind."""


def render_google(
    entries: Sequence[Entry], *, page_size: str | None = None, page_token: str | None = None
) -> dict[str, object]:
    """Return one page; the arguments are the query's texts as they came.

    Shape: {"models": [...], "nextPageToken": "..."}; no token on the last page.
    Raises: MalformedRequest for a size that is no number or a token that is not ours.
    """
    size = _page_size(page_size)
    start = _start(entries, page_token)
    page = entries[start : start + size]
    rendered: dict[str, object] = {"models": [render_google_model(entry) for entry in page]}
    if start + size < len(entries):
        rendered["nextPageToken"] = page[-1].id
    return rendered


def render_google_model(entry: Entry) -> dict[str, object]:
    """Return one model. Shape: {"name": "models/<id>", "displayName", "inputTokenLimit", ...}."""
    model = entry.model
    rendered: dict[str, object] = {
        "name": f"models/{entry.id}",
        "baseModelId": model.id,
        "version": model.version or model.id,
        "displayName": entry.display_name,
        "description": f"{model.name} by {model.vendor or 'an unnamed vendor'}, through GitHub Copilot.",
        "supportedGenerationMethods": _methods(model),
        "thinking": model.supports.adaptive_thinking
        or model.supports.max_thinking_budget is not None
        or bool(model.supports.reasoning_efforts),
        "supportedEndpoints": sorted(model.endpoints),
    }
    if entry.input_tokens is not None:
        rendered["inputTokenLimit"] = entry.input_tokens
    if model.limits.output_tokens is not None:
        rendered["outputTokenLimit"] = model.limits.output_tokens
    if entry.alias_of is not None:
        rendered["aliasOf"] = entry.alias_of
    return rendered


def _methods(model: Model) -> list[str]:
    """What can be asked of a model here; nothing where it speaks only what we do not."""
    is_reached = not model.has_metadata or not model.endpoints.isdisjoint(
        _SPOKEN.get(model.kind, frozenset())
    )
    return _METHODS.get(model.kind, []) if is_reached else []


def _page_size(text: str | None) -> int:
    if not text or text == "0":  # Google's clients send 0 for "as you like".
        return MAX_PAGE_SIZE
    if text.isascii() and text.isdigit():
        return min(int(text[:6]), MAX_PAGE_SIZE)
    raise MalformedRequest(f"pageSize={text!r} is not a number from 1 to {MAX_PAGE_SIZE}.", param="pageSize")


def _start(entries: Sequence[Entry], token: str | None) -> int:
    if not token:
        return 0
    for position, entry in enumerate(entries):
        if entry.id == token:
            return position + 1
    raise MalformedRequest(
        f"pageToken={token!r} is not one of ours; start again without it.", param="pageToken"
    )
