"""Sums of records with labels that cannot grow."""

import pytest

from copilot_api.gateway.ledger import UsageRecord
from copilot_api.gateway.telemetry.lag import LoopLag
from copilot_api.gateway.telemetry.tally import MAX_SERIES, MAX_VALUES, Histogram, Tally, error_class


def record(model: str = "m", *, key: str = "", status: int = 200, outcome: str = "completed") -> UsageRecord:
    """A record of these tests."""
    return UsageRecord(
        trace_id="t",
        ingress="chat",
        path="/",
        mapped_model=model,
        key=key,
        status=status,
        outcome=outcome,
        attempts=1,
        total_ms=40.0,
    )


def test_a_value_falls_into_the_first_bucket_that_holds_it() -> None:
    """A bound is in its own bucket; what is above all bounds is counted as well."""
    histogram = Histogram((1.0, 2.0))
    for value in (0.5, 1.0, 1.5, 99.0):
        histogram.add(value)
    assert (histogram.counts, histogram.sum) == ([2, 1, 1], 102.0)


async def test_after_so_many_models_the_rest_is_other() -> None:
    """Whoever could invent models would invent series."""
    tally = Tally()
    await tally([record(f"m{number}") for number in range(MAX_VALUES + 50)])
    models = {labels.model for labels in tally.series}
    assert len(models) == MAX_VALUES + 1
    assert "other" in models
    await tally([record("m0")])
    assert sum(sums.requests for labels, sums in tally.series.items() if labels.model == "m0") == 2


async def test_after_so_many_series_the_rest_is_one() -> None:
    """Each label is bounded, and so is their product."""
    tally = Tally()
    await tally([record(f"m{n % 150}", key=f"k{n // 150}") for n in range(MAX_SERIES + 500)])
    assert len(tally.series) == MAX_SERIES + 1
    assert sum(sums.requests for sums in tally.series.values()) == MAX_SERIES + 500


@pytest.mark.parametrize(
    ("status", "outcome", "expected"),
    [
        (401, "failed", "credential"),
        (402, "failed", "quota"),
        (429, "failed", "rate_limited"),
        (400, "failed", "rejected"),
        (502, "failed", "unavailable"),
        (504, "failed", "timeout"),
        (502, "cut", "cut"),
        (200, "failed", "in_stream"),
    ],
)
def test_failures_have_few_names(status: int, outcome: str, expected: str) -> None:
    """Copilot's own codes are as many as it likes."""
    assert error_class(record(status=status, outcome=outcome)) == expected


async def test_a_late_loop_is_seen() -> None:
    """A second that took one and a half was half a second late."""
    now_s = 0.0

    async def sleep(seconds: float) -> None:
        nonlocal now_s
        now_s += seconds * 1.5
        if now_s > 2.0:
            raise InterruptedError

    lag = LoopLag(lambda: now_s, sleep=sleep)
    with pytest.raises(InterruptedError):
        await lag.run()
    assert sum(lag.late.counts) == 1
    assert lag.late.sum == 0.5
