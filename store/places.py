"""Who has which place: one child to a place, whoever comes at the same moment, and nothing lost when a process dies.

Everything that gives places is one transaction that first holds its cases and then its rooms, each in the order of their ids, so that two
can wait for one another and never in a circle. What is counted is counted under those locks. Two unique indexes say the same again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import and_, delete, func, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from statute.offering import Ground, Judgement, Offer, offer
from statute.placing import Phase
from store.inclusion import Room, digest_of, plain
from store.session import tenant_of
from store.tables import case_file
from store.tables_places import place_capacity, place_ground, place_offer, place_round, preference, preference_order, reservation

_SPACE = UUID("0e0f3c54-7a0a-4e07-9d6c-0c4c2b7a51c1")
ACTIVE = ("held", "taken")


@dataclass(frozen=True, slots=True)
class Order:
    """What a family wants, the first first; `capacity` says who wrote it, and `told_how` how the family told the council."""

    version: int
    settings: tuple[UUID, ...]
    mainstream: bool
    given_by: UUID
    capacity: str
    told_how: str
    given_at: datetime


@dataclass(frozen=True, slots=True)
class Reservation:
    """A place that is kept for a child, or was."""

    id: UUID
    case_id: UUID
    setting_id: UUID
    phase: str
    entry: int
    status: str
    held_at: datetime
    expires_at: datetime
    ended_at: datetime | None = None

    def stands(self, now: datetime) -> bool:
        """Whether the place is this child's at that moment."""
        return self.status == "taken" or (self.status == "held" and self.expires_at > now)


@dataclass(frozen=True, slots=True)
class Made:
    """An offer as it was made: an answer to every preference, and the place that is kept, if any."""

    id: UUID
    case_id: UUID
    preference_version: int
    content: dict[str, Any]
    digest: str
    made_at: datetime
    place: Reservation | None
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """One offer to be made: for whom, by whom, of which entry, and how long a place is kept."""

    case_id: UUID
    key: str
    phase: Phase
    entry: int
    by: UUID
    until: datetime


@dataclass(frozen=True, slots=True)
class KeptRound:
    """A round as it was confirmed."""

    id: UUID
    name: str
    phase: str
    entry: int
    content: dict[str, Any]
    digest: str


class HasPlace(Exception):  # noqa: N818 - an answer, not a defect
    """The child has a place already; another is offered when that one was given up or lapsed."""


class NoOrder(Exception):  # noqa: N818 - an answer, not a defect
    """The family has not said what it wants: nothing can be offered in its order."""


async def hold_case(session: AsyncSession, *case_ids: UUID) -> set[UUID]:
    """Hold cases until the transaction ends, so that two acts on the places of one child come one after the other; those that are there."""
    rows = select(case_file.c.id).where(case_file.c.id.in_(case_ids)).order_by(case_file.c.id).with_for_update(key_share=True)
    return {row.id for row in await session.execute(rows)}


async def give_order(session: AsyncSession, case_id: UUID, key: str, order: Order) -> Order:
    """Keep a family's order under the next version, once by key: again gives what was kept. `order.version` is not looked at."""
    await hold_case(session, case_id)
    known = await order_of(session, case_id, key=key)
    if known is not None:
        return known
    row = {"tenant": tenant_of(session), "case_id": case_id}
    last = await session.scalar(select(func.coalesce(func.max(preference_order.c.version), 0)).where(preference_order.c.case_id == case_id))
    version = int(last or 0) + 1
    more = {name: getattr(order, name) for name in ("mainstream", "given_by", "capacity", "told_how", "given_at")}
    await session.execute(insert(preference_order).values(**row, version=version, key=key, **more))
    ranked = [{**row, "version": version, "rank": n, "setting_id": one} for n, one in enumerate(order.settings, 1)]
    if ranked:
        await session.execute(insert(preference), ranked)
    return Order(version, order.settings, **more)


