"""Children with all that is theirs out of one authority into another, in one transaction over both.

Journals are copied as they were written, hash for hash: nothing is told anew, and whoever kept a hash finds it again. Which tables go along
is read from the catalogue: what belongs to a child or a case and points only to what goes along, or is in the register of both.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ARRAY, Uuid, bindparam, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from store import whole
from store.references import new_reference
from store.relations import BROKEN, SUPPORT
from store.tables import case_file, child, outbox, person, setting
from store.tables_lifecycle import case_origin, case_successor

Row = dict[str, msgspec.Raw]
REGISTER = ("setting", "setting_term", "person", "relation", "mediator")  # people and places: known to both authorities afterwards
CONTENT = ("overlay",)  # rules by their content: a case that is pinned to them cannot be played without
ROOTS = ("child", "case_file", "inbox")
# worked out anew, or a job of the predecessor's own
LEFT = frozenset({"case_successor", "configuration_case", "revision", "revision_case"})
HELD = "moved"  # why a post waits no more at the predecessor

_LINKS = text(
    """
    select c.relname::text as name, f.relname::text as target,
           array(select a.attname::text from unnest(k.conkey) with ordinality u (n, i)
                   join pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.n order by u.i) as mine
      from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_class f on f.oid = k.confrelid
     where k.contype = 'f' and c.relnamespace = 'waymark'::regnamespace
    """
)


@dataclass(frozen=True, slots=True)
class Shape:
    """What goes along and how: the tables in the order in which they are written, by which column their rows are found, and what names people."""

    tables: tuple[whole.Rows, ...]
    found_by: Mapping[str, str]
    naming: Mapping[str, tuple[tuple[str, str], ...]]  # table -> (column, person or child)
    stuck: tuple[str, ...]  # of children or cases, and pointing to what does not go along

    def named(self, *names: str) -> list[whole.Rows]:
        """Some of the tables, in their order."""
        return [table for table in self.tables if table.name in names]

    @property
    def carried(self) -> list[whole.Rows]:
        """What goes along with children and cases."""
        return [table for table in self.tables if table.name in self.found_by]

    def own(self) -> list[str]:
        """What stays, because it is the predecessor's own: its flags, its configuration, its plans for places."""
        apart = {*self.found_by, *REGISTER, *CONTENT, *ROOTS, *LEFT, *self.stuck, "tenant", "tenant_slug", "tenant_event"}
        return [table.name for table in self.tables if table.name not in apart]


@dataclass(frozen=True, slots=True)
class Moved:
    """What one transaction moved."""

    children: int = 0
    cases: tuple[UUID, ...] = ()
    open: tuple[UUID, ...] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)  # references that were taken at the successor


async def shape(session: AsyncSession) -> Shape:
    """How this database's tables hang together."""
    tables = await whole.tables(session)
    links: dict[str, list[tuple[str, list[str]]]] = {table.name: [] for table in tables}
    for row in await session.execute(_LINKS):
        if row.name in links:
            links[row.name].append((row.target, row.mine))
    ours = {
        table.name: "case_id" if "case_id" in table.columns else "child_id"
        for table in tables
        if {"case_id", "child_id"} & {*table.columns}
    }
    base = {"tenant", *REGISTER, *ROOTS}
    going: set[str] = set()
    while more := {
        name for name in ours if name not in {*base, *going, *LEFT} and all(target in base | going | {name} for target, _ in links[name])
    }:
        going |= more
    naming = {
        name: tuple((mine[-1], target) for target, mine in found if target in ("person", "child") and len(mine) == 2)
        for name, found in links.items()
    }
    stuck = tuple(sorted(ours.keys() - going - base - LEFT))
    return Shape(tuple(tables), {name: ours[name] for name in sorted(going)}, naming, stuck)


async def counted(session: AsyncSession, names: Collection[str], children: Sequence[UUID] | None = None) -> dict[str, int]:
    """How many rows there are in tables: of the authority, or of some children."""
    found = {}
    for table in await whole.tables(session):
        if table.name not in names:
            continue
        where = ""
        if children is not None:
            where = (
                " and t.case_id in (select c.id from waymark.case_file c where c.child_id = any (:children))"
                if "case_id" in table.columns
                else " and t.child_id = any (:children)"
            )
        query = text(f'select count(*) from waymark."{table.name}" t where t.tenant = :tenant{where}')  # noqa: S608 - names of the catalogue
        given: dict[str, Any] = {"tenant": session.info["tenant"]}
        if children is not None:
            query, given = query.bindparams(bindparam("children", type_=ARRAY(Uuid()))), {**given, "children": list(children)}
        if count := await session.scalar(query, given):
            found[table.name] = int(count)
    return found


