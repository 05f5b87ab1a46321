"""A second verifier of the journal, written from its description alone: it shares no line with the one in store."""

from __future__ import annotations

import hashlib
import json

import asyncpg

QUERY = """
select case_id::text, tenant as at_tenant, seq, key, encode(fingerprint, 'hex') as fingerprint, kind, name, item, actor, capacity,
       coalesce((select o.from_tenant from waymark.case_origin o
                  where o.tenant = j.tenant and o.case_id = j.case_id and o.until >= j.seq order by o.n limit 1), tenant) as tenant,
       to_char(on_date, 'YYYY-MM-DD') as "on",
       to_char(recorded_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"') as at,
       to_char(written_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"') as written_at,
       event::text as event, process_digest, calendar_digest, prev, hash
  from waymark.journal j order by 1, 2, 3
"""


def spell(value: object) -> str:
    """Canonical JSON by hand."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{spell(name)}:{spell(value[name])}" for name in sorted(value)) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(spell, value)) + "]"
    if isinstance(value, str):
        short = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}
        return '"' + "".join(short.get(each) or (each if each >= " " else f"\\u{ord(each):04x}") for each in value) + '"'
    if value is True or value is False or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    assert isinstance(value, int), value
    return str(value)


async def suspects(superuser_dsn: str) -> set[str]:
    """The cases whose journal is not a whole and unbroken chain up to where the case stands."""
    connection = await asyncpg.connect(superuser_dsn)
    try:
        rows = [dict(row) for row in await connection.fetch(QUERY)]
        heads = {
            (row["id"], row["tenant"]): row["seq"] for row in await connection.fetch("select id::text, tenant, seq from waymark.case_file")
        }
    finally:
        await connection.close()
    chains: dict[tuple[str, str], list[dict[str, object]]] = {place: [] for place in heads}
    for row in rows:
        chains.setdefault((str(row["case_id"]), str(row.pop("at_tenant"))), []).append(row)
    wrong = set()
    for place, chain in chains.items():
        case = place[0]
        last = b"\0" * 32
        for row in chain:
            prev, written = row.pop("prev"), row.pop("hash")
            row["event"] = json.loads(str(row["event"]))
            assert isinstance(prev, bytes)
            if prev != last or hashlib.sha256(prev + spell(row).encode("utf-8")).digest() != written:
                wrong.add(case)
            assert isinstance(written, bytes)
            last = written
        if [row["seq"] for row in chain] != list(range(1, (heads.get(place) or 0) + 1)):
            wrong.add(case)
    return wrong
