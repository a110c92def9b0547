"""Which way a request goes: (route, model) -> Plan. Pure.

At this stage a request goes where its own protocol lives upstream, or nowhere.
Source: `supported_endpoints`, upstream contract 3.1 (read 2026-11).
"""

import msgspec

from copilot_api.copilot.catalog import Model
from copilot_api.copilot.quirks import QuirkRoute
from copilot_api.errors import NoRoute
from copilot_api.gateway.request.routes import Route
from copilot_api.protocols.base import ProtocolName

ENDPOINT_PATHS: dict[str, str] = {
    "/chat/completions": "/v1/chat/completions",
    "/responses": "/v1/responses",
    "/v1/messages": "/v1/messages",
    "/embeddings": "/v1/embeddings",
}
"""Where we serve each upstream endpoint, for error messages."""


class Plan(msgspec.Struct, frozen=True):
    """The decision for one request. `upstream` names the protocol spoken there, `quirks` its list of repairs."""

    route: Route
    model: Model
    upstream: ProtocolName
    quirks: QuirkRoute
    reason: str


def plan(route: Route, model: Model) -> Plan:
    """Choose the way for `model` on `route`.

    Raises: NoRoute when the model does not speak what the route needs; the message names what it does speak.
    """
    if not route.endpoints.isdisjoint(model.endpoints):
        return _native(route, model, "listed")
    if not model.has_metadata and route.is_default_for(model.kind):
        return _native(route, model, "unlisted-default")
    raise NoRoute(_refusal(route, model), param="model")


def _native(route: Route, model: Model, reason: str) -> Plan:
    name = route.protocol.name
    quirks: QuirkRoute = "embeddings" if route.operation == "embeddings" else name
    return Plan(route=route, model=model, upstream=name, quirks=quirks, reason=reason)


def _refusal(route: Route, model: Model) -> str:
    spoken = sorted(ENDPOINT_PATHS[endpoint] for endpoint in model.endpoints if endpoint in ENDPOINT_PATHS)
    if not spoken and not model.has_metadata:
        spoken = ["/v1/embeddings" if model.kind == "embeddings" else "/v1/chat/completions"]
    where = " or ".join(spoken) if spoken else "no endpoint that this gateway serves"
    return (
        f"Model {model.id!r} is not served on {route.paths[0]}: it speaks {where}. "
        "Point your client there, or choose a model that speaks this protocol (GET /v1/models lists them)."
    )
