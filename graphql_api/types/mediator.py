"""Mediators as those see them who arrange mediation: by whom they are accredited, until when, and what was recorded of it."""

from __future__ import annotations

from datetime import date, datetime
from enum import Enum
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import Private

from graphql_api.context import Context
from graphql_api.identifiers import as_uuid, cursor, global_id
from graphql_api.types.paging import PageInfo, after_of, bad_cursor, bounded, cut
from graphql_api.types.person import Person, person_by
from graphql_api.types.results import Denied, Invalid, NotFound, Refused
from policies.actions import Act, Object
from store import mediators as stored
from tenants import mediators as rules


@strawberry.enum(description="Who employs a mediator, as far as the law asks (CFA s.56(3)).")
class Employer(Enum):
    NONE_OF_THESE = strawberry.enum_value("none_of_these", description="Nobody of those that the law names, or nobody at all.")
    LOCAL_AUTHORITY = strawberry.enum_value("local_authority", description="A council in England: not independent.")
    INTEGRATED_CARE_BOARD = strawberry.enum_value("integrated_care_board", description="An integrated care board: not independent.")
    NHS_ENGLAND = strawberry.enum_value("nhs_england", description="NHS England: not independent.")


@strawberry.enum(description="Where a mediator stands today.")
class MediatorStanding(Enum):
    ACCREDITED = strawberry.enum_value("accredited", description="Can be assigned.")
    ENDS_SOON = strawberry.enum_value("ends_soon", description="Can be assigned, and the accreditation ends soon.")
    NOT_YET = strawberry.enum_value("not_yet", description="The accreditation begins on a later day.")
    ENDED = strawberry.enum_value("ended", description="The accreditation has ended.")
    SUSPENDED = strawberry.enum_value("suspended", description="Suspended by the council.")
    NOT_INDEPENDENT = strawberry.enum_value("not_independent", description="Employed by a council or a health body.")


@strawberry.enum(description="What an entry of the register records.")
class MediatorStep(Enum):
    ADDED = strawberry.enum_value("added", description="Added to the register.")
    RENEWED = strawberry.enum_value("renewed", description="Accredited anew; this ends a suspension.")
    SUSPENDED = strawberry.enum_value("suspended", description="Suspended.")


@strawberry.type(description="A course that was completed.")
class Training:
    what: str = strawberry.field(description="Which.")
    on: date = strawberry.field(description="On which day.")


@strawberry.type(description="One version of what the register says: later ones never change it.")
class MediatorEntry:
    context: Private[Context]
    written_by_key: Private[UUID]
    version: int = strawberry.field(description="Its number, from 1.")
    step: MediatorStep = strawberry.field(description="What it records.")
    body: str = strawberry.field(description="Who accredits.")
    number: str = strawberry.field(description="Under which number. Personal data.")
    accredited_on: date = strawberry.field(description="The first day of the accreditation.")
    expires_on: date = strawberry.field(description="The last day on which it holds.")
    employer: str = strawberry.field(description="By whom the mediator is employed.")
    employed_by: Employer = strawberry.field(description="What that is, as far as the law asks.")
    training: list[Training] = strawberry.field(description="What was completed.")
    why: str = strawberry.field(description="Why it was written.")
    written_at: datetime = strawberry.field(description="When it was written.")

    @strawberry.field(description="Who wrote it, for those who may see them.")
    async def written_by(self) -> Person | None:
        return await person_by(self.context, self.written_by_key)


@strawberry.type(description="Somebody in the council's register of mediation advisers and mediators. Personal data.")
class Mediator:
    context: Private[Context]
    key: Private[UUID]
    person_id: strawberry.ID = strawberry.field(description="Whose entry it is: what an act of assigning takes as `about`.")
    version: int = strawberry.field(description="The version that this answer shows: what the acts take as expectedVersion.")
    standing: MediatorStanding = strawberry.field(description="Where they stand today.")
    warning: str | None = strawberry.field(description="What to do before long, where the accreditation ends soon or has ended.")
    latest: MediatorEntry = strawberry.field(description="What the register says now.")

    @strawberry.field(description="The person, for those who may see them.")
    async def person(self) -> Person | None:
        return await person_by(self.context, self.key)

    @strawberry.field(description="Every version, the latest first: who wrote what, when and why.")
    async def history(self) -> list[MediatorEntry]:
        kept = await self.context.loaders.mediator.load(self.key)
        return [_entry(self.context, one) for one in reversed(kept)]


