"""`python -m tests.perf`: run the benchmark and print it. docs/performance.md says how to read it."""

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from tests.perf import machine, measure, report, stage, wrk
from tests.perf.beside import year
from tests.perf.load import BadAnswer
from tests.perf.measure import Sample
from tests.perf.requests import EVENTS_PER_STREAM, INTERVAL_MS, PROMPT, STREAMS, Case
from tests.perf.stage import Stand

REQUEST_TARGET_US = 300.0
LEDGER_TARGET = 1.10
SETTLE_S = 3.0


def arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """What the operator chose."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--runs", type=int, default=3, help="rounds; each measures everything once (3)")
    parser.add_argument("--seconds", type=float, default=4.0, help="length of one load (4)")
    parser.add_argument(
        "--only", choices=("requests", "streams", "ledger"), help="a part of it; ledger: a year of rows"
    )
    parser.add_argument("--rows", type=int, default=1_000_000, help="of that ledger (1,000,000)")
    parser.add_argument("--without", choices=("gateway", "nginx"), help="leave one out")
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print."""
    options = arguments(argv)
    if not machine.is_measurable():
        print("bench: skipped, it reads /proc, which this system has not. Run it on Linux.")
        return 0
    failed = False
    try:
        with tempfile.TemporaryDirectory(prefix="copilot-api-bench-") as name, ExitStack() as stack:
            if options.only == "ledger":
                year.say(options.rows, Path(name))
            else:
                _bench(options, Path(name), stack)
    except* (BadAnswer, OSError) as errors:
        print(f"bench: stopped: {_first(errors)}", file=sys.stderr)
        failed = True
    return int(failed)


def _first(error: BaseException) -> BaseException:
    return _first(error.exceptions[0]) if isinstance(error, BaseExceptionGroup) else error


def _bench(options: argparse.Namespace, directory: Path, stack: ExitStack) -> None:
    print(f"load average {machine.load_average():.2f} before the start, Python {sys.version.split()[0]}")
    stands = _stands(options, directory, stack)
    time.sleep(SETTLE_S)
    idle_mb = {stand.name: machine.rss_mb(stand.pid) for stand in stands if stand.pid is not None}
    whole: dict[str, list[Sample]] = {stand.name: [] for stand in stands}
    streams = {
        case: {stand.name: list[Sample]() for stand in stands if not stand.is_aside} for case in STREAMS
    }
    for number in range(1, options.runs + 1):
        print(f"run {number} of {options.runs}, load average {machine.load_average():.2f}", flush=True)
        if options.only != "streams":
            for stand in stands:
                whole[stand.name].append(measure.whole(stand, directory, options.seconds))
        if options.only != "requests":
            for case in STREAMS:
                for stand in [stand for stand in stands if not stand.is_aside]:
                    streams[case][stand.name].append(measure.streams(stand, case, options.seconds))
    time.sleep(SETTLE_S)
    loaded_mb = {stand.name: machine.rss_mb(stand.pid) for stand in stands if stand.pid is not None}
    print(*_say(whole, streams), sep="\n")
    print("\nmemory and start", *report.footprint(stands, idle_mb, loaded_mb), sep="\n")
    print(f"\n{stage.exchanges_logged(directory)} canonical lines in the gateway's JSON log")


def _stands(options: argparse.Namespace, directory: Path, stack: ExitStack) -> list[Stand]:
    """Start what is to be measured; say what is skipped."""
    if not wrk.is_installed():
        print("wrk is not installed: whole requests come from our own slower generator.")
    straight = stack.enter_context(stage.upstream(directory))
    stands = [straight]
    if shutil.which("nginx") is None:
        print("nginx is not installed: skipped, there is no floor to compare with.")
    elif options.without != "nginx":
        stands.append(stack.enter_context(stage.nginx(directory, straight.port)))
    if options.only != "streams":
        stands += [
            stack.enter_context(stage.bare(directory, straight.port, form)) for form in ("libraries", "own")
        ]
    if options.without != "gateway":
        stands.append(stack.enter_context(stage.gateway(directory, straight.port)))
        if options.only != "streams":
            stands.append(stack.enter_context(stage.gateway(directory, straight.port, has_ledger=False)))
    return stands


def _say(whole: dict[str, list[Sample]], streams: dict[Case, dict[str, list[Sample]]]) -> Iterator[str]:
    if any(whole.values()):
        yield f"\nwhole answers: {measure.CONNECTIONS} connections, prompt of {len(PROMPT)} bytes, chat"
        yield "  latency with one connection"
        yield from report.table("request", whole, "straight", "nginx", REQUEST_TARGET_US)
        yield from report.ratio(whole, "gateway", "gateway, no ledger", LEDGER_TARGET)
    for case, samples in streams.items():
        if any(samples.values()):
            yield (
                f"\n{case.name}: {measure.STREAMS} at once, one event every {INTERVAL_MS} ms, "
                f"{EVENTS_PER_STREAM} texts each"
            )
            yield "  latency of the first event"
            yield from report.table("event", samples, "straight", "nginx", case.target_us)


if __name__ == "__main__":
    sys.exit(main())
