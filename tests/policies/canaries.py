"""Two councils in which every table has rows and every free text is a word of its own: whose it is, of what kind, and about whom."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Boolean, Date, DateTime, LargeBinary, Table, Text, insert, text, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from policies.actions import Role
from store.session import Database, driver_url
from store.tables import metadata
from tests.conftest import Dsns
from tests.graphql_api.lived import opened
from tests.seeds import PLACES, SINCE, Place, seed_id

SPELT = re.compile(r"zq([a-z]+)_([a-z]+)_([a-z]+)qz")
NOW = datetime.now(UTC)
TODAY = NOW.date()
# how a person may stand to the first child and its case; nobody stands in any way to the second, and `nobody` to neither
STANDINGS = ("nobody", "own_child", "self", "on_roll", "requested", "asked", "consulted", "assigned")
WORKS = {"on_roll": "roll", "requested": "asks", "consulted": "consulted"}
CHILDREN = ("alpha", "beta")


def word(place: Place, kind: str, about: str = "all") -> str:
    """A text that occurs nowhere else."""
    return f"zq{place.slug}_{kind}_{about}qz"


@dataclass(frozen=True, slots=True)
class Found:
    """A word that was found in an answer."""

    council: str
    kind: str
    about: str


def found_in(said: str) -> set[Found]:
    """Every canary that sings in it."""
    return {Found(*one) for one in SPELT.findall(said)}


@dataclass
class Council:
    """What of one council a caller may try to name."""

    place: Place
    cases: dict[str, UUID] = field(default_factory=dict)

    def key(self, what: str) -> UUID:
        return seed_id(f"{self.place.slug}|canary|{what}")

    def person(self, standing: str) -> UUID:
        return self.key(f"person {standing}")

    def child(self, which: str) -> UUID:
        return self.place.children[CHILDREN.index(which)].id


def _value(table: Table, name: str, kind: str, about: str, council: Council) -> Any:
    """A value for a column that must have one."""
    column = table.c[name]
    match column.type:
        case ARRAY():
            return []
        case JSONB():
            return {}
        case Boolean():
            return False
        case Date():
            return TODAY - timedelta(days=30)
        case DateTime():
            return NOW - timedelta(days=1)
        case LargeBinary():
            return b"0" * 32
        case Text():
            return word(council.place, kind, about)
    if name in ("id", "person_id") or str(column.type).startswith(("CHAR", "UUID")):
        return council.key(f"{table.name} {about}") if name == "id" else council.person("nobody")
    return 1


async def _put(connection: AsyncConnection, council: Council, table: str, canary: str, about: str = "all", /, **given: Any) -> None:
    """A row whose every free text is a canary, but for what is given."""
    found = metadata.tables[f"waymark.{table}"]
    texts = {each.name for each in found.c if isinstance(each.type, Text) and not isinstance(each.type, JSONB)}
    usual = {
        each.name: _value(found, each.name, canary, about, council)
        for each in found.c
        if each.name not in given and (each.name in texts or not (each.nullable or each.server_default is not None))
    }
    await connection.execute(insert(found).values({**usual, "tenant": council.place.slug, **given}))


def _cases(council: Council) -> Iterator[tuple[str, UUID]]:
    yield from council.cases.items()


async def _people(connection: AsyncConnection, council: Council) -> None:
    place, roles = council.place, [str(role) for role in Role]
    await connection.execute(
        update(metadata.tables["waymark.tenant"]).where(text("tenant = :t")).values(name=word(place, "council")), {"t": place.slug}
    )
    settings = {name: council.key(f"setting {name}") for name in ("roll", "asks", "consulted", "other")}
    for name, key in settings.items():
        await _put(connection, council, "setting", "setting", name, id=key, urn=None, kind="mainstream_school")
    for standing in STANDINGS:
        key, name = council.person(standing), standing.replace("_", "")
        subject = f"{place.slug}.canary.{standing}"
        await _put(
            connection,
            council,
            "person",
            "person",
            name,
            id=key,
            subject=subject,
            email=f"{word(place, 'person', name)}@x.example",
            roles=roles,
        )
        if standing in WORKS:
            at = {"setting_id": settings[WORKS[standing]], "kind": "works_at"}
            await _put(connection, council, "relation", "x", id=council.key(f"rel {standing}"), person_id=key, starts_on=SINCE, **at)
        if standing in ("own_child", "self"):
            kind = {"own_child": "parent", "self": "young_person"}[standing]
            to = {"child_id": council.child("alpha"), "kind": kind}
            await _put(connection, council, "relation", "x", id=council.key(f"rel {standing}"), person_id=key, starts_on=SINCE, **to)
    child = metadata.tables["waymark.child"]
    for which, at in zip(CHILDREN, ("roll", "other"), strict=True):
        named = {"given_name": word(place, "child", which), "family_name": word(place, "child", which), "setting_id": settings[at]}
        await connection.execute(update(child).where(child.c.id == council.child(which)).values(named))


async def _of_cases(connection: AsyncConnection, council: Council) -> None:
    """What hangs on each case: letters, provision, places and what was received."""
    place = council.place
    for which, case in _cases(council):
        await connection.execute(
            text("update waymark.case_file set reference = :r where id = :c"), {"r": word(place, "case", which), "c": case}
        )
        written = "update waymark.journal set traceparent = :t, event = event || jsonb_build_object('evidence', cast(:t as text)) where case_id = :c"
        await connection.execute(text(written), {"t": word(place, "hidden", which), "c": case})
        here = {"case_id": case}
        await _put(connection, council, "outbox", "hidden", which, **here, seq=1, n=90, kind="notice", status="waiting", done_at=None)
        await _put(connection, council, "letter", "letter", which, **here, seq=1, n=90, notice="assessment_agreed", recipient_role="family")
        items = [{"section": "F", "need": "SLCN", "what": word(place, "provision", which), "details": word(place, "provision", which),
                  "tier": "specialist", "provided_by": "health_body", "how_often": {"minutes": 30, "every": "week"}}]  # fmt: skip
        await _put(
            connection, council, "plan_provision", "provision", which, **here, id=council.key(f"provision {which}"), phase="primary",
            needs=[], items=items, departures=[], catalogues=[],
        )  # fmt: skip
        own = str(council.key("setting consulted"))
        entries = [
            {"setting": at, "listed": True, "rank": 1, "mainstream": True, "metres": 1, "free": 1, "as_of": None,
             "reasons": [{"name": "x", "say": word(place, kind, which), "speaks_for": True, "cites": []}]}
            for at, kind in ((own, "line"), (str(council.key("setting other")), "list"))
        ]  # fmt: skip
        content = {"phase": "primary", "say": word(place, "line", which), "cites": [], "entries": entries}
        await _put(connection, council, "tailored_list", "line", which, **here, rule="tailored_list", entry=2027, content=content)
        await _put(connection, council, "preference_order", "hidden", which, **here, mainstream=True, capacity="family")
        await _put(connection, council, "preference", "hidden", which, **here, rank=1, setting_id=council.key("setting other"))
        ground = {"ground": "unsuitable", "setting_id": council.key("setting other")}
        await _put(connection, council, "place_ground", "list", which, **here, **ground)
        answers = [
            {
                "setting": own,
                "preference": 1,
                "outcome": "no_place",
                "say": word(place, "list", which),
                "ground": None,
                "owed": False,
                "cites": [],
            }
        ]
        offer = {"id": council.key(f"offer {which}"), "preference_version": 1, "content": {"setting": own, "answers": answers}}
        await _put(connection, council, "place_offer", "hidden", which, **here, **offer)
        await _put(
            connection, council, "inbox", "hidden", which, receipt=f"canary-{place.slug}-{which}", case_id=council.key(f"other {which}"),
            process="ehc_plan", status="received", body={"said": word(place, "hidden", which)},
        )  # fmt: skip
    parties = {"requested": ("", "setting asks"), "consulted": ("", "setting consulted"), "asked": ("medical", ""), "assigned": ("", "")}
    for kind, (item, at) in parties.items():
        whom = {"setting_id": council.key(at)} if at else {"person_id": council.person(kind)}
        await _put(connection, council, "case_party", "hidden", case_id=council.cases["alpha"], kind=kind, item=item, since=SINCE, **whom)


async def _of_the_council(connection: AsyncConnection, council: Council) -> None:
    """What the council keeps as a whole: configuration, flags, pilots, revisions, mediators, provision, places."""
    place, by = council.place, council.person
    await _put(
        connection, council, "mediator", "mediator", "assigned", person_id=by("assigned"), id=council.key("mediator"), step="added",
        employed_by="none_of_these", training=[{"what": word(place, "mediator", "assigned"), "on": "2026-01-01"}],
    )  # fmt: skip
    document = {
        "configuration": 1, "overlays": [], "letters": {"address": word(place, "configuration"), "telephone": word(place, "configuration")},
        "teams": {word(place, "team"): {"say": word(place, "team"), "members": [], "processes": ["ehc_plan"]}},
    }  # fmt: skip
    several = {"proposed_by": by("nobody"), "approved_by": by("own_child"), "published_by": by("nobody"), "published_at": NOW}
    proof = {
        "sound": True,
        "digest": word(place, "configuration"),
        "law": "x",
        "processes": [],
        "milliseconds": 1,
        "choices": 0,
        "apart": [],
    }
    await _put(
        connection,
        council,
        "configuration",
        "configuration",
        version=1,
        status="published",
        document=document,
        proof=proof,
        left_out=[],
        **several,
    )
    await _put(connection, council, "configuration", "configuration", version=2, status="draft", document=document, left_out=[])
    for n in (1, 2):
        await _put(connection, council, "configuration_event", "configuration", version=n, n=1, what="drafted", key=f"canary-{n}")
        for which, case in _cases(council):
            await _put(
                connection, council, "configuration_case", "rehearsed", which, version=n, case_id=case, process="ehc_plan", differences=[],
            )  # fmt: skip
    await _put(connection, council, "overlay", "hidden", digest="0123456789ab", document={})
    flag = council.key("flag")
    await _put(
        connection, council, "flag", "flag", id=flag, name="ap_tiers", variant="on", status="approved", cohort={},
        approved_by=by("own_child"), approved_at=NOW,
    )  # fmt: skip
    await _put(connection, council, "flag_event", "flag", id=council.key("flag event"), what="approved", name="ap_tiers", flag_id=flag)
    await _put(connection, council, "enrolment", "enrolled", pilot="ap_three_tiers")
    revision = council.key("revision")
    await _put(connection, council, "revision", "flag", id=revision, kind="kill", status="waiting", finished_at=None, moment=NOW)
    for which, case in _cases(council):
        await _put(connection, council, "revision_case", "stayed", which, revision_id=revision, case_id=case, status="stayed")
        await _put(
            connection,
            council,
            "consent",
            "hidden",
            which,
            id=council.key(f"consent {which}"),
            child_id=council.child(which),
            answer="given",
        )
    local = """local_provision: true
