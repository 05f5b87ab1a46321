"""What is no overlay at all, or speaks of what is not there, is told where it is and what to do; whatever anybody sends."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from statute.definition import Process
from statute.overlay import merge
from statute.tenant_overlay import Relaxation, parse_overlay
from statute.types import Faulty
from tests.statute.overlays import blind, document, northmoor
from workflows import library

NATIONAL = library.get("ehc_plan", 1)
SEEDS = st.integers(0, 2**32 - 1)


def merged(process: str = "ehc_plan", **changes: Any) -> Process:
    return merge(library.get(process, 1), parse_overlay(document(process, **changes)))


FAULTY: list[tuple[str, dict[str, Any], str, str]] = [
    ("an unknown key", {"deadlinse": {}}, "deadlinse", "did you mean `deadlines`"),
    ("an unknown deadline", {"deadlines": {"final_plan_snet": {"within": "3 weeks"}}}, "deadlines.final_plan_snet", "did you mean final_plan_sent"),
    ("an unknown gate", {"gates": {"family_hurd": {"needs": ["advice"]}}}, "gates.family_hurd", "did you mean family_heard"),
    ("an unknown act", {"gates": {"family_heard": {"needs": ["notify_partner"]}}}, "gates.family_heard.needs", "did you mean notify_partners"),
    ("an unknown exception", {"gates": {"family_heard": {"without": ["advice"]}}}, "gates.family_heard.without", "there is none"),
    ("an unknown notice", {"notices": {"advice": {"contains": {"a_word": "A."}}}}, "notices.advice", "use one of"),
    ("an unknown decision", {"decisions": {"whether_to_asess": {"who": "decision_maker"}}}, "decisions.whether_to_asess", "did you mean"),
    ("an unknown outcome", {"facts": {"note": "text"}, "decisions": {"whether_to_assess": {"record": {"will_asess": ["note"]}}}}, "decisions.whether_to_assess.record", "did you mean"),
    ("an undeclared fact", {"decisions": {"whether_to_assess": {"record": {"will_assess": ["note"]}}}}, "decisions.whether_to_assess.record.will_assess", "leave it out"),
    ("a fact of a strange type", {"facts": {"note": "date"}, "decisions": {"whether_to_assess": {"record": {"will_assess": ["note"]}}}}, "facts.note", "text"),
    ("a fact for nothing", {"facts": {"note": "text"}}, "facts.note", "record it"),
    ("an unknown ground", {"without": {"final_plan_sent": ["storm"]}}, "without.final_plan_sent", "use one of"),
    ("an unknown stage", {"tasks": {"panel": {"say": "A", "by": ["local_authority"], "at": ["assesing"]}}}, "tasks.panel.at", "did you mean assessing"),
    ("a task at an ending", {"tasks": {"panel": {"say": "A", "by": ["local_authority"], "at": ["issued"]}}}, "tasks.panel.at", "use one of"),
    ("a task with a name of the law", {"tasks": {"advice": {"say": "A", "by": ["local_authority"], "at": ["assessing"]}}}, "tasks.advice", "own"),
    ("a task named like a fact", {"tasks": {"views": {"say": "A", "by": ["local_authority"], "at": ["assessing"]}}}, "acts.views", "rename"),
    ("two senses", {"deadlines": {"final_plan_sent": {"within": "3 weeks", "every": "2 weeks"}}}, "deadlines.final_plan_sent", "keep the one"),
    ("another sense", {"deadlines": {"final_plan_sent": {"at_least": "3 weeks"}}}, "deadlines.final_plan_sent", "write `within:`"),
    ("nothing", {"deadlines": {"final_plan_sent": {"why": "So."}}}, "deadlines.final_plan_sent", "give one of"),
    ("no time at all", {"deadlines": {"final_plan_sent": {"within": "0 weeks"}}}, "deadlines.final_plan_sent.within", "check it"),
    ("half an age", {"deadlines": {"family_window": {"at_least": "9999 days"}}}, "deadlines.family_window.at_least", "check it"),
    ("a warning on the day", {"deadlines": {"final_plan_sent": {"warn": ["0 days"]}}}, "deadlines.final_plan_sent.warn", "write"),
    ("a warning before no date", {"deadlines": {"partners_notified": {"warn": ["3 days"]}}}, "deadlines.partners_notified.warn", "leave it out"),
    ("a truth for a name", {"gates": {"family_heard": {"needs": [True]}}}, "gates.family_heard.needs[0]", "name"),
    ("half a character", {"notices": {"final_plan": {"contains": {"more": "\ud800"}}}}, "(the document)", "anew"),
    ("a very long sentence", {"notices": {"final_plan": {"contains": {"more": "x" * 2001}}}}, "notices.final_plan.contains.more", "below"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "path", "do"), [case[1:] for case in FAULTY], ids=[case[0].replace(" ", "-") for case in FAULTY])
def test_a_mistake_is_told_where_it_is_and_what_to_do(changes: dict[str, Any], path: str, do: str) -> None:
    with pytest.raises(Faulty) as caught:
        merged(**changes)
    assert any(fault.path == path and do in fault.do for fault in caught.value.faults), caught.value.faults


def test_an_overlay_says_whose_it_is_what_it_changes_and_why() -> None:
    with pytest.raises(Faulty) as caught:
        parse_overlay({})
    assert {fault.path for fault in caught.value.faults} == {"overlay", "process", "why"}


JUNK = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(-5, 10**9), st.floats(), st.text(max_size=8), st.dates(),
        st.sampled_from(["6 weeks", "0 days", "9999 months", "family_window", "advice", "\ud800", "local_authority", "text"]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.one_of(st.text(max_size=5), st.integers(), st.sampled_from(["within", "needs", "say", "why", "contains", "record"])), inner, max_size=3),
    ),
    max_leaves=8,
)  # fmt: skip


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield value, key
        yield from places(inner)


def answer(sent: object) -> str:
    """The digest, or what is wrong; any other exception is a broken law."""
    try:
        return merge(NATIONAL, parse_overlay(sent)).digest
    except (Faulty, Relaxation) as told:
        return str(told)


@pytest.mark.thorough
@given(junk=JUNK, seed=SEEDS)
def test_whatever_is_sent_is_an_overlay_or_told_what_is_wrong(junk: Any, seed: int) -> None:
    chance = Random(seed)
    spoilt = northmoor()
    parent, key = chance.choice(list(places(spoilt)))
    parent[key] = junk
    drawn = document("ehc_plan", **blind(NATIONAL, chance))
    for given_document in (junk, spoilt, drawn, document("ehc_plan", deadlines=junk, tasks=junk), document("ehc_plan", stages=junk)):
        assert answer(given_document)
