"""The provision that a draft plan proposes, with what it departs from: for the council and the family, and for nobody else.

A plan is disclosed to others only with consent or for the purposes that the law names (SEND reg.17, not read): advisers give advice, and a
setting that is consulted is sent the draft plan itself. The council's reasons for a departure are for the family to weigh.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from enum import Enum
from typing import Any
from uuid import UUID

import strawberry
from strawberry import Private

from graphql_api.context import Context
from graphql_api.identifiers import cursor
from graphql_api.types.paging import PageInfo, after_of, bounded, cut, number_of
from graphql_api.types.person import Person, person_by
from graphql_api.types.standards import Every, HowOften, NeedType, Phase, PlanSection, Provider, Tier
from policies.actions import Act, Object
from store import plan_provision as stored


@strawberry.enum(description="How a plan departs from a standard.")
class Gap(Enum):
    MISSING = strawberry.enum_value("missing", description="There is nothing of the kind.")
    BELOW = strawberry.enum_value("below", description="It is less, or not as often.")
    OTHER = strawberry.enum_value("other", description="It is at a lower tier, in another section, or by somebody else.")


@strawberry.type(description="A need that the plan states, and the tier at which it is to be met.")
class PlanNeed:
    need: NeedType = strawberry.field(description="The need.")
    tier: Tier = strawberry.field(description="The tier.")


@strawberry.type(description="One line of provision. Personal data.")
class ProvisionItem:
    section: PlanSection = strawberry.field(description="The section of the plan.")
    need: NeedType = strawberry.field(description="For which need.")
    what: str = strawberry.field(description="What, by the word of a catalogue or in own words.")
    details: str = strawberry.field(description="As the plan specifies it. Personal data.")
    tier: Tier = strawberry.field(description="At which tier.")
    provided_by: Provider = strawberry.field(description="By whom.")
    how_often: HowOften | None = strawberry.field(description="How much, how often.")


@strawberry.type(description="A catalogue that the plan was compared with.")
class ComparedWith:
    name: str = strawberry.field(description="national_standards or local_provision.")
    version: int = strawberry.field(description="Its number.")
    title: str = strawberry.field(description="Its title.")
    digest: str = strawberry.field(description="The fingerprint of its content.")


@strawberry.type(description="A standard that the plan does not meet, and why. Personal data.")
class Departure:
    gap: Gap = strawberry.field(description="How.")
    catalogue: str = strawberry.field(description="Of which catalogue.")
    catalogue_version: int = strawberry.field(description="Of which version of it.")
    standard: str = strawberry.field(description="The name of the standard there.")
    expected: str = strawberry.field(description="What was expected.")
    item: int | None = strawberry.field(description="The line that comes nearest, from 0; nothing where one is missing.")
    because: str = strawberry.field(description="Why the plan departs from it. Personal data.")


@strawberry.type(description="The provision that a draft plan proposes, in one version. Personal data.")
class Provision:
    context: Private[Context]
    written_by_key: Private[UUID]
    version: int = strawberry.field(description="Its number: what proposeProvision takes as expectedVersion.")
    on: date = strawberry.field(description="The day on which it was compared.")
    phase: Phase = strawberry.field(description="The phase of education that it is for.")
    needs: list[PlanNeed] = strawberry.field(description="The needs that it meets.")
    items: list[ProvisionItem] = strawberry.field(description="What is to be provided.")
    departures: list[Departure] = strawberry.field(description="What it departs from, and why. More than a standard is never a departure.")
    catalogues: list[ComparedWith] = strawberry.field(description="What it was compared with.")
    written_at: datetime = strawberry.field(description="When it was written.")

    @strawberry.field(description="Who wrote it, for those who may see them.")
    async def written_by(self) -> Person | None:
        return await person_by(self.context, self.written_by_key)


@strawberry.type(description="A version in a list.")
class ProvisionEdge:
    node: Provision = strawberry.field(description="The version.")
    cursor: str = strawberry.field(description="Its place in the list.")


@strawberry.type(description="A page of versions.")
class ProvisionConnection:
    edges: list[ProvisionEdge] = strawberry.field(description="The versions with their places.")
    nodes: list[Provision] = strawberry.field(description="The versions.")
    page_info: PageInfo = strawberry.field(description="Where the page ends.")


def provision_of(context: Context, one: stored.Proposed) -> Provision:
    """A version for those who may see it."""
    return Provision(
        context=context,
        written_by_key=one.written_by,
        version=one.version,
        on=one.on_date,
        phase=Phase(one.phase),
        needs=[PlanNeed(need=NeedType(each["need"]), tier=Tier(each["tier"])) for each in one.needs],
        items=[_item(each) for each in one.items],
        departures=[
            Departure(
                gap=Gap(each["gap"]),
                catalogue=each["catalogue"],
                catalogue_version=each["version"],
                standard=each["standard"],
                expected=each["expected"],
                item=each["item"],
                because=each["because"],
            )
            for each in one.departures
        ],
        catalogues=[ComparedWith(**each) for each in one.catalogues],
        written_at=one.written_at,
    )


async def provision_by(context: Context, case_id: UUID) -> Provision | None:
    """The latest provision of a case, if there is one that the caller may see; those of many cases are one statement."""
    found = await context.loaders.provision.load(case_id)
    return provision_of(context, found) if found else None


async def provisions_of(context: Context, case_ids: Sequence[UUID], first: int | None, after: str | None) -> list[ProvisionConnection]:
    """Every version of each case's provision, the latest first: one statement however many cases there are."""
    most, place = bounded(first), after_of(after, 1)
    before = number_of(place[0]) if place else None
    async with context.read() as reading:
        where = reading.standing.where(Object.PROVISION, Act.READ)
        found = await stored.versions_of(reading.session, case_ids, where, before, most + 1)
    pages = []
    for key in case_ids:
        shown, ends = cut(found.get(key, []), most, lambda row: cursor(row.version), after)
        edges = [ProvisionEdge(node=provision_of(context, row), cursor=at) for row, at in shown]
        pages.append(ProvisionConnection(edges=edges, nodes=[edge.node for edge in edges], page_info=ends))
    return pages


def _item(each: dict[str, Any]) -> ProvisionItem:
    often = each["how_often"]
    return ProvisionItem(
        section=PlanSection(each["section"]),
        need=NeedType(each["need"]),
        what=each["what"],
        details=each["details"],
        tier=Tier(each["tier"]),
        provided_by=Provider(each["provided_by"]),
        how_often=HowOften(minutes=often["minutes"], every=Every(often["every"])) if often else None,
    )
