"""Which way a request goes: (route, model, what the request needs) -> Plan. Pure; the tables are data.

Knows the protocols by name only. Source: routing tables of the mission, `supported_endpoints` in upstream contract
3.1 (read 2026-11).
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Literal

import msgspec

from copilot_api.copilot.catalog import Model
from copilot_api.copilot.quirks import QuirkRoute
from copilot_api.errors import NoRoute
from copilot_api.gateway.request.routes import Route
from copilot_api.protocols.base import ProtocolName
from copilot_api.protocols.registry import PROTOCOLS

Need = Literal["files", "tool_images", "logprobs"]
"""What a request may need that not every upstream protocol can carry."""

PREFERENCES: dict[ProtocolName, tuple[ProtocolName, ...]] = {
    "messages": ("messages", "responses", "chat"),
    "chat": ("chat", "messages", "responses"),
    "responses": ("responses", "messages", "chat"),
    # Claude's and GPT's own protocols keep reasoning and tool results whole; chat is what Gemini models speak.
    "gemini": ("messages", "responses", "chat"),
}
"""Upstream protocols per ingress, the one that loses least first."""

CARRIES: dict[ProtocolName, frozenset[Need]] = {
    "messages": frozenset({"files", "tool_images"}),
    "responses": frozenset({"files", "tool_images", "logprobs"}),
    "chat": frozenset({"logprobs"}),
    "gemini": frozenset(),
}

ENDPOINT_PATHS: dict[str, str] = {
    "/chat/completions": "/v1/chat/completions",
    "/responses": "/v1/responses",
    "/v1/messages": "/v1/messages",
    "/embeddings": "/v1/embeddings",
}
"""Where we serve each upstream endpoint, for error messages."""


class Plan(msgspec.Struct, frozen=True):
    """The decision for one request.

    `upstream` names the protocol spoken there, `path` where, `quirks` its list of repairs. `reason` says in a few
    words why, for the log and the route header.
    """

    route: Route
    model: Model
    upstream: ProtocolName
    path: str
    quirks: QuirkRoute
    is_translated: bool
    reason: str


def plan(route: Route, model: Model, needs: Callable[[], frozenset[Need]]) -> Plan:
    """Choose the way for `model` on `route`; `needs` is asked only when there is a choice to make.

    Raises: NoRoute when no way leads to the model; the message names what it does speak.
    """
    ingress = route.protocol.name
    if route.operation != "inference":
        return _plain(route, model)
    ways = _ways(route, model)
    if not ways:
        raise NoRoute(_refusal(route, model), param="model")
    if ways[0] == ingress:
        return _way(route, model, ingress, "native")
    if len(ways) > 1:
        needed = needs()
        for way in ways:
            if needed <= CARRIES[way]:
                reason = "preferred" if way == ways[0] else f"carries {', '.join(sorted(needed))}"
                return _way(route, model, way, reason)
    return _way(route, model, ways[0], "preferred" if len(ways) > 1 else "only way")


def is_native(route: Route, model: Model) -> bool:
    """Whether the request needs no translation, so that it need not be read."""
    if route.operation != "inference":
        return True
    ways = _ways(route, model)
    return not ways or ways[0] == route.protocol.name


def has_way(route: Route, model: Model) -> bool:
    """Whether an inference request on `route` can be served by `model`."""
    return bool(_ways(route, model))


def _ways(route: Route, model: Model) -> Sequence[ProtocolName]:
    """The upstream protocols the model speaks, in the order of preference."""
    if not model.has_metadata:
        return ("chat",) if model.kind == "chat" else ()
    return _ways_to(route.protocol.name, model.endpoints)


@lru_cache(maxsize=256)
def _ways_to(ingress: ProtocolName, endpoints: frozenset[str]) -> tuple[ProtocolName, ...]:
    ways: list[ProtocolName] = []
    for name in PREFERENCES[ingress]:
        upstream = PROTOCOLS[name].upstream
        if upstream is not None and not upstream.endpoints.isdisjoint(endpoints):
            ways.append(name)
    return tuple(ways)


def _way(route: Route, model: Model, upstream: ProtocolName, reason: str) -> Plan:
    half = PROTOCOLS[upstream].upstream
    assert half is not None  # noqa: S101 - PREFERENCES names only protocols with an upstream half
    return Plan(
        route=route,
        model=model,
        upstream=upstream,
        path=half.path,
        quirks=upstream,
        is_translated=upstream != route.protocol.name,
        reason=reason,
    )


def _plain(route: Route, model: Model) -> Plan:
    """Embeddings and token counts: an exchange without a codec."""
    if not (
        not route.endpoints.isdisjoint(model.endpoints)
        or (not model.has_metadata and route.is_default_for(model.kind))
    ):
        raise NoRoute(_refusal(route, model), param="model")
    name = route.protocol.name
    quirks: QuirkRoute = "embeddings" if route.operation == "embeddings" else name
    return Plan(
        route=route,
        model=model,
        upstream=name,
        path=route.path,
        quirks=quirks,
        is_translated=False,
        reason="native",
    )


def _refusal(route: Route, model: Model) -> str:
    spoken = sorted(ENDPOINT_PATHS[endpoint] for endpoint in model.endpoints if endpoint in ENDPOINT_PATHS)
    if not spoken and not model.has_metadata:
        spoken = ["/v1/embeddings" if model.kind == "embeddings" else "/v1/chat/completions"]
    where = " or ".join(spoken) if spoken else "no endpoint that this gateway serves"
    return (
        f"Model {model.id!r} is not served on {route.paths[0]}: it speaks {where}. "
        "Point your client there, or choose a model that speaks this protocol (GET /v1/models lists them)."
    )
