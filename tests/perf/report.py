"""The numbers, side by side. Owns the words and columns; measures nothing."""

from collections.abc import Mapping, Sequence
from statistics import median

from tests.perf.measure import Sample
from tests.perf.stage import Stand

Samples = Mapping[str, Sequence[Sample]]
"""Every stand's runs, in the same order: run n of one stands beside run n of the other."""


def table(unit: str, samples: Samples, straight: str, floor: str, target_us: float | None) -> list[str]:
    """One workload.

    Shape: a line per stand: CPU min / median / max, ratio of medians to `floor`, rate, added latency.
    """
    width = max(len(name) for name in samples) + 2
    lines = [
        f"  {'':{width}}{'CPU µs/' + unit:>26}{'x nginx':>9}{unit + 's/s':>11}"
        f"{'p50 ms':>9}{'added':>8}{'p99 ms':>9}{'added':>8}"
        + ("" if unit == "request" else f"{'a read':>8}")
    ]
    for name, runs in samples.items():
        lines.append(_line(name, runs, samples[straight], samples.get(floor), width))
    if target_us is not None:
        lines.append(f"  {'target for the gateway':{width}}   at most {target_us:g}")
    return lines


def ratio(samples: Samples, one: str, other: str, target: float) -> list[str]:
    """What `one` costs beside `other`, round by round: drifts of the machine fall on both."""
    rounds = zip(samples.get(one, ()), samples.get(other, ()), strict=True)
    pairs = [(run.cpu_us, base.cpu_us) for run, base in rounds if run.cpu_us is not None and base.cpu_us]
    if not pairs:
        return []
    ratios = [cost / base for cost, base in pairs]
    shown = " / ".join(f"{found:.2f}" for found in (min(ratios), median(ratios), max(ratios)))
    return [f"  CPU of {one!r} to {other!r}, min / median / max: {shown}; target at most {target:g}"]


def _line(
    name: str, runs: Sequence[Sample], straight: Sequence[Sample], floor: Sequence[Sample] | None, width: int
) -> str:
    costs = [run.cpu_us for run in runs if run.cpu_us is not None]
    digits = 1 if runs[0].batch else 0
    shown = (
        " / ".join(f"{cost:.{digits}f}" for cost in (min(costs), median(costs), max(costs))) if costs else "-"
    )
    floors = [run.cpu_us for run in floor or [] if run.cpu_us is not None]
    ratio = f"{median(costs) / median(floors):.1f}" if costs and floors else "-"
    p50, p99 = median(run.p50_ms for run in runs), median(run.p99_ms for run in runs)
    added = ["-", "-"]
    if runs is not straight:
        pairs = list(zip(runs, straight, strict=True))
        added[0] = f"{median(run.p50_ms - base.p50_ms for run, base in pairs):+.2f}"
        added[1] = f"{median(run.p99_ms - base.p99_ms for run, base in pairs):+.2f}"
    batch = median(run.batch for run in runs)
    return (
        f"  {name:{width}}{shown:>26}{ratio:>9}{median(run.per_second for run in runs):>11.0f}"
        f"{p50:>9.2f}{added[0]:>8}{p99:>9.2f}{added[1]:>8}" + (f"{batch:>8.2f}" if batch else "")
    )


def footprint(
    stands: Sequence[Stand], idle_mb: Mapping[str, float], loaded_mb: Mapping[str, float]
) -> list[str]:
    """Memory and start of every process."""
    lines = [f"  {'':20}{'RSS idle MB':>14}{'after load MB':>16}{'start to first answer ms':>27}"]
    lines += [
        f"  {stand.name:20}{idle_mb[stand.name]:>14.0f}{loaded_mb[stand.name]:>16.0f}{stand.start_ms:>27.0f}"
        for stand in stands
        if stand.pid is not None
    ]
    return lines
