"""The terms of schools and colleges: limits in school days are counted on them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "setting_term",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("setting_id", sa.Uuid(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("closed", pg.ARRAY(sa.Date()), server_default=sa.text("'{}'"), nullable=False),
        sa.CheckConstraint("last_day between first_day and first_day + 400", name=op.f("setting_term_span_check")),
        sa.ForeignKeyConstraint(
            ["tenant", "setting_id"],
            ["waymark.setting.tenant", "waymark.setting.id"],
            name=op.f("setting_term_tenant_setting_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("tenant", "setting_id", "first_day", name=op.f("setting_term_pkey")),
        schema="waymark",
    )


def downgrade() -> None:
    op.drop_table("setting_term", schema="waymark")
