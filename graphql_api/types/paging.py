"""Relay's pages: where one ends and what a client may say about the next."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import strawberry
from graphql import GraphQLError

from graphql_api.identifiers import read_cursor

USUAL, MOST = 50, 100
LARGEST = 2**31 - 1
_Row = TypeVar("_Row")


@strawberry.type(description="Where a page begins and ends.")
class PageInfo:
    has_next_page: bool = strawberry.field(description="Whether there is more.")
    has_previous_page: bool = strawberry.field(description="Whether something came before.")
    start_cursor: str | None = strawberry.field(description="The place of the first one.")
    end_cursor: str | None = strawberry.field(description="Where the next page begins after.")


def bounded(first: int | None) -> int:
    """How many a page holds: at least one, at most a hundred, and fifty for who does not say."""
    return max(1, min(USUAL if first is None else first, MOST))


def cut(rows: Sequence[_Row], first: int, place: Callable[[_Row], str], after: str | None) -> tuple[list[tuple[_Row, str]], PageInfo]:
    """The rows of a page with their places, and its ends. One row more than the page holds says that there is another page."""
    shown = [(row, place(row)) for row in rows[:first]]
    return shown, page_info([at for _, at in shown], more=len(rows) > first, after=after)


def page_info(cursors: list[str], *, more: bool, after: str | None) -> PageInfo:
    """The ends of a page with these places."""
    return PageInfo(
        has_next_page=more,
        has_previous_page=after is not None,
        start_cursor=cursors[0] if cursors else None,
        end_cursor=cursors[-1] if cursors else None,
    )


def after_of(given: str | None, length: int) -> list[str | int | None] | None:
    """The parts of the cursor that a client sends back; nothing for the first page.

    Raises:
        GraphQLError: it is none of ours. The first page again would send a client round in circles.
    """
    if given is None:
        return None
    parts = read_cursor(given, length)
    if parts is None:
        raise bad_cursor()
    return parts


def number_of(part: str | int | None) -> int:
    """A number that a cursor holds, no larger than the database keeps one."""
    if not isinstance(part, int) or not 0 <= part <= LARGEST:
        raise bad_cursor()
    return part


def bad_cursor() -> GraphQLError:
    """What is told to a client that made a cursor up."""
    return GraphQLError("after: this is not the cursor of a page. Send back an endCursor as it came.", extensions={"code": "BAD_CURSOR"})
