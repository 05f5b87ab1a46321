"""One authority out of the database into a sealed file, and out of such a file into a database where it is not: all of it or nothing."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from activities.rebuild import Rebuilt, Unfaithful, rebuild, rebuild_all
from bootstrap.authorities import known_tenants
from bootstrap.embedded import beside
from bootstrap.faults import StackFault
from bootstrap.lifecycle import apart, known, owning
from bootstrap.sealed_file import BadFile, opened, sealed
from bootstrap.settings import Settings
from bootstrap.temporal import connect
from store import lifecycle, people, whole
from store.journal import Verdict, verify_within
from store.session import Database
from store.tables import overlay, tenant
from workflows import library
from workflows.codec import Keys
from workflows.engine import Engine, Unavailable

FORMAT = 1
REBUILDING = "rebuilding"  # why posts are held between the restoring of the rows and the going on of the cases


async def exported(settings: Settings, slug: str, path: Path, by: str, why: str) -> tuple[dict[str, Any], list[str], bool]:
    """Write everything of an authority into a new file, as it stands at one moment; the manifest, and whether its journal is sound.

    Raises:
        StackFault: no such authority, no keys, or the file is there.
    """
    keys = _keys(settings)
    async with owning(settings) as database:
        await known(database, slug)
        try:
            with sealed(path, keys, slug) as write:
                async with database.tenant(slug, snapshot=True) as session:
                    manifest = await _written(session, write)
        except FileExistsError:
            raise StackFault(f"{path} is there.", "An export never writes over anything.", "give another name.") from None
        except OSError as error:
            raise StackFault(f"{path} cannot be written.", str(error.strerror), "give a file in a folder of yours, with room.") from None
        async with database.tenant(slug) as session:
            await lifecycle.note(session, "exported", by, why, root=manifest["root"], tables=manifest["tables"])
    broken = manifest["broken"]
    lines = [
        f"{path}: {slug}, {sum(manifest['tables'].values())} rows of {len(manifest['tables'])} tables",
        f"{len(manifest['chains'])} journals, root {manifest['root']}",
        *(f"NOT SOUND: case {case}, step {seq}: {said}" for case, seq, said in broken),
    ]
    return {"file": str(path), **manifest}, lines, not broken


async def _written(session: AsyncSession, write: Any) -> dict[str, Any]:
    tables = await whole.tables(session)
    revision = await whole.revision(session)
    slug = session.info["tenant"]
    write(json.dumps({"format": FORMAT, "tenant": slug, "revision": revision}))
    counts = dict.fromkeys((table.name for table in tables), 0)
    for table in tables:
        async for row in whole.rows(session, table):
            write(f'{{"t":"{table.name}","r":{row}}}')
            counts[table.name] += 1
    verdict = await verify_within(session)
    manifest = {
        "format": FORMAT,
        "tenant": slug,
        "taken_at": datetime.now(UTC).isoformat(),
        "revision": revision,
        "tables": counts,
        **_chains(verdict),
        "definitions": await whole.processes(session),
        "overlays": sorted((await session.scalars(select(overlay.c.digest))).all()),
    }
    write(json.dumps({"manifest": manifest}))
    return manifest


async def restored(settings: Settings, path: Path, by: str, why: str) -> tuple[dict[str, Any], list[str]]:
    """Put an authority from its file into a database where it is not, in one transaction; its chains and counts are verified before that counts.

    The cases do not run yet, and nothing is sent before they do: `taken_up`.

    Raises:
        StackFault: the file is not whole, the database is not of its revision, or the authority, its name or its code is there.
    """
    keys = _keys(settings)
    async with owning(settings) as database:
        try:
            with opened(path, keys) as (slug, lines):
                there = await known_tenants(database)
                if slug in await database.slugs():
                    raise StackFault(
                        f"{slug} is here already.", "Two copies of a record would go apart.", "restore it into a database where it is not."
                    )
                async with database.tenant(slug) as session:
                    manifest = await _read(session, slug, lines, there)
                    await whole.hold_posts(session, REBUILDING)
                    await lifecycle.note(session, "restored", by, why, root=manifest["root"], taken_at=manifest["taken_at"])
        except FileNotFoundError:
            raise StackFault(f"{path} is not there.", "There is nothing to restore.", "give a file of `waymark tenant export`.") from None
        except BadFile as bad:
            raise StackFault(
                f"Nothing was restored from {path}.", str(bad), "give the file as it was written, and the key that it names."
            ) from None
    told = [f"{slug}: {sum(manifest['tables'].values())} rows, {len(manifest['chains'])} journals, root {manifest['root']}"]
    return {"tenant": slug, **manifest}, told


async def _read(session: AsyncSession, slug: str, lines: Iterator[bytes], there: list[people.Tenant]) -> dict[str, Any]:
    first = json.loads(next(lines, b"{}"))
    if first.get("format") != FORMAT or first.get("tenant") != slug:
        raise BadFile("It is of another form, or of another authority than it says.")
    if first["revision"] != (now := await whole.revision(session)):
        raise BadFile(f"Its tables are of revision {first['revision']}, this database is at {now}.")
    tables = {table.name: table for table in await whole.tables(session)}
    counts, ties, standing, manifest = dict.fromkeys(tables, 0), dict[str, list[str]](), dict[str, Any](), None
    name, batch = "", list[str]()

    async def flush() -> None:
        if batch and name != whole.SLUGS:
            counts[name] += await whole.put(session, tables[name], batch)
        batch.clear()

    await session.execute(text("insert into waymark.tenant_slug (tenant) values (:tenant)"), {"tenant": slug})
    counts[whole.SLUGS] = 1
    for line in lines:
        if line.startswith(b'{"manifest":'):
            manifest = json.loads(line)["manifest"]
            break
        table, _, rest = line[6:].decode().partition('","r":')
        row = rest[: rest.rindex("}")]
        if table not in tables:
            raise BadFile(f"It has rows of {table}, and this database has no such table.")
        if table != name or len(batch) >= whole.BATCH:
            await flush()
            name = table
        if table == whole.TENANT:
            standing = json.loads(row)
            apart(people.Tenant(**{key: standing[key] for key in ("tenant", "name", "dfe_code", "gss_code")}), there)
            # it takes rows as if it were active, and is what it was once they are all there
            row = json.dumps({**standing, "status": lifecycle.ACTIVE, "closed_on": None, "successors": []})
        batch.append(row)
        if tables[table].own and (tie := whole.tying(tables[table], json.loads(row))):
            ties.setdefault(table, []).append(json.dumps(tie))
    await flush()
    if manifest is None:
        raise BadFile("It has no manifest.")
    for table, rows in ties.items():
        for begin in range(0, len(rows), whole.BATCH):
            await whole.tie(session, tables[table], rows[begin : begin + whole.BATCH])
    await session.execute(
        update(tenant).values(
            status=standing["status"],
            closed_on=date.fromisoformat(standing["closed_on"]) if standing["closed_on"] else None,
            successors=standing["successors"],
        )
    )
    _same(manifest, counts, await verify_within(session))
    return dict(manifest)


def _same(manifest: dict[str, Any], counts: dict[str, int], verdict: Verdict) -> None:
    """Whether what was written is what the manifest says. Raises BadFile."""
    wrong = [
        f"{name} has {counts.get(name, 0)} rows and not {told}" for name, told in manifest["tables"].items() if counts.get(name, 0) != told
    ]
    chains = _chains(verdict)
    wrong += [f"the {what} are not those of the manifest" for what in ("chains", "broken") if chains[what] != manifest[what]]
    files = library.files()
    wrong += [
        f"there is no definition {one['process']} v{one['version']} here"
        for one in manifest["definitions"]
        if (one["process"], one["version"]) not in files
    ]
    wrong += [
        f"there is no amendment {name} here"
        for one in manifest["definitions"]
        for name in one["amendments"]
        if name not in library.amendments()
    ]
    if wrong:
        raise BadFile("; ".join(wrong) + ".")


def _chains(verdict: Verdict) -> dict[str, Any]:
    return {
        "root": verdict.root,
        "chains": {str(case): [seq, mark.hex()] for case, (seq, mark) in sorted(verdict.heads.items())},
        "broken": [[str(one.case_id), one.seq, one.why] for one in verdict.broken],
    }


async def taken_up(settings: Settings, slug: str) -> tuple[Rebuilt, list[str], bool]:
    """Let the open cases of an authority go on in the durable shell, those that do not run; then what waited for them is sent.

    Raises:
        StackFault: no such authority, or Temporal does not answer.
    """
    async with _serving(settings, slug) as (database, engine):
        rebuilt = await rebuild_all(database, engine, slug)
        if not rebuilt.unfaithful:
            async with database.tenant(slug) as session:
                await whole.let_go(session, REBUILDING)
    lines = [f"{slug}: {rebuilt.started} cases go on, {rebuilt.running} ran already"]
    return rebuilt, [*lines, *(f"NOT FAITHFUL: {one}" for one in rebuilt.unfaithful)], not rebuilt.unfaithful


async def one_taken_up(settings: Settings, slug: str, case: str) -> str:
    """Let one open case go on. Raises StackFault where it runs, is not open, or its journal does not come to what is stored."""
    async with _serving(settings, slug) as (database, engine):
        try:
            started = await rebuild(database, engine, slug, UUID(case))
        except (LookupError, ValueError):
            raise StackFault(f"{slug} has no open case {case}.", "What has ended has no run.", "see `waymark case list`.") from None
        except Unfaithful as unfaithful:
            raise StackFault(f"{case} is not started.", str(unfaithful), "see `waymark audit verify`: the journal is the record.") from None
    if not started:
        raise StackFault(f"{case} runs.", "Two runs of one case would part.", "leave it alone; end its run first if that is stuck.")
    return f"{case} goes on"


@asynccontextmanager
async def _serving(settings: Settings, slug: str) -> AsyncIterator[tuple[Database, Engine]]:
    """The database as those who serve see it, and the durable shell."""
    found = beside(settings)
    found.need("database_url")
    database = Database(found.database_url.get_secret_value(), 2)
    try:
        await known(database, slug)
        yield database, await engine_of(settings)
    except Unavailable:
        raise _no_temporal(found) from None
    finally:
        await database.close()


async def engine_of(settings: Settings) -> Engine:
    """The door to the durable shell. Raises StackFault where it does not answer."""
    found = beside(settings)
    try:
        return Engine(await connect(found, lazy=False))
    except RuntimeError:  # its text is the transport's
        raise _no_temporal(found) from None


def _no_temporal(settings: Settings) -> StackFault:
    do = "start it and run `waymark case rebuild` then: what is restored stays."
    return StackFault("Temporal does not answer.", settings.temporal_address, do)


def _keys(settings: Settings) -> Keys:
    found = beside(settings)
    found.need("codec_keys")
    try:
        return Keys.read(found.codec_keys.get_secret_value())
    except ValueError:
        raise StackFault(
            "WAYMARK_CODEC_KEYS is not well formed.", "The file is sealed with it.", "give `id:` and 32 bytes in base64."
        ) from None
