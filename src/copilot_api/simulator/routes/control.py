"""`/_sim/*`: scripting the simulator and reading what it saw. Never part of what it imitates.

docs/simulator.md is the manual of these routes.
"""

from collections.abc import Awaitable, Callable

from aiohttp import web

from copilot_api.simulator.routes.gate import SIMULATOR
from copilot_api.simulator.script.directives import DirectiveError
from copilot_api.simulator.shapes import (
    Json,
    as_float,
    as_int,
    as_list,
    as_object,
    as_text,
    decode_object,
    encode,
)
from copilot_api.simulator.world.universe import Simulator

Action = Callable[[Simulator, Json], Json]


def _json(body: Json, status: int = 200) -> web.Response:
    return web.Response(status=status, body=encode(body), content_type="application/json")


def _post(action: Action) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def handle(request: web.Request) -> web.Response:
        raw = await request.read()
        document = decode_object(raw or b"{}")
        if document is None:
            return _json({"error": "the body must be a JSON object"}, 400)
        simulator = request.app[SIMULATOR]
        simulator.memory.clear()
        try:
            return _json(action(simulator, document))
        except DirectiveError as error:
            return _json({"error": str(error)}, 400)
        except KeyError as error:
            return _json({"error": f"unknown name {error.args[0]!r}"}, 400)

    return handle


def _script(simulator: Simulator, document: Json) -> Json:
    return {"queued": simulator.playbook.load(document)}


def _reset(simulator: Simulator, document: Json) -> Json:
    del document
    simulator.reset()
    return {"reset": True}


def _accounts(simulator: Simulator, document: Json) -> Json:
    changes = as_list(document.get("accounts")) or [document]
    changed = [simulator.change_account(as_object(change)) for change in changes]
    return {"changed": [account.plan for account in changed]}


def _device(simulator: Simulator, document: Json) -> Json:
    device = simulator.device
    if "polls" in document:
        device.polls = tuple(as_text(poll) for poll in as_list(document["polls"]))
    device.interval_s = as_float(document.get("interval"), device.interval_s)
    device.lifetime_s = as_float(document.get("lifetime"), device.lifetime_s)
    device.slow_down_s = as_float(document.get("slow_down"), device.slow_down_s)
    device.enforces = bool(document.get("enforce_interval", device.enforces))
    device.plan = simulator.accounts.by_plan[as_text(document.get("account")) or device.plan].plan
    return {"polls": list(device.polls), "interval": device.interval_s, "account": device.plan}


def _faults(simulator: Simulator, document: Json) -> Json:
    if "faults" in document:
        simulator.faults.clear()
    for item in as_list(document.get("faults")):
        fault = as_object(item)
        simulator.break_route(
            as_text(fault.get("path")),
            as_text(fault.get("error")),
            method=as_text(fault.get("method")) or "*",
            times=as_int(fault.get("times"), -1),
            retry_after=as_text(fault.get("retry_after")) or None,
        )
    return {"faults": len(simulator.faults)}


def _options(simulator: Simulator, document: Json) -> Json:
    if "record" in document:
        simulator.recorder.is_on = bool(document["record"])
    return {"record": simulator.recorder.is_on}


async def _requests(request: web.Request) -> web.Response:
    simulator = request.app[SIMULATOR]
    path = request.query.get("path")
    last = int(request.query.get("last", "0") or 0)
    shown = simulator.requests(path)
    return _json({"count": simulator.recorder.count, "requests": shown[-last:] if last else shown})


async def _billing(request: web.Request) -> web.Response:
    ledger = request.app[SIMULATOR].ledger
    return _json(
        {
            "requests": ledger.requests,
            "total_nano_aiu": ledger.total_nano_aiu,
            "entries": list(ledger.entries),
        }
    )


async def _about(request: web.Request) -> web.Response:
    simulator = request.app[SIMULATOR]
    accounts: Json = {
        plan: {
            "login": account.login,
            "github_token": account.github_token,
            "api": simulator.api_url(plan),
        }
        for plan, account in simulator.accounts.by_plan.items()
    }
    return _json({"simulator": "copilot-api demo simulator", "accounts": accounts})


def add_control_routes(app: web.Application) -> None:
    """Add the control routes to an application."""
    actions: dict[str, Action] = {
        "script": _script,
        "reset": _reset,
        "accounts": _accounts,
        "device": _device,
        "faults": _faults,
        "options": _options,
    }
    for name, action in actions.items():
        app.router.add_post(f"/_sim/{name}", _post(action))
    app.router.add_get("/_sim/requests", _requests)
    app.router.add_get("/_sim/billing", _billing)
    app.router.add_get("/_sim", _about)
