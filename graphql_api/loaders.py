"""What many objects of one answer ask for, fetched in one statement, and only what the person may see."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from strawberry import dataloader

from policies.actions import Act, Object
from store import cases, mediators, origins, overlays, people, plan_provision
from store import relations as related
from store.tables import case_file
from store.terms import Term
from workflows import library

if TYPE_CHECKING:
    from graphql_api.context import Reading

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")
_Row = TypeVar("_Row", people.Child, people.Setting, people.Person)

MOST_OF_A_CHILD = 100  # cases: a life has a few


async def ready(session: AsyncSession, files: Iterable[cases.CaseFile]) -> None:
    """Know the rules that some cases are pinned to, before they are played: a statement only for what this process never saw."""
    await library.ready([rule for file in files for rule in file.state.get("rules", ())], partial(overlays.documents, session))


class DataLoader(dataloader.DataLoader[_Key, _Value]):
    """Many may wait for one row: an error that ends one of them, somewhere in the document, must not end the others."""

    def load(self, key: _Key) -> Awaitable[_Value]:
        return asyncio.shield(super().load(key))


class Loaders:
    """One set a transaction: what one transaction saw is not shown in another."""

    def __init__(self, read: Callable[[], AbstractAsyncContextManager[Reading]]) -> None:
        self._read = read
        self._together: dict[tuple[Any, ...], DataLoader[Any, Any]] = {}

    def together(self, many: Callable[..., Awaitable[Sequence[Any]]], given: Mapping[str, Any]) -> DataLoader[Any, Any]:
        """Gathers the objects that are asked the same, with the same arguments, in one turn of the loop into one call of `many`."""
        key = (many, *sorted(given.items()))
        if key not in self._together:
            self._together[key] = DataLoader(load_fn=partial(many, **given), cache=False)
        return self._together[key]

    def _by_id(self, of: Object, listed: Callable[..., Awaitable[Iterable[_Row]]]) -> DataLoader[UUID, _Row | None]:
        """Rows of one kind by id, those that the person may read; the others are None."""

        async def load(keys: list[UUID]) -> list[_Row | None]:
            async with self._read() as reading:
                where = reading.standing.where(of, Act.READ)
                found = await listed(reading.session, limit=len(keys), where=where, ids=keys)
            by_id = {each.id: each for each in found}
            return [by_id.get(key) for key in keys]

        return DataLoader(load_fn=load)

    @cached_property
    def child(self) -> DataLoader[UUID, people.Child | None]:
        """Children by id."""
        return self._by_id(Object.CHILD, people.list_children)

    @cached_property
    def setting(self) -> DataLoader[UUID, people.Setting | None]:
        """Settings by id."""
        return self._by_id(Object.SETTING, people.list_settings)

    @cached_property
    def person(self) -> DataLoader[UUID, people.Person | None]:
        """People by id."""
        return self._by_id(Object.PERSON, people.list_people)

    @cached_property
    def relations(self) -> DataLoader[UUID, list[people.Relation]]:
        """The relations of people, to children and to settings, by the id of either; to a child for those who may see it."""

        async def load(keys: list[UUID]) -> list[list[people.Relation]]:
            async with self._read() as reading:
                listed, seen = (reading.standing.where(*may) for may in ((Object.PERSON, Act.LIST), (Object.CHILD, Act.READ)))
                found = await people.related(reading.session, reading.standing.today, keys, listed, seen)
            return [[one for one in found if key in (one.person_id, one.child_id, one.setting_id)] for key in keys]

        return DataLoader(load_fn=load)

    @cached_property
    def relation_steps(self) -> DataLoader[UUID, tuple[related.Step, ...]]:
        """What was done with relations, by the id of the relation; nothing for those who may not list people."""

        async def load(keys: list[UUID]) -> list[tuple[related.Step, ...]]:
            async with self._read() as reading:
                may = reading.standing.may(Object.PERSON, Act.LIST).allowed
                found = await related.history(reading.session, keys) if may else {}
            return [found.get(key, ()) for key in keys]

        return DataLoader(load_fn=load)

    @cached_property
    def terms(self) -> DataLoader[UUID, tuple[Term, ...]]:
        """The terms of settings that the person may see."""

        async def load(keys: list[UUID]) -> list[tuple[Term, ...]]:
            async with self._read() as reading:
                found = await people.terms_of_many(reading.session, keys)
            return [found.get(key, ()) for key in keys]

        return DataLoader(load_fn=load)

    @cached_property
    def mediator(self) -> DataLoader[UUID, tuple[mediators.Kept, ...]]:
        """Every version of what the register of mediators says of people whom the person may see in it, the earliest first."""

        async def load(keys: list[UUID]) -> list[tuple[mediators.Kept, ...]]:
            async with self._read() as reading:
                seen = await people.list_people(
                    reading.session, limit=len(keys), where=reading.standing.where(Object.MEDIATOR, Act.READ), ids=keys
                )
                found = await mediators.history(reading.session, [one.id for one in seen])
            return [found.get(key, ()) for key in keys]

        return DataLoader(load_fn=load)

    @cached_property
    def provision(self) -> DataLoader[UUID, plan_provision.Proposed | None]:
        """The latest provision of the draft plans of cases, for those who may see it."""

        async def load(keys: list[UUID]) -> list[plan_provision.Proposed | None]:
            async with self._read() as reading:
                found = await plan_provision.latest(reading.session, keys, reading.standing.where(Object.PROVISION, Act.READ))
            return [found.get(key) for key in keys]

        return DataLoader(load_fn=load)

    @cached_property
    def origins(self) -> DataLoader[UUID, list[origins.Origin]]:
        """Where cases were before, for whoever sees the cases."""

        async def load(keys: list[UUID]) -> list[list[origins.Origin]]:
            async with self._read() as reading:
                found = await origins.of_cases(reading.session, among=keys)
            return [found.get(key, []) for key in keys]

        return DataLoader(load_fn=load)

    @cached_property
    def cases_of_child(self) -> DataLoader[UUID, list[cases.CaseFile]]:
        """The cases of children, the newest first."""

        async def load(keys: list[UUID]) -> list[list[cases.CaseFile]]:
            async with self._read() as reading:
                where = reading.standing.where(Object.CASE, Act.LIST) & case_file.c.child_id.in_(keys)
                found = await cases.list_cases(reading.session, where, "opened_on", limit=MOST_OF_A_CHILD * len(keys))
                await ready(reading.session, found)
            return [[each for each in found if each.child_id == key] for key in keys]

        return DataLoader(load_fn=load)
