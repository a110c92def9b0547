"""What leaves the ledger: old rows, and what an operator clears. Sums by day outlive the rows they came from.

Rows go in small portions, one transaction each, so that writers wait for milliseconds.
"""

from collections.abc import Callable

from sqlalchemy import (
    Connection,
    CursorResult,
    Engine,
    Table,
    and_,
    delete,
    exists,
    func,
    literal,
    select,
    union,
    update,
)

from copilot_api.store.ledger import schema
from copilot_api.store.ledger.writing.batch import DAY_MS, HOUR_MS, take_numbers

PORTION = 5_000
_READINGS_KEPT_DAYS = 800
"""Two years and a little, so that this month can be laid beside the same one of the year before."""

Wait = Callable[[], None]


def drop_old(writer: Engine, before_ms: int, wait: Wait) -> int:
    """Remove rows that began before `before_ms`, and the hourly sums of before; how many rows went."""
    rows = schema.exchanges.c
    removed = _in_portions(
        writer, schema.exchanges, select(rows.id).where(rows.at_ms < before_ms).limit(PORTION), wait
    )
    hour = before_ms // HOUR_MS
    with writer.begin() as connection:
        take_numbers(connection, 0)
        connection.execute(delete(schema.hourly).where(schema.hourly.c.start < hour))
        connection.execute(delete(schema.hourly_latency).where(schema.hourly_latency.c.start < hour))
        past = schema.conversations.c.last_at_ms < before_ms
        connection.execute(delete(schema.conversations).where(past))
        oldest = (before_ms - _READINGS_KEPT_DAYS * DAY_MS) // HOUR_MS
        connection.execute(delete(schema.readings).where(schema.readings.c.hour < oldest))
        if removed:
            _forget_words(connection)
    if removed:
        _give_back_space(writer, wait)
    return removed


def clear(writer: Engine, account_id: str | None, wait: Wait) -> int:
    """Remove everything of one account, or everything; how many rows went."""
    removed = _clear_all(writer) if account_id is None else _clear_account(writer, account_id, wait)
    _give_back_space(writer, wait)
    return removed


def _clear_all(writer: Engine) -> int:
    with writer.begin() as connection:
        take_numbers(connection, 0)
        removed = connection.execute(select(func.count()).select_from(schema.exchanges)).scalar_one()
        for table in schema.metadata.tables.values():
            if table is not schema.state:
                connection.execute(delete(table))
        _turn_generation(connection)
    return removed


def _clear_account(writer: Engine, account_id: str, wait: Wait) -> int:
    facets = select(schema.facets.c.id).where(schema.facets.c.account_id == account_id)
    forms = select(schema.forms.c.id).where(schema.forms.c.facet.in_(facets))
    rows = schema.exchanges.c
    removed = _in_portions(
        writer, schema.exchanges, select(rows.id).where(rows.form.in_(forms)).limit(PORTION), wait
    )
    with writer.begin() as connection:
        take_numbers(connection, 0)
        for table in (schema.hourly, schema.daily):
            connection.execute(delete(table).where(table.c.facet.in_(facets)))
        for table in (schema.hourly_latency, schema.daily_latency, schema.readings, schema.conversations):
            connection.execute(delete(table).where(table.c.account_id == account_id))
        _forget_words(connection)
    return removed


def _in_portions(writer: Engine, table: Table, chosen: object, wait: Wait) -> int:
    """Delete the rows that `chosen` finds, a portion at a time, until it finds none."""
    removed = 0
    while True:
        with writer.begin() as connection:
            take_numbers(connection, 0)
            result: CursorResult[object] = connection.execute(delete(table).where(table.c.id.in_(chosen)))  # type: ignore[arg-type]  # a select of ids
            removed += result.rowcount
            if result.rowcount < PORTION:
                return removed
        wait()


def _forget_words(connection: Connection) -> None:
    """Remove forms and facets that nothing refers to any more."""
    forms, facets = schema.forms, schema.facets
    used = (
        exists().where(schema.exchanges.c.form == forms.c.id),
        exists().where(schema.conversations.c.last_form == forms.c.id),
    )
    connection.execute(delete(forms).where(and_(*(~use for use in used))))
    needed = union(
        select(forms.c.facet), select(schema.daily.c.facet), select(schema.hourly.c.facet)
    ).subquery()
    connection.execute(delete(facets).where(facets.c.id.not_in(select(needed.c[0]))))
    _turn_generation(connection)


def _turn_generation(connection: Connection) -> None:
    generation = schema.state.c.generation
    connection.execute(update(schema.state).values(generation=generation + literal(1)))


def _give_back_space(writer: Engine, wait: Wait) -> None:
    """SQLite keeps the pages of what was deleted until told otherwise."""
    if writer.dialect.name != "sqlite":
        return
    while True:
        with writer.begin() as connection:
            cursor = connection.connection.cursor()
            cursor.execute(f"PRAGMA incremental_vacuum({PORTION})")
            cursor.fetchall()  # each step gives back one page
            cursor.execute("PRAGMA freelist_count")
            (left,) = cursor.fetchone() or (0,)
            cursor.close()
        if not left:
            return
        wait()
