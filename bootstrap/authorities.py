"""The local authorities of the Department's published file, made tenants by the owner of the database; and which tenants there are."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
from sqlalchemy.exc import DBAPIError, MultipleResultsFound, SQLAlchemyError

from bootstrap.embedded import beside
from bootstrap.enrolling import enrolled
from bootstrap.faults import StackFault
from bootstrap.postgres import OWNER, EmbeddedPostgres
from bootstrap.settings import Settings
from store import lifecycle, people
from store.session import Database
from tenants.dfe import LARGEST, REGIONS, Authority, FaultyFile, Published, change_programme, read, slugs

_TOLD = {"name": "name", "gss_code": "GSS code", "region_code": "region"}  # what a file may say otherwise than the database
_DENIED = "42501"
_NO_TABLES = ("42P01", "42703")  # no such table, no such column


def opened(file: Path) -> bytes:
    """A file, or as much of it as shows that it is too large."""
    with file.open("rb") as given:
        return given.read(LARGEST + 1)


async def imported(
    settings: Settings, name: str, raw: bytes, *, dry_run: bool = False, skip_closed: bool = False
) -> tuple[dict[str, Any], list[str], bool]:
    """Make a tenant of each authority of the file that is none yet; what was found and done, and whether all of it is well.

    Each is its own transaction, so an import that was cut short goes on where it was when it is given again. What is there is never changed:
    where the file says something else, that is told. A dry run only reads, and where there is no database it looks at the file alone.

    Raises:
        StackFault: there is no owner's address, or the database does not do what it must.
    """
    try:
        published = read(raw)
    except FaultyFile as faulty:
        lines = [f"{name}: nothing is taken from it, for {len(faulty.faults)} faults", *(f"  {fault}" for fault in faulty.faults)]
        return {"file": name, "faults": [asdict(one) for one in faulty.faults]}, lines, False
    url = owner_url(settings)
    if dry_run:
        url = url or beside(settings).database_url.get_secret_value()
    elif not url:
        raise StackFault(
            "WAYMARK_DATABASE_OWNER_URL is not set.",
            "Authorities are the owner's to make: the serving role may not, and no stack runs on this data folder.",
            "set it to the address of waymark_owner, or look at the file alone with --dry-run.",
        )
    made, known, differs = await _made(url, published, dry_run) if url else (slugs(published.authorities, {}), {}, [])
    areas = [slug for code, slug in {**made, **known}.items() if code in change_programme()]
    enrolments = await _enrolled(url, areas) if url and not dry_run else 0
    found = _report(name, published, made, known, differs) | {"enrolled": enrolments, "dry_run": dry_run, "database": bool(url)}
    return found, _lines(found, published), skip_closed or not published.left_out


async def listed(settings: Settings) -> tuple[list[dict[str, Any]], list[str]]:
    """Every tenant: its codes, its region, and whether it was a Change Programme area, which its DfE code says.

    Raises:
        StackFault: no database is named and no stack runs here, or it does not answer.
    """
    url = beside(settings).database_url.get_secret_value() or owner_url(settings)
    if not url:
        settings.need("database_url")
    areas = change_programme()
    async with owned(url) as database:
        tenants = await known_tenants(database)
    found = [
        {
            "tenant": one.tenant,
            "name": one.name,
            "dfe_code": one.dfe_code,
            "gss_code": one.gss_code,
            "region_code": one.region_code,
            "region": REGIONS.get(one.region_code or ""),
            "training": one.training,
            "status": one.status,
            "change_programme": one.dfe_code in areas,
            "change_programme_lead": one.dfe_code in areas and areas[one.dfe_code].lead,
        }
        for one in tenants
    ]
    return found, [_line(one) for one in found]


def owner_url(settings: Settings) -> str:
    """The owner's address: as it was set, or that of the stack which keeps its passwords in this data folder; empty if there is none.

    It is not in stack.json, on purpose: that is what the stack's own processes are given, and they serve.
    """
    given = settings.database_owner_url.get_secret_value()
    running = beside(settings)
    home = settings.home.resolve() / "postgres"
    if given or running is settings or not (home / f"{OWNER}.password").is_file():
        return given
    serving = urlsplit(running.database_url.get_secret_value())
    return EmbeddedPostgres(home, serving.port or 0).dsn(OWNER, serving.path.lstrip("/"))


async def _made(url: str, published: Published, dry_run: bool) -> tuple[dict[str, str], dict[str, str], list[dict[str, Any]]]:
    """The slugs by DfE code of the tenants that were made (or would be), of those that were there, and where the file says otherwise."""
    async with owned(url) as database:
        there = await known_tenants(database)
        by_code = {one.dfe_code: one for one in there}
        new = [one for one in published.authorities if one.dfe_code not in by_code]
        made = slugs(new, {one.tenant: one.dfe_code for one in there})
        if not dry_run:
            for one in new:
                await _make(database, made[one.dfe_code], one)
    known = {one.dfe_code: by_code[one.dfe_code] for one in published.authorities if one.dfe_code in by_code}
    differs = [
        {
            "tenant": known[one.dfe_code].tenant,
            "dfe_code": one.dfe_code,
            "what": what,
            "stored": stored,
            "published": getattr(one, what),
        }
        for one in published.authorities
        if one.dfe_code in known
        for what in _TOLD
        if (stored := getattr(known[one.dfe_code], what)) != getattr(one, what)
    ]
    return made, {code: one.tenant for code, one in known.items()}, differs


async def _enrolled(url: str, areas: list[str]) -> int:
    async with owned(url) as database:
        return await enrolled(database, areas)


async def _make(database: Database, slug: str, one: Authority) -> None:
    async with database.tenant(slug) as session:
        new = people.Tenant(slug, one.name, one.dfe_code, one.gss_code, region_code=one.region_code)
        await lifecycle.create(session, new, "waymark tenant import", "in the file that the Department published")
        there = await people.read_tenant(session)
    if there is None or there.dfe_code != one.dfe_code:
        raise StackFault(
            f"The slug {slug} is taken.",
            f"It is not that of {one.dfe_code} {one.name}; somebody may have added it at the same time.",
            "import again: what was made stays, and another slug is found.",
        )


async def known_tenants(database: Database) -> list[people.Tenant]:
    """Every tenant, each read in a session of its own: nobody may read two at once, not even the owner."""
    found = []
    for slug in await database.slugs():
        async with database.tenant(slug) as session:
            found.append(await people.read_tenant(session))
    return [one for one in found if one is not None]


@asynccontextmanager
async def owned(url: str) -> AsyncIterator[Database]:
    """A database whose faults are told in words."""
    database = Database(url, 2)
    try:
        yield database
    except MultipleResultsFound:
        raise StackFault(
            "This role sees the authorities of all tenants at once.",
            "It is above row security, and Waymark works for nobody who is.",
            "give the address of waymark_owner, not that of a superuser.",
        ) from None
    except (OSError, SQLAlchemyError, asyncpg.PostgresError) as error:
        raise _fault(error) from None
    finally:
        await database.close()


def _fault(error: Exception) -> StackFault:
    state = getattr(error.orig if isinstance(error, DBAPIError) else error, "sqlstate", None)
    if state == _DENIED:
        return StackFault(
            "This role may not add authorities.",
            "They are the owner's to make.",
            "set WAYMARK_DATABASE_OWNER_URL to that of waymark_owner.",
        )
    if state in _NO_TABLES:
        return StackFault("The database has not the present tables.", "A region could not be kept.", "run `waymark db migrate` first.")
    said = f"It said {type(error).__name__}{f' ({state})' if state else ''}."
    return StackFault(
        "The database does not answer as it must.", said, "see that it runs, and that the address and the password are right."
    )


def _report(name: str, published: Published, made: dict[str, str], known: dict[str, str], differs: list[dict[str, Any]]) -> dict[str, Any]:
    codes = {one.dfe_code for one in published.authorities}
    return {
        "file": name,
        "period": published.period,
        "authorities": len(codes),
        "regions": len({one.region_code for one in published.authorities}),
        "change_programme": len(codes & set(change_programme())),
        "other_rows": published.other_rows,
        "made": [{"tenant": made[one.dfe_code], **asdict(one)} for one in published.authorities if one.dfe_code in made],
        "known": sorted(known.values()),
        "differs": differs,
        "left_out": [asdict(one) for one in published.left_out],
        "remarks": [asdict(one) for one in published.remarks],
        "faults": [],
    }


def _lines(found: dict[str, Any], published: Published) -> list[str]:
    done = "would be made" if found["dry_run"] else "made"
    nowhere = "" if found["database"] else "; no database was asked, so that nobody knows which are there already"
    return [
        *(
            f"{done}: {one['tenant']:<36} {one['dfe_code']} {one['gss_code']} {REGIONS[one['region_code']]:<24} {one['name']}"
            for one in found["made"]
        ),
        *(
            f"left as it is: {one['tenant']}: its {_TOLD[one['what']]} is {one['stored'] or 'not known'}, the file has {one['published']}"
            for one in found["differs"]
        ),
        *(f"skipped: {one.remark}" for one in published.left_out),
        *(f"note: {one}" for one in published.remarks),
        f"{found['file']}, {found['period']}: {found['authorities']} authorities of {found['regions']} regions, {found['change_programme']} of them"
        f" Change Programme areas ({found['enrolled']} enrolments made in its pilots within the law); {len(found['made'])} {done}, {len(found['known'])} there already,"
        f" {len(published.left_out)} old codes skipped; {found['other_rows']} rows are totals{nowhere}.",
    ]


def _line(one: dict[str, Any]) -> str:
    part = "Change Programme lead" if one["change_programme_lead"] else "Change Programme" if one["change_programme"] else ""
    standing = "" if one["status"] == "active" else f"  ({one['status']})"
    return f"{one['tenant']:<36} {one['dfe_code']} {one['gss_code']} {one['region'] or 'no region':<24} {part:<21} {one['name']}{standing}"
