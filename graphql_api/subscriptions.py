"""Live changes: the database says that something moved on, and the reader reads again, as they may now.

What takes access away wakes the reader as well (`store.news`), so that a subscription ends within a second of it: the sign-in was ended
or ran out, the council was suspended or closed, the case may not be seen any more.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass

from graphql import GraphQLError

from graphql_api.context import Context, not_signed_in, of_the_service
from graphql_api.identity import Unauthorised
from store import lifecycle
from store.news import TooMany

LOOK_AGAIN = 30.0  # seconds after which everybody looks, told or not: a relation also ends at midnight, of which nobody tells


@dataclass(frozen=True, slots=True)
class Change:
    """A fresh context; whether something that is watched moved on, and whether the caller's access may have changed.

    Neither: nothing was told, and it is only looked whether the caller may still read.
    """

    context: Context
    moved: bool
    access: bool


async def changes(context: Context, case_id: str = "") -> AsyncIterator[Change]:
    """At once, after each change of one case or of any case of the caller's council, and whenever access may have changed.

    Raises GraphQLError, which ends the subscription, where the caller may not read here any more.
    """
    caller = context.caller
    if caller is None:
        raise not_signed_in("Send a token: Authorization: Bearer ...")
    try:
        async with context.deps.news.watch(caller.tenant, caller.subject, case_id) as watcher:
            moved, access = True, True
            while True:
                if context.again is not None:
                    try:
                        caller = await context.again()
                    except Unauthorised as why:
                        raise not_signed_in(why.why) from None
                fresh = context.anew(caller)
                await _may_watch(fresh)
                yield Change(fresh, moved, access)
                left = caller.expires_at - time.time() if caller.expires_at else LOOK_AGAIN
                moved, access = await watcher.wait(min(LOOK_AGAIN, max(1.0, left)))
    except TooMany:
        raise GraphQLError("Too many are watching. End a subscription, or try again later.", extensions={"code": "TOO_MANY"}) from None


async def _may_watch(context: Context) -> None:
    async with context.read() as reading:
        standing = reading.standing
    if standing.tenant.status != lifecycle.ACTIVE and not of_the_service(standing.actor.roles):
        raise GraphQLError(f"{standing.tenant.name} is suspended: nothing can be watched there now.", extensions={"code": "SUSPENDED"})
