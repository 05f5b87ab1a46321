"""All the tables of the first release."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make every table; who may touch them is said in policies.sql, which follows every migration."""
    op.create_table(
        "tenant_slug",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.CheckConstraint("tenant ~ '^[a-z][a-z0-9-]{1,39}$'", name=op.f("tenant_slug_slug_check")),
        sa.PrimaryKeyConstraint("tenant", name=op.f("tenant_slug_pkey")),
        schema="waymark",
    )
    op.create_table(
        "tenant",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("dfe_code", sa.Text(), nullable=False),
        sa.Column("gss_code", sa.Text(), nullable=False),
        sa.Column("training", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("clock_offset_seconds", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint("dfe_code ~ '^[0-9]{3}$'", name=op.f("tenant_dfe_code_check")),
        sa.CheckConstraint("gss_code ~ '^E[0-9]{8}$'", name=op.f("tenant_gss_code_check")),
        sa.CheckConstraint("clock_offset_seconds = 0 or (training and clock_offset_seconds > 0)", name=op.f("tenant_clock_check")),
        sa.ForeignKeyConstraint(["tenant"], ["waymark.tenant_slug.tenant"], name=op.f("tenant_tenant_fkey")),
        sa.PrimaryKeyConstraint("tenant", name=op.f("tenant_pkey")),
        schema="waymark",
    )
    op.create_table(
        "person",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("roles", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.ForeignKeyConstraint(["tenant"], ["waymark.tenant.tenant"], name=op.f("person_tenant_fkey")),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("person_pkey")),
        sa.UniqueConstraint("tenant", "subject", name=op.f("person_tenant_subject_key")),
        schema="waymark",
    )
    op.create_table(
        "setting",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("urn", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.CheckConstraint("urn ~ '^[0-9]{6}$'", name=op.f("setting_urn_check")),
        sa.ForeignKeyConstraint(["tenant"], ["waymark.tenant.tenant"], name=op.f("setting_tenant_fkey")),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("setting_pkey")),
        sa.UniqueConstraint("tenant", "urn", name=op.f("setting_tenant_urn_key")),
        schema="waymark",
    )
    op.create_table(
        "child",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("given_name", sa.Text(), nullable=False),
        sa.Column("family_name", sa.Text(), nullable=False),
        sa.Column("born_on", sa.Date(), nullable=False),
        sa.Column("upn", sa.Text(), nullable=True),
        sa.Column("setting_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("upn ~ '^[A-Z][0-9]{11}[A-Z0-9]$'", name=op.f("child_upn_check")),
        sa.ForeignKeyConstraint(
            ["tenant", "setting_id"],
            ["waymark.setting.tenant", "waymark.setting.id"],
            name=op.f("child_tenant_setting_id_fkey"),
        ),
        sa.ForeignKeyConstraint(["tenant"], ["waymark.tenant.tenant"], name=op.f("child_tenant_fkey")),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("child_pkey")),
        sa.UniqueConstraint("tenant", "upn", name=op.f("child_tenant_upn_key")),
        schema="waymark",
    )
    op.create_index(
        op.f("child_tenant_family_name_given_name_idx"),
        "child",
        ["tenant", "family_name", "given_name"],
        unique=False,
        schema="waymark",
    )
    op.create_index(op.f("child_tenant_setting_id_idx"), "child", ["tenant", "setting_id"], unique=False, schema="waymark")
    op.create_table(
        "inbox",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("receipt", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("process", sa.Text(), nullable=False),
        sa.Column("body", pg.JSONB(), nullable=False),
        sa.Column("status", sa.Text(), server_default=sa.text("'received'"), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.CheckConstraint("status in ('received', 'opened', 'refused')", name=op.f("inbox_status_check")),
        sa.ForeignKeyConstraint(
            ["tenant", "person_id"],
            ["waymark.person.tenant", "waymark.person.id"],
            name=op.f("inbox_tenant_person_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("tenant", "receipt", name=op.f("inbox_pkey")),
        sa.UniqueConstraint("tenant", "case_id", name=op.f("inbox_tenant_case_id_key")),
        sa.UniqueConstraint("tenant", "person_id", "key", name=op.f("inbox_tenant_person_id_key_key")),
        schema="waymark",
    )
    op.create_index(
        "inbox_received_idx",
        "inbox",
        ["tenant", "attempts", "received_at"],
        unique=False,
        schema="waymark",
        postgresql_where=sa.text("status = 'received'"),
    )
    op.create_table(
        "case_file",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("child_id", sa.Uuid(), nullable=False),
        sa.Column("process", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("process_digest", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("next_due", sa.Date(), nullable=True),
        sa.Column("next_clock", sa.Text(), nullable=True),
        sa.Column("state", pg.JSONB(), nullable=False),
        sa.Column("opened_by", sa.Uuid(), nullable=True),
        sa.Column("parent_case", sa.Uuid(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.CheckConstraint("seq > 0", name=op.f("case_file_seq_check")),
        sa.CheckConstraint("version > 0", name=op.f("case_file_version_check")),
        sa.ForeignKeyConstraint(
            ["tenant", "child_id"],
            ["waymark.child.tenant", "waymark.child.id"],
            name=op.f("case_file_tenant_child_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant", "opened_by"],
            ["waymark.person.tenant", "waymark.person.id"],
            name=op.f("case_file_tenant_opened_by_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant", "parent_case"],
            ["waymark.case_file.tenant", "waymark.case_file.id"],
            name=op.f("case_file_tenant_parent_case_fkey"),
        ),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("case_file_pkey")),
        sa.UniqueConstraint("tenant", "reference", name=op.f("case_file_tenant_reference_key")),
        schema="waymark",
    )
    op.create_index(op.f("case_file_tenant_child_id_idx"), "case_file", ["tenant", "child_id"], unique=False, schema="waymark")
    op.create_index(
        op.f("case_file_tenant_next_due_id_idx"),
        "case_file",
        ["tenant", "next_due", "id"],
        unique=False,
        schema="waymark",
    )
    op.create_index(
        op.f("case_file_tenant_opened_on_id_idx"),
        "case_file",
        ["tenant", "opened_on", "id"],
        unique=False,
        schema="waymark",
    )
    op.create_index(op.f("case_file_tenant_parent_case_idx"), "case_file", ["tenant", "parent_case"], unique=False, schema="waymark")
    op.create_table(
        "relation",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("child_id", sa.Uuid(), nullable=True),
        sa.Column("setting_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "case kind when 'works_at' then setting_id is not null and child_id is null"
            " else child_id is not null and setting_id is null end",
            name=op.f("relation_object_check"),
        ),
        sa.CheckConstraint("kind in ('parent', 'young_person', 'works_at')", name=op.f("relation_kind_check")),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("relation_span_check")),
        sa.ForeignKeyConstraint(
            ["tenant", "child_id"],
            ["waymark.child.tenant", "waymark.child.id"],
            name=op.f("relation_tenant_child_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant", "person_id"],
            ["waymark.person.tenant", "waymark.person.id"],
            name=op.f("relation_tenant_person_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant", "setting_id"],
            ["waymark.setting.tenant", "waymark.setting.id"],
            name=op.f("relation_tenant_setting_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("relation_pkey")),
        schema="waymark",
    )
    op.create_index(op.f("relation_tenant_child_id_idx"), "relation", ["tenant", "child_id"], unique=False, schema="waymark")
    op.create_index(op.f("relation_tenant_person_id_idx"), "relation", ["tenant", "person_id"], unique=False, schema="waymark")
    op.create_index(op.f("relation_tenant_setting_id_idx"), "relation", ["tenant", "setting_id"], unique=False, schema="waymark")
    op.create_table(
        "case_party",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("setting_id", sa.Uuid(), nullable=True),
        sa.Column("since", sa.Date(), nullable=False),
        sa.CheckConstraint("kind in ('asked', 'consulted', 'assigned', 'requested')", name=op.f("case_party_kind_check")),
        sa.CheckConstraint("num_nonnulls(person_id, setting_id) > 0", name=op.f("case_party_who_check")),
        sa.ForeignKeyConstraint(
            ["tenant", "case_id"],
            ["waymark.case_file.tenant", "waymark.case_file.id"],
            name=op.f("case_party_tenant_case_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant", "person_id"],
            ["waymark.person.tenant", "waymark.person.id"],
            name=op.f("case_party_tenant_person_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant", "setting_id"],
            ["waymark.setting.tenant", "waymark.setting.id"],
            name=op.f("case_party_tenant_setting_id_fkey"),
        ),
        sa.UniqueConstraint(
            "tenant",
            "case_id",
            "kind",
            "item",
            "person_id",
            "setting_id",
            name="case_party_once",
            postgresql_nulls_not_distinct=True,
        ),
        schema="waymark",
    )
    op.create_index(op.f("case_party_tenant_person_id_idx"), "case_party", ["tenant", "person_id"], unique=False, schema="waymark")
    op.create_index(op.f("case_party_tenant_setting_id_idx"), "case_party", ["tenant", "setting_id"], unique=False, schema="waymark")
    op.create_table(
        "journal",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("capacity", sa.Text(), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("event", pg.JSONB(), nullable=False),
        sa.Column("process_digest", sa.Text(), nullable=False),
        sa.Column("calendar_digest", sa.Text(), nullable=False),
        sa.Column("traceparent", sa.Text(), nullable=True),
        sa.Column("prev", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("jsonb_typeof(event) = 'object'", name=op.f("journal_event_check")),
        sa.CheckConstraint("octet_length(prev) = 32 and octet_length(hash) = 32", name=op.f("journal_chain_check")),
        sa.CheckConstraint("seq > 0", name=op.f("journal_seq_check")),
        sa.ForeignKeyConstraint(
            ["tenant", "case_id"],
            ["waymark.case_file.tenant", "waymark.case_file.id"],
            name=op.f("journal_tenant_case_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("tenant", "case_id", "seq", name=op.f("journal_pkey")),
        sa.UniqueConstraint("tenant", "case_id", "key", name=op.f("journal_tenant_case_id_key_key")),
        schema="waymark",
    )
    op.create_index(op.f("journal_tenant_recorded_at_idx"), "journal", ["tenant", "recorded_at"], unique=False, schema="waymark")
    op.create_table(
        "outbox",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("body", pg.JSONB(), nullable=False),
        sa.Column("status", sa.Text(), server_default=sa.text("'waiting'"), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(status = 'done') = (done_at is not null)", name=op.f("outbox_done_check")),
        sa.CheckConstraint("status in ('waiting', 'done', 'held')", name=op.f("outbox_status_check")),
        sa.ForeignKeyConstraint(
            ["tenant", "case_id", "seq"],
            ["waymark.journal.tenant", "waymark.journal.case_id", "waymark.journal.seq"],
            name=op.f("outbox_tenant_case_id_seq_fkey"),
        ),
        sa.PrimaryKeyConstraint("tenant", "case_id", "seq", "n", name=op.f("outbox_pkey")),
        schema="waymark",
    )
    op.create_index(
        "outbox_waiting_idx",
        "outbox",
        ["tenant", "not_before"],
        unique=False,
        schema="waymark",
        postgresql_where=sa.text("status = 'waiting'"),
    )
    op.create_table(
        "letter",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("notice", sa.Text(), nullable=False),
        sa.Column("recipient_role", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("delivered_to", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant", "case_id", "seq", "n"],
            ["waymark.outbox.tenant", "waymark.outbox.case_id", "waymark.outbox.seq", "waymark.outbox.n"],
            name=op.f("letter_tenant_case_id_seq_n_fkey"),
        ),
        sa.PrimaryKeyConstraint("tenant", "case_id", "seq", "n", "recipient_role", name=op.f("letter_pkey")),
        schema="waymark",
    )


def downgrade() -> None:
    """Take everything away, with every record in it."""
    for name in [
        "letter",
        "outbox",
        "journal",
        "case_party",
        "relation",
        "case_file",
        "inbox",
        "child",
        "setting",
        "person",
        "tenant",
        "tenant_slug",
    ]:
        op.drop_table(name, schema="waymark")
    op.execute("drop function if exists waymark.journal_is_append_only()")
