"""Everything that is counted, in Prometheus' words. Imported by the first scrape: nobody else pays for it.

Source: Prometheus, exposition formats and naming practices; prometheus-client 0.26 (read 2026-11).
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from copilot_api.gateway.telemetry.tally import Histogram, Labels, Sums, Tally, Way

PREFIX: Final = "copilot_api"
_NANO: Final = 1e9
_TOKENS: Final = ("input", "cache_read", "cache_write", "output", "reasoning")
_WAY: Final = ("ingress", "upstream", "form")


class Sample(NamedTuple):
    """One number that a room tells at the moment of the scrape. `labels` are (name, value) pairs."""

    name: str
    help: str
    value: float
    labels: tuple[tuple[str, str], ...] = ()
    is_counter: bool = False


class Snapshot(NamedTuple):
    """What is rendered: copies, so that a thread may read them while the gateway goes on."""

    series: list[tuple[Labels, Sums]]
    first_byte: list[tuple[Way, Histogram]]
    duration: list[tuple[Way, Histogram]]
    upstream_errors: Counter[str]
    repairs: Counter[str]
    lag: Histogram
    samples: Sequence[Sample]

    @classmethod
    def of(cls, tally: Tally, lag: Histogram, samples: Sequence[Sample]) -> "Snapshot":
        """Copy what may change."""
        return cls(
            list(tally.series.items()),
            list(tally.first_byte.items()),
            list(tally.duration.items()),
            Counter(tally.upstream_errors),
            Counter(tally.repairs),
            lag,
            samples,
        )


class _Exposed(Collector):
    """One scrape's families."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot

    def collect(self) -> Iterable[Metric]:
        """Every family, once."""
        snapshot = self._snapshot
        yield from _of_series(snapshot.series)
        yield _histograms("first_byte_seconds", "Time to the first byte.", snapshot.first_byte)
        yield _histograms("request_duration_seconds", "Time to the last byte.", snapshot.duration)
        yield _counter(
            "upstream_errors", "Failures of requests that were sent.", "class", snapshot.upstream_errors
        )
        yield _counter("repairs", "Repairs of requests and answers, by name.", "repair", snapshot.repairs)
        lag = HistogramMetricFamily(f"{PREFIX}_event_loop_lag_seconds", "How late the event loop is.")
        lag.add_metric([], *_buckets(snapshot.lag))
        yield lag
        yield from _of_samples(snapshot.samples)


def render(snapshot: Snapshot, accept: str) -> tuple[bytes, str]:
    """The scrape's body and its content type, as the scraper accepts them."""
    registry = CollectorRegistry()
    registry.register(_Exposed(snapshot))
    ProcessCollector(registry=registry)
    encode, content_type = choose_encoder(accept)
    return encode(registry), content_type


def _of_series(series: list[tuple[Labels, Sums]]) -> Iterator[Metric]:
    requests = CounterMetricFamily(
        f"{PREFIX}_requests", "Requests, by how they ended.", labels=Labels._fields
    )
    losses = CounterMetricFamily(
        f"{PREFIX}_losses", "What could not be said.", labels=("ingress", "upstream")
    )
    retries = CounterMetricFamily(f"{PREFIX}_retries", "Requests sent once more.", labels=("model",))
    whose = ("model", "key", "account")
    tokens = CounterMetricFamily(
        f"{PREFIX}_tokens", "Tokens; input has the cached ones.", labels=("kind", *whose)
    )
    credits = CounterMetricFamily(f"{PREFIX}_credits", "AI credits.", labels=whose)
    by_way: Counter[tuple[str, str]] = Counter()
    again: Counter[str] = Counter()
    spent: defaultdict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0] * (len(_TOKENS) + 1))
    for labels, sums in series:
        requests.add_metric(labels, sums.requests)
        by_way[labels.ingress, labels.upstream] += sums.losses
        again[labels.model] += sums.retries
        added = spent[labels.model, labels.key, labels.account]
        for place, kind in enumerate(_TOKENS):
            added[place] += int(getattr(sums, kind))
        added[-1] += sums.nano_aiu
    for way, count in by_way.items():
        losses.add_metric(way, count)
    for model, count in again.items():
        retries.add_metric((model,), count)
    for owner, counts in spent.items():
        credits.add_metric(owner, counts[-1] / _NANO)
        for place, kind in enumerate(_TOKENS):
            tokens.add_metric((kind, *owner), counts[place])
    yield from (requests, tokens, credits, losses, retries)


def _of_samples(samples: Sequence[Sample]) -> Iterator[Metric]:
    families: dict[str, CounterMetricFamily | GaugeMetricFamily] = {}
    for sample in samples:
        family = families.get(sample.name)
        if family is None:
            made = CounterMetricFamily if sample.is_counter else GaugeMetricFamily
            names = [name for name, _ in sample.labels]
            family = families[sample.name] = made(f"{PREFIX}_{sample.name}", sample.help, labels=names)
        family.add_metric([value for _, value in sample.labels], sample.value)
    yield from families.values()


def _counter(name: str, text: str, label: str, counts: Counter[str]) -> Metric:
    family = CounterMetricFamily(f"{PREFIX}_{name}", text, labels=(label,))
    for value, count in counts.items():
        family.add_metric((value,), count)
    return family


def _histograms(name: str, text: str, histograms: list[tuple[Way, Histogram]]) -> Metric:
    family = HistogramMetricFamily(f"{PREFIX}_{name}", text, labels=_WAY)
    for way, histogram in histograms:
        family.add_metric(way, *_buckets(histogram))
    return family


def _buckets(histogram: Histogram) -> tuple[list[tuple[str, float]], float]:
    """Cumulative counts by upper bound, and the sum of the values."""
    below, buckets = 0, list[tuple[str, float]]()
    for bound, count in zip((*histogram.bounds, float("inf")), histogram.counts, strict=True):
        below += count
        buckets.append(("+Inf" if bound == float("inf") else repr(bound), below))
    return buckets, histogram.sum
