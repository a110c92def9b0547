"""One request from bytes to bytes. The file to read first.

    receive -> peek -> plan -> shape -> send -> relay -> record

`receive` is the edge's (`web/ingress.py`); the other six verbs are here, in this order. A request that fails at
any step leaves through `errors.py` and its own protocol's `write_error`, before or after streaming began.
"""

import asyncio
import secrets
import time
from collections.abc import Callable, Mapping

import msgspec
import structlog

from copilot_api.copilot.accounts import Account, Accounts
from copilot_api.copilot.catalog import Model
from copilot_api.copilot.client import Upstream, UpstreamReply
from copilot_api.copilot.flight import Spawn
from copilot_api.copilot.names import require
from copilot_api.copilot.rejections import classify
from copilot_api.errors import Draining, GatewayError, UpstreamFault, UpstreamTimeout
from copilot_api.gateway.ledger import Ledger, UsageRecord
from copilot_api.gateway.limits import RateLimit
from copilot_api.gateway.reply import answer
from copilot_api.gateway.reply.array import ArrayClient
from copilot_api.gateway.reply.judged import JudgedClient
from copilot_api.gateway.reply.outlet import Outlet, Stage
from copilot_api.gateway.reply.relay import NativeRelay, Relay
from copilot_api.gateway.reply.translated import TranslatedRelay
from copilot_api.gateway.request.call import Call, ClientEnd
from copilot_api.gateway.request.custom import (
    SMALL_MODEL,
    SUBAGENT,
    is_warm_up,
    small_model,
    tailored,
    take_marker,
)
from copilot_api.gateway.request.plan import Plan
from copilot_api.gateway.request.routes import Operation
from copilot_api.gateway.request.shape import Shaped, Shaper
from copilot_api.gateway.request.translate import Translation, translated
from copilot_api.gateway.sweep import End, Sweeper, Watch
from copilot_api.protocols.base import RequestPeek, Voice
from copilot_api.settings import Settings

_log: structlog.stdlib.BoundLogger = structlog.get_logger()

ANSWER_IDS = {"chat": "chatcmpl-", "responses": "resp_", "messages": "msg_", "gemini": ""}
"""How the ids of each protocol's answers begin, for a translated answer whose own id does not fit."""


class Gateway:
    """The collaborators every exchange shares. `settings` is replaced as a whole when they change."""

    def __init__(
        self,
        *,
        settings: Settings,
        accounts: Accounts,
        upstream: Upstream,
        shaper: Shaper,
        rate_limit: RateLimit,
        sweeper: Sweeper,
        ledger: Ledger,
        spawn: Spawn,
        lines: "Mapping[Operation, Callable[[Gateway, Call], Exchange]] | None" = None,
        witness: "Callable[[Exchange], None] | None" = None,
    ) -> None:
        """`lines` are the exchanges of operations that take another way; `witness` sees every one that is over."""
        self.settings = settings
        self.accounts = accounts
        self.upstream = upstream
        self.shaper = shaper
        self.rate_limit = rate_limit
        self.sweeper = sweeper
        self.ledger = ledger
        self.spawn = spawn
        self._lines = lines or {}
        self._witness = witness

    async def exchange(self, call: Call) -> None:
        """Answer one call, whatever happens, and leave one record of it.

        Raises: nothing but the CancelledError of a server that is shutting down.
        """
        exchange = self._lines.get(call.route.operation, Exchange)(self, call)
        await exchange.run()
        if self._witness is not None:
            self._witness(exchange)


