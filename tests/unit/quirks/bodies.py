"""What the quirk tests share: a model, a body through all repairs of a route, and the fault of a fixture."""

import json
from collections.abc import Mapping
from typing import Any

import recorded
from copilot_api.copilot.catalog import Limits, Model, Supports, Vision
from copilot_api.copilot.quirks import QuirkContext, QuirkRoute, before_send, on_rejection
from copilot_api.copilot.rejections import classify
from copilot_api.errors import UpstreamFault
from copilot_api.wire.body import Body

SONNET = Model(
    id="claude-sonnet-4.6",
    vendor="Anthropic",
    has_metadata=True,
    limits=Limits(output_tokens=32000, vision=Vision(3145728, ("image/png", "image/jpeg", "image/webp"))),
    supports=Supports(
        adaptive_thinking=True,
        min_thinking_budget=1024,
        max_thinking_budget=32000,
        reasoning_efforts=("low", "medium", "high", "max"),
    ),
)
OPUS_47 = Model(
    id="claude-opus-4.7", supports=Supports(reasoning_efforts=("low", "medium", "high", "xhigh", "max"))
)
OPUS_5 = Model(id="claude-opus-5-5", limits=Limits(output_tokens=128000))
HAIKU = Model(id="claude-haiku-4.5", supports=Supports(min_thinking_budget=1024, max_thinking_budget=32000))
CODEX = Model(
    id="gpt-5.5",
    vendor="OpenAI",
    limits=Limits(output_tokens=128000),
    supports=Supports(reasoning_efforts=("low", "medium", "high")),
)
GPT = Model(id="gpt-4.1", vendor="Azure OpenAI", limits=Limits(output_tokens=16384))
ADA = Model(id="text-embedding-3-small", kind="embeddings", limits=Limits(inputs=3))


def sent(
    route: QuirkRoute,
    document: Mapping[str, Any],
    model: Model,
    headers: Mapping[str, str] | None = None,
    learned: frozenset[str] = frozenset(),
) -> tuple[dict[str, Any], list[str]]:
    """The document as it goes upstream, and the names of the quirks that applied."""
    raw = json.dumps(document).encode()
    body = Body(raw)
    names = before_send(route, body, QuirkContext(model=model, headers=headers or {}, learned=learned))
    if not names:
        assert body.encode() is raw
    return json.loads(body.encode()), names


def mended(
    route: QuirkRoute, document: Mapping[str, Any], model: Model, fault: UpstreamFault
) -> tuple[dict[str, Any], list[str]]:
    """The document as it goes upstream after `fault`, and the names of the quirks that applied then."""
    raw = json.dumps(document).encode()
    body = Body(raw)
    names = on_rejection(route, body, QuirkContext(model=model), fault)
    if not names:
        assert body.encode() is raw
    return json.loads(body.encode()), names


def fault_of(fixture: str) -> UpstreamFault:
    """The classified fault of a recorded error."""
    return classify(*recorded.error(fixture))


def fault(message: str, code: str = "invalid_request_body") -> UpstreamFault:
    """A 400 with these words."""
    return classify(400, {}, json.dumps({"error": {"message": message, "code": code}}).encode())
