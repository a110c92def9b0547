"""A ledger of so many rows over thirteen months: bytes a row, and every question of the usage tab.

    make bench ARGS="--only ledger"                    # a million rows: some minutes
    make bench ARGS="--only ledger --rows 100000"

Rows are made from one seed, so that two runs ask the same of the same ledger.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

from copilot_api.store.ledger import Book, Choice, Entry, Facet, Form, Manner, Mark, Place, Questions

TARGET_MS = 150.0
DAYS = 395
DAY_MS = 86_400_000
END_MS = 1_795_300_000_000
BATCH = 1_000
REPEATS = 3

_MODELS = (
    "claude-opus-5.5",
    "gpt-5.5",
    "claude-haiku-4.5",
    "gpt-5.4-mini",
    "gemini-3.1-pro",
    "gpt-5-mini",
    "gpt-4.1",
)
_CLIENTS = (("Claude Code", "2.1.{}"), ("Codex", "0.{}.0"), ("opencode", "1.18.{}"), ("Gemini CLI", "0.{}.0"))
_KEYS = ("laptop", "laptop", "ci", "phone")
_INGRESS = ("messages", "responses", "chat", "gemini")

Question = Callable[[], Awaitable[object]]


class Life:
    """Somebody's year: four programs, seven models, two accounts, conversations that come and go."""

    def __init__(self, rows: int) -> None:
        self._rows = rows
        self._random = random.Random(7)  # noqa: S311 - made-up rows
        self._sessions = [self._hexadecimal(32) for _ in range(20)]

    def batches(self) -> Iterator[list[Entry]]:
        """All rows, oldest first."""
        for begin in range(0, self._rows, BATCH):
            yield [self._entry(number) for number in range(begin, min(begin + BATCH, self._rows))]

    def _hexadecimal(self, digits: int) -> str:
        return f"{self._random.getrandbits(4 * digits):0{digits}x}"

    def _entry(self, number: int) -> Entry:
        chance = self._random
        if chance.random() < 0.05:
            self._sessions[chance.randrange(20)] = self._hexadecimal(32)
        has_failed = chance.random() < 0.03
        session = chance.choice(self._sessions) if chance.random() < 0.8 else ""
        tokens = (None, None, None) if has_failed else tuple(chance.randint(5, 150_000) for _ in range(3))
        return Entry(
            at_ms=END_MS - DAYS * DAY_MS + number * DAYS * DAY_MS // self._rows + chance.randint(0, 60_000),
            form=self._form(number, has_failed=has_failed, has_session=bool(session)),
            manner=Manner(
                chance.choice(("user", "agent")), chance.random() < 0.9, "" if has_failed else "end_turn"
            ),
            trace_id=self._hexadecimal(16),
            conversation=session,
            interaction_id=f"{self._hexadecimal(8)}-aaaa-4bbb-8ccc-{self._hexadecimal(12)}",
            input_tokens=tokens[0],
            cached_tokens=tokens[1],
            output_tokens=tokens[2],
            nano_aiu=None if has_failed else chance.randint(10**6, 10**9),
            charge_nano=0 if has_failed else chance.randint(10**6, 10**9),
            premium=1.0,
            quota_before=9000 - number * 0.001,
            quota_after=8999.999 - number * 0.001,
            first_byte_ms=None if has_failed else int(chance.lognormvariate(7, 0.7)),
            total_ms=chance.randint(500, 60_000),
            request_bytes=chance.randint(1_000, 500_000),
            response_bytes=chance.randint(500, 50_000),
            attempts=1,
            error_message="Upstream answered 500 with words of some length." if has_failed else "",
            upstream_request_id=f"{self._hexadecimal(8)}:{self._hexadecimal(6)}",
        )

    def _form(self, number: int, *, has_failed: bool, has_session: bool) -> Form:
        chance = self._random
        which = chance.choices(range(4), (50, 25, 15, 10))[0]
        name, version = _CLIENTS[which]
        version = version.format(300 + number * 30 // self._rows)
        model = chance.choices(_MODELS, (35, 25, 15, 10, 8, 5, 2))[0]
        key, account = _KEYS[which], chance.choices(("1", "2"), (85, 15))[0]
        outcome = (
            "failed" if has_failed else chance.choices(("completed", "client_gone", "cut"), (97, 2, 1))[0]
        )
        facet = Facet(
            account_id=account, account=f"octo-{account}", key_id=f"k-{key}", key=key, client_name=name, model=model,
            upstream="messages", operation="inference", outcome=outcome,
        )  # fmt: skip
        return Form(
            facet=facet, client=f"{name.lower()}/{version}", client_version=version, ingress=_INGRESS[which],
            mode=chance.choice(("verbatim", "repaired", "translated")), path="/v1/messages", requested_model=model,
            answering_model=model, has_conversation=has_session, status=500 if has_failed else 200,
            error_code=chance.choice(("upstream_unavailable", "rate_limited")) if has_failed else "", multiplier=1.0,
            credits_from="" if has_failed else "copilot",
        )  # fmt: skip


def questions(asked: Questions) -> dict[str, Question]:
    """What the usage tab asks, at its widest: every page of the log and every chart."""
    mine, month = Choice(account_id="1"), Choice(account_id="1", from_ms=END_MS - 30 * DAY_MS)
    found: dict[str, Question] = {
        "log, newest": lambda: asked.page(Choice(), 50),
        "log, one account": lambda: asked.page(mine, 200),
        "log, model and client": lambda: asked.page(Choice(model="gpt-5-mini", client="opencode"), 50),
        "log, errors": lambda: asked.page(Choice(outcome="errors"), 50),
        "log, a word": lambda: asked.page(Choice(q="rate_limited"), 50),
        "log, a word that is nowhere": lambda: asked.page(Choice(q="zzzz"), 50),
        "log, in the middle": lambda: asked.page(mine, 50, Mark(END_MS - 200 * DAY_MS, 0)),
        "conversations, newest": lambda: asked.page(Choice(), 50, by_conversation=True),
        "conversations, rare": lambda: asked.page(Choice(outcome="cut"), 50, by_conversation=True),
        "conversations, a word": lambda: asked.page(Choice(q="a"), 50, by_conversation=True),
        "one trace": lambda: asked.by_trace("0123456789abcdef"),
        "how many": lambda: asked.total(mine),
        "summary of all": lambda: asked.summary(mine),
        "summary of a month": lambda: asked.summary(month),
        "percentiles of all": lambda: asked.percentiles(mine, 0.5, 0.95),
        "words to filter by": lambda: asked.words("1"),
        "burn-down": lambda: asked.pace("1", END_MS),
        "reconciliation of 31 days": lambda: asked.reconciliation("1", 31, END_MS),
    }
    for group in ("none", "model", "client", "key"):
        for metric in ("requests", "tokens", "credits", "latency", "errors"):
            found[f"{metric} by day and {group}, all"] = lambda group=group, metric=metric: asked.series(  # type: ignore[misc]  # bound early
                mine, by="day", group=group, metric=metric
            )
            found[f"{metric} by hour and {group}, a month"] = lambda group=group, metric=metric: asked.series(  # type: ignore[misc]  # bound early
                month, by="hour", group=group, metric=metric
            )
    return found


async def measure(rows: int, directory: Path) -> Iterator[str]:
    """Fill a ledger in `directory`, ask it everything, and say what it took.

    Units: CPU ms of this process, the better of three times, since other work on the machine only ever adds.
    """
    path = directory / "year.sqlite"
    book = Book(Place.file(path))
    started_s, started_cpu_s = time.perf_counter(), time.process_time()
    for batch in Life(rows).batches():
        await book.write(batch)
    filled_s, filled_cpu_s = time.perf_counter() - started_s, time.process_time() - started_cpu_s
    took: list[tuple[float, str]] = []
    for name, ask in questions(Questions(book)).items():
        took.append((await _best_ms(ask), name))
    await book.close()
    size = sum(part.stat().st_size for part in directory.glob(f"{path.name}*"))
    return _said(rows, filled_s, filled_cpu_s, size, sorted(took, reverse=True))


def _said(
    rows: int, filled_s: float, filled_cpu_s: float, size: int, took: list[tuple[float, str]]
) -> Iterator[str]:
    row_us = filled_cpu_s / rows * 1e6
    yield f"\nledger: {rows} rows over {DAYS} days, made and written in {filled_s:.0f} s ({row_us:.0f} µs CPU a row)"
    yield f"  {size / rows:.0f} bytes a row, {size / 2**20:.0f} MB"
    over = [name for milliseconds, name in took if milliseconds > TARGET_MS]
    yield f"  {len(took)} questions, {len(took) - len(over)} within {TARGET_MS:g} ms of CPU; the dearest:"
    yield from (f"  {milliseconds:9.1f} ms  {name}" for milliseconds, name in took[:12])


async def _best_ms(ask: Question) -> float:
    best_s = float("inf")
    for _ in range(REPEATS):
        started_s = time.process_time()
        await ask()
        best_s = min(best_s, time.process_time() - started_s)
    return best_s * 1000.0


def say(rows: int, directory: Path) -> None:
    """Measure and print."""
    print(*asyncio.run(measure(rows, directory)), sep="\n")