title: {word}
say: {word}
provisions: {{therapy: Therapy}}
"""
    for step, what, kind in ((1, "published", "localplan"), (2, "drafted", "localdraft")):
        when = {"version": 1, "in_force_from": date(2026, 1, 1)} if what == "published" else {"version": None, "in_force_from": None}
        said = word(place, kind)
        offer = {
            "say": said,
            "needs": ["SLCN"],
            "tier": "specialist",
            "phases": ["primary"],
            "section": "F",
            "what": "therapy",
            "by": ["health_body"],
        }
        parsed = {"local_provision": True, "title": said, "say": said, "provisions": {"therapy": "Therapy"}, "offers": {"weekly": offer}}
        await _put(
            connection, council, "local_provision", kind, step=step, id=council.key(f"local {step}"), what=what, yaml=local.format(word=said),
            document=parsed, **when,
        )  # fmt: skip
    await _put(connection, council, "person", "breaker", id=council.key("breaker"), subject=f"{place.slug}.canary.breaker", roles=[])
    host, hook = word(place, "webhook"), council.key("webhook")
    await _put(connection, council, "webhook_host", "webhook", host=host)
    await _put(connection, council, "webhook", "webhook", id=hook, host=host, secret=b"s" * 32, status="active")
    await _put(connection, council, "webhook_post", "hidden", webhook_id=hook, case_id=council.cases["alpha"], seq=1)
    await _put(connection, council, "revoked", "hidden", id=council.key("revoked"), kind="token")
    grown = {"relation_id": council.key("rel own_child"), "child_id": council.child("alpha")}
    await _put(connection, council, "relation_event", "related", "alpha", **grown, what="added")
    for which, case in _cases(council):
        opened_by = {"case_id": case, "person_id": council.key("breaker"), "relation_id": council.key(f"rel broke {which}")}
        await _put(connection, council, "glass_break", "broken", which, **opened_by, id=council.key(f"break {which}"))
    await _put(connection, council, "inclusion_plan", "plan", reach=1000)
    there = council.key("setting consulted")
    await _put(
        connection, council, "inclusion_place", "plan", setting_id=there, phase="primary", first_year=0, last_year=6, needs=[],
        category="maintained_school",
    )  # fmt: skip
    await _put(connection, council, "place_capacity", "plan", setting_id=there, phase="primary", entry=2027, places=3)
    await _put(connection, council, "place_round", "hidden", id=council.key("round"), phase="primary", entry=2027)
    await _put(
        connection, council, "reservation", "hidden", id=council.key("offer alpha"), case_id=council.cases["alpha"], setting_id=there,
        phase="primary", entry=2027, status="held", held_at=NOW, expires_at=NOW + timedelta(days=5), ended_at=None,
    )  # fmt: skip


async def plant(dsns: Dsns) -> dict[str, Council]:
    """Fill both seeded councils; what is done above row security here is done by the superuser, who serves nobody."""
    councils = {place.slug: Council(place) for place in PLACES}
    database, engine = Database(dsns.app), create_async_engine(driver_url(dsns.superuser))
    try:
        for council in councils.values():
            for which, child in zip(CHILDREN, council.place.children, strict=True):
                life = await opened(database, TODAY - timedelta(days=40), child, place=council.place)
                await life.assess(TODAY - timedelta(days=39))
                council.cases[which] = life.id
        async with engine.begin() as connection:
            await connection.execute(text("set session_replication_role = replica"))
            for council in councils.values():
                await _people(connection, council)
                await _of_cases(connection, council)
                await _of_the_council(connection, council)
    finally:
        await database.close()
        await engine.dispose()
    return councils
