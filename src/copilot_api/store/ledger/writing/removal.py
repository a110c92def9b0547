"""What leaves the ledger: old rows, and what an operator clears. Sums by day outlive the rows they came from.

Rows go in small portions, one transaction each, so that writers wait for milliseconds.
"""

import math
from collections.abc import Callable

from copilot_api.store.ledger.writing.batch import DAY_MS, HOUR_MS, take_numbers
from copilot_api.store.ledger.writing.pen import Page, Pen, Row

PORTION = 5_000
_READINGS_KEPT_DAYS = 800
"""Two years and a little, so that this month can be laid beside the same one of the year before."""
_ROWS_AND_SUMS = (
    "exchanges",
    "conversations",
    "forms",
    "facets",
    "manners",
    "hourly",
    "daily",
    "hourly_latency",
    "daily_latency",
    "readings",
)
"""Every table but the state."""

Wait = Callable[[], None]
End = Callable[[Page, int], None]


def drop_old(pen: Pen, before_ms: int, wait: Wait) -> int:
    """Remove rows that began before `before_ms`, and the hourly sums of before; how many rows went."""

    def end(page: Page, removed: int) -> None:
        hour = before_ms // HOUR_MS
        page.run("DELETE FROM hourly WHERE start < ?", (hour,))
        page.run("DELETE FROM hourly_latency WHERE start < ?", (hour,))
        page.run("DELETE FROM conversations WHERE last_at_ms < ?", (before_ms,))
        oldest = (before_ms - _READINGS_KEPT_DAYS * DAY_MS) // HOUR_MS
        page.run("DELETE FROM readings WHERE hour < ?", (oldest,))
        if removed:
            _forget_words(page)

    removed = _in_portions(pen, "at_ms < ?", (before_ms,), wait, end)
    if removed:
        _give_back_space(pen, wait)
    return removed


def clear(pen: Pen, account_id: str | None, wait: Wait) -> int:
    """Remove everything of one account, or everything; how many rows went."""
    removed = _clear_all(pen) if account_id is None else _clear_account(pen, account_id, wait)
    _give_back_space(pen, wait)
    return removed


def _clear_all(pen: Pen) -> int:
    with pen.transaction() as page:
        take_numbers(page, 0)
        ((removed,),) = page.ask("SELECT count(*) FROM exchanges")
        for table in _ROWS_AND_SUMS:
            page.run(f"DELETE FROM {table}")  # noqa: S608 - our own names
        _turn_generation(page)
    return int(removed)


_FACETS = "(SELECT id FROM facets WHERE account_id = ?)"


def _clear_account(pen: Pen, account_id: str, wait: Wait) -> int:
    def end(page: Page, removed: int) -> None:
        del removed
        for table in ("hourly", "daily"):
            page.run(f"DELETE FROM {table} WHERE facet IN {_FACETS}", (account_id,))  # noqa: S608
        for table in ("hourly_latency", "daily_latency", "readings", "conversations"):
            page.run(f"DELETE FROM {table} WHERE account_id = ?", (account_id,))  # noqa: S608
        _forget_words(page)

    chosen = f"form IN (SELECT id FROM forms WHERE facet IN {_FACETS})"  # noqa: S608 - our own words
    return _in_portions(pen, chosen, (account_id,), wait, end)


def _in_portions(pen: Pen, chosen: str, values: Row, wait: Wait, end: End) -> int:
    """Delete the exchanges that are chosen, a portion at a time, until there is none; how many they were.

    `end` removes what was kept of them besides, together with the last portion: a row that came between the two would
    stay without its sums.
    """
    removed = 0
    while True:
        with pen.transaction() as page:
            take_numbers(page, 0)
            portion = page.run(
                f"DELETE FROM exchanges WHERE id IN (SELECT id FROM exchanges WHERE {chosen} LIMIT {PORTION})",  # noqa: S608
                values,
            )
            removed += portion
            if portion < PORTION:
                end(page, removed)
                return removed
        wait()


def _forget_words(page: Page) -> None:
    """Remove forms and facets that nothing refers to any more."""
    page.run(
        "DELETE FROM forms WHERE NOT EXISTS (SELECT 1 FROM exchanges WHERE exchanges.form = forms.id) "
        "AND NOT EXISTS (SELECT 1 FROM conversations WHERE conversations.last_form = forms.id)"
    )
    page.run(
        "DELETE FROM facets WHERE id NOT IN "
        "(SELECT facet FROM forms UNION SELECT facet FROM daily UNION SELECT facet FROM hourly)"
    )
    _turn_generation(page)


def _turn_generation(page: Page) -> None:
    page.run("UPDATE state SET generation = generation + 1")


def _give_back_space(pen: Pen, wait: Wait) -> None:
    """SQLite keeps the pages of what was deleted until told otherwise; a file that another program made keeps them."""
    if pen.place.is_server:
        return
    before = math.inf
    while True:
        with pen.transaction() as page:
            page.ask(f"PRAGMA incremental_vacuum({PORTION})")  # each row of the answer gives back one page
            ((left,),) = page.ask("PRAGMA freelist_count")
        if not left or left >= before:
            return
        before = left
        wait()