async def move_register(session: AsyncSession, form: Shape, of: str, to: str) -> dict[str, int]:
    """Make known at the successor: every setting with its terms, the rules by content, and whoever is no family of a child.

    Families go with their children alone. Done again it changes nothing.
    """
    rows: dict[str, list[Row]] = {}
    for table in form.named("setting", "setting_term", "mediator", *CONTENT):
        rows[table.name] = [_parsed(line) async for line in whole.rows(session, table)]
    # whoever helped with a child, or opened its case in need, is of the authority and no family
    family = f"select r.person_id from waymark.relation r where r.child_id is not null and r.kind not in ('{SUPPORT}', '{BROKEN}')"  # noqa: S608 - our own words
    rows["person"] = await _some(session, "person", f"t.id not in ({family})")
    rows["relation"] = await _some(session, "relation", f"t.child_id is null and t.person_id not in ({family})")
    staff = {_text(row["id"]) for row in rows["person"]}
    rows["mediator"] = [row for row in rows.get("mediator", []) if {_text(row["person_id"]), _text(row["written_by"])} <= staff]
    await as_tenant(session, to)
    await _settings(session, rows["setting"])
    people = await _people(session, rows["person"])
    count = {}
    for table in form.named(*REGISTER, *CONTENT):
        count[table.name] = await _put(session, form, table, rows[table.name], to, people, {}, known=True)
    await as_tenant(session, of)
    return count


async def move(session: AsyncSession, form: Shape, of: str, to: str, children: Sequence[UUID], on: date, waits: str) -> Moved:
    """Move children with their families, their cases and everything that is of them. The runs of open cases must have been ended before.

    What waits to be sent waits at the successor for `waits` to be let go. A case that went before is left alone: done again, nothing moves.
    """
    rows = {name: await _some(session, name, "t.id = any (:ids)", children) for name in ("child",)}
    gone = "exists (select from waymark.case_successor s where s.tenant = t.tenant and s.case_id = t.id)"
    rows["case_file"] = await _some(session, "case_file", f"t.child_id = any (:ids) and not {gone} for update of t", children)
    ids = [UUID(_text(row["id"])) for row in rows["case_file"]]
    for table in form.carried:
        column = form.found_by[table.name]
        rows[table.name] = await _some(session, table.name, f'"{column}" = any (:ids)', ids if column == "case_id" else children)
    rows["relation"] = await _some(session, "relation", "t.child_id = any (:ids)", children)
    rows["inbox"] = await _some(session, "inbox", "t.body ->> 'child_id' = any (cast(:ids as text[]))", children)
    named = {
        _text(row[column])
        for name, found in rows.items()
        for column, what in form.naming.get(name, ())
        if what == "person"
        for row in found
    }
    rows["person"] = await _some(session, "person", "t.id = any (:ids)", [UUID(one) for one in named if one])
    heads = {row.case_id: row for row in await session.execute(_HEADS, {"tenant": of, "ids": ids})}
    await as_tenant(session, to)
    people = await _people(session, rows["person"])
    known = await _children(session, rows["child"])
    renamed = await _references(session, rows["case_file"])
    for post in rows.get("outbox", []):
        if _text(post["status"]) == "waiting":
            post["status"], post["last_error"] = _raw("held"), _raw(waits)
    for table in form.named("person", *ROOTS, "relation", *form.found_by):
        once = table.name == "case_file" or form.found_by.get(table.name) == "case_id"  # a case goes once, a child may be looked at again
        await _put(session, form, table, rows[table.name], to, people, known, known=not once)
        if table.own and (ties := [tie for row in rows[table.name] if (tie := _tie(table, row, to))]):
            await whole.tie(session, table, ties)
    for case_id, head in heads.items():
        hops = len([row for row in rows.get("case_origin", []) if UUID(_text(row["case_id"])) == case_id])
        await session.execute(
            insert(case_origin).values(tenant=to, case_id=case_id, n=hops + 1, from_tenant=of, until=head.seq, head=head.hash, on_date=on)
        )
    await as_tenant(session, of)
    if ids:
        await session.execute(
            insert(case_successor).values(
                [
                    {"tenant": of, "case_id": one, "to_tenant": to, "seq": heads[one].seq, "head": heads[one].hash, "on_date": on}
                    for one in ids
                ]
            )
        )
        mine = case_file.c.id.in_(ids)
        await session.execute(update(case_file).where(mine, case_file.c.closed_on.is_(None)).values(closed_on=on))
        await session.execute(update(case_file).where(mine).values(next_due=None, next_clock=None))
        await session.execute(
            update(outbox).where(outbox.c.case_id.in_(ids), outbox.c.status == "waiting").values(status="held", last_error=HELD)
        )
    opened = tuple(UUID(_text(row["id"])) for row in rows["case_file"] if _text(row["closed_on"]) is None)
    return Moved(len(rows["child"]), tuple(ids), opened, renamed)


