"""Whose sign-in was ended before it ran out: what every reading asks, so that it holds at once."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, DateTime, ForeignKeyConstraint, Index, PrimaryKeyConstraint, Table, Text, Uuid, text

from store.tables import SCHEMA, metadata

SUBJECT, TOKEN = "subject", "token"

# Rows are added and never changed. `what` is a subject, whose tokens of before `at` are ended, or the id (jti) of one token.
revoked = Table(
    "revoked",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()")),
    Column("by", Text, nullable=False),
    Column("why", Text, nullable=False),
    PrimaryKeyConstraint("tenant", "id"),
    ForeignKeyConstraint(["tenant"], [f"{SCHEMA}.tenant.tenant"]),
    CheckConstraint(f"kind in ('{SUBJECT}', '{TOKEN}')", name="kind"),
    CheckConstraint("length(what) between 1 and 255 and length(why) > 0", name="texts"),
    Index(None, "tenant", "kind", "what"),
)
