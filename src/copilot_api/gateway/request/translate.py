"""One request in another protocol's words: read, judged, written. Pure but for the thread a long history goes to."""

from functools import partial
from typing import cast

import msgspec

from copilot_api.copilot.catalog import Model
from copilot_api.errors import MalformedRequest, NoRoute
from copilot_api.gateway.request.apart import apart
from copilot_api.gateway.request.call import Call
from copilot_api.gateway.request.custom.freeform import NAME as FREEFORM
from copilot_api.gateway.request.custom.freeform import joined, needs_functions, with_functions
from copilot_api.gateway.request.plan import Need, Plan, is_native, plan
from copilot_api.neutral.extras import JsonObject
from copilot_api.neutral.loss import Loss
from copilot_api.neutral.parts import Bytes, File, Image, Part, Stored, ToolResult
from copilot_api.neutral.request import ModelRequest, Places
from copilot_api.protocols.base import (
    IngressHalf,
    Target,
    ToolNames,
    UpstreamHalf,
)
from copilot_api.protocols.registry import PROTOCOLS
from copilot_api.wire.pieces import let_go, read_json_in_pieces

STRICT_HEADER = "x-copilot-api-strict"
"""A client that says `true` is refused rather than answered with a loss."""


class Translation(msgspec.Struct, frozen=True):
    """A request as read, and as written for the chosen upstream."""

    request: ModelRequest
    body: bytes
    losses: tuple[Loss, ...]
    names: ToolNames
    origin: str
    repairs: tuple[str, ...] = ()
    """What was done besides, by name."""


async def translated(
    call: Call, model: Model, account_id: str, *, prefers_functions: bool = False
) -> tuple[Plan, Translation | None]:
    """The plan for a call and, where it leads to another protocol, the request in that protocol's words.

    A request for Responses may take the way through the hub, too, where its freeform tools are to be functions
    (`custom/freeform.py`); `prefers_functions` asks for that.
    Raises: NoRoute, MalformedRequest, UnsupportedContent.
    """
    if is_native(call.route, model):
        chosen = plan(call.route, model, frozenset)
        is_responses = chosen.quirks == "responses" and call.route.operation == "inference"
        if not is_responses or not needs_functions(call.body, prefers_functions):
            return chosen, None
    return await apart(call.body, partial(_translated, call, model, account_id, prefers_functions))


def _translated(
    call: Call, model: Model, account_id: str, prefers_functions: bool
) -> tuple[Plan, Translation | None]:
    document = read_json_in_pieces(call.body)
    if not isinstance(document, dict):
        raise MalformedRequest("The request body must be a JSON object.")
    fields = {**cast(JsonObject, document), **call.from_url}
    request = call.route.protocol.ingress.read_request(fields)
    chosen = plan(call.route, model, lambda: needs_of(request))
    if not chosen.is_translated:
        chosen = msgspec.structs.replace(chosen, is_translated=True, reason="freeform tools as functions")
    meant, functions = with_functions(request, prefers_functions and chosen.upstream == "responses")
    written = upstream_of(chosen).write_request(meant, target_for(model, chosen, account_id))
    translation = Translation(
        request=_without_history(request),
        body=msgspec.json.encode({**written.document, "stream": True}),
        losses=written.losses,
        names=joined(written.names, functions),
        origin=origin_of(model, chosen, account_id),
        repairs=(FREEFORM,) if functions.back else (),
    )
    let_go(fields)
    let_go(written.document)
    return chosen, translation


def _without_history(request: ModelRequest) -> ModelRequest:
    """What an answer's writer needs of the request, and whether a turn asked for an effort.

    A long history would be held as long as the answer takes, and freed at once, on the event loop.
    """
    telling = tuple(turn for turn in request.turns if turn.effort is not None)
    return msgspec.structs.replace(request, turns=telling[-1:], places=Places())


def origin_of(model: Model, chosen: Plan, account_id: str) -> str:
    """Whose blobs come with the answer; see `Target.origin`."""
    return f"{chosen.upstream}:{model.id}:{account_id}"


def ingress_of(chosen: Plan) -> IngressHalf:
    """The client's half of a translated plan."""
    return chosen.route.protocol.ingress


def upstream_of(chosen: Plan) -> UpstreamHalf:
    """Copilot's half of a translated plan.

    Raises: NoRoute; never for a plan that `plan` made.
    """
    half = PROTOCOLS[chosen.upstream].upstream
    if half is None:
        raise NoRoute(f"Copilot does not speak {chosen.upstream}.")
    return half


def needs_of(request: ModelRequest) -> frozenset[Need]:
    """What the request needs that not every upstream carries."""
    needed: set[Need] = set()
    if request.sampling.logprobs or request.sampling.top_logprobs:
        needed.add("logprobs")
    for turn in request.turns:
        for part in turn.parts:
            _note_needs(part, needed)
    return frozenset(needed)


def _note_needs(part: Part, needed: set[Need]) -> None:
    match part:
        case File(source=Bytes() | Stored()):
            needed.add("files")
        case ToolResult() if any(isinstance(piece, Image) for piece in part.content):
            needed.add("tool_images")
        case _:
            return


def is_strict(call: Call) -> bool:
    """Whether the client, or its key, would rather be refused than answered with a loss."""
    asked = call.headers.get(STRICT_HEADER, "").lower()
    return asked == "true" or (call.key is not None and call.key.strict)


def target_for(model: Model, chosen: Plan, account_id: str) -> Target:
    """What the writer must know of the model."""
    limits, supports = model.limits, model.supports
    return Target(
        protocol=chosen.upstream,
        model=model.id,
        origin=origin_of(model, chosen, account_id),
        max_output_tokens=limits.output_tokens,
        reasoning_efforts=supports.reasoning_efforts,
        has_adaptive_thinking=supports.adaptive_thinking,
        min_thinking_budget=supports.min_thinking_budget,
        max_thinking_budget=supports.max_thinking_budget,
        has_vision=supports.vision,
        has_parallel_tool_calls=supports.parallel_tool_calls,
        has_structured_outputs=supports.structured_outputs,
    )
