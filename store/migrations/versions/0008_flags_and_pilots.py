"""Flags, pilots, consents, and the moving of open cases to other rules."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "flag",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("variant", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("cohort", pg.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("legal_basis", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default=sa.text("'proposed'"), nullable=False),
        sa.Column("revision", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_by", sa.Uuid(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status <> 'approved' or (approved_by is not null and approved_at is not null)", name=op.f("flag_approved_check")
        ),
        sa.CheckConstraint("status in ('proposed', 'approved', 'withdrawn', 'killed')", name=op.f("flag_status_check")),
        sa.CheckConstraint("approved_by <> proposed_by", name=op.f("flag_two_people_check")),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("flag_days_check")),
        sa.CheckConstraint("length(legal_basis) > 0 and length(why) > 0", name=op.f("flag_reasons_check")),
        sa.CheckConstraint("revision > 0", name=op.f("flag_revision_check")),
        sa.ForeignKeyConstraint(
            ["tenant", "approved_by"], ["waymark.person.tenant", "waymark.person.id"], name=op.f("flag_tenant_approved_by_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["tenant", "proposed_by"], ["waymark.person.tenant", "waymark.person.id"], name=op.f("flag_tenant_proposed_by_fkey")
        ),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("flag_pkey")),
        schema="waymark",
    )
    op.create_index(op.f("flag_tenant_name_starts_on_idx"), "flag", ["tenant", "name", "starts_on"], unique=False, schema="waymark")
    op.create_table(
        "flag_event",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("who", sa.Uuid(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("flag_id", sa.Uuid(), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("detail", pg.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.CheckConstraint(
            "what in ('proposed', 'approved', 'withdrawn', 'enrolled', 'enrolment_ended', 'killed')", name=op.f("flag_event_what_check")
        ),
        sa.ForeignKeyConstraint(
            ["tenant", "flag_id"], ["waymark.flag.tenant", "waymark.flag.id"], name=op.f("flag_event_tenant_flag_id_fkey")
        ),
        sa.ForeignKeyConstraint(["tenant", "who"], ["waymark.person.tenant", "waymark.person.id"], name=op.f("flag_event_tenant_who_fkey")),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("flag_event_pkey")),
        schema="waymark",
    )
    op.create_index(
        op.f("flag_event_tenant_name_written_at_idx"), "flag_event", ["tenant", "name", "written_at"], unique=False, schema="waymark"
    )
    op.create_table(
        "enrolment",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("pilot", sa.Text(), nullable=False),
        sa.Column("enrolled_by", sa.Uuid(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.CheckConstraint("length(why) > 0", name=op.f("enrolment_why_check")),
        sa.CheckConstraint("revision > 0", name=op.f("enrolment_revision_check")),
        sa.ForeignKeyConstraint(
            ["tenant", "enrolled_by"], ["waymark.person.tenant", "waymark.person.id"], name=op.f("enrolment_tenant_enrolled_by_fkey")
        ),
        sa.PrimaryKeyConstraint("tenant", "pilot", name=op.f("enrolment_pkey")),
        schema="waymark",
    )
    op.create_table(
        "consent",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("child_id", sa.Uuid(), nullable=False),
        sa.Column("pilot", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.CheckConstraint("answer in ('given', 'refused')", name=op.f("consent_answer_check")),
        sa.ForeignKeyConstraint(
            ["tenant", "child_id"], ["waymark.child.tenant", "waymark.child.id"], name=op.f("consent_tenant_child_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["tenant", "recorded_by"], ["waymark.person.tenant", "waymark.person.id"], name=op.f("consent_tenant_recorded_by_fkey")
        ),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("consent_pkey")),
        schema="waymark",
    )
    op.create_index(
        op.f("consent_tenant_child_id_pilot_recorded_at_idx"),
        "consent",
        ["tenant", "child_id", "pilot", "recorded_at"],
        unique=False,
        schema="waymark",
    )
    op.create_table(
        "revision",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("rules_of", pg.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("without", pg.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("child_id", sa.Uuid(), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("moment", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Text(), server_default=sa.text("'waiting'"), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(status = 'done') = (finished_at is not null)", name=op.f("revision_finished_check")),
        sa.CheckConstraint("kind in ('kill', 'consent', 'configuration')", name=op.f("revision_kind_check")),
        sa.CheckConstraint("status in ('waiting', 'running', 'watching', 'done')", name=op.f("revision_status_check")),
        sa.CheckConstraint("length(why) > 0", name=op.f("revision_why_check")),
        sa.ForeignKeyConstraint(
            ["tenant", "asked_by"], ["waymark.person.tenant", "waymark.person.id"], name=op.f("revision_tenant_asked_by_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["tenant", "child_id"], ["waymark.child.tenant", "waymark.child.id"], name=op.f("revision_tenant_child_id_fkey")
        ),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("revision_pkey")),
        schema="waymark",
    )
    op.create_index(
        "revision_open_idx",
        "revision",
        ["tenant", "not_before"],
        unique=False,
        schema="waymark",
        postgresql_where=sa.text("status <> 'done'"),
    )
    op.create_table(
        "revision_case",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("revision_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), server_default=sa.text("'waiting'"), nullable=False),
        sa.Column("reason", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint("status in ('waiting', 'moved', 'stayed', 'ended')", name=op.f("revision_case_status_check")),
        sa.ForeignKeyConstraint(
            ["tenant", "case_id"], ["waymark.case_file.tenant", "waymark.case_file.id"], name=op.f("revision_case_tenant_case_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["tenant", "revision_id"],
            ["waymark.revision.tenant", "waymark.revision.id"],
            name=op.f("revision_case_tenant_revision_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("tenant", "revision_id", "case_id", name=op.f("revision_case_pkey")),
        schema="waymark",
    )
    op.create_index(
        op.f("revision_case_tenant_revision_id_status_idx"),
        "revision_case",
        ["tenant", "revision_id", "status"],
        unique=False,
        schema="waymark",
    )


def downgrade() -> None:
    for table in ("revision_case", "revision", "consent", "enrolment", "flag_event", "flag"):
        op.drop_table(table, schema="waymark")
