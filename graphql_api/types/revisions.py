"""Moving open cases to other rules, as it goes: how many were moved, how many wait, and which stay and why."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import strawberry
from strawberry import Private

from graphql_api.context import Context, Reading
from graphql_api.identifiers import as_uuid, cursor, global_id, key_of
from graphql_api.types.paging import USUAL, PageInfo, after_of, bad_cursor, bounded, cut
from graphql_api.types.person import Person, person_by
from policies.actions import Act, Object
from store import revisions


@strawberry.type(description="A case that stays under its rules.")
class StayedCase:
    case_id: strawberry.ID = strawberry.field(description="The case, for those who may see it.")
    reference: str = strawberry.field(description="Opaque: no name, no UPN.")
    reason: str = strawberry.field(description="Why it could not be moved.")


@strawberry.type(description="A case that stays, in a list.")
class StayedCaseEdge:
    node: StayedCase = strawberry.field(description="The case.")
    cursor: str = strawberry.field(description="Its place in the list.")


@strawberry.type(description="The cases that stay.")
class StayedCaseConnection:
    edges: list[StayedCaseEdge] = strawberry.field(description="With their places.")
    nodes: list[StayedCase] = strawberry.field(description="The cases.")
    page_info: PageInfo = strawberry.field(description="Where the page ends.")


@strawberry.type(
    description="Open cases being moved to other rules, each by an entry of its journal. No date and no right gets worse by it."
)
class Revision:
    context: Private[Context]
    row: Private[revisions.Revision]
    id: strawberry.ID = strawberry.field(description="Its id.")
    kind: str = strawberry.field(
        description="kill: a pilot was switched off; consent: a family took its consent back; configuration: the council's own rules."
    )
    name: str = strawberry.field(description="Of the pilot, or of the configuration.")
    why: str = strawberry.field(description="Why.")
    asked_at: datetime = strawberry.field(description="When it was asked for.")
    status: str = strawberry.field(
        description="waiting, running, watching (all moved; cases that were on their way are still looked for) or done."
    )
    total: int = strawberry.field(description="How many cases it means.")
    moved: int = strawberry.field(description="How many were moved.")
    stayed: int = strawberry.field(description="How many stay under their rules, because something would get worse.")
    ended: int = strawberry.field(description="How many ended meanwhile.")
    waiting: int = strawberry.field(description="How many still wait.")
    finished_at: datetime | None = strawberry.field(description="When it was over.")

    @strawberry.field(description="Who asked for it, for those who may see who that is.")
    async def asked_by(self) -> Person | None:
        return await person_by(self.context, self.row.asked_by)

    @strawberry.field(description="The cases that stay, with the reason.")
    async def stayed_cases(self, first: int | None = USUAL, after: str | None = None) -> StayedCaseConnection:
        most, parts = bounded(first), after_of(after, 1)
        place = as_uuid(str(parts[0])) if parts else None
        if parts and place is None:
            raise bad_cursor()
        async with self.context.read() as reading:
            rows = await revisions.stayed(reading.session, self.row.id, most + 1, place)
        shown, ends = cut(rows, most, lambda row: cursor(str(row.case_id)), after)
        edges = [
            StayedCaseEdge(node=StayedCase(case_id=global_id("Case", row.case_id), reference=row.reference, reason=row.reason), cursor=at)
            for row, at in shown
        ]
        return StayedCaseConnection(edges=edges, nodes=[edge.node for edge in edges], page_info=ends)


@strawberry.type(description="A revision, in a list.")
class RevisionEdge:
    node: Revision = strawberry.field(description="The revision.")
    cursor: str = strawberry.field(description="Its place in the list.")


@strawberry.type(description="Revisions, the latest first.")
class RevisionConnection:
    edges: list[RevisionEdge] = strawberry.field(description="With their places.")
    nodes: list[Revision] = strawberry.field(description="The revisions.")
    page_info: PageInfo = strawberry.field(description="Where the page ends.")


def revision_of(context: Context, row: revisions.Revision, progress: revisions.Progress) -> Revision:
    """A revision for those who may read flags."""
    return Revision(
        context=context,
        row=row,
        id=global_id("Revision", row.id),
        kind=row.kind,
        name=row.name,
        why=row.why,
        asked_at=row.asked_at,
        status=row.status,
        total=progress.total,
        moved=progress.moved,
        stayed=progress.stayed,
        ended=progress.ended,
        waiting=progress.waiting,
        finished_at=row.finished_at,
    )


async def read_revision(context: Context, reading: Reading, key: UUID) -> Revision | None:
    """One revision as it stands in a transaction."""
    row = await revisions.read(reading.session, key)
    return revision_of(context, row, (await revisions.progress(reading.session, [key]))[key]) if row else None


async def revision_by(context: Context, given: str) -> Revision | None:
    """One revision, for those who may read flags."""
    key = key_of("Revision", given) or as_uuid(given)
    if key is None:
        return None
    async with context.read() as reading:
        return await read_revision(context, reading, key) if reading.standing.may(Object.FLAG, Act.READ).allowed else None


async def revisions_of(context: Context, first: int | None, after: str | None) -> RevisionConnection:
    """A page of revisions in two statements; none for those who may not read them."""
    most, parts = bounded(first), after_of(after, 2)
    place = _place(parts) if parts else None
    rows: list[revisions.Revision] = []
    progress: dict[UUID, revisions.Progress] = {}
    async with context.read() as reading:
        if reading.standing.may(Object.FLAG, Act.READ).allowed:
            rows = await revisions.latest(reading.session, most + 1, place)
            progress = await revisions.progress(reading.session, [row.id for row in rows])
    shown, ends = cut(rows, most, lambda row: cursor(row.asked_at.isoformat(), str(row.id)), after)
    edges = [RevisionEdge(node=revision_of(context, row, progress[row.id]), cursor=at) for row, at in shown]
    return RevisionConnection(edges=edges, nodes=[edge.node for edge in edges], page_info=ends)


def _place(parts: list[str | int | None]) -> tuple[datetime, UUID]:
    key = as_uuid(str(parts[1]))
    try:
        at = datetime.fromisoformat(str(parts[0]))
    except ValueError:
        raise bad_cursor() from None
    if key is None or at.tzinfo is None:
        raise bad_cursor()
    return at, key
