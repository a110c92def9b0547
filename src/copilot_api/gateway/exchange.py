"""One request from bytes to bytes. The file to read first.

    receive -> peek -> plan -> shape -> send -> relay -> record

`receive` is the edge's (`web/ingress.py`) and `record` is every life's end (`life.py`); the other verbs are here,
in this order. A request that fails at any step leaves through `errors.py` and its own protocol's `write_error`,
before or after streaming began.
"""

import math
import secrets
import time
from functools import partial

import msgspec

from copilot_api.copilot.catalog import Model
from copilot_api.copilot.client import UpstreamReply
from copilot_api.copilot.rejections import classify
from copilot_api.errors import UpstreamFault
from copilot_api.gateway.admission.admission import AskPrice, Ticket
from copilot_api.gateway.estimate import Estimate
from copilot_api.gateway.life import Life
from copilot_api.gateway.reply import answer
from copilot_api.gateway.reply.limits import limit_headers
from copilot_api.gateway.reply.relay import NativeRelay, Relay
from copilot_api.gateway.reply.translated import TranslatedRelay
from copilot_api.gateway.request.apart import apart
from copilot_api.gateway.request.choose import chosen_model, require_allowed
from copilot_api.gateway.request.custom import SUBAGENT, is_warm_up, tailored, take_marker
from copilot_api.gateway.request.custom.prompt import prompt_for
from copilot_api.gateway.request.plan import Plan
from copilot_api.gateway.request.translate import is_strict, translated
from copilot_api.neutral.loss import Loss
from copilot_api.protocols.base import RequestPeek, Voice
from copilot_api.protocols.losses import refuse_losses

ANSWER_IDS = {"chat": "chatcmpl-", "responses": "resp_", "messages": "msg_", "gemini": ""}
"""How the ids of each protocol's answers begin, for a translated answer whose own id does not fit."""


