"""`proposeProvision`: what a draft plan is to provide, compared with what to expect. A departure needs a reason, and stops no step."""

from __future__ import annotations

import strawberry

from graphql_api import inputs, providing
from graphql_api.context import Context
from graphql_api.types.provided import ProvisionOutcome
from graphql_api.types.standards import Every, NeedType, Phase, PlanSection, Provider, Tier


@strawberry.input(description="A need that the plan states, and the tier at which it is to be met.")
class PlanNeedInput:
    need: NeedType = strawberry.field(description="The need.")
    tier: Tier = strawberry.field(description="The tier.")


@strawberry.input(description="So many minutes, so often.")
class HowOftenInput:
    minutes: int = strawberry.field(description="Minutes.")
    every: Every = strawberry.field(description="How often.")


@strawberry.input(description="One line of provision. Personal data.")
class ProvisionItemInput:
    section: PlanSection = strawberry.field(description="The section of the plan.")
    need: NeedType = strawberry.field(description="For which of the needs.")
    what: str = strawberry.field(description="What: by the word of a catalogue, or in own words where the catalogues have none.")
    details: str = strawberry.field(default="", description="As the plan specifies it. Personal data.")
    tier: Tier = strawberry.field(description="At which tier.")
    provided_by: Provider = strawberry.field(description="By whom.")
    how_often: HowOftenInput | None = strawberry.field(default=None, description="How much, how often.")
    departs_because: str | None = strawberry.field(
        default=None, description="Why this is below a standard, or other than it. Personal data."
    )


@strawberry.input(description="A standard of which the plan has nothing, and why. Personal data.")
class MissingInput:
    standard: str = strawberry.field(description="The standard, as the fault names it: catalogue/name.")
    departs_because: str = strawberry.field(description="Why. Personal data.")


@strawberry.input(description="What a draft plan is to provide. Personal data.")
class ProposeProvisionInput:
    key: strawberry.ID = strawberry.field(description=inputs.KEY)
    case_id: strawberry.ID = strawberry.field(description=inputs.CASE)
    expected_version: int = strawberry.field(description="The version of the provision that the caller had seen, 0 for none.")
    phase: Phase = strawberry.field(description="The phase of education that it is for.")
    needs: list[PlanNeedInput] = strawberry.field(description="The needs of section B, each with the tier at which it is to be met.")
    items: list[ProvisionItemInput] = strawberry.field(description="What is to be provided.")
    missing: list[MissingInput] = strawberry.field(default_factory=list, description="Of which standards there is nothing, and why.")


async def propose_provision(context: Context, given: ProposeProvisionInput) -> ProvisionOutcome:
    """Record it in the place of the version before, which is kept."""
    return await providing.propose(
        context,
        str(given.key),
        str(given.case_id),
        given.expected_version,
        providing.Given(
            phase=given.phase.name,
            needs=[(one.need.name, one.tier.name) for one in given.needs],
            items=[
                providing.GivenItem(
                    section=one.section.name,
                    need=one.need.name,
                    what=one.what,
                    details=one.details,
                    tier=one.tier.name,
                    provided_by=one.provided_by.name,
                    how_often=(one.how_often.minutes, one.how_often.every.name) if one.how_often else None,
                    because=one.departs_because,
                )
                for one in given.items
            ],
            missing=[(one.standard, one.departs_because) for one in given.missing],
        ),
    )
