"""One worklist over every council that the caller's token names: each is read in its own transactions, by its own policy, and merged."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import strawberry
from graphql import GraphQLError
from strawberry import Private

from graphql_api.context import Context
from graphql_api.identifiers import as_uuid, cursor
from graphql_api.queries.cases import page_of
from graphql_api.types.case import Case
from graphql_api.types.paging import PageInfo, after_of, bad_cursor, bounded, cut

MOST_COUNCILS = 20
_FIRST, _LAST = UUID(int=0), UUID(int=2**128 - 1)
_Key = tuple[bool, date, str, UUID]
NOBODY_HERE = "UNAUTHENTICATED"


@strawberry.type(description="One of the caller's open cases, and whose it is.")
class AcrossItem:
    key: Private[_Key]
    council: str = strawberry.field(description="The council's slug: what X-Waymark-Tenant takes, to act in this case.")
    council_name: str = strawberry.field(description="Its name.")
    case: Case = strawberry.field(description="The case, as that council's policy shows it.")


@strawberry.type(description="A page of open cases of several councils, the nearest legal limit first.")
class AcrossConnection:
    nodes: list[AcrossItem] = strawberry.field(description="The cases.")
    councils: list[str] = strawberry.field(
        description="The councils that were read: where the caller has a role and is known, and that are not closed."
    )
    page_info: PageInfo = strawberry.field(description="Where the page ends.")


async def worklist_across(context: Context, first: int | None, after: str | None, councils: list[str] | None) -> AcrossConnection:
    """A page over all councils: at most one page of each is read, one council after another, each by statements of a fixed number.

    Raises:
        GraphQLError: the token names more councils than are read at once, or `councils` names one that the token does not.
    """
    most, place = bounded(first), _place(after)
    slugs = _chosen(context, councils)
    await context.leave()  # one connection at a time
    items: list[AcrossItem] = []
    read: list[str] = []
    for slug in slugs:
        found = await _of_council(context, slug, most + 1, _beyond(place, slug))
        if found is not None:
            read.append(slug)
            items += found
    items.sort(key=lambda item: item.key)
    shown, ends = cut(items, most, _cursor, after)
    return AcrossConnection(nodes=[item for item, _ in shown], councils=read, page_info=ends)


def _chosen(context: Context, councils: list[str] | None) -> list[str]:
    caller = context.caller
    named = {slug for slug, roles in caller.tenants.items() if roles} if caller else set()
    if councils is not None:
        if not set(councils) <= named:
            raise _wrong("councils: the token names no role in one of these.")
        named = set(councils)
    if len(named) > MOST_COUNCILS:
        raise _wrong(f"councils: name the ones to read, {MOST_COUNCILS} at most.")
    return sorted(named)


async def _of_council(context: Context, slug: str, most: int, after: str | None) -> list[AcrossItem] | None:
    """The first cases of one council; nothing where the caller is nobody there, or nobody any more."""
    assert context.caller is not None  # noqa: S101 - or no council would have been named
    there = Context(context.deps, replace(context.caller, tenant=slug, roles=context.caller.tenants[slug]), kept=False)
    try:
        async with there.read() as reading:
            name = reading.standing.tenant.name
        page = await page_of(there, most, after, only_open=True)
    except GraphQLError as no:
        if (no.extensions or {}).get("code") == NOBODY_HERE:
            return None
        raise
    return [AcrossItem(key=_key(slug, node), council=slug, council_name=name, case=node) for node in page.nodes]


def _key(slug: str, case: Case) -> _Key:
    due = case.file.next_due
    return (due is None, due or date.max, slug, case.file.id)


def _cursor(item: AcrossItem) -> str:
    undated, due, slug, key = item.key
    return cursor(None if undated else due.isoformat(), slug, str(key))


def _place(after: str | None) -> tuple[str | None, str, UUID] | None:
    parts: list[Any] | None = after_of(after, 3)
    if parts is None:
        return None
    key = as_uuid(str(parts[2]))
    try:
        day = date.fromisoformat(str(parts[0])).isoformat() if parts[0] is not None else None
    except ValueError:
        raise bad_cursor() from None
    if key is None or not isinstance(parts[1], str):
        raise bad_cursor()
    return day, parts[1], key


def _beyond(place: tuple[str | None, str, UUID] | None, slug: str) -> str | None:
    """The same place in the list of one council: councils of the same day follow each other by their slugs."""
    if place is None:
        return None
    day, at, key = place
    return cursor(day, str(key if slug == at else _LAST if slug < at else _FIRST))


def _wrong(why: str) -> GraphQLError:
    return GraphQLError(why, extensions={"code": "BAD_REQUEST"})
