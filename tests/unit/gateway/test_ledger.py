"""The ledger takes records at any rate and loses none while it has room."""

import asyncio
from collections.abc import Coroutine, Sequence

import pytest

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


class Slow:
    """A sink that takes its time and notices when it is given two batches at once."""

    def __init__(self, refuses_each: int = 0) -> None:
        self.taken: list[str] = []
        self.calls = 0
        self.most_at_once = 0
        self._at_once = 0
        self._refuses_each = refuses_each

    async def __call__(self, records: Sequence[UsageRecord]) -> None:
        """Take a batch in several steps, or refuse it at the last."""
        self.calls += 1
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        for _ in range(self.calls % 5):
            await asyncio.sleep(0)
        self._at_once -= 1
        if self._refuses_each and self.calls % self._refuses_each == 0:
            raise OSError("database is locked")
        self.taken += [record.trace_id for record in records]


@pytest.mark.parametrize("refuses_each", [0, 3])
async def test_a_flush_beside_the_writer_writes_nothing_twice(refuses_each: int) -> None:
    """A batch has one owner: flushes at any moment, several at once, with a sink that refuses now and then."""
    sink = Slow(refuses_each)
    ledger = Ledger([], kept_by=[sink], report=_ignore, pause_s=0.0, retry_s=0.001)
    async with asyncio.timeout(20), asyncio.TaskGroup() as group:
        writer = group.create_task(ledger.run(group.create_task))
        for number in range(400):
            ledger.record(record(number))
            if number % 3 == 0:
                group.create_task(ledger.flush())
            if number % 7 == 0:
                await asyncio.sleep(0)
        while ledger.waiting:
            await asyncio.sleep(0.001)
        writer.cancel()
    assert sink.taken == [str(number) for number in range(400)]
    assert sink.most_at_once == 1
    assert (ledger.failed, ledger.dropped) == (0, 0)


async def test_a_flush_waits_for_the_batch_that_the_writer_has_in_hand() -> None:
    """Its end means that everything is written, also what somebody else is writing."""
    gate, begun = asyncio.Event(), asyncio.Event()
    calls: list[list[str]] = []

    async def slow(records: Sequence[UsageRecord]) -> None:
        calls.append([record.trace_id for record in records])
        begun.set()
        await gate.wait()

    ledger = Ledger([slow], report=_ignore, pause_s=0.0)
    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        writer = group.create_task(ledger.run(group.create_task))
        ledger.record(record(1))
        await begun.wait()
        flushing = group.create_task(ledger.flush())
        await asyncio.sleep(0.01)
        assert (calls, flushing.done()) == ([["1"]], False)
        gate.set()
        await flushing
        writer.cancel()
    assert (calls, ledger.waiting) == ([["1"]], 0)


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
    async with asyncio.timeout(5):
        ledger.record(record(1))
        while not sink.offered:
            await asyncio.sleep(0)
        ledger.record(record(2))
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


async def test_what_comes_while_a_batch_is_written_waits_for_the_next_pause() -> None:
    """Else a busy gateway would write one small batch after the other, each as dear as forty records."""
    batches: list[int] = []

    async def slow(records: Sequence[UsageRecord]) -> None:
        batches.append(len(records))
        await asyncio.sleep(0.01)

    ledger = Ledger([slow], report=_ignore, pause_s=0.05)
    async with asyncio.timeout(20), asyncio.TaskGroup() as group:
        writer = group.create_task(ledger.run(group.create_task))
        for number in range(300):
            ledger.record(record(number))
            await asyncio.sleep(0.001)
        while ledger.waiting:
            await asyncio.sleep(0.001)
        writer.cancel()
    assert sum(batches) == 300
    assert len(batches) <= 4
