"""The log, newest first: pages that neither repeat nor skip a row, whatever is written meanwhile.

Rows are ordered by the moment they began, then by number; both never change. A choice of forms is a merge of their
newest rows: a form whose newest row is older than the newest of enough others cannot be on the page.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, Select, Table, and_, func, or_, select

from copilot_api.store.ledger.answers import END, Choice, Mark, Page
from copilot_api.store.ledger.queries.choice import chosen_facets, chosen_forms
from copilot_api.store.ledger.tables.schema import conversations, exchanges, facets, forms, hourly, manners

_LOOK_THROUGH = 10
"""Rows looked at for each one wanted, before a filter is taken for a rare one."""


def page(connection: Connection, choice: Choice, limit: int, after: Mark | None = None) -> Page:
    """One page of the log, a row for each request."""
    after = after or Mark()
    places = places_of(connection, choice, limit + 1, after)
    rows = rows_of(connection, [number for _, number in places[:limit]])
    if len(places) <= limit:
        return Page(rows, None)
    at_ms, number = places[limit - 1]
    return Page(rows, Mark(at_ms, number, after.as_of))


def by_trace(connection: Connection, trace_id: str) -> list[dict[str, Any]]:
    """The rows of a trace id, newest first; callers choose trace ids, so there may be several."""
    newest = (exchanges.c.at_ms.desc(), exchanges.c.id.desc())
    found = select(exchanges.c.id).where(exchanges.c.trace_id == trace_id).order_by(*newest).limit(20)
    return rows_of(connection, list(connection.execute(found).scalars()))


def total(connection: Connection, choice: Choice) -> int | None:
    """How many requests it chooses, where the sums can tell; None where they cannot."""
    if choice.q or choice.from_ms is not None or choice.to_ms is not None:
        return None
    question = select(func.sum(hourly.c.requests))
    if choice.has_words:
        question = question.where(hourly.c.facet.in_(chosen_facets(choice)))
    return int(connection.execute(question).scalar_one() or 0)


def places_of(
    connection: Connection, choice: Choice, limit: int, after: Mark, *extra: ColumnElement[bool]
) -> list[tuple[int, int]]:
    """Moment and number of the newest `limit` rows; `extra` are conditions on forms."""
    if not choice.has_words and not extra:
        return _newest(connection, _span(exchanges, choice, after), limit)
    chosen = chosen_forms(choice).where(*extra)
    places: set[tuple[int, int]] = set()
    if choice.q:
        of_trace = (exchanges.c.trace_id == choice.q, *_span(exchanges, choice, after))
        places.update(_newest(connection, of_trace, limit))
    found = _among_newest(connection, chosen, choice, limit, after)
    if found is not None:
        places.update(found)
    else:
        for form in _newest_forms(connection, chosen, choice, limit, after):
            places.update(
                _newest(connection, (exchanges.c.form == form, *_span(exchanges, choice, after)), limit)
            )
    return sorted(places, reverse=True)[:limit]


def _among_newest(
    connection: Connection, chosen: Select[tuple[int]], choice: Choice, limit: int, after: Mark
) -> list[tuple[int, int]] | None:
    """Look through some of the newest rows: most filters fit so many rows that this is all there is to do."""
    rows = exchanges.c
    some = (
        select(rows.at_ms, rows.id, rows.form)
        .where(*_span(exchanges, choice, after))
        .order_by(rows.at_ms.desc(), rows.id.desc())
        .limit(limit * _LOOK_THROUGH)
        .subquery()
    )
    fitting = select(some.c.at_ms, some.c.id).where(some.c.form.in_(chosen))
    places = sorted(((at_ms, number) for at_ms, number in connection.execute(fitting)), reverse=True)
    return places[:limit] if len(places) >= limit else None


def _newest_forms(
    connection: Connection, chosen: Select[tuple[int]], choice: Choice, limit: int, after: Mark
) -> list[int]:
    """The forms that can have one of the newest `limit` rows."""
    top_ms = after.at_ms if choice.to_ms is None else min(after.at_ms, choice.to_ms - 1)
    newest = (
        select(func.max(exchanges.c.at_ms))
        .where(exchanges.c.form == forms.c.id, exchanges.c.at_ms <= top_ms)
        .correlate(forms)
        .scalar_subquery()
    )
    heads = [
        (at_ms, form)
        for form, at_ms in connection.execute(chosen.add_columns(newest))
        if at_ms is not None and (choice.from_ms is None or at_ms >= choice.from_ms)
    ]
    heads.sort(reverse=True)
    shown = sum(1 for at_ms, _ in heads if at_ms == after.at_ms)  # rows of that moment may be behind us
    enough = limit + shown
    if len(heads) <= enough:
        return [form for _, form in heads]
    least_ms = heads[enough - 1][0]
    return [form for at_ms, form in heads if at_ms >= least_ms]


def _newest(
    connection: Connection, conditions: Sequence[ColumnElement[bool]], limit: int
) -> list[tuple[int, int]]:
    rows = exchanges.c
    question = (
        select(rows.at_ms, rows.id)
        .where(*conditions)
        .order_by(rows.at_ms.desc(), rows.id.desc())
        .limit(limit)
    )
    return [(at_ms, number) for at_ms, number in connection.execute(question)]


def _span(table: Table, choice: Choice, after: Mark) -> tuple[ColumnElement[bool], ...]:
    """Older than the place, and within the filter's time."""
    return before(table.c.at_ms, table.c.id, after) + within(table.c.at_ms, choice)


def before(
    at_ms: ColumnElement[int], number: ColumnElement[int], place: Mark
) -> tuple[ColumnElement[bool], ...]:
    """The condition of standing after a place in the order; written so that an index on the moment serves it."""
    if place.at_ms == END:
        return ()
    return (and_(at_ms <= place.at_ms, or_(at_ms < place.at_ms, number < place.id)),)


def within(at_ms: ColumnElement[int], choice: Choice) -> tuple[ColumnElement[bool], ...]:
    """The condition of beginning within the filter's time."""
    conditions: list[ColumnElement[bool]] = []
    if choice.from_ms is not None:
        conditions.append(at_ms >= choice.from_ms)
    if choice.to_ms is not None:
        conditions.append(at_ms < choice.to_ms)
    return tuple(conditions)


def rows_of(connection: Connection, numbers: Sequence[int]) -> list[dict[str, Any]]:
    """The rows with these numbers, in this order, with all their words."""
    joined = (
        exchanges.join(forms, exchanges.c.form == forms.c.id)
        .join(facets, forms.c.facet == facets.c.id)
        .join(manners, exchanges.c.manner == manners.c.id)
        .outerjoin(conversations, exchanges.c.conversation == conversations.c.id)
    )
    words = [column for column in facets.c if column.name not in ("id", "digest")]
    others = [column for column in forms.c if column.name not in ("id", "digest", "facet", "words")]
    others += [column for column in manners.c if column.name not in ("id", "digest")]
    question = select(*exchanges.c, *words, *others, conversations.c.session).select_from(joined)
    found: dict[int, RowMapping] = {}
    for begin in range(0, len(numbers), 500):
        part = question.where(exchanges.c.id.in_(numbers[begin : begin + 500]))
        found.update({row["id"]: row for row in connection.execute(part).mappings()})
    return [dict(found[number]) for number in numbers if number in found]