class Exchange:
    """One request's life."""

    __slots__ = (
        "account",
        "begin",
        "call",
        "gateway",
        "outlet",
        "record",
        "relay",
        "translation",
        "upstream_headers",
        "watch",
    )

    def __init__(self, gateway: Gateway, call: Call) -> None:
        self.gateway = gateway
        self.call = call
        self.record = UsageRecord(
            trace_id=call.trace_id,
            ingress=call.route.protocol.name,
            operation=call.route.operation,
            path=call.path,
            started_unix_s=call.started_unix_s,
            key=call.key.name if call.key is not None else "",
            key_id=call.key.id if call.key is not None else "",
            client=call.headers.get("user-agent", ""),
            request_bytes=len(call.body),
        )
        self.outlet = Outlet(
            _client_end(gateway, call), early_head=answer.early_head(call, is_stream=False), filler=b" "
        )
        self.watch: Watch | None = None
        self.account: Account | None = None
        self.relay: Relay | None = None
        self.translation: Translation | None = None
        self.begin = b""
        self.upstream_headers: Mapping[str, str] = {}

    async def run(self) -> None:
        """The line, and the ways off it."""
        try:
            await self._line()
        except GatewayError as error:
            await self._fail(error)
        except asyncio.CancelledError:
            await self._cancelled()
        except Exception as bug:
            await self._fail(self._bug(bug))
        finally:
            self._record()

    async def _line(self) -> None:
        call = self.call
        peek = self._peek()
        self._begin_watch(peek)
        chosen = await self._plan(peek)
        if call.route.operation == "inference":
            await self._take_turn()
        reply = await self._send(chosen, peek)
        try:
            await self._relay(reply, chosen, peek)
        finally:
            reply.close()

    def _peek(self) -> RequestPeek:
        """Read what routing needs, after a sub-agent's marker was taken out of the prompt."""
        call = self.call
        call.body, call.headers, is_marked = take_marker(call.route.protocol.name, call.body, call.headers)
        if is_marked:
            self.record.repairs = [SUBAGENT]
        peek = call.route.peek(call.body)
        if is_warm_up(call.route, peek, call.body):
            return msgspec.structs.replace(peek, background="warm_up")
        return peek

    async def _take_turn(self) -> None:
        """Wait for our own rate limit; that wait is not upstream's silence."""
        await self.gateway.rate_limit.admit()
        if self.watch is not None:
            self.watch.silent_s = 0.0

    def _begin_watch(self, peek: RequestPeek) -> None:
        call, timeouts = self.call, self.gateway.settings.timeouts
        self.record.requested_model = peek.model
        self.record.is_stream = peek.stream
        if peek.stream:
            self.outlet.early_head = answer.early_head(call, is_stream=True)
            self.outlet.filler = call.route.protocol.ingress.keepalive
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - we run inside a task by construction
        self.watch = Watch(
            task, self.outlet.keepalive, keepalive_s=timeouts.keepalive_s, limit_s=timeouts.first_byte_s
        )
        self.gateway.sweeper.watches.add(self.watch)
        self.gateway.spawn(_hang_up(call, self.watch))

    async def _plan(self, peek: RequestPeek) -> Plan:
        """Choose the model and the way to it."""
        gateway, call = self.gateway, self.call
        model = await self._choose(peek)
        account = self.account
        assert account is not None  # noqa: S101 - set by _choose
        chosen, self.translation = await translated(
            call, model, account.id, prefers_functions=gateway.settings.use_function_apply_patch is True
        )
        self.record.upstream, self.record.reason = chosen.upstream, chosen.reason
        self._tailor(chosen, peek)
        return chosen

    async def _choose(self, peek: RequestPeek) -> Model:
        """Freeze the account and resolve the name."""
        key = self.call.key
        account = self.gateway.accounts.choose(key.account_id if key is not None else None)
        self.account = account
        self.record.account, self.record.account_id = account.login, account.id
        model = await self._model(account, peek)
        self.record.mapped_model = model.id
        return model

    async def _model(self, account: Account, peek: RequestPeek) -> Model:
        """The model that the client named; for a warm-up the small one, where there is one."""
        settings = self.gateway.settings
        resolution = await account.resolve(peek.model, settings)
        if peek.background == "warm_up":
            small = small_model(settings, account.catalog.current, self.call.route)
            if small is not None:
                self.record.repairs = [*self.record.repairs, SMALL_MODEL]
                return small
        return require(resolution)

    def _tailor(self, chosen: Plan, peek: RequestPeek) -> None:
        """Add what the operator configured for the model; every attempt begins with that."""
        translation, settings = self.translation, self.gateway.settings
        begin = self.call.body if translation is None else translation.body
        request = None if translation is None else translation.request
        self.begin, added = tailored(begin, chosen, peek.model, settings, request)
        done = () if translation is None else translation.repairs
        self.record.repairs = [*self.record.repairs, *done, *added]

    async def _send(self, chosen: Plan, peek: RequestPeek) -> UpstreamReply:
        """Shape and send; a classified rejection that a repair knows is mended and sent once more."""
        gateway, call, account = self.gateway, self.call, self.account
        assert account is not None  # noqa: S101 - set by _plan
        fault: UpstreamFault | None = None
        for _ in range(2):
            shaped = await gateway.shaper.shape(call, chosen, peek, gateway.settings, self.begin, fault)
            if shaped is None:
                break
            self._note(shaped)
            reply = await gateway.upstream.send(account, chosen.path, shaped.body, shaped.headers)
            if reply.status < 300:
                return reply
            fault = await self._read_fault(reply)
        assert fault is not None  # noqa: S101 - the first shaping is never None
        raise fault

    def _note(self, shaped: Shaped) -> None:
        self.record.attempts += 1
        self.record.initiator = shaped.initiator
        self.record.interaction_id = shaped.interaction_id
        self.record.repairs += [repair for repair in shaped.repairs if repair not in self.record.repairs]

    async def _read_fault(self, reply: UpstreamReply) -> UpstreamFault:
        """Upstream's refusal, in our tree; its connection is given back."""
        try:
            body = await reply.read()
        finally:
            reply.close()
        self._observe(reply)
        return classify(reply.status, reply.headers, body)

    def _observe(self, reply: UpstreamReply) -> None:
        self.upstream_headers = reply.headers
        self.record.upstream_request_id = reply.headers.get("x-request-id", "")
        if self.account is not None:
            self.account.observe(reply.headers)

    async def _relay(self, reply: UpstreamReply, chosen: Plan, peek: RequestPeek) -> None:
        """Pump the answer to the client, and note what it was."""
        call, record, watch = self.call, self.record, self.watch
        assert watch is not None  # noqa: S101 - set by _begin_watch
        self._observe(reply)
        relay = self.relay = self._new_relay(chosen, peek)
        record.mode = relay.mode

        async def open_outlet(content_length: int | None = None, /) -> None:
            watch.limit_s = self.gateway.settings.timeouts.idle_s
            record.first_byte_ms = (time.perf_counter() - call.started_s) * 1000.0
            record.answering_model = relay.model or chosen.model.id
            self._note_losses(relay)
            await self.outlet.open(reply.status, answer.head(record, reply.headers, content_length))

        try:
            await relay.pump(reply, self.outlet, watch, open_outlet)
        finally:
            record.usage = relay.usage
            record.finish = relay.finish.raw if relay.finish is not None else ""
            record.status = reply.status
            self._note_losses(relay)
            if relay.failure is not None:
                record.outcome = "failed"
                record.error_code, record.error_message = "upstream_failed", relay.failure

    def _new_relay(self, chosen: Plan, peek: RequestPeek) -> Relay:
        call = self.call
        if self.translation is None:
            return NativeRelay(chosen, call, is_stream=peek.stream)
        answer_id = f"{ANSWER_IDS[self.record.ingress]}{secrets.token_hex(12)}"
        voice = Voice(answer_id, int(call.started_unix_s), peek.model)
        return TranslatedRelay(chosen, self.translation, voice, is_stream=peek.stream)

    def _note_losses(self, relay: Relay) -> None:
        if relay.losses:
            self.record.losses = [f"{loss.path} ({loss.handling})" for loss in relay.losses]

    async def _fail(self, error: GatewayError) -> None:
        """Say it in the client's protocol, at whatever point the answer is."""
        record, ingress = self.record, self.call.route.protocol.ingress
        record.outcome = "cut" if self.outlet.stage is Stage.OPEN else "failed"
        record.status, record.error_code, record.error_message = error.status, error.code, error.message
        if self.outlet.stage is Stage.WAITING:
            wire = ingress.write_error(error)
            head = answer.error_head(record, error, self.upstream_headers, len(wire.body))
            await self.outlet.open(wire.status, head)
            await self.outlet.finish(wire.body)
        elif self.outlet.stage is Stage.OPEN and record.is_stream:
            frames = (
                ingress.write_stream_error(error) if self.relay is None else self.relay.failure_frames(error)
            )
            await self.outlet.finish(frames)
        elif self.outlet.stage is Stage.OPEN:
            await self.outlet.abort(ingress.write_error(error).body)

    async def _cancelled(self) -> None:
        """Sort out who stopped us: the client, upstream's silence, or the end of the server."""
        watch = self.watch
        if watch is not None and watch.end is End.CLIENT_GONE:
            watch.absorb()
            if (
                self.relay is None or not self.relay.is_complete
            ):  # Codex hangs up on a whole answer, before upstream's own end.
                self.record.outcome = self.record.error_code = "client_gone"
                self.record.status = 499
        elif watch is not None and watch.end is End.SILENT:
            watch.absorb()
            await self._fail(
                UpstreamTimeout(
                    f"Upstream sent nothing for {watch.limit_s:g} s. Send the request again, or raise "
                    "COPILOT_API_FIRST_BYTE_TIMEOUT_S / COPILOT_API_IDLE_TIMEOUT_S."
                )
            )
        else:
            await self._fail(Draining("The gateway is shutting down. Send the request again in a moment."))
            raise asyncio.CancelledError

    def _bug(self, bug: Exception) -> GatewayError:
        """What escaped the tree is ours to mend: the log gets the traceback, the client only its id."""
        _log.error("exchange.crashed", trace_id=self.call.trace_id, exc_info=bug)
        return GatewayError(
            f"The gateway failed on this request; its log has the details under {self.call.trace_id}."
        )

    def _record(self) -> None:
        gateway, record = self.gateway, self.record
        if self.watch is not None:
            self.watch.end = self.watch.end or End.FINISHED
            gateway.sweeper.watches.discard(self.watch)
        record.response_bytes = self.outlet.bytes_sent
        record.total_ms = (time.perf_counter() - self.call.started_s) * 1000.0
        gateway.ledger.record(record)


def _client_end(gateway: Gateway, call: Call) -> ClientEnd:
    """The way to the client: framed as it asked, and judged where the operator wants that."""
    client = ArrayClient(call.client) if call.route.is_array else call.client
    if gateway.settings.validate_streams:
        client = JudgedClient(client, call.route.protocol.name, call.trace_id)
    return client


async def _hang_up(call: Call, watch: Watch) -> None:
    """Cancel the exchange, and with it the upstream call, as soon as nobody listens."""
    await call.client.until_gone()
    watch.cancel(End.CLIENT_GONE)
