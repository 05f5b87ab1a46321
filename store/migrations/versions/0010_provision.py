"""What the local inclusion plan offers, and the provision that draft plans propose: each row one version."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "local_provision",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("in_force_from", sa.Date(), nullable=True),
        sa.Column("yaml", sa.Text(), nullable=False),
        sa.Column("document", pg.JSONB(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("written_by", sa.Uuid(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("what in ('drafted', 'published')", name=op.f("local_provision_what_check")),
        sa.CheckConstraint("step > 0", name=op.f("local_provision_step_check")),
        sa.CheckConstraint(
            "case what when 'published' then version > 0 and in_force_from is not null else num_nonnulls(version, in_force_from) = 0 end",
            name=op.f("local_provision_published_check"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant", "written_by"], ["waymark.person.tenant", "waymark.person.id"], name=op.f("local_provision_tenant_written_by_fkey")
        ),
        sa.PrimaryKeyConstraint("tenant", "step", name=op.f("local_provision_pkey")),
        sa.UniqueConstraint("tenant", "id", name=op.f("local_provision_tenant_id_key")),
        sa.UniqueConstraint("tenant", "version", name=op.f("local_provision_tenant_version_key")),
        schema="waymark",
    )
    op.create_index(op.f("local_provision_tenant_written_by_idx"), "local_provision", ["tenant", "written_by"], schema="waymark")
    op.create_table(
        "plan_provision",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("phase", sa.Text(), nullable=False),
        sa.Column("needs", pg.JSONB(), nullable=False),
        sa.Column("items", pg.JSONB(), nullable=False),
        sa.Column("departures", pg.JSONB(), nullable=False),
        sa.Column("catalogues", pg.JSONB(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("written_by", sa.Uuid(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("version > 0", name=op.f("plan_provision_version_check")),
        sa.ForeignKeyConstraint(
            ["tenant", "case_id"], ["waymark.case_file.tenant", "waymark.case_file.id"], name=op.f("plan_provision_tenant_case_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["tenant", "written_by"], ["waymark.person.tenant", "waymark.person.id"], name=op.f("plan_provision_tenant_written_by_fkey")
        ),
        sa.PrimaryKeyConstraint("tenant", "case_id", "version", name=op.f("plan_provision_pkey")),
        sa.UniqueConstraint("tenant", "id", name=op.f("plan_provision_tenant_id_key")),
        schema="waymark",
    )
    op.create_index(op.f("plan_provision_tenant_written_by_idx"), "plan_provision", ["tenant", "written_by"], schema="waymark")


def downgrade() -> None:
    op.drop_table("plan_provision", schema="waymark")
    op.drop_table("local_provision", schema="waymark")
