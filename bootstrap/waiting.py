"""Starting beside a database that is starting too: wait until it answers, then refuse it if it is unsafe."""

from __future__ import annotations

import asyncio
import logging

from sqlalchemy.exc import SQLAlchemyError

from store.session import Database

log = logging.getLogger("waymark.bootstrap")
PATIENCE = 60.0  # seconds; after that the process ends, and whoever started it says so


async def until_checked(database: Database, *, allow_unsafe: bool) -> None:
    """Return once the database has answered and is fit to be relied on. Raises UnsafeDatabase, or the last error after a minute."""
    give_up = asyncio.get_running_loop().time() + PATIENCE
    while True:
        try:
            await database.check(allow_unsafe=allow_unsafe)
            return
        except (SQLAlchemyError, OSError) as error:
            if asyncio.get_running_loop().time() > give_up:
                raise
            log.warning("waiting for the database", extra={"error": type(error).__name__})
        await asyncio.sleep(0.3)
