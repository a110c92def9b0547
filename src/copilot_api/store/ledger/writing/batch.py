"""One batch of entries into the tables, in one transaction: rows, sums, conversations, latencies.

    take numbers -> forms and facets -> conversations -> rows -> sums -> latencies

The first statement locks the ledger's one state row, so that writers of several processes follow each other and
numbers are in the order of commits. Must never begin or end a transaction: `volume.py` does.
"""

import hashlib
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import msgspec

from copilot_api.store.ledger.entry import Entry, Facet, Form, Manner
from copilot_api.store.ledger.writing import statements
from copilot_api.store.ledger.writing.pen import Page, Row, Statement

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
BUCKETS_PER_OCTAVE = 4
"""Of the histograms of latencies: each bucket is 19 % wider than the one before."""
_KEPT_NUMBERS = 20_000
_ASKED_AT_ONCE = 500

Key = tuple[int, int]
Numbers = tuple[float, ...]


class Dictionary:
    """The numbers of forms and facets that this process knows. Bounded; forgotten when the ledger was cleared."""

    def __init__(self) -> None:
        self.generation = -1
        self.forms: dict[Form, int] = {}
        self.facets: dict[Facet, int] = {}
        self.manners: dict[Manner, int] = {}

    def follow(self, generation: int) -> None:
        """Forget what may have been removed since."""
        is_full = len(self.forms) > _KEPT_NUMBERS or len(self.facets) > _KEPT_NUMBERS
        if generation != self.generation or is_full:
            self.forget()
            self.generation = generation

    def forget(self) -> None:
        """Know nothing; for what a rolled back transaction has taken with it."""
        self.forms.clear()
        self.facets.clear()
        self.manners.clear()


def write_batch(page: Page, entries: Sequence[Entry], known: Dictionary) -> int:
    """Write the entries; the number of the first row."""
    first_id, generation = take_numbers(page, len(entries))
    known.follow(generation)
    _learn(page, {entry.form for entry in entries}, {entry.manner for entry in entries}, known)
    digests = [_conversation(entry) if entry.conversation else None for entry in entries]
    conversations = _continue(page, entries, digests, first_id, known)
    rows: list[Row] = []
    for index, entry in enumerate(entries):
        digest = digests[index]
        conversation = None if digest is None else conversations[digest]
        rows.append(_row(entry, first_id + index, conversation, known))
    page.insert(statements.EXCHANGES, rows)
    _add_sums(page, entries, known)
    _add_latencies(page, entries)
    return first_id


def write_missing(page: Page, entries: Sequence[Entry], known: Dictionary) -> int:
    """Write those imported entries that are not there yet; how many they were."""
    take_numbers(page, 0)
    wanted = [entry.imported for entry in entries if entry.imported is not None]
    there = {found for (found,) in _among(page, "SELECT imported FROM exchanges WHERE imported IN", wanted)}
    fresh = {entry.imported: entry for entry in entries if entry.imported not in there}
    if fresh:
        write_batch(page, list(fresh.values()), known)
    return len(fresh)


def take_numbers(page: Page, count: int) -> tuple[int, int]:
    """Lock the ledger for this transaction; the first of `count` row numbers, and the generation."""
    page.run("UPDATE state SET next_id = next_id + ?", (count,))
    ((next_id, generation),) = page.ask("SELECT next_id, generation FROM state")
    return next_id - count, generation


def is_written(page: Page, first_id: int, entry: Entry) -> bool:
    """Whether the batch that began with this number and entry was committed after all."""
    found = page.ask("SELECT at_ms, trace_id FROM exchanges WHERE id = ?", (first_id,))
    return found == [(entry.at_ms, entry.trace_id)]


