"""Whom an act is directed at. That person or setting gets a part in the case: so it is checked, before anything is received or recorded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from graphql_api.context import Reading
from graphql_api.identifiers import as_uuid, key_of, split
from policies import enforcer
from statute.definition import Act, FactType, Process
from statute.types import Fault, Kind, Value
from store import people
from tenants.codes import check_dfe_code

REQUESTER = "requester"
MAY_NAME_A_SETTING = frozenset({REQUESTER, "local_authority"})  # in these places one asks on behalf of a setting
MAY_NAME_A_PERSON = frozenset({"local_authority", "school"})
OF_A_PERSON = frozenset({"asked", "assigned"})  # these relations are a person's; the others a setting's
_LETS_IN = "whoever is named gets a part in the case"


def plain(given: str | None) -> str:
    """An id as the core knows it: the key of a global id, or the word itself."""
    found = split(given) if given else None
    return str(found[1]) if found else (given or "")


def whom(process: Process, act: Act) -> str:
    """What `about` of this act names, a Person or a Setting; '' where it names nobody, or the item is the setting already."""
    if act.relates in OF_A_PERSON:
        return "Person"
    return "Setting" if act.relates and (not act.each or process.each[act.each].items) else ""


async def misdirected(session: AsyncSession, process: Process, kind: Kind, name: str, item: str | None, about: str | None) -> list[Fault]:
    """What is wrong with the item and with whom an act is about; what another council knows is as unknown as what nobody knows."""
    act = process.acts.get(name) if kind is not Kind.EXCUSED else None
    rule = act or process.deadlines.get(name)
    each = process.each.get(rule.each) if rule else None
    faults = []
    if item and each is not None and not each.items and not await _is_setting(session, item):
        faults.append(Fault("item", "names no school or college of this council", _LETS_IN, "give the id of one of `settings`"))
    if about and act is not None:
        named = whom(process, act)
        if not named:
            faults.append(Fault("about", "is not asked for here", "this act is directed at nobody", "leave it out"))
        elif named == "Person" and not await _is_person(session, about):
            faults.append(Fault("about", "names nobody of this council", _LETS_IN, "give the id of a person"))
        elif named == "Setting" and not await _is_setting(session, about):
            faults.append(Fault("about", "names no school or college of this council", _LETS_IN, "give the id of one of `settings`"))
    return faults


def not_yours_to_name(reading: Reading, process: Process, name: str, about: str | None, capacity: str) -> list[Fault]:
    """Whoever is named may read the case: so the council, and the school that finds a place, name somebody; all others only themselves."""
    act = process.acts.get(name)
    if not about or act is None or whom(process, act) != "Person" or capacity in MAY_NAME_A_PERSON:
        return []
    if as_uuid(plain(about)) == reading.standing.actor.person_id:
        return []
    return [Fault("about", "is not yours to name", _LETS_IN, "leave it out: the council names who takes part")]


async def settings_in(session: AsyncSession, process: Process, facts: Mapping[str, Value]) -> tuple[dict[str, Value], list[Fault]]:
    """The facts with the settings among them by their plain ids, as their school days are kept; and those that are none of this council.

    A council is checked too: a code that was closed is never mapped silently.
    """
    found, faults = dict(facts), []
    for name, value in facts.items():
        rule = process.facts.get(name)
        if rule is not None and rule.type is FactType.AUTHORITY and isinstance(value, str) and (wrong := check_dfe_code(value)) is not None:
            faults.append(Fault(f"facts.{name}", wrong[0], "what is sent there has to arrive", wrong[1]))
        if rule is None or rule.type is not FactType.SETTING:
            continue
        if isinstance(value, str) and await _is_setting(session, value):
            found[name] = plain(value)
        else:
            why = "its school days are counted"
            faults.append(Fault(f"facts.{name}", "names no school or college of this council", why, "give the id of one of `settings`"))
    return found, faults


@dataclass(frozen=True, slots=True)
class Opening:
    """In whose place a case is opened, on behalf of which setting, and what is wrong with that."""

    capacity: str
    about: str = ""
    faults: tuple[Fault, ...] = ()


async def opening(
    reading: Reading, process: Process, name: str, about: str | None, held: frozenset[str], on_roll_of: UUID | None
) -> Opening:
    """Who asks: a setting's own staff for that setting, the council for any, and a family for none.

    A setting that is named says in which of several places its member of staff asks; the school of a request that names none is the child's.
    """
    act = process.acts.get(name)
    may = [one for one in (act.by if act else ()) if one in held]
    capacity = next(iter(may), "")
    faults = await misdirected(reading.session, process, Kind.OPENED, name, None, about)
    if act is None or faults or whom(process, act) != "Setting":
        return Opening(capacity, plain(about), tuple(faults))
    if about and may:
        capacity = next((one for one in may if one in MAY_NAME_A_SETTING), "")
        if not capacity:
            why, do = "a family's request lets no school or college into the case", "leave it out"
            return Opening("", faults=(Fault("about", "is not yours to name", why, do),))
    key = as_uuid(plain(about)) if about else on_roll_of if capacity == REQUESTER else None
    if key is not None and capacity == REQUESTER and not await _works_at(reading, key):
        why, do = "a school or college asks for itself and for no other", "name the one where you work"
        return Opening("", faults=(Fault("about", "is not where you work", why, do),))
    return Opening(capacity, str(key) if key else "")


async def _is_setting(session: AsyncSession, given: str) -> bool:
    key = key_of("Setting", given) or as_uuid(given)
    return key is not None and await people.read_setting(session, key) is not None


async def _is_person(session: AsyncSession, given: str) -> bool:
    key = key_of("Person", given) or as_uuid(given)
    return key is not None and await people.read_person(session, key) is not None


async def _works_at(reading: Reading, setting_id: UUID) -> bool:
    standing = reading.standing
    facts = await enforcer.facts_of_setting(reading.session, standing.actor, setting_id, standing.today)
    return facts is not None and "on_roll" in facts  # of a setting: where its pupils are on roll, one works
