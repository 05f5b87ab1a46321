"""The tables of mediators, of local provision and of the provision of plans. Rows are added and never changed: each is one version."""

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

# What the local inclusion plan offers: one row a step. A draft takes the place of the one before, and what is published stays for ever.
local_provision = Table(
    "local_provision",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("step", Integer, nullable=False),
    Column("id", Uuid, nullable=False),
    Column("what", Text, nullable=False),
    Column("version", Integer),
    Column("in_force_from", Date),
    Column("yaml", Text, nullable=False),  # as it was given, with its remarks
    Column("document", JSONB, nullable=False),  # the same, read
    Column("why", Text, nullable=False),
    Column("written_by", Uuid, nullable=False),
    Column("written_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("tenant", "step"),
    UniqueConstraint("tenant", "id"),
    UniqueConstraint("tenant", "version"),
    _refers("person", "written_by"),
    _one_of("what", "drafted", "published"),
    CheckConstraint("step > 0", name="step"),
    CheckConstraint(
        "case what when 'published' then version > 0 and in_force_from is not null else num_nonnulls(version, in_force_from) = 0 end",
        name="published",
    ),
    Index(None, "tenant", "written_by"),
)

# The provision that a draft plan proposes, with what it was compared with: one row a version, never changed. Personal data.
plan_provision = Table(
    "plan_provision",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("case_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("id", Uuid, nullable=False),
    Column("on_date", Date, nullable=False),
    Column("phase", Text, nullable=False),
    Column("needs", JSONB, nullable=False),
    Column("items", JSONB, nullable=False),
    Column("departures", JSONB, nullable=False),
    Column("catalogues", JSONB, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("written_by", Uuid, nullable=False),
    Column("written_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("tenant", "case_id", "version"),
    UniqueConstraint("tenant", "id"),
    _refers("case_file", "case_id"),
    _refers("person", "written_by"),
    CheckConstraint("version > 0", name="version"),
    Index(None, "tenant", "written_by"),
)
