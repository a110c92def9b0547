"""The tables. `migrations/` leads from any older shape to this one; a test holds both equal.

`sqlite.sql` beside this file says the same in SQLite's words, so that a first start does without SQLAlchemy;
`python -m copilot_api.store.ledger.tables.schema` makes it anew.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex, CreateTable, ExecutableDDLElement

from copilot_api.store.ledger.tables.columns import LATENCY, SUMS

metadata = MetaData()
_Id = BigInteger().with_variant(Integer, "sqlite")  # SQLite's rowid wants the word INTEGER


def _sums() -> tuple[Column[int] | Column[float], ...]:
    *counts, premium = SUMS
    return (
        *(Column(name, BigInteger, nullable=False, default=0) for name in counts),
        Column(premium, Float, nullable=False, default=0.0),
    )


def _latency() -> tuple[Column[int], ...]:
    return tuple(Column(name, BigInteger, nullable=False, default=0) for name in LATENCY)


state = Table(
    "state",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("next_id", BigInteger, nullable=False),  # of exchanges; never given twice, so a cursor stays true
    Column(
        "generation", Integer, nullable=False
    ),  # grows when forms are removed: their numbers are forgotten
)

facets = Table(
    "facets",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("digest", LargeBinary(16), nullable=False, unique=True),
    *(
        Column(name, Text, nullable=False)
        for name in (
            "account_id",
            "account",
            "key_id",
            "key",
            "client_name",
            "model",
            "upstream",
            "operation",
            "source",
            "outcome",
        )
    ),
)

forms = Table(
    "forms",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("digest", LargeBinary(16), nullable=False, unique=True),
    Column("facet", _Id, nullable=False),
    *(
        Column(name, Text, nullable=False)
        for name in (
            "client",
            "client_version",
            "ingress",
            "mode",
            "reason",
            "path",
            "requested_model",
            "answering_model",
        )
    ),
    Column("has_conversation", Boolean, nullable=False),
    Column("status", SmallInteger, nullable=False),
    Column("error_code", Text, nullable=False),
    Column("multiplier", Float),
    Column("credits_from", Text, nullable=False),
    Column("repairs", Text, nullable=False),
    Column("words", Text, nullable=False),  # all that a search looks at, in small letters
)

manners = Table(
    "manners",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("digest", LargeBinary(16), nullable=False, unique=True),
    Column("initiator", Text, nullable=False),
    Column("is_stream", Boolean, nullable=False),
    Column("finish", Text, nullable=False),
)

exchanges = Table(
    "exchanges",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("form", _Id, nullable=False),
    Column("manner", _Id, nullable=False),
    Column("trace_id", Text, nullable=False),
    Column("conversation", _Id),
    Column("interaction", LargeBinary(16)),
    Column("requests", Integer, nullable=False),
    Column("input_tokens", BigInteger),
    Column("cached_tokens", BigInteger),
    Column("cache_write_tokens", BigInteger),
    Column("output_tokens", BigInteger),
    Column("reasoning_tokens", BigInteger),
    Column("nano_aiu", BigInteger),
    Column("charge_nano", BigInteger, nullable=False),
    Column("premium", Float, nullable=False),
    Column("quota_before", Float),
    Column("quota_after", Float),
    Column("first_byte_ms", BigInteger),
    Column("total_ms", BigInteger, nullable=False),
    Column("request_bytes", BigInteger, nullable=False),
    Column("response_bytes", BigInteger, nullable=False),
    Column("attempts", SmallInteger, nullable=False),
    Column("losses", Text),
    Column("error_message", Text),
    Column("upstream_request_id", Text),
    Column("imported", LargeBinary(16)),
)
Index("exchanges_at", exchanges.c.at_ms)
Index("exchanges_form_at", exchanges.c.form, exchanges.c.at_ms)
Index("exchanges_trace", exchanges.c.trace_id)
Index(
    "exchanges_conversation",
    exchanges.c.conversation,
    exchanges.c.at_ms,
    sqlite_where=exchanges.c.conversation.is_not(None),
    postgresql_where=exchanges.c.conversation.is_not(None),
)
Index(
    "exchanges_imported",
    exchanges.c.imported,
    unique=True,
    sqlite_where=exchanges.c.imported.is_not(None),
    postgresql_where=exchanges.c.imported.is_not(None),
)

conversations = Table(
    "conversations",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("digest", LargeBinary(16), nullable=False, unique=True),
    Column("session", Text, nullable=False),
    Column("account_id", Text, nullable=False),
    Column("first_id", BigInteger, nullable=False),  # in the order of writing
    Column("newest_id", BigInteger, nullable=False),  # likewise
    Column("last_at_ms", BigInteger, nullable=False),
    Column("last_id", BigInteger, nullable=False),  # the row of `last_at_ms`
    Column("last_form", _Id, nullable=False),
    Column("quota_first", Float),
    Column("quota_last", Float),
    *_sums(),
)
Index("conversations_last", conversations.c.last_at_ms)
Index("conversations_newest", conversations.c.newest_id)


def _summed(name: str) -> Table:
    """`start` counts the spans since 1970: hours or days, in UTC."""
    return Table(
        name,
        metadata,
        Column("start", Integer, primary_key=True, autoincrement=False),
        Column("facet", _Id, primary_key=True, autoincrement=False),
        *_sums(),
        *_latency(),
        sqlite_with_rowid=False,
    )


hourly = _summed("hourly")
daily = _summed("daily")


def _histogram(name: str) -> Table:
    """How many answers began within which time; `bucket` counts quarters of the binary logarithm of the ms."""
    return Table(
        name,
        metadata,
        Column("start", Integer, primary_key=True, autoincrement=False),
        Column("account_id", String, primary_key=True),
        Column("bucket", SmallInteger, primary_key=True, autoincrement=False),
        Column("answers", BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )


hourly_latency = _histogram("hourly_latency")
daily_latency = _histogram("daily_latency")

readings = Table(
    "readings",
    metadata,
    Column("account_id", String, primary_key=True),
    Column("bucket", String, primary_key=True),
    Column("hour", Integer, primary_key=True, autoincrement=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("remaining", Float, nullable=False),
    Column("entitlement", Float),
    Column("spent", Float, nullable=False),  # since the reading before the hour's first one
    Column("since_ms", BigInteger, nullable=False),  # when that was
    Column("resets_at", Text, nullable=False),
    Column("is_token_billed", Boolean, nullable=False),
    sqlite_with_rowid=False,
)


def as_sqlite() -> str:
    """The statements that make all tables in a file, one to a paragraph."""
    dialect = sqlite.dialect()
    statements: list[str] = []
    for table in metadata.sorted_tables:
        indexes = sorted(table.indexes, key=lambda index: str(index.name))
        made: list[ExecutableDDLElement] = [CreateTable(table), *map(CreateIndex, indexes)]
        for element in made:
            lines = str(element.compile(dialect=dialect)).strip().splitlines()
            statements.append("\n".join(line.rstrip() for line in lines))
    return ";\n\n".join(statements).replace("\t", "    ") + ";\n"


if __name__ == "__main__":
    print(as_sqlite(), end="")
