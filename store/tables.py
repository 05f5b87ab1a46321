"""The tables of Waymark. Every table but one begins its keys with the tenant, so no row can point into another authority."""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

SCHEMA = "waymark"

metadata = MetaData(
    schema=SCHEMA,
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
        "ck": "%(table_name)s_%(constraint_name)s_check",
        "ix": "%(table_name)s_%(column_0_N_name)s_idx",
    },
)

_EMPTY = text("''")
_ZERO = text("0")
_NOW = text("clock_timestamp()")


def _one_of(column: str, *allowed: str) -> CheckConstraint:
    """A closed list of words for a text column."""
    words = ", ".join(f"'{word}'" for word in allowed)
    return CheckConstraint(f"{column} in ({words})", name=column)


def _refers(table: str, column: str, key: str = "id") -> ForeignKeyConstraint:
    """A reference that stays inside the tenant: foreign keys are checked without row security, so the tenant is in the key."""
    return ForeignKeyConstraint(["tenant", column], [f"{SCHEMA}.{table}.tenant", f"{SCHEMA}.{table}.{key}"])


def _of_tenant() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["tenant"], [f"{SCHEMA}.tenant.tenant"])


# The only table without row security. The relay of the outbox and the inbox works through one tenant after another
# and has to learn which there are; the slugs of local authorities are public and say nothing about a person.
# The alternatives, a role that bypasses row security or a definer function, would each open every table.
tenant_slug = Table(
    "tenant_slug",
    metadata,
    Column("tenant", Text, primary_key=True),
    CheckConstraint("tenant ~ '^[a-z][a-z0-9-]{1,39}$'", name="slug"),
)

tenant = Table(
    "tenant",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("dfe_code", Text, nullable=False),
    Column("gss_code", Text, nullable=False),
    Column("training", Boolean, nullable=False, server_default=text("false")),
    Column("clock_offset_seconds", BigInteger, nullable=False, server_default=_ZERO),
    Column("region_code", Text),
    Column("status", Text, nullable=False, server_default=text("'active'")),
    Column("opened_on", Date),
    Column("closed_on", Date),
    Column("successors", ARRAY(Text), nullable=False, server_default=text("'{}'")),  # who takes its duties over, once that has begun
    ForeignKeyConstraint(["tenant"], [f"{SCHEMA}.tenant_slug.tenant"]),
    _one_of("status", "active", "suspended", "closed"),
    CheckConstraint("(status = 'closed') = (closed_on is not null)", name="closed_on"),
    CheckConstraint("successors = '{}' or status <> 'active'", name="successors"),
    CheckConstraint("dfe_code ~ '^[0-9]{3}$'", name="dfe_code"),
    CheckConstraint("region_code ~ '^E12[0-9]{6}$'", name="region_code"),
    CheckConstraint("gss_code ~ '^E[0-9]{8}$'", name="gss_code"),
    # a live authority has no clock but the real one, and no clock runs backwards
    CheckConstraint("clock_offset_seconds = 0 or (training and clock_offset_seconds > 0)", name="clock"),
)

setting = Table(
    "setting",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("id", Uuid, nullable=False),
    Column("name", Text, nullable=False),
    Column("urn", Text),
    Column("kind", Text, nullable=False),
    PrimaryKeyConstraint("tenant", "id"),
    UniqueConstraint("tenant", "urn"),
    _of_tenant(),
    CheckConstraint("urn ~ '^[0-9]{6}$'", name="urn"),
)

# When a school or college is open: a term from its first to its last day, less the days on which it is closed.
setting_term = Table(
    "setting_term",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("setting_id", Uuid, nullable=False),
    Column("first_day", Date, nullable=False),
    Column("last_day", Date, nullable=False),
    Column("closed", ARRAY(Date), nullable=False, server_default=text("'{}'")),
    PrimaryKeyConstraint("tenant", "setting_id", "first_day"),
    _refers("setting", "setting_id"),
    CheckConstraint("last_day between first_day and first_day + 400", name="span"),
)

