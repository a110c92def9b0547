"""The simulator as one aiohttp application on one port, and as a context manager for tests.

Hosts become base paths, so that a wrong host is testable on loopback without names to resolve:
`/` is github.com, api.github.com and the generic Copilot host; `/capi/individual`, `/capi/business`
and `/capi/enterprise` are the per-plan Copilot hosts that `endpoints.api` names.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from copilot_api.simulator import refusals
from copilot_api.simulator.routes import github, models
from copilot_api.simulator.routes.control import add_control_routes
from copilot_api.simulator.routes.embeddings import embeddings
from copilot_api.simulator.routes.gate import SIMULATOR, guard
from copilot_api.simulator.routes.inference import CHAT, MESSAGES, RESPONSES, count_tokens, inference
from copilot_api.simulator.routes.websocket import responses_socket
from copilot_api.simulator.world.recorder import Entry
from copilot_api.simulator.world.universe import Options, Simulator

BASES = ("", "/capi/individual", "/capi/business", "/capi/enterprise")


async def _no_page(simulator: Simulator, request: web.Request, entry: Entry) -> web.StreamResponse:
    simulator.recorder.keep_body(entry, await request.read())
    raise refusals.named("404-page")


def _add_copilot_routes(app: web.Application, base: str) -> None:
    router = app.router
    for route in (CHAT, RESPONSES, MESSAGES):
        router.add_post(base + route.path, guard(inference(route)))
    router.add_get(base + "/responses", guard(responses_socket))
    router.add_post(base + "/v1/messages/count_tokens", guard(count_tokens))
    router.add_post(base + "/embeddings", guard(embeddings))
    router.add_get(base + "/models", guard(models.models))
    router.add_post(base + "/models/session", guard(models.auto_session))
    router.add_post(base + "/models/session/intent", guard(models.auto_intent))
    router.add_post(base + "/auto", guard(models.auto))
    router.add_post(base + "/models/{id}/policy", guard(models.policy))


def create_app(simulator: Simulator | None = None) -> web.Application:
    """Build the application around a simulator's state."""
    app = web.Application(client_max_size=256 * 1024 * 1024)
    app[SIMULATOR] = simulator or Simulator()
    router = app.router
    router.add_post("/login/device/code", guard(github.device_code))
    router.add_get("/login/device", guard(github.device_page))
    router.add_post("/login/oauth/access_token", guard(github.access_token))
    router.add_get("/user", guard(github.user))
    router.add_get("/avatars/u/{id}", guard(github.avatar))
    router.add_get("/copilot_internal/v2/token", guard(github.copilot_token))
    router.add_get("/copilot_internal/user", guard(github.copilot_user))
    router.add_route("*", "/copilot_internal/{tail:.*}", guard(github.not_found))
    add_control_routes(app)
    for base in BASES:
        _add_copilot_routes(app, base)
    router.add_route("*", "/{tail:.*}", guard(_no_page))
    return app


async def start(simulator: Simulator, host: str, port: int) -> web.AppRunner:
    """Listen; afterwards `simulator.url` holds the address. The caller cleans the runner up."""
    # handler_cancellation: a client that leaves cancels its handler, which is how hang-ups are noticed.
    runner = web.AppRunner(
        create_app(simulator),
        access_log=None,
        handler_cancellation=True,
        keepalive_timeout=300,
        shutdown_timeout=0.2,
    )
    await runner.setup()
    site = web.TCPSite(runner, host, port, backlog=1024)
    await site.start()
    bound = runner.addresses[0]
    shown = f"[{bound[0]}]" if ":" in bound[0] else bound[0]
    simulator.url = f"http://{shown}:{bound[1]}"
    return runner


@asynccontextmanager
async def running_simulator(
    *, host: str = "127.0.0.1", port: int = 0, **options: Any
) -> AsyncGenerator[Simulator, None]:
    """Run a simulator inside the current event loop; options are the fields of `Options`."""
    simulator = Simulator(Options(**options))
    runner = await start(simulator, host, port)
    try:
        yield simulator
    finally:
        await runner.cleanup()
