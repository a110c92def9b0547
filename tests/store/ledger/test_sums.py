"""Sums and courses: the same as adding up the rows, however the span is cut."""

import random
from collections.abc import Sequence

import pytest

from copilot_api.store.ledger import Book, Choice, Entry, Questions
from store.ledger.made import BEGIN_MS, entry

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
MIDNIGHT_MS = BEGIN_MS - BEGIN_MS % DAY_MS


def over_days(days: int, count: int) -> list[Entry]:
    """Requests spread over some days."""
    chance = random.Random(days)  # noqa: S311 - no secret
    return [
        entry(
            number,
            at_ms=MIDNIGHT_MS + chance.randrange(days * DAY_MS),
            model=chance.choice(["opus", "gpt"]),
            key=chance.choice(["laptop", "ci"]),
            account=chance.choice("12"),
            outcome=chance.choice(["completed", "completed", "failed", "client_gone"]),
            input_tokens=chance.randrange(1000),
            output_tokens=chance.randrange(100),
            nano_aiu=chance.randrange(10**9),
            premium=chance.choice([0.0, 0.25, 1.0]),
            first_byte_ms=chance.randrange(50, 5_000),
        )
        for number in range(count)
    ]


def added(entries: Sequence[Entry]) -> tuple[int, int, int, int, float, int]:
    """Requests, input, output, nano-AIU, premium requests, errors."""
    return (
        len(entries),
        sum(e.input_tokens or 0 for e in entries),
        sum(e.output_tokens or 0 for e in entries),
        sum(e.nano_aiu or 0 for e in entries),
        sum(e.premium for e in entries),
        sum(e.form.facet.outcome == "failed" for e in entries),
    )


@pytest.mark.parametrize(
    ("from_ms", "to_ms"),
    [
        (None, None),
        (MIDNIGHT_MS, MIDNIGHT_MS + DAY_MS),
        (MIDNIGHT_MS + 5, MIDNIGHT_MS + 7 * DAY_MS - 5),
        (MIDNIGHT_MS + HOUR_MS + 17, MIDNIGHT_MS + HOUR_MS + 900_000),
        (MIDNIGHT_MS + 90 * 60_000, MIDNIGHT_MS + 5 * HOUR_MS + 1),
        (MIDNIGHT_MS + 20 * HOUR_MS, MIDNIGHT_MS + 28 * HOUR_MS),
        (MIDNIGHT_MS + 3 * DAY_MS, None),
        (None, MIDNIGHT_MS + 30 * HOUR_MS),
        (MIDNIGHT_MS + 5, MIDNIGHT_MS + 5),
    ],
)
async def test_a_summary_of_any_span_is_the_sum_of_its_rows(
    book: Book, from_ms: int | None, to_ms: int | None
) -> None:
    """Whole days, whole hours, single rows: nothing twice, nothing forgotten."""
    entries = over_days(8, 600)
    await book.write(entries)
    found = await Questions(book).summary(Choice(from_ms=from_ms, to_ms=to_ms, account_id="1"))
    inside = [
        e for e in entries if (from_ms or 0) <= e.at_ms < (to_ms or 2**60) and e.form.facet.account_id == "1"
    ]
    total = found.all
    assert (
        total.requests,
        total.input_tokens,
        total.output_tokens,
        total.nano_aiu,
        pytest.approx(total.premium),
        total.errors,
    ) == added(inside)
    by_model = {name: totals.requests for name, totals in found.by_model.items() if totals.requests}
    models = {e.form.facet.model for e in inside}
    assert by_model == {m: sum(e.form.facet.model == m for e in inside) for m in models}


