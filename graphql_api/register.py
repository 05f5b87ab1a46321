"""The council's register of children, people and settings. Who writes in it is checked and writes in one transaction, so nothing is half written."""

from __future__ import annotations

import unicodedata
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from uuid import UUID, uuid5

from graphql_api.context import Context, Reading
from graphql_api.identifiers import as_uuid, key_of
from policies import enforcer
from policies.actions import Act, Object
from policies.relations import IN_TENANT, Facts
from statute.types import Fault
from store import people

NO_CHILD = "There is no such child here, or none that you may see."
NO_SETTING = "There is no such school or college here, or none that you may see."
NO_RELATION = "There is no such relation here, or none that you may see."
CONCERNS_YOU = "This is about you: somebody else has to record it."
NO_SUCH_SETTING = "names no school or college of this council"
KEY_USED = Fault("key", "was used for another request", "one key is one request", "make a new key")
LONGEST_NAME = 200
LONGEST_PROSE = 4000
MOST_AT_ONCE = 50


@asynccontextmanager
async def writing(context: Context) -> AsyncIterator[Reading]:
    """The transaction to check and to write in. The one that was read in is left before: a request holds one connection."""
    async with context.read() as reading:
        standing = reading.standing
    await context.leave()
    async with context.deps.database.tenant(standing.actor.tenant, str(standing.actor.person_id)) as session:
        yield Reading(session, standing)


def row_id(reading: Reading, kind: str, key: str) -> UUID:
    """The id of what a request adds: the same for the same person and key, so that a repetition finds it."""
    return uuid5(reading.standing.actor.person_id, f"{kind}:{key}")


def key_in(kind: str, given: str) -> UUID | None:
    """The key of a global id of this kind, or of a plain UUID."""
    return key_of(kind, given) or as_uuid(given)


async def stands_to_setting(reading: Reading, key: UUID | None) -> Facts | None:
    """How the person stands to a setting; nothing for one that they may not see."""
    standing = reading.standing
    return await enforcer.facts_of_setting(reading.session, standing.actor, key, standing.today) if key else None


async def may_place(reading: Reading, key: UUID | None) -> enforcer.Decision | None:
    """Whether the person may put children on a setting's roll and take them off; without a setting, whether on any. Nothing: not to be seen."""
    facts = IN_TENANT if key is None else await stands_to_setting(reading, key)
    return None if facts is None else enforcer.decide(reading.standing.actor, Object.CHILD, Act.CREATE, facts)


async def admit(reading: Reading, new: people.Child | people.Person | people.Setting, fault: Fault, *apart: str) -> bool | Fault:
    """Add a row: whether it had been added before, or what stands against it: another content under its key, or a number that is taken.

    `apart` are the columns that later acts change.
    """
    session = reading.session
    if await people.add_new(session, new):
        return False
    known: people.Child | people.Person | people.Setting | None
    if isinstance(new, people.Child):
        known = await people.read_child(session, new.id)
    elif isinstance(new, people.Person):
        known = await people.read_person(session, new.id)
    else:
        known = await people.read_setting(session, new.id)
    if known is None:
        return fault
    same = all(getattr(known, name) == getattr(new, name) for name in new.__slots__ if name not in apart)
    return True if same else KEY_USED


async def visible(reading: Reading, kind: Object, keys: Collection[UUID]) -> set[UUID]:
    """Those of these children or settings that the person may see."""
    session, where, ids = reading.session, reading.standing.where(kind, Act.READ), list(keys)
    if kind is Object.CHILD:
        return {one.id for one in await people.list_children(session, limit=len(ids), where=where, ids=ids)}
    return {one.id for one in await people.list_settings(session, limit=len(ids), where=where, ids=ids)}


async def named(reading: Reading, kind: Object, path: str, given: Sequence[str]) -> tuple[list[UUID], list[Fault]]:
    """The children or settings of a list, each once; and what is wrong with those that the person may not see."""
    if len(given) > MOST_AT_ONCE:
        return [], [Fault(path, "names too many", f"at most {MOST_AT_ONCE} are written at once", "name fewer")]
    keys = [key_in(kind.value.capitalize(), one) for one in given]
    known = await visible(reading, kind, {key for key in keys if key})
    what, of = ("names no child that you may see", "children") if kind is Object.CHILD else (NO_SUCH_SETTING, "settings")
    why, do = "whoever is related gets a part in it", f"give the id of one of `{of}`"
    faults = [Fault(f"{path}.{n}", what, why, do) for n, key in enumerate(keys) if key not in known]
    return list(dict.fromkeys(key for key in keys if key in known and key)), faults


def text_of(faults: list[Fault], path: str, given: str) -> str:
    """A name as it is kept: one line, without white space around it. What is wrong with it is told without repeating it."""
    text = " ".join(given.split())
    if not text or len(text) > LONGEST_NAME or any(ord(one) < 32 or 127 <= ord(one) < 160 for one in text):
        faults.append(Fault(path, "is empty, too long or not text", "people read it", f"give 1 to {LONGEST_NAME} characters"))
    return text


def prose_of(faults: list[Fault], path: str, given: str, longest: int = LONGEST_PROSE, *, empty: bool = False) -> str:
    """A reason or a description as it is kept: as it was written, without white space around it."""
    text = given.strip()
    odd = any(unicodedata.category(one) in ("Cc", "Cs") and one not in "\n\r\t" for one in text)
    if odd or len(text) > longest or not (text or empty):
        faults.append(Fault(path, "is empty, too long or not text", "people read it", f"give at most {longest} characters"))
        return ""
    return text


def taken(path: str, what: str) -> Fault:
    """A number that is somebody else's or something else's; whose, is not told."""
    return Fault(path, f"is {what} already", "it tells one from another", "look for the one that is recorded, or correct it")
