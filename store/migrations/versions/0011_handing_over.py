"""Where a case was before, and where it goes on, when an authority is split or merged."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

BEFORE = "kind in ('created', 'suspended', 'resumed', 'closed', 'exported', 'restored')"
NOW = "kind in ('created', 'suspended', 'resumed', 'closed', 'exported', 'restored', 'handing_over', 'handed_over', 'took_over')"


def _kinds(rule: str) -> None:
    op.drop_constraint(op.f("tenant_event_kind_check"), "tenant_event", schema="waymark")
    op.create_check_constraint(op.f("tenant_event_kind_check"), "tenant_event", rule, schema="waymark")


def upgrade() -> None:
    _kinds(NOW)
    for name, number, other, key in (
        ("case_origin", "until", "from_tenant", ["tenant", "case_id", "n"]),
        ("case_successor", "seq", "to_tenant", ["tenant", "case_id"]),
    ):
        first = [sa.Column("n", sa.Integer(), nullable=False), sa.CheckConstraint("n > 0", name=op.f(f"{name}_n_check"))]
        op.create_table(
            name,
            sa.Column("tenant", sa.Text(), nullable=False),
            sa.Column("case_id", sa.Uuid(), nullable=False),
            *(first if "n" in key else []),
            sa.Column(other, sa.Text(), nullable=False),
            sa.Column(number, sa.Integer(), nullable=False),
            sa.Column("head", sa.LargeBinary(), nullable=False),
            sa.Column("on_date", sa.Date(), nullable=False),
            sa.Column("moved_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
            sa.CheckConstraint("octet_length(head) = 32", name=op.f(f"{name}_head_check")),
            sa.ForeignKeyConstraint(
                ["tenant", "case_id", number],
                ["waymark.journal.tenant", "waymark.journal.case_id", "waymark.journal.seq"],
                name=op.f(f"{name}_tenant_case_id_{number}_fkey"),
            ),
            sa.PrimaryKeyConstraint(*key, name=op.f(f"{name}_pkey")),
            schema="waymark",
        )


def downgrade() -> None:
    op.execute("drop trigger if exists goes_on_elsewhere on waymark.journal")
    op.execute("drop function if exists waymark.goes_on_elsewhere()")
    op.drop_table("case_successor", schema="waymark")
    op.drop_table("case_origin", schema="waymark")
    _kinds(BEFORE)
