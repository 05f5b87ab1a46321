"""The proof knows nothing of what a tenant may write: it finds by itself what no overlay could do, and each of its rules notices alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from statute.comparison import Comparison
from statute.definition import Process, Span, Unit
from statute.explore import Certificate, CounterExample, explore
from statute.overlay import merge
from statute.prove import possible, prove
from statute.tenant_overlay import parse_overlay
from statute.types import Force
from tests.statute.overlays import document
from tests.statute.test_overlays import thinking
from workflows import library

NATIONAL = library.get("ehc_plan", 1)


def merged(process: str = "ehc_plan", **changes: Any) -> Process:
    return merge(library.get(process, 1), parse_overlay(document(process, **changes)))


def planted(name: str) -> Process:
    """The twenty weeks with one right or limit broken, by no overlay: the proof must find it by itself."""
    law = NATIONAL
    final, window, gate = law.deadlines["final_plan_sent"], law.deadlines["family_window"], law.gates["fifteen_days_given"]
    weeks = replace(final, spans=((Span(21, Unit.WEEKS), "received_on"),))
    views, refusal = law.acts["representations_made"], law.acts["assessment_refused"]
    panel = replace(law.acts["notify_partners"], name="panel")
    made: dict[str, Process] = {
        "a later date": _with(law, "deadlines", final_plan_sent=weeks),
        "a shorter time": _with(law, "deadlines", family_window=replace(window, spans=((Span(14, Unit.DAYS), "draft_plan"),))),
        "no number": _with(law, "deadlines", final_plan_sent=replace(final, spans=((None, "received_on"),))),
        "another excuse": _with(law, "deadlines", decision_notified=replace(law.deadlines["decision_notified"], excused_by=law.deadlines["advice_from_partners"].excused_by)),
        "a weaker force": _with(law, "deadlines", final_plan_sent=replace(final, force=Force.SHOULD)),
        "a gate that needs less": _with(law, "gates", fifteen_days_given=replace(gate, needs=("setting_consulted",))),
        "a gate with an exception": _with(law, "gates", fifteen_days_given=replace(gate, unless=("name_requested",))),
        "an act for others": _with(law, "acts", representations_made=replace(views, by=("local_authority",))),
        "an act elsewhere": _with(law, "acts", representations_made=replace(views, at=frozenset({"assessing"}))),
        "an act that is gone": replace(law, acts={key: act for key, act in law.acts.items() if key != "setting_requested"}),
        "a letter that says less": _with(law, "acts", assessment_refused=replace(refusal, contains={"reasons": ""})),
        "a task that ends the case": _with(law, "acts", panel=replace(panel, moves={"considering": "withdrawn"})),
        "a task in the way": _with(law, "acts", panel=panel, whether_to_assess=replace(
            law.acts["whether_to_assess"], gates=(replace(law.gates["family_heard"], needs=("consult_family", "panel")),))),
    }  # fmt: skip
    return made[name]


def test_each_rule_of_the_comparison_notices_by_itself() -> None:
    small, england = thinking(), library.england()
    gate = small.gates["thought"]
    narrower = _with(small, "gates", thought=replace(gate, needs=(*gate.needs, "papers_sent")))
    assert [found.rule for found in Comparison(small, narrower, england).gates()] == ["thought"]
    ends, elsewhere = planted("a task that ends the case"), planted("an act elsewhere")
    assert [found.rule for found in Comparison(NATIONAL, ends, england).acts()] == ["panel"]
    assert [found.rule for found in Comparison(NATIONAL, elsewhere, england).rights()] == ["representations_made"]
    national = explore(NATIONAL)
    assert isinstance(national, Certificate)
    fewer = replace(national, routes={name: path for name, path in national.routes.items() if name != "no_plan"})
    assert [found.rule for found in Comparison(NATIONAL, NATIONAL, england).endings(fewer)] == ["no_plan"]
    for name, rule in (("a later date", "final_plan_sent"), ("a gate that needs less", "what_to_name")):
        assert rule in [found.rule for found in Comparison(NATIONAL, planted(name), england).whole()]  # the indexes are as they were
    assert list(Comparison(NATIONAL, NATIONAL, england).whole()) == []


def _with(process: Process, section: str, **rules: Any) -> Process:
    changes: dict[str, Any] = {section: {**getattr(process, section), **rules}}
    return replace(process, **changes)


@pytest.mark.parametrize(
    "name",
    [
        "a later date", "a shorter time", "no number", "another excuse", "a weaker force", "a gate that needs less",
        "a gate with an exception", "an act for others", "an act elsewhere", "an act that is gone", "a letter that says less",
        "a task that ends the case",
    ],
)  # fmt: skip
def test_the_proof_finds_what_no_overlay_could_do(name: str) -> None:
    found = prove(NATIONAL, planted(name), library.england())
    assert isinstance(found, CounterExample)
    assert found.what


def test_the_proof_finds_a_task_that_holds_up_a_step_of_the_law() -> None:
    law = planted("a task in the way")
    gate = replace(law.gates["family_heard"], needs=("consult_family", "panel"))
    found = prove(NATIONAL, _with(law, "gates", family_heard=gate), library.england())
    assert isinstance(found, CounterExample)
    assert found.rule == "panel"


def test_a_step_that_can_never_be_taken_is_found_with_the_path_to_it() -> None:
    found = prove(NATIONAL, merged(gates={"family_heard": {"needs": ["setting_consulted"]}}), library.england())
    assert isinstance(found, CounterExample)
    assert found.what


def test_time_for_the_family_that_leaves_none_for_the_plan_is_found() -> None:
    changes = {"family_window": {"at_least": "60 days"}}
    found = prove(library.get("plan_amendment", 1), merged("plan_amendment", deadlines=changes), library.england())
    assert isinstance(found, CounterExample)
    assert "alone takes the whole of" in found.what


def test_what_the_family_may_do_is_walked_in_both() -> None:
    rights = {(act, stage) for act, stage, _ in possible(NATIONAL)}
    assert rights >= {("representations_made", "with_family"), ("request_withdrawn", "considering"), ("request_received", "considering")}
