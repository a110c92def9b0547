"""Alembic's entrance: it works in the transaction that `tables/shape.py` began, and commits nothing itself."""

from alembic import context

from copilot_api.store.ledger.tables.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
