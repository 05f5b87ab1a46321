"""Walk through the catalogue of a database and say where one tenant could see or touch another's rows."""

from __future__ import annotations

import asyncpg

# the one table without row security, and what it may hold (store/tables.py says why)
WITHOUT_TENANT = {"alembic_version"}
SLUGS_ONLY = {"tenant_slug": ["tenant"]}

TABLES = """
select c.relname, c.relkind::text as relkind, c.relrowsecurity, c.relforcerowsecurity, c.reloptions,
       pg_has_role(current_user, c.relowner, 'MEMBER') as owned,
       array(select a.attname::text from pg_attribute a
              where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped order by a.attnum) as columns
  from pg_class c where c.relnamespace = 'waymark'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f')
"""
RULE = "(tenant = current_setting('app.tenant'::text, true))"


async def leaks(app_dsn: str, declared: set[str], other: str) -> list[str]:
    """Everything that is wrong, as the serving role finds it; `other` is a tenant with rows that must stay unseen."""
    connection = await asyncpg.connect(app_dsn)
    try:
        found = await _catalogue(connection, declared)
        for table in sorted(declared - SLUGS_ONLY.keys()):
            found += await _rows(connection, table, other)
        return found
    finally:
        await connection.close()


async def _catalogue(connection: asyncpg.Connection, declared: set[str]) -> list[str]:
    found = []
    tables = {row["relname"]: row for row in await connection.fetch(TABLES)}
    found += [f"{name}: declared and not there" for name in declared - tables.keys()]
    found += [f"{name}: there and not declared" for name in tables.keys() - declared - WITHOUT_TENANT]
    for name, row in tables.items():
        if row["owned"]:
            found.append(f"{name}: the serving role owns it")
        if row["relkind"] == "v" and "security_invoker=true" not in (row["reloptions"] or []):
            found.append(f"{name}: a view that reads with its owner's rights")
        if row["relkind"] in "mf":
            found.append(f"{name}: a materialised view or foreign table has no row security")
        if row["relkind"] not in "rp" or name in WITHOUT_TENANT:
            continue
        if name in SLUGS_ONLY:
            if row["columns"] != SLUGS_ONLY[name]:
                found.append(f"{name}: holds more than slugs")
            continue
        if row["columns"][0] != "tenant":
            found.append(f"{name}: does not begin with the tenant")
        if not (row["relrowsecurity"] and row["relforcerowsecurity"]):
            found.append(f"{name}: row security is not enabled and forced")
        policies = await connection.fetch("select * from pg_policies where schemaname = 'waymark' and tablename = $1", name)
        if [(p["qual"], p["with_check"], p["cmd"], p["permissive"]) for p in policies] != [(RULE, RULE, "ALL", "PERMISSIVE")]:
            found.append(f"{name}: has not exactly the one policy")
    keys = await connection.fetch(
        "select k.conrelid::regclass::text as t, k.conname, a.attname, k.contype::text as kind"
        "  from pg_constraint k join pg_attribute a on a.attrelid = k.conrelid and a.attnum = k.conkey[1]"
        " where k.connamespace = 'waymark'::regnamespace and k.contype in ('p', 'u', 'f')"
    )
    indexes = await connection.fetch(
        "select i.indrelid::regclass::text as t, i.indexrelid::regclass::text as conname, a.attname, 'i' as kind"
        "  from pg_index i join pg_class c on c.oid = i.indrelid"
        "  left join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]"
        " where c.relnamespace = 'waymark'::regnamespace"
    )
    for row in [*keys, *indexes]:
        if row["t"].removeprefix("waymark.") not in WITHOUT_TENANT and row["attname"] != "tenant":
            found.append(f"{row['t']}: {row['conname']} does not begin with the tenant")
    role = await connection.fetchrow(
        "select bool_or(rolsuper) as super, bool_or(rolbypassrls) as bypass, bool_or(rolcreaterole) as creates"
        "  from pg_roles where pg_has_role(current_user, oid, 'MEMBER')"
    )
    assert role is not None
    found += [f"the serving role may {what}" for what, may in role.items() if may]
    found += [
        f"{row['proname']}: a function that runs with its definer's rights"
        for row in await connection.fetch(
            "select proname from pg_proc p join pg_namespace n on n.oid = p.pronamespace"
            " where prosecdef and n.nspname not in ('pg_catalog', 'information_schema')"
        )
    ]
    for row in await connection.fetch(
        "select table_name, privilege_type from information_schema.table_privileges"
        " where table_schema = 'waymark' and privilege_type in ('TRUNCATE', 'TRIGGER', 'REFERENCES')"
    ):
        found.append(f"{row['table_name']}: the serving role may {row['privilege_type']}")
    for table in ("journal", "tenant_slug", "tenant", "tenant_event", "alembic_version"):
        wrong = ["DELETE", "UPDATE"] if table == "journal" else ["DELETE", "INSERT"]
        for privilege in wrong:
            if await connection.fetchval("select has_table_privilege($1, $2)", f"waymark.{table}", privilege):
                found.append(f"{table}: the serving role may {privilege}")
    return found


async def _rows(connection: asyncpg.Connection, table: str, other: str) -> list[str]:
    found = []
    query = f"select count(*) from waymark.{table}"
    for what, tenant in (("a tenant that was never set", None), ("an empty tenant", ""), ("a tenant that does not exist", "nowhere")):
        if tenant is None:
            await connection.execute("reset app.tenant")
        else:
            await connection.execute("select set_config('app.tenant', $1, false)", tenant)
        if seen := await connection.fetchval(query):
            found.append(f"{table}: {seen} rows are seen with {what}")
    await connection.execute("select set_config('app.tenant', $1, false)", other)
    own = await connection.fetchval(query)
    if not own:
        found.append(f"{table}: {other} has no row, so that nothing is proved")
    if seen := await connection.fetchval(f"{query} where tenant <> $1", other):
        found.append(f"{table}: {seen} rows of others are seen by {other}")
    return found