class Exchange(Life):
    """The line that every request takes which Copilot answers."""

    __slots__ = ()

    async def _line(self) -> None:
        peek = await apart(self.call.body, self._peek)
        self._begin_watch(peek)
        chosen = await self._plan(peek)
        if self.gateway.admission.concerns(self.call.key):
            await self._admit(partial(self._estimated, chosen, peek))
        if self.gateway.settings.estimate:
            self._estimated(chosen, peek)
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

    async def _plan(self, peek: RequestPeek) -> Plan:
        """Choose the model and the way to it."""
        call, settings = self.call, self.gateway.settings
        model = await self._choose(peek)
        account = self.account
        assert account is not None  # noqa: S101 - set by _choose
        chosen, self.translation = await translated(
            call, model, account.id, prefers_functions=settings.use_function_apply_patch is True
        )
        self.record.upstream, self.record.reason = chosen.upstream, chosen.reason
        if self.translation is not None:
            self._judge(self.translation.losses, chosen)
        self._tailor(chosen, peek)
        return chosen

    def _judge(self, losses: tuple[Loss, ...], chosen: Plan) -> None:
        """Note what could not be said, and refuse whoever is strict, who is told the way and all of it."""
        self.record.mode = "translated"
        self._note_losses(losses)
        if is_strict(self.call):
            refuse_losses(losses, chosen.model.id)

    async def _choose(self, peek: RequestPeek) -> Model:
        """Freeze the account and resolve the name."""
        call, gateway, record = self.call, self.gateway, self.record
        account = self.account = gateway.accounts.choose(
            call.key.account_id if call.key is not None else None
        )
        record.account, record.account_id = account.login, account.id
        model, repairs = await chosen_model(account, call.route, peek, gateway.settings)
        record.mapped_model = model.id
        require_allowed(call.key, peek.model, model.id)
        record.repairs = [*record.repairs, *repairs]
        return model

    def _tailor(self, chosen: Plan, peek: RequestPeek) -> None:
        """Add what the operator configured for the model; every attempt begins with that."""
        translation, settings = self.translation, self.gateway.settings
        begin = self.call.body if translation is None else translation.body
        request = None if translation is None else translation.request
        self.begin, added = tailored(begin, chosen, peek.model, settings, request)
        done = () if translation is None else translation.repairs
        self.record.repairs = [*self.record.repairs, *done, *added]

    async def _admit(self, ask_price: AskPrice) -> None:
        """Ask our own limits; waiting for them is not upstream's silence."""
        watch, self.ticket = self.watch, Ticket()
        assert watch is not None  # noqa: S101 - set by _begin_watch
        patience_s, watch.limit_s = watch.limit_s, math.inf
        try:
            await self.gateway.admission.enter(self.ticket, self.record, self.call.key, ask_price)
        finally:
            watch.limit_s, watch.silent_s = patience_s, 0.0

    def _estimated(self, chosen: Plan, peek: RequestPeek) -> Estimate | None:
        """Count beside the request, once: for a person who is asked for it, and for the answer's head."""
        estimator, settings = self.gateway.estimator, self.gateway.settings
        if self.estimate is None and estimator is not None and self.call.route.operation == "inference":
            extra_prompt = prompt_for(settings, chosen.model.id, peek.model)
            self.estimate = estimator.begin(
                self.call, chosen.model, extra_prompt, counts_unpriced=settings.manual_approval
            )
        return self.estimate

    async def _send(self, chosen: Plan, peek: RequestPeek) -> UpstreamReply:
        """Shape and send; a classified rejection that a repair knows is mended and sent once more."""
        gateway, call, account = self.gateway, self.call, self.account
        assert account is not None  # noqa: S101 - set by _plan
        pauses, model = gateway.admission.pauses, chosen.model.id
        road = gateway.upstream if self.seen is None else self.seen.road(gateway.upstream)
        if pauses.register:
            await pauses.respect(account.id, model)
        fault: UpstreamFault | None = None
        for _ in range(2):
            shaped = await gateway.shaper.shape(call, chosen, peek, gateway.settings, self.begin, fault)
            if shaped is None:
                break
            shaped.note(self.record)
            if gateway.settings.otel_propagate and self.record.trace_context is not None:
                shaped.headers["traceparent"] = self.record.trace_context.traceparent
            if self.record.trace_context is not None:
                self.record.upstream_base = await account.locate()
            reply = await road.send(account, chosen.path, shaped.body, shaped.headers)
            if reply.status < 300:
                return reply
            fault = await self._read_fault(reply)
            pauses.note(account.id, account.login, model, fault)
        assert fault is not None  # noqa: S101 - the first shaping is never None
        raise fault

    async def _read_fault(self, reply: UpstreamReply) -> UpstreamFault:
        """Upstream's refusal, in our tree; its connection is given back."""
        try:
            body = await reply.read()
        finally:
            reply.close()
        self._observe(reply)
        return classify(reply.status, reply.headers, body)

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
            self._note_losses(relay.losses)
            head = answer.head(record, reply.headers, content_length)
            if self.ticket is not None:
                head += limit_headers(call.route.protocol.name, self.ticket, time.time())
            if self.estimate is not None and self.gateway.settings.estimate:
                head.append(await self.estimate.header())
            await self.outlet.open(reply.status, head)

        try:
            await relay.pump(reply, self.outlet, watch, open_outlet)
        finally:
            record.status = reply.status
            self._note_end(relay, chosen.model)

    def _new_relay(self, chosen: Plan, peek: RequestPeek) -> Relay:
        call = self.call
        if self.translation is None:
            return NativeRelay(chosen, call, is_stream=peek.stream)
        answer_id = f"{ANSWER_IDS[self.record.ingress]}{secrets.token_hex(12)}"
        voice = Voice(answer_id, int(call.started_unix_s), peek.model)
        return TranslatedRelay(chosen, self.translation, voice, is_stream=peek.stream)
