"""Ended sign-ins: a person's, or one token's."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "revoked",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.CheckConstraint("kind in ('subject', 'token')", name=op.f("revoked_kind_check")),
        sa.CheckConstraint("length(what) between 1 and 255 and length(why) > 0", name=op.f("revoked_texts_check")),
        sa.ForeignKeyConstraint(["tenant"], ["waymark.tenant.tenant"], name=op.f("revoked_tenant_fkey")),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("revoked_pkey")),
        schema="waymark",
    )
    op.create_index(op.f("revoked_tenant_kind_what_idx"), "revoked", ["tenant", "kind", "what"], unique=False, schema="waymark")


def downgrade() -> None:
    op.drop_table("revoked", schema="waymark")
    op.execute("drop function if exists waymark.access_changed() cascade")
