"""The tables of what a council sets for itself: versions of its configuration, who did what with them, and what each would do to open cases."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKeyConstraint,
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

from store.tables import SCHEMA, metadata

STATUSES = ("draft", "proposed", "approved", "published", "superseded", "withdrawn")
# The database says it too: what is or was in force was proved, as it stands, and a second person agreed.
_LAWFUL = """status not in ('published', 'superseded') or (
    coalesce(proof ->> 'sound' = 'true' and proof ->> 'digest' = digest, false)
    and approved_by is not null and proposed_by is not null and approved_by <> proposed_by and approved_by <> edited_by)"""

configuration = Table(
    "configuration",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("revision", Integer, nullable=False),  # one more with every change: who saw an older one is told so
    Column("document", JSONB, nullable=False),
    Column("digest", Text, nullable=False),
    Column("based_on", Integer),  # the version that was in force when it was begun
    Column("restores", Integer),  # the earlier version whose document it is, when it goes back
    Column("why", Text, nullable=False),
    Column("proof", JSONB),
    Column("rehearsal", JSONB),  # the counts of `configuration_case`, and what they were worked out for
    Column("left_out", JSONB, nullable=False, server_default=text("'[]'")),  # overlays that the law of this release no longer allows
    Column("created_by", Uuid, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("edited_by", Uuid, nullable=False),
    Column("edited_at", DateTime(timezone=True), nullable=False),
    Column("proposed_by", Uuid),
    Column("proposed_at", DateTime(timezone=True)),
    Column("approved_by", Uuid),
    Column("approved_at", DateTime(timezone=True)),
    Column("published_by", Uuid),
    Column("published_at", DateTime(timezone=True)),
    PrimaryKeyConstraint("tenant", "version"),
    ForeignKeyConstraint(["tenant"], [f"{SCHEMA}.tenant.tenant"]),
    *(
        ForeignKeyConstraint(["tenant", column], [f"{SCHEMA}.person.tenant", f"{SCHEMA}.person.id"])
        for column in ("created_by", "edited_by", "proposed_by", "approved_by", "published_by")
    ),
    CheckConstraint(f"status in ({', '.join(f'{one!r}' for one in STATUSES)})", name="status"),
    CheckConstraint("version > 0 and revision > 0", name="numbers"),
    CheckConstraint(_LAWFUL, name="lawful"),
    Index("configuration_published_key", "tenant", unique=True, postgresql_where=text("status = 'published'")),
)

configuration_event = Table(
    "configuration_event",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("n", Integer, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("person_id", Uuid, nullable=False),
    Column("what", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("digest", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("key", Text),  # the request's, where a person asked for it: the same request twice is once
    Column("fingerprint", Text, nullable=False),
    PrimaryKeyConstraint("tenant", "version", "n"),
    UniqueConstraint("tenant", "person_id", "key"),
    ForeignKeyConstraint(["tenant", "version"], [f"{SCHEMA}.configuration.tenant", f"{SCHEMA}.configuration.version"]),
    ForeignKeyConstraint(["tenant", "person_id"], [f"{SCHEMA}.person.tenant", f"{SCHEMA}.person.id"]),
    CheckConstraint("n > 0", name="n"),
)

configuration_case = Table(
    "configuration_case",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("case_id", Uuid, nullable=False),
    Column("reference", Text, nullable=False),
    Column("process", Text, nullable=False),
    Column("may_move", Boolean, nullable=False),
    Column("worsens", Boolean, nullable=False),
    Column("say", Text, nullable=False),  # why it stays
    Column("differences", JSONB, nullable=False),
    PrimaryKeyConstraint("tenant", "version", "case_id"),
    ForeignKeyConstraint(["tenant", "version"], [f"{SCHEMA}.configuration.tenant", f"{SCHEMA}.configuration.version"]),
    ForeignKeyConstraint(["tenant", "case_id"], [f"{SCHEMA}.case_file.tenant", f"{SCHEMA}.case_file.id"]),
    Index(None, "tenant", "version", "worsens", "may_move", "case_id"),
)
