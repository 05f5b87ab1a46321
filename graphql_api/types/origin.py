"""Where a case was before: an authority that was split or merged handed it over, and nothing in it moved."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import strawberry

from graphql_api.context import Context


@strawberry.type(description="A council whose duties for this case passed to the next by order. No date and no right moved with that.")
class CaseOrigin:
    council: str = strawberry.field(description="Its short name.")
    on: date = strawberry.field(description="The day on which its duties passed.")
    until: int = strawberry.field(description="The last journal sequence that was written there.")


async def origins_of(context: Context, case_id: UUID) -> list[CaseOrigin]:
    """Where it was, the first council first; of many cases of one answer in one statement."""
    found = await context.loaders.origins.load(case_id)
    return [CaseOrigin(council=one.from_tenant, on=one.on_date, until=one.until) for one in found]
