"""Running the server: from a command line to a process that listens, drains and leaves in order."""

import asyncio
import contextlib
import gc
import logging
import math
import signal
import socket
import sys
from collections.abc import Generator

import structlog
import uvicorn

from copilot_api import __version__
from copilot_api.gateway.ledger import Sink
from copilot_api.settings import Environment, Overrides, require_startable
from copilot_api.store.config_file import ConfigFile, ConfigState
from copilot_api.web.admin.door import has_secret
from copilot_api.web.connection import protocol
from copilot_api.web.demo import show_traffic, simulated_world
from copilot_api.web.guard import is_loopback
from copilot_api.web.running import logs
from copilot_api.web.running.house import House
from copilot_api.web.running.listening import is_wide, listen, loop_factory, require_closed_door
from copilot_api.web.running.prompt import asking_at_terminal

_log: structlog.stdlib.BoundLogger = structlog.get_logger()

SWITCH_INTERVAL_S = 0.0005
"""How long a thread may keep the interpreter while the event loop wants it; Python's own 5 ms are felt by every stream.

Measured: a request costs a tenth less while the ledger writes, and the slowest of a hundred takes 3.5 ms, not 5.3.
"""
KEEP_ALIVE_S = 75
"""Idle client connections live longer than the 60 s that clients' own pools keep them, so that they close first."""


class Server(uvicorn.Server):
    """uvicorn without its signal handlers: ours let the rooms be taken down after it has drained."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        """Leave signals to `_stopping`."""
        yield


def serve(*, config: ConfigFile, environment: Environment, overrides: Overrides) -> int:
    """Run the gateway until it is stopped; the process's exit code.

    Raises: SettingsError for what must be mended before a start; the message says how.
    """
    state = config.load()
    settings = require_startable(config.resolve(state, environment, overrides))
    require_closed_door(settings)
    exchange_log = logs.configure(settings.log_format, is_verbose=settings.verbose)
    listener = listen(settings)
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        return runner.run(_run(config, environment, overrides, listener, exchange_log))


async def _run(
    config: ConfigFile,
    environment: Environment,
    overrides: Overrides,
    listener: socket.socket,
    exchange_log: Sink,
) -> int:
    async with contextlib.AsyncExitStack() as stack:
        if overrides.demo:
            overrides = await stack.enter_async_context(simulated_world(config, overrides))
        state = await asyncio.to_thread(config.load)
        settings = config.resolve(state, environment, overrides)
        house = await stack.enter_async_context(
            House(
                config=config,
                environment=environment,
                overrides=overrides,
                state=state,
                settings=settings,
                exchange_log=exchange_log,
            )
        )
        server = Server(server_config(house))
        _greet(house, state, listener)
        _settle_garbage()
        sys.setswitchinterval(SWITCH_INTERVAL_S)
        if settings.manual_approval:
            at_terminal = stack.enter_context(asking_at_terminal(house.admission.approvals))
            _log.info("approvals.asked", at_terminal=at_terminal, on_page="/admin")
        if settings.demo:
            book = house.shelf.book if house.shelf is not None else None
            stack.callback(house.gateway.spawn(show_traffic(house.gateway, book)).cancel)
        with _stopping(server, house):
            await server.serve(sockets=[listener])
    _log.info("server.stopped")
    return 0


def _settle_garbage() -> None:
    """What was built for good is not searched again; the rest seldom, since requests leave few cycles behind.

    Measured: 136 young and 12 middle collections in 2,000 requests before, none after; same memory.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


def server_config(house: House) -> uvicorn.Config:
    """How uvicorn serves the house: bare, with our own log line and our own idea of patience."""
    logging.getLogger("uvicorn.access").propagate = False  # else it formats a line per request for nobody
    return uvicorn.Config(
        house.app,
        http=protocol(),
        ws="none",
        lifespan="off",
        loop="none",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=max(1, math.ceil(house.settings.timeouts.drain_s)),
    )


@contextlib.contextmanager
def _stopping(server: Server, house: House) -> Generator[None]:
    """Drain on the first signal: no new connections, open streams finish within the deadline. Stop on the second."""
    loop = asyncio.get_running_loop()

    def stop() -> None:
        if server.should_exit:
            server.force_exit = True
            return
        server.should_exit = True
        house.inspector.is_draining = True
        house.feed.close()
        _log.info(
            "server.draining",
            open_exchanges=len(house.sweeper.watches),
            deadline_s=house.settings.timeouts.drain_s,
        )

    signals = (signal.SIGINT, signal.SIGTERM)
    for number in signals:
        loop.add_signal_handler(number, stop)
    try:
        yield
    finally:
        for number in signals:
            loop.remove_signal_handler(number)


def _greet(house: House, state: ConfigState, listener: socket.socket) -> None:
    settings = house.settings
    host, port = listener.getsockname()[:2]
    address = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    _log.info(
        "server.started", address=address, admin=f"{address}/admin", version=__version__, demo=settings.demo
    )
    if settings.demo:
        _log.warning("server.demo", note="DEMO: answers come from the built-in simulator, not from Copilot")
    if state.problem is not None:
        _log.error("config.unreadable", problem=state.problem)
    for problem in settings.problems:
        _log.warning("config.problem", problem=str(problem))
    if not settings.accounts:
        _log.warning("account.missing", remedy="run: copilot-api login")
    _offer_setup(house, address if is_loopback(host) else f"http://localhost:{port}")


def _offer_setup(house: House, address: str) -> None:
    """Where nobody may ever be local, tell the one-time link that sets the first admin secret."""
    settings = house.settings
    if has_secret(settings) or not (is_wide(settings) or settings.trusted_proxies):
        return
    link = f"{address}/admin#setup={house.door.setup.offer()}"
    _log.warning(
        "setup.offered",
        link=link,
        note="open it once, within an hour, to set the admin secret; whoever has it can do the same",
    )
