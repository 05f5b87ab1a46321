"""`addSetting`: a school, college or other place of education."""

from __future__ import annotations

import re

import strawberry

from graphql_api import inputs, register
from graphql_api.context import Context
from graphql_api.types import registered, results
from graphql_api.types.people import setting_of
from policies.actions import Act, Object
from statute.types import Fault
from store import people
from tenants.identifiers import check_urn

_KIND = re.compile(r"[a-z]+(_[a-z]+){0,5}", re.ASCII)
_LONGEST_KIND = 60


@strawberry.input(description="A school, college or other place of education.")
class AddSettingInput:
    key: strawberry.ID = strawberry.field(description=inputs.KEY)
    name: str = strawberry.field(description="Its name.")
    kind: str = strawberry.field(description="What kind it is, as academy, special_school or alternative_provision.")
    urn: str | None = strawberry.field(default=None, description="Its unique reference number, where there is one.")


async def add_setting(context: Context, given: AddSettingInput) -> registered.AddedSetting:
    """Add a setting once by (person, key)."""
    fault = inputs.faulty_key(given.key)
    if fault is not None:
        return results.invalid(fault)
    async with register.writing(context) as reading:
        may = reading.standing.may(Object.SETTING, Act.CREATE)
        if not may.allowed:
            return results.Denied(reason=may.reason)
        faults: list[Fault] = []
        name = register.text_of(faults, "name", given.name)
        if not _KIND.fullmatch(given.kind) or len(given.kind) > _LONGEST_KIND:
            do = "write small letters and underscores, as special_school"
            faults.append(Fault("kind", "is not the name of a kind", "settings of one kind are told by it", do))
        urn = given.urn.strip() if given.urn is not None else None
        wrong = check_urn(urn) if urn is not None else None
        if wrong is not None:
            faults.append(Fault("urn", wrong, "a setting is known by it nationally", "correct it, or leave it out"))
        if faults:
            return results.invalid(*faults)
        new = people.Setting(register.row_id(reading, "setting", given.key), name, urn, given.kind)
        before = await register.admit(reading, new, register.taken("urn", "another setting's"))
        if isinstance(before, Fault):
            return results.invalid(before)
    return registered.SettingAdded(setting=setting_of(context, new), replayed=before)
