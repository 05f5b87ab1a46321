"""What is only proposed stands on the shelf as a draft: it can be read, walked and played, but it is no law, and nothing that is law leads to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from statute.definition import Deadline, FactType, Opening, Process
from statute.explore import Certificate, explore
from statute.types import Force
from workflows import library

SHELF = {file: library.get(*file) for file in sorted(library.files())}
DRAFTS = [process for process in SHELF.values() if process.status == "draft"]
PUBLISHED = [process for process in SHELF.values() if process.status == "published"]
each_draft = pytest.mark.parametrize("draft", DRAFTS, ids=lambda draft: f"{draft.name} v{draft.version}")


def days_around(draft: Process) -> Iterator[date]:
    """The days on which a draft would come into force, and the ends of time."""
    yield from (date.min, date.max, *(draft.in_force_from + timedelta(days=days) for days in (-1, 0, 1)))


def applies(draft: Process, on: date) -> bool:
    """Whether a case opened on a day would follow what is only proposed."""
    try:
        return library.in_force(draft.name, on).status != "published"
    except library.Unknown:
        return False


def unmarked(draft: Process) -> list[str]:
    """The sentences of a draft that do not say that it is proposed."""
    said = {"title": draft.title}
    for rules in (draft.stages, draft.acts, draft.deadlines, draft.gates, draft.grounds):
        said |= {name: rule.say for name, rule in rules.items()}
    said |= {outcome.name: outcome.say for act in draft.acts.values() for outcome in act.outcomes.values()}
    return [name for name, sentence in said.items() if "proposed" not in sentence.lower()]


def musts(draft: Process) -> list[Deadline]:
    """The deadlines of a draft that claim to be law."""
    return [deadline for deadline in draft.deadlines.values() if deadline.force is Force.MUST]


def leads_to_a_draft(published: Iterable[Process], drafts: Iterable[Process]) -> Iterator[str]:
    """The acts of published processes that would open, send to, tell or reach by announcement what is only proposed."""
    lawful = {process.name for process in published}
    acts = {name for process in published for name in process.acts}
    proposed = {name for draft in drafts for name in (draft.name, *draft.acts)} - lawful - acts
    for process in published:
        for act in process.acts.values():
            onward = {*(opening.process for opening in act.opens), act.sends, *act.tells, *act.announces}
            yield from (f"{process.name}.{act.name} leads to {name}" for name in sorted(onward & proposed))


def opens_badly(opening: Opening, on: date) -> list[str]:
    """What is wrong with an opening: the process is not in force, the event does not open it, or it cannot take the facts."""
    following = library.in_force(opening.process, on)
    name = opening.event or following.opens_with[0]
    if name not in following.opens_with:
        return [f"{name} does not open {following.name}"]
    taken = {use.name for use in following.acts[name].facts}
    wrong = [f"{name} does not take {fact}" for fact in (*opening.facts, *opening.dated) if fact not in taken]
    for fact, value in opening.facts.items():
        rule = following.facts[fact]
        wrong += [f"{fact} is never {value}" for _ in "1" if rule.type is FactType.CHOICE and value not in rule.choices]
    return wrong


def test_there_is_a_draft_and_it_is_the_proposed_individual_support_plan() -> None:
    assert ("individual_support_plan", 1) in [(draft.name, draft.version) for draft in DRAFTS]
    assert "individual_support_plan" not in {process.name for process in PUBLISHED}


@each_draft
def test_a_draft_is_not_in_force_when_it_says_that_it_would_be(draft: Process) -> None:
    assert [day for day in days_around(draft) if applies(draft, day)] == []


def test_whoever_asks_for_a_draft_is_told_its_name_and_the_day() -> None:
    with pytest.raises(library.Unknown, match="no published version of individual_support_plan is in force on 2 September 2030"):
        library.in_force("individual_support_plan", date(2030, 9, 2))


@given(st.dates())
def test_no_day_at_all_brings_a_draft_into_force(day: date) -> None:
    assert [draft.name for draft in DRAFTS if applies(draft, day)] == []


@each_draft
def test_a_draft_says_in_every_sentence_that_it_is_proposed(draft: Process) -> None:
    assert unmarked(draft) == []
    text = library.files()[draft.name, draft.version].read_text("utf-8")
    assert text.startswith("# PROPOSED, NOT LAW."), "whoever opens the file reads it first"


@each_draft
def test_a_draft_has_no_must(draft: Process) -> None:
    assert musts(draft) == []


@each_draft
def test_every_path_of_a_draft_is_walked(draft: Process) -> None:
    found = explore(draft)
    assert isinstance(found, Certificate), str(found)
    assert set(found.routes) == draft.endings


@each_draft
def test_what_a_draft_opens_is_law_on_the_day_from_which_it_would_apply(draft: Process) -> None:
    openings = [opening for act in draft.acts.values() for opening in act.opens]
    assert [wrong for opening in openings for wrong in opens_badly(opening, draft.in_force_from)] == []


def test_nothing_that_is_published_leads_to_a_draft() -> None:
    assert list(leads_to_a_draft(PUBLISHED, DRAFTS)) == []


def test_these_tests_notice() -> None:
    [draft] = [draft for draft in DRAFTS if draft.name == "individual_support_plan"]
    review, sent = draft.deadlines["yearly_review"], draft.acts["plan_ended"]
    assert musts(replace(draft, deadlines={"yearly_review": replace(review, force=Force.MUST)}))
    assert unmarked(replace(draft, title="Individual Support Plan")) == ["title"]
    assert unmarked(replace(draft, deadlines={"yearly_review": replace(review, say="Review the plan")})) == ["yearly_review"]
    ways = {
        "opens": replace(sent, opens=(Opening(draft.name),)),
        "sends": replace(sent, sends=draft.name),
        "tells": replace(sent, tells=("ehc_plan_made",)),
        "announces": replace(sent, announces=("ehc_plan_made",)),
    }
    law = library.get("ehc_plan", 1)
    for act in ways.values():
        assert len(list(leads_to_a_draft([replace(law, acts={act.name: act})], DRAFTS))) == 1
    assert opens_badly(Opening("ehc_plan", "advice", {}, ()), draft.in_force_from)
    assert len(opens_badly(Opening("ehc_plan", "request_received", {"requested_by": "cat"}, ("lodged_on",)), draft.in_force_from)) == 2