async def order_of(session: AsyncSession, case_id: UUID, *, key: str | None = None, version: int | None = None) -> Order | None:
    """What a family wants, as last given, or as given under a key or as a version."""
    found = await orders_of(session, [case_id], key=key, version=version)
    return found.get(case_id)


async def orders_of(
    session: AsyncSession, case_ids: Collection[UUID], *, key: str | None = None, version: int | None = None
) -> dict[UUID, Order]:
    """The orders of several families, as last given: two statements however many there are."""
    query = select(preference_order).where(preference_order.c.case_id.in_(case_ids))
    if key is not None:
        query = query.where(preference_order.c.key == key)
    elif version is not None:
        query = query.where(preference_order.c.version == version)
    else:
        other = preference_order.alias()
        last = select(func.max(other.c.version)).where(
            other.c.tenant == preference_order.c.tenant, other.c.case_id == preference_order.c.case_id
        )
        query = query.where(preference_order.c.version == last.scalar_subquery())
    rows = (await session.execute(query)).all()
    pairs = [(row.case_id, row.version) for row in rows]
    ranked = select(preference).where(tuple_(preference.c.case_id, preference.c.version).in_(pairs)).order_by(preference.c.rank)
    settings: dict[UUID, list[UUID]] = {}
    for each in await session.execute(ranked):
        settings.setdefault(each.case_id, []).append(each.setting_id)
    return {
        row.case_id: Order(
            row.version, tuple(settings.get(row.case_id, ())), row.mainstream, row.given_by, row.capacity, row.told_how, row.given_at
        )
        for row in rows
    }


async def state_grounds(session: AsyncSession, case_id: UUID, grounds: Mapping[UUID, Judgement], now: datetime) -> None:
    """Put a decision maker's grounds in the place of what was stated for this child before."""
    await session.execute(delete(place_ground).where(place_ground.c.case_id == case_id))
    for setting_id, one in sorted(grounds.items()):
        row = {"tenant": tenant_of(session), "case_id": case_id, "setting_id": setting_id, "ground": one.ground.value}
        await session.execute(insert(place_ground).values(**row, reasons=one.reasons, stated_by=UUID(one.by), stated_at=now))


async def grounds_of(session: AsyncSession, case_ids: Collection[UUID]) -> dict[UUID, dict[str, Judgement]]:
    """The grounds that were stated, by case and setting."""
    found: dict[UUID, dict[str, Judgement]] = {}
    for row in await session.execute(select(place_ground).where(place_ground.c.case_id.in_(case_ids))):
        found.setdefault(row.case_id, {})[str(row.setting_id)] = Judgement(Ground(row.ground), row.reasons, str(row.stated_by))
    return found


async def make_offer(session: AsyncSession, asked: Asked, now: datetime) -> Made:
    """Offer the first place in the family's order that is free at this moment and keep it; once by key.

    :raises NoOrder: the family has not given an order; :raises HasPlace: the child has a place already.
    """
    await hold_case(session, asked.case_id)
    known = await offer_by_key(session, asked.case_id, asked.key)
    if known is not None:
        return known
    order = await order_of(session, asked.case_id)
    if order is None:
        raise NoOrder
    rooms = [Room(one, asked.phase, asked.entry) for one in order.settings]
    slots = await hold_rooms(session, rooms, [asked.case_id], now)
    if await standing(session, asked.case_id, now) is not None:
        raise HasPlace
    free = {str(room.setting_id): len(places) for room, places in slots.items()}
    stated = (await grounds_of(session, [asked.case_id])).get(asked.case_id, {})
    made = offer([str(one) for one in order.settings], free, stated)
    slot = slots[Room(UUID(made.setting), asked.phase, asked.entry)][0] if made.setting else None
    return await keep_offer(session, asked, order.version, made, slot, now)


