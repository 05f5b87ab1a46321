"""Live changes: the database says that a case moved on, and the reader reads again, as they may now."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from graphql_api.context import Context

CHANNEL = "waymark_case"
MOST_WAITING = 100


async def changes(context: Context, case_id: str = "") -> AsyncIterator[Context]:
    """A fresh context at once and after each change: of one case, or of any case of the caller's council."""
    waiting: asyncio.Queue[str] = asyncio.Queue(MOST_WAITING)
    tenant = context.caller.tenant if context.caller else ""

    def heard(payload: str) -> None:
        slug, _, rest = payload.partition(" ")
        ours = not payload or (slug == tenant and (not case_id or rest.partition(" ")[0] == case_id))
        if ours and not waiting.full():
            waiting.put_nowait(payload)

    async with context.deps.database.listen(CHANNEL, heard):
        yield context.anew()
        while True:
            await waiting.get()
            while not waiting.empty():  # several changes are one reading
                waiting.get_nowait()
            caller = await context.again() if context.again else context.caller  # the token may have expired
            yield context.anew(caller)
