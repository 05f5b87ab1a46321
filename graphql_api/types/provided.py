"""What an act on provision answers: what is recorded, somebody else's newer version, or a typed refusal."""

from __future__ import annotations

from typing import Annotated

import strawberry

from graphql_api.types.provision import Provision
from graphql_api.types.results import Denied, Invalid, NotFound, Refused
from graphql_api.types.standards import LocalProvision


@strawberry.type(description="The local provision says so now.")
class LocalProvisionRecorded:
    local_provision: LocalProvision = strawberry.field(description="The local provision as recorded.")
    replayed: bool = strawberry.field(description="Whether it was recorded before, under the same key.")


@strawberry.type(description="Somebody else wrote since the version that was given. Nothing changed, and nothing is lost.")
class LocalProvisionConflict:
    say: str = strawberry.field(description="What to do.")
    local_provision: LocalProvision = strawberry.field(description="The local provision now.")


LocalProvisionOutcome = LocalProvisionRecorded | LocalProvisionConflict | Refused | Denied | Invalid | NotFound
LocalProvisionResult = Annotated[
    LocalProvisionOutcome, strawberry.union("LocalProvisionResult", description="What became of an act on the local provision.")
]


@strawberry.type(description="The provision is recorded; no step of the procedure waits for it.")
class ProvisionProposed:
    provision: Provision = strawberry.field(description="The provision as recorded.")
    replayed: bool = strawberry.field(description="Whether it was recorded before, under the same key.")


@strawberry.type(description="Somebody else proposed since the version that was given. Nothing changed.")
class ProvisionConflict:
    say: str = strawberry.field(description="What to do.")
    provision: Provision = strawberry.field(description="The provision now.")


ProvisionOutcome = ProvisionProposed | ProvisionConflict | Refused | Denied | Invalid | NotFound
ProvisionResult = Annotated[
    ProvisionOutcome, strawberry.union("ProvisionResult", description="What became of proposing a plan's provision.")
]
