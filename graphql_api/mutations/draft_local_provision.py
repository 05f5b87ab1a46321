"""`draftLocalProvision`: what the local inclusion plan is to offer, as a file; it takes the place of the draft before, which is kept."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Any

import strawberry

from graphql_api import inputs, providing, register
from graphql_api.context import Context
from graphql_api.types import results
from graphql_api.types.provided import LocalProvisionOutcome
from policies.actions import Act, Object
from statute.types import Fault, Faulty
from store import local_provision, turns
from tenants.standards import parse_local
from workflows.library import read_yaml

LONGEST = 50_000


@strawberry.input(description="What the local inclusion plan is to offer.")
class DraftLocalProvisionInput:
    key: strawberry.ID = strawberry.field(description=inputs.KEY)
    expected_version: int = strawberry.field(description="The version that the caller had seen, 0 for none; stale: LocalProvisionConflict.")
    yaml: str = strawberry.field(description=f"The file, as docs/standards.md describes it: at most {LONGEST} characters.")
    why: str = strawberry.field(description="Why: for who reads the history later.")


async def draft_local_provision(context: Context, given: DraftLocalProvisionInput) -> LocalProvisionOutcome:
    """Keep a draft that is sound; of one that is not, every fault is told."""
    fault = inputs.faulty_key(given.key)
    if fault is not None:
        return results.invalid(fault)
    async with register.writing(context) as reading:
        may = reading.standing.may(Object.TENANT, Act.CONFIGURE)
        if not may.allowed:
            return results.Denied(reason=may.reason)
        faults: list[Fault] = []
        why = register.prose_of(faults, "why", given.why)
        document = await _document(faults, given.yaml)
        if faults:
            return results.invalid(*faults)
        row = register.row_id(reading, "local_provision", given.key)
        await turns.take(reading.session, "local_provision")
        last = await local_provision.last(reading.session)
        standing = reading.standing
        new = local_provision.Step(
            given.expected_version + 1,
            row,
            local_provision.DRAFTED,
            None,
            None,
            given.yaml,
            document,
            why,
            standing.person.id,
            standing.now,
        )
        return await providing.step(context, reading, given.expected_version, new, last)


async def _document(faults: list[Fault], text: str) -> dict[str, Any]:
    """The file, read and checked: away from the loop, because reading is slow."""
    if len(text) > LONGEST:
        faults.append(Fault("yaml", "is too long", f"at most {LONGEST} characters are read", "divide or shorten it"))
        return {}
    try:
        document = await asyncio.to_thread(read_yaml, text)
        parse_local(document, 1, date.min)
    except Faulty as faulty:
        faults += [Fault(f"yaml: {one.path}", one.what, one.why, one.do) for one in faulty.faults]
        return {}
    found: dict[str, Any] = document
    return found
