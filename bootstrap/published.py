"""At start: whether what councils published still fits the law of this release. What it does not allow is left out of new cases, and told."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta

from prometheus_client import Gauge

from statute.days import civil
from store import configurations, people
from store.session import Database
from workflows import configuring

log = logging.getLogger("waymark.configuration")
LEFT_OUT = Gauge("waymark_overlays_left_out", "Published overlays that the law of this release does not allow.", ["tenant"])


async def check_published(database: Database) -> int:
    """Lay every published overlay on the law; how many are left out of cases that are opened from now on (docs/decisions/0019).

    Cases that are pinned to one stay on it: the law that they were opened under did not change.
    """
    found = 0
    for slug in await database.slugs():
        async with database.tenant(slug) as session:
            one, authority = await configurations.published(session), await people.read_tenant(session)
            if one is None or authority is None:
                continue
            today = civil(datetime.now(UTC) + timedelta(seconds=authority.clock_offset_seconds))
            left_out = configuring.no_longer_lawful(one.document, today)
            if left_out != one.left_out:
                await configurations.record_left_out(session, one.version, left_out)
        LEFT_OUT.labels(slug).set(len(left_out))
        for overlay in left_out:
            log.warning("a published overlay is left out", extra={"tenant": slug, "overlay": overlay["digest"]})
        found += len(left_out)
    return found
