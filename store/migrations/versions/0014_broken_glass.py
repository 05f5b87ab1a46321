"""Somebody of the council opens a case in which they have no part, with a reason and for a day; every use is kept."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_BEFORE = ("parent", "young_person", "works_at", "kept_from_acting", "kept_from_papers", "kept_from_record", "support")


def _checks(kinds: tuple[str, ...], ending: str) -> None:
    for name in ("kind", "support"):
        op.drop_constraint(op.f(f"relation_{name}_check"), "relation", schema="waymark", type_="check")
    words = ", ".join(f"'{kind}'" for kind in kinds)
    op.create_check_constraint(op.f("relation_kind_check"), "relation", f"kind in ({words})", schema="waymark")
    op.create_check_constraint(op.f("relation_support_check"), "relation", f"{ending} or ends_on is not null", schema="waymark")


def upgrade() -> None:
    _checks((*_BEFORE, "broke_glass"), "kind not in ('support', 'broke_glass')")
    op.create_table(
        "glass_break",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("relation_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("length(why) > 0", name=op.f("glass_break_why_check")),
        sa.ForeignKeyConstraint(
            ["tenant", "case_id"], ["waymark.case_file.tenant", "waymark.case_file.id"], name=op.f("glass_break_tenant_case_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["tenant", "relation_id"], ["waymark.relation.tenant", "waymark.relation.id"], name=op.f("glass_break_tenant_relation_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["tenant", "person_id"], ["waymark.person.tenant", "waymark.person.id"], name=op.f("glass_break_tenant_person_id_fkey")
        ),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("glass_break_pkey")),
        schema="waymark",
    )
    op.create_index(op.f("glass_break_tenant_case_id_idx"), "glass_break", ["tenant", "case_id"], unique=False, schema="waymark")
    op.create_index(op.f("glass_break_tenant_at_id_idx"), "glass_break", ["tenant", "at", "id"], unique=False, schema="waymark")


def downgrade() -> None:
    op.drop_table("glass_break", schema="waymark")
    _checks(_BEFORE, "kind <> 'support'")
