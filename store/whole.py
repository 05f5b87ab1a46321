"""One authority whole: every row that it has, table by table, out of a database and into another.

The tables are found in the database's own catalogue, so that one that is added later is not forgotten. Rows travel as PostgreSQL writes
them down as JSON, and PostgreSQL itself reads them back: no type is translated here.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import Any

from sqlalchemy import Text, bindparam, text
from sqlalchemy.ext.asyncio import AsyncSession

from store.session import tenant_of

BATCH = 500
SLUGS = "tenant_slug"  # has no row security, and is written from the name of the tenant alone
TENANT = "tenant"

_TABLES = text(
    """
    select c.relname::text as name,
           array(select a.attname::text from pg_attribute a
                  where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
                  order by a.attnum) as columns,
           array(select distinct k.confrelid::regclass::text from pg_constraint k
                  where k.conrelid = c.oid and k.contype = 'f' and k.confrelid <> c.oid) as needs,
           array(select a.attname::text from pg_constraint k
                   join pg_attribute a on a.attrelid = k.conrelid and a.attnum = any (k.conkey) and not a.attnotnull
                  where k.conrelid = c.oid and k.contype = 'f' and k.confrelid = c.oid) as own,
           array(select a.attname::text from pg_constraint k
                   join pg_attribute a on a.attrelid = k.conrelid and a.attnum = any (k.conkey)
                  where k.conrelid = c.oid and k.contype = 'p') as key
      from pg_class c
     where c.relnamespace = 'waymark'::regnamespace and c.relkind in ('r', 'p')
       and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant' and not a.attisdropped)
     order by 1
    """
)


@dataclass(frozen=True, slots=True)
class Rows:
    """A table with rows of tenants: its columns, those that point into the same table, and its primary key."""

    name: str
    columns: tuple[str, ...]
    own: tuple[str, ...]
    key: tuple[str, ...]


async def tables(session: AsyncSession) -> list[Rows]:
    """Every table that has a tenant, those first to which others point.

    Raises:
        RuntimeError: two tables point to each other; nobody can say which is written first.
    """
    found = {row.name: row for row in await session.execute(_TABLES)}
    graph = {name: {need.removeprefix("waymark.") for need in row.needs} & found.keys() for name, row in found.items()}
    try:
        order = list(TopologicalSorter(graph).static_order())
    except CycleError as cycle:
        raise RuntimeError(f"these tables point to each other: {cycle.args[1]}") from None
    return [Rows(name, tuple(found[name].columns), tuple(found[name].own), tuple(found[name].key)) for name in order]


async def revision(session: AsyncSession) -> str:
    """Which migration the database stands at."""
    return str(await session.scalar(text("select version_num from waymark.alembic_version")))


async def rows(session: AsyncSession, table: Rows) -> AsyncIterator[str]:
    """The tenant's rows of a table, each one line of JSON; streamed, so that a large authority needs no memory."""
    query = text(f'select row_to_json(t)::text from waymark."{table.name}" t where t.tenant = :tenant')  # noqa: S608 - a name of the catalogue
    found = await session.stream(query, {"tenant": tenant_of(session)}, execution_options={"yield_per": BATCH})
    async for row in found:
        yield row[0]


async def put(session: AsyncSession, table: Rows, lines: Sequence[str], *, known: bool = False) -> int:
    """Write rows as `rows` gave them; how many. What points into the same table is left out, for `tie` to add once all rows are there.

    With `known` a row that is there already is left as it is.
    """
    columns = ", ".join(f'"{name}"' for name in table.columns if name not in table.own)
    statement = text(
        f'insert into waymark."{table.name}" ({columns}) select {columns}'  # noqa: S608 - names of the catalogue
        f' from jsonb_populate_recordset(null::waymark."{table.name}", cast(:rows as jsonb)) {"on conflict do nothing" if known else ""} returning 1'
    ).bindparams(bindparam("rows", type_=Text()))
    return len((await session.execute(statement, {"rows": f"[{','.join(lines)}]"})).all())


async def tie(session: AsyncSession, table: Rows, lines: Sequence[str]) -> None:
    """Add what points from rows of a table to others of the same."""
    sets = ", ".join(f'"{name}" = p."{name}"' for name in table.own)
    same = " and ".join(f't."{name}" = p."{name}"' for name in table.key)
    some = " or ".join(f'p."{name}" is not null' for name in table.own)
    statement = text(
        f'update waymark."{table.name}" t set {sets}'  # noqa: S608 - names of the catalogue
        f' from jsonb_populate_recordset(null::waymark."{table.name}", cast(:rows as jsonb)) p where {same} and ({some})'
    ).bindparams(bindparam("rows", type_=Text()))
    await session.execute(statement, {"rows": f"[{','.join(lines)}]"})


def tying(table: Rows, row: dict[str, Any]) -> dict[str, Any] | None:
    """What `tie` has to know of a row; nothing for one that points to no other."""
    if not any(row.get(name) is not None for name in table.own):
        return None
    return {name: row[name] for name in (*table.key, *table.own)}


async def processes(session: AsyncSession) -> list[dict[str, Any]]:
    """Under which definitions the cases are, with the amendments, pilots and overlays laid over them, and how many of each."""
    query = text(
        """
        select process, version, process_digest as digest, coalesce(state -> 'amendments', '[]') as amendments,
               coalesce(state -> 'rules', '[]') as rules, count(*) as cases
          from waymark.case_file group by 1, 2, 3, 4, 5 order by 1, 2, 3
        """
    )
    return [dict(row._mapping) for row in await session.execute(query)]


async def hold_posts(session: AsyncSession, reason: str, cases: Iterable[Any] | None = None) -> None:
    """Keep what waits to be sent until the cases that it is about run again; `let_go` with the same word ends that."""
    await session.execute(_HOLD, {"reason": reason, "cases": None if cases is None else [str(one) for one in cases]})


async def let_go(session: AsyncSession, reason: str, cases: Iterable[Any] | None = None) -> None:
    """Send what was kept."""
    await session.execute(_LET_GO, {"reason": reason, "cases": None if cases is None else [str(one) for one in cases]})


_HOLD = text(
    "update waymark.outbox set status = 'held', last_error = :reason where status = 'waiting'"
    " and (cast(:cases as text[]) is null or case_id::text = any (:cases))"
)
_LET_GO = text(
    "update waymark.outbox set status = 'waiting', last_error = null, not_before = clock_timestamp() where status = 'held'"
    " and last_error = :reason and (cast(:cases as text[]) is null or case_id::text = any (:cases))"
)
