"""`publishInclusionPlan`: the next version of the local inclusion plan's settings. Lists that were built keep the version they were built from."""

from __future__ import annotations

import strawberry

from graphql_api import inputs, register
from graphql_api.context import Context, Reading
from graphql_api.types import placed, results
from graphql_api.types.places import Phase, SettingCategory
from policies.actions import Act, Object
from statute import placing as core
from statute.types import Fault
from store import inclusion, people

MOST_LINES = 2000
MOST_REACH = 500_000
_FIRST_YEAR, _LAST_YEAR = -2, 20


@strawberry.input(description="A place on the National Grid, in metres.")
class GridPointInput:
    easting: int = strawberry.field(description="Metres east: 0 to 700000.")
    northing: int = strawberry.field(description="Metres north: 0 to 1300000.")


@strawberry.input(description="One setting in one phase.")
class InclusionLineInput:
    setting_id: strawberry.ID = strawberry.field(description="The school or college.")
    phase: Phase = strawberry.field(description="The phase.")
    first_year: int = strawberry.field(description="The first year group; 0 is Reception.")
    last_year: int = strawberry.field(description="The last year group.")
    category: SettingCategory = strawberry.field(description="What it is in law.")
    mainstream: bool = strawberry.field(description="Whether it is mainstream.")
    needs: list[str] = strawberry.field(default_factory=list, description="The needs it meets, by the codes of the SEN2 return.")
    at: GridPointInput | None = strawberry.field(default=None, description="Where it is.")


@strawberry.input(description="A whole plan. It takes the place of the version before, which stays as it was.")
class PublishInclusionPlanInput:
    key: strawberry.ID = strawberry.field(description=inputs.KEY)
    expected_version: int = strawberry.field(
        description="The version in force that the caller had seen, 0 before the first; stale: PlacesConflict."
    )
    reach_metres: int = strawberry.field(default=core.USUAL_REACH, description="How far a setting may be for a list, in a straight line.")
    lines: list[InclusionLineInput] = strawberry.field(description="Every setting of the plan.")


async def publish(context: Context, given: PublishInclusionPlanInput) -> placed.PublishedPlan:
    """Publish it, or tell that somebody else did since."""
    fault = inputs.faulty_key(given.key)
    if fault is not None:
        return results.invalid(fault)
    async with register.writing(context) as reading:
        session, standing = reading.session, reading.standing
        may = standing.may(Object.TENANT, Act.CONFIGURE)
        if not may.allowed:
            return results.Denied(reason=may.reason)
        lines, faults = await _lines(reading, given.lines)
        if not 0 <= given.reach_metres <= MOST_REACH:
            faults.append(Fault("reachMetres", "is out of bounds", "it is a distance", f"give 0 to {MOST_REACH} metres"))
        if given.expected_version < 0:
            faults.append(Fault("expectedVersion", "is less than none", "versions begin with 1", "give 0 before the first"))
        if faults:
            return results.invalid(*faults)
        by = standing.actor.person_id
        version = await inclusion.publish(session, lines, given.reach_metres, by, standing.now, given.expected_version)
        now = await inclusion.read_plan(session)
        if now is None or version is None:
            same = now is not None and now.version == given.expected_version + 1 and now.published_by == by
            if now is None or not same or (set(now.lines), now.reach) != (set(lines), given.reach_metres):
                say = "Another version was published since. Look at it, and publish again what should stay."
                return placed.PlacesConflict(say=say, version=now.version if now else 0)
    return placed.InclusionPlanPublished(plan=placed.plan_of(context, now, {}, None, None), replayed=version is None)


async def _lines(reading: Reading, given: list[InclusionLineInput]) -> tuple[list[core.Line], list[Fault]]:
    """The lines as the core takes them, and everything wrong with them."""
    if not 0 < len(given) <= MOST_LINES:
        return [], [Fault("lines", "names none, or too many", "a plan is published whole", f"give 1 to {MOST_LINES}")]
    keys = [register.key_in("Setting", one.setting_id) for one in given]
    wanted = {key for key in keys if key}
    where = reading.standing.where(Object.SETTING, Act.READ)
    known = {one.id for one in await people.list_settings(reading.session, limit=len(wanted), where=where, ids=list(wanted))}
    found, faults, seen = [], [], set()
    for n, (one, key) in enumerate(zip(given, keys, strict=True)):
        path = f"lines.{n}"
        if key not in known:
            do = "give the id of one of `settings`"
            faults.append(Fault(f"{path}.settingId", register.NO_SUCH_SETTING, "a list names settings of the council's register", do))
        if not _FIRST_YEAR <= one.first_year <= one.last_year <= _LAST_YEAR:
            faults.append(
                Fault(f"{path}.firstYear", "is no span of years", "a list is for a year", "give the first and the last, 0 for Reception")
            )
        strange = sorted(set(one.needs) - set(core.NEEDS))
        if strange:
            faults.append(
                Fault(
                    f"{path}.needs", "has what is no code", "needs are told by the codes of the SEN2 return", f"use {', '.join(core.NEEDS)}"
                )
            )
        if one.at is not None and (why := off_the_grid(one.at)):
            faults.append(Fault(f"{path}.at", why, "distances are counted from it", "give eastings and northings in metres"))
        if (key, one.phase) in seen:
            faults.append(Fault(path, "has this setting in this phase again", "a setting is judged once", "keep one of the two"))
        seen.add((key, one.phase))
        at = point_of(one.at)
        category = core.Category[one.category.name]
        years = (one.first_year, one.last_year)
        found.append(core.Line(str(key), core.Phase[one.phase.name], *years, category, one.mainstream, frozenset(one.needs), at))
    return found, faults


def off_the_grid(given: GridPointInput) -> str | None:
    """What is wrong with a place; nothing where it is on the grid."""
    return None if 0 <= given.easting <= 700_000 and 0 <= given.northing <= 1_300_000 else "is not on the National Grid"


def point_of(given: GridPointInput | None) -> core.Point | None:
    """A place as the core takes it."""
    return core.Point(given.easting, given.northing) if given is not None else None
