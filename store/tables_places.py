"""The tables of places: the local inclusion plan as versions, tailored lists, families' orders, offers, and who has which place.

Two keys say in the database what the code keeps with its locks: a slot of a setting is held or taken once, and a case holds one place.
"""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
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

from statute.offering import Ground
from statute.placing import Category, Phase
from store.tables import SCHEMA, metadata


def _words(column: str, words: type[Phase] | type[Category] | type[Ground]) -> CheckConstraint:
    allowed = ", ".join(f"'{word.value}'" for word in words)
    return CheckConstraint(f"{column} in ({allowed})", name=column)


def _to(table: str, *pairs: tuple[str, str]) -> ForeignKeyConstraint:
    """A reference inside the tenant."""
    mine, theirs = ["tenant", *(one for one, _ in pairs)], ["tenant", *(one for _, one in pairs)]
    return ForeignKeyConstraint(mine, [f"{SCHEMA}.{table}.{one}" for one in theirs])


_ACTIVE = text("status in ('held', 'taken')")

# What the council published: the newest version is in force, and none is ever changed. `reach` is in metres.
inclusion_plan = Table(
    "inclusion_plan",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("reach", Integer, nullable=False),
    Column("digest", Text, nullable=False),
    Column("published_by", Uuid, nullable=False),
    Column("published_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("tenant", "version"),
    _to("person", ("published_by", "id")),
    CheckConstraint("version > 0", name="version"),
    CheckConstraint("reach between 0 and 500000", name="reach"),
)

# One setting in one phase. Years are those of the National Curriculum; easting and northing are metres of the National Grid.
inclusion_place = Table(
    "inclusion_place",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("setting_id", Uuid, nullable=False),
    Column("phase", Text, nullable=False),
    Column("first_year", Integer, nullable=False),
    Column("last_year", Integer, nullable=False),
    Column("category", Text, nullable=False),
    Column("mainstream", Boolean, nullable=False),
    Column("needs", ARRAY(Text), nullable=False),
    Column("easting", Integer),
    Column("northing", Integer),
    PrimaryKeyConstraint("tenant", "version", "setting_id", "phase"),
    _to("inclusion_plan", ("version", "version")),
    _to("setting", ("setting_id", "id")),
    _words("phase", Phase),
    _words("category", Category),
    CheckConstraint("first_year between -2 and 20 and last_year between first_year and 20", name="years"),
    CheckConstraint("num_nonnulls(easting, northing) in (0, 2)", name="at"),
    Index(None, "tenant", "setting_id"),
)

# How many places there are for those who begin in the September of `entry`, as told of a moment. Its row is also the lock:
# whoever gives or counts places of this setting holds it.
place_capacity = Table(
    "place_capacity",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("setting_id", Uuid, nullable=False),
    Column("phase", Text, nullable=False),
    Column("entry", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("places", Integer, nullable=False),
    Column("as_of", DateTime(timezone=True), nullable=False),
    Column("told_by", Uuid, nullable=False),
    PrimaryKeyConstraint("tenant", "setting_id", "phase", "entry"),
    _to("setting", ("setting_id", "id")),
    _to("person", ("told_by", "id")),
    _words("phase", Phase),
    CheckConstraint("places between 0 and 10000", name="places"),
    CheckConstraint("entry between 2014 and 2100", name="entry"),
)

# What was shown to a family, with the rule and the capacities of that moment. Where the child lives is not in it.
tailored_list = Table(
    "tailored_list",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("case_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("key", Text, nullable=False),
    Column("plan_version", Integer, nullable=False),
    Column("rule", Text, nullable=False),
    Column("entry", Integer, nullable=False),
    Column("content", JSONB, nullable=False),
    Column("digest", Text, nullable=False),
    Column("built_by", Uuid, nullable=False),
    Column("built_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("tenant", "case_id", "version"),
    UniqueConstraint("tenant", "case_id", "key"),
    _to("case_file", ("case_id", "id")),  # and not to the plan: a list goes along with its case to another council, the plan does not
    _to("person", ("built_by", "id")),
)

# A family's order, each time it gives one. `mainstream`: whether it asks for mainstream education whatever is offered.
preference_order = Table(
    "preference_order",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("case_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("key", Text, nullable=False),
    Column("mainstream", Boolean, nullable=False),
    Column("given_by", Uuid, nullable=False),
    Column("capacity", Text, nullable=False),
    Column("told_how", Text, nullable=False, server_default=text("''")),
    Column("given_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("tenant", "case_id", "version"),
    UniqueConstraint("tenant", "case_id", "key"),
    _to("case_file", ("case_id", "id")),
    _to("person", ("given_by", "id")),
    # the council writes for a family only what the family told it, and says how it was told
    CheckConstraint("capacity = 'family' or (capacity = 'local_authority' and told_how <> '')", name="capacity"),
)

preference = Table(
    "preference",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("case_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("rank", Integer, nullable=False),
    Column("setting_id", Uuid, nullable=False),
    PrimaryKeyConstraint("tenant", "case_id", "version", "rank"),
    UniqueConstraint("tenant", "case_id", "version", "setting_id"),
    _to("preference_order", ("case_id", "case_id"), ("version", "version")),
    _to("setting", ("setting_id", "id")),
    CheckConstraint("rank > 0", name="rank"),
)

# A decision maker's ground of CFA s.39(4) for one setting and one child, as last stated.
place_ground = Table(
    "place_ground",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("case_id", Uuid, nullable=False),
    Column("setting_id", Uuid, nullable=False),
    Column("ground", Text, nullable=False),
    Column("reasons", Text, nullable=False),
    Column("stated_by", Uuid, nullable=False),
    Column("stated_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("tenant", "case_id", "setting_id"),
    _to("case_file", ("case_id", "id")),
    _to("setting", ("setting_id", "id")),
    _to("person", ("stated_by", "id")),
    _words("ground", Ground),
    CheckConstraint("reasons <> ''", name="reasons"),
)

place_round = Table(
    "place_round",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("id", Uuid, nullable=False),
    Column("name", Text, nullable=False),
    Column("phase", Text, nullable=False),
    Column("entry", Integer, nullable=False),
    Column("content", JSONB, nullable=False),
    Column("digest", Text, nullable=False),
    Column("run_by", Uuid, nullable=False),
    Column("run_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("tenant", "id"),
    UniqueConstraint("tenant", "name"),
    _to("person", ("run_by", "id")),
    _words("phase", Phase),
)

# What was offered or could not be, with an answer to every preference.
place_offer = Table(
    "place_offer",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("id", Uuid, nullable=False),
    Column("case_id", Uuid, nullable=False),
    Column("key", Text, nullable=False),
    Column("preference_version", Integer, nullable=False),
    Column("round_id", Uuid),  # no reference: an offer goes along with its case, the round of many children does not
    Column("content", JSONB, nullable=False),
    Column("digest", Text, nullable=False),
    Column("made_by", Uuid, nullable=False),
    Column("made_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("tenant", "id"),
    UniqueConstraint("tenant", "case_id", "key"),
    _to("preference_order", ("case_id", "case_id"), ("preference_version", "version")),
    _to("person", ("made_by", "id")),
)

reservation = Table(
    "reservation",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("id", Uuid, nullable=False),  # the id of the offer that it was made for
    Column("case_id", Uuid, nullable=False),
    Column("setting_id", Uuid, nullable=False),
    Column("phase", Text, nullable=False),
    Column("entry", Integer, nullable=False),
    Column("slot", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("held_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column("ended_at", DateTime(timezone=True)),  # when it was taken, given up or lapsed
    Column("ended_by", Uuid),
    Column("told_how", Text, nullable=False, server_default=text("''")),
    PrimaryKeyConstraint("tenant", "id"),
    _to("place_offer", ("id", "id")),
    _to("case_file", ("case_id", "id")),
    _to("place_capacity", ("setting_id", "setting_id"), ("phase", "phase"), ("entry", "entry")),
    _to("person", ("ended_by", "id")),
    CheckConstraint("status in ('held', 'taken', 'lapsed', 'given_up')", name="status"),
    CheckConstraint("slot > 0", name="slot"),
    CheckConstraint("expires_at > held_at", name="span"),
    CheckConstraint("(status = 'held') = (ended_at is null)", name="ended"),
    Index("reservation_one_child_a_place", "tenant", "setting_id", "phase", "entry", "slot", unique=True, postgresql_where=_ACTIVE),
    Index("reservation_one_place_a_child", "tenant", "case_id", unique=True, postgresql_where=_ACTIVE),
    Index(None, "tenant", "case_id"),
)
