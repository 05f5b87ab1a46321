"""`moveChild`: a child leaves the roll of one setting for that of another, or for none."""

from __future__ import annotations

import strawberry
from strawberry import Maybe

from graphql_api import inputs, register
from graphql_api.context import Context, Reading
from graphql_api.types import registered, results
from graphql_api.types.child import child_by
from policies.actions import Object
from statute.types import Fault
from store import people


@strawberry.input(description="Another setting's roll for a child.")
class MoveChildInput:
    key: strawberry.ID = strawberry.field(description=inputs.KEY)
    child_id: strawberry.ID = strawberry.field(description="The child.")
    setting_id: Maybe[strawberry.ID | None] = strawberry.field(description="Where the child is on roll from now on; null: nowhere.")
    leaves: strawberry.ID | None = strawberry.field(
        default=None, description="The setting where the caller saw the child on roll; elsewhere by now: Invalid."
    )


async def move_child(context: Context, given: MoveChildInput) -> registered.MovedChild:
    """Move the child, for whoever may place children at both settings: a school takes no other school's pupil, and gives none away."""
    fault = inputs.faulty_key(given.key)
    if fault is not None:
        return results.invalid(fault)
    async with register.writing(context) as reading:
        key = register.key_in("Child", given.child_id)
        found = await people.read_child(reading.session, key, hold=True) if key else None
        if found is None or not await register.visible(reading, Object.CHILD, [found.id]):
            return results.NotFound(say=register.NO_CHILD)
        target = await _target(reading, given, found)
        if not isinstance(target, people.Child):
            return target
        stays = target.setting_id == found.setting_id
        if not stays:
            await people.move_child(reading.session, found.id, target.setting_id)
    return registered.ChildMoved(child=await child_by(context, found.id), replayed=stays)


async def _target(reading: Reading, given: MoveChildInput, found: people.Child) -> people.Child | results.Denied | results.Invalid:
    """The child as it will be, or the answer where it stays."""
    leaving = await register.may_place(reading, found.setting_id)
    if leaving is None or not leaving.allowed:
        return results.Denied(reason=leaving.reason if leaving else register.NO_SETTING)
    if given.setting_id is None:
        return results.invalid(Fault("settingId", "is missing", "a child is moved to a setting, or to none", "give its id, or null"))
    wanted = given.setting_id.value
    key = register.key_in("Setting", wanted) if wanted is not None else None
    taking = await register.may_place(reading, key) if key or wanted is None else None
    if taking is None:
        why, do = "the child's school has a part in its cases", "give the id of one of `settings`"
        return results.invalid(Fault("settingId", register.NO_SUCH_SETTING, why, do))
    if not taking.allowed:
        return results.Denied(reason=taking.reason)
    leaves = register.key_in("Setting", given.leaves) if given.leaves is not None else None
    if given.leaves is not None and found.setting_id != key and (leaves is None or leaves != found.setting_id):
        why, do = "somebody moved the child since", "look at the child again"
        return results.invalid(Fault("leaves", "is not where the child is on roll", why, do))
    return people.Child(found.id, found.given_name, found.family_name, found.born_on, found.upn, key)
