"""The teams of a council: who works on which processes, and how many of their cases are open."""

from __future__ import annotations

import strawberry
from graphql import GraphQLError
from strawberry import Info, Private

from graphql_api.context import Context, Standing, context_of
from graphql_api.types.person import Person, person_by
from policies.actions import Act, Object
from store import cases, configured
from tenants.configuration import Team as Configured


@strawberry.type(description="People of the council who work on the same processes, as its configuration in force says.")
class Team:
    context: Private[Context]
    source: Private[Configured]
    name: str = strawberry.field(description="As in the configuration.")
    say: str = strawberry.field(description="What it does.")
    processes: list[str] = strawberry.field(description="The names of its processes; none: all.")
    open_cases: int = strawberry.field(description="How many open cases of its processes the caller may list.")

    @strawberry.field(description="Its people, those whom the caller may see.")
    async def members(self) -> list[Person]:
        async with self.context.read() as reading:
            keys = await configured.members(reading.session, self.source.members)
        found = [await person_by(self.context, keys[name]) for name in self.source.members if name in keys]
        return [one for one in found if one is not None]


@strawberry.type(description="What can be asked of the council's teams.")
class TeamsQuery:
    @strawberry.field(description="The council's teams, for those who may list its cases or configure it; empty for others.")
    async def teams(self, info: Info) -> list[Team]:
        context = context_of(info)
        async with context.read() as reading:
            standing = reading.standing
            if not _told(standing):
                return []
            where = standing.where(Object.CASE, Act.LIST)
            listed = await configured.teams(reading.session)
            counts = await cases.open_by_process(reading.session, where)
        return [
            Team(
                context=context,
                source=one,
                name=one.name,
                say=one.say,
                processes=list(one.processes),
                open_cases=sum(number for process, number in counts.items() if process in one.processes or not one.processes),
            )
            for one in listed
        ]


def _told(standing: Standing) -> bool:
    """Whether somebody may know which teams there are, in an answer as in a refusal."""
    return standing.may(Object.CASE, Act.LIST).allowed or standing.may(Object.TENANT, Act.CONFIGURE).allowed


async def processes_of(context: Context, team: str) -> tuple[str, ...]:
    """The processes of a team, none for one that works on all.

    Raises:
        GraphQLError: there is no such team.
    """
    async with context.read() as reading:
        listed = await configured.teams(reading.session) if _told(reading.standing) else ()
    found = next((one for one in listed if one.name == team), None)
    if found is None:
        known = ", ".join(one.name for one in listed) or "none: the configuration names teams"
        raise GraphQLError(f"team: there is no such team here. There are: {known}", extensions={"code": "BAD_REQUEST"})
    return found.processes
