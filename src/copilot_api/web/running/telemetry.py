"""Who counts, who is told, and what the rooms tell at the moment of a scrape: telemetry's part of the composition."""

import asyncio
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from copilot_api.copilot.accounts import Accounts
from copilot_api.gateway.admission.admission import Admission
from copilot_api.gateway.ledger import Ledger, Sink
from copilot_api.gateway.sweep import Sweeper
from copilot_api.gateway.telemetry.lag import LoopLag
from copilot_api.gateway.telemetry.tally import Tally
from copilot_api.settings import Settings, SettingsError

if TYPE_CHECKING:
    from copilot_api.gateway.telemetry.exposition import Sample
    from copilot_api.gateway.telemetry.otel import Telemetry

Render = Callable[[str], "tuple[bytes, str]"]


class Observatory:
    """What is counted of every record: always for Prometheus, for OpenTelemetry where the operator wants it."""

    def __init__(self, settings: Settings, version: str) -> None:
        """Raises: SettingsError when OpenTelemetry is wanted and not installed."""
        self.version = version
        self.tally = Tally()
        self.lag = LoopLag(time.monotonic)
        self._otel = _otel_for(settings, version)

    @property
    def sinks(self) -> list[Sink]:
        """What the ledger hands its records to."""
        return [self.tally] if self._otel is None else [self.tally, self._otel]

    async def close(self) -> None:
        """Export what is left."""
        if self._otel is not None:
            await asyncio.to_thread(self._otel.close)


def _otel_for(settings: Settings, version: str) -> "Telemetry | None":
    if not settings.otel:
        return None
    try:
        from copilot_api.gateway.telemetry.otel import Telemetry  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise SettingsError(
            "COPILOT_API_OTEL needs the OpenTelemetry SDK. Install copilot-api-gateway[otel], or unset it."
        ) from error
    return Telemetry(version)


class Gauges:
    """Reads the rooms. Holds nothing of its own but what was counted."""

    def __init__(
        self,
        *,
        observatory: Observatory,
        accounts: Accounts,
        admission: Admission,
        ledger: Ledger,
        sweeper: Sweeper,
    ) -> None:
        self._observatory = observatory
        self._accounts = accounts
        self._admission = admission
        self._ledger = ledger
        self._sweeper = sweeper

    def prepare(self) -> Render:
        """Copy what is counted now; the result renders it, in any thread."""
        from copilot_api.gateway.telemetry.exposition import Snapshot, render  # noqa: PLC0415 - 20 ms, 3 MB

        seen = self._observatory
        return partial(render, Snapshot.of(seen.tally, seen.lag.late, tuple(self._samples())))

    def _samples(self) -> "Iterator[Sample]":
        from copilot_api.gateway.telemetry.exposition import Sample  # noqa: PLC0415

        yield Sample("build_info", "The version that runs.", 1, (("version", self._observatory.version),))
        yield from self._of_exchanges(Sample)
        yield from self._of_limits(Sample)
        yield from self._of_accounts(Sample)

    def _of_exchanges(self, sample: "type[Sample]") -> "Iterator[Sample]":
        watches = tuple(self._sweeper.watches)
        yield sample("open_exchanges", "Requests under way.", len(watches))
        streams = sum(watch.is_stream for watch in watches)
        yield sample("open_streams", "Streamed answers under way.", streams)
        dropped, failed = self._ledger.dropped, self._ledger.failed
        yield sample("records_dropped", "Records pushed out of a full queue.", dropped, is_counter=True)
        yield sample("records_failed", "Records that could not be written.", failed, is_counter=True)

    def _of_limits(self, sample: "type[Sample]") -> "Iterator[Sample]":
        gate = self._admission
        depths = {
            "minute": gate.rates.waiting,
            "slot": gate.slots.waiting,
            "spacing": gate.spacing.waiting,
            "pause": gate.pauses.waiting,
            "approval": len(gate.approvals.waiting),
            "ledger": self._ledger.waiting,
        }
        for queue, depth in depths.items():
            yield sample("queue_depth", "What waits, by queue.", depth, (("queue", queue),))
        yield sample("paused_models", "Models that Copilot asked to leave alone.", len(gate.pauses.current()))
        refused = gate.pauses.refused
        yield sample("paused_requests", "Requests refused in a pause.", refused, is_counter=True)
        for standing in gate.budgets.standings():
            labels = (("scope", standing.scope), ("id", standing.id), ("period", standing.period))
            yield sample(
                "budget_used_ratio", "The part of a budget that is gone.", standing.used_ratio, labels
            )

    def _of_accounts(self, sample: "type[Sample]") -> "Iterator[Sample]":
        for account in self._accounts.all():
            login = ("account", account.login)
            renewed = account.credential.renewals
            yield sample("account_up", "Whether an account is ready.", account.state == "ready", (login,))
            for outcome, count in (("ok", renewed.done), ("failed", renewed.failed)):
                labels = (login, ("outcome", outcome))
                yield sample("token_refreshes", "Exchanges of tokens.", count, labels, is_counter=True)
            quota = account.quota
            for bucket in quota.buckets.values() if quota is not None else ():
                if bucket.remaining is not None and bucket.is_applicable and not bucket.is_unlimited:
                    labels = (login, ("bucket", bucket.name))
                    yield sample("quota_remaining", "What is left, by bucket.", bucket.remaining, labels)
