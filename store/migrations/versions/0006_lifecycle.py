"""An authority is active, suspended or closed, and its history says who made it so, and why."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

CHECKS = {
    "tenant_status_check": "status in ('active', 'suspended', 'closed')",
    "tenant_closed_on_check": "(status = 'closed') = (closed_on is not null)",
    "tenant_successors_check": "successors = '{}' or status <> 'active'",
}


def upgrade() -> None:
    for column in (
        sa.Column("status", sa.Text(), server_default=sa.text("'active'"), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("successors", pg.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    ):
        op.add_column("tenant", column, schema="waymark")
    for name, rule in CHECKS.items():
        op.create_check_constraint(op.f(name), "tenant", rule, schema="waymark")
    op.create_table(
        "tenant_event",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("detail", pg.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.CheckConstraint(
            "kind in ('created', 'suspended', 'resumed', 'closed', 'exported', 'restored')", name=op.f("tenant_event_kind_check")
        ),
        sa.CheckConstraint("n > 0", name=op.f("tenant_event_n_check")),
        sa.ForeignKeyConstraint(["tenant"], ["waymark.tenant.tenant"], name=op.f("tenant_event_tenant_fkey")),
        sa.PrimaryKeyConstraint("tenant", "n", name=op.f("tenant_event_pkey")),
        schema="waymark",
    )


def downgrade() -> None:
    op.drop_table("tenant_event", schema="waymark")
    op.execute("drop function if exists waymark.only_grows()")
    for name in ("successors", "closed_on", "opened_on", "status"):
        op.drop_column("tenant", name, schema="waymark")  # and its checks
