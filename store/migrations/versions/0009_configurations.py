"""The versions of a council's configuration, their history, and what each would do to open cases."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

LAWFUL = """status not in ('published', 'superseded') or (
    coalesce(proof ->> 'sound' = 'true' and proof ->> 'digest' = digest, false)
    and approved_by is not null and proposed_by is not null and approved_by <> proposed_by and approved_by <> edited_by)"""
PEOPLE = ("created_by", "edited_by", "proposed_by", "approved_by", "published_by")


def _person(table: str, column: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"{table}_tenant_{column}_fkey")
    return sa.ForeignKeyConstraint(["tenant", column], ["waymark.person.tenant", "waymark.person.id"], name=name)


def _version(table: str) -> sa.ForeignKeyConstraint:
    target = ["waymark.configuration.tenant", "waymark.configuration.version"]
    return sa.ForeignKeyConstraint(["tenant", "version"], target, name=op.f(f"{table}_tenant_version_fkey"))


def upgrade() -> None:
    instant = sa.DateTime(timezone=True)
    op.create_table(
        "configuration",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("document", pg.JSONB(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("based_on", sa.Integer()),
        sa.Column("restores", sa.Integer()),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("proof", pg.JSONB()),
        sa.Column("rehearsal", pg.JSONB()),
        sa.Column("left_out", pg.JSONB(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", instant, nullable=False),
        sa.Column("edited_by", sa.Uuid(), nullable=False),
        sa.Column("edited_at", instant, nullable=False),
        sa.Column("proposed_by", sa.Uuid()),
        sa.Column("proposed_at", instant),
        sa.Column("approved_by", sa.Uuid()),
        sa.Column("approved_at", instant),
        sa.Column("published_by", sa.Uuid()),
        sa.Column("published_at", instant),
        sa.PrimaryKeyConstraint("tenant", "version", name=op.f("configuration_pkey")),
        sa.ForeignKeyConstraint(["tenant"], ["waymark.tenant.tenant"], name=op.f("configuration_tenant_fkey")),
        *(_person("configuration", column) for column in PEOPLE),
        sa.CheckConstraint(
            "status in ('draft', 'proposed', 'approved', 'published', 'superseded', 'withdrawn')", name=op.f("configuration_status_check")
        ),
        sa.CheckConstraint("version > 0 and revision > 0", name=op.f("configuration_numbers_check")),
        sa.CheckConstraint(LAWFUL, name=op.f("configuration_lawful_check")),
        schema="waymark",
    )
    one = sa.text("status = 'published'")
    op.create_index("configuration_published_key", "configuration", ["tenant"], unique=True, postgresql_where=one, schema="waymark")
    op.create_table(
        "configuration_event",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("at", instant, nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("key", sa.Text()),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "version", "n", name=op.f("configuration_event_pkey")),
        sa.UniqueConstraint("tenant", "person_id", "key", name=op.f("configuration_event_tenant_person_id_key_key")),
        _version("configuration_event"),
        _person("configuration_event", "person_id"),
        sa.CheckConstraint("n > 0", name=op.f("configuration_event_n_check")),
        schema="waymark",
    )
    op.create_table(
        "configuration_case",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("process", sa.Text(), nullable=False),
        sa.Column("may_move", sa.Boolean(), nullable=False),
        sa.Column("worsens", sa.Boolean(), nullable=False),
        sa.Column("say", sa.Text(), nullable=False),
        sa.Column("differences", pg.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "version", "case_id", name=op.f("configuration_case_pkey")),
        _version("configuration_case"),
        sa.ForeignKeyConstraint(
            ["tenant", "case_id"],
            ["waymark.case_file.tenant", "waymark.case_file.id"],
            name=op.f("configuration_case_tenant_case_id_fkey"),
        ),
        schema="waymark",
    )
    order = ["tenant", "version", "worsens", "may_move", "case_id"]
    op.create_index(op.f("configuration_case_tenant_version_worsens_may_move_case_id_idx"), "configuration_case", order, schema="waymark")


def downgrade() -> None:
    for table in ("configuration_case", "configuration_event", "configuration"):
        op.drop_table(table, schema="waymark")
    op.execute("drop function if exists waymark.configuration_stays()")  # made by policies.sql
