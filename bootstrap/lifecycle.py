"""What the owner does with an authority: create it, show it, suspend it, let it go on, close it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bootstrap.authorities import known_tenants, owned, owner_url
from bootstrap.embedded import beside
from bootstrap.faults import StackFault, no_tenant
from bootstrap.settings import Settings
from statute.days import civil
from store import lifecycle, people
from store.session import Database
from tenants.dfe import REGIONS
from tenants.form import Form

Change = Callable[[AsyncSession], Coroutine[Any, Any, bool]]


async def created(settings: Settings, form: Form, by: str, why: str) -> tuple[dict[str, Any], list[str], bool]:
    """Make an authority, once however often it is asked; where it is there and the form says otherwise, that is told and nothing is changed.

    Raises:
        StackFault: its name, its slug or its code is another's, or belonged to one that is closed.
    """
    new = people.Tenant(**asdict(form))
    async with owning(settings) as database:
        there = await known_tenants(database)
        same = next((one for one in there if one.tenant == new.tenant), None)
        if same is None:
            apart(new, there)
            async with database.tenant(new.tenant) as session:
                await lifecycle.create(session, new, by, why)
            return (
                {"tenant": new.tenant, "made": True, "differs": []},
                [f"made: {new.tenant}  {new.dfe_code} {new.gss_code}  {new.name}"],
                True,
            )
    if same.status == lifecycle.CLOSED:
        raise StackFault(f"{new.tenant} was closed on {same.closed_on}.", "A slug and a name are not used again.", "choose another slug.")
    differs = [
        {"what": name, "stored": getattr(same, name), "given": getattr(new, name)}
        for name in ("name", "dfe_code", "gss_code", "region_code", "training", "opened_on")
        if getattr(same, name) != getattr(new, name)
    ]
    lines = [f"left as it is: its {one['what']} is {one['stored']}, the form has {one['given']}" for one in differs]
    return {"tenant": new.tenant, "made": False, "differs": differs}, [*lines, f"{new.tenant} is there already."], not differs


def apart(new: people.Tenant, there: Iterable[people.Tenant]) -> None:
    """Raise StackFault where a name or a code belongs to another, be it closed or not."""
    for one in there:
        if one.name.casefold() == new.name.casefold():
            what, why = f"{one.tenant} has the name {one.name} already.", "Two authorities of one name are mistaken for each other."
            raise StackFault(what, why, "see `waymark tenant list`.")
        if one.dfe_code == new.dfe_code:
            what = f"{one.tenant} has the code {one.dfe_code}{' and is closed' if one.status == lifecycle.CLOSED else ''}."
            raise StackFault(what, "Plans are handed from council to council by that code.", "give the new council's own code.")


async def shown(settings: Settings, tenant: str) -> tuple[dict[str, Any], list[str]]:
    """An authority as it stands, what it has to do, and what happened to it."""
    url = beside(settings).database_url.get_secret_value() or owner_url(settings)
    if not url:
        settings.need("database_url")
    async with owned(url) as database:
        await known(database, tenant)
        async with database.tenant(tenant, snapshot=True) as session:
            one = await people.read_tenant(session)
            left = await lifecycle.unfinished(session)
            events = await lifecycle.history(session)
    assert one is not None  # noqa: S101 - `known` asked
    found = {
        **asdict(one),
        "region": REGIONS.get(one.region_code or ""),
        "unfinished": asdict(left),
        "history": [asdict(each) for each in events],
    }
    days = [f"opened {one.opened_on}"] if one.opened_on else []
    days += [f"closed {one.closed_on}"] if one.closed_on else []
    lines = [
        f"{one.tenant}  {one.dfe_code} {one.gss_code}  {one.name}",
        "  ".join([one.status, *days, *([f"after it: {', '.join(one.successors)}"] if one.successors else [])]),
        f"to do: {left}",
        *(f"{each.n:>3}  {each.at:%Y-%m-%d %H:%M} UTC  {each.kind:<10} by {each.by}: {each.why}" for each in events),
    ]
    return found, lines


async def suspended(settings: Settings, tenant: str, by: str, why: str) -> bool:
    """Nobody acts there but who looks after the service; the clocks and the relay go on. Raises StackFault."""
    return await _changed(settings, tenant, lambda session: lifecycle.suspend(session, by, why))


async def resumed(settings: Settings, tenant: str, by: str, why: str) -> bool:
    """Act again. Raises StackFault."""
    return await _changed(settings, tenant, lambda session: lifecycle.resume(session, by, why))


async def closed(settings: Settings, tenant: str, by: str, why: str, on: date | None, successors: list[str]) -> bool:
    """End an authority that has nothing left to do; its successors must be there. Raises StackFault."""
    async with owning(settings) as database:
        now = await known(database, tenant)
        for one in successors:
            await known(database, one)
        if tenant in successors:
            raise StackFault(f"{tenant} cannot come after itself.", "Whoever asks is sent to the one that came after.", "name another.")
    today = civil(datetime.now(UTC) + timedelta(seconds=now.clock_offset_seconds))
    if on is not None and on > today:
        raise StackFault(f"{on} lies ahead.", "Until then its duties are its own.", "close it on that day, or leave the day out.")
    return await _changed(settings, tenant, lambda session: lifecycle.close(session, by, why, on or today, successors))


async def _changed(settings: Settings, tenant: str, change: Change) -> bool:
    async with owning(settings) as database:
        await known(database, tenant)
        try:
            async with database.tenant(tenant) as session:
                return await change(session)
        except lifecycle.Standing as standing:
            raise StackFault(standing.what, standing.why, standing.do) from None


@asynccontextmanager
async def owning(settings: Settings) -> AsyncIterator[Database]:
    """The database as its owner. Raises StackFault where nobody said how."""
    url = owner_url(settings)
    if not url:
        raise StackFault(
            "WAYMARK_DATABASE_OWNER_URL is not set.",
            "Authorities are the owner's to make and to end: the serving role may not, and no stack runs on this data folder.",
            "set it to the address of waymark_owner.",
        )
    async with owned(url) as database:
        yield database


async def known(database: Database, tenant: str) -> people.Tenant:
    """An authority of this database. Raises StackFault."""
    if tenant in (slugs := await database.slugs()):
        async with database.tenant(tenant) as session:
            if (found := await people.read_tenant(session)) is not None:
                return found
    raise no_tenant(tenant, slugs)
