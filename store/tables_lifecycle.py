"""What became of an authority itself: who opened, suspended or closed it, when and why. Rows are added and never changed."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, DateTime, ForeignKeyConstraint, Integer, PrimaryKeyConstraint, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from store.tables import SCHEMA, metadata

KINDS = ("created", "suspended", "resumed", "closed", "exported", "restored")

tenant_event = Table(
    "tenant_event",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("n", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()")),
    Column("why", Text, nullable=False),
    Column("detail", JSONB, nullable=False, server_default=text("'{}'")),
    PrimaryKeyConstraint("tenant", "n"),
    ForeignKeyConstraint(["tenant"], [f"{SCHEMA}.tenant.tenant"]),
    CheckConstraint(f"kind in ({', '.join(repr(kind) for kind in KINDS)})", name="kind"),
    CheckConstraint("n > 0", name="n"),
)
