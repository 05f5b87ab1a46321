"""Orders that keep somebody from a child's record, grants of support that end by themselves, and the history of relations."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_BEFORE = ("parent", "young_person", "works_at")
_SINCE = (*_BEFORE, "kept_from_acting", "kept_from_papers", "kept_from_record", "support")


def _kinds(kinds: tuple[str, ...]) -> None:
    op.drop_constraint(op.f("relation_kind_check"), "relation", schema="waymark", type_="check")
    words = ", ".join(f"'{kind}'" for kind in kinds)
    op.create_check_constraint(op.f("relation_kind_check"), "relation", f"kind in ({words})", schema="waymark")


def upgrade() -> None:
    _kinds(_SINCE)
    op.create_check_constraint(op.f("relation_support_check"), "relation", "kind <> 'support' or ends_on is not null", schema="waymark")
    op.create_table(
        "relation_event",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("relation_id", sa.Uuid(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("child_id", sa.Uuid(), nullable=True),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("written_by", sa.Uuid(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("what in ('added', 'ended')", name=op.f("relation_event_what_check")),
        sa.CheckConstraint("n > 0", name=op.f("relation_event_n_check")),
        sa.ForeignKeyConstraint(
            ["tenant", "relation_id"],
            ["waymark.relation.tenant", "waymark.relation.id"],
            name=op.f("relation_event_tenant_relation_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant", "child_id"], ["waymark.child.tenant", "waymark.child.id"], name=op.f("relation_event_tenant_child_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["tenant", "written_by"], ["waymark.person.tenant", "waymark.person.id"], name=op.f("relation_event_tenant_written_by_fkey")
        ),
        sa.PrimaryKeyConstraint("tenant", "relation_id", "n", name=op.f("relation_event_pkey")),
        schema="waymark",
    )
    op.create_index(op.f("relation_event_tenant_child_id_idx"), "relation_event", ["tenant", "child_id"], unique=False, schema="waymark")


def downgrade() -> None:
    op.drop_table("relation_event", schema="waymark")
    op.drop_constraint(op.f("relation_support_check"), "relation", schema="waymark", type_="check")
    # what an order keeps somebody from would be forgotten: a person has to end and archive these rows first
    _kinds(_BEFORE)