def month_of(at_ms: int) -> str:
    """The UTC month, as GitHub resets quotas by it: "2026-11"."""
    return _month_of_day(at_ms // DAY_MS)


@lru_cache(maxsize=64)
def _month_of_day(day: int) -> str:
    return datetime.fromtimestamp(day * 86_400, UTC).strftime("%Y-%m")


def _conversation(entry: Entry) -> bytes:
    """What makes two requests one conversation: session, account, month, and what decides the price.

    Source: the reference gateway's variant key, and the key and client beside it.
    """
    facet = entry.form.facet
    return _digest(
        (
            entry.conversation,
            facet.account_id,
            facet.key_id,
            facet.client_name,
            facet.model,
            facet.upstream,
            facet.operation,
            entry.form.multiplier,
            month_of(entry.at_ms),
        )
    )


def _digest(value: object) -> bytes:
    return hashlib.blake2b(msgspec.json.encode(value), digest_size=16).digest()


def _row(entry: Entry, number: int, conversation: int | None, known: Dictionary) -> Row:
    return (
        number,
        entry.at_ms,
        known.forms[entry.form],
        known.manners[entry.manner],
        entry.trace_id,
        conversation,
        _uuid_bytes(entry.interaction_id),
        entry.requests,
        entry.input_tokens,
        entry.cached_tokens,
        entry.cache_write_tokens,
        entry.output_tokens,
        entry.reasoning_tokens,
        entry.nano_aiu,
        entry.charge_nano,
        entry.premium,
        entry.quota_before,
        entry.quota_after,
        entry.first_byte_ms,
        entry.total_ms,
        entry.request_bytes,
        entry.response_bytes,
        entry.attempts,
        entry.losses or None,
        entry.error_message or None,
        entry.upstream_request_id or None,
        entry.imported,
    )


def _uuid_bytes(text: str) -> bytes | None:
    """A uuid in 16 bytes instead of 36 characters; None for what is none."""
    digits = text.replace("-", "")
    try:
        return bytes.fromhex(digits) if len(digits) == 32 else None
    except ValueError:
        return None


def _learn(page: Page, wanted: Iterable[Form], manners: Iterable[Manner], known: Dictionary) -> None:
    """Number the words that are new here."""
    forms = [form for form in wanted if form not in known.forms]
    facets = list({form.facet for form in forms} - known.facets.keys())
    new = [manner for manner in manners if manner not in known.manners]
    rows: list[Row] = [msgspec.structs.astuple(facet) for facet in facets]
    known.facets.update(zip(facets, _numbers(page, statements.FACETS, facets, rows), strict=True))
    rows = [(known.facets[form.facet], *msgspec.structs.astuple(form)[1:], searched(form)) for form in forms]
    known.forms.update(zip(forms, _numbers(page, statements.FORMS, forms, rows), strict=True))
    rows = [msgspec.structs.astuple(manner) for manner in new]
    known.manners.update(zip(new, _numbers(page, statements.MANNERS, new, rows), strict=True))


def searched(form: Form) -> str:
    """All that a search looks at, in small letters."""
    facet = form.facet
    words = (
        *(facet.account, facet.key, facet.client_name, facet.model, facet.operation, facet.outcome),
        *(form.client, form.path, form.requested_model, form.answering_model, form.error_code, form.repairs),
    )
    return "\n".join(words).lower()


def _numbers(page: Page, statement: Statement, values: Sequence[object], rows: Sequence[Row]) -> list[int]:
    """The numbers of these rows, which are inserted where they are not there yet."""
    digests = [_digest(value) for value in values]
    page.insert(statement, [(digest, *row) for digest, row in zip(digests, rows, strict=True)])
    found = _by_digest(page, statement.table, digests)
    return [found[digest] for digest in digests]


def _by_digest(page: Page, table: str, digests: Sequence[bytes]) -> dict[bytes, int]:
    return dict(_among(page, f"SELECT digest, id FROM {table} WHERE digest IN", digests))  # noqa: S608 - our own name


def _among(page: Page, question: str, values: Sequence[object]) -> Iterator[tuple[Any, ...]]:
    """Ask a question that ends in IN, for some values at a time; few lengths of lists, so few statements."""
    for begin in range(0, len(values), _ASKED_AT_ONCE):
        part = values[begin : begin + _ASKED_AT_ONCE]
        size = next(size for size in (1, 8, 64, _ASKED_AT_ONCE) if size >= len(part))
        padded = [*part, *[part[-1]] * (size - len(part))]
        yield from page.ask(f"{question} ({', '.join('?' * size)})", padded)


def _continue(
    page: Page,
    entries: Sequence[Entry],
    digests: Sequence[bytes | None],
    first_id: int,
    known: Dictionary,
) -> dict[bytes, int]:
    """Add the entries to their conversations; the number of each."""
    gathered: dict[bytes, list[tuple[int, Entry]]] = {}
    for index, (entry, digest) in enumerate(zip(entries, digests, strict=True)):
        if digest is not None:
            gathered.setdefault(digest, []).append((first_id + index, entry))
    rows = [_conversation_row(digest, members, known) for digest, members in gathered.items()]
    page.insert(statements.CONVERSATIONS, rows)
    return _by_digest(page, "conversations", list(gathered))


def _conversation_row(digest: bytes, members: Sequence[tuple[int, Entry]], known: Dictionary) -> Row:
    first_id, first = members[0]
    last_id, last = max(members, key=lambda member: (member[1].at_ms, member[0]))
    left = [entry.quota_after for _, entry in members if entry.quota_after is not None]
    return (
        digest,
        first.conversation,
        first.form.facet.account_id,
        first_id,
        members[-1][0],
        last.at_ms,
        last_id,
        known.forms[last.form],
        first.quota_before,
        left[-1] if left else None,
        *_gather(((0, 0), _counted(entry)) for _, entry in members)[0, 0],
    )


def _counted(entry: Entry) -> Numbers:
    """What is added up, in the order of the tables' columns."""
    return (
        entry.requests,
        entry.input_tokens or 0,
        entry.cached_tokens or 0,
        entry.cache_write_tokens or 0,
        entry.output_tokens or 0,
        entry.reasoning_tokens or 0,
        entry.nano_aiu or 0,
        entry.charge_nano,
        entry.premium,
    )


def _timed(entry: Entry) -> Numbers:
    """Likewise of the latencies: ms to the first byte, answers that had one, ms in all."""
    begun = entry.first_byte_ms
    return (begun or 0, 0 if begun is None else 1, entry.total_ms)


def _gather(pairs: Iterable[tuple[Key, Numbers]]) -> dict[Key, list[float]]:
    """Add up by key, column by column."""
    gathered: dict[Key, list[Numbers]] = {}
    for key, numbers in pairs:
        gathered.setdefault(key, []).append(numbers)
    return {key: [sum(column) for column in zip(*rows, strict=True)] for key, rows in gathered.items()}


def _add_sums(page: Page, entries: Sequence[Entry], known: Dictionary) -> None:
    """Add to the sums by hour, and what was added there to those by day."""
    hours = _gather(
        ((entry.at_ms // HOUR_MS, known.facets[entry.form.facet]), _counted(entry) + _timed(entry))
        for entry in entries
    )
    days = _gather(((hour // 24, facet), tuple(sums)) for (hour, facet), sums in hours.items())
    for statement, gathered in ((statements.HOURLY, hours), (statements.DAILY, days)):
        page.insert(statement, [(*key, *sums) for key, sums in sorted(gathered.items())])


def _add_latencies(page: Page, entries: Sequence[Entry]) -> None:
    """The same with the histograms."""
    hours = Counter(
        (entry.at_ms // HOUR_MS, entry.form.facet.account_id, latency_bucket(entry.first_byte_ms))
        for entry in entries
        if entry.first_byte_ms is not None
    )
    days: Counter[tuple[int, str, int]] = Counter()
    for (hour, account, bucket), answers in hours.items():
        days[hour // 24, account, bucket] += answers
    for statement, gathered in ((statements.HOURLY_LATENCY, hours), (statements.DAILY_LATENCY, days)):
        page.insert(statement, [(*key, answers) for key, answers in sorted(gathered.items())])


@lru_cache(maxsize=4096)
def latency_bucket(first_byte_ms: int) -> int:
    """The histogram's bucket of a latency: from `latency_of` it to that of the next one."""
    return math.floor(math.log2(max(1, first_byte_ms)) * BUCKETS_PER_OCTAVE)


def latency_of(bucket: float) -> float:
    """The latency at a place of the histogram, in ms; halves are between buckets."""
    return float(2 ** (bucket / BUCKETS_PER_OCTAVE))
