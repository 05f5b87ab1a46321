"""The local inclusion plan's settings as versions, how many places they have as told of a moment, and the lists built from them."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Select, and_, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from statute.placing import Category, Line, Phase, Point
from statute.placing import TailoredList as Built
from store.session import tenant_of
from store.tables_places import inclusion_place, inclusion_plan, place_capacity, reservation, tailored_list


@dataclass(frozen=True, slots=True)
class Plan:
    """One published version of a council's local inclusion plan; `reach` in metres. How many places are free is not part of it."""

    version: int
    reach: int
    digest: str
    published_by: UUID
    published_at: datetime
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Room:
    """The places of one setting in one phase, for those who begin in the September of `entry`."""

    setting_id: UUID
    phase: Phase
    entry: int


@dataclass(frozen=True, slots=True)
class Capacity:
    """How many places a room has, as told of a moment, and how many of them are held or taken."""

    version: int
    places: int
    as_of: datetime
    given: int = 0

    @property
    def free(self) -> int:
        """Never less than none: a setting may tell of fewer places than it has given."""
        return max(self.places - self.given, 0)


@dataclass(frozen=True, slots=True)
class Kept:
    """A tailored list as it was built: what a family was shown can be shown again."""

    version: int
    plan_version: int
    rule: str
    entry: int
    content: dict[str, Any]
    digest: str
    built_by: UUID
    built_at: datetime


def plain(value: object) -> Any:
    """A value of the core as plain JSON."""
    return orjson.loads(orjson.dumps(value))


def digest_of(value: object) -> str:
    """The fingerprint of a value of the core."""
    return hashlib.sha256(orjson.dumps(value, option=orjson.OPT_SORT_KEYS)).hexdigest()


async def publish(session: AsyncSession, lines: Iterable[Line], reach: int, by: UUID, now: datetime, expected: int) -> int | None:
    """Publish the version after `expected`; None where somebody else published since, and then nothing is written."""
    known = sorted(lines, key=lambda line: (line.setting, line.phase))
    row = {"tenant": tenant_of(session), "version": expected + 1}
    if await session.scalar(select(func.coalesce(func.max(inclusion_plan.c.version), 0))) != expected:
        return None
    digest = digest_of([reach, [{**_place(line), "setting_id": line.setting} for line in known]])
    new = insert(inclusion_plan).values(**row, reach=reach, digest=digest, published_by=by, published_at=now)
    if await session.scalar(new.on_conflict_do_nothing().returning(inclusion_plan.c.version)) is None:
        return None
    if known:
        await session.execute(insert(inclusion_place), [{**row, **_place(line), "setting_id": UUID(line.setting)} for line in known])
    return expected + 1


async def read_plan(session: AsyncSession, version: int | None = None) -> Plan | None:
    """A version of the plan, or the one in force; None before the first. Its lines have no places: see `lines_with_places`."""
    query = select(inclusion_plan).order_by(inclusion_plan.c.version.desc()).limit(1)
    if version is not None:
        query = query.where(inclusion_plan.c.version == version)
    row = (await session.execute(query)).one_or_none()
    if row is None:
        return None
    rows = await session.execute(
        select(inclusion_place)
        .where(inclusion_place.c.version == row.version)
        .order_by(inclusion_place.c.setting_id, inclusion_place.c.phase)
    )
    lines = tuple(_line(each) for each in rows)
    return Plan(row.version, row.reach, row.digest, row.published_by, row.published_at, lines)


async def tell(session: AsyncSession, room: Room, places: int, as_of: datetime, by: UUID, expected: int) -> int | None:
    """Say how many places a room has, as of a moment: its new version, or None where it has another version than expected."""
    where = {"setting_id": room.setting_id, "phase": room.phase.value, "entry": room.entry}
    told = {"version": expected + 1, "places": places, "as_of": as_of, "told_by": by}
    if expected == 0:
        new = insert(place_capacity).values(tenant=tenant_of(session), **where, **told).on_conflict_do_nothing()
        made: int | None = await session.scalar(new.returning(place_capacity.c.version))
        return made
    changed = update(place_capacity).where(_of(room), place_capacity.c.version == expected).values(**told)
    version: int | None = await session.scalar(changed.returning(place_capacity.c.version))
    return version


