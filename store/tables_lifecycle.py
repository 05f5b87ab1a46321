"""What became of an authority itself: who opened, suspended or closed it, when and why. Rows are added and never changed."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from store.tables import SCHEMA, metadata

KINDS = ("created", "suspended", "resumed", "closed", "exported", "restored", "handing_over", "handed_over", "took_over")

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


def _of_step(seq: str) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["tenant", "case_id", seq], [f"{SCHEMA}.journal.{name}" for name in ("tenant", "case_id", "seq")])


# Where a case was before. Its journal came along as it was written, so that the steps up to `until` bear the name of that authority
# in what their hashes cover, and `head` is the hash of the last of them. Several, where it moved several times.
case_origin = Table(
    "case_origin",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("case_id", Uuid, nullable=False),
    Column("n", Integer, nullable=False),
    Column("from_tenant", Text, nullable=False),
    Column("until", Integer, nullable=False),
    Column("head", LargeBinary, nullable=False),
    Column("on_date", Date, nullable=False),
    Column("moved_at", DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()")),
    PrimaryKeyConstraint("tenant", "case_id", "n"),
    _of_step("until"),
    CheckConstraint("n > 0", name="n"),
    CheckConstraint("octet_length(head) = 32", name="head"),
)

# Where a case goes on. From then on no step of it is written here: a trigger of `policies.sql` keeps that.
case_successor = Table(
    "case_successor",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("case_id", Uuid, nullable=False),
    Column("to_tenant", Text, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("head", LargeBinary, nullable=False),
    Column("on_date", Date, nullable=False),
    Column("moved_at", DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()")),
    PrimaryKeyConstraint("tenant", "case_id"),
    _of_step("seq"),
    CheckConstraint("octet_length(head) = 32", name="head"),
)
