"""Flags as clients see them: what may be chosen, what is set, what was proposed, and what was done with each, by whom and why."""

from __future__ import annotations

from datetime import date, datetime
from enum import Enum
from uuid import UUID

import strawberry
from strawberry import Private

from graphql_api.context import Context
from graphql_api.identifiers import as_uuid, cursor, global_id
from graphql_api.types.paging import USUAL, PageInfo, after_of, bad_cursor, bounded, cut
from graphql_api.types.person import Person, person_by
from policies.actions import Act, Object
from store import flags
from tenants.flags import KNOWN, Cohort, cohort_of
from tenants.flags import Flag as Known
from workflows import library


@strawberry.enum(description="What became of a setting of a flag.")
class FlagStatus(Enum):
    PROPOSED = strawberry.enum_value("proposed", description="It waits for somebody else to approve it.")
    APPROVED = strawberry.enum_value("approved", description="It is in force in its days.")
    WITHDRAWN = strawberry.enum_value("withdrawn", description="It was withdrawn; cases that were opened under it go on under it.")
    KILLED = strawberry.enum_value("killed", description="Its pilot was switched off for every case.")


@strawberry.type(description="A group of cases, never a child. All that is given has to hold.")
class FlagCohort:
    processes: list[str] = strawberry.field(description="Cases of these processes; none: of all that the pilot changes.")
    phases: list[str] = strawberry.field(description="Children in these phases: early_years, primary, secondary, post_16; none: in all.")
    born_from: int | None = strawberry.field(description="Born in this academic year or later: 2015 is September 2015 to August 2016.")
    born_to: int | None = strawberry.field(description="Born in this academic year or earlier.")
    percent: int = strawberry.field(description="A stable share of the children.")


@strawberry.type(description="One setting of a flag: two people's, with dates and a legal basis.")
class FlagSetting:
    context: Private[Context]
    row: Private[flags.Flag]
    id: strawberry.ID = strawberry.field(description="Its id.")
    name: str = strawberry.field(description="Which flag.")
    variant: str = strawberry.field(description="What was chosen.")
    starts_on: date = strawberry.field(description="Its first day.")
    ends_on: date | None = strawberry.field(description="Its last day; none: until further notice.")
    cohort: FlagCohort = strawberry.field(description="For which cases.")
    legal_basis: str = strawberry.field(description="On what the council founds it.")
    why: str = strawberry.field(description="Why, in the words of who proposed it.")
    status: FlagStatus = strawberry.field(description="What became of it.")
    revision: int = strawberry.field(description="Send it back as `expectedRevision`.")
    in_force: bool = strawberry.field(description="Whether a case that opens today is pinned to it, where it is in the cohort.")
    proposed_at: datetime = strawberry.field(description="When it was proposed.")
    approved_at: datetime | None = strawberry.field(description="When it was approved.")

    @strawberry.field(description="Who proposed it, for those who may see who that is.")
    async def proposed_by(self) -> Person | None:
        return await person_by(self.context, self.row.proposed_by)

    @strawberry.field(description="Who approved it: never who proposed it.")
    async def approved_by(self) -> Person | None:
        return await person_by(self.context, self.row.approved_by) if self.row.approved_by else None


@strawberry.type(description="Something that was done with a flag or a pilot. It is kept for ever.")
class FlagEvent:
    context: Private[Context]
    row: Private[flags.Done]
    at: datetime = strawberry.field(description="When, in the council's own time.")
    what: str = strawberry.field(description="proposed, approved, withdrawn, enrolled, enrolment_ended or killed.")
    name: str = strawberry.field(description="The flag or the pilot.")
    variant: str | None = strawberry.field(description="The variant of the flag.")
    why: str = strawberry.field(description="Why.")

    @strawberry.field(description="Who did it, for those who may see who that is.")
    async def who(self) -> Person | None:
        return await person_by(self.context, self.row.who)


@strawberry.type(description="Something that was done, in a list.")
class FlagEventEdge:
    node: FlagEvent = strawberry.field(description="What was done.")
    cursor: str = strawberry.field(description="Its place in the list.")


@strawberry.type(description="What was done, the latest first.")
class FlagEventConnection:
    edges: list[FlagEventEdge] = strawberry.field(description="With their places.")
    nodes: list[FlagEvent] = strawberry.field(description="What was done.")
    page_info: PageInfo = strawberry.field(description="Where the page ends.")


@strawberry.type(description="One choice of a flag.")
class FlagVariant:
    name: str = strawberry.field(description="Its name.")
    say: str = strawberry.field(description="In a sentence.")
    is_law: bool = strawberry.field(description="Whether it is the law as it is: what holds where nothing is set.")
    pilot: str | None = strawberry.field(description="The pilot that it stands for.")


