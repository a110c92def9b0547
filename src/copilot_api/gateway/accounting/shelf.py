"""The sink that hands records to the ledger, and what keeps the ledger in shape meanwhile.

Quota readings go along at most every few seconds: what is left is a
state, so nothing is lost between two of them. Old rows are dropped now and then, by whoever writes.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence

import structlog

from copilot_api.copilot.accounts import Account
from copilot_api.copilot.quota import QuotaSnapshot
from copilot_api.errors import StoreUnavailable
from copilot_api.gateway.accounting.entries import entry_of
from copilot_api.gateway.ledger import UsageRecord, each
from copilot_api.settings import DEFAULT_MULTIPLIERS, Settings
from copilot_api.store.ledger import Book, Entry, Reading
from copilot_api.store.ledger.age import cutoff_ms

_log: structlog.stdlib.BoundLogger = structlog.get_logger()

READING_PAUSE_S = 5.0
KEEP_PAUSE_S = 60.0
UPKEEP_PAUSE_S = 3600.0


class Shelf:
    """A sink of the ledger queue: `await shelf(records)`. `accounts` are those that run now."""

    def __init__(
        self,
        book: Book,
        *,
        settings: Callable[[], Settings],
        accounts: Callable[[], Iterable[Account]],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.book = book
        self._settings = settings
        self._accounts = accounts
        self._clock = clock
        self._told: dict[str, QuotaSnapshot] = {}
        self._next_reading_s = 0.0
        self._next_upkeep_s = 0.0

    async def __call__(self, records: Sequence[UsageRecord]) -> None:
        """Write one batch.

        Raises: StoreUnavailable; the batch may be given again.
        """
        accounts, told_before = {account.id: account for account in self._accounts()}, dict(self._told)
        readings = [*self._first_readings(records), *self._readings(accounts.values())]
        own, told = self._settings().premium_model_multipliers, dict(self._told)

        def multiplier(account_id: str, model_id: str) -> float | None:
            if model_id in own:
                return own[model_id]
            account = accounts.get(account_id)
            catalog = account.catalog.current if account is not None else None
            model = catalog.models.get(model_id) if catalog is not None else None
            said = model.billing.multiplier if model is not None else None
            return float(said) if said is not None else DEFAULT_MULTIPLIERS.get(model_id)

        def is_token_billed(account_id: str) -> bool:
            snapshot = told.get(account_id)
            return snapshot is not None and snapshot.is_token_billed is True

        def entry(record: UsageRecord) -> Entry:
            return entry_of(record, multiplier, is_token_billed)

        try:
            await self.book.write(await each(records, entry), readings)
        except StoreUnavailable:
            self._told, self._next_reading_s = told_before, 0.0  # what was not written is read again
            raise

    async def read_quotas(self) -> None:
        """Write what the accounts were told last, if it is new.

        Raises: StoreUnavailable.
        """
        readings = self._readings(self._accounts(), is_due=True)
        if readings:
            await self.book.write((), readings)

    def _first_readings(self, records: Sequence[UsageRecord]) -> list[Reading]:
        """What an account's quota was before the first request of this process: else that one would not be seen."""
        readings: list[Reading] = []
        for record in records:
            before = record.quota_before
            if record.account_id not in self._told and isinstance(before, QuotaSnapshot):
                self._told[record.account_id] = before
                readings += readings_of(record.account_id, before, int(record.started_unix_s * 1000))
        return readings

    def _readings(self, accounts: Iterable[Account], *, is_due: bool = False) -> list[Reading]:
        now_s = self._clock()
        if now_s < self._next_reading_s and not is_due:
            return []
        self._next_reading_s = now_s + READING_PAUSE_S
        readings: list[Reading] = []
        for account in accounts:
            snapshot = account.quota
            if snapshot is not None and snapshot is not self._told.get(account.id):
                self._told[account.id] = snapshot
                readings += readings_of(account.id, snapshot, int(now_s * 1000))
        return readings

    async def keep(self, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        """Note quotas and drop old rows, for ever; runs in the composition root's TaskGroup.

        It begins with opening a ledger that may need an upgrade, or a server that may not be there.
        """
        if await asyncio.to_thread(self.book.place.is_due):
            await self._quietly(self.book.open())
        while True:
            await sleep(KEEP_PAUSE_S)
            if self.book.is_open:
                await self._quietly(self.read_quotas())
                if self._clock() >= self._next_upkeep_s:
                    self._next_upkeep_s = self._clock() + UPKEEP_PAUSE_S
                    await self._quietly(self._drop_old())

    async def _quietly(self, work: Awaitable[None]) -> None:
        try:
            await work
        except StoreUnavailable as error:
            _log.warning("ledger.unavailable", problem=error.message)

    async def _drop_old(self) -> None:
        settings = self._settings()
        before_ms = cutoff_ms(settings.usage_retention, settings.usage_retention_months, self._clock())
        if before_ms is not None and (removed := await self.book.drop_old(before_ms)):
            _log.info("ledger.old_rows_dropped", rows=removed)

    async def close(self) -> None:
        """Write the last readings, and close the ledger."""
        if self.book.is_open:
            await self._quietly(self.read_quotas())
        await self.book.close()


def readings_of(account_id: str, snapshot: QuotaSnapshot, at_ms: int) -> list[Reading]:
    """What a snapshot says of each bucket that has a number."""
    readings: list[Reading] = []
    for name, bucket in snapshot.buckets.items():
        left = bucket.remaining
        if left is None and bucket.entitlement is not None and bucket.percent_remaining is not None:
            left = bucket.entitlement * bucket.percent_remaining / 100
        if left is None or bucket.is_unlimited or not bucket.is_applicable:
            continue
        readings.append(
            Reading(
                account_id=account_id,
                bucket=name,
                at_ms=at_ms,
                remaining=left,
                entitlement=bucket.entitlement,
                resets_at=bucket.resets_at or snapshot.resets_at,
                is_token_billed=snapshot.is_token_billed is True,
            )
        )
    return readings
