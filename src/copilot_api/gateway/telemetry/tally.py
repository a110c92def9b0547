"""Running sums of records, by a bounded set of labels. Knows no exposition format.

Every label's values are bounded: what is not a model of the catalogue is "other", and so is whatever comes after the
first `MAX_VALUES` of a label or the first `MAX_SERIES` combinations. A client cannot grow it by inventing names.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from typing import Final, NamedTuple

from copilot_api.gateway.ledger import UsageRecord

OTHER: Final = "other"
MAX_VALUES: Final = 200
MAX_SERIES: Final = 5_000
FIRST_BYTE_BUCKETS_S: Final = (0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0, 120.0, 300.0)
DURATION_BUCKETS_S: Final = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0)


class Labels(NamedTuple):
    """Which series a record belongs to."""

    ingress: str
    upstream: str
    operation: str
    model: str
    key: str
    account: str
    outcome: str
    status: str


class Sums:
    """What the records of one series came to. Units: 1e-9 AI credits; tokens of each kind, cached ones in `input`."""

    __slots__ = (
        "cache_read",
        "cache_write",
        "input",
        "losses",
        "nano_aiu",
        "output",
        "reasoning",
        "requests",
        "retries",
    )

    def __init__(self) -> None:
        self.requests = self.input = self.cache_read = self.cache_write = self.output = self.reasoning = 0
        self.nano_aiu = self.losses = self.retries = 0


class Histogram:
    """How many values fell below which bound. `counts` has one place more than `bounds`, for what is above all."""

    __slots__ = ("bounds", "counts", "sum")

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.sum = 0.0

    def add(self, value: float) -> None:
        """Count one."""
        self.counts[bisect_left(self.bounds, value)] += 1
        self.sum += value


Way = tuple[str, str, str]
"""Ingress, upstream, and `stream` or `whole`."""


class Tally:
    """A sink of the ledger: `await tally(records)`."""

    def __init__(self) -> None:
        self.series: dict[Labels, Sums] = {}
        self.first_byte: dict[Way, Histogram] = {}
        self.duration: dict[Way, Histogram] = {}
        self.upstream_errors: Counter[str] = Counter()
        self.repairs: Counter[str] = Counter()
        self._models = _Values()
        self._keys = _Values()
        self._accounts = _Values()

    async def __call__(self, records: Sequence[UsageRecord]) -> None:
        """Add one batch."""
        for record in records:
            self._add(record)

    def _add(self, record: UsageRecord) -> None:
        sums = self._sums(
            Labels(
                record.ingress,
                record.upstream,
                record.operation,
                self._models.bounded(record.mapped_model) or OTHER,
                self._keys.bounded(record.key),
                self._accounts.bounded(record.account),
                record.outcome,
                str(record.status),
            )
        )
        sums.requests += 1
        sums.losses += len(record.losses)
        sums.nano_aiu += record.nano_aiu or 0
        sums.retries += max(0, record.attempts - 1)
        usage = record.usage
        if usage is not None:
            sums.input += usage.input_tokens
            sums.cache_read += usage.cache_read_tokens
            sums.cache_write += usage.cache_write_tokens
            sums.output += usage.output_tokens
            sums.reasoning += usage.reasoning_tokens
        if record.repairs:
            self.repairs.update(record.repairs)
        if record.attempts:
            self._time(record)

    def _time(self, record: UsageRecord) -> None:
        """What was really asked of Copilot."""
        way = (record.ingress, record.upstream, "stream" if record.is_stream else "whole")
        duration = self.duration.get(way)
        if duration is None:
            duration = self.duration[way] = Histogram(DURATION_BUCKETS_S)
            self.first_byte[way] = Histogram(FIRST_BYTE_BUCKETS_S)
        duration.add(record.total_ms / 1000.0)
        if record.first_byte_ms:
            self.first_byte[way].add(record.first_byte_ms / 1000.0)
        if record.outcome in {"failed", "cut"}:
            self.upstream_errors[error_class(record)] += 1

    def _sums(self, labels: Labels) -> Sums:
        sums = self.series.get(labels)
        if sums is None:
            if len(self.series) >= MAX_SERIES:
                labels = Labels(*[OTHER] * len(Labels._fields))
            sums = self.series.setdefault(labels, Sums())
        return sums


class _Values:
    """The values of one label: the first so many, and "other"."""

    def __init__(self) -> None:
        self._known: set[str] = set()

    def bounded(self, value: str) -> str:
        if value in self._known:
            return value
        if len(self._known) >= MAX_VALUES:
            return OTHER
        self._known.add(value)
        return value


def error_class(record: UsageRecord) -> str:  # noqa: PLR0911 - one return for each class
    """Which kind of failure it was, in a few words that never grow."""
    if record.outcome == "cut":
        return "cut"
    match record.status:
        case 401 | 403:
            return "credential"
        case 402:
            return "quota"
        case 429:
            return "rate_limited"
        case 504:
            return "timeout"
        case status if status >= 500:
            return "unavailable"
        case status if status >= 400:
            return "rejected"
        case _:
            return "in_stream"
