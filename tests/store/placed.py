"""One row of one authority in every table of places."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from statute.offering import Ground, Judgement
from statute.placing import Category, Line, Need, Phase, build_list
from store import inclusion, places
from store.tables_places import place_round
from tests.seeds import Place

NOW = datetime(2027, 1, 11, 9, 0, tzinfo=UTC)


async def placed(session: AsyncSession, case_id: UUID, place: Place) -> None:
    """A plan, a capacity, a list, an order, a ground, an offer with its place, and a round."""
    by, setting_id = place.caseworker.id, place.setting.id
    line = Line(str(setting_id), Phase.SECONDARY, 7, 11, Category.ACADEMY, True)
    await inclusion.publish(session, [line], 16_000, by, NOW, 0)
    await inclusion.tell(session, inclusion.Room(setting_id, Phase.SECONDARY, 2027), 1, NOW, by, 0)
    built = build_list(Need(Phase.SECONDARY, 7, "ASD"), [line], NOW.date())
    await inclusion.keep_list(session, case_id, "k", built, 1, 2027, by, NOW)
    await places.give_order(session, case_id, "k", places.Order(0, (setting_id,), False, by, "family", "", NOW))
    await places.make_offer(session, places.Asked(case_id, "k", Phase.SECONDARY, 2027, by, NOW + timedelta(days=15)), NOW)
    await places.state_grounds(session, case_id, {setting_id: Judgement(Ground.UNSUITABLE, "Why.", str(by))}, NOW)
    row = {"tenant": place.slug, "id": uuid4(), "name": "n", "phase": "secondary", "entry": 2027, "content": {}}
    await session.execute(insert(place_round).values(**row, digest="d", run_by=by, run_at=NOW))
