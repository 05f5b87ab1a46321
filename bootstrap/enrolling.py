"""The Change Programme's areas, enrolled in its pilots within current law when their authorities are imported.

Nothing is switched on by it: a council sets its flag with two people of its own. Enrolment in a pilot beyond current law is never
made here: that is an act of the national pilot authority (`enrolPilot`).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from uuid import UUID, uuid5

from statute.days import civil
from statute.pilot import Pilot
from store import flags, people, pilots
from store.session import Database
from workflows import library

AREAS = "change_programme"
PROGRAMME = UUID("7d0f3f86-6a5f-4d0c-9d0a-5b2f1a9c4c11")
NAME, SUBJECT = "SEND and AP Change Programme (areas as listed in 2023)", "change-programme.nobody-signs-in"
WHY = "An area of the Change Programme, as the lists of 2023 name it"


def within_law() -> tuple[Pilot, ...]:
    """The pilots of the programme that are within the law in force."""
    return tuple(one for one in library.offered() if one.eligible == AREAS and not one.beyond and one.status == "published")


async def enrolled(database: Database, slugs: Iterable[str]) -> int:
    """Enrol these councils in the pilots that they are not enrolled in yet; how many enrolments were made. Those that there are stay."""
    now, made = datetime.now(UTC), 0
    for slug in slugs:
        programme = people.Person(uuid5(PROGRAMME, slug), NAME, None, SUBJECT, ["national_pilot_authority"])
        async with database.tenant(slug) as session:
            there = await pilots.enrolments(session)
            new = [one.name for one in within_law() if one.name not in there]
            if new:
                await people.add_new(session, programme)
            for name in new:
                await pilots.enrol(session, pilots.Enrolment(name, programme.id, civil(now), None, WHY))
                await flags.note(session, flags.Done(now, programme.id, "enrolled", name, WHY, id=uuid5(programme.id, name)))
        made += len(new)
    return made
