"""What a mutation answers: the case as recorded, or a typed refusal. Never `errors[]` for what can be expected."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

import strawberry

from graphql_api.types.case import Case
from graphql_api.types.law import Citation, citations
from statute import types as core


@strawberry.type(description="The act is recorded; this is the case after it.")
class CaseChanged:
    case: Case = strawberry.field(description="The case as recorded.")
    replayed: bool = strawberry.field(description="Whether it was recorded before, under the same key.")


@strawberry.type(description="The law says no. Nothing changed.")
class Refused:
    say: str = strawberry.field(description="Why, and what is missing.")
    citations: list[Citation] = strawberry.field(description="By what law.")


@strawberry.type(description="This person may not. Nothing changed.")
class Denied:
    reason: str = strawberry.field(description="Why.")


@strawberry.type(description="The case moved on since the version that was given. Nothing changed.")
class Conflict:
    say: str = strawberry.field(description="What to do.")
    case: Case = strawberry.field(description="The case now.")


@strawberry.type(description="One thing wrong with an input.")
class Fault:
    path: str = strawberry.field(description="Where.")
    what: str = strawberry.field(description="What is wrong.")
    why: str = strawberry.field(description="Why it matters.")
    do: str = strawberry.field(description="What to do.")


@strawberry.type(description="The input is not well formed. Nothing changed.")
class Invalid:
    faults: list[Fault] = strawberry.field(description="Everything wrong with it.")


@strawberry.type(description="There is no such thing, or none that the caller may know of.")
class NotFound:
    say: str = strawberry.field(description="In words.")


@strawberry.type(description="The request is received and counts from now; its case opens as soon as the engine is back.")
class Received:
    receipt: str = strawberry.field(description="The receipt number.")
    received_on: date = strawberry.field(description="The day from which the law counts.")
    say: str = strawberry.field(description="In words.")


@strawberry.type(description="No answer in time: the act may or may not be recorded. Send it again with the same key.")
class Unavailable:
    say: str = strawberry.field(description="In words.")
    retry_after_seconds: int = strawberry.field(description="When to try again.")


@strawberry.type(description="The training clock moved.")
class ClockAdvanced:
    now: datetime = strawberry.field(description="The council's instant now.")
    today: date = strawberry.field(description="The council's civil date now.")
    cases_moved: int = strawberry.field(description="How many open cases lived through the time.")


Result = CaseChanged | Refused | Denied | Conflict | Invalid | NotFound | Received | Unavailable
CaseResult = Annotated[Result, strawberry.union("CaseResult", description="What became of an act on a case.")]
ClockResult = Annotated[
    ClockAdvanced | Denied | Invalid | Refused | Unavailable,
    strawberry.union("ClockResult", description="What became of moving a training clock."),
]
NOT_FOUND = "There is no such case here, or none that you may see."


def refused(say: str, cites: tuple[core.Citation, ...], faults: tuple[core.Fault, ...]) -> Refused | Invalid:
    """A refusal of the core: malformed input where it has faults, the law's no where it has none."""
    return invalid(*faults) if faults else Refused(say=say, citations=citations(cites))


def invalid(*faults: core.Fault) -> Invalid:
    """A malformed input."""
    return Invalid(faults=[Fault(path=one.path, what=one.what, why=one.why, do=one.do) for one in faults])


def unavailable() -> Unavailable:
    """No answer in time."""
    return Unavailable(say="No answer in time. It may or may not be recorded: send it again with the same key.", retry_after_seconds=5)