person = Table(
    "person",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("id", Uuid, nullable=False),
    Column("name", Text, nullable=False),
    Column("email", Text),
    Column("subject", Text, nullable=False),
    Column("roles", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    PrimaryKeyConstraint("tenant", "id"),
    UniqueConstraint("tenant", "subject"),
    _of_tenant(),
)

child = Table(
    "child",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("id", Uuid, nullable=False),
    Column("given_name", Text, nullable=False),
    Column("family_name", Text, nullable=False),
    Column("born_on", Date, nullable=False),
    Column("upn", Text),
    Column("setting_id", Uuid),
    PrimaryKeyConstraint("tenant", "id"),
    UniqueConstraint("tenant", "upn"),
    _of_tenant(),
    _refers("setting", "setting_id"),
    CheckConstraint("upn ~ '^[A-Z][0-9]{11}[A-Z0-9]$'", name="upn"),
    Index(None, "tenant", "setting_id"),
    Index(None, "tenant", "family_name", "given_name"),
)

relation = Table(
    "relation",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("id", Uuid, nullable=False),
    Column("person_id", Uuid, nullable=False),
    Column("child_id", Uuid),
    Column("setting_id", Uuid),
    Column("kind", Text, nullable=False),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date),  # the last day on which it holds
    PrimaryKeyConstraint("tenant", "id"),
    _refers("person", "person_id"),
    _refers("child", "child_id"),
    _refers("setting", "setting_id"),
    _one_of(
        "kind", "parent", "young_person", "works_at", "kept_from_acting", "kept_from_papers", "kept_from_record", "support", "broke_glass"
    ),
    CheckConstraint(
        "case kind when 'works_at' then setting_id is not null and child_id is null else child_id is not null and setting_id is null end",
        name="object",
    ),
    CheckConstraint("ends_on >= starts_on", name="span"),
    CheckConstraint("kind not in ('support', 'broke_glass') or ends_on is not null", name="support"),  # a grant ends by itself
    Index(None, "tenant", "person_id"),
    Index(None, "tenant", "child_id"),
    Index(None, "tenant", "setting_id"),
)

# What a council's published configurations say of processes, by content: a case is pinned to it for as long as it lives.
overlay = Table(
    "overlay",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("process", Text, nullable=False),
    Column("document", JSONB, nullable=False),
    Column("kept_at", DateTime(timezone=True), nullable=False, server_default=_NOW),
    PrimaryKeyConstraint("tenant", "digest"),
    _of_tenant(),
    CheckConstraint("digest ~ '^[0-9a-f]{12}$'", name="digest"),
)

