"""The shelf: what stands on it is sound, found by name and version, frozen once published, and its calendar is England's."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime
from importlib import metadata, resources
from pathlib import Path

import holidays
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from statute.advance import advance
from statute.days import Days
from statute.types import Event, Evidence, Faulty, Force, Kind
from tests.texts import values
from workflows import library

TOLD = range(2013, 2066)  # the years of the table


def test_every_definition_on_the_shelf_is_sound_and_stands_under_its_own_name() -> None:
    assert ("ehc_plan", 1) in library.files()
    for name, version in library.files():
        process = library.get(name, version)
        assert (process.name, process.version) == (name, version)


def test_a_definition_that_is_not_there_is_unknown_and_never_the_latest_instead() -> None:
    for name, version in (("ehc_plan", 2), ("ehc_plan", 0), ("ehc_plans", 1), ("../ehc_plan", 1), ("", 1)):
        with pytest.raises(library.Unknown, match="no process"):
            library.get(name, version)


def test_the_law_of_the_day_on_which_a_case_is_opened_applies() -> None:
    assert library.in_force("ehc_plan", date(2014, 9, 1)).version == 1
    with pytest.raises(library.Unknown, match="31 August 2014"):
        library.in_force("ehc_plan", date(2014, 8, 31))


def test_a_published_definition_is_locked_and_unchanged() -> None:
    assert library.changed_since_published() == []


@pytest.fixture
def another_shelf(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A shelf with a copy of the first definition, for spoiling."""
    shelf, folder = library.shelf(), tmp_path / "england" / "ehc_plan"
    folder.mkdir(parents=True)
    (tmp_path / library.AMENDMENTS).mkdir()
    (tmp_path / library.PILOTS).mkdir()
    (folder / "v1.yaml").write_bytes(shelf.joinpath("england", "ehc_plan", "v1.yaml").read_bytes())
    (tmp_path / library.LOCK).write_bytes(shelf.joinpath(library.LOCK).read_bytes())
    monkeypatch.setattr(library, "shelf", lambda: tmp_path)
    for name in ("get", "in_force", "amendments", "pilots"):  # asked anew while this shelf stands; what was read of the real one is kept
        monkeypatch.setattr(library, name, getattr(library, name).__wrapped__)
    return folder


def test_a_changed_published_definition_is_noticed(another_shelf: Path) -> None:
    file = another_shelf / "v1.yaml"
    file.write_text(file.read_text("utf-8").replace("within: 20 weeks", "within: 21 weeks"), encoding="utf-8")
    assert library.changed_since_published() == [f"ehc_plan/v1.yaml {hashlib.sha256(file.read_bytes()).hexdigest()}"]


def test_a_published_definition_that_nobody_locked_is_noticed(another_shelf: Path) -> None:
    (another_shelf.parent.parent / library.LOCK).write_text("", encoding="utf-8")
    assert [line.split()[0] for line in library.changed_since_published()] == ["ehc_plan/v1.yaml"]


def test_a_case_keeps_the_rules_under_which_it_was_opened(another_shelf: Path) -> None:
    """Scenario 59: changed law is a new version; who asked on the last day of the old one keeps it."""
    text = (another_shelf / "v1.yaml").read_text("utf-8")
    for old, new in (("version: 1\n", "version: 2\n"), ("from: 2014-09-01", "from: 2027-01-01"), ("within: 20 weeks", "within: 18 weeks")):
        assert text.count(old) == 1
        text = text.replace(old, new)
    (another_shelf / "v2.yaml").write_text(text, encoding="utf-8")
    assert [library.in_force("ehc_plan", day).version for day in (date(2026, 12, 31), date(2027, 1, 1))] == [1, 2]
    opening = {"received_on": "2026-12-31", "requested_by": "parent"}
    event = Event(
        kind=Kind.OPENED,
        name="request_received",
        on=date(2026, 12, 31),
        at=datetime(2026, 12, 31, 12, tzinfo=UTC),
        key="asked",
        capacity="family",
        facts=opening,
    )
    state = advance(library.in_force("ehc_plan", event.on), None, event, Days()).state
    assert (state.process, state.version, state.clocks["final_plan_sent"].due) == ("ehc_plan", 1, date(2027, 5, 20))
    assert library.get(state.process, state.version).digest == state.digest != library.get("ehc_plan", 2).digest


def test_every_must_on_the_shelf_is_cited_with_its_evidence_and_no_review_is_claimed() -> None:
    for name, version in library.files():
        process = library.get(name, version)
        assert process.reviewed is None, "nobody with legal authority has reviewed it"
        for deadline in process.deadlines.values():
            assert deadline.cites or deadline.force is not Force.MUST
            assert all(isinstance(cite.evidence, Evidence) for cite in deadline.cites)
            assert deadline.say.strip()


@pytest.mark.thorough
def test_the_bank_holidays_are_those_of_a_library_that_computes_them() -> None:
    """Whole years, both ways. The table also holds the days themselves where a substitute day is kept, for they are holidays in law."""
    ours = library.england().holidays
    theirs = holidays.country_holidays("GB", subdiv="ENG", years=TOLD)
    assert ours == set(theirs.keys())


def test_the_bank_holidays_are_those_that_the_government_announced() -> None:
    bundled = resources.files("govuk_bank_holidays").joinpath("bank-holidays.json").read_bytes()
    events = msgspec.json.decode(bundled)["england-and-wales"]["events"]
    announced = {date.fromisoformat(event["date"]) for event in events}
    ours, years = library.england().holidays, range(max(2013, min(announced).year + 1), max(announced).year)
    assert len(announced) >= 60, metadata.version("govuk-bank-holidays")
    assert {day for day in announced if day.year >= 2013} <= ours
    weekdays = {day for day in ours if day.year in years and day.weekday() < 5}
    assert weekdays == {day for day in announced if day.year in years}, "a working day is lost, or one too many"


def test_the_calendar_reaches_as_far_as_cases_do() -> None:
    ours = library.england().holidays
    for year in range(2013, 2045):
        assert 8 <= sum(day.year == year for day in ours) <= 13, year


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.text(max_size=60), st.text(alphabet="ab:{}[],&*!|>-? \n\"'#%@0123456789TZ+.", max_size=40)))
def test_any_text_at_all_is_a_document_or_faulty(text: str) -> None:
    try:
        library.read_yaml(text)
    except Faulty as faulty:
        told = [part for fault in faulty.faults for part in (fault.path, fault.what, fault.why, fault.do)]
        if not told or not all(told):
            raise AssertionError(faulty.faults) from None


@pytest.mark.parametrize(
    "text", ["0001-01-01T00:00:00+10:00", "a: 2026-02-30", "!!timestamp x", "a: 0o9", "- ? !!binary x", "{" * 300, "- " * 3000]
)
def test_a_text_that_hardly_anybody_would_write_is_a_document_or_faulty(text: str) -> None:
    try:
        library.read_yaml(text)
    except Faulty:
        return


@pytest.mark.thorough
def test_another_reader_reads_the_examples_as_this_one_does() -> None:
    """Tests read them by a faster one."""
    found = [text for text in (Path(str(library.shelf())).rglob("*examples.yaml")) if text.is_file()]
    assert len(found) > 20
    for file in found:
        assert values(file.read_text("utf-8")) == library.read_yaml(file.read_text("utf-8")), file.name
