"""One request's life, from its first moment to its last, whichever way it goes.

Owns what is known of the request so far, the watch over its silences, and its ends: answered, failed, hung up,
silent, shut down. The way in between is the line (`exchange.py`); it knows no verb of it.
"""

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from functools import partial

import structlog

from copilot_api.copilot.accounts import Account
from copilot_api.copilot.catalog import Model
from copilot_api.copilot.client import UpstreamReply
from copilot_api.copilot.prices import cost_of
from copilot_api.errors import (
    BudgetExhausted,
    Draining,
    Forbidden,
    GatewayError,
    QuotaExhausted,
    Throttled,
    UpstreamTimeout,
)
from copilot_api.gateway.accounting.clients import client_hint, conversation_of
from copilot_api.gateway.admission.admission import Ticket
from copilot_api.gateway.capture.seen import Seen
from copilot_api.gateway.estimate import Estimate
from copilot_api.gateway.gateway import Gateway
from copilot_api.gateway.ledger import UsageRecord
from copilot_api.gateway.reply import answer
from copilot_api.gateway.reply.array import ArrayClient
from copilot_api.gateway.reply.judged import JudgedClient
from copilot_api.gateway.reply.limits import limit_headers
from copilot_api.gateway.reply.outlet import Outlet, Stage
from copilot_api.gateway.reply.relay import Relay
from copilot_api.gateway.request.call import Call, ClientEnd
from copilot_api.gateway.request.translate import Translation
from copilot_api.gateway.sweep import End, Watch
from copilot_api.gateway.telemetry.context import context_of
from copilot_api.neutral.loss import Loss, worst_first
from copilot_api.protocols.base import RequestPeek

_log: structlog.stdlib.BoundLogger = structlog.get_logger()

_OUR_NO = (Forbidden, Throttled, BudgetExhausted, QuotaExhausted)
"""What our own limits say before Copilot is asked: whoever hears it was refused. The last one is a pause."""


class Life(ABC):
    """What a request has come to so far. The fields are filled in as it happens."""

    __slots__ = (
        "account",
        "begin",
        "call",
        "estimate",
        "gateway",
        "outlet",
        "record",
        "relay",
        "seen",
        "ticket",
        "translation",
        "upstream_headers",
        "watch",
    )

    def __init__(self, gateway: Gateway, call: Call) -> None:
        self.gateway = gateway
        self.call = call
        self.seen: Seen | None = gateway.captures.begin(call) if gateway.captures.register else None
        self.record = UsageRecord(
            trace_id=call.trace_id,
            ingress=call.route.protocol.name,
            operation=call.route.operation,
            path=call.path,
            started_unix_s=call.started_unix_s,
            key=call.key.name if call.key is not None else "",
            key_id=call.key.id if call.key is not None else "",
            client=call.headers.get("user-agent", ""),
            client_hint=client_hint(call.headers),
            request_bytes=len(call.body),
        )
        if gateway.settings.otel or gateway.settings.otel_propagate:
            self.record.trace_context = context_of(call.headers)
        self.outlet = Outlet(
            _client_end(gateway, call), early_head=answer.early_head(call, is_stream=False), filler=b" "
        )
        self.watch: Watch | None = None
        self.account: Account | None = None
        self.relay: Relay | None = None
        self.ticket: Ticket | None = None
        self.estimate: Estimate | None = None
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
            self._close()

    @abstractmethod
    async def _line(self) -> None:
        """Answer the request."""

    def _begin_watch(self, peek: RequestPeek) -> None:
        """From here on somebody counts the seconds of silence, and notices a client that hangs up."""
        call, timeouts = self.call, self.gateway.settings.timeouts
        self.record.requested_model = peek.model
        self.record.is_stream = peek.stream
        self.record.conversation = conversation_of(peek, call.headers)
        if peek.stream:
            self.outlet.early_head = answer.early_head(call, is_stream=True)
            self.outlet.filler = call.route.protocol.ingress.keepalive
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - we run inside a task by construction
        self.watch = Watch(
            task,
            self.outlet.keepalive,
            keepalive_s=timeouts.keepalive_s,
            limit_s=timeouts.first_byte_s,
            is_stream=peek.stream,
        )
        self.gateway.sweeper.watches.add(self.watch)
        if call.when_gone is not None:
            call.when_gone(partial(self.watch.cancel, End.CLIENT_GONE))
        else:
            self.gateway.spawn(_hang_up(call, self.watch))

    def _observe(self, reply: UpstreamReply) -> None:
        """Keep what the head of upstream's answer tells: quota, and what passes on to the client."""
        self.upstream_headers = reply.headers
        self.record.upstream_request_id = reply.headers.get("x-request-id", "")
        if self.account is not None:
            before = self.account.meter.told
            self.account.observe(reply.headers)
            if (after := self.account.meter.told) is not before:
                self.record.quota_before, self.record.quota_after = before, after

    def _note_losses(self, losses: tuple[Loss, ...]) -> None:
        if losses:
            self.record.losses = [f"{loss.path} ({loss.handling})" for loss in worst_first(losses)]

    def _note_end(self, relay: Relay, model: Model) -> None:
        """What is known of an answer once it has ended, well or not."""
        record = self.record
        usage = record.usage = relay.usage
        if usage is not None and usage.total_nano_aiu is not None:
            record.nano_aiu, record.credits_from = usage.total_nano_aiu, "copilot"
        elif usage is not None and (cost := cost_of(usage, model.billing)) is not None:
            record.nano_aiu, record.credits_from = cost, "catalogue"
        record.finish = relay.finish.raw if relay.finish is not None else ""
        self._note_losses(relay.losses)
        if relay.failure is not None:
            record.outcome = "failed"
            record.error_code, record.error_message = "upstream_failed", relay.failure

    async def _fail(self, error: GatewayError) -> None:
        """Say it in the client's protocol, at whatever point the answer is."""
        record, ingress = self.record, self.call.route.protocol.ingress
        if not record.attempts:  # what the client has by now is at most a sign of life: nothing was cut
            record.outcome = "refused" if isinstance(error, _OUR_NO) else "failed"
        else:
            record.outcome = "cut" if self.outlet.stage is Stage.OPEN else "failed"
        record.status, record.error_code, record.error_message = error.status, error.code, error.message
        if self.outlet.stage is Stage.WAITING:
            wire = ingress.write_error(error)
            head = answer.error_head(record, error, self.upstream_headers, len(wire.body))
            if self.ticket is not None:
                head += limit_headers(self.call.route.protocol.name, self.ticket, time.time())
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

    def _close(self) -> None:
        """Let go of everything, and leave one record."""
        gateway, record = self.gateway, self.record
        if self.watch is not None:
            self.watch.end = self.watch.end or End.FINISHED
            gateway.sweeper.watches.discard(self.watch)
        record.response_bytes = self.outlet.bytes_sent
        record.total_ms = (time.perf_counter() - self.call.started_s) * 1000.0
        gateway.ledger.record(record)
        if self.relay is not None:
            gateway.admission.budgets.spend(record)
        if self.ticket is not None:
            usage = record.usage
            tokens = 0 if usage is None else usage.input_tokens + usage.output_tokens
            gateway.admission.leave(self.ticket, tokens)
        if self.seen is not None:
            self.seen.end(self)
            gateway.captures.keep(self.seen)


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
