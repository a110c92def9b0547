"""`/models` and its relatives: catalogue, policy, Auto mode.

Source: upstream contract §§2.1, 2.6, 3.
"""

from aiohttp import web

from copilot_api.simulator import refusals
from copilot_api.simulator.blobs import stretch
from copilot_api.simulator.routes.gate import admit, base_headers, seat_of
from copilot_api.simulator.shapes import Json, as_object, as_text, decode_object, encode
from copilot_api.simulator.world.recorder import Entry
from copilot_api.simulator.world.universe import Simulator

_AUTO = ["gpt-5-mini", "claude-sonnet-4.6", "gpt-5.3-codex"]
_DISCOUNTS: Json = {"claude-sonnet-4.6": 0.1, "gpt-5.3-codex": 0.1}


def _answer(request: web.Request, entry: Entry, body: bytes) -> web.Response:
    headers = [*base_headers(request, entry), ("content-type", "application/json")]
    return web.Response(body=body, headers=headers)


async def models(simulator: Simulator, request: web.Request, entry: Entry) -> web.StreamResponse:
    """`GET /models`: the catalogue of the seat; short without an API version header."""
    caller = admit(simulator, request, seat_of(request))
    is_current = "x-github-api-version" in request.headers
    policies = frozenset((model, as_text(state)) for model, state in caller.account.policies.items())
    return _answer(request, entry, simulator.catalogue.listing(caller.account.plan, is_current, policies))


async def policy(simulator: Simulator, request: web.Request, entry: Entry) -> web.StreamResponse:
    """`POST /models/{id}/policy`: accept or decline a model's terms."""
    caller = admit(simulator, request, seat_of(request))
    raw = await request.read()
    simulator.recorder.keep_body(entry, raw)
    state = as_text((decode_object(raw) or {}).get("state"))
    model = simulator.catalogue.find(request.match_info["id"], caller.account.plan)
    if model is None:
        raise refusals.named("404-page")
    if state not in ("enabled", "disabled"):
        raise refusals.invalid_body("invalid request body")
    caller.account.policies[model.id] = state
    simulator.memory.clear()
    return _answer(request, entry, encode({"state": state}))


async def auto_session(simulator: Simulator, request: web.Request, entry: Entry) -> web.StreamResponse:
    """`POST /models/session`: Auto mode's session token."""
    caller = admit(simulator, request, seat_of(request))
    simulator.recorder.keep_body(entry, await request.read())
    body = {
        "available_models": _AUTO,
        "discounted_costs": _DISCOUNTS,
        "expires_at": int(simulator.options.clock()) + 3600,
        "selected_model": _AUTO[0],
        "session_token": "auto." + stretch(caller.account.login.encode(), 120),
    }
    return _answer(request, entry, encode(body))


async def auto_intent(simulator: Simulator, request: web.Request, entry: Entry) -> web.StreamResponse:
    """`POST /models/session/intent`: Auto mode's router."""
    admit(simulator, request, seat_of(request))
    simulator.recorder.keep_body(entry, await request.read())
    body = {
        "candidate_models": ["claude-sonnet-4.6", "gpt-5-mini"],
        "chosen_model": "claude-sonnet-4.6",
        "confidence": 0.91,
        "latency_ms": 43,
        "predicted_label": "needs_reasoning",
        "scores": {"needs_reasoning": 0.91, "no_reasoning": 0.09},
        "sticky_override": False,
    }
    return _answer(request, entry, encode(body))


async def auto(simulator: Simulator, request: web.Request, entry: Entry) -> web.StreamResponse:
    """`POST /auto`: Auto mode, second edition."""
    caller = admit(simulator, request, seat_of(request))
    simulator.recorder.keep_body(entry, await request.read())
    entry_of_model = as_object(simulator.catalogue.by_id["gpt-5-mini"].entry)
    shown = {name: entry_of_model[name] for name in ("id", "name", "supported_endpoints", "vendor")}
    body = {
        "discounted_costs": {"gpt-5-mini": 0.1},
        "expires_at": int(simulator.options.clock()) + 86_400,
        "hydra_scores": {"code_gen": 0.6, "debugging": 0.2, "reasoning": 0.7, "tool_use": 0.4},
        "selected_model": shown,
        "session_token": "auto." + stretch(b"v2" + caller.account.login.encode(), 120),
    }
    return _answer(request, entry, encode(body))
