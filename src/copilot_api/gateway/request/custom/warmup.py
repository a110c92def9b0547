"""Warm-ups: requests that a client sends to see whether we are there, not to get an answer.

Owns the list of what counts, which is closed: a request that any person or program might mean is none. Real ones:

    {"max_tokens": 1, "messages": [{"role": "user", "content": "quota"}]}    Claude Code asks how much quota is left
    {"max_tokens": 1, "messages": [{"role": "user", "content": "test"}]}     Claude Code tries its key
    {"messages": [{"role": "user", "content": "Warmup"}], no tools}          Claude Code 2.0 fills prompt caches

Not `{"max_tokens": 1, "content": "."}`: there Claude Code asks whether this very model can be reached.
Source: Claude Code 2.1.330, its calls `quota_check`, `verify_api_key` and `model_check` (read 2026-11);
anthropics/claude-agent-sdk-python#445 and anthropics/claude-code#10836 for `Warmup`.
"""

from typing import Final

import msgspec

from copilot_api.copilot.catalog import Catalog, Model
from copilot_api.copilot.names import resolve
from copilot_api.gateway.request.plan import has_way
from copilot_api.gateway.request.routes import Route
from copilot_api.protocols.base import RequestPeek, Speaker
from copilot_api.settings import Settings

NAME: Final = "small-model"
"""How the record calls it."""
PROBES: Final = frozenset({"quota", "test"})
WARM_UP: Final = "Warmup"
_MAX_BYTES: Final = 64 * 1024
"""The longest has an agent's system prompt, some 10 kB."""
_ATTRIBUTION: Final = b'"x-anthropic-billing-header:'


class _Shape(msgspec.Struct, frozen=True):
    messages: list[msgspec.Raw]
    max_tokens: object = None
    stream: object = None
    system: msgspec.Raw = msgspec.Raw(b"null")
    tools: list[msgspec.Raw] | None = None
    thinking: object = None
    output_config: object = None


_SHAPE: Final = msgspec.json.Decoder(_Shape)


def is_warm_up(route: Route, peek: RequestPeek, body: bytes) -> bool:
    """Whether nobody waits for an answer to this request."""
    if route.protocol.name != "messages" or route.operation != "inference" or len(body) > _MAX_BYTES:
        return False
    if peek.speaker is not Speaker.HUMAN or peek.human_turn is None:
        return False
    index, text = peek.human_turn
    if index != 0 or not (text in PROBES or text == WARM_UP):
        return False
    try:
        shape = _SHAPE.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    if len(shape.messages) != 1 or shape.tools:
        return False
    return text == WARM_UP or _is_probe(shape)


def _is_probe(shape: _Shape) -> bool:
    system = bytes(shape.system)
    is_bare = system in (b"null", b"[]", b'""') or (system.count(b'"text"') <= 2 and _ATTRIBUTION in system)
    said = shape.thinking or shape.output_config or shape.stream
    return shape.max_tokens == 1 and is_bare and not said


def small_model(settings: Settings, catalog: Catalog | None, route: Route) -> Model | None:
    """The model that answers warm-ups; None where it is switched off, not offered, or not served on this route."""
    if not settings.small_model or catalog is None:
        return None
    found = resolve(
        settings.small_model,
        settings.model_mapping,
        catalog,
        settings.hidden_models,
        settings.disable_hidden_models,
    ).model
    return found if found is not None and has_way(route, found) else None
