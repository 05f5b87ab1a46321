"""Catalogues of provision as clients see them: the national example, and what the council's local inclusion plan offers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from enum import Enum
from typing import TypeVar
from uuid import UUID

import strawberry
from strawberry import Private

from graphql_api.context import Context
from graphql_api.identifiers import cursor
from graphql_api.types.paging import USUAL, PageInfo, after_of, bounded, cut, number_of
from graphql_api.types.person import Person, person_by
from policies.actions import Act, Object
from store import local_provision as stored
from tenants import standards as core
from workflows import standards as shelf

_Row = TypeVar("_Row")


@strawberry.enum(description="A type of special educational need, as in the SEN2 return.")
class NeedType(Enum):
    ASD = strawberry.enum_value("ASD", description="Autistic spectrum disorder.")
    DS = strawberry.enum_value("DS", description="Down syndrome.")
    HI = strawberry.enum_value("HI", description="Hearing impairment.")
    MLD = strawberry.enum_value("MLD", description="Moderate learning difficulty.")
    MSI = strawberry.enum_value("MSI", description="Multi-sensory impairment.")
    OTH = strawberry.enum_value("OTH", description="Another difficulty or disability.")
    PD = strawberry.enum_value("PD", description="Physical disability.")
    PMLD = strawberry.enum_value("PMLD", description="Profound and multiple learning difficulty.")
    SEMH = strawberry.enum_value("SEMH", description="Social, emotional and mental health.")
    SLCN = strawberry.enum_value("SLCN", description="Speech, language and communication needs.")
    SLD = strawberry.enum_value("SLD", description="Severe learning difficulty.")
    SPLD = strawberry.enum_value("SPLD", description="Specific learning difficulty.")
    VI = strawberry.enum_value("VI", description="Vision impairment.")


@strawberry.enum(description="How far provision goes beyond what everybody gets.")
class Tier(Enum):
    UNIVERSAL = strawberry.enum_value("universal", description="For every child, from what every setting has.")
    TARGETED = strawberry.enum_value("targeted", description="For some time, or in a group.")
    SPECIALIST = strawberry.enum_value("specialist", description="What only people qualified for the need can give.")


@strawberry.enum(description="A phase of education.")
class Phase(Enum):
    EARLY_YEARS = strawberry.enum_value("early_years", description="Before school.")
    PRIMARY = strawberry.enum_value("primary", description="Primary school.")
    SECONDARY = strawberry.enum_value("secondary", description="Secondary school.")
    POST_16 = strawberry.enum_value("post_16", description="Sixth form, college and training.")


@strawberry.enum(description="Who provides.")
class Provider(Enum):
    SETTING = strawberry.enum_value("setting", description="The school, nursery or college.")
    LOCAL_AUTHORITY = strawberry.enum_value("local_authority", description="The council.")
    HEALTH_BODY = strawberry.enum_value("health_body", description="The health service.")


@strawberry.enum(description="A section of the plan that holds provision.")
class PlanSection(Enum):
    F = strawberry.enum_value("F", description="Special educational provision.")
    G = strawberry.enum_value("G", description="Health provision.")
    H1 = strawberry.enum_value("H1", description="Social care under the Chronically Sick and Disabled Persons Act 1970.")
    H2 = strawberry.enum_value("H2", description="Other social care.")


@strawberry.enum(description="How often.")
class Every(Enum):
    DAY = strawberry.enum_value("day", description="Every school day.")
    WEEK = strawberry.enum_value("week", description="Every school week.")
    FORTNIGHT = strawberry.enum_value("fortnight", description="Every other school week.")
    HALF_TERM = strawberry.enum_value("half_term", description="Every half term.")
    TERM = strawberry.enum_value("term", description="Every term.")
    YEAR = strawberry.enum_value("year", description="Every school year.")


@strawberry.type(description="So many minutes, so often.")
class HowOften:
    minutes: int = strawberry.field(description="Minutes.")
    every: Every = strawberry.field(description="How often.")


@strawberry.type(description="What to expect for these needs, at this tier, in these phases. Never law.")
class Standard:
    name: str = strawberry.field(description="Its name in the catalogue.")
    say: str = strawberry.field(description="In words.")
    needs: list[NeedType] = strawberry.field(description="For these needs.")
    tier: Tier = strawberry.field(description="At this tier.")
    phases: list[Phase] = strawberry.field(description="In these phases.")
    section: PlanSection = strawberry.field(description="Where a plan has it.")
    what: str = strawberry.field(description="The word by which a plan is compared.")
    provided_by: list[Provider] = strawberry.field(description="By one of these.")
    at_least: HowOften | None = strawberry.field(description="At least so much; left out: whatever it needs.")


@strawberry.type(description="A standard in a list.")
class StandardEdge:
    node: Standard = strawberry.field(description="The standard.")
    cursor: str = strawberry.field(description="Its place in the list.")


@strawberry.type(description="A page of standards.")
class StandardConnection:
    edges: list[StandardEdge] = strawberry.field(description="The standards with their places.")
    nodes: list[Standard] = strawberry.field(description="The standards.")
    page_info: PageInfo = strawberry.field(description="Where the page ends.")


@strawberry.type(description="A kind of provision, by the word that plans and catalogues share.")
class ProvisionWord:
    name: str = strawberry.field(description="The word.")
    say: str = strawberry.field(description="What it is.")


@strawberry.type(description="One version of a catalogue of provision. Never law: it stops no step of a procedure.")
class Catalogue:
    source: Private[core.Catalogue]
    name: str = strawberry.field(description="national_standards or local_provision.")
    version: int = strawberry.field(description="Its number.")
    title: str = strawberry.field(description="Its title.")
    say: str = strawberry.field(description="What it is, and of the national one that it is an example and not law.")
    in_force_from: date = strawberry.field(description="The first day from which plans are compared with it.")
    digest: str = strawberry.field(description="The fingerprint of its content.")
    words: list[ProvisionWord] = strawberry.field(description="The kinds of provision that it knows.")

    @strawberry.field(description="What it expects, or offers: for a need, at a tier, in a phase; for all, where none is given.")
    def standards(
        self,
        need: NeedType | None = None,
        tier: Tier | None = None,
        phase: Phase | None = None,
        first: int | None = USUAL,
        after: str | None = None,
    ) -> StandardConnection:
        chosen = self.source.of(
            need.name if need else None, core.Tier[tier.name] if tier else None, core.Phase[phase.name] if phase else None
        )
        shown, ends = _cut_by_number(list(enumerate(chosen)), lambda row: row[0], first, after)
        edges = [StandardEdge(node=standard_of(row[1]), cursor=at) for row, at in shown]
        return StandardConnection(edges=edges, nodes=[edge.node for edge in edges], page_info=ends)


@strawberry.enum(description="What a step of the local provision was.")
class LocalProvisionStepKind(Enum):
    DRAFTED = strawberry.enum_value("drafted", description="A draft, in place of the one before.")
    PUBLISHED = strawberry.enum_value("published", description="Published, for ever.")


@strawberry.type(description="One step of what the local inclusion plan offers: who wrote it, when and why.")
class LocalProvisionStep:
    context: Private[Context]
    written_by_key: Private[UUID]
    step: int = strawberry.field(description="Its number, from 1.")
    kind: LocalProvisionStepKind = strawberry.field(description="What it was.")
    version: int | None = strawberry.field(description="The number under which it was published.")
    in_force_from: date | None = strawberry.field(description="The first day from which plans are compared with it.")
    yaml: str = strawberry.field(description="The file as it was given, with its remarks: what draftLocalProvision takes.")
    why: str = strawberry.field(description="Why.")
    written_at: datetime = strawberry.field(description="When.")

    @strawberry.field(description="Who, for those who may see them.")
    async def written_by(self) -> Person | None:
        return await person_by(self.context, self.written_by_key)


@strawberry.type(description="A step in a list.")
class LocalProvisionStepEdge:
    node: LocalProvisionStep = strawberry.field(description="The step.")
    cursor: str = strawberry.field(description="Its place in the list.")


@strawberry.type(description="A page of steps.")
class LocalProvisionStepConnection:
    edges: list[LocalProvisionStepEdge] = strawberry.field(description="The steps with their places.")
    nodes: list[LocalProvisionStep] = strawberry.field(description="The steps.")
    page_info: PageInfo = strawberry.field(description="Where the page ends.")


@strawberry.type(description="What the council's local inclusion plan offers, for which need, at which tier, by whom.")
class LocalProvision:
    context: Private[Context]
    version: int = strawberry.field(
        description="The number of the latest step that the caller may see: the acts take it as expectedVersion."
    )
    in_force: Catalogue | None = strawberry.field(description="What plans are compared with on the day.")
    draft: LocalProvisionStep | None = strawberry.field(description="What is to be published next, for those who configure the council.")

    @strawberry.field(
        description="What happened, the latest first: all of it for those who configure the council, what was published for others."
    )
    async def history(self, first: int | None = USUAL, after: str | None = None) -> LocalProvisionStepConnection:
        most, place = bounded(first), after_of(after, 1)
        before = number_of(place[0]) if place else None
        async with self.context.read() as reading:
            drafts = reading.standing.may(Object.TENANT, Act.CONFIGURE).allowed
            rows = await stored.steps(reading.session, before, most + 1, drafts=drafts)
        shown, ends = cut(rows, most, lambda row: cursor(row.step), after)
        edges = [LocalProvisionStepEdge(node=_step(self.context, row), cursor=at) for row, at in shown]
        return LocalProvisionStepConnection(edges=edges, nodes=[edge.node for edge in edges], page_info=ends)


def catalogue_of(one: core.Catalogue) -> Catalogue:
    """A catalogue for clients."""
    return Catalogue(
        source=one,
        name=one.name,
        version=one.version,
        title=one.title,
        say=one.say,
        in_force_from=one.in_force_from,
        digest=one.digest,
        words=[ProvisionWord(name=name, say=say) for name, say in one.words.items()],
    )


def standard_of(one: core.Standard) -> Standard:
    """A standard for clients."""
    return Standard(
        name=one.name,
        say=one.say,
        needs=[NeedType(need) for need in one.needs],
        tier=Tier(one.tier.value),
        phases=[Phase(phase.value) for phase in one.phases],
        section=PlanSection(one.section.value),
        what=one.what,
        provided_by=[Provider(by.value) for by in one.by],
        at_least=HowOften(minutes=one.at_least.minutes, every=Every(one.at_least.every.value)) if one.at_least else None,
    )


def read_step(step: stored.Step | None) -> core.Catalogue | None:
    """What was published, as it is compared with; nothing for a draft."""
    if step is None or step.version is None or step.in_force_from is None:
        return None
    return core.parse_local(step.document, step.version, step.in_force_from)


async def local_provision_of(context: Context, on: date | None = None) -> LocalProvision:
    """What the council offers on a day; today, where none is given."""
    async with context.read() as reading:
        standing = reading.standing
        may = standing.may(Object.TENANT, Act.CONFIGURE).allowed
        last = await stored.last(reading.session) if may else next(iter(await stored.steps(reading.session, limit=1, drafts=False)), None)
        holds = await stored.in_force(reading.session, on or standing.today)
    return shown_of(context, last, holds)


def shown_of(context: Context, last: stored.Step | None, holds: stored.Step | None) -> LocalProvision:
    """The local provision of those who may see the latest step."""
    found = read_step(holds)
    draft = _step(context, last) if last is not None and last.what == stored.DRAFTED else None
    return LocalProvision(context=context, version=last.step if last else 0, in_force=catalogue_of(found) if found else None, draft=draft)


async def national_of(context: Context, on: date | None = None) -> Catalogue | None:
    """The national example that is looked at on a day; today, where none is given."""
    async with context.read() as reading:
        found = shelf.in_force(on or reading.standing.today)
    return catalogue_of(found) if found else None


def _step(context: Context, one: stored.Step) -> LocalProvisionStep:
    return LocalProvisionStep(
        context=context,
        written_by_key=one.written_by,
        step=one.step,
        kind=LocalProvisionStepKind(one.what),
        version=one.version,
        in_force_from=one.in_force_from,
        yaml=one.yaml,
        why=one.why,
        written_at=one.written_at,
    )


def _cut_by_number(
    rows: Sequence[_Row], number: Callable[[_Row], int], first: int | None, after: str | None
) -> tuple[list[tuple[_Row, str]], PageInfo]:
    """A page of what is in memory, by its number."""
    place = after_of(after, 1)
    begins = number_of(place[0]) if place else -1
    return cut([row for row in rows if number(row) > begins], bounded(first), lambda row: cursor(number(row)), after)
