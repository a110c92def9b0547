"""One measurement: a load on one stand, and what it cost that stand's process alone."""

import asyncio
import time
from collections.abc import Coroutine
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles
from typing import TypeVar

from tests.perf import machine, wrk
from tests.perf.load import Tally, load
from tests.perf.requests import CHAT_WHOLE, EVENTS_PER_STREAM, Case
from tests.perf.stage import Stand

CONNECTIONS = 32
STREAMS = 50
STAGGER_S = 0.5
"""Streams start one after another, as people's do; all at once would measure a queue of 50 requests."""

T = TypeVar("T")


@dataclass(frozen=True)
class Sample:
    """One run of one load on one stand.

    Units: `cpu_us` per request or per event, None where there is no process in between. `p50_ms` and `p99_ms` are
    of whole requests with one connection, or of the first event with all streams running. `batch` is events
    per delivery to the client: much above nginx's means that events were held back and sent together.
    """

    cpu_us: float | None
    per_second: float
    p50_ms: float
    p99_ms: float
    batch: float = 0.0


def whole(stand: Stand, directory: Path, duration_s: float) -> Sample:
    """Whole answers: CPU with 32 connections as fast as it goes, latency with one connection."""
    _burst(stand, directory, CONNECTIONS, 1.0)
    before_s = _cpu_s(stand)
    busy = _burst(stand, directory, CONNECTIONS, duration_s)
    spent_s = _cpu_s(stand) - before_s
    calm = _burst(stand, directory, 1, duration_s / 2)
    cpu_us = spent_s / busy.requests * 1e6 if stand.pid is not None else None
    return Sample(cpu_us, busy.per_second, calm.p50_ms, calm.p99_ms)


def _burst(stand: Stand, directory: Path, connections: int, duration_s: float) -> wrk.Burst:
    case = CHAT_WHOLE
    if wrk.is_installed():
        script = wrk.write_script(directory, stand.name, case, stand.headers(case))
        url = f"http://127.0.0.1:{stand.port}{stand.path(case)}"
        return wrk.run(script, url, connections, duration_s)
    started_s = time.perf_counter()
    tally = run(load(case, stand.port, stand.request(case), connections, duration_s))
    elapsed_s = time.perf_counter() - started_s
    p50_ms, p99_ms = percentiles(tally.total_ms)
    return wrk.Burst(tally.requests, tally.requests / elapsed_s, p50_ms, p99_ms)


def streams(stand: Stand, case: Case, duration_s: float) -> Sample:
    """Paced streams: 50 at a time, each with an event every 5 ms."""
    before_s, started_s = _cpu_s(stand), time.perf_counter()
    tally = run(stream_load(stand, case, STREAMS, duration_s))
    elapsed_s, spent_s = time.perf_counter() - started_s, _cpu_s(stand) - before_s
    p50_ms, p99_ms = percentiles(tally.first_ms)
    cpu_us = spent_s / tally.events * 1e6 if stand.pid is not None else None
    return Sample(cpu_us, tally.events / elapsed_s, p50_ms, p99_ms, tally.events / tally.reads)


async def stream_load(stand: Stand, case: Case, streams_at_once: int, duration_s: float) -> Tally:
    """Run streams and insist that every one of them was whole.

    Raises: BadAnswer.
    """
    case = stand.asked(case)
    request = stand.request(case)
    tally = await load(case, stand.port, request, streams_at_once, duration_s, stagger_s=STAGGER_S)
    if len(tally.event_counts) != 1 or min(tally.event_counts) < EVENTS_PER_STREAM:
        raise SystemExit(f"{stand.name}, {case.name}: streams of different length: {tally.event_counts}")
    return tally


def percentiles(values: list[float]) -> tuple[float, float]:
    """Median and 99th percentile."""
    if len(values) < 2:
        return values[0], values[0]
    cuts = quantiles(values, n=100, method="inclusive")
    return cuts[49], cuts[98]


def run(work: Coroutine[object, object, T]) -> T:
    """Run on uvloop where there is one: the load generator is to be cheap."""
    try:
        import uvloop  # noqa: PLC0415 - not on Windows
    except ImportError:
        return asyncio.run(work)
    return uvloop.run(work)


def _cpu_s(stand: Stand) -> float:
    return machine.cpu_s(stand.pid) if stand.pid is not None else 0.0
