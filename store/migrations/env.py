"""Alembic's entry: runs on the connection that `store.migrate` opened, inside the transaction that it began."""

from __future__ import annotations

from alembic import context

from store.migrate import COMPARE

connection = context.config.attributes.get("connection")
if connection is None:
    raise RuntimeError("migrations are run by `waymark db migrate`, which brings the connection")

context.configure(connection=connection, **COMPARE)
with context.begin_transaction():
    context.run_migrations()
