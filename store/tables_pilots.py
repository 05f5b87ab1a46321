"""The tables of flags, pilots and revisions. Flags are the council's; what was done with them is kept for ever."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from store.tables import SCHEMA, metadata

_NOW = text("clock_timestamp()")
_EMPTY = text("''")
_NOTHING = text("'{}'::jsonb")


def _one_of(column: str, *allowed: str) -> CheckConstraint:
    words = ", ".join(f"'{word}'" for word in allowed)
    return CheckConstraint(f"{column} in ({words})", name=column)


# One setting of a flag: proposed by one person, approved by another. Several may be approved for one flag, one after the other.
flag = Table(
    "flag",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("id", Uuid, nullable=False),
    Column("name", Text, nullable=False),
    Column("variant", Text, nullable=False),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date),  # the last day, included; none: until further notice
    Column("cohort", JSONB, nullable=False, server_default=_NOTHING),
    Column("legal_basis", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("status", Text, nullable=False, server_default=text("'proposed'")),
    Column("revision", Integer, nullable=False, server_default=text("1")),
    Column("proposed_by", Uuid, nullable=False),
    Column("proposed_at", DateTime(timezone=True), nullable=False),
    Column("approved_by", Uuid),
    Column("approved_at", DateTime(timezone=True)),
    PrimaryKeyConstraint("tenant", "id"),
    ForeignKeyConstraint(["tenant", "proposed_by"], [f"{SCHEMA}.person.tenant", f"{SCHEMA}.person.id"]),
    ForeignKeyConstraint(["tenant", "approved_by"], [f"{SCHEMA}.person.tenant", f"{SCHEMA}.person.id"]),
    _one_of("status", "proposed", "approved", "withdrawn", "killed"),
    CheckConstraint("approved_by <> proposed_by", name="two_people"),
    CheckConstraint("status <> 'approved' or (approved_by is not null and approved_at is not null)", name="approved"),
    CheckConstraint("ends_on >= starts_on", name="days"),
    CheckConstraint("length(legal_basis) > 0 and length(why) > 0", name="reasons"),
    CheckConstraint("revision > 0", name="revision"),
    Index(None, "tenant", "name", "starts_on"),
)

# What was done with flags and pilots, by whom and why: rows are added and never changed.
flag_event = Table(
    "flag_event",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("id", Uuid, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),  # the council's own time
    Column("written_at", DateTime(timezone=True), nullable=False, server_default=_NOW),
    Column("who", Uuid, nullable=False),
    Column("what", Text, nullable=False),
    Column("name", Text, nullable=False),  # of the flag, or of the pilot for what is done with a pilot
    Column("flag_id", Uuid),
    Column("why", Text, nullable=False),
    Column("detail", JSONB, nullable=False, server_default=_NOTHING),
    PrimaryKeyConstraint("tenant", "id"),
    ForeignKeyConstraint(["tenant", "who"], [f"{SCHEMA}.person.tenant", f"{SCHEMA}.person.id"]),
    ForeignKeyConstraint(["tenant", "flag_id"], [f"{SCHEMA}.flag.tenant", f"{SCHEMA}.flag.id"]),
    _one_of("what", "proposed", "approved", "withdrawn", "enrolled", "enrolment_ended", "killed"),
    Index(None, "tenant", "name", "written_at"),
)

# That the national pilot authority took a council into a pilot: without it a pilot beyond the law in force is pinned to no case.
enrolment = Table(
    "enrolment",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("pilot", Text, nullable=False),
    Column("enrolled_by", Uuid, nullable=False),
    Column("since", Date, nullable=False),
    Column("until", Date),  # the last day, included
    Column("why", Text, nullable=False),
    Column("revision", Integer, nullable=False, server_default=text("1")),
    PrimaryKeyConstraint("tenant", "pilot"),
    ForeignKeyConstraint(["tenant", "enrolled_by"], [f"{SCHEMA}.person.tenant", f"{SCHEMA}.person.id"]),
    CheckConstraint("length(why) > 0", name="why"),
    CheckConstraint("revision > 0", name="revision"),
)

# What a family said to taking part in a pilot; the latest row of a child counts, earlier ones stay.
consent = Table(
    "consent",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("id", Uuid, nullable=False),
    Column("child_id", Uuid, nullable=False),
    Column("pilot", Text, nullable=False),
    Column("answer", Text, nullable=False),
    Column("on_date", Date, nullable=False),
    Column("recorded_by", Uuid, nullable=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False, server_default=_NOW),
    PrimaryKeyConstraint("tenant", "id"),
    ForeignKeyConstraint(["tenant", "child_id"], [f"{SCHEMA}.child.tenant", f"{SCHEMA}.child.id"]),
    ForeignKeyConstraint(["tenant", "recorded_by"], [f"{SCHEMA}.person.tenant", f"{SCHEMA}.person.id"]),
    _one_of("answer", "given", "refused"),
    Index(None, "tenant", "child_id", "pilot", "recorded_at"),
)

# Moving open cases to other rules, each by a journaled `revised`: asked for in one transaction, worked off by the worker.
revision = Table(
    "revision",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),  # of the pilot, or of the configuration
    Column("rules_of", JSONB, nullable=False, server_default=_NOTHING),  # process -> the overlays that take the place of those pinned
    Column("without", JSONB, nullable=False, server_default=_NOTHING),  # pilot -> its flag: taken from each case
    Column("child_id", Uuid),  # the cases of one child alone: a consent that was taken back
    Column("why", Text, nullable=False),
    Column("asked_by", Uuid, nullable=False),
    Column("asked_at", DateTime(timezone=True), nullable=False, server_default=_NOW),
    Column("moment", DateTime(timezone=True), nullable=False),  # the same in the council's own time: cases that opened until then are meant
    Column("status", Text, nullable=False, server_default=text("'waiting'")),
    Column("not_before", DateTime(timezone=True), nullable=False, server_default=_NOW),  # who works at it moves this on: a lease
    Column("finished_at", DateTime(timezone=True)),
    PrimaryKeyConstraint("tenant", "id"),
    ForeignKeyConstraint(["tenant", "asked_by"], [f"{SCHEMA}.person.tenant", f"{SCHEMA}.person.id"]),
    ForeignKeyConstraint(["tenant", "child_id"], [f"{SCHEMA}.child.tenant", f"{SCHEMA}.child.id"]),
    _one_of("kind", "kill", "consent", "configuration"),
    _one_of("status", "waiting", "running", "watching", "done"),
    CheckConstraint("length(why) > 0", name="why"),
    CheckConstraint("(status = 'done') = (finished_at is not null)", name="finished"),
    Index("revision_open_idx", "tenant", "not_before", postgresql_where=text("status <> 'done'")),
)

# What became of each case that a revision means. A case that may not be moved stays under its rules, and the reason is kept.
revision_case = Table(
    "revision_case",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("revision_id", Uuid, nullable=False),
    Column("case_id", Uuid, nullable=False),
    Column("status", Text, nullable=False, server_default=text("'waiting'")),
    Column("reason", Text, nullable=False, server_default=_EMPTY),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    PrimaryKeyConstraint("tenant", "revision_id", "case_id"),
    ForeignKeyConstraint(["tenant", "revision_id"], [f"{SCHEMA}.revision.tenant", f"{SCHEMA}.revision.id"]),
    ForeignKeyConstraint(["tenant", "case_id"], [f"{SCHEMA}.case_file.tenant", f"{SCHEMA}.case_file.id"]),
    _one_of("status", "waiting", "moved", "stayed", "ended"),
    Index(None, "tenant", "revision_id", "status"),
)
