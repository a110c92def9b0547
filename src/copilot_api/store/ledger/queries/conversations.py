"""The log by conversation: one row for what a client's session asked of one model in one month.

Ordered by the newest row of each, and that moves while somebody reads. So a reader carries the newest number there
was when it began, and a conversation that went on since stands where it stood then.
"""

from typing import Any

from sqlalchemy import Connection, select

from copilot_api.store.ledger.answers import Choice, Mark, Page
from copilot_api.store.ledger.queries.choice import chosen_forms
from copilot_api.store.ledger.queries.log import before, places_of, rows_of, within
from copilot_api.store.ledger.tables.schema import conversations, exchanges, forms, state

_SUMS = (
    "requests",
    "input_tokens",
    "cached_tokens",
    "cache_write_tokens",
    "output_tokens",
    "reasoning_tokens",
    "nano_aiu",
    "premium",
)


def page(connection: Connection, choice: Choice, limit: int, after: Mark | None = None) -> Page:
    """One page, a row for each conversation, and one for each request that belongs to none."""
    if after is None:
        newest = connection.execute(select(state.c.next_id)).scalar_one() - 1
        after = Mark(as_of=newest)
    places = {
        *_at_rest(connection, choice, limit + 1, after),
        *_gone_on(connection, choice, after),
        *places_of(connection, choice, limit + 1, after, forms.c.has_conversation.is_(False)),
    }
    ordered = sorted(places, reverse=True)
    rows = rows_of(connection, [number for _, number in ordered[:limit]])
    _add_up(connection, rows)
    if len(ordered) <= limit:
        return Page(rows, None)
    at_ms, number = ordered[limit - 1]
    return Page(rows, Mark(at_ms, number, after.as_of))


def _at_rest(connection: Connection, choice: Choice, limit: int, after: Mark) -> list[tuple[int, int]]:
    """Newest rows of conversations in which nothing happened since."""
    columns = conversations.c
    question = select(columns.last_at_ms, columns.last_id).where(
        columns.newest_id <= after.as_of,
        *before(columns.last_at_ms, columns.last_id, after),
        *within(columns.last_at_ms, choice),
    )
    if choice.has_words:
        question = question.where(columns.last_form.in_(chosen_forms(choice)))
    newest = question.order_by(columns.last_at_ms.desc(), columns.last_id.desc()).limit(limit)
    return [(at_ms, number) for at_ms, number in connection.execute(newest)]


def _gone_on(connection: Connection, choice: Choice, after: Mark) -> list[tuple[int, int]]:
    """The same of conversations that went on since: as they stood when the reader began."""
    columns = conversations.c
    question = select(columns.id).where(columns.newest_id > after.as_of, columns.first_id <= after.as_of)
    wanted = set(connection.execute(chosen_forms(choice)).scalars()) if choice.has_words else None
    places: list[tuple[int, int]] = []
    for conversation in connection.execute(question).scalars().all():
        rows = exchanges.c
        newest = (
            select(rows.at_ms, rows.id, rows.form)
            .where(rows.conversation == conversation, rows.id <= after.as_of)
            .order_by(rows.at_ms.desc(), rows.id.desc())
            .limit(1)
        )
        for at_ms, number, form in connection.execute(newest):
            is_behind = (at_ms, number) >= (after.at_ms, after.id)
            is_within = (choice.from_ms is None or at_ms >= choice.from_ms) and (
                choice.to_ms is None or at_ms < choice.to_ms
            )
            if not is_behind and is_within and (wanted is None or form in wanted):
                places.append((at_ms, number))
    return places


def _add_up(connection: Connection, rows: list[dict[str, Any]]) -> None:
    """Put the sums of its conversation in the place of a row's own numbers."""
    numbers = [row["conversation"] for row in rows if row["conversation"] is not None]
    question = select(conversations).where(conversations.c.id.in_(numbers))
    sums = {found["id"]: found for found in connection.execute(question).mappings()}
    for row in rows:
        found = sums.get(row["conversation"])
        if found is not None:
            row.update({name: found[name] for name in _SUMS})
            row.update(quota_before=found["quota_first"], quota_after=found["quota_last"])
