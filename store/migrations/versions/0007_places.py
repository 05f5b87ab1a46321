"""The local inclusion plan, tailored lists, families' orders, offers, and one child to a place."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "inclusion_plan",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("reach", sa.Integer(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("published_by", sa.Uuid(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("reach between 0 and 500000", name=op.f("inclusion_plan_reach_check")),
        sa.CheckConstraint("version > 0", name=op.f("inclusion_plan_version_check")),
        sa.ForeignKeyConstraint(
            ["tenant", "published_by"], ["waymark.person.tenant", "waymark.person.id"], name=op.f("inclusion_plan_tenant_published_by_fkey")
        ),
        sa.PrimaryKeyConstraint("tenant", "version", name=op.f("inclusion_plan_pkey")),
        schema="waymark",
    )
    op.create_table(
        "place_capacity",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("setting_id", sa.Uuid(), nullable=False),
        sa.Column("phase", sa.Text(), nullable=False),
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint("phase in ('nursery', 'primary', 'middle', 'secondary', 'post_16')", name=op.f("place_capacity_phase_check")),
        sa.CheckConstraint("entry between 2014 and 2100", name=op.f("place_capacity_entry_check")),
        sa.CheckConstraint("places between 0 and 10000", name=op.f("place_capacity_places_check")),
        sa.ForeignKeyConstraint(
            ["tenant", "setting_id"], ["waymark.setting.tenant", "waymark.setting.id"], name=op.f("place_capacity_tenant_setting_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["tenant", "told_by"], ["waymark.person.tenant", "waymark.person.id"], name=op.f("place_capacity_tenant_told_by_fkey")
        ),
        sa.PrimaryKeyConstraint("tenant", "setting_id", "phase", "entry", name=op.f("place_capacity_pkey")),
        schema="waymark",
    )
    op.create_table(
        "place_round",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("phase", sa.Text(), nullable=False),
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("run_by", sa.Uuid(), nullable=False),
        sa.Column("run_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("phase in ('nursery', 'primary', 'middle', 'secondary', 'post_16')", name=op.f("place_round_phase_check")),
        sa.ForeignKeyConstraint(
            ["tenant", "run_by"], ["waymark.person.tenant", "waymark.person.id"], name=op.f("place_round_tenant_run_by_fkey")
        ),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("place_round_pkey")),
        sa.UniqueConstraint("tenant", "name", name=op.f("place_round_tenant_name_key")),
        schema="waymark",
    )
    op.create_table(
        "inclusion_place",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("setting_id", sa.Uuid(), nullable=False),
        sa.Column("phase", sa.Text(), nullable=False),
        sa.Column("first_year", sa.Integer(), nullable=False),
        sa.Column("last_year", sa.Integer(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("mainstream", sa.Boolean(), nullable=False),
        sa.Column("needs", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("easting", sa.Integer(), nullable=True),
        sa.Column("northing", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "category in ('maintained_school', 'maintained_nursery', 'academy', 'further_education', 'non_maintained_special', 'section_41_school', 'section_41_post_16', 'independent')",
            name=op.f("inclusion_place_category_check"),
        ),
        sa.CheckConstraint("phase in ('nursery', 'primary', 'middle', 'secondary', 'post_16')", name=op.f("inclusion_place_phase_check")),
        sa.CheckConstraint(
            "first_year between -2 and 20 and last_year between first_year and 20", name=op.f("inclusion_place_years_check")
        ),
        sa.CheckConstraint("num_nonnulls(easting, northing) in (0, 2)", name=op.f("inclusion_place_at_check")),
        sa.ForeignKeyConstraint(
            ["tenant", "setting_id"], ["waymark.setting.tenant", "waymark.setting.id"], name=op.f("inclusion_place_tenant_setting_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["tenant", "version"],
            ["waymark.inclusion_plan.tenant", "waymark.inclusion_plan.version"],
            name=op.f("inclusion_place_tenant_version_fkey"),
        ),
        sa.PrimaryKeyConstraint("tenant", "version", "setting_id", "phase", name=op.f("inclusion_place_pkey")),
        schema="waymark",
    )
    op.create_index(
        op.f("inclusion_place_tenant_setting_id_idx"), "inclusion_place", ["tenant", "setting_id"], unique=False, schema="waymark"
    )
    op.create_table(
        "place_ground",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("setting_id", sa.Uuid(), nullable=False),
        sa.Column("ground", sa.Text(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("stated_by", sa.Uuid(), nullable=False),
        sa.Column("stated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("ground in ('unsuitable', 'education_of_others', 'use_of_resources')", name=op.f("place_ground_ground_check")),
        sa.CheckConstraint("reasons <> ''", name=op.f("place_ground_reasons_check")),
        sa.ForeignKeyConstraint(
            ["tenant", "case_id"], ["waymark.case_file.tenant", "waymark.case_file.id"], name=op.f("place_ground_tenant_case_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["tenant", "setting_id"], ["waymark.setting.tenant", "waymark.setting.id"], name=op.f("place_ground_tenant_setting_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["tenant", "stated_by"], ["waymark.person.tenant", "waymark.person.id"], name=op.f("place_ground_tenant_stated_by_fkey")
        ),
        sa.PrimaryKeyConstraint("tenant", "case_id", "setting_id", name=op.f("place_ground_pkey")),
        schema="waymark",
    )
    op.create_table(
        "preference_order",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("mainstream", sa.Boolean(), nullable=False),
        sa.Column("given_by", sa.Uuid(), nullable=False),
        sa.Column("capacity", sa.Text(), nullable=False),
        sa.Column("told_how", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "capacity = 'family' or (capacity = 'local_authority' and told_how <> '')", name=op.f("preference_order_capacity_check")
        ),
        sa.ForeignKeyConstraint(
            ["tenant", "case_id"], ["waymark.case_file.tenant", "waymark.case_file.id"], name=op.f("preference_order_tenant_case_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["tenant", "given_by"], ["waymark.person.tenant", "waymark.person.id"], name=op.f("preference_order_tenant_given_by_fkey")
        ),
        sa.PrimaryKeyConstraint("tenant", "case_id", "version", name=op.f("preference_order_pkey")),
        sa.UniqueConstraint("tenant", "case_id", "key", name=op.f("preference_order_tenant_case_id_key_key")),
        schema="waymark",
    )
    op.create_table(
        "tailored_list",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("plan_version", sa.Integer(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("built_by", sa.Uuid(), nullable=False),
        sa.Column("built_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant", "built_by"], ["waymark.person.tenant", "waymark.person.id"], name=op.f("tailored_list_tenant_built_by_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["tenant", "case_id"], ["waymark.case_file.tenant", "waymark.case_file.id"], name=op.f("tailored_list_tenant_case_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["tenant", "plan_version"],
            ["waymark.inclusion_plan.tenant", "waymark.inclusion_plan.version"],
            name=op.f("tailored_list_tenant_plan_version_fkey"),
        ),
        sa.PrimaryKeyConstraint("tenant", "case_id", "version", name=op.f("tailored_list_pkey")),
        sa.UniqueConstraint("tenant", "case_id", "key", name=op.f("tailored_list_tenant_case_id_key_key")),
        schema="waymark",
    )
    op.create_table(
        "place_offer",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("preference_version", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Uuid(), nullable=True),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant", "case_id", "preference_version"],
            ["waymark.preference_order.tenant", "waymark.preference_order.case_id", "waymark.preference_order.version"],
            name=op.f("place_offer_tenant_case_id_preference_version_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant", "made_by"], ["waymark.person.tenant", "waymark.person.id"], name=op.f("place_offer_tenant_made_by_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["tenant", "round_id"], ["waymark.place_round.tenant", "waymark.place_round.id"], name=op.f("place_offer_tenant_round_id_fkey")
        ),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("place_offer_pkey")),
        sa.UniqueConstraint("tenant", "case_id", "key", name=op.f("place_offer_tenant_case_id_key_key")),
        schema="waymark",
    )
    op.create_table(
        "preference",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("setting_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("rank > 0", name=op.f("preference_rank_check")),
        sa.ForeignKeyConstraint(
            ["tenant", "case_id", "version"],
            ["waymark.preference_order.tenant", "waymark.preference_order.case_id", "waymark.preference_order.version"],
            name=op.f("preference_tenant_case_id_version_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant", "setting_id"], ["waymark.setting.tenant", "waymark.setting.id"], name=op.f("preference_tenant_setting_id_fkey")
        ),
        sa.PrimaryKeyConstraint("tenant", "case_id", "version", "rank", name=op.f("preference_pkey")),
        sa.UniqueConstraint("tenant", "case_id", "version", "setting_id", name=op.f("preference_tenant_case_id_version_setting_id_key")),
        schema="waymark",
    )
    op.create_table(
        "reservation",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("setting_id", sa.Uuid(), nullable=False),
        sa.Column("phase", sa.Text(), nullable=False),
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("held_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("told_how", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.CheckConstraint("(status = 'held') = (ended_at is null)", name=op.f("reservation_ended_check")),
        sa.CheckConstraint("status in ('held', 'taken', 'lapsed', 'given_up')", name=op.f("reservation_status_check")),
        sa.CheckConstraint("expires_at > held_at", name=op.f("reservation_span_check")),
        sa.CheckConstraint("slot > 0", name=op.f("reservation_slot_check")),
        sa.ForeignKeyConstraint(
            ["tenant", "case_id"], ["waymark.case_file.tenant", "waymark.case_file.id"], name=op.f("reservation_tenant_case_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["tenant", "ended_by"], ["waymark.person.tenant", "waymark.person.id"], name=op.f("reservation_tenant_ended_by_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["tenant", "id"], ["waymark.place_offer.tenant", "waymark.place_offer.id"], name=op.f("reservation_tenant_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["tenant", "setting_id", "phase", "entry"],
            [
                "waymark.place_capacity.tenant",
                "waymark.place_capacity.setting_id",
                "waymark.place_capacity.phase",
                "waymark.place_capacity.entry",
            ],
            name=op.f("reservation_tenant_setting_id_phase_entry_fkey"),
        ),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("reservation_pkey")),
        schema="waymark",
    )
    op.create_index(
        "reservation_one_child_a_place",
        "reservation",
        ["tenant", "setting_id", "phase", "entry", "slot"],
        unique=True,
        schema="waymark",
        postgresql_where=sa.text("status in ('held', 'taken')"),
    )
    op.create_index(
        "reservation_one_place_a_child",
        "reservation",
        ["tenant", "case_id"],
        unique=True,
        schema="waymark",
        postgresql_where=sa.text("status in ('held', 'taken')"),
    )
    op.create_index(op.f("reservation_tenant_case_id_idx"), "reservation", ["tenant", "case_id"], unique=False, schema="waymark")


def downgrade() -> None:
    op.drop_table("reservation", schema="waymark")
    op.drop_table("preference", schema="waymark")
    op.drop_table("place_offer", schema="waymark")
    op.drop_table("tailored_list", schema="waymark")
    op.drop_table("preference_order", schema="waymark")
    op.drop_table("place_ground", schema="waymark")
    op.drop_table("inclusion_place", schema="waymark")
    op.drop_table("place_round", schema="waymark")
    op.drop_table("place_capacity", schema="waymark")
    op.drop_table("inclusion_plan", schema="waymark")
