"""Pilots as clients see them: what is on the shelf, whether this council may and does use it, and how many cases run under it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import strawberry
from strawberry import Private

from graphql_api.context import Context, Reading
from graphql_api.types.flags import FlagSetting, setting_of
from graphql_api.types.law import Citation, citations
from graphql_api.types.revisions import Revision, revision_of
from policies.actions import Act, Object
from statute.pilot import Pilot as Shelved
from store import flags, pilots, revisions
from store.evaluated import groups_of
from workflows import library


@strawberry.type(description="That the national pilot authority took this council into a pilot.")
class Enrolment:
    since: date = strawberry.field(description="Its first day.")
    until: date | None = strawberry.field(description="Its last day; none: until it is ended.")
    why: str = strawberry.field(description="Why.")
    revision: int = strawberry.field(description="Send it back as `expectedRevision`.")
    holds: bool = strawberry.field(description="Whether it holds today.")


@strawberry.type(
    description="A pilot: a dated change beside the law, with a basis of its own. It adds and takes nothing; its kill switch returns every case."
)
class Pilot:
    context: Private[Context]
    name: str = strawberry.field(description="Its name.")
    title: str = strawberry.field(description="Its title.")
    say: str = strawberry.field(description="What a family is told of it.")
    why: str = strawberry.field(description="What it is for.")
    flag: str = strawberry.field(description="The flag that chooses it.")
    variant: str = strawberry.field(description="The variant of that flag.")
    status: str = strawberry.field(description="draft or published.")
    legal_basis: str = strawberry.field(description="On what it is founded.")
    citations: list[Citation] = strawberry.field(description="The law or policy that it is founded on.")
    beyond_current_law: bool = strawberry.field(
        description="Whether it goes beyond the law in force: then nothing of it applies without enrolment."
    )
    departs_from: list[Citation] = strawberry.field(description="The law in force beyond which it goes.")
    since: date = strawberry.field(description="The first day on which a case can be opened under it.")
    until: date | None = strawberry.field(description="The last such day; none: no end is known.")
    eligible: str = strawberry.field(description="For which councils: change_programme or any.")
    consent: str = strawberry.field(description="family: a case is opened under it only where the family said yes; none: it is not asked.")
    processes: list[str] = strawberry.field(description="The processes that it changes.")
    eligible_here: bool = strawberry.field(description="Whether it is for councils such as this one.")
    enrolment: Enrolment | None = strawberry.field(description="The enrolment of this council, also one that is over.")
    setting: FlagSetting | None = strawberry.field(description="The flag that chooses it today, for those who may read flags.")
    switched_on: bool = strawberry.field(description="Whether cases that open today are pinned to it, where they are in the cohort.")
    open_cases: int | None = strawberry.field(description="How many open cases run under it, for those who may read flags.")
    killed: Revision | None = strawberry.field(description="How far the return of its cases is, where it was switched off last.")


@dataclass(frozen=True, slots=True)
class Known:
    """What the council's rows say of all pilots: a fixed number of statements."""

    set: Mapping[str, flags.Flag]
    enrolled: Mapping[str, pilots.Enrolment]
    open: Mapping[str, int]
    killed: Mapping[str, revisions.Revision]
    progress: Mapping[UUID, revisions.Progress]
    groups: frozenset[str]
    told: bool  # whether the caller may read flags


async def known(reading: Reading) -> Known:
    """Read it."""
    session, standing = reading.session, reading.standing
    told = standing.may(Object.FLAG, Act.READ).allowed
    set_today = {row.name: row for row in await flags.settings(session) if row.holds(standing.today)}
    enrolled = await pilots.enrolments(session)
    under = await pilots.open_cases(session) if told else {}
    killed = await revisions.last_kills(session) if told else {}
    progress = await revisions.progress(session, [one.id for one in killed.values()])
    return Known(set_today, enrolled, under, killed, progress, groups_of(standing.tenant), told)


async def pilots_of(context: Context) -> list[Pilot]:
    """Every pilot on the shelf, by name."""
    async with context.read() as reading:
        if not reading.standing.may(Object.PILOT, Act.READ).allowed:
            return []
        found, today = await known(reading), reading.standing.today
    return [pilot_of(context, one, found, today) for one in library.offered()]


def pilot_of(context: Context, one: Shelved, found: Known, today: date) -> Pilot:
    """A pilot as it stands for the council."""
    setting, enrolled, kill = found.set.get(one.flag), found.enrolled.get(one.name), found.killed.get(one.name)
    chosen = setting is not None and setting.variant == one.variant
    eligible = one.eligible == "any" or one.eligible in found.groups
    may = one.status == "published" and one.holds(today) and eligible
    return Pilot(
        context=context,
        name=one.name,
        title=one.title,
        say=one.say,
        why=one.why,
        flag=one.flag,
        variant=one.variant,
        status=one.status,
        legal_basis=one.basis.say,
        citations=citations(one.basis.cites),
        beyond_current_law=one.beyond,
        departs_from=citations(one.departs_from),
        since=one.since,
        until=one.until,
        eligible=one.eligible,
        consent=one.consent,
        processes=sorted(one.parts),
        eligible_here=eligible,
        enrolment=enrolment_of(enrolled, today) if enrolled else None,
        setting=setting_of(context, setting, today) if setting and chosen and found.told else None,
        switched_on=chosen and may and (not one.beyond or (enrolled is not None and enrolled.holds(today))),
        open_cases=found.open.get(one.name, 0) if found.told else None,
        killed=revision_of(context, kill, found.progress[kill.id]) if kill else None,
    )


def enrolment_of(one: pilots.Enrolment, today: date) -> Enrolment:
    """An enrolment for clients."""
    return Enrolment(since=one.since, until=one.until, why=one.why, revision=one.revision, holds=one.holds(today))
