"""The rooms, built and joined: everything that lives as long as the server does.

The only place that knows every room, owns the background work, and hands new settings to those who need them.
"""

import asyncio
import os
import time
import uuid
from contextlib import AsyncExitStack, suppress
from functools import partial
from operator import attrgetter
from types import TracebackType
from typing import Self

import structlog

from copilot_api import __version__
from copilot_api.copilot.accounts import Accounts, Surroundings
from copilot_api.copilot.client import Upstream
from copilot_api.copilot.github import GitHub
from copilot_api.copilot.quirks import PublicFetch
from copilot_api.copilot.transport.proxy import chosen_proxies
from copilot_api.errors import GatewayError
from copilot_api.gateway.accounting.probe import Probe
from copilot_api.gateway.admission.admission import Admission
from copilot_api.gateway.count.exchange import CountExchange, teach
from copilot_api.gateway.count.local import LocalCounter
from copilot_api.gateway.count.tokenizer import Tokenizer
from copilot_api.gateway.embed import EmbedExchange
from copilot_api.gateway.estimate import Estimator
from copilot_api.gateway.exchange import Exchange
from copilot_api.gateway.gateway import Gateway
from copilot_api.gateway.ledger import Ledger, Sink
from copilot_api.gateway.request.routes import all_routes
from copilot_api.gateway.request.shape import Shaper
from copilot_api.gateway.sweep import Sweeper
from copilot_api.settings import (
    VAULT_PREFIX,
    AccountEntry,
    Environment,
    Overrides,
    Settings,
    SettingsError,
)
from copilot_api.settings.registry import REGISTRY
from copilot_api.store.audit import FILE_NAME as AUDIT_NAME
from copilot_api.store.audit import AuditLog
from copilot_api.store.calibration import FILE_NAME as CALIBRATION_NAME
from copilot_api.store.calibration import CalibrationFile
from copilot_api.store.config_file import ConfigFile, ConfigState
from copilot_api.store.files import fingerprint
from copilot_api.store.keys import KEY_USES_NAME, KeyUses
from copilot_api.store.memory.catalogs import FILE_NAME as CATALOGS_NAME
from copilot_api.store.memory.catalogs import CatalogFile
from copilot_api.store.sessions import FILE_NAME as SESSIONS_NAME
from copilot_api.store.sessions import Sessions
from copilot_api.web.admin.desk import Desk, Feed
from copilot_api.web.admin.door import Door, Facts
from copilot_api.web.admin.events import ExchangeTeller, StatusTeller, Streams
from copilot_api.web.admin.models import History
from copilot_api.web.admin.operations import Operations
from copilot_api.web.admin.rooms import rooms
from copilot_api.web.admin.status import Inspector
from copilot_api.web.admin.usage import PublicUsage
from copilot_api.web.app import App
from copilot_api.web.guard import Guard
from copilot_api.web.ingress import Ingress
from copilot_api.web.metrics import Metrics
from copilot_api.web.models import ModelListing
from copilot_api.web.running import logs
from copilot_api.web.running.admission import Sums, loader, places_for, tell_limits
from copilot_api.web.running.background import Background
from copilot_api.web.running.listening import keep_door_closed
from copilot_api.web.running.telemetry import Gauges, Observatory
from copilot_api.web.running.usage import shelf_for

_log: structlog.stdlib.BoundLogger = structlog.get_logger()