async def test_a_course_by_day_and_by_hour_counts_each_request_where_it_began(book: Book) -> None:
    """Three days; groups beside each other, gaps left out."""
    await book.write(
        [
            entry(1, at_ms=MIDNIGHT_MS + 1, input_tokens=10, output_tokens=1, nano_aiu=500_000_000),
            entry(
                2,
                at_ms=MIDNIGHT_MS + HOUR_MS,
                model="gpt",
                input_tokens=20,
                output_tokens=2,
                outcome="failed",
            ),
            entry(3, at_ms=MIDNIGHT_MS + 2 * DAY_MS, model="gpt", input_tokens=30, output_tokens=3),
        ]
    )
    questions, day, hour = Questions(book), MIDNIGHT_MS // DAY_MS, MIDNIGHT_MS // HOUR_MS

    async def course(**asked: object) -> object:
        return await questions.series(Choice(), **asked)  # type: ignore[arg-type]  # literals below

    assert await course(by="day", group="none", metric="requests") == {"all": {day: 2.0, day + 2: 1.0}}
    assert await course(by="hour", group="model", metric="tokens") == {
        "claude-opus-5.5": {hour: 11.0},
        "gpt": {hour + 1: 22.0, hour + 48: 33.0},
    }
    assert await course(by="day", group="none", metric="credits") == {"all": {day: 0.5, day + 2: 0.0}}
    assert await course(by="day", group="client", metric="errors") == {
        "Claude Code": {day: 1.0, day + 2: 0.0}
    }
    assert await course(by="day", group="key", metric="requests") == {"laptop": {day: 2.0, day + 2: 1.0}}
    assert await course(by="day", group="account", metric="requests") == {"octo-1": {day: 2.0, day + 2: 1.0}}
    assert await course(by="day", group="upstream", metric="requests") == {
        "messages": {day: 2.0, day + 2: 1.0}
    }


async def test_days_can_begin_where_the_reader_lives(book: Book) -> None:
    """In Shanghai the 17th hour (UTC) is of the next day; in New York the first one is of the day before."""
    await book.write([entry(1, at_ms=MIDNIGHT_MS + 17 * HOUR_MS), entry(2, at_ms=MIDNIGHT_MS + HOUR_MS)])
    questions, day = Questions(book), MIDNIGHT_MS // DAY_MS

    async def days(offset_min: int) -> object:
        found = await questions.series(
            Choice(), by="day", group="none", metric="requests", offset_min=offset_min
        )
        return found["all"]

    assert await days(8 * 60) == {day: 1.0, day + 1: 1.0}
    assert await days(-5 * 60) == {day - 1: 1.0, day: 1.0}


async def test_latency_is_told_by_median_and_95th_percentile(book: Book) -> None:
    """Of 100 answers, 1 to 100 ms: within the width of a bucket. Of a group, the mean."""
    await book.write([entry(n, at_ms=MIDNIGHT_MS + n, first_byte_ms=n + 1) for n in range(100)])
    await book.write([entry(200, at_ms=MIDNIGHT_MS, outcome="failed", account="2")])
    questions, day = Questions(book), MIDNIGHT_MS // DAY_MS
    (p50, p95) = await questions.percentiles(Choice(account_id="1"), 0.5, 0.95)
    assert p50 == pytest.approx(50, rel=0.05)
    assert p95 == pytest.approx(95, rel=0.05)
    assert await questions.percentiles(Choice(account_id="2"), 0.5) == [None]
    found = await questions.series(Choice(), by="day", group="none", metric="latency")
    assert found["p50"][day] == pytest.approx(50, rel=0.05)
    assert found["p95"][day] == pytest.approx(95, rel=0.05)
    by_key = await questions.series(Choice(account_id="1"), by="hour", group="key", metric="latency")
    assert by_key == {"laptop": {MIDNIGHT_MS // HOUR_MS: 50.5}}
    nothing = await questions.series(Choice(account_id="2"), by="hour", group="key", metric="latency")
    assert nothing == {"laptop": {MIDNIGHT_MS // HOUR_MS: None}}


async def test_the_words_to_filter_by_are_those_that_were_written(book: Book) -> None:
    """What a page offers in its lists."""
    await book.write([entry(1), entry(2, model="gpt", account="2", outcome="cut")])
    questions = Questions(book)
    assert await questions.words("2") == {
        "model": ["gpt"],
        "client_name": ["Claude Code"],
        "key": ["laptop"],
        "upstream": ["messages"],
        "account": ["octo-2"],
        "outcome": ["cut"],
    }
    assert (await questions.words())["model"] == ["claude-opus-5.5", "gpt"]


async def test_an_empty_ledger_answers_everything(book: Book) -> None:
    """The first visit to the page."""
    questions = Questions(book)
    assert (await questions.summary(Choice())).all.requests == 0
    assert await questions.series(Choice(), by="day", group="model", metric="credits") == {}
    assert await questions.series(Choice(), by="hour", group="none", metric="latency") == {
        "p50": {},
        "p95": {},
    }
    assert await questions.percentiles(Choice(), 0.5) == [None]
    assert await questions.pace("1", BEGIN_MS) == []
    assert await questions.reconciliation("1", 7, BEGIN_MS) == ("", [])
    assert await questions.total(Choice()) == 0
    assert (await questions.page(Choice(), 10)).rows == []
    assert (await questions.page(Choice(), 10, by_conversation=True)).rows == []
