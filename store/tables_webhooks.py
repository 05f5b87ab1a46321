"""Where a council has its own systems told that a case moved on: allowed hosts, registered addresses, and what still has to be told."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
    text,
)

from store.tables import SCHEMA, metadata

_NOW = text("clock_timestamp()")


def _by(name: str) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["tenant", name], [f"{SCHEMA}.person.tenant", f"{SCHEMA}.person.id"])


webhook_host = Table(
    "webhook_host",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("host", Text, nullable=False),
    Column("allowed_by", Uuid, nullable=False),
    Column("allowed_at", DateTime(timezone=True), nullable=False, server_default=_NOW),
    Column("why", Text, nullable=False),
    PrimaryKeyConstraint("tenant", "host"),
    _by("allowed_by"),
    CheckConstraint("length(host) between 1 and 253 and length(why) > 0", name="texts"),
)

webhook = Table(
    "webhook",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("id", Uuid, nullable=False),
    Column("url", Text, nullable=False),
    Column("host", Text, nullable=False),
    Column("secret", LargeBinary, nullable=False),
    Column("status", Text, nullable=False, server_default=text("'active'")),
    Column("registered_by", Uuid, nullable=False),
    Column("registered_at", DateTime(timezone=True), nullable=False, server_default=_NOW),
    Column("told_at", DateTime(timezone=True)),
    Column("failing_since", DateTime(timezone=True)),
    Column("last_error", Text),
    PrimaryKeyConstraint("tenant", "id"),
    _by("registered_by"),
    ForeignKeyConstraint(["tenant", "host"], [f"{SCHEMA}.webhook_host.tenant", f"{SCHEMA}.webhook_host.host"]),
    CheckConstraint("status in ('active', 'disabled', 'ended')", name="status"),
    CheckConstraint("octet_length(secret) = 32 and length(url) <= 500", name="sizes"),
)

# One row for each step that each active webhook has still to be told of, written with the step by a trigger; told, it is removed.
webhook_post = Table(
    "webhook_post",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("webhook_id", Uuid, nullable=False),
    Column("case_id", Uuid, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("not_before", DateTime(timezone=True), nullable=False, server_default=_NOW),
    PrimaryKeyConstraint("tenant", "webhook_id", "case_id", "seq"),
    ForeignKeyConstraint(["tenant", "webhook_id"], [f"{SCHEMA}.webhook.tenant", f"{SCHEMA}.webhook.id"]),
    Index(None, "tenant", "not_before"),
)
