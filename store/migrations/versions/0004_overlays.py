"""The overlays that cases are pinned to, by digest."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "overlay",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("process", sa.Text(), nullable=False),
        sa.Column("document", postgresql.JSONB(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "digest", name=op.f("overlay_pkey")),
        sa.ForeignKeyConstraint(["tenant"], ["waymark.tenant.tenant"], name=op.f("overlay_tenant_fkey")),
        sa.CheckConstraint("digest ~ '^[0-9a-f]{12}$'", name=op.f("overlay_digest_check")),
        schema="waymark",
    )


def downgrade() -> None:
    op.drop_table("overlay", schema="waymark")
