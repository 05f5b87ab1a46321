"""At start: whether what councils published still fits the law of this release, by the same proof as at publishing. What does not is left out of new cases, and told."""

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

    What was proved under the law of this release is not walked again: its certificate holds. What was proved under another law is.

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
            if (one.proof or {}).get("law") != configuring.law_of(one.document, today):  # its certificate is of another law
                left_out += configuring.no_longer_proved(one.document, today, left_out)
            if left_out != one.left_out:
                await configurations.record_left_out(session, one.version, left_out)
        LEFT_OUT.labels(slug).set(len(left_out))
        for overlay in left_out:
            log.warning("a published overlay is left out", extra={"tenant": slug, "overlay": overlay["digest"]})
        found += len(left_out)
    return found
