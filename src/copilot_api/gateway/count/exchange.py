"""A request that asks how many tokens another one has: Copilot's counter where there is one, else ours.

    peek -> choose the model -> ask Copilot | count here -> answer -> record

The answer says in `x-copilot-api-count` which of the two it was, and how good. A failure is never turned into a
number.
"""

import asyncio
from collections.abc import Mapping
from functools import partial
from typing import Final
from urllib.parse import quote

from copilot_api.copilot.catalog import MESSAGES, Model
from copilot_api.errors import ContextOverflow, UnsupportedContent, UpstreamFault, UpstreamRejected
from copilot_api.gateway.count.local import LocalCounter
from copilot_api.gateway.count.reading import (
    COUNTER_PATH,
    read_counted,
    read_upstream_count,
    write_count,
    written_for_counter,
)
from copilot_api.gateway.exchange import Exchange
from copilot_api.gateway.gateway import Gateway
from copilot_api.gateway.life import Life
from copilot_api.gateway.reply import answer
from copilot_api.gateway.request.apart import apart
from copilot_api.gateway.request.call import Call
from copilot_api.gateway.request.custom.prompt import prompt_for
from copilot_api.gateway.request.plan import Plan
from copilot_api.protocols.base import RequestPeek

HEADER: Final = b"x-copilot-api-count"
COUNTER_PATIENCE_S: Final = 10.0
"""A client waits for a count before it sends the real request."""
_NO_COUNTER_STATUSES: Final = frozenset({404, 405, 408, 413, 422, 501})
_NO_COUNTER_CODES: Final = frozenset({"model_not_supported", "unsupported_api_for_model"})


class CountExchange(Exchange):
    """One count's life."""

    __slots__ = ("_counter", "_patience_s")

    def __init__(
        self, gateway: Gateway, call: Call, *, counter: LocalCounter, patience_s: float = COUNTER_PATIENCE_S
    ) -> None:
        super().__init__(gateway, call)
        self._counter = counter
        self._patience_s = patience_s

    async def _line(self) -> None:
        peek = await apart(self.call.body, self._peek)
        self._begin_watch(peek)
        model = await self._choose(peek)
        why = "the model has no counter upstream"
        if MESSAGES in model.endpoints:
            try:
                body, headers = await self._ask(model, peek)
            except (UpstreamFault, UnsupportedContent, TimeoutError) as fault:
                if isinstance(fault, UpstreamFault) and not is_without_counter(fault):
                    raise
                why = _reason(fault)
            else:
                await self._answer(body, "upstream", headers)
                return
        await self._count_here(model, peek, why)

    async def _ask(self, model: Model, peek: RequestPeek) -> tuple[bytes, Mapping[str, str]]:
        """Copilot's own count in the client's words, and the head it came with."""
        call = self.call
        assert self.account is not None  # noqa: S101 - set by _choose
        chosen = Plan(call.route, model, "messages", COUNTER_PATH, "messages", False, "counter")
        async with asyncio.timeout(self._patience_s):
            if call.route.protocol.name != "messages":
                write = partial(written_for_counter, call, model, chosen, self.account.id)
                self.translation = await asyncio.to_thread(write)
            self.record.upstream, self.record.reason = chosen.upstream, chosen.reason
            self.record.mode = "translated" if self.translation is not None else "verbatim"
            self._tailor(chosen, peek)
            reply = await self._send(chosen, peek)
            try:
                body = await reply.read()
            finally:
                reply.close()
        self._observe(reply)
        tokens = read_upstream_count(body)
        return body if self.translation is None else write_count(call, tokens), reply.headers

    async def _count_here(self, model: Model, peek: RequestPeek, why: str) -> None:
        extra_prompt = prompt_for(self.gateway.settings, model.id, peek.model)
        counted = await self._counter.count(partial(read_counted, self.call, extra_prompt), model)
        self.record.upstream, self.record.mode, self.record.reason = "", "local", why
        await self._answer(write_count(self.call, counted.tokens), f"{counted.describe()}; reason={why}", {})

    async def _answer(self, body: bytes, how: str, upstream_headers: Mapping[str, str]) -> None:
        self.record.status = 200
        head = answer.head(self.record, upstream_headers, len(body))
        head = [pair for pair in head if pair[0] != b"content-type"]
        head += [(b"content-type", b"application/json"), (HEADER, quote(how, safe=" %=;.,'-").encode())]
        await self.outlet.open(200, head)
        await self.outlet.finish(body)


def is_without_counter(fault: UpstreamFault) -> bool:
    """Whether the counter cannot be used, rather than that the account or the request is at fault.

    Source: upstream contract 6.7: 404 and 400 mean that there is no counter; a 400 that names what is wrong with
    the request is passed on, since the request itself would be refused as well.
    """
    if fault.code == "credential_refused" or fault.status in (401, 403, 466):
        return False
    if not isinstance(fault, UpstreamRejected) or isinstance(fault, ContextOverflow):
        return True
    if fault.status in _NO_COUNTER_STATUSES or fault.code in _NO_COUNTER_CODES:
        return True
    return fault.upstream_type is None and fault.message.lower().startswith(
        ("bad request", "copilot answered 400")
    )


def teach(counter: LocalCounter, exchange: Life) -> None:
    """Let the counter learn from an answered request what its tokens really were."""
    record, account = exchange.record, exchange.account
    is_answered = record.operation == "inference" and record.outcome == "completed"
    if record.usage is None or account is None or not is_answered or not counter.is_due(record.mapped_model):
        return
    catalog = account.catalog.current
    model = catalog.models.get(record.mapped_model) if catalog is not None else None
    if model is not None:
        counter.learn(partial(read_counted, exchange.call), model, record.usage.input_tokens)


def _reason(fault: Exception) -> str:
    """Why there is no count of Copilot's, in a few words that fit a header."""
    if isinstance(fault, UpstreamFault):
        return f"the counter upstream answered {fault.status} {fault.code}"
    if isinstance(fault, UnsupportedContent):
        return "the counter upstream takes Messages, which cannot say this request"
    return "the counter upstream did not answer in time"