async def hold_rooms(session: AsyncSession, rooms: Collection[Room], case_ids: Collection[UUID], now: datetime) -> dict[Room, list[int]]:
    """Hold rooms until the transaction ends, let what has run out lapse, and say which slots of each are free, the smallest first.

    A room that nobody told of is not in the answer. The rooms where these cases still have a place are held too.
    """
    own = select(reservation.c.setting_id, reservation.c.phase, reservation.c.entry).where(
        reservation.c.case_id.in_(case_ids), reservation.c.status.in_(ACTIVE)
    )
    wanted = {*((room.setting_id, room.phase.value, room.entry) for room in rooms), *(tuple(row) for row in await session.execute(own))}
    if not wanted:
        return {}
    columns = (place_capacity.c.setting_id, place_capacity.c.phase, place_capacity.c.entry)
    locked = await session.execute(
        select(*columns, place_capacity.c.places).where(tuple_(*columns).in_(sorted(wanted))).order_by(*columns).with_for_update()
    )
    places = {(row.setting_id, row.phase, row.entry): row.places for row in locked}
    held = (reservation.c.setting_id, reservation.c.phase, reservation.c.entry)
    await session.execute(
        update(reservation)
        .where(tuple_(*held).in_(sorted(places)), reservation.c.status == "held", reservation.c.expires_at <= now)
        .values(status="lapsed", ended_at=reservation.c.expires_at)
    )
    given: dict[tuple[Any, ...], set[int]] = {key: set() for key in places}
    there = select(*held, reservation.c.slot).where(tuple_(*held).in_(sorted(places)), reservation.c.status.in_(ACTIVE))
    for row in await session.execute(there):
        given[row.setting_id, row.phase, row.entry].add(row.slot)
    found = {}
    for room in rooms:
        key = (room.setting_id, room.phase.value, room.entry)
        if key in places:
            empty = [slot for slot in range(1, places[key] + 1) if slot not in given[key]]
            found[room] = empty[: max(places[key] - len(given[key]), 0)]
    return found


async def keep_offer(
    session: AsyncSession, asked: Asked, version: int, made: Offer, slot: int | None, now: datetime, round_id: UUID | None = None
) -> Made:
    """Write an offer and the place that it keeps. The case and the room are held by the caller."""
    content = plain(made)
    offer_id, tenant = uuid5(_SPACE, f"{asked.case_id}:{asked.key}"), tenant_of(session)
    row = {"tenant": tenant, "id": offer_id, "case_id": asked.case_id}
    kept = {"content": content, "digest": digest_of(content), "made_by": asked.by, "made_at": now}
    await session.execute(insert(place_offer).values(**row, key=asked.key, preference_version=version, round_id=round_id, **kept))
    place = None
    if slot is not None:
        room: dict[str, Any] = {"setting_id": UUID(made.setting), "phase": asked.phase.value, "entry": asked.entry}
        place = Reservation(offer_id, asked.case_id, **room, status="held", held_at=now, expires_at=asked.until)
        await session.execute(insert(reservation).values(**row, **room, slot=slot, status="held", held_at=now, expires_at=asked.until))
    return Made(offer_id, asked.case_id, version, content, str(kept["digest"]), now, place)


async def offer_by_key(session: AsyncSession, case_id: UUID, key: str) -> Made | None:
    """The offer that was made under a key."""
    return (await offers_by_key(session, [case_id], key)).get(case_id)


async def offers_by_key(session: AsyncSession, case_ids: Collection[UUID], key: str) -> dict[UUID, Made]:
    """The offers that were made for several cases under one key: one statement."""
    found = await _offers(session, and_(place_offer.c.case_id.in_(case_ids), place_offer.c.key == key), len(case_ids))
    return {made.case_id: made for made in found}


async def read_offer(session: AsyncSession, offer_id: UUID) -> Made | None:
    """An offer by its id."""
    found = await _offers(session, place_offer.c.id == offer_id, 1)
    return found[0] if found else None


async def offers_of(session: AsyncSession, case_id: UUID, most: int = 20) -> list[Made]:
    """The offers that were made for a case, the newest first."""
    return await _offers(session, place_offer.c.case_id == case_id, most)


