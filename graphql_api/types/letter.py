"""The letters of a case: a family sees those that were served on it, the council also what is prepared."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import strawberry

from graphql_api.context import Context
from policies import enforcer
from policies.actions import Act, Object
from statute import definition
from statute import types as core
from store import outbox

FAMILY = "family"
RULES_CHANGED = "rules_changed"  # no notice of a definition: it tells a family that its case was moved to other rules


@strawberry.type(description="A letter as it was written. Personal data.")
class Letter:
    notice: str = strawberry.field(description="Which notice it is, as in the definition.")
    say: str = strawberry.field(description="That, in a sentence.")
    recipient: str = strawberry.field(description="To whom: family, partners, school, ...")
    served: bool = strawberry.field(description="Whether it was served: that is what counts in law.")
    made_at: datetime | None = strawberry.field(description="When it was written.")
    html: str = strawberry.field(description="The letter itself. Personal data.")
    digest: str = strawberry.field(description="Its SHA-256, as it left.")


async def letters_of(context: Context, cases: Sequence[tuple[UUID, definition.Process, core.State]]) -> list[list[Letter]]:
    """The letters of each case, in the order of its steps; none for those who may not read them."""
    async with context.read() as reading:
        actor = reading.standing.actor
        found = await context.facts_of_many(reading, [key for key, _, _ in cases])
        may = {key for key, facts in found.items() if enforcer.decide(actor, Object.LETTER, Act.READ, facts).allowed}
        # who reads the whole journal reads drafts too
        whole = {key for key in may if enforcer.decide(actor, Object.JOURNAL, Act.READ, found[key]).allowed}
        rows: dict[UUID, list[outbox.Letter]] = {}
        for one in await outbox.letters_of(reading.session, list(whole), list(may - whole), FAMILY) if may else ():
            rows.setdefault(one.case_id, []).append(one)
    return [
        [
            _letter(rules, state, one)
            for one in rows.get(key, ())
            if key in whole or one.notice in state.happened or one.notice == RULES_CHANGED
        ]
        for key, rules, state in cases
    ]


def _letter(rules: definition.Process, state: core.State, one: outbox.Letter) -> Letter:
    served = one.notice in state.happened
    act = rules.acts.get(one.notice)
    say = act.say if act else "What changed in the rules of this case" if one.notice == RULES_CHANGED else "A letter of rules that are gone"
    return Letter(
        notice=one.notice, say=say, recipient=one.recipient_role, served=served, made_at=one.made_at, html=one.html, digest=one.digest
    )
