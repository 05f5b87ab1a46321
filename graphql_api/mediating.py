"""The register of mediators as the face writes and asks it: one way to add a version, and one answer to who may be assigned."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import strawberry

from graphql_api import register
from graphql_api.context import Context, Reading
from graphql_api.directed import plain, whom
from graphql_api.identifiers import as_uuid
from graphql_api.types import mediator as shown
from graphql_api.types import results
from graphql_api.types.law import citations
from policies import enforcer
from policies.actions import Act, Object, Role
from statute.definition import Process
from statute.types import Fault
from store import mediators, people, turns
from tenants.mediators import Accreditation, Employer, Entry, No, Step, Training, against, employed

NO_PERSON = "There is no such person here, or none that you may see."
NO_MEDIATOR = "There is no such mediator here, or none that you may see."
CAPACITY = "mediation_adviser"
ASSIGNED = "assigned"
MOST_COURSES = 50


@strawberry.input(description="A course that was completed.")
class TrainingInput:
    what: str = strawberry.field(description="Which.")
    on: date = strawberry.field(description="On which day.")


@strawberry.input(description="What an accreditation says, and who employs the mediator.")
class AccreditationInput:
    body: str = strawberry.field(description="Who accredits.")
    number: str = strawberry.field(description="Under which number. Personal data.")
    accredited_on: date = strawberry.field(description="The first day on which it holds.")
    expires_on: date = strawberry.field(description="The last day on which it holds.")
    employer: str = strawberry.field(description="By whom the mediator is employed; self-employed, where by nobody.")
    employed_by: shown.Employer = strawberry.field(
        description="What that is, as far as the law asks: councils and health bodies are refused."
    )
    training: list[TrainingInput] = strawberry.field(default_factory=list, description="What was completed.")


def accreditation_of(faults: list[Fault], given: AccreditationInput, today: date) -> Accreditation:
    """The accreditation as it is kept; what is wrong with it is added to the faults."""
    body, number = (register.text_of(faults, f"accreditation.{name}", getattr(given, name)) for name in ("body", "number"))
    employer = register.text_of(faults, "accreditation.employer", given.employer)
    if given.expires_on < given.accredited_on:
        why, do = "it holds on at least one day", "correct one of the two"
        faults.append(Fault("accreditation.expiresOn", "lies before its first day", why, do))
    elif given.expires_on < today:
        faults.append(Fault("accreditation.expiresOn", "has passed", "nobody could be assigned under it", "give the one that holds now"))
    if len(given.training) > MOST_COURSES:
        faults.append(Fault("accreditation.training", "names too many", f"at most {MOST_COURSES} are kept", "name the latest"))
    training = []
    for n, one in enumerate(given.training[:MOST_COURSES]):
        what = register.text_of(faults, f"accreditation.training.{n}.what", one.what)
        if one.on > today:
            why, do = "it was not completed yet", "give the day of completion"
            faults.append(Fault(f"accreditation.training.{n}.on", "lies ahead", why, do))
        training.append(Training(what, one.on))
    employed_by = Employer[given.employed_by.name]
    return Accreditation(body, number, given.accredited_on, given.expires_on, employer, employed_by, tuple(training))


async def subject_of(reading: Reading, given: strawberry.ID) -> people.Person | None:
    """The person whom the register speaks of, for who may see them."""
    key = register.key_in("Person", given)
    if key is None:
        return None
    found = await people.list_people(reading.session, limit=1, where=reading.standing.where(Object.PERSON, Act.READ), ids=[key])
    return found[0] if found else None


async def record(
    context: Context,
    reading: Reading,
    key: str,
    person: people.Person,
    expected: int,
    step: Step,
    accreditation: Accreditation | None,
    why: str,
) -> shown.MediatorOutcome:
    """Add the next version, if the one that the caller saw is still the latest (0: none yet); without an accreditation, that of the latest."""
    session, standing = reading.session, reading.standing
    row = register.row_id(reading, "mediator", key)
    await turns.take(session, f"mediator/{person.id}")
    before = (await mediators.history(session, [person.id])).get(person.id, ())
    known = await mediators.find(session, row)
    if known is not None:
        same = known.person_id == person.id and (known.entry.step, known.entry.why, known.entry.version) == (step, why, expected + 1)
        if not same or accreditation not in (None, known.entry.accreditation):
            return results.invalid(register.KEY_USED)
        return shown.MediatorRecorded(mediator=shown.mediator_of(context, before[-1], standing.today), replayed=True)
    if not before and expected:
        return results.NotFound(say=NO_MEDIATOR)
    if accreditation is not None and (no := employed(person.roles, accreditation.employed_by)) is not None:
        return refused(no)
    if (before[-1].entry.version if before else 0) == expected:
        held = accreditation or before[-1].entry.accreditation
        new = mediators.Kept(person.id, Entry(expected + 1, step, held, why), row, standing.person.id, standing.now)
        if await mediators.write(session, new):
            return shown.MediatorRecorded(mediator=shown.mediator_of(context, new, standing.today), replayed=False)
        before = (await mediators.history(session, [person.id]))[person.id]
    say = "The register moved on. Look at it again."
    return shown.MediatorConflict(say=say, mediator=shown.mediator_of(context, before[-1], standing.today))


def may_keep(reading: Reading) -> enforcer.Decision:
    """Whether the person may write in the register."""
    return reading.standing.may(Object.MEDIATOR, Act.KEEP)


def not_an_adviser(person: people.Person) -> Fault | None:
    """What is wrong with putting somebody in the register who is not known here as somebody who mediates."""
    if Role.MEDIATION_ADVISER in person.roles:
        return None
    why, do = "only who is known for it can act in a case", f"record them with the role {Role.MEDIATION_ADVISER}"
    return Fault("personId", "is not a mediation adviser here", why, do)


def refused(no: No) -> results.Refused:
    """The answer of the law, or of the rule that the product adds."""
    return results.Refused(say=f"{no.say}.", citations=citations(no.cites))


async def not_assignable(reading: Reading, process: Process, name: str, about: str | None, on: date) -> results.Refused | None:
    """Why the person whom an act would assign as mediation adviser or mediator cannot be; nothing where nobody is named.

    That a family turned to somebody is recorded all the same, without naming them: no right waits for the register.
    """
    act = process.acts.get(name)
    if not about or act is None or act.relates != ASSIGNED or CAPACITY not in act.by or whom(process, act) != "Person":
        return None
    key: UUID | None = as_uuid(plain(about))
    person = await people.read_person(reading.session, key) if key else None
    if person is None:
        return None  # told already by what looks at whom an act is directed at
    no = against(await mediators.entries(reading.session, person.id), person.roles, on, reading.standing.today)
    return refused(no) if no else None
