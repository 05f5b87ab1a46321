"""`addChild`: a child or young person, on the roll of a setting or of none."""

from __future__ import annotations

from datetime import date

import strawberry

from graphql_api import inputs, register
from graphql_api.context import Context, Reading
from graphql_api.types import registered, results
from graphql_api.types.child import child_by
from statute.types import Fault
from store import people
from tenants.identifiers import check_upn

OLDEST = 30  # years: a plan ends at 25 or soon after (CFA s.46), so somebody older is a slip of the pen


@strawberry.input(description="A child or young person. Personal data.")
class AddChildInput:
    key: strawberry.ID = strawberry.field(description=inputs.KEY)
    given_name: str = strawberry.field(description="Personal data.")
    family_name: str = strawberry.field(description="Personal data.")
    born_on: date = strawberry.field(description="Personal data.")
    upn: str | None = strawberry.field(default=None, description="Unique pupil number, where there is one. Personal data.")
    setting_id: strawberry.ID | None = strawberry.field(default=None, description="Where the child is on roll; left out: nowhere.")


async def add_child(context: Context, given: AddChildInput) -> registered.AddedChild:
    """Add a child once by (person, key)."""
    fault = inputs.faulty_key(given.key)
    if fault is not None:
        return results.invalid(fault)
    async with register.writing(context) as reading:
        setting_id = register.key_in("Setting", given.setting_id) if given.setting_id is not None else None
        may = await register.may_place(reading, setting_id) if setting_id or given.setting_id is None else None
        if may is None:
            return results.NotFound(say=register.NO_SETTING)
        if not may.allowed:
            return results.Denied(reason=may.reason)
        faults: list[Fault] = []
        new = people.Child(
            register.row_id(reading, "child", given.key),
            register.text_of(faults, "givenName", given.given_name),
            register.text_of(faults, "familyName", given.family_name),
            given.born_on,
            given.upn.strip().upper() if given.upn is not None else None,
            setting_id,
        )
        faults += _faults(reading, new)
        if faults:
            return results.invalid(*faults)
        before = await register.admit(reading, new, register.taken("upn", "another child's"), "setting_id")
        if isinstance(before, Fault):
            return results.invalid(before)
    return registered.ChildAdded(child=await child_by(context, new.id), replayed=before)


def _faults(reading: Reading, new: people.Child) -> list[Fault]:
    today, found = reading.standing.today, []
    if not today.year - OLDEST <= new.born_on.year or new.born_on > today:
        why, do = "rights depend on the age", f"give a day in the {OLDEST} years up to today"
        found.append(Fault("bornOn", "is no birthday of a child or young person", why, do))
    wrong = check_upn(new.upn) if new.upn is not None else None
    if wrong is not None:
        found.append(Fault("upn", wrong, "a child is known by it at another council", "correct it, or leave it out"))
    return found
