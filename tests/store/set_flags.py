"""Flags and pilots put into the store, for tests that need some there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from store import flags, pilots, revisions
from store.session import tenant_of
from store.tables_pilots import revision_case
from tests.seeds import WESTSHIRE, Place
from workflows import library

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
DAY = date(2026, 11, 24)


STRENGTHENED, MANDATORY, RANKED = (
    library.pilot(name) for name in ("mediation_strengthened", "mediation_mandatory", "tailored_list_ranked")
)


async def approved(
    session: AsyncSession,
    name: str = "mediation",
    variant: str = "strengthened",
    *,
    place: Place = WESTSHIRE,
    starts_on: date = DAY,
    ends_on: date | None = None,
    cohort: Mapping[str, Any] | None = None,
) -> flags.Flag:
    """A flag that one proposed and another approved."""
    new = flags.Flag(
        uuid4(),
        name,
        variant,
        starts_on,
        ends_on,
        cohort or {},
        "the council's own decision",
        "to see what it does",
        place.caseworker.id,
        NOW,
    )
    await flags.add(session, new)
    return await flags.change(session, new, 1, status="approved", approved_by=place.decision_maker.id, approved_at=NOW)


async def a_pilot(session: AsyncSession, place: Place, case_id: UUID) -> None:
    """A row in each of the tables of flags and pilots."""
    one = await approved(session, place=place)
    await flags.note(session, flags.Done(NOW, place.caseworker.id, "approved", one.name, "said", one.id))
    await pilots.enrol(session, pilots.Enrolment("mediation_mandatory", place.caseworker.id, DAY, None, "chosen"))
    await pilots.answer(session, uuid4(), place.children[0].id, "tailored_list_advisory", given=True, on=DAY, recorded_by=place.parent.id)
    asked = await revisions.ask(session, "kill", "p", moment=NOW, why="w", asked_by=place.caseworker.id, without={"p": "mediation"})
    await session.execute(insert(revision_case).values(tenant=tenant_of(session), revision_id=asked, case_id=case_id))