async def as_tenant(session: AsyncSession, tenant: str) -> None:
    """Go on in this transaction as another authority: row security lets nobody see two at once, and what is moved must be moved whole."""
    await session.execute(text("select set_config('app.tenant', :tenant, true)"), {"tenant": tenant})
    session.info["tenant"] = tenant


_HEADS = text(
    "select distinct on (case_id) case_id, seq, hash from waymark.journal where tenant = :tenant and case_id = any (:ids) order by case_id, seq desc"
).bindparams(bindparam("ids", type_=ARRAY(Uuid())))


async def _some(session: AsyncSession, table: str, where: str, ids: Sequence[UUID] | None = None) -> list[Row]:
    query = text(f'select row_to_json(t)::text from waymark."{table}" t where t.tenant = :tenant and {where}')  # noqa: S608 - our own words
    given: dict[str, Any] = {"tenant": session.info["tenant"]}
    if ids is not None:
        query, given = query.bindparams(bindparam("ids", type_=ARRAY(Uuid()))), {**given, "ids": list(ids)}
    return [_parsed(row[0]) for row in await session.execute(query, given)]


async def _put(
    session: AsyncSession,
    form: Shape,
    table: whole.Rows,
    rows: list[Row],
    to: str,
    people: Mapping[str, str],
    children: Mapping[str, str],
    *,
    known: bool = False,
) -> int:
    """Write rows as the successor's, with the people and children as it knows them."""
    for row in rows:
        row["tenant"] = _raw(to)
        for column, what in form.naming.get(table.name, ()):
            other = (people if what == "person" else children).get(_text(row[column]) or "")
            if other:
                row[column] = _raw(other)
        if table.name == "inbox" and (other := children.get(str(_text(row["body"])["child_id"]))):
            row["body"] = _raw({**_text(row["body"]), "child_id": other})
    wanted = rows if table.name != "child" else [row for row in rows if _text(row["id"]) not in children]
    count = 0
    for begin in range(0, len(wanted), whole.BATCH):
        lines = [msgspec.json.encode(row).decode() for row in wanted[begin : begin + whole.BATCH]]
        count += await whole.put(session, table, lines, known=known)
    return count


def _tie(table: whole.Rows, row: Row, to: str) -> str | None:
    tie = whole.tying(table, {name: _text(value) for name, value in row.items() if name in (*table.key, *table.own)})
    return msgspec.json.encode({**tie, "tenant": to}).decode() if tie else None


async def _settings(session: AsyncSession, rows: list[Row]) -> None:
    """A place that the successor knows by its number already keeps its id without the number: journals and cases name it by the id."""
    numbers = {row.urn: str(row.id) for row in await session.execute(select(setting.c.urn, setting.c.id).where(setting.c.urn.is_not(None)))}
    for row in rows:
        if numbers.get(_text(row["urn"]), _text(row["id"])) != _text(row["id"]):
            row["urn"] = _raw(None)


async def _people(session: AsyncSession, rows: list[Row]) -> dict[str, str]:
    """Who is known at the successor by the same sign-in under another id: the old id stays as a name in journals, and signs in nowhere."""
    subjects = [_text(row["subject"]) for row in rows]
    known = {
        row.subject: str(row.id)
        for row in await session.execute(select(person.c.subject, person.c.id).where(person.c.subject.in_(subjects)))
    }
    same: dict[str, str] = {}
    for row in rows:
        key, there = _text(row["id"]), known.get(_text(row["subject"]))
        if there is not None and there != key:
            same[key] = there
            row["subject"], row["email"], row["roles"] = _raw(f"moved:{key}"), _raw(None), _raw([])
    return same


async def _children(session: AsyncSession, rows: list[Row]) -> dict[str, str]:
    """Which children the successor knows by their number under another id."""
    numbers = [number for row in rows if (number := _text(row["upn"]))]
    known = {row.upn: str(row.id) for row in await session.execute(select(child.c.upn, child.c.id).where(child.c.upn.in_(numbers)))}
    return {
        _text(row["id"]): known[_text(row["upn"])] for row in rows if known.get(_text(row["upn"]), _text(row["id"])) != _text(row["id"])
    }


async def _references(session: AsyncSession, rows: list[Row]) -> dict[str, str]:
    """Give another reference to a case whose own is taken at the successor."""
    mine = [_text(row["reference"]) for row in rows]
    taken = set((await session.scalars(select(case_file.c.reference).where(case_file.c.reference.in_(mine)))).all())
    renamed = {old: new_reference() for old in sorted(taken)}
    for row in rows:
        if (new := renamed.get(_text(row["reference"]))) is not None:
            row["reference"] = _raw(new)
    return renamed


def _parsed(line: str) -> Row:
    """Each value as it is written: what nobody changes is passed on sign for sign."""
    return msgspec.json.decode(line, type=dict[str, msgspec.Raw])


def _text(value: msgspec.Raw) -> Any:
    return msgspec.json.decode(value)


def _raw(value: Any) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(value))