case_file = Table(
    "case_file",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("id", Uuid, nullable=False),
    Column("reference", Text, nullable=False),
    Column("child_id", Uuid, nullable=False),
    Column("process", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("process_digest", Text, nullable=False),
    Column("stage", Text, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("opened_on", Date, nullable=False),
    Column("closed_on", Date),
    Column("next_due", Date),
    Column("next_clock", Text),
    Column("state", JSONB, nullable=False),
    Column("opened_by", Uuid),
    Column("parent_case", Uuid),
    Column("updated_at", DateTime(timezone=True), nullable=False, server_default=_NOW),
    PrimaryKeyConstraint("tenant", "id"),
    UniqueConstraint("tenant", "reference"),
    _refers("child", "child_id"),
    _refers("person", "opened_by"),
    _refers("case_file", "parent_case"),
    CheckConstraint("seq > 0", name="seq"),
    CheckConstraint("version > 0", name="version"),
    Index(None, "tenant", "next_due", "id"),
    Index(None, "tenant", "opened_on", "id"),
    Index(None, "tenant", "child_id"),
    Index(None, "tenant", "parent_case"),
)

case_party = Table(
    "case_party",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("case_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("item", Text, nullable=False, server_default=_EMPTY),
    Column("person_id", Uuid),
    Column("setting_id", Uuid),
    Column("since", Date, nullable=False),
    # no primary key: either half of who it is may be absent, and a primary key takes no null
    UniqueConstraint(
        "tenant",
        "case_id",
        "kind",
        "item",
        "person_id",
        "setting_id",
        name="case_party_once",
        postgresql_nulls_not_distinct=True,
    ),
    _refers("case_file", "case_id"),
    _refers("person", "person_id"),
    _refers("setting", "setting_id"),
    _one_of("kind", "asked", "consulted", "assigned", "requested"),
    CheckConstraint("num_nonnulls(person_id, setting_id) > 0", name="who"),
    Index(None, "tenant", "person_id"),
    Index(None, "tenant", "setting_id"),
)

journal = Table(
    "journal",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("case_id", Uuid, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("key", Text, nullable=False),
    Column("fingerprint", LargeBinary, nullable=False),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("item", Text, nullable=False, server_default=_EMPTY),
    Column("actor", Text, nullable=False),
    Column("capacity", Text, nullable=False),
    Column("on_date", Date, nullable=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    Column("written_at", DateTime(timezone=True), nullable=False, server_default=_NOW),
    Column("event", JSONB, nullable=False),
    Column("process_digest", Text, nullable=False),
    Column("calendar_digest", Text, nullable=False),
    Column("traceparent", Text),
    Column("prev", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    PrimaryKeyConstraint("tenant", "case_id", "seq"),
    UniqueConstraint("tenant", "case_id", "key"),
    _refers("case_file", "case_id"),
    CheckConstraint("seq > 0", name="seq"),
    CheckConstraint("octet_length(prev) = 32 and octet_length(hash) = 32", name="chain"),
    CheckConstraint("jsonb_typeof(event) = 'object'", name="event"),
    Index(None, "tenant", "recorded_at"),
)

inbox = Table(
    "inbox",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("receipt", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("fingerprint", LargeBinary, nullable=False),
    Column("case_id", Uuid, nullable=False),  # chosen on receipt; the case itself does not exist yet
    Column("received_at", DateTime(timezone=True), nullable=False),
    Column("person_id", Uuid, nullable=False),
    Column("process", Text, nullable=False),
    Column("body", JSONB, nullable=False),
    Column("status", Text, nullable=False, server_default=text("'received'")),
    Column("attempts", Integer, nullable=False, server_default=_ZERO),
    Column("last_error", Text),
    PrimaryKeyConstraint("tenant", "receipt"),
    UniqueConstraint("tenant", "person_id", "key"),
    UniqueConstraint("tenant", "case_id"),
    _refers("person", "person_id"),
    _one_of("status", "received", "opened", "refused"),
    Index("inbox_received_idx", "tenant", "attempts", "received_at", postgresql_where=text("status = 'received'")),
)

outbox = Table(
    "outbox",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("case_id", Uuid, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("n", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("item", Text, nullable=False, server_default=_EMPTY),
    Column("body", JSONB, nullable=False),
    Column("status", Text, nullable=False, server_default=text("'waiting'")),
    Column("attempts", Integer, nullable=False, server_default=_ZERO),
    Column("not_before", DateTime(timezone=True), nullable=False, server_default=_NOW),
    Column("last_error", Text),
    Column("done_at", DateTime(timezone=True)),
    PrimaryKeyConstraint("tenant", "case_id", "seq", "n"),
    ForeignKeyConstraint(
        ["tenant", "case_id", "seq"],
        [f"{SCHEMA}.journal.tenant", f"{SCHEMA}.journal.case_id", f"{SCHEMA}.journal.seq"],
    ),
    _one_of("status", "waiting", "done", "held"),
    CheckConstraint("(status = 'done') = (done_at is not null)", name="done"),
    Index("outbox_waiting_idx", "tenant", "not_before", postgresql_where=text("status = 'waiting'")),
)

letter = Table(
    "letter",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("case_id", Uuid, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("n", Integer, nullable=False),
    Column("notice", Text, nullable=False),
    Column("recipient_role", Text, nullable=False),
    Column("html", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("made_at", DateTime(timezone=True), nullable=False, server_default=_NOW),
    Column("delivered_to", Text),
    PrimaryKeyConstraint("tenant", "case_id", "seq", "n", "recipient_role"),
    ForeignKeyConstraint(
        ["tenant", "case_id", "seq", "n"],
        [f"{SCHEMA}.outbox.tenant", f"{SCHEMA}.outbox.case_id", f"{SCHEMA}.outbox.seq", f"{SCHEMA}.outbox.n"],
    ),
)