@strawberry.type(description="A flag of this council.")
class Flag:
    context: Private[Context]
    known: Private[Known]
    name: str = strawberry.field(description="Its name.")
    say: str = strawberry.field(description="What it decides.")
    variants: list[FlagVariant] = strawberry.field(description="What may be chosen.")
    current: FlagSetting | None = strawberry.field(description="What is set today; none: the law as it is.")
    scheduled: list[FlagSetting] = strawberry.field(description="Approved, and still to begin.")
    proposed: list[FlagSetting] = strawberry.field(description="Waiting for somebody else's approval.")
    past: list[FlagSetting] = strawberry.field(description="Over, withdrawn or killed; the latest first, at most fifty.")

    @strawberry.field(description="What was done with it and with its pilots.")
    async def history(self, first: int | None = USUAL, after: str | None = None) -> FlagEventConnection:
        names = (self.name, *(one.pilot for one in self.variants if one.pilot))
        return await events_of(self.context, names, first, after)


async def flags_of(context: Context) -> list[Flag]:
    """The flags of the council in one statement; none for those who may not read them."""
    async with context.read() as reading:
        if not reading.standing.may(Object.FLAG, Act.READ).allowed:
            return []
        rows, today = await flags.settings(reading.session), reading.standing.today
    return [_flag(context, known, [row for row in rows if row.name == known.name], today) for known in KNOWN.values()]


def _flag(context: Context, known: Known, rows: list[flags.Flag], today: date) -> Flag:
    def settings(wanted: list[flags.Flag]) -> list[FlagSetting]:
        return [setting_of(context, row, today) for row in wanted]

    approved = [row for row in rows if row.status == "approved"]
    current = [row for row in approved if row.holds(today)]
    later = [row for row in approved if row.starts_on > today]
    proposed = [row for row in rows if row.status == "proposed"]
    named = {(pilot.flag, pilot.variant): pilot.name for pilot in library.offered()}
    return Flag(
        context=context,
        known=known,
        name=known.name,
        say=known.say,
        variants=[
            FlagVariant(name=name, say=say, is_law=name == known.default, pilot=named.get((known.name, name)))
            for name, say in known.variants.items()
        ],
        current=next(iter(settings(current)), None),
        scheduled=settings(later),
        proposed=settings(proposed),
        past=settings([row for row in rows if row not in (*current, *later, *proposed)][:50]),
    )


def setting_of(context: Context, row: flags.Flag, today: date) -> FlagSetting:
    """A setting for those who may read flags."""
    return FlagSetting(
        context=context,
        row=row,
        id=global_id("FlagSetting", row.id),
        name=row.name,
        variant=row.variant,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        cohort=_cohort(cohort_of(row.cohort)),
        legal_basis=row.legal_basis,
        why=row.why,
        status=FlagStatus(row.status),
        revision=row.revision,
        in_force=row.holds(today),
        proposed_at=row.proposed_at,
        approved_at=row.approved_at,
    )


def _cohort(one: Cohort) -> FlagCohort:
    return FlagCohort(
        processes=list(one.processes), phases=list(one.phases), born_from=one.born_from, born_to=one.born_to, percent=one.percent
    )


async def events_of(context: Context, names: tuple[str, ...], first: int | None, after: str | None) -> FlagEventConnection:
    """A page of what was done with flags and pilots of these names; none for those who may not read them."""
    most, place = bounded(first), _place(after)
    rows: list[flags.Done] = []
    async with context.read() as reading:
        if reading.standing.may(Object.FLAG, Act.READ).allowed:
            rows = await flags.history(reading.session, names, most + 1, place)
    shown, ends = cut(rows, most, lambda row: cursor(row.written_at.isoformat() if row.written_at else None, str(row.id)), after)
    edges = [FlagEventEdge(node=_event(context, row), cursor=at) for row, at in shown]
    return FlagEventConnection(edges=edges, nodes=[edge.node for edge in edges], page_info=ends)


def _event(context: Context, row: flags.Done) -> FlagEvent:
    variant = row.detail.get("variant")
    return FlagEvent(context=context, row=row, at=row.at, what=row.what, name=row.name, variant=variant, why=row.why)


def _place(after: str | None) -> tuple[datetime, UUID] | None:
    parts = after_of(after, 2)
    if parts is None:
        return None
    key = as_uuid(str(parts[1]))
    try:
        at = datetime.fromisoformat(str(parts[0]))
    except ValueError:
        raise bad_cursor() from None
    if key is None or at.tzinfo is None:
        raise bad_cursor()
    return at, key
