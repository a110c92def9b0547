"""Sums and courses, from the tables that are kept by hour and by day.

A span is cut into whole days, whole hours at its edges, and single rows at theirs, so that any span is exact and
none reads many rows.
"""

from collections.abc import Iterable
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, Select, Table, case, func, literal, select

from copilot_api.store.ledger.answers import FAILED, Choice, Group, Metric, Summary, Totals
from copilot_api.store.ledger.queries.choice import chosen_facets, of_facets
from copilot_api.store.ledger.tables.schema import (
    daily,
    daily_latency,
    exchanges,
    facets,
    forms,
    hourly,
    hourly_latency,
)
from copilot_api.store.ledger.writing.batch import DAY_MS, HOUR_MS, latency_of

NANO = 1e9
_NEVER_MS = 253_402_300_800_000
"""The year 10000; its hours since 1970 still fit the column."""
_GROUPS = {
    "model": facets.c.model,
    "client": facets.c.client_name,
    "key": facets.c.key,
    "account": facets.c.account,
    "upstream": facets.c.upstream,
}
_COUNTED = (
    "requests",
    "input_tokens",
    "cached_tokens",
    "cache_write_tokens",
    "output_tokens",
    "reasoning_tokens",
    "nano_aiu",
    "charge_nano",
    "premium",
)


def _add(totals: Totals, row: Any, *, is_error: bool) -> None:
    """Add one row of sums."""
    for name in _COUNTED:
        setattr(totals, name, getattr(totals, name) + (row[name] or 0))
    totals.errors += (row["requests"] or 0) if is_error else 0


def summary(connection: Connection, choice: Choice) -> Summary:
    """Add up everything that began within the span of the choice."""
    found = Summary(Totals(), {}, {}, {}, {})
    words = {
        row["id"]: row for row in connection.execute(select(facets).where(*of_facets(choice))).mappings()
    }
    for row in _summed(connection, choice):
        facet = words.get(row["facet"])
        if facet is None:
            continue
        is_error = facet["outcome"] in FAILED
        _add(found.all, row, is_error=is_error)
        for group, name in (
            (found.by_model, facet["model"]),
            (found.by_client, facet["client_name"]),
            (found.by_key, facet["key"]),
            (found.by_account, facet["account"]),
        ):
            _add(group.setdefault(name, Totals()), row, is_error=is_error)
    return found


def _summed(connection: Connection, choice: Choice) -> Iterable[Any]:
    """Sums by facet, from each piece of the span."""
    for question in _pieces(choice):
        yield from connection.execute(question).mappings()


def _pieces(choice: Choice) -> list[Select[Any]]:
    begin_ms, end_ms = choice.from_ms or 0, choice.to_ms if choice.to_ms is not None else _NEVER_MS
    pieces: list[Select[Any]] = []
    hours = _inner(begin_ms, end_ms, HOUR_MS)
    if hours is None:
        return [_of_rows(begin_ms, end_ms)]
    pieces += [_of_rows(begin_ms, hours[0] * HOUR_MS), _of_rows(hours[1] * HOUR_MS, end_ms)]
    days = _inner(begin_ms, end_ms, DAY_MS)
    if days is None:
        return [*pieces, _of_table(hourly, *hours)]
    pieces += [_of_table(hourly, hours[0], days[0] * 24), _of_table(hourly, days[1] * 24, hours[1])]
    return [*pieces, _of_table(daily, *days)]


