"""The register of mediators: each row one version of what is known of somebody."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mediator",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("accredited_on", sa.Date(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("employer", sa.Text(), nullable=False),
        sa.Column("employed_by", sa.Text(), nullable=False),
        sa.Column("training", pg.JSONB(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("why", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("written_by", sa.Uuid(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("step in ('added', 'renewed', 'suspended')", name=op.f("mediator_step_check")),
        sa.CheckConstraint(
            "employed_by in ('none_of_these', 'local_authority', 'integrated_care_board', 'nhs_england')",
            name=op.f("mediator_employed_by_check"),
        ),
        sa.CheckConstraint("version > 0 and (version = 1) = (step = 'added')", name=op.f("mediator_version_check")),
        sa.CheckConstraint("expires_on >= accredited_on", name=op.f("mediator_span_check")),
        sa.ForeignKeyConstraint(
            ["tenant", "person_id"], ["waymark.person.tenant", "waymark.person.id"], name=op.f("mediator_tenant_person_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["tenant", "written_by"], ["waymark.person.tenant", "waymark.person.id"], name=op.f("mediator_tenant_written_by_fkey")
        ),
        sa.PrimaryKeyConstraint("tenant", "person_id", "version", name=op.f("mediator_pkey")),
        sa.UniqueConstraint("tenant", "id", name=op.f("mediator_tenant_id_key")),
        schema="waymark",
    )
    op.create_index(op.f("mediator_tenant_written_by_idx"), "mediator", ["tenant", "written_by"], schema="waymark")


def downgrade() -> None:
    op.drop_table("mediator", schema="waymark")