@strawberry.type(description="A mediator in a list.")
class MediatorEdge:
    node: Mediator = strawberry.field(description="The mediator.")
    cursor: str = strawberry.field(description="Its place in the list.")


@strawberry.type(description="A page of the register of mediators.")
class MediatorConnection:
    edges: list[MediatorEdge] = strawberry.field(description="The mediators with their places.")
    nodes: list[Mediator] = strawberry.field(description="The mediators.")
    page_info: PageInfo = strawberry.field(description="Where the page ends.")


@strawberry.type(description="The register says so now.")
class MediatorRecorded:
    mediator: Mediator = strawberry.field(description="The mediator as recorded.")
    replayed: bool = strawberry.field(description="Whether it was recorded before, under the same key.")


@strawberry.type(description="The register moved on since the version that was given. Nothing changed.")
class MediatorConflict:
    say: str = strawberry.field(description="What to do.")
    mediator: Mediator = strawberry.field(description="The mediator as the register has them now.")


MediatorOutcome = MediatorRecorded | MediatorConflict | Refused | Denied | Invalid | NotFound
MediatorResult = Annotated[
    MediatorOutcome, strawberry.union("MediatorResult", description="What became of an act on the register of mediators.")
]


def mediator_of(context: Context, kept: stored.Kept, today: date) -> Mediator:
    """A mediator for those who may read the register."""
    standing = rules.standing(kept.entry, today)
    return Mediator(
        context=context,
        key=kept.person_id,
        person_id=global_id("Person", kept.person_id),
        version=kept.entry.version,
        standing=MediatorStanding(standing.value),
        warning=_warning(standing, kept.entry.accreditation.expires_on),
        latest=_entry(context, kept),
    )


async def mediators_of(context: Context, first: int | None, after: str | None, ending_within_days: int | None) -> MediatorConnection:
    """A page of those whom the caller may see, those first whose accreditation ends first."""
    most, place = bounded(first), _place(after)
    async with context.read() as reading:
        where, today = reading.standing.where(Object.MEDIATOR, Act.READ), reading.standing.today
        until = None if ending_within_days is None else rules.days_after(today, ending_within_days)
        rows = await stored.latest(reading.session, where, place, most + 1, until=until)
    shown, ends = cut(rows, most, lambda row: cursor(row.entry.accreditation.expires_on.isoformat(), str(row.person_id)), after)
    edges = [MediatorEdge(node=mediator_of(context, row, today), cursor=at) for row, at in shown]
    return MediatorConnection(edges=edges, nodes=[edge.node for edge in edges], page_info=ends)


def _place(after: str | None) -> tuple[date, UUID] | None:
    parts = after_of(after, 2)
    if parts is None:
        return None
    key = as_uuid(str(parts[1]))
    try:
        day = date.fromisoformat(str(parts[0]))
    except ValueError:
        raise bad_cursor() from None
    if key is None:
        raise bad_cursor()
    return day, key


def _warning(standing: rules.Standing, last: date) -> str | None:
    if standing is rules.Standing.ENDS_SOON:
        return f"The accreditation ends on {last:%-d %B %Y}: ask for its renewal."
    if standing is rules.Standing.ENDED:
        return f"The accreditation ended on {last:%-d %B %Y}: nobody can be assigned until it is renewed."
    return None


def _entry(context: Context, kept: stored.Kept) -> MediatorEntry:
    entry, held = kept.entry, kept.entry.accreditation
    return MediatorEntry(
        context=context,
        written_by_key=kept.written_by,
        version=entry.version,
        step=MediatorStep(entry.step.value),
        body=held.body,
        number=held.number,
        accredited_on=held.accredited_on,
        expires_on=held.expires_on,
        employer=held.employer,
        employed_by=Employer(held.employed_by.value),
        training=[Training(what=one.what, on=one.on) for one in held.training],
        why=entry.why,
        written_at=kept.written_at,
    )
