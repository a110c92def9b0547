"""Every INSERT of the ledger, in words that SQLite and PostgreSQL share. A test holds the columns to the tables'."""

from copilot_api.store.ledger.entry import Facet, Form, Manner
from copilot_api.store.ledger.tables.columns import LATENCY, SUMS
from copilot_api.store.ledger.writing.pen import Statement


def _missing(table: str, columns: tuple[str, ...]) -> Statement:
    """Rows without their id, unless one with the same digest is there."""
    return Statement(table, ("digest", *columns), "ON CONFLICT (digest) DO NOTHING")


def _added(table: str, keys: tuple[str, ...], sums: tuple[str, ...]) -> Statement:
    """Rows of sums, or more for those with the same primary key."""
    tail = f"ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {_plus(table, sums)}"
    return Statement(table, (*keys, *sums), tail)


def _plus(table: str, sums: tuple[str, ...]) -> str:
    return ", ".join(f"{name} = {table}.{name} + excluded.{name}" for name in sums)


FACETS = _missing("facets", Facet.__struct_fields__)
FORMS = _missing("forms", (*Form.__struct_fields__, "words"))
MANNERS = _missing("manners", Manner.__struct_fields__)

EXCHANGES = Statement(
    "exchanges",
    (
        "id",
        "at_ms",
        "form",
        "manner",
        "trace_id",
        "conversation",
        "interaction",
        "requests",
        "input_tokens",
        "cached_tokens",
        "cache_write_tokens",
        "output_tokens",
        "reasoning_tokens",
        "nano_aiu",
        "charge_nano",
        "premium",
        "quota_before",
        "quota_after",
        "first_byte_ms",
        "total_ms",
        "request_bytes",
        "response_bytes",
        "attempts",
        "losses",
        "error_message",
        "upstream_request_id",
        "imported",
    ),
)

HOURLY, DAILY = (_added(name, ("start", "facet"), (*SUMS, *LATENCY)) for name in ("hourly", "daily"))
HOURLY_LATENCY, DAILY_LATENCY = (
    _added(name, ("start", "account_id", "bucket"), ("answers",))
    for name in ("hourly_latency", "daily_latency")
)

_IS_LATER = "excluded.last_at_ms >= conversations.last_at_ms"
CONVERSATIONS = Statement(
    "conversations",
    (
        "digest",
        "session",
        "account_id",
        "first_id",
        "newest_id",
        "last_at_ms",
        "last_id",
        "last_form",
        "quota_first",
        "quota_last",
        *SUMS,
    ),
    "ON CONFLICT (digest) DO UPDATE SET "
    + ", ".join(
        f"{name} = CASE WHEN {_IS_LATER} THEN excluded.{name} ELSE conversations.{name} END"
        for name in ("last_at_ms", "last_id", "last_form")
    )
    + ", newest_id = excluded.newest_id"
    ", quota_first = coalesce(conversations.quota_first, excluded.quota_first)"
    ", quota_last = coalesce(excluded.quota_last, conversations.quota_last), " + _plus("conversations", SUMS),
)
"""Begins a conversation, or goes on with the one of the same digest."""

READINGS = Statement(
    "readings",
    (
        "account_id",
        "bucket",
        "hour",
        "at_ms",
        "remaining",
        "entitlement",
        "spent",
        "since_ms",
        "resets_at",
        "is_token_billed",
    ),
    "ON CONFLICT (account_id, bucket, hour) DO UPDATE SET at_ms = excluded.at_ms, remaining = excluded.remaining"
    ", entitlement = excluded.entitlement, spent = excluded.spent, since_ms = excluded.since_ms"
    ", resets_at = excluded.resets_at, is_token_billed = excluded.is_token_billed",
)
"""One row for each bucket and hour; a newer reading takes the place of the hour's."""
