"""The statements that append one step to the journal with everything that follows from it, in one round trip."""

from __future__ import annotations

import re

from sqlalchemy import DateTime, Text, TextClause, bindparam, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql.expression import TextualSelect

from store.tables import case_file, journal

# (the id of a case is spelt :case_id in both lists, and is the same thing)
_CASE = [column for column in case_file.c if column.name not in ("tenant", "seq", "updated_at")]
_STEP = list(journal.c)

_TYPES = [
    *(bindparam(column.name, type_=column.type) for column in _STEP),
    *(bindparam(f"case_{column.name}", type_=column.type) for column in _CASE),
    bindparam("posts", type_=JSONB()),
    bindparam("parties", type_=JSONB()),
    bindparam("notice", type_=Text()),
]
_STEP_COLUMNS = ", ".join(column.name for column in _STEP)
_STEP_VALUES = ", ".join(f":{column.name}" for column in _STEP)
_CASE_COLUMNS = ", ".join(column.name for column in _CASE)
_CASE_VALUES = ", ".join(f":case_{column.name}" for column in _CASE)
# what a later step may change; who and when a case was opened for stays as it was
_MOVES = ("process", "version", "process_digest", "stage", "closed_on", "next_due", "next_clock", "state")
_CASE_MOVES = ", ".join(f"{name} = :case_{name}" for name in _MOVES)

_FOLLOWING = """
posted as (
    insert into waymark.outbox (tenant, case_id, seq, n, kind, name, item, body, not_before)
    select :tenant, :case_id, entry.seq, p.n, p.kind, p.name, p.item, p.body, coalesce(p.not_before, :written_at)
      from entry, jsonb_to_recordset(:posts)
           as p (n int, kind text, name text, item text, body jsonb, not_before timestamptz)
), joined as (
    insert into waymark.case_party (tenant, case_id, kind, item, person_id, setting_id, since)
    select :tenant, :case_id, p.kind, p.item, p.person_id, p.setting_id, p.since
      from entry, jsonb_to_recordset(:parties)
           as p (kind text, item text, person_id uuid, setting_id uuid, since date)
    on conflict do nothing
)
select pg_notify('waymark_case', :notice) from entry
"""

LOCK = text("select from waymark.case_file where tenant = :tenant and id = :case_id for update").bindparams(
    bindparam("tenant", type_=journal.c.tenant.type), bindparam("case_id", type_=journal.c.case_id.type)
)

# The row before, to chain to; the rows from this step on, and the row of this key, which the caller has to adopt.
BEFORE: TextualSelect = (
    text(
        """
        select clock_timestamp() as now, j.*
          from (select 1) as always
          left join waymark.journal j
            on j.tenant = :tenant and j.case_id = :case_id and (j.seq >= :seq - 1 or j.key = :key)
         order by j.seq
        """
    )
    .bindparams(*(bindparam(name, type_=journal.c[name].type) for name in ("tenant", "case_id", "seq", "key")))
    .columns(now=DateTime(timezone=True), **{column.name: column.type for column in _STEP})
)


def _append(first: str) -> TextClause:
    statement = f"with {first}, {_FOLLOWING}"
    named = set(re.findall(r"(?<!:):(\w+)", statement))
    return text(statement).bindparams(*(each for each in _TYPES if each.key in named))


OPEN = _append(
    f"""
opened as (
    insert into waymark.case_file (tenant, seq, updated_at, {_CASE_COLUMNS})
    values (:tenant, :seq, :written_at, {_CASE_VALUES})
    on conflict do nothing
    returning id
), entry as (
    insert into waymark.journal ({_STEP_COLUMNS})
    select {_STEP_VALUES} from opened
    on conflict do nothing
    returning seq
), taken_in as (
    update waymark.inbox set status = 'opened', last_error = null
     where tenant = :tenant and case_id = :case_id and exists (select from entry)
)"""  # noqa: S608 - made of the column names of our own tables
)

STEP = _append(
    f"""
entry as (
    insert into waymark.journal ({_STEP_COLUMNS})
    values ({_STEP_VALUES})
    on conflict do nothing
    returning seq
), head as (
    update waymark.case_file set seq = :seq, updated_at = :written_at, {_CASE_MOVES}
     where tenant = :tenant and id = :case_id and exists (select from entry)
)"""  # noqa: S608 - made of the column names of our own tables
)

__all__ = ["BEFORE", "LOCK", "OPEN", "STEP"]
