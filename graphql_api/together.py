"""A field of many objects of one answer, resolved for all of them at once: one statement however long the list is.

A type declares how one object answers, and beside it the function that answers for many:

    @strawberry.field(description="The child, for those who may see it.")
    @together(children_of)
    async def child(self) -> Child | None:
        return await one_of(self, children_of)

The compiled executor calls `children_of` with the list. Wherever graphql-core resolves object by object, `one_of` gathers
those that are asked in one turn of the event loop into one call of the same function.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol, TypeVar

from graphql_api.context import Context

MANY = "waymark_many"  # the attribute of a resolver under which its function for many is found

_Resolver = TypeVar("_Resolver", bound=Callable[..., Any])
_Answer = TypeVar("_Answer")


class Asked(Protocol):
    """An object of an answer: it knows in whose request it was read."""

    @property
    def context(self) -> Context:
        """The request."""


_One = TypeVar("_One", bound=Asked)


def together(many: Callable[..., Awaitable[Sequence[Any]]]) -> Callable[[_Resolver], _Resolver]:
    """Mark a resolver with the function that takes a list of its objects, and its arguments, and gives their answers in that order."""

    def marked(one: _Resolver) -> _Resolver:
        setattr(one, MANY, many)
        return one

    return marked


async def one_of(asked: _One, many: Callable[..., Awaitable[Sequence[_Answer]]], **given: Any) -> _Answer:
    """The answer for one object, fetched with those of the others that are asked the same in this turn."""
    answer: _Answer = await asked.context.loaders.together(many, given).load(asked)
    return answer
