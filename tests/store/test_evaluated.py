"""Which variant a case gets: evaluated through the SDK, in the transaction that pins it, and for the right council and task alone."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from openfeature import api
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from sqlalchemy.ext.asyncio import AsyncSession

from store import evaluated, flags, pilots
from store.evaluated import DOMAIN, Evaluated, groups_of
from store.session import Database
from tenants.flags import Child
from tests.seeds import NORTHMOOR, WESTSHIRE
from tests.store.set_flags import DAY, MANDATORY, RANKED, STRENGTHENED, approved
from workflows import library

pytestmark = pytest.mark.stored
CHILD = Child(WESTSHIRE.children[0].id, WESTSHIRE.children[0].born_on)
OFFERED = library.offered()
PROCESS = "mediation_and_appeal"
STANDARD = Evaluated()
CHOSEN = Evaluated({"mediation": "strengthened"}, ("mediation_strengthened",))


async def of(
    session: AsyncSession, process: str = PROCESS, day: date = DAY, child: Child | None = CHILD, offered: Any = OFFERED
) -> Evaluated:
    return await evaluated.evaluated(session, process, day, child, offered)


async def test_without_a_flag_the_law_applies(session: AsyncSession) -> None:
    assert await of(session) == STANDARD


async def test_a_flag_in_force_chooses_its_pilot_for_the_processes_that_it_changes_and_for_no_other(session: AsyncSession) -> None:
    await approved(session)
    assert await of(session) == CHOSEN
    assert await of(session, "suspension") == STANDARD


async def test_a_flag_holds_from_its_first_day_to_its_last(session: AsyncSession) -> None:
    await approved(session, ends_on=DAY + timedelta(days=10))
    days = (-1, 0, 10, 11)
    found = [await of(session, day=DAY + timedelta(days=n)) for n in days]
    assert found == [STANDARD, CHOSEN, CHOSEN, STANDARD]


@pytest.mark.parametrize("status", ["proposed", "withdrawn", "killed"])
async def test_only_an_approved_flag_does_anything(session: AsyncSession, status: str) -> None:
    one = await approved(session)
    await flags.change(session, one, 2, status=status)
    assert await of(session) == STANDARD


async def test_a_cohort_narrows(session: AsyncSession) -> None:
    await approved(session, cohort={"born_from": 2016, "born_to": 2016})  # the children of the seeds were born in March 2017
    assert await of(session) == CHOSEN
    assert await of(session, child=Child(uuid4(), date(2017, 9, 1))) == STANDARD
    assert await of(session, child=None) == STANDARD


async def test_beyond_the_law_in_force_nothing_applies_without_enrolment_and_only_while_it_lasts(session: AsyncSession) -> None:
    await approved(session, variant="mandatory")
    assert await of(session) == STANDARD
    last = DAY + timedelta(days=5)
    await pilots.enrol(session, pilots.Enrolment(MANDATORY.name, WESTSHIRE.caseworker.id, DAY + timedelta(days=2), last, "chosen"))
    days = (0, 2, 5, 6)
    found = [(await of(session, day=DAY + timedelta(days=n))).pilots for n in days]
    assert found == [(), (MANDATORY.name,), (MANDATORY.name,), ()]


async def test_what_asks_for_consent_applies_where_the_family_gave_it_and_did_not_take_it_back(session: AsyncSession) -> None:
    await approved(session, "tailored_list", "ranked")
    await pilots.enrol(session, pilots.Enrolment(RANKED.name, WESTSHIRE.caseworker.id, DAY, None, "chosen"))
    answers = [(await of(session, "ehc_plan")).pilots]
    for given in (True, False):
        await pilots.answer(session, uuid4(), CHILD.id, RANKED.name, given=given, on=DAY, recorded_by=WESTSHIRE.parent.id)
        answers.append((await of(session, "ehc_plan")).pilots)
    assert answers == [(), (RANKED.name,), ()]
    assert (await of(session, "ehc_plan", child=None)).pilots == ()


async def test_a_pilot_that_is_off_the_shelf_does_not_apply(session: AsyncSession) -> None:
    await approved(session)
    assert await of(session, offered=[replace(STRENGTHENED, until=DAY - timedelta(days=1))]) == STANDARD
    assert await of(session, offered=[MANDATORY]) == STANDARD


async def test_a_pilot_of_the_change_programme_is_for_its_areas_and_for_training(database: Database) -> None:
    """Northmoor is neither: an approval that slipped through does nothing there."""
    found = {}
    for place in (WESTSHIRE, NORTHMOOR):
        async with database.tenant(place.slug) as session:
            await approved(session, place=place)
            await approved(session, "ap_tiers", "on", place=place)
            found[place.slug] = [(await of(session, process)).pilots for process in (PROCESS, "ap_tier1")]
    assert found == {"westshire": [("mediation_strengthened",), ("ap_three_tiers",)], "northmoor": [(), ("ap_three_tiers",)]}
    assert groups_of(replace(NORTHMOOR.tenant, dfe_code="352")) == {"change_programme"}


async def test_a_flag_of_one_council_is_none_of_anothers_even_at_the_same_moment(database: Database) -> None:
    async with database.tenant(WESTSHIRE.slug) as session:
        await approved(session)

    async def opened(place: Any, child: Any) -> Evaluated:
        async with database.tenant(place.slug) as session:
            return await of(session, child=Child(child.id, child.born_on))

    tasks = [asyncio.create_task(opened(place, place.children[n % 2])) for n in range(12) for place in (WESTSHIRE, NORTHMOOR)]
    found = await asyncio.gather(*tasks)
    assert found[::2] == [CHOSEN] * 12
    assert found[1::2] == [STANDARD] * 12


async def test_outside_an_opening_the_provider_answers_the_default_and_says_that_it_is_an_error(session: AsyncSession) -> None:
    await approved(session)
    await of(session)
    details = await api.get_client(DOMAIN).get_string_details_async("mediation", "certificate")
    assert (details.value, str(details.error_code)) == ("certificate", "GENERAL")


async def test_a_flag_that_cannot_be_evaluated_is_no_default(session: AsyncSession, monkeypatch: pytest.MonkeyPatch) -> None:
    """The SDK swallows what a provider raises and answers the default: an opening must not."""
    await approved(session)

    def broken(*_: Any) -> str:
        raise ValueError("broken")

    monkeypatch.setattr(evaluated, "_against", broken)
    with pytest.raises(evaluated.Unevaluated):
        await of(session)


async def test_an_evaluation_is_told_to_the_span_by_convention_and_says_nothing_of_the_child(session: AsyncSession) -> None:
    await approved(session, cohort={"percent": 100, "born_from": 2016})
    seen = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(seen))
    with provider.get_tracer("test").start_as_current_span("opening"):
        await of(session)
    [span] = seen.get_finished_spans()
    [told] = span.events
    assert told.name == "feature_flag.evaluation"
    assert dict(told.attributes or {}) == {
        "feature_flag.key": "mediation",
        "feature_flag.result.variant": "strengthened",
        "feature_flag.result.reason": "targeting_match",
        "feature_flag.provider.name": "waymark-postgres",
        "feature_flag.context.id": "westshire",
    }
    assert not any(word in span.to_json() for word in (str(CHILD.id), str(CHILD.born_on), *WESTSHIRE.canaries))


async def test_a_pin_and_a_kill_come_one_after_the_other(database: Database) -> None:
    async with database.tenant(WESTSHIRE.slug) as session:
        await approved(session)
    order: list[str] = []

    async def kill() -> None:
        async with database.tenant(WESTSHIRE.slug) as session:
            await flags.kill(session, "mediation", "strengthened")
        order.append("killed")

    async with database.tenant(WESTSHIRE.slug) as session:
        assert await of(session) == CHOSEN
        killing = asyncio.create_task(kill())
        await asyncio.sleep(0.2)
        assert await of(session) == CHOSEN, "a transaction that pinned it goes on with it"
        order.append("pinned")
    await killing
    assert order == ["pinned", "killed"]
    async with database.tenant(WESTSHIRE.slug) as session:
        assert await of(session) == STANDARD


async def test_two_who_approved_alone_are_refused_by_the_database_itself(session: AsyncSession) -> None:
    one = await approved(session)
    with pytest.raises(Exception, match="two_people"):
        await flags.change(session, one, 2, approved_by=one.proposed_by)
