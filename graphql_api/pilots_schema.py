"""The part of the schema about flags and pilots: what `Query` and `Mutation` inherit, so that `schema.py` stays short."""

from __future__ import annotations

import strawberry
from strawberry import Info

from graphql_api.context import context_of
from graphql_api.mutations import approve_flag, propose_flag, record_consent, withdraw_flag
from graphql_api.mutations import enrol_pilot as enrolling
from graphql_api.mutations import kill_pilot as killing
from graphql_api.mutations.enrol_pilot import EndEnrolmentInput, EnrolPilotInput
from graphql_api.mutations.kill_pilot import KillPilotInput
from graphql_api.types.evaluations import PilotEvaluation, evaluation_of
from graphql_api.types.flags import Flag, flags_of
from graphql_api.types.paging import USUAL
from graphql_api.types.piloted import ConsentResult, EnrolmentResult, FlagResult, KillResult
from graphql_api.types.pilots import Pilot, pilots_of
from graphql_api.types.revisions import Revision, RevisionConnection, revision_by, revisions_of


@strawberry.type(description="What can be asked of flags and pilots.")
class PilotsQuery:
    @strawberry.field(
        description="The council's flags, with what is set, scheduled, proposed and past; empty for those who may not read them."
    )
    async def flags(self, info: Info) -> list[Flag]:
        return await flags_of(context_of(info))

    @strawberry.field(description="Every pilot that there is, and how this council stands to it.")
    async def pilots(self, info: Info) -> list[Pilot]:
        return await pilots_of(context_of(info))

    @strawberry.field(
        description="How a pilot went in this council, for those who answer for it; null for others, and where there is no such pilot."
    )
    async def pilot_evaluation(self, info: Info, pilot: str) -> PilotEvaluation | None:
        return await evaluation_of(context_of(info), pilot)

    @strawberry.field(description="Open cases being moved to other rules: one revision; null for those who may not read flags.")
    async def revision(self, info: Info, id: strawberry.ID) -> Revision | None:  # noqa: A002
        return await revision_by(context_of(info), id)

    @strawberry.field(description="Open cases being moved to other rules, the latest first.")
    async def revisions(self, info: Info, first: int | None = USUAL, after: str | None = None) -> RevisionConnection:
        return await revisions_of(context_of(info), first, after)


@strawberry.type(description="What can be done with flags and pilots.")
class PilotsMutation:
    @strawberry.mutation(description="Propose a setting of a flag: with dates, a cohort and a legal basis, for another to approve.")
    async def propose_flag(self, info: Info, input: propose_flag.ProposeFlagInput) -> FlagResult:  # noqa: A002
        return await propose_flag.propose(context_of(info), input)

    @strawberry.mutation(description="Approve what another proposed. Beyond the law in force only while the council is enrolled.")
    async def approve_flag(self, info: Info, input: approve_flag.ApproveFlagInput) -> FlagResult:  # noqa: A002
        return await approve_flag.approve(context_of(info), input)

    @strawberry.mutation(description="Withdraw a setting: no new case is pinned to it. Open cases go on as they were opened.")
    async def withdraw_flag(self, info: Info, input: withdraw_flag.WithdrawFlagInput) -> FlagResult:  # noqa: A002
        return await withdraw_flag.withdraw(context_of(info), input)

    @strawberry.mutation(description="The national pilot authority takes this council into a pilot.")
    async def enrol_pilot(self, info: Info, input: EnrolPilotInput) -> EnrolmentResult:  # noqa: A002
        return await enrolling.enrol(context_of(info), input)

    @strawberry.mutation(description="The national pilot authority ends an enrolment.")
    async def end_enrolment(self, info: Info, input: EndEnrolmentInput) -> EnrolmentResult:  # noqa: A002
        return await enrolling.end(context_of(info), input)

    @strawberry.mutation(
        description="Switch a pilot off at once and return every open case under it to the standard route; families are told."
    )
    async def kill_pilot(self, info: Info, input: KillPilotInput) -> KillResult:  # noqa: A002
        return await killing.kill(context_of(info), input)

    @strawberry.mutation(description="Record what a family said to taking part in a pilot that asks for its consent.")
    async def record_consent(self, info: Info, input: record_consent.RecordConsentInput) -> ConsentResult:  # noqa: A002
        return await record_consent.record(context_of(info), input)
