"""Webhooks: allowed hosts, registered addresses, and what still has to be told."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def _by(table: str, name: str) -> sa.ForeignKeyConstraint:
    target = ["waymark.person.tenant", "waymark.person.id"]
    return sa.ForeignKeyConstraint(["tenant", name], target, name=op.f(f"{table}_tenant_{name}_fkey"))


def _now(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False)


def upgrade() -> None:
    op.create_table(
        "webhook_host",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("allowed_by", sa.Uuid(), nullable=False),
        _now("allowed_at"),
        sa.Column("why", sa.Text(), nullable=False),
        sa.CheckConstraint("length(host) between 1 and 253 and length(why) > 0", name=op.f("webhook_host_texts_check")),
        _by("webhook_host", "allowed_by"),
        sa.PrimaryKeyConstraint("tenant", "host", name=op.f("webhook_host_pkey")),
        schema="waymark",
    )
    op.create_table(
        "webhook",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.Text(), server_default=sa.text("'active'"), nullable=False),
        sa.Column("registered_by", sa.Uuid(), nullable=False),
        _now("registered_at"),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.CheckConstraint("status in ('active', 'disabled', 'ended')", name=op.f("webhook_status_check")),
        sa.CheckConstraint("octet_length(secret) = 32 and length(url) <= 500", name=op.f("webhook_sizes_check")),
        _by("webhook", "registered_by"),
        sa.ForeignKeyConstraint(
            ["tenant", "host"], ["waymark.webhook_host.tenant", "waymark.webhook_host.host"], name=op.f("webhook_tenant_host_fkey")
        ),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("webhook_pkey")),
        schema="waymark",
    )
    op.create_table(
        "webhook_post",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("webhook_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        _now("not_before"),
        sa.ForeignKeyConstraint(
            ["tenant", "webhook_id"], ["waymark.webhook.tenant", "waymark.webhook.id"], name=op.f("webhook_post_tenant_webhook_id_fkey")
        ),
        sa.PrimaryKeyConstraint("tenant", "webhook_id", "case_id", "seq", name=op.f("webhook_post_pkey")),
        schema="waymark",
    )
    op.create_index(op.f("webhook_post_tenant_not_before_idx"), "webhook_post", ["tenant", "not_before"], unique=False, schema="waymark")


def downgrade() -> None:
    op.execute("drop trigger if exists told_by_webhook on waymark.journal")
    op.execute("drop function if exists waymark.told_by_webhook()")
    for table in ("webhook_post", "webhook", "webhook_host"):
        op.drop_table(table, schema="waymark")
