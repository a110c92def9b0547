"""The tokenizer's process: it is asked, replaced when it has ended, ended when nobody waits."""

import asyncio
import io
import sys
from collections.abc import AsyncIterator

import msgspec
import pytest

from copilot_api.errors import CountUnavailable
from copilot_api.gateway.count.tokenizer import Tokenizer
from copilot_api.gateway.count.worker import Question, Reply, read_frame, serve, write_frame


@pytest.fixture
async def tokenizer() -> AsyncIterator[Tokenizer]:
    """A tokenizer whose process is ended with the test."""
    made = Tokenizer(max_text_chars=3_000_000)
    yield made
    await made.close()


async def test_it_counts_texts_together(tokenizer: Tokenizer) -> None:
    """Each text is tokenized on its own; one number comes back."""
    assert not tokenizer.is_running
    assert await tokenizer.count("o200k_base", ["hello world", "hello", ""]) == 3
    assert tokenizer.is_running


async def test_half_a_surrogate_pair_is_counted_as_a_replacement(tokenizer: Tokenizer) -> None:
    """JSON can spell what is no text; it must not break the pipe."""
    assert await tokenizer.count("o200k_base", ["\ud83d"]) == 1


async def test_too_much_text_is_refused_with_both_numbers(tokenizer: Tokenizer) -> None:
    """The client learns what the limit is; nothing is started for it."""
    with pytest.raises(CountUnavailable, match="3000001 characters are more than the 3000000") as caught:
        await tokenizer.count("o200k_base", ["a" * 3_000_001])
    assert caught.value.status == 413
    assert not tokenizer.is_running


async def test_an_unknown_vocabulary_is_told(tokenizer: Tokenizer) -> None:
    """The process answers with the problem and stays of use."""
    with pytest.raises(CountUnavailable, match="KeyError: 'p50k_base'"):
        await tokenizer.count("p50k_base", ["a"])
    assert await tokenizer.count("o200k_base", ["a"]) == 1


async def test_a_process_that_ended_is_replaced() -> None:
    """After an idle while the process is gone; the next count does not notice."""
    once = (
        "from copilot_api.gateway.count.worker import serve; import sys;"
        "asked = iter([True, False]);"
        "serve(sys.stdin.buffer, sys.stdout.buffer, has_more=lambda: next(asked), load_encoding=lambda name: len)"
    )
    tokenizer = Tokenizer((sys.executable, "-c", once))
    assert [await tokenizer.count("any", ["abc"]) for _ in range(3)] == [3, 3, 3]
    await tokenizer.close()


@pytest.mark.parametrize(
    "command", [(sys.executable, "-c", "pass"), ("/no/such/program",)], ids=["ends at once", "cannot start"]
)
async def test_a_process_that_cannot_answer_is_an_error(command: tuple[str, ...]) -> None:
    """It is tried twice, then the count fails: never a number that nobody counted."""
    tokenizer = Tokenizer(command)
    with pytest.raises(CountUnavailable, match="ended without an answer"):
        await tokenizer.count("o200k_base", ["a"])
    assert not tokenizer.is_running


async def test_whoever_stops_waiting_ends_the_process(tokenizer: Tokenizer) -> None:
    """A client that hung up does not keep a processor busy; the next count gets a new process."""
    silent = Tokenizer((sys.executable, "-c", "import sys; sys.stdin.buffer.read()"))
    async with asyncio.TaskGroup() as group:
        counting = group.create_task(silent.count("o200k_base", ["a"]))
        while not silent.is_running:
            await asyncio.sleep(0.01)
        counting.cancel()
    assert counting.cancelled()
    assert not silent.is_running
    await silent.close()


async def test_a_closed_tokenizer_starts_nothing() -> None:
    """What still runs when the server ends cannot leave a process behind."""
    tokenizer = Tokenizer()
    await tokenizer.close()
    with pytest.raises(CountUnavailable, match="shutting down"):
        await tokenizer.count("o200k_base", ["a"])


def test_the_worker_answers_frame_by_frame() -> None:
    """Two questions, one of them broken, two answers; the end of the input is the end."""
    asked, answered = io.BytesIO(), io.BytesIO()
    write_frame(asked, msgspec.msgpack.encode(Question("any", ["abc", "d"])))
    write_frame(asked, b"\xc1")
    asked.seek(0)
    serve(asked, answered, has_more=lambda: True, load_encoding=lambda name: len)
    answered.seek(0)
    frames = [read_frame(answered), read_frame(answered), read_frame(answered)]
    assert frames[2] is None
    replies = [msgspec.msgpack.decode(frame, type=Reply) for frame in frames[:2] if frame is not None]
    assert replies[0] == Reply(4)
    assert replies[1].problem.startswith("DecodeError")


def test_the_worker_ends_when_nobody_asks() -> None:
    """`has_more` is the idle clock."""
    answered = io.BytesIO()
    serve(io.BytesIO(b"never read"), answered, has_more=lambda: False, load_encoding=lambda name: len)
    assert answered.getvalue() == b""


@pytest.mark.parametrize("cut", [b"", b"\x05", b"\x05\x00\x00\x00abc"])
def test_a_cut_frame_is_the_end(cut: bytes) -> None:
    """Half a frame is never half an answer."""
    assert read_frame(io.BytesIO(cut)) is None
