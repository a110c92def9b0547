"""The local count: estimate times factor, and when an answered request is worth a lesson."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from pathlib import Path

import pytest

from copilot_api.copilot.catalog import Model
from copilot_api.errors import MalformedRequest
from copilot_api.gateway.count.local import LocalCounter, encoding_of, expected_factor
from copilot_api.gateway.count.tokenizer import Tokenizer
from copilot_api.neutral.parts import Text
from copilot_api.neutral.request import ModelRequest, Turn
from copilot_api.store.calibration import CalibrationFile

GPT = Model(id="gpt-5.5", tokenizer="o200k_base")


class Bench:
    """A counter with a clock that is set by hand and background work that is awaited by hand."""

    def __init__(self, path: Path) -> None:
        self.now_s = 1000.0
        self.tokenizer = Tokenizer()
        self.file = CalibrationFile(path)
        self.tasks: list[Coroutine[object, object, None]] = []
        self.counter = LocalCounter(self.tokenizer, self.file, spawn=self._spawn, clock=lambda: self.now_s)

    def _spawn(self, work: Coroutine[object, object, None]) -> "asyncio.Task[None]":
        self.tasks.append(work)
        return None  # type: ignore[return-value]  # nobody looks at it

    async def settle(self) -> int:
        """Do the background work; how much there was."""
        done = len(self.tasks)
        while self.tasks:
            await self.tasks.pop()
        return done


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    """A bench whose process ends with the test."""
    made = Bench(tmp_path / "calibration.json")
    yield made
    await made.tokenizer.close()


def hello() -> ModelRequest:
    """Nine tokens: 3 for the request, 4 for the turn, 2 of text."""
    return ModelRequest("chat", "gpt-5.5", (Turn("user", (Text("hello world"),)),))


def broken() -> ModelRequest:
    """A request that cannot be read."""
    raise MalformedRequest("no")


async def test_before_anything_was_learnt_the_expected_factor_counts(bench: Bench) -> None:
    """Claude takes about a fifth more than its listed vocabulary says."""
    counted = await bench.counter.count(hello, GPT)
    assert (counted.tokens, counted.describe()) == (
        9,
        "local; model=gpt-5.5; factor=1.00; error=unknown; samples=0",
    )
    claude = await bench.counter.count(hello, Model(id="claude-sonnet-4.6"))
    assert (claude.tokens, claude.calibration.factor) == (11, 1.2)


async def test_an_answer_teaches_and_the_error_is_reported(bench: Bench) -> None:
    """Nine estimated, eighteen real: from now on twice as many."""
    await bench.counter.count(hello, GPT)
    bench.counter.learn(hello, GPT, 18)
    assert await bench.settle() == 1
    counted = await bench.counter.count(hello, GPT)
    assert (counted.tokens, counted.describe()) == (
        18,
        "local; model=gpt-5.5; factor=2.00; error=1%; samples=1",
    )


async def test_only_models_somebody_counts_are_sampled_and_seldom(bench: Bench) -> None:
    """No demand, no estimate; then one in five minutes, until a day after the last count."""
    bench.counter.learn(hello, GPT, 18)
    assert await bench.settle() == 0
    await bench.counter.count(hello, GPT)
    for at_s, expected in [(1000.0, 1), (1299.0, 0), (1300.0, 1), (1000.0 + 86_400.0, 0)]:
        bench.now_s = at_s
        bench.counter.learn(hello, GPT, 18)
        assert await bench.settle() == expected


async def test_a_lesson_that_fails_hurts_nobody(bench: Bench) -> None:
    """It is logged; the next one may come."""
    await bench.counter.count(hello, GPT)
    bench.counter.learn(broken, GPT, 18)
    await bench.settle()
    assert bench.file.look_up("gpt-5.5", 1.0).samples == 0


async def test_a_request_that_cannot_be_read_cannot_be_counted(bench: Bench) -> None:
    """The reader's own error reaches the client."""
    with pytest.raises(MalformedRequest):
        await bench.counter.count(broken, GPT)


@pytest.mark.parametrize(
    ("listed", "used"),
    [("o200k_base", "o200k_base"), ("cl100k_base", "cl100k_base"), ("", "o200k_base"), ("x", "o200k_base")],
)
def test_the_listed_vocabulary_is_used_where_we_have_it(listed: str, used: str) -> None:
    """What Copilot names and we do not carry is counted with the one most of its models have."""
    assert encoding_of(Model(id="m", tokenizer=listed)) == used
    assert expected_factor(Model(id="m")) == 1.0
