"""The region of an authority, by its code; none for those that are invented."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("tenant", sa.Column("region_code", sa.Text(), nullable=True), schema="waymark")
    op.create_check_constraint(op.f("tenant_region_code_check"), "tenant", "region_code ~ '^E12[0-9]{6}$'", schema="waymark")


def downgrade() -> None:
    op.drop_column("tenant", "region_code", schema="waymark")  # and its check
