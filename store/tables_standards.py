"""The tables of the register of mediators. Rows are added and never changed: each is one version of what is known of somebody."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from store.tables import _one_of, _refers, metadata

mediator = Table(
    "mediator",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("person_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("id", Uuid, nullable=False),  # made of who wrote it and their key, so that a repetition is found
    Column("step", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("accredited_on", Date, nullable=False),
    Column("expires_on", Date, nullable=False),  # the last day on which it holds
    Column("employer", Text, nullable=False),
    Column("employed_by", Text, nullable=False),
    Column("training", JSONB, nullable=False, server_default=text("'[]'")),
    Column("why", Text, nullable=False, server_default=text("''")),
    Column("written_by", Uuid, nullable=False),
    Column("written_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("tenant", "person_id", "version"),
    UniqueConstraint("tenant", "id"),
    _refers("person", "person_id"),
    _refers("person", "written_by"),
    _one_of("step", "added", "renewed", "suspended"),
    _one_of("employed_by", "none_of_these", "local_authority", "integrated_care_board", "nhs_england"),
    CheckConstraint("version > 0 and (version = 1) = (step = 'added')", name="version"),
    CheckConstraint("expires_on >= accredited_on", name="span"),
    Index(None, "tenant", "written_by"),
)
