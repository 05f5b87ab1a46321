"""A list and an offer go along with their case to another council; the plan and the round that they came from do not."""

from __future__ import annotations

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_KEYS = (
    ("tailored_list", "tailored_list_tenant_plan_version_fkey", "inclusion_plan", "plan_version", "version"),
    ("place_offer", "place_offer_tenant_round_id_fkey", "place_round", "round_id", "id"),
)


def upgrade() -> None:
    for table, name, *_ in _KEYS:
        op.drop_constraint(op.f(name), table, schema="waymark", type_="foreignkey")


def downgrade() -> None:
    for table, name, other, mine, theirs in _KEYS:
        key = (["tenant", mine], ["tenant", theirs])
        op.create_foreign_key(op.f(name), table, other, *key, source_schema="waymark", referent_schema="waymark")
