"""`endSignIn`: a lost telephone, somebody who left this morning. Their tokens of this council are refused from now on."""

from __future__ import annotations

from typing import Annotated

import strawberry

from graphql_api import inputs, register
from graphql_api.context import Context
from graphql_api.types import results
from graphql_api.types.person import Person, person_of
from graphql_api.types.registered import REPLAYED
from policies.actions import Act, Object
from statute.types import Fault
from store import access, people
from store.tables_access import SUBJECT

NO_PERSON = "There is no such person here, or none that you may see."


@strawberry.input(
    description="Somebody whose sign-in is to end. They may sign in anew: whether they can is for the sign-in service to say."
)
class EndSignInInput:
    key: strawberry.ID = strawberry.field(description=inputs.KEY)
    person_id: strawberry.ID = strawberry.field(description="Whose.")
    why: str = strawberry.field(description="Why, for the record: no child's name.")


@strawberry.type(description="The sign-in is ended.")
class SignInEnded:
    person: Person = strawberry.field(description="Whose.")
    replayed: bool = strawberry.field(description=REPLAYED)


Ended = SignInEnded | results.Denied | results.Invalid | results.NotFound
EndSignInResult = Annotated[Ended, strawberry.union("EndSignInResult", description="What became of ending a sign-in.")]


async def end_sign_in(context: Context, given: EndSignInInput) -> Ended:
    """Once by (person who asks, key): the same key again ends nothing that was signed in since."""
    fault = inputs.faulty_key(given.key)
    if fault is not None:
        return results.invalid(fault)
    async with register.writing(context) as reading:
        standing = reading.standing
        may = standing.may(Object.PERSON, Act.END_SIGN_IN)
        if not may.allowed:
            return results.Denied(reason=may.reason)
        key = register.key_in("Person", given.person_id)
        person = await people.read_person(reading.session, key) if key else None
        if person is None:
            return results.NotFound(say=NO_PERSON)
        faults: list[Fault] = []
        why = register.prose_of(faults, "why", given.why)
        if faults:
            return results.invalid(*faults)
        row = register.row_id(reading, "end_sign_in", given.key)
        try:
            new = await access.revoke(reading.session, access.Ended(row, SUBJECT, person.subject, str(standing.person.id), why))
        except ValueError:
            return results.invalid(register.KEY_USED)
    return SignInEnded(person=person_of(context, person), replayed=not new)
