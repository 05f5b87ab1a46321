"""The table of what was done with relations: who recorded or ended one, when and why. Rows are added and never changed."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Date, DateTime, Index, Integer, PrimaryKeyConstraint, Table, Text, Uuid

from store.tables import _one_of, _refers, metadata

relation_event = Table(
    "relation_event",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("relation_id", Uuid, nullable=False),
    Column("n", Integer, nullable=False),
    Column("child_id", Uuid),  # whose relation it is: with the child it goes along to another council
    Column("what", Text, nullable=False),
    Column("ends_on", Date),  # the last day, as it was said then
    Column("why", Text, nullable=False),
    Column("written_by", Uuid, nullable=False),
    Column("written_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("tenant", "relation_id", "n"),
    _refers("relation", "relation_id"),
    _refers("child", "child_id"),
    _refers("person", "written_by"),
    _one_of("what", "added", "ended"),
    CheckConstraint("n > 0", name="n"),
    Index(None, "tenant", "child_id"),
)

# Every time that somebody of the council opened a case in which they have no part: for ever, and with the case to another council.
glass_break = Table(
    "glass_break",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("id", Uuid, nullable=False),
    Column("case_id", Uuid, nullable=False),
    Column("relation_id", Uuid, nullable=False),  # what it gave, and until when
    Column("person_id", Uuid, nullable=False),
    Column("why", Text, nullable=False),
    Column("until", Date, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("tenant", "id"),
    _refers("case_file", "case_id"),
    _refers("relation", "relation_id"),
    _refers("person", "person_id"),
    CheckConstraint("length(why) > 0", name="why"),
    Index(None, "tenant", "case_id"),
    Index(None, "tenant", "at", "id"),
)