async def capacities(
    session: AsyncSession, rooms: Collection[Room] | None, phase: Phase, entry: int, now: datetime
) -> dict[UUID, Capacity]:
    """How many places there are and how many are given, by setting, of these rooms or of all of a phase and an entry: one statement."""
    query = _with_given(now).where(place_capacity.c.phase == phase.value, place_capacity.c.entry == entry)
    if rooms is not None:
        query = query.where(place_capacity.c.setting_id.in_([room.setting_id for room in rooms]))
    return {row.setting_id: Capacity(row.version, row.places, row.as_of, row.given) for row in await session.execute(query)}


async def capacities_of_entry(session: AsyncSession, entry: int, now: datetime) -> dict[tuple[UUID, str], Capacity]:
    """The same by setting and phase, of every setting that told for an entry."""
    rows = await session.execute(_with_given(now).where(place_capacity.c.entry == entry))
    return {(row.setting_id, row.phase): Capacity(row.version, row.places, row.as_of, row.given) for row in rows}


def _with_given(now: datetime) -> Select[Any]:
    given = (
        select(func.count())
        .where(
            reservation.c.tenant == place_capacity.c.tenant,
            reservation.c.setting_id == place_capacity.c.setting_id,
            reservation.c.phase == place_capacity.c.phase,
            reservation.c.entry == place_capacity.c.entry,
            or_(reservation.c.status == "taken", and_(reservation.c.status == "held", reservation.c.expires_at > now)),
        )
        .scalar_subquery()
    )
    return select(place_capacity, given.label("given"))


def with_places(lines: Sequence[Line], known: dict[UUID, Capacity]) -> list[Line]:
    """The lines of a plan with the places that are free, as the list asks for them."""
    found = []
    for line in lines:
        room = known.get(UUID(line.setting))
        found.append(replace(line, free=room.free, as_of=room.as_of.date()) if room else line)
    return found


async def keep_list(session: AsyncSession, case_id: UUID, key: str, built: Built, plan: int, entry: int, by: UUID, now: datetime) -> Kept:
    """Keep a list under the next version of its case, once by key. The caller holds the case (`store.places.hold_case`)."""
    content = plain(built)
    last = await session.scalar(select(func.coalesce(func.max(tailored_list.c.version), 0)).where(tailored_list.c.case_id == case_id))
    kept = Kept(int(last or 0) + 1, plan, built.rule, entry, content, digest_of(content), by, now)
    row = {name: getattr(kept, name) for name in Kept.__slots__}
    await session.execute(insert(tailored_list).values(tenant=tenant_of(session), case_id=case_id, key=key, **row))
    return kept


async def list_of(session: AsyncSession, case_id: UUID, key: str | None = None) -> Kept | None:
    """The newest list of a case, or the one built under a key."""
    query = select(*(tailored_list.c[name] for name in Kept.__slots__)).where(tailored_list.c.case_id == case_id)
    if key is not None:
        query = query.where(tailored_list.c.key == key)
    row = (await session.execute(query.order_by(tailored_list.c.version.desc()).limit(1))).one_or_none()
    return Kept(**row._mapping) if row else None


async def newest_lists(session: AsyncSession, phase: Phase, entry: int) -> dict[UUID, Kept]:
    """The newest list of every case whose newest one is for this phase and entry."""
    other = tailored_list.alias()
    last = select(func.max(other.c.version)).where(other.c.tenant == tailored_list.c.tenant, other.c.case_id == tailored_list.c.case_id)
    query = select(tailored_list.c.case_id, *(tailored_list.c[name] for name in Kept.__slots__)).where(
        tailored_list.c.version == last.scalar_subquery(),
        tailored_list.c.entry == entry,
        tailored_list.c.content["phase"].astext == phase.value,
    )
    return {row.case_id: Kept(*row[1:]) for row in await session.execute(query)}


def _of(room: Room) -> Any:
    return and_(
        place_capacity.c.setting_id == room.setting_id,
        place_capacity.c.phase == room.phase.value,
        place_capacity.c.entry == room.entry,
    )


def _place(line: Line) -> dict[str, Any]:
    return {
        "phase": line.phase.value,
        "first_year": line.first_year,
        "last_year": line.last_year,
        "category": line.category.value,
        "mainstream": line.mainstream,
        "needs": sorted(line.needs),
        "easting": line.at.easting if line.at else None,
        "northing": line.at.northing if line.at else None,
    }


def _line(row: Any) -> Line:
    at = Point(row.easting, row.northing) if row.easting is not None else None
    years = (row.first_year, row.last_year)
    return Line(str(row.setting_id), Phase(row.phase), *years, Category(row.category), row.mainstream, frozenset(row.needs), at)
