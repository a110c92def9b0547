"""Answers that break off: the ledger has what upstream told, no more and no less, over all twelve routes.

Messages tell the prompt's tokens in their first event, so the four routes that lead there are billed for that much.
"""

import asyncio
import contextlib
import itertools
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path

import aiohttp
import pytest

from copilot_api.store.ledger import Book, Choice, Place, Questions
from gate import Gate, running_gate, until
from web.usage.test_writing_down import MODELS, asked, book_of

INGRESSES = ("chat", "responses", "messages", "gemini")
ROUTES = tuple(itertools.product(INGRESSES, MODELS.values()))

Ask = Callable[[Gate, str, dict[str, object]], Awaitable[None]]


async def to_the_end(gate: Gate, path: str, body: dict[str, object]) -> None:
    """Read whatever comes; a connection that breaks is an end too."""
    with contextlib.suppress(aiohttp.ClientError):
        async with gate.http.post(gate.url + path, json=body) as response:
            await response.read()


async def gone_before_the_head(gate: Gate, path: str, body: dict[str, object]) -> None:
    """Hang up while nothing has come yet."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(0.5):
            await to_the_end(gate, path, body)


async def gone_after_the_end(gate: Gate, path: str, body: dict[str, object]) -> None:
    """Read everything, and break the connection in which more could have been asked."""
    async with gate.http.post(gate.url + path, json=body) as response:
        await response.read()
        connection = response.connection
        if connection is not None and connection.transport is not None:
            connection.transport.abort()


def every_route(said: str, *, streams: Iterable[bool] = (True,)) -> list[tuple[str, dict[str, object]]]:
    """The same words over each ingress to each upstream; what makes them differ is out of a directive's way."""
    return [
        asked(ingress, model, stream=stream, said=f"{said} {number}")
        for number, ((ingress, model), stream) in enumerate(itertools.product(ROUTES, streams))
    ]


async def ask_all(gate: Gate, requests: Iterable[tuple[str, dict[str, object]]], ask: Ask) -> None:
    """All at once."""
    async with asyncio.TaskGroup() as group:
        for path, body in requests:
            group.create_task(ask(gate, path, body))


async def the_ledger_has_what_was_billed(gate: Gate, home: Path, records: int, billed: int) -> None:
    """Sums of tokens and nano-AIU, beside those of the simulator, which forgets what broke off untold."""
    book = Book(Place.of(home))
    try:
        found = (await Questions(book).summary(Choice())).all
    finally:
        await book.close()
    await until(lambda: len(gate.simulator.ledger.entries) == billed)  # it hears of a hang-up a moment later
    entries = list(gate.simulator.ledger.entries)
    assert found.requests == records
    assert found.nano_aiu == gate.simulator.ledger.total_nano_aiu
    assert found.input_tokens == sum(
        int(str(e[name])) for e in entries for name in ("input", "cache_read", "cache_write")
    )
    assert found.output_tokens == sum(int(str(e["output"])) for e in entries)
    assert found.reasoning_tokens == sum(int(str(e["reasoning"])) for e in entries)


async def settled(gate: Gate, records: int) -> None:
    """Every exchange has ended and is written."""
    book = book_of(gate)
    await until(lambda: book.written == records, patience_s=60)


CASES: list[tuple[str, Ask, tuple[bool, ...], int]] = [
    ("[[sim: delay_ms=20000; text=x]]", gone_before_the_head, (True, False), 0),
    ("[[sim: text=one two three; chunks=3]]", gone_after_the_end, (True, False), 24),
    ("[[sim: text=one two three; chunks=3; cut_after=3]]", to_the_end, (True,), 4),
    ("[[sim: text=one two three; chunks=3; end_after=3]]", to_the_end, (True,), 4),
    ("[[sim: text=one two three; chunks=3; error_after=3]]", to_the_end, (True,), 4),
    ("[[sim: error=503]]", to_the_end, (True, False), 0),
    ("[[sim: error=reset]]", to_the_end, (True, False), 0),
]


@pytest.mark.parametrize(
    ("said", "ask", "streams", "billed"),
    CASES,
    ids=["before", "after", "cut", "ended", "error", "refused", "reset"],
)
async def test_sums_are_what_was_billed_however_an_answer_ends(
    tmp_path: Path, said: str, ask: Ask, streams: tuple[bool, ...], billed: int
) -> None:
    """To the token and to the nano-AIU; what nobody was told of is invented by nobody."""
    requests = every_route(said, streams=streams)
    async with running_gate(tmp_path, COPILOT_API_KEEPALIVE_S="60") as gate:
        await ask_all(gate, requests, ask)
        await settled(gate, len(requests))
        await the_ledger_has_what_was_billed(gate, tmp_path, len(requests), billed)


async def test_clients_that_hang_up_in_the_middle_are_billed_for_what_was_told(tmp_path: Path) -> None:
    """All twelve, once upstream has told each its first events; Gemini's have no word for a beginning."""
    requests = every_route("[[sim: text=one two three; chunks=3; silence_ms=60000; silence_after=4]]")
    async with running_gate(tmp_path, COPILOT_API_KEEPALIVE_S="60") as gate:
        async with asyncio.TaskGroup() as group:
            asking = [group.create_task(to_the_end(gate, path, body)) for path, body in requests]
            sent = gate.simulator.recorder.entries
            await until(lambda: sum(entry.events_sent == 4 for entry in sent) == 12, patience_s=30)
            await asyncio.sleep(1.0)  # until the gateway has read them, too
            for task in asking:
                task.cancel()
        await settled(gate, 12)
        await the_ledger_has_what_was_billed(gate, tmp_path, 12, 4)


async def test_a_silent_upstream_is_given_up_and_nothing_invented(tmp_path: Path) -> None:
    """The idle timeout in the middle of each stream."""
    requests = every_route("[[sim: text=one two three; chunks=3; silence_ms=20000; silence_after=4]]")
    limits = {"COPILOT_API_IDLE_TIMEOUT_S": "1", "COPILOT_API_FIRST_BYTE_TIMEOUT_S": "1"}
    async with running_gate(tmp_path, **limits) as gate:
        await ask_all(gate, requests, to_the_end)
        await settled(gate, 12)
        await the_ledger_has_what_was_billed(gate, tmp_path, 12, 4)


async def test_a_server_that_is_stopped_writes_down_what_it_was_told(tmp_path: Path) -> None:
    """Twelve streams that end within the drain time, and twelve that do not."""
    ends = every_route("[[sim: text=one two three; chunks=3; interval_ms=100]]")
    hangs = every_route("[[sim: text=one two three; chunks=3; silence_ms=20000; silence_after=4]]")
    async with running_gate(tmp_path, COPILOT_API_DRAIN_TIMEOUT_S="3", COPILOT_API_KEEPALIVE_S="60") as gate:
        async with asyncio.TaskGroup() as group:
            for path, body in (*ends, *hangs):
                group.create_task(to_the_end(gate, path, body))
            await until(lambda: len(gate.inference_requests()) == 24)
            gate.server.should_exit = True
        await settled(gate, 24)
        await the_ledger_has_what_was_billed(gate, tmp_path, 24, 16)
