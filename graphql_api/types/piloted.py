"""What an act on a flag or a pilot answers: what is recorded, or a typed refusal."""

from __future__ import annotations

from typing import Annotated

import strawberry

from graphql_api.types.flags import FlagSetting
from graphql_api.types.pilots import Pilot
from graphql_api.types.results import Denied, Invalid, NotFound, Refused
from graphql_api.types.revisions import Revision

REPLAYED = "Whether it had been done before under the same key."


@strawberry.type(description="The flag is recorded; this is the setting after the act.")
class FlagChanged:
    setting: FlagSetting = strawberry.field(description="The setting.")
    replayed: bool = strawberry.field(description=REPLAYED)


@strawberry.type(description="It moved on since the revision that was given. Nothing changed.")
class FlagConflict:
    say: str = strawberry.field(description="What to do.")
    setting: FlagSetting = strawberry.field(description="The setting now.")


@strawberry.type(description="The enrolment is recorded.")
class EnrolmentChanged:
    pilot: Pilot = strawberry.field(description="The pilot with its enrolment.")
    replayed: bool = strawberry.field(description=REPLAYED)


@strawberry.type(description="The enrolment moved on since the revision that was given. Nothing changed.")
class EnrolmentConflict:
    say: str = strawberry.field(description="What to do.")
    pilot: Pilot = strawberry.field(description="The pilot with its enrolment now.")


@strawberry.type(description="The pilot is off for every new case from now on; its open cases are being returned to the standard route.")
class PilotKilled:
    pilot: Pilot = strawberry.field(description="The pilot.")
    revision: Revision = strawberry.field(description="How far the return is. Ask `revision` again to follow it.")
    replayed: bool = strawberry.field(description=REPLAYED)


@strawberry.type(description="What the family said is recorded.")
class ConsentRecorded:
    given: bool = strawberry.field(description="Whether it said yes.")
    revision: Revision | None = strawberry.field(description="Where consent was taken back: the child's open cases being returned.")
    replayed: bool = strawberry.field(description=REPLAYED)


No = Refused | Denied | Invalid | NotFound
FlagOutcome = FlagChanged | FlagConflict | No
EnrolmentOutcome = EnrolmentChanged | EnrolmentConflict | No
KillOutcome = PilotKilled | No
ConsentOutcome = ConsentRecorded | No

FlagResult = Annotated[FlagOutcome, strawberry.union("FlagResult", description="What became of an act on a flag.")]
EnrolmentResult = Annotated[EnrolmentOutcome, strawberry.union("EnrolmentResult", description="What became of an enrolment.")]
KillResult = Annotated[KillOutcome, strawberry.union("KillResult", description="What became of switching a pilot off.")]
ConsentResult = Annotated[ConsentOutcome, strawberry.union("ConsentResult", description="What became of a family's answer.")]
