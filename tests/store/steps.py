"""Steps of invented cases, for the tests of the store."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from hashlib import sha256
from uuid import UUID, uuid4

from store.journal import Head, Party, Post, Record, record
from store.session import Database
from tests.seeds import WESTSHIRE, Place

ON = date(2026, 1, 6)
AT = datetime(2026, 1, 6, 9, 30, 0, 123456, tzinfo=UTC)


def step(case_id: UUID, seq: int, key: str = "", place: Place = WESTSHIRE) -> Record:
    """The step of that number."""
    key = key or f"key-{seq}"
    return Record(
        tenant=place.slug,
        case_id=case_id,
        seq=seq,
        key=key,
        fingerprint=sha256(key.encode()).digest(),
        kind="opened" if seq == 1 else "happened",
        name="request_received" if seq == 1 else "advice_received",
        item="",
        actor=str(place.caseworker.id),
        capacity="local_authority",
        on=ON,
        at=AT,
        event={"facts": {"received_on": "2026-01-06", "first": True, "pages": seq}, "said": 'Zoë – §9 ’quoted’ "so" \\ /'},
        process_digest="p" * 64,
        calendar_digest="c" * 64,
        traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    )


def head(place: Place = WESTSHIRE, **changes: object) -> Head:
    """Where an invented case stands."""
    first = Head(
        process="ehc_plan",
        version=1,
        process_digest="p" * 64,
        stage="considering",
        opened_on=ON,
        closed_on=None,
        next_due=date(2026, 2, 17),
        next_clock="decision_notified",
        state={"facts": {"received_on": "2026-01-06"}},
        child_id=place.children[0].id,
    )
    return replace(first, **changes)  # type: ignore[arg-type]


def post(n: int = 0, name: str = "request_acknowledged") -> Post:
    """Something to be sent."""
    return Post(n, "notice", name, "", {"to": "family"})


async def open_case(db: Database, steps: int = 1, place: Place = WESTSHIRE, **changes: object) -> UUID:
    """A case with that many steps, each with one post, and its caseworker."""
    case_id = uuid4()
    for seq in range(1, steps + 1):
        parties = [Party("assigned", "", place.caseworker.id, None, ON)] if seq == 1 else []
        async with db.tenant(place.slug) as session:
            assert await record(session, step(case_id, seq, place=place), head(place, **changes), [post()], parties) is None
    return case_id
