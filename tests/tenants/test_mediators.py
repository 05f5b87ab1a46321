"""Who may be assigned as mediation adviser or mediator: the law's independence first, then an accreditation that holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.actions import Role
from statute.types import Evidence
from tenants.mediators import (
    OF_HEALTH,
    OF_THE_COUNCIL,
    WARN,
    Accreditation,
    Employer,
    Entry,
    Standing,
    Step,
    against,
    days_after,
    employed,
    standing,
)

TODAY = date(2026, 11, 24)
DAY = timedelta(days=1)
HELD = Accreditation("Body", "N1", date(2024, 9, 1), date(2027, 8, 31), "Service")
ADVISER = frozenset({"mediation_adviser"})


def entries(*steps: Step, held: Accreditation = HELD) -> tuple[Entry, ...]:
    return tuple(Entry(n, step, held) for n, step in enumerate(steps, 1))


def said(*steps: Step, held: Accreditation = HELD, roles: frozenset[str] = ADVISER, on: date = TODAY) -> str:
    no = against(entries(*steps, held=held), roles, on, TODAY)
    return no.say if no else ""


def test_whose_accreditation_holds_and_who_is_independent_can_be_assigned() -> None:
    assert said(Step.ADDED) == ""


def test_who_is_not_in_the_register_cannot() -> None:
    assert said() == "This person is not in the register of mediators"


@pytest.mark.parametrize(("last", "can"), [(TODAY, True), (TODAY - DAY, False), (TODAY + DAY, True)])
def test_the_last_day_of_an_accreditation_is_one_on_which_it_still_holds(last: date, can: bool) -> None:
    held = replace(HELD, expires_on=last)
    assert (said(Step.ADDED, held=held) == "") is can
    assert can or said(Step.ADDED, held=held) == "This mediator's accreditation does not hold on 24 November 2026"


@pytest.mark.parametrize(("first", "can"), [(TODAY, True), (TODAY + DAY, False)])
def test_an_accreditation_holds_from_its_first_day_on(first: date, can: bool) -> None:
    assert (said(Step.ADDED, held=replace(HELD, accredited_on=first)) == "") is can


def test_it_must_have_held_on_the_day_that_counts_in_the_case_too() -> None:
    assert said(Step.ADDED, on=HELD.accredited_on - DAY) == "This mediator's accreditation does not hold on 31 August 2024"
    renewed = (Entry(1, Step.ADDED, HELD), Entry(2, Step.RENEWED, replace(HELD, accredited_on=TODAY)))
    assert against(renewed, ADVISER, TODAY - DAY, TODAY) is None, "under the one before it was renewed"


def test_who_is_suspended_cannot_until_a_renewal_ends_it() -> None:
    assert said(Step.ADDED, Step.SUSPENDED) == "This mediator is suspended"
    assert said(Step.ADDED, Step.SUSPENDED, Step.RENEWED) == ""


@pytest.mark.parametrize("by", [Employer.LOCAL_AUTHORITY, Employer.INTEGRATED_CARE_BOARD, Employer.NHS_ENGLAND])
def test_nobody_whom_the_law_calls_not_independent_can_be_assigned(by: Employer) -> None:
    no = against(entries(Step.ADDED, held=replace(HELD, employed_by=by)), ADVISER, TODAY, TODAY)
    assert no is not None
    assert no.say.startswith("This person is employed by a")
    assert [(one.instrument, one.pinpoint, one.evidence) for one in no.cites] == [
        ("CFA", "s.56(2)", Evidence.PRIMARY),
        ("CFA", "s.56(3)", Evidence.PRIMARY),
    ]


@pytest.mark.parametrize("role", sorted(OF_THE_COUNCIL | OF_HEALTH))
def test_who_works_here_for_the_council_or_the_health_service_is_not_independent_whatever_the_register_says(role: str) -> None:
    for steps in ((Step.ADDED,), ()):
        assert "is employed by a" in said(*steps, roles=ADVISER | {role})


def test_every_role_that_is_looked_at_is_one_that_there_is() -> None:
    assert set(Role) >= OF_THE_COUNCIL | OF_HEALTH | ADVISER


def test_every_refusal_says_by_what_it_is_and_with_what_evidence() -> None:
    nos = [
        against((), ADVISER, TODAY, TODAY),
        against(entries(Step.ADDED, Step.SUSPENDED), ADVISER, TODAY, TODAY),
        against(entries(Step.ADDED), ADVISER, TODAY, HELD.expires_on + DAY),
        employed((), Employer.NHS_ENGLAND),
    ]
    assert all(no is not None and no.cites for no in nos)


@pytest.mark.parametrize(
    ("held", "step", "found"),
    [
        (HELD, Step.ADDED, Standing.ACCREDITED),
        (replace(HELD, expires_on=TODAY + WARN), Step.ADDED, Standing.ENDS_SOON),
        (replace(HELD, expires_on=TODAY + WARN + DAY), Step.ADDED, Standing.ACCREDITED),
        (replace(HELD, expires_on=TODAY), Step.RENEWED, Standing.ENDS_SOON),
        (replace(HELD, expires_on=TODAY - DAY), Step.RENEWED, Standing.ENDED),
        (replace(HELD, accredited_on=TODAY + DAY), Step.RENEWED, Standing.NOT_YET),
        (HELD, Step.SUSPENDED, Standing.SUSPENDED),
        (replace(HELD, employed_by=Employer.LOCAL_AUTHORITY), Step.SUSPENDED, Standing.NOT_INDEPENDENT),
    ],
)
def test_where_a_mediator_stands(held: Accreditation, step: Step, found: Standing) -> None:
    assert standing(Entry(1, step, held), TODAY) is found


@given(
    st.lists(st.tuples(st.sampled_from(Step), st.integers(-900, 900), st.integers(0, 900), st.sampled_from(Employer)), max_size=4),
    st.integers(-900, 0),
)
def test_whoever_can_be_assigned_stands_accredited_today(steps: list[tuple[Step, int, int, Employer]], ago: int) -> None:
    made = tuple(
        Entry(n, step, Accreditation("B", "N", TODAY + timedelta(first), TODAY + timedelta(first + long), "S", by))
        for n, (step, first, long, by) in enumerate(steps, 1)
    )
    if against(made, ADVISER, TODAY + timedelta(ago), TODAY) is None:
        assert standing(made[-1], TODAY) in (Standing.ACCREDITED, Standing.ENDS_SOON)


@pytest.mark.parametrize(("days", "day"), [(0, TODAY), (30, date(2026, 12, 24)), (10**9, date.max), (-(10**9), date.min)])
def test_days_from_a_day_stay_in_the_calendar(days: int, day: date) -> None:
    assert days_after(TODAY, days) == day
