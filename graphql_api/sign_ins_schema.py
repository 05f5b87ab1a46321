"""The part of the schema about who is let in: what `Mutation` inherits, so that `schema.py` stays short."""

from __future__ import annotations

import strawberry
from strawberry import Info

from graphql_api.context import context_of
from graphql_api.mutations import end_sign_in as ending


@strawberry.type(description="What can be done about who is let in.")
class SignInsMutation:
    @strawberry.mutation(
        description="End somebody's sign-in here: every token made until now is refused at once, and what they watch ends."
    )
    async def end_sign_in(self, info: Info, input: ending.EndSignInInput) -> ending.EndSignInResult:  # noqa: A002 - the contract's name
        return await ending.end_sign_in(context_of(info), input)
