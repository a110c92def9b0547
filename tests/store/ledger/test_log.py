"""Pages of the log: each row once, none left out, newest first; whatever is filtered or written meanwhile.

Expected rows come from the entries that were given, filtered and sorted in Python.
"""

import random
from collections.abc import Callable, Sequence

import msgspec
import pytest

from copilot_api.store.ledger import Book, Choice, Entry, Mark, Questions
from store.ledger.made import BEGIN_MS, entry


def some_entries(count: int, seed: int) -> list[Entry]:
    """Requests of every kind; many begin at the same moment, and they are not written in order."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    return [
        entry(
            number,
            at_ms=BEGIN_MS + chance.randrange(0, count // 2) * 40_000,
            model=chance.choice(["opus", "sonnet", "gpt", "gemini"]),
            account=chance.choice("12"),
            key=chance.choice(["laptop", "ci"]),
            client=chance.choice(["Claude Code", "Codex"]),
            outcome=chance.choice(["completed"] * 5 + ["failed", "cut", "client_gone"]),
            session=chance.choice(["", "", "s1", "s2", "s3", "s4"]),
            requested=chance.choice(["", "opus-latest", "100%_sure"]),
        )
        for number in range(count)
    ]


async def read_all(
    questions: Questions, choice: Choice, limit: int, *, by_conversation: bool = False
) -> list[list[str]]:
    """The trace ids of each page."""
    pages: list[list[str]] = []
    mark: Mark | None = None
    while len(pages) < 500:
        page = await questions.page(choice, limit, mark, by_conversation=by_conversation)
        pages.append([row["trace_id"] for row in page.rows])
        mark = page.end
        if mark is None:
            return pages
    raise AssertionError("the pages do not end")


def expected(entries: Sequence[Entry], keep: Callable[[Entry], bool]) -> list[str]:
    """The trace ids that should be there, newest first, later written first among equals."""
    kept = [(given.at_ms, number, given) for number, given in enumerate(entries) if keep(given)]
    return [given.trace_id for _, _, given in sorted(kept, key=lambda item: item[:2], reverse=True)]


CHOICES: list[tuple[Choice, Callable[[Entry], bool]]] = [
    (Choice(), lambda e: True),
    (Choice(account_id="2"), lambda e: e.form.facet.account_id == "2"),
    (
        Choice(model="gpt", client="Codex"),
        lambda e: e.form.facet.model == "gpt" and e.form.facet.client_name == "Codex",
    ),
    (
        Choice(key="ci", outcome="failed"),
        lambda e: e.form.facet.key == "ci" and e.form.facet.outcome == "failed",
    ),
    (Choice(key_id="k-ci"), lambda e: e.form.facet.key == "ci"),
    (Choice(outcome="errors"), lambda e: e.form.facet.outcome in ("failed", "cut")),
    (Choice(upstream="chat"), lambda e: False),
    (Choice(q="LATEST"), lambda e: e.form.requested_model == "opus-latest"),
    (Choice(q="100%_s"), lambda e: e.form.requested_model == "100%_sure"),
    (Choice(q="t17"), lambda e: e.trace_id == "t17"),
    (
        Choice(from_ms=BEGIN_MS + 200_000, to_ms=BEGIN_MS + 2_000_000),
        lambda e: BEGIN_MS + 200_000 <= e.at_ms < BEGIN_MS + 2_000_000,
    ),
    (
        Choice(model="opus", from_ms=BEGIN_MS + 200_000, to_ms=BEGIN_MS + 2_000_000),
        lambda e: e.form.facet.model == "opus" and BEGIN_MS + 200_000 <= e.at_ms < BEGIN_MS + 2_000_000,
    ),
]


@pytest.mark.parametrize("limit", [1, 7, 200])
async def test_every_filter_gives_its_rows_once_and_in_order(book: Book, limit: int) -> None:
    """Any page size, many rows of the same moment."""
    entries = some_entries(120, seed=limit)
    for begin in range(0, 120, 13):
        await book.write(entries[begin : begin + 13])
    questions = Questions(book)
    for choice, keep in CHOICES:
        pages = await read_all(questions, choice, limit)
        assert [trace for page in pages for trace in page] == expected(entries, keep), choice
        assert all(len(page) == limit for page in pages[:-1])


@pytest.mark.parametrize("by_conversation", [False, True])
async def test_what_is_written_while_somebody_reads_repeats_and_hides_nothing(
    book: Book, by_conversation: bool
) -> None:
    """Rows that were there when the first page was read are each seen once, on whichever page."""
    entries = some_entries(90, seed=3)
    late = some_entries(200, seed=4)
    await book.write(entries)
    questions = Questions(book)
    whole = [
        t for page in await read_all(questions, Choice(), 500, by_conversation=by_conversation) for t in page
    ]
    seen: list[str] = []
    mark: Mark | None = None
    written = 0
    while True:
        page = await questions.page(Choice(), 4, mark, by_conversation=by_conversation)
        seen += [row["trace_id"] for row in page.rows]
        mark = page.end
        if mark is None:
            break
        await book.write([_renamed(given) for given in late[written : written + 5]])
        written += 5
    old = [trace for trace in seen if not trace.startswith("late")]
    assert old == whole
    assert len(set(old)) == len(old)


def _renamed(given: Entry) -> Entry:
    return msgspec.structs.replace(given, trace_id=f"late-{given.trace_id}")


async def test_a_conversation_is_one_row_with_its_sums(book: Book) -> None:
    """The newest request tells the words, the conversation the numbers; requests without one stand alone."""
    await book.write(
        [
            entry(1, session="s", input_tokens=10, nano_aiu=1, quota_before=100.0, quota_after=99.0),
            entry(
                2,
                session="s",
                input_tokens=20,
                nano_aiu=2,
                quota_before=99.0,
                quota_after=97.0,
                outcome="failed",
            ),
            entry(3, input_tokens=5),
            entry(4, session="s", model="gpt", input_tokens=7),
            entry(5, session="t", input_tokens=8),
        ]
    )
    page = await Questions(book).page(Choice(), 10, by_conversation=True)
    assert [(row["trace_id"], row["requests"], row["input_tokens"]) for row in page.rows] == [
        ("t5", 1, 8),
        ("t4", 1, 7),
        ("t3", 1, 5),
        ("t2", 2, 30),
    ]
    last = page.rows[-1]
    assert (last["outcome"], last["quota_before"], last["quota_after"], last["nano_aiu"]) == (
        "failed",
        100.0,
        97.0,
        3,
    )


@pytest.mark.parametrize("limit", [1, 3, 50])
async def test_conversations_are_filtered_by_their_newest_request(book: Book, limit: int) -> None:
    """Expected: per session, model, account, key and client the newest row; rows without a session as they are."""
    entries = some_entries(150, seed=9)
    await book.write(entries)
    questions = Questions(book)
    for choice, keep in CHOICES:
        if choice.from_ms is not None:
            continue
        newest: dict[object, tuple[int, int, Entry]] = {}
        for number, given in enumerate(entries):
            facet = given.form.facet
            variant = (given.conversation, facet.model, facet.account_id, facet.key, facet.client_name)
            key: object = variant if given.conversation else number
            newest[key] = max(
                newest.get(key, (0, 0, given)), (given.at_ms, number, given), key=lambda item: item[:2]
            )
        wanted = sorted(
            (item for item in newest.values() if keep(item[2])), key=lambda item: item[:2], reverse=True
        )
        pages = await read_all(questions, choice, limit, by_conversation=True)
        if choice.q == "t17":  # a trace id names a request, not a conversation
            continue
        assert [trace for page in pages for trace in page] == [item[2].trace_id for item in wanted], choice


async def test_a_conversation_that_goes_on_stands_where_it_stood_for_who_reads(book: Book) -> None:
    """Else it would move from the unread pages to those behind the reader."""
    await book.write([entry(number, session=f"s{number}") for number in range(6)])
    questions = Questions(book)
    first = await questions.page(Choice(), 2, by_conversation=True)
    await book.write([entry(100, session="s0"), entry(101, session="new")])
    second = await questions.page(Choice(), 10, first.end, by_conversation=True)
    assert [row["session"] for row in (*first.rows, *second.rows)] == ["s5", "s4", "s3", "s2", "s1", "s0"]
    again = await questions.page(Choice(), 10, by_conversation=True)
    assert [row["session"] for row in again.rows] == ["new", "s0", "s5", "s4", "s3", "s2", "s1"]


async def test_a_trace_id_finds_its_rows_and_the_total_is_of_requests(book: Book) -> None:
    """Callers choose trace ids, so two requests may have the same."""
    await book.write([entry(1), entry(2, model="gpt"), entry(1, at_ms=BEGIN_MS + 9_000)])
    questions = Questions(book)
    assert [row["at_ms"] - BEGIN_MS for row in await questions.by_trace("t1")] == [9_000, 1_000]
    assert await questions.by_trace("nowhere") == []
    assert await questions.total(Choice()) == 3
    assert await questions.total(Choice(model="gpt")) == 1
    assert await questions.total(Choice(q="x")) is None


async def test_every_row_can_be_read_in_portions(book: Book) -> None:
    """An export is the log, whole."""
    await book.write([entry(number) for number in range(2_300)])
    sizes = [len(rows) async for rows in Questions(book).rows(Choice())]
    assert sizes == [1_000, 1_000, 300]
    assert [rows async for rows in Questions(book).rows(Choice(model="none"))] == []
