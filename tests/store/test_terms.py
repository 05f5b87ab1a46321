"""The terms of schools: kept per council, replaced by their first day, and handed to a case as it counts them."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from statute.days import Days
from statute.definition import Span, Unit
from store.session import Database
from store.terms import Term, record_terms, terms_for, terms_of
from tests.seeds import NORTHMOOR, TERMS, WESTSHIRE
from workflows import library

pytestmark = pytest.mark.stored
SUMMER = Term(date(2027, 4, 12), date(2027, 7, 20), (date(2027, 6, 1), date(2027, 5, 31)))


async def test_terms_are_read_in_order_and_one_is_replaced_by_its_first_day(session: AsyncSession) -> None:
    setting = WESTSHIRE.setting.id
    assert await terms_of(session, setting) == TERMS
    await record_terms(session, setting, [SUMMER, Term(TERMS[0].first, date(2026, 12, 17))])
    found = await terms_of(session, setting)
    assert [(term.first, term.last) for term in found] == [
        (date(2026, 9, 2), date(2026, 12, 17)),
        (date(2027, 1, 5), date(2027, 3, 25)),
        (date(2027, 4, 12), date(2027, 7, 20)),
    ]
    assert found[2].written() == ("2027-04-12/2027-07-20", "-2027-05-31", "-2027-06-01")


async def test_another_council_s_schools_have_no_terms_here(session: AsyncSession, database: Database) -> None:
    assert await terms_of(session, NORTHMOOR.setting.id) == ()
    with pytest.raises(IntegrityError):
        async with database.tenant(WESTSHIRE.slug) as other:
            await record_terms(other, NORTHMOOR.setting.id, [SUMMER])


@pytest.mark.parametrize("last", [date(2027, 4, 11), date(2029, 1, 1)])
async def test_a_term_that_is_none_is_not_kept(session: AsyncSession, last: date) -> None:
    with pytest.raises(IntegrityError):
        await record_terms(session, WESTSHIRE.setting.id, [Term(date(2027, 4, 12), last)])


async def test_what_is_kept_can_be_counted_with(session: AsyncSession) -> None:
    setting = str(WESTSHIRE.setting.id)
    written = tuple(part for term in await terms_of(session, WESTSHIRE.setting.id) for part in term.written())
    days = library.england().meeting({setting: written})
    assert isinstance(days, Days)
    assert days.last_day(date(2026, 10, 22), Span(2, Unit.SCHOOL_DAYS), setting=setting) == date(2026, 11, 2)


async def test_a_process_without_school_days_asks_for_no_terms(session: AsyncSession) -> None:
    facts = {"received_on": "2026-09-03", "requested_by": "parent"}
    assert await terms_for(session, library.get("ehc_plan", 1), facts, str(WESTSHIRE.setting.id)) == {}
    assert await terms_for(session, library.get("ehc_plan", 1), facts, str(uuid4())) == {}