def _inner(begin_ms: int, end_ms: int, span_ms: int) -> tuple[int, int] | None:
    """The whole spans within; None where there is none."""
    first, last = -(-begin_ms // span_ms), end_ms // span_ms
    return (first, last) if first < last else None


def _of_table(table: Table, first: int, last: int) -> Select[Any]:
    sums = [func.sum(table.c[name]).label(name) for name in _COUNTED]
    return (
        select(table.c.facet, *sums)
        .where(table.c.start >= first, table.c.start < last)
        .group_by(table.c.facet)
    )


def _of_rows(begin_ms: int, end_ms: int) -> Select[Any]:
    sums = [func.sum(exchanges.c[name]).label(name) for name in _COUNTED]
    joined = exchanges.join(forms, exchanges.c.form == forms.c.id)
    span = (exchanges.c.at_ms >= begin_ms, exchanges.c.at_ms < end_ms)
    return select(forms.c.facet, *sums).select_from(joined).where(*span).group_by(forms.c.facet)


def percentiles(connection: Connection, choice: Choice, wanted: tuple[float, ...]) -> list[float | None]:
    """Times to the first byte, in ms, below which these shares of the answers began; within some percent.

    The histograms know accounts and nothing else, and whole hours or days.
    """
    begin_ms, end_ms = choice.from_ms or 0, choice.to_ms if choice.to_ms is not None else _NEVER_MS
    is_long = end_ms - begin_ms > 31 * DAY_MS
    table, span_ms = (daily_latency, DAY_MS) if is_long else (hourly_latency, HOUR_MS)
    question = select(table.c.bucket, func.sum(table.c.answers)).where(
        table.c.start >= begin_ms // span_ms, table.c.start < -(-end_ms // span_ms)
    )
    if choice.account_id:
        question = question.where(table.c.account_id == choice.account_id)
    answers = {bucket: int(count) for bucket, count in connection.execute(question.group_by(table.c.bucket))}
    return [_percentile(answers, share) for share in wanted]


def _percentile(answers: dict[int, int], share: float) -> float | None:
    """As if a bucket's answers were spread evenly over it."""
    wanted, seen = share * sum(answers.values()), 0
    for bucket in sorted(answers):
        count = answers[bucket]
        if seen + count >= wanted:
            return latency_of(bucket + (wanted - seen) / count)
        seen += count
    return None


def series(
    connection: Connection,
    choice: Choice,
    *,
    by: Literal["hour", "day"],
    group: Group,
    metric: Metric,
    offset_min: int,
) -> dict[str, dict[int, float | None]]:
    """Values by name and span; spans are numbered since 1970, days as they begin `offset_min` east of UTC."""
    if metric == "latency" and group == "none":
        return _latency_series(connection, choice, by=by, offset_min=offset_min)
    table, span = _spans(by, offset_min, hourly, daily)
    name = literal("all") if group == "none" else _GROUPS[group]
    question = (
        select(span.label("span"), name.label("word"), _value(table, metric))
        .select_from(table.join(facets, table.c.facet == facets.c.id))
        .where(*_started(table, choice), *of_facets(choice))
        .group_by("span", "word")
    )
    found: dict[str, dict[int, float | None]] = {}
    for start, word, value in connection.execute(question):
        found.setdefault(word, {})[start] = None if value is None else float(value)
    return found


def _spans(
    by: Literal["hour", "day"], offset_min: int, hours: Table, days: Table
) -> tuple[Table, ColumnElement[int]]:
    if by == "hour":
        return hours, hours.c.start
    if offset_min == 0:
        return days, days.c.start
    return hours, (hours.c.start * 60 + offset_min) // 1440


def _started(table: Table, choice: Choice) -> list[ColumnElement[bool]]:
    span_ms = HOUR_MS if table.name.startswith("hourly") else DAY_MS
    conditions: list[ColumnElement[bool]] = []
    if choice.from_ms is not None:
        conditions.append(table.c.start >= choice.from_ms // span_ms)
    if choice.to_ms is not None:
        conditions.append(table.c.start < -(-choice.to_ms // span_ms))
    return conditions


def _value(table: Table, metric: Metric) -> ColumnElement[Any]:
    columns = table.c
    if metric == "requests":
        return func.sum(columns.requests)
    if metric == "tokens":
        return func.sum(columns.input_tokens + columns.output_tokens)
    if metric == "credits":
        return func.sum(columns.nano_aiu) / NANO
    if metric == "errors":
        return func.sum(case((facets.c.outcome.in_(FAILED), columns.requests), else_=0))
    return func.sum(columns.first_byte_ms) * 1.0 / func.nullif(func.sum(columns.first_bytes), 0)


def _latency_series(
    connection: Connection, choice: Choice, *, by: Literal["hour", "day"], offset_min: int
) -> dict[str, dict[int, float | None]]:
    """Median and 95th percentile; a mean would tell of one slow answer in a hundred."""
    table, span = _spans(by, offset_min, hourly_latency, daily_latency)
    question = select(span.label("span"), table.c.bucket, func.sum(table.c.answers)).where(
        *_started(table, choice)
    )
    if choice.account_id:
        question = question.where(table.c.account_id == choice.account_id)
    answers: dict[int, dict[int, int]] = {}
    for start, bucket, count in connection.execute(question.group_by("span", table.c.bucket)):
        answers.setdefault(start, {})[bucket] = int(count)
    return {
        name: {start: _percentile(buckets, share) for start, buckets in answers.items()}
        for name, share in (("p50", 0.5), ("p95", 0.95))
    }


def words(connection: Connection, account_id: str) -> dict[str, list[str]]:
    """What there is to filter by: models, clients, keys, upstreams, accounts, outcomes."""
    choice = Choice(account_id=account_id)
    found: dict[str, list[str]] = {}
    for name in ("model", "client_name", "key", "upstream", "account", "outcome"):
        question = select(facets.c[name]).where(facets.c.id.in_(chosen_facets(choice))).distinct()
        found[name] = sorted(word for word in connection.execute(question).scalars() if word)
    return found
