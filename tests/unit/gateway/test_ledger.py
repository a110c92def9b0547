"""The ledger takes records at any rate and loses none while it has room."""

import asyncio
from collections.abc import Coroutine, Sequence

from copilot_api.gateway.ledger import Ledger, UsageRecord


def record(number: int) -> UsageRecord:
    """A record known by its number."""
    return UsageRecord(trace_id=str(number), ingress="chat", path="/v1/chat/completions")


class Sink:
    """Keeps the batches it is given; may fail."""

    def __init__(self, *, is_broken: bool = False) -> None:
        self.batches: list[list[str]] = []
        self.is_broken = is_broken

    async def __call__(self, records: Sequence[UsageRecord]) -> None:
        """Take one batch."""
        if self.is_broken:
            raise OSError("disk full")
        self.batches.append([record.trace_id for record in records])


async def test_records_that_come_together_are_written_together() -> None:
    """One batch for what was queued during the pause."""
    sink = Sink()
    ledger = Ledger([sink], report=_ignore, pause_s=0.01)
    task = asyncio.get_running_loop().create_task(ledger.run(_spawn))
    for number in range(5):
        ledger.record(record(number))
    await asyncio.sleep(0.05)
    ledger.record(record(5))
    await asyncio.sleep(0.05)
    task.cancel()
    assert sink.batches == [["0", "1", "2", "3", "4"], ["5"]]


async def test_what_is_queued_at_the_end_is_flushed() -> None:
    """A stopping server writes the rest."""
    sink = Sink()
    ledger = Ledger([sink], report=_ignore)
    for number in range(3):
        ledger.record(record(number))
    await ledger.flush()
    assert sink.batches == [["0", "1", "2"]]


async def test_a_batch_under_way_is_finished_by_the_flush_after_a_cancellation() -> None:
    """Cancelling the writer in the middle of a batch loses nothing."""
    gate = asyncio.Event()
    written: list[str] = []

    async def slow(records: Sequence[UsageRecord]) -> None:
        await gate.wait()
        written.extend(record.trace_id for record in records)

    ledger = Ledger([slow], report=_ignore, pause_s=0.0)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(ledger.run(group.create_task))
        ledger.record(record(1))
        await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.sleep(0)
        ledger.record(record(2))
        gate.set()
    await ledger.flush()
    assert written == ["1", "2"]


async def test_a_failing_sink_is_reported_and_the_other_still_written() -> None:
    """A full disk never fails a request, and never goes unsaid."""
    said: list[str] = []
    sink = Sink()
    ledger = Ledger([Sink(is_broken=True), sink], report=lambda name, error: said.append(str(error)))
    ledger.record(record(1))
    await ledger.flush()
    assert sink.batches == [["1"]]
    assert said == ["disk full"]
    assert ledger.failed == 1


def test_a_full_queue_drops_the_oldest_and_counts() -> None:
    """Memory stays bounded."""
    ledger = Ledger([Sink()], report=_ignore, capacity=2)
    for number in range(5):
        ledger.record(record(number))
    assert ledger.dropped == 3


class Stubborn:
    """A sink that refuses some times before it takes a batch."""

    def __init__(self, refusals: int) -> None:
        self.refusals = refusals
        self.offered: list[list[str]] = []
        self.taken: list[list[str]] = []

    async def __call__(self, records: Sequence[UsageRecord]) -> None:
        """Refuse, or take."""
        batch = [record.trace_id for record in records]
        self.offered.append(batch)
        if self.refusals:
            self.refusals -= 1
            raise OSError("database is locked")
        self.taken.append(batch)


async def test_a_sink_that_keeps_gets_the_same_batch_again_until_it_takes_it() -> None:
    """Nothing is lost, nothing twice, and what came meanwhile waits its turn; the others do not wait for it."""
    sink, log, said = Stubborn(2), Sink(), []
    ledger = Ledger(
        [log],
        kept_by=[sink],
        report=lambda name, error: said.append(str(error)),
        pause_s=0.005,
        retry_s=0.01,
    )
    task = asyncio.get_running_loop().create_task(ledger.run(_spawn))
    ledger.record(record(1))
    await asyncio.sleep(0.008)
    ledger.record(record(2))
    async with asyncio.timeout(5):
        while len(sink.taken) < 2:
            await asyncio.sleep(0.005)
    task.cancel()
    assert sink.offered == [["1"], ["1"], ["1"], ["2"]]
    assert sink.taken == [["1"], ["2"]]
    assert [trace for batch in log.batches for trace in batch] == ["1", "2"]
    assert said == ["database is locked"] * 2
    assert (ledger.failed, ledger.waiting) == (0, 0)


async def test_what_a_failing_sink_holds_at_the_end_is_counted_as_lost() -> None:
    """The server does not wait for ever; it says how much was not written."""
    sink = Stubborn(10_000)
    ledger = Ledger([], kept_by=[sink], report=_ignore, retry_s=0.005)
    for number in range(3):
        ledger.record(record(number))
    await ledger.flush(patience_s=0.03)
    assert (ledger.failed, ledger.waiting) == (3, 0)
    assert len(sink.offered) >= 2


async def test_a_sink_that_recovers_in_time_gets_everything_at_the_end() -> None:
    """A lock that is let go a moment later."""
    sink = Stubborn(2)
    ledger = Ledger([], kept_by=[sink], report=_ignore, retry_s=0.005)
    for number in range(3):
        ledger.record(record(number))
    await ledger.flush(patience_s=5)
    assert (sink.taken, ledger.failed) == ([["0", "1", "2"]], 0)


async def test_no_batch_grows_beyond_what_may_be_lost_at_once() -> None:
    """Two thousand records."""
    sink = Sink()
    ledger = Ledger([sink], report=_ignore)
    for number in range(4_500):
        ledger.record(record(number))
    assert ledger.waiting == 4_500
    await ledger.flush()
    assert [len(batch) for batch in sink.batches] == [2_000, 2_000, 500]


async def test_who_begins_to_listen_later_hears_what_comes_then() -> None:
    """Also while the ledger runs."""
    late = Sink()
    ledger = Ledger([Sink()], report=_ignore, pause_s=0.005)
    task = asyncio.get_running_loop().create_task(ledger.run(_spawn))
    ledger.record(record(1))
    await asyncio.sleep(0.02)
    ledger.listen(late)
    ledger.record(record(2))
    async with asyncio.timeout(5):
        while not late.batches:
            await asyncio.sleep(0.005)
    task.cancel()
    assert late.batches == [["2"]]


def _spawn(work: Coroutine[object, object, None], /) -> asyncio.Task[None]:
    return asyncio.get_running_loop().create_task(work)


def _ignore(sink: str, error: Exception) -> None:
    return None
