"""What a cohort takes in: groups of cases by process, phase, year and share, and never a child."""

from __future__ import annotations

from datetime import date
from uuid import UUID, uuid5

import pytest

from tenants.flags import KNOWN, PHASES, Child, Cohort, academic_year, cohort_of, faults_of, phase_of, share

SPACE = UUID("6b3f7a52-0c1e-4d5a-9a54-51a3a6f4d2c8")
CHILDREN = [Child(uuid5(SPACE, str(n)), date(2005 + n % 18, 1 + n % 12, 1 + n % 28)) for n in range(2000)]
DAY = date(2026, 11, 24)
ALL = frozenset({"mediation_and_appeal", "ehc_plan"})


def test_the_default_of_every_flag_is_the_law_as_it_is() -> None:
    assert {name: flag.default for name, flag in KNOWN.items()} == {"mediation": "certificate", "tailored_list": "off", "ap_tiers": "off"}


@pytest.mark.parametrize(
    ("born_on", "day", "phase"),
    [
        (date(2020, 9, 1), date(2025, 8, 31), "early_years"),
        (date(2020, 8, 31), date(2024, 9, 1), "primary"),
        (date(2020, 9, 1), date(2024, 9, 1), "early_years"),
        (date(2020, 9, 1), date(2025, 9, 1), "primary"),
        (date(2014, 9, 1), date(2026, 8, 31), "primary"),
        (date(2014, 9, 1), date(2026, 9, 1), "secondary"),
        (date(2009, 9, 1), date(2026, 8, 31), "secondary"),
        (date(2009, 9, 1), date(2026, 9, 1), "post_16"),
    ],
)
def test_a_phase_begins_on_the_first_of_september(born_on: date, day: date, phase: str) -> None:
    assert phase_of(born_on, day) == phase
    assert phase in PHASES


def test_an_empty_cohort_takes_in_every_case_and_a_narrow_one_none_of_whom_nothing_is_known() -> None:
    assert Cohort().takes_in("mediation", "ehc_plan", None, DAY)
    for narrow in (Cohort(phases=("primary",)), Cohort(born_from=2015), Cohort(born_to=2015), Cohort(percent=50)):
        assert not narrow.takes_in("mediation", "ehc_plan", None, DAY)
    assert not Cohort(processes=("ehc_plan",)).takes_in("mediation", "annual_review", None, DAY)


def test_all_that_is_given_has_to_hold() -> None:
    cohort = Cohort(processes=("ehc_plan",), phases=("primary",), born_from=2016, born_to=2018)
    for child in CHILDREN:
        wanted = phase_of(child.born_on, DAY) == "primary" and 2016 <= academic_year(child.born_on) <= 2018
        assert cohort.takes_in("mediation", "ehc_plan", child, DAY) == wanted


def test_a_share_is_a_share_stays_and_only_grows() -> None:
    taken = {
        percent: {one.id for one in CHILDREN if Cohort(percent=percent).takes_in("mediation", "p", one, DAY)} for percent in (5, 30, 60)
    }
    assert taken[5] < taken[30] < taken[60]
    for percent, some in taken.items():
        assert abs(len(some) / len(CHILDREN) - percent / 100) < 0.04
    assert {share("mediation", one.id) for one in CHILDREN} == set(range(100))


def test_who_is_in_one_flags_share_is_no_likelier_in_anothers() -> None:
    half = [one for one in CHILDREN if share("mediation", one.id) < 50]
    both = [one for one in half if share("tailored_list", one.id) < 50]
    assert abs(len(both) / len(half) - 0.5) < 0.05


def test_a_cohort_is_stored_without_what_does_not_narrow_and_read_back_the_same() -> None:
    assert Cohort().written() == {}
    one = Cohort(("ehc_plan",), ("primary", "post_16"), 2010, 2012, 7)
    assert cohort_of(one.written()) == one
    assert cohort_of({}) == Cohort()


@pytest.mark.parametrize(
    ("cohort", "path"),
    [
        (Cohort(processes=("complaint",)), "cohort.processes"),
        (Cohort(phases=("sixth_form",)), "cohort.phases"),
        (Cohort(born_from=20150401), "cohort.bornFrom"),
        (Cohort(born_from=2016, born_to=2015), "cohort.bornTo"),
        (Cohort(percent=0), "cohort.percent"),
        (Cohort(percent=101), "cohort.percent"),
    ],
)
def test_what_is_wrong_with_a_cohort_is_told(cohort: Cohort, path: str) -> None:
    assert [fault.path for fault in faults_of(cohort, ALL)] == [path]
    assert faults_of(Cohort(("ehc_plan",), ("primary",), 2010, 2012, 7), ALL) == []
