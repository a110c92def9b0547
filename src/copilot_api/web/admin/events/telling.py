"""The topics that no other room tells: exchanges as they end, and the state of the server when it changes."""

import asyncio
from collections.abc import Sequence

import msgspec

from copilot_api.gateway.accounting.clients import recognise
from copilot_api.gateway.ledger import UsageRecord
from copilot_api.web.admin.desk import Feed
from copilot_api.web.admin.desk.instants import iso
from copilot_api.web.admin.status import Inspector, Status

LOOK_S = 2.0
MAX_TOLD = 10
"""Of one batch at most: nobody reads more, and a page that cannot keep up would be dropped."""
_NANO = 1_000_000_000


class ExchangeEvent(msgspec.Struct, frozen=True, rename="camel"):
    """One exchange that has ended: the row of the usage log, without what takes long to know.

    Units: `at` ISO 8601 in UTC; tokens; `credits` AI credits; null where nobody said.
    """

    at: str | None
    trace_id: str
    account: str
    account_id: str
    key: str
    key_id: str
    client: str
    client_name: str
    client_version: str
    ingress: str
    upstream: str
    mode: str
    path: str
    operation: str
    requested_model: str
    mapped_model: str
    answering_model: str
    is_stream: bool
    status: int
    outcome: str
    error_code: str
    error_message: str
    initiator: str
    input_tokens: int | None
    cached_tokens: int | None
    output_tokens: int | None
    reasoning_tokens: int | None
    credits: float | None
    credits_from: str | None
    first_byte_ms: float
    total_ms: float
    repairs: list[str]
    losses: list[str]
    attempts: int


class ExchangeTeller:
    """A sink of the ledger. It costs nothing while no page listens."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed

    async def __call__(self, records: Sequence[UsageRecord]) -> None:
        """Tell one batch."""
        if self._feed.is_heard:
            for record in records[-MAX_TOLD:]:
                self._feed.publish("exchange", exchange_event(record))


class StatusTeller:
    """Looks at the state of the server while a page listens, and tells what changed."""

    def __init__(self, feed: Feed, inspector: Inspector) -> None:
        self._feed = feed
        self._inspector = inspector
        self._said: Status | None = None

    async def run(self) -> None:
        """Look every other second, for ever."""
        while True:
            await asyncio.sleep(LOOK_S)
            self.tell()

    def tell(self) -> None:
        """Tell the state when it differs from what was told last."""
        if not self._feed.is_heard:
            self._said = None
            return
        status = self._inspector.look()
        if status != self._said:
            self._said = status
            self._feed.publish("status", status)


def exchange_event(record: UsageRecord) -> ExchangeEvent:
    """Say a record in the words of the usage log."""
    usage = record.usage
    client_name, client_version = recognise(record.client, record.client_hint)
    return ExchangeEvent(
        at=iso(record.started_unix_s),
        trace_id=record.trace_id,
        account=record.account,
        account_id=record.account_id,
        key=record.key,
        key_id=record.key_id,
        client=record.client,
        client_name=client_name,
        client_version=client_version,
        ingress=record.ingress,
        upstream=record.upstream,
        mode=record.mode,
        path=record.path,
        operation=record.operation,
        requested_model=record.requested_model,
        mapped_model=record.mapped_model,
        answering_model=record.answering_model,
        is_stream=record.is_stream,
        status=record.status,
        outcome=record.outcome,
        error_code=record.error_code,
        error_message=record.error_message,
        initiator=record.initiator,
        input_tokens=usage.input_tokens if usage else None,
        cached_tokens=usage.cache_read_tokens if usage else None,
        output_tokens=usage.output_tokens if usage else None,
        reasoning_tokens=usage.reasoning_tokens if usage else None,
        credits=None if record.nano_aiu is None else record.nano_aiu / _NANO,
        credits_from=record.credits_from or None,
        first_byte_ms=round(record.first_byte_ms, 1),
        total_ms=round(record.total_ms, 1),
        repairs=record.repairs,
        losses=record.losses,
        attempts=record.attempts,
    )