class House:
    """`async with House(...) as house:` — `house.app` answers requests until the block is left."""

    def __init__(
        self,
        *,
        config: ConfigFile,
        environment: Environment,
        overrides: Overrides,
        state: ConfigState,
        settings: Settings,
        exchange_log: Sink,
    ) -> None:
        self._config = config
        self._environment = environment
        self._overrides = overrides
        self._state = state
        self._stack = AsyncExitStack()
        self._store_problem = state.problem
        self.settings = settings
        self._exchange_log = exchange_log
        self._adopting = asyncio.Lock()
        self._catalog_patience: asyncio.Timeout | None = None
        self.feed = Feed()
        self.key_uses = KeyUses(config.path.with_name(KEY_USES_NAME))

    async def __aenter__(self) -> Self:
        """Build the rooms from the bottom up and start what runs in the background."""
        try:
            await self._build()
        except BaseException:
            await self._stack.aclose()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the background work, write what is still queued, close the connections."""
        await self._stack.aclose()

    async def _write_the_rest(self) -> None:
        """Write every record that waits; what cannot be written is lost with the process, and said to be."""
        failed = self.ledger.failed
        await self.ledger.flush()
        if lost := self.ledger.failed - failed:
            _log.error("ledger.records_lost", records=lost)

    async def _build(self) -> None:
        settings = self.settings
        self.upstream = await self._stack.enter_async_context(
            Upstream(
                timeouts=settings.timeouts,
                proxies=chosen_proxies(settings, os.environ),
                ca_bundle=settings.ca_bundle,
                api_base_override=settings.upstream_url,
            )
        )
        self.shelf = shelf_for(lambda: self.settings, lambda: self.accounts.all())  # noqa: PLW0108 - built later
        kept_by = [self.shelf] if self.shelf is not None else []
        self.observatory = Observatory(settings, __version__)
        self._stack.push_async_callback(self.observatory.close)
        sinks: list[Sink] = [self._exchange_log, ExchangeTeller(self.feed), *self.observatory.sinks]
        self.ledger = Ledger(sinks, kept_by=kept_by, report=_report_sink)
        if self.shelf is not None:
            self._stack.push_async_callback(self.shelf.close)
        self._stack.push_async_callback(self._write_the_rest)
        await asyncio.to_thread(self.key_uses.load)
        self._stack.push_async_callback(asyncio.to_thread, self.key_uses.save)
        background = await self._stack.enter_async_context(Background())
        self.accounts = Accounts(self._surroundings(background))
        self.sweeper = Sweeper(background.spawn, tick_s=_tick_s(settings))
        self.tokenizer = Tokenizer()
        self._stack.push_async_callback(self.tokenizer.close)
        windows, slots = places_for(settings.limits_url, background.spawn)
        self._stack.push_async_callback(windows.aclose)
        self._stack.push_async_callback(slots.aclose)
        self.admission = Admission(settings, windows=windows, slots=slots, spawn=background.spawn)
        tell_limits(self.admission, self.feed)
        self._sums = Sums(self.admission, loader(self.shelf.book)) if self.shelf is not None else None
        self.gateway = self._gateway(background)
        self.probe = Probe(self.gateway, settings=lambda: self.settings)
        self.app = self._app()
        await self.accounts.apply(settings)
        self.desk.adopted(self._state)
        if self._sums is not None:
            await self._sums.settle()
        self._keep_going(background)

    def _keep_going(self, background: Background) -> None:
        """Start everything that runs as long as the house stands."""
        for name, run in self.desk.works:
            background.keep(name, run)
        background.keep("status", StatusTeller(self.feed, self.inspector).run)
        background.keep("sweeper", self.sweeper.run)
        background.keep("slots", self.admission.slots.run)
        background.keep("lag", self.observatory.lag.run)
        background.keep("key-uses", self.key_uses.run)
        background.keep("ledger", lambda: self.ledger.run(background.spawn))
        if self.shelf is not None:
            background.keep("usage", self.shelf.keep)
        if self._sums is not None:
            background.keep("budgets", self._sums.run)
        background.keep("usage-test", self.probe.run)
        background.keep("catalogs", self._keep_catalogs)
        background.keep("config", lambda: self._config.watch(self._adopt, since=self._state))

    def _metrics(self) -> Metrics:
        gauges = Gauges(
            observatory=self.observatory,
            accounts=self.accounts,
            admission=self.admission,
            ledger=self.ledger,
            sweeper=self.sweeper,
        )
        return Metrics(
            prepare=gauges.prepare,
            settings=lambda: self.settings,
            guard=lambda: self.app.guard,
            door=self.door,
        )

    def _surroundings(self, background: Background) -> Surroundings:
        settings = self.settings
        github = GitHub(
            self.upstream.fetch,
            user_agent=f"copilot-api/{__version__}",
            github_url=settings.github_url,
            github_api_url=settings.github_api_url,
        )
        self.history = History(
            CatalogFile(self._config.path.with_name(CATALOGS_NAME)), spawn=background.spawn
        )
        return Surroundings(
            on_catalog=self.history.saw,
            github=github,
            upstream=self.upstream,
            spawn=background.spawn,
            clock=time.time,
            new_id=lambda: str(uuid.uuid4()),
            open_token=self._open_token,
            show_token=_show_token if settings.show_token else None,
        )

    def _new_guard(self, settings: Settings) -> Guard:
        return Guard(settings, note_use=self.key_uses.note)

    def _open_token(self, entry: AccountEntry) -> str:
        return self._config.vault.open(entry.token) if entry.token.startswith(VAULT_PREFIX) else entry.token

    def _gateway(self, background: Background) -> Gateway:
        settings = self.settings
        calibrations = CalibrationFile(self._config.path.with_name(CALIBRATION_NAME))
        counter = LocalCounter(self.tokenizer, calibrations, spawn=background.spawn)
        gateway = Gateway(
            settings=settings,
            accounts=self.accounts,
            upstream=self.upstream,
            shaper=Shaper(PublicFetch()),
            admission=self.admission,
            sweeper=self.sweeper,
            ledger=self.ledger,
            spawn=background.spawn,
            lines={
                "inference": Exchange,
                "embeddings": EmbedExchange,
                "count_tokens": partial(CountExchange, counter=counter),
            },
            witness=partial(teach, counter),
        )
        gateway.estimator = Estimator(counter, spawn=background.spawn)
        return gateway

    def _app(self) -> App:
        settings = self.settings
        self.inspector = Inspector(
            version=__version__,
            address=f"http://{settings.host}:{settings.port}",
            settings=lambda: self.settings,
            accounts=self.accounts,
            ledger=self.ledger,
            store_problem=lambda: self._store_problem,
            book=self.shelf.book if self.shelf is not None else None,
        )
        self.desk = Desk(
            config=self._config,
            settings=lambda: self.settings,
            adopt=self._adopt,
            accounts=self.accounts,
            feed=self.feed,
            audit=AuditLog(self._config.path.with_name(AUDIT_NAME)),
        )
        self.door = Door(
            settings=lambda: self.settings,
            guard=lambda: self.app.guard,
            sessions=Sessions(self._config.path.with_name(SESSIONS_NAME)),
        )
        self.streams = Streams(self.desk, self.door, __version__)
        ingress = Ingress(self.gateway, lambda: self.app.guard)
        self.operations = self._operations(ingress)
        return App(
            guard=self._new_guard(settings),
            routes=all_routes(),
            ingress=ingress,
            models=ModelListing(self.accounts, lambda: self.settings, lambda: self.app.guard),
            operations=self.operations.application(),
        )

    def _operations(self, ingress: Ingress) -> Operations:
        return Operations(
            settings=lambda: self.settings,
            door=self.door,
            inspector=self.inspector,
            accounts=self.accounts,
            version=__version__,
            rooms=rooms(
                self.desk,
                self.door,
                Facts.now(__version__),
                streams=self.streams,
                ingress=ingress,
                history=self.history,
                uses=self.key_uses,
                book=self.shelf.book if self.shelf is not None else None,
                probe=self.probe,
                gateway=self.gateway,
            ),
            outside=[
                *PublicUsage(self.desk, self.door, self.probe, lambda: self.app.guard).routes(),
                *self._metrics().routes(),
            ],
        )

    async def _adopt(self, state: ConfigState) -> None:
        """Take a changed config.json: the next request sees it, those under way keep what they began with."""
        async with self._adopting:
            await self._put_in_force(await asyncio.to_thread(self._newest, state))

    def _newest(self, state: ConfigState) -> ConfigState:
        """The file as it is by now: of two who wrote, the one who is heard last need not have written last."""
        if state.is_read_only or fingerprint(self._config.path) == state.version:
            return state
        newest = self._config.load()
        return state if newest.is_read_only else newest

    async def _put_in_force(self, state: ConfigState) -> None:
        self._store_problem = state.problem
        settings = await asyncio.to_thread(self._config.resolve, state, self._environment, self._overrides)
        settings = keep_door_closed(settings)
        unusable = [problem for problem in settings.problems if problem.stops_start]
        if unusable:
            _log.error("config.refused", problem=str(unusable[0]))
            return
        before, self.settings = self.settings, settings
        self.gateway.settings = settings
        self.admission.adopt(settings)
        if self._sums is not None:
            self._sums.look()
        self.sweeper.tick_s = _tick_s(settings)
        if settings.verbose != before.verbose:
            logs.adopt_verbosity(is_verbose=settings.verbose)
        if settings.catalog_refresh_s != before.catalog_refresh_s and self._catalog_patience is not None:
            with suppress(RuntimeError):  # it is about to end anyway, and reads the newest settings then
                self._catalog_patience.reschedule(asyncio.get_running_loop().time())
        await self._adopt_network(settings)
        self.app.guard = self._new_guard(settings)
        await self.accounts.apply(settings)
        self.desk.adopted(state)
        _log.info("config.adopted", needs_restart=_needs_restart(before, settings))

    async def _keep_catalogs(self) -> None:
        """Keep the catalogs fresh; a new interval begins at once, not after the old one has passed."""
        while True:
            try:
                async with asyncio.timeout(None) as self._catalog_patience:
                    await self.accounts.run(self.settings.catalog_refresh_s)
            except TimeoutError:
                continue

    async def _adopt_network(self, settings: Settings) -> None:
        try:
            await self.upstream.adopt(
                timeouts=settings.timeouts,
                proxies=chosen_proxies(settings, os.environ),
                ca_bundle=settings.ca_bundle,
            )
        except SettingsError as error:
            _log.error("network.kept", problem=str(error))


_FIXED_AT_START = (
    *(setting.field for setting in REGISTRY if setting.needs_restart),
    "upstream_url",
    "github_url",
)
"""Settings that a running server keeps until it is started again."""


def _needs_restart(before: Settings, after: Settings) -> list[str]:
    read = [(name, attrgetter(name)) for name in _FIXED_AT_START]
    return [name for name, value in read if value(before) != value(after)]


def _tick_s(settings: Settings) -> float:
    """Often enough for the shortest patience asked for, and at most once a second."""
    timeouts = settings.timeouts
    return min(1.0, timeouts.keepalive_s / 4, timeouts.idle_s / 4, timeouts.first_byte_s / 4)


def _show_token(login: str, token: str) -> None:
    """SHOW_TOKEN: the one place where a token reaches the log, because the operator asked for it."""
    _log.warning("token.shown", account=login, token=token)


def _report_sink(sink: str, error: Exception) -> None:
    problem = error.message if isinstance(error, GatewayError) else repr(error)
    _log.error("ledger.sink_failed", sink=sink, problem=problem)
