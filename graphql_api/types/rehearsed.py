"""What a configuration would do: in words, by the law, and to every open case. References and dates, and no child."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

import strawberry
from strawberry import Private

from graphql_api.context import Context
from graphql_api.identifiers import as_uuid, cursor
from graphql_api.types.configuration import Configuration, Proof
from graphql_api.types.paging import USUAL, PageInfo, after_of, bad_cursor, bounded, cut
from graphql_api.types.results import Denied, Fault, NotFound, Unavailable
from store import rehearsals


@strawberry.type(description="One thing that would be otherwise in a case.")
class CaseDifference:
    about: str = strawberry.field(description="A limit, a task or an act of the family.")
    say: str = strawberry.field(description="In words.")
    before: date | None = strawberry.field(description="The date as it is.")
    after: date | None = strawberry.field(description="The date as it would be.")
    relaxes: bool = strawberry.field(description="Whether the council would owe less, or the family have less.")


@strawberry.type(description="A case for which something would be otherwise.")
class RehearsedCase:
    reference: str = strawberry.field(description="Its reference.")
    process: str = strawberry.field(description="Its process.")
    may_move: bool = strawberry.field(description="Whether it may be moved to this configuration. If not, it stays on what it has.")
    worsens: bool = strawberry.field(description="Whether a date of law would get worse, or a right be lost: then it is never moved.")
    say: str = strawberry.field(description="Why it stays; empty where it may be moved.")
    differences: list[CaseDifference] = strawberry.field(description="What would be otherwise.")


@strawberry.type(description="A rehearsed case in a list.")
class RehearsedCaseEdge:
    node: RehearsedCase = strawberry.field(description="The case.")
    cursor: str = strawberry.field(description="Its place in the list.")


@strawberry.type(description="A page of rehearsed cases: what would worsen first, then what stays, then what may be moved.")
class RehearsedCaseConnection:
    edges: list[RehearsedCaseEdge] = strawberry.field(description="The cases with their places.")
    nodes: list[RehearsedCase] = strawberry.field(description="The cases.")
    page_info: PageInfo = strawberry.field(description="Where the page ends.")


@strawberry.type(description="The whole caseload of the council, played under a version. Nothing was changed.")
class CaseRehearsal:
    context: Private[Context]
    version: Private[int]
    at: datetime = strawberry.field(description="When it was worked out.")
    milliseconds: int = strawberry.field(description="How long it took.")
    looked_at: int = strawberry.field(description="How many open cases were looked at.")
    unchanged: int = strawberry.field(description="For how many nothing would be otherwise.")
    may_move: int = strawberry.field(description="How many may be moved.")
    stay: int = strawberry.field(description="How many stay on what they have.")
    worsen: int = strawberry.field(description="For how many of these something would be worse against the law.")

    @strawberry.field(description="The cases for which something would be otherwise.")
    async def cases(self, first: int | None = USUAL, after: str | None = None) -> RehearsedCaseConnection:
        most, parts = bounded(first), after_of(after, 3)
        place = None
        if parts is not None:
            key = as_uuid(str(parts[2]))
            if key is None:
                raise bad_cursor()
            place = (parts[0] == 1, parts[1] == 1, key)
        async with self.context.read() as reading:
            rows = await rehearsals.page(reading.session, self.version, place, most + 1)
        shown, ends = cut(rows, most, lambda row: cursor(int(row.worsens), int(row.may_move), str(row.case_id)), after)
        edges = [RehearsedCaseEdge(node=_case(row), cursor=at) for row, at in shown]
        return RehearsedCaseConnection(edges=edges, nodes=[edge.node for edge in edges], page_info=ends)


@strawberry.type(description="What a version of a configuration would do.")
class ConfigurationPreview:
    configuration: Configuration = strawberry.field(description="The version.")
    differences: list[str] = strawberry.field(description="What would be otherwise than what is in force, in sentences.")
    refused: list[Fault] = strawberry.field(description="What in it no council may do: where, what, by which law, and what to do instead.")
    proof: Proof = strawberry.field(description="The certificate, or the path that breaks the law.")
    rehearsal: CaseRehearsal | None = strawberry.field(
        description="What would become of every open case; null unless it was asked for and is lawful."
    )


ConfigurationPreviewResult = Annotated[
    ConfigurationPreview | Denied | NotFound | Unavailable,
    strawberry.union("ConfigurationPreviewResult", description="A preview, or why there is none."),
]


def rehearsal_of(context: Context, version: int, summary: dict[str, Any]) -> CaseRehearsal:
    """A stored rehearsal; its cases are read when they are asked for."""
    counts = {name: summary[name] for name in ("milliseconds", "looked_at", "unchanged", "may_move", "stay", "worsen")}
    return CaseRehearsal(context=context, version=version, at=datetime.fromisoformat(summary["at"]), **counts)


def _case(row: rehearsals.Told) -> RehearsedCase:
    return RehearsedCase(
        reference=row.reference,
        process=row.process,
        may_move=row.may_move,
        worsens=row.worsens,
        say=row.say,
        differences=[
            CaseDifference(about=one["about"], say=one["say"], before=_day(one["before"]), after=_day(one["after"]), relaxes=one["relaxes"])
            for one in row.differences
        ],
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
