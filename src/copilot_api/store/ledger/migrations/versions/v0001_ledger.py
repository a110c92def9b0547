"""The ledger as it began."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables, and the one row of the state."""
    _conversations()
    _daily()
    _daily_latency()
    _exchanges()
    _facets()
    _forms()
    _hourly()
    _hourly_latency()
    _manners()
    _readings()
    _state()
    _indexes()
    op.execute("INSERT INTO state (id, next_id, generation) VALUES (1, 1, 0)")


def _conversations() -> None:
    op.create_table(
        "conversations",
        sa.Column("id", ID, nullable=False),
        sa.Column("digest", sa.LargeBinary(length=16), nullable=False),
        sa.Column("session", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("first_id", sa.BigInteger(), nullable=False),
        sa.Column("newest_id", sa.BigInteger(), nullable=False),
        sa.Column("last_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("last_id", sa.BigInteger(), nullable=False),
        sa.Column("last_form", ID, nullable=False),
        sa.Column("quota_first", sa.Float(), nullable=True),
        sa.Column("quota_last", sa.Float(), nullable=True),
        sa.Column("requests", sa.BigInteger(), nullable=False),
        sa.Column("input_tokens", sa.BigInteger(), nullable=False),
        sa.Column("cached_tokens", sa.BigInteger(), nullable=False),
        sa.Column("cache_write_tokens", sa.BigInteger(), nullable=False),
        sa.Column("output_tokens", sa.BigInteger(), nullable=False),
        sa.Column("reasoning_tokens", sa.BigInteger(), nullable=False),
        sa.Column("nano_aiu", sa.BigInteger(), nullable=False),
        sa.Column("charge_nano", sa.BigInteger(), nullable=False),
        sa.Column("premium", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("digest"),
    )


def _daily() -> None:
    op.create_table(
        "daily",
        sa.Column("start", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("facet", ID, autoincrement=False, nullable=False),
        sa.Column("requests", sa.BigInteger(), nullable=False),
        sa.Column("input_tokens", sa.BigInteger(), nullable=False),
        sa.Column("cached_tokens", sa.BigInteger(), nullable=False),
        sa.Column("cache_write_tokens", sa.BigInteger(), nullable=False),
        sa.Column("output_tokens", sa.BigInteger(), nullable=False),
        sa.Column("reasoning_tokens", sa.BigInteger(), nullable=False),
        sa.Column("nano_aiu", sa.BigInteger(), nullable=False),
        sa.Column("charge_nano", sa.BigInteger(), nullable=False),
        sa.Column("premium", sa.Float(), nullable=False),
        sa.Column("first_byte_ms", sa.BigInteger(), nullable=False),
        sa.Column("first_bytes", sa.BigInteger(), nullable=False),
        sa.Column("total_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("start", "facet"),
        sqlite_with_rowid=False,
    )


def _daily_latency() -> None:
    op.create_table(
        "daily_latency",
        sa.Column("start", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("bucket", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("answers", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("start", "account_id", "bucket"),
        sqlite_with_rowid=False,
    )


def _exchanges() -> None:
    op.create_table(
        "exchanges",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("form", ID, nullable=False),
        sa.Column("manner", ID, nullable=False),
        sa.Column("trace_id", sa.Text(), nullable=False),
        sa.Column("conversation", ID, nullable=True),
        sa.Column("interaction", sa.LargeBinary(length=16), nullable=True),
        sa.Column("requests", sa.Integer(), nullable=False),
        sa.Column("input_tokens", sa.BigInteger(), nullable=True),
        sa.Column("cached_tokens", sa.BigInteger(), nullable=True),
        sa.Column("cache_write_tokens", sa.BigInteger(), nullable=True),
        sa.Column("output_tokens", sa.BigInteger(), nullable=True),
        sa.Column("reasoning_tokens", sa.BigInteger(), nullable=True),
        sa.Column("nano_aiu", sa.BigInteger(), nullable=True),
        sa.Column("charge_nano", sa.BigInteger(), nullable=False),
        sa.Column("premium", sa.Float(), nullable=False),
        sa.Column("quota_before", sa.Float(), nullable=True),
        sa.Column("quota_after", sa.Float(), nullable=True),
        sa.Column("first_byte_ms", sa.BigInteger(), nullable=True),
        sa.Column("total_ms", sa.BigInteger(), nullable=False),
        sa.Column("request_bytes", sa.BigInteger(), nullable=False),
        sa.Column("response_bytes", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.SmallInteger(), nullable=False),
        sa.Column("losses", sa.Text(), nullable=True),
        sa.Column("error_message", sa.Text(), nullable=True),
        sa.Column("upstream_request_id", sa.Text(), nullable=True),
        sa.Column("imported", sa.LargeBinary(length=16), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )


def _facets() -> None:
    op.create_table(
        "facets",
        sa.Column("id", ID, nullable=False),
        sa.Column("digest", sa.LargeBinary(length=16), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("client_name", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("upstream", sa.Text(), nullable=False),
        sa.Column("operation", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("digest"),
    )


def _forms() -> None:
    op.create_table(
        "forms",
        sa.Column("id", ID, nullable=False),
        sa.Column("digest", sa.LargeBinary(length=16), nullable=False),
        sa.Column("facet", ID, nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("client_version", sa.Text(), nullable=False),
        sa.Column("ingress", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("requested_model", sa.Text(), nullable=False),
        sa.Column("answering_model", sa.Text(), nullable=False),
        sa.Column("has_conversation", sa.Boolean(), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=False),
        sa.Column("error_code", sa.Text(), nullable=False),
        sa.Column("multiplier", sa.Float(), nullable=True),
        sa.Column("credits_from", sa.Text(), nullable=False),
        sa.Column("repairs", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("digest"),
    )


def _hourly() -> None:
    op.create_table(
        "hourly",
        sa.Column("start", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("facet", ID, autoincrement=False, nullable=False),
        sa.Column("requests", sa.BigInteger(), nullable=False),
        sa.Column("input_tokens", sa.BigInteger(), nullable=False),
        sa.Column("cached_tokens", sa.BigInteger(), nullable=False),
        sa.Column("cache_write_tokens", sa.BigInteger(), nullable=False),
        sa.Column("output_tokens", sa.BigInteger(), nullable=False),
        sa.Column("reasoning_tokens", sa.BigInteger(), nullable=False),
        sa.Column("nano_aiu", sa.BigInteger(), nullable=False),
        sa.Column("charge_nano", sa.BigInteger(), nullable=False),
        sa.Column("premium", sa.Float(), nullable=False),
        sa.Column("first_byte_ms", sa.BigInteger(), nullable=False),
        sa.Column("first_bytes", sa.BigInteger(), nullable=False),
        sa.Column("total_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("start", "facet"),
        sqlite_with_rowid=False,
    )


def _hourly_latency() -> None:
    op.create_table(
        "hourly_latency",
        sa.Column("start", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("bucket", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("answers", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("start", "account_id", "bucket"),
        sqlite_with_rowid=False,
    )


def _manners() -> None:
    op.create_table(
        "manners",
        sa.Column("id", ID, nullable=False),
        sa.Column("digest", sa.LargeBinary(length=16), nullable=False),
        sa.Column("initiator", sa.Text(), nullable=False),
        sa.Column("is_stream", sa.Boolean(), nullable=False),
        sa.Column("finish", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("digest"),
    )


def _readings() -> None:
    op.create_table(
        "readings",
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("bucket", sa.String(), nullable=False),
        sa.Column("hour", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("remaining", sa.Float(), nullable=False),
        sa.Column("entitlement", sa.Float(), nullable=True),
        sa.Column("spent", sa.Float(), nullable=False),
        sa.Column("since_ms", sa.BigInteger(), nullable=False),
        sa.Column("resets_at", sa.Text(), nullable=False),
        sa.Column("is_token_billed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "bucket", "hour"),
        sqlite_with_rowid=False,
    )


def _state() -> None:
    op.create_table(
        "state",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("next_id", sa.BigInteger(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )


def _indexes() -> None:
    op.create_index("conversations_last", "conversations", ["last_at_ms"], unique=False)
    op.create_index("conversations_newest", "conversations", ["newest_id"], unique=False)
    op.create_index("exchanges_at", "exchanges", ["at_ms"], unique=False)
    op.create_index(
        "exchanges_conversation",
        "exchanges",
        ["conversation", "at_ms"],
        unique=False,
        sqlite_where=sa.text("conversation IS NOT NULL"),
        postgresql_where=sa.text("conversation IS NOT NULL"),
    )
    op.create_index("exchanges_form_at", "exchanges", ["form", "at_ms"], unique=False)
    op.create_index(
        "exchanges_imported",
        "exchanges",
        ["imported"],
        unique=True,
        sqlite_where=sa.text("imported IS NOT NULL"),
        postgresql_where=sa.text("imported IS NOT NULL"),
    )
    op.create_index("exchanges_trace", "exchanges", ["trace_id"], unique=False)
