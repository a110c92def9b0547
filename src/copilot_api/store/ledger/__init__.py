"""The durable usage ledger: one row per exchange, sums by hour and by day, quota readings; SQLite or PostgreSQL.

Owns the tables, their migrations, every statement and the threads they run in. Must never know records, HTTP or who
asks. Neither importing this package nor writing imports SQLAlchemy (150 ms and 15 MB): the first question does.
"""

from copilot_api.store.ledger.answers import (
    Cause,
    Choice,
    Day,
    Group,
    Mark,
    Metric,
    Pace,
    Page,
    Summary,
    Totals,
)
from copilot_api.store.ledger.book import Book
from copilot_api.store.ledger.entry import Entry, Facet, Form, Manner, Reading
from copilot_api.store.ledger.place import FILE_NAME, Place
from copilot_api.store.ledger.questions import Questions

__all__ = [
    "FILE_NAME",
    "Book",
    "Cause",
    "Choice",
    "Day",
    "Entry",
    "Facet",
    "Form",
    "Group",
    "Manner",
    "Mark",
    "Metric",
    "Pace",
    "Page",
    "Place",
    "Questions",
    "Reading",
    "Summary",
    "Totals",
]