async def _offers(session: AsyncSession, where: Any, most: int) -> list[Made]:
    joined = place_offer.outerjoin(reservation, and_(reservation.c.tenant == place_offer.c.tenant, reservation.c.id == place_offer.c.id))
    names = ("setting_id", "phase", "entry", "status", "held_at", "expires_at", "ended_at")
    query = select(place_offer, *(reservation.c[name] for name in names)).select_from(joined).where(where)
    found = []
    for row in await session.execute(query.order_by(place_offer.c.made_at.desc(), place_offer.c.id).limit(most)):
        place = Reservation(row.id, row.case_id, **{name: getattr(row, name) for name in names}) if row.status else None
        found.append(Made(row.id, row.case_id, row.preference_version, row.content, row.digest, row.made_at, place, replayed=True))
    return found


async def standing(session: AsyncSession, case_id: UUID, now: datetime) -> Reservation | None:
    """The place that is a child's at that moment."""
    names = Reservation.__slots__
    alive = or_(reservation.c.status == "taken", and_(reservation.c.status == "held", reservation.c.expires_at > now))
    row = (
        await session.execute(select(*(reservation.c[name] for name in names)).where(reservation.c.case_id == case_id, alive))
    ).one_or_none()
    return Reservation(**row._mapping) if row else None


async def placed_among(session: AsyncSession, case_ids: Collection[UUID], now: datetime) -> set[UUID]:
    """Those of these cases that have a place at that moment."""
    alive = or_(reservation.c.status == "taken", and_(reservation.c.status == "held", reservation.c.expires_at > now))
    rows = await session.execute(select(reservation.c.case_id).where(reservation.c.case_id.in_(case_ids), alive))
    return {row.case_id for row in rows}


async def settle(session: AsyncSession, offer_id: UUID, status: str, by: UUID, now: datetime, told_how: str = "") -> Reservation | None:
    """Take a place that is kept (`taken`) or give it up (`given_up`), also after it was taken; what became of it, None where there is none.

    Nothing changes where its time ran out: the answer then is a place that does not stand (`Reservation.stands`).
    """
    of = and_(reservation.c.id == offer_id)
    alive = and_(reservation.c.status == "held", reservation.c.expires_at > now)
    may = or_(alive, reservation.c.status == "taken") if status == "given_up" else alive
    await session.execute(update(reservation).where(of, may).values(status=status, ended_at=now, ended_by=by, told_how=told_how))
    row = (await session.execute(select(*(reservation.c[name] for name in Reservation.__slots__)).where(of))).one_or_none()
    return Reservation(**row._mapping) if row else None


async def reserved(session: AsyncSession, rooms: Sequence[Room]) -> list[Reservation]:
    """Every place of some rooms that is held or taken, whoever has it."""
    keys = [(room.setting_id, room.phase.value, room.entry) for room in rooms]
    of = tuple_(reservation.c.setting_id, reservation.c.phase, reservation.c.entry).in_(keys)
    query = select(*(reservation.c[name] for name in Reservation.__slots__)).where(of, reservation.c.status.in_(ACTIVE))
    return [Reservation(**row._mapping) for row in await session.execute(query.order_by(reservation.c.setting_id, reservation.c.slot))]


async def keep_round(session: AsyncSession, kept: KeptRound, by: UUID, now: datetime) -> None:
    """Write a confirmed round; its name is used once."""
    row = {name: getattr(kept, name) for name in KeptRound.__slots__}
    await session.execute(insert(place_round).values(tenant=tenant_of(session), **row, run_by=by, run_at=now))


async def read_round(session: AsyncSession, name: str) -> KeptRound | None:
    """The round of that name."""
    query = select(*(place_round.c[one] for one in KeptRound.__slots__)).where(place_round.c.name == name)
    row = (await session.execute(query)).one_or_none()
    return KeptRound(**row._mapping) if row else None
