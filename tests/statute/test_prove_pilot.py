"""The proof of a pilot, which trusts neither the guard nor the merge: what it finds in planted processes, and every lawful choice proved."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from statute.certificate import Certificate, CounterExample
from statute.definition import Condition, Deadline, FactRule, FactType, FactUse, Gate, Process, Sense, Span, Unit
from statute.overlay import merge
from statute.pilot import Pilot
from statute.prove import prove
from statute.prove_pilot import Adding, prove_pilot
from statute.tenant_overlay import parse_overlay
from statute.types import Force
from tests.statute.overlays import lawful, lawful_document, northmoor
from tests.statute.pilots import laid
from workflows import library

MEDIATION = "mediation_and_appeal"
ENGLAND = library.england()
ON_SHELF = [(name, process) for name in library.pilots() for process in library.pilot(name).parts]
pytestmark = pytest.mark.thorough


@pytest.mark.parametrize(("name", "process"), ON_SHELF)
def test_every_pilot_on_the_shelf_is_proven(name: str, process: str) -> None:
    national, merged = library.get(process, 1), library.under(process, 1, (), (f"pilot:{name}",))
    found = prove_pilot(national, merged, library.pilot(name), ENGLAND)
    assert isinstance(found, Certificate), str(found)
    assert (found.digest, found.national) == (merged.digest, national.digest)
    assert merged.digest != national.digest


def _with(process: Process, section: str, **rules: Any) -> Process:
    changes: dict[str, Any] = {section: {**getattr(process, section), **rules}}
    return replace(process, **changes)


def _gated(process: Process, gate: Gate) -> Process:
    """A process in which a gate is another, wherever it stands."""
    process = _with(process, "gates", **{gate.name: gate})
    acts = {
        name: replace(act, gates=tuple(one for one in process.gates.values() if name in one.holds)) for name, act in process.acts.items()
    }
    return replace(process, acts=acts)


def _limit(process: Process, name: str, **changes: Any) -> Process:
    """A process in which a limit is another, wherever it stands."""
    before = process.deadlines[name]
    after = replace(before, **changes)
    kept: dict[str, Any] = {section: {key: tuple(after if one.name == name else one for one in listed) for key, listed in getattr(process, section).items()}
                            for section in ("starts", "meets", "stops")}  # fmt: skip
    return replace(_with(process, "deadlines", **{name: after}), **kept)


def _plan(change: Callable[[Process], Process]) -> tuple[str, str, Callable[[Process], Process]]:
    return "tailored_list_ranked", "ehc_plan", change


def _appeal(change: Callable[[Process], Process]) -> tuple[str, str, Callable[[Process], Process]]:
    return "mediation_mandatory", MEDIATION, change


def _act(name: str, **changes: Any) -> Callable[[Process], Process]:
    return lambda process: _with(process, "acts", **{name: replace(process.acts[name], **changes)})


def _first(process: Process, **changes: Any) -> Process:
    return _gated(process, replace(process.gates["mediation_first"], **changes))


def _without(process: Process, *names: str) -> Process:
    return _first(process, unless=tuple(one for one in process.gates["mediation_first"].unless if one not in names))


def _task(process: Process, **changes: Any) -> Process:
    return _limit(process, "list_built_in_time", **changes)


PLANTED: dict[str, tuple[tuple[str, str, Callable[[Process], Process]], str]] = {
    "the 15 days are fewer": (_plan(lambda p: _limit(p, "family_window", spans=((Span(14, Unit.DAYS), "draft_plan"),))), "family_window"),
    "the 15 days are more": (_plan(lambda p: _limit(p, "family_window", spans=((Span(30, Unit.DAYS), "draft_plan"),))), "family_window"),
    "the 20 weeks are more": (_plan(lambda p: _limit(p, "final_plan_sent", spans=((Span(21, Unit.WEEKS), "received_on"),))), "final_plan_sent"),
    "a limit of the law is met by an offer": (_plan(lambda p: _limit(p, "settings_answer", met_by=("setting_answer", "place_offered"))), "settings_answer"),
    "an act is gone": (_plan(lambda p: replace(p, acts={n: a for n, a in p.acts.items() if n != "setting_requested"})), "setting_requested"),
    "an act is for others": (_plan(_act("setting_requested", by=("local_authority",))), "setting_requested"),
    "an act at fewer stages": (_plan(_act("representations_made", at=frozenset({"assessing"}))), "representations_made"),
    "a letter says less": (_plan(_act("draft_plan", contains={"list_follows": "More."})), "draft_plan"),
    "an offer ends the case": (_plan(_act("place_offered", moves={"with_family": "issued"})), ""),
    "an offer counts as a consultation": (_plan(_act("place_offered", counts_as=("setting_consulted",))), "place_offered"),
    "an option tells a fact of the law": (_plan(_act("preferences_given", facts=(FactUse("received_on", required=False),))), "preferences_given"),
    "a task of the family": (_plan(_act("list_built", by=("family",))), "list_built"),
    "a limit in law of its own": (_plan(lambda p: _task(p, force=Force.MUST, cites=p.acts["list_built"].cites)), "list_built_in_time"),
    "a limit for the family": (_plan(lambda p: _task(p, binds="family")), "list_built_in_time"),
    "a floor": (_plan(lambda p: _task(p, sense=Sense.AT_LEAST)), "list_built_in_time"),
    "a request for a setting waits for the list": (_plan(lambda p: _gated(p, replace(p.gates["offered_from_a_list"], holds=("setting_requested",)))), "offered_from_a_list"),
    "the decision waits for an offer": (_plan(lambda p: _gated(p, replace(p.gates["offered_from_a_list"], holds=("what_to_name",)))), "offered_from_a_list"),
    "a gate of the law is another": (_plan(lambda p: _gated(p, replace(p.gates["settings_consulted"], needs=("list_built",)))), "settings_consulted"),
    "a fact of the law is another": (_plan(lambda p: _with(p, "facts", views=FactRule("views", FactType.TRUTH))), "views"),
    "a stage is called otherwise": (_plan(lambda p: _with(p, "stages", refused=replace(p.stages["refused"], say="No."))), "stages"),
    "another ground": (_plan(lambda p: replace(p, grounds={})), "grounds"),
    "an index that leaves a clock out": (_plan(lambda p: replace(p, starts={n: d for n, d in p.starts.items() if n != "draft_plan"})), ""),
    "an appeal shut until the window is over": (_appeal(lambda p: _first(p, when=("pilot_letter",))), "mediation_first"),
    "an appeal shut for eight weeks": (_appeal(lambda p: _with(p, "conditions", first_six_weeks=replace(p.conditions["first_six_weeks"], within=Span(8, Unit.WEEKS)))), "mediation_first"),
    "an appeal shut from another day": (_appeal(lambda p: _with(p, "conditions", first_six_weeks=replace(p.conditions["first_six_weeks"], of=("mediation_wanted",)))), "mediation_first"),
    "an appeal that only the authority opens": (_appeal(lambda p: _without(p, "exemption_told", "authority_stayed_away")), "mediation_first"),
    "a second gate on an appeal": (_appeal(lambda p: _gated(p, replace(p.gates["mediation_first"], name="again_first"))), ""),
    "a shorter window": (_appeal(lambda p: _limit(p, "appeal_window", spans=((Span(1, Unit.MONTHS), "decision_sent_on"), (Span(1, Unit.MONTHS), "certificate_given")))), "appeal_window"),
    "a window that does not roll": (_appeal(lambda p: _limit(p, "appeal_window", rolls="")), "appeal_window"),
    "a certificate for the council alone": (_appeal(_act("certificate_given", by=("local_authority",))), "certificate_given"),
    "a declining that is gone": (_appeal(lambda p: replace(p, acts={n: a for n, a in p.acts.items() if n != "mediation_declined"})), "mediation_declined"),
    "a condition of the law is another": (_appeal(lambda p: _with(p, "conditions", appeal_still_in_time=Condition("appeal_still_in_time", "A", (), until="contact_adviser"))), "appeal_still_in_time"),
}  # fmt: skip


@pytest.mark.parametrize("name", PLANTED)
def test_the_proof_finds_what_no_guard_let_through(name: str) -> None:
    (pilot, process, change), rule = PLANTED[name]
    spoilt = change(library.under(process, 1, (), (f"pilot:{pilot}",)))
    found = prove_pilot(library.get(process, 1), spoilt, library.pilot(pilot), ENGLAND)
    assert isinstance(found, CounterExample), name
    assert rule in ("", found.rule), f"{found.rule}: {found}"


def test_a_gate_on_an_appeal_is_found_where_the_pilot_does_not_say_that_it_goes_beyond_the_law() -> None:
    meek: Pilot = replace(library.pilot("mediation_mandatory"), beyond=False)
    adding = Adding(library.get(MEDIATION, 1), library.under(MEDIATION, 1, (), ("pilot:mediation_mandatory",)), meek, ENGLAND)
    assert [found.rule for found in adding.gates()] == ["mediation_first"]


def test_where_only_an_appeal_about_the_school_passes_the_place_is_told_with_the_path_to_it() -> None:
    spoilt = _without(library.under(MEDIATION, 1, (), ("pilot:mediation_mandatory",)), "exemption_told", "authority_stayed_away")
    adding = Adding(library.get(MEDIATION, 1), spoilt, library.pilot("mediation_mandatory"), ENGLAND)
    found = next(adding.ways_through())
    assert "Without the authority" in found.what
    assert "sent: pilot letter" in found.path


def _limits_of(process: Process) -> list[Deadline]:
    return [deadline for deadline in process.deadlines.values() if deadline.force is Force.MUST]


CHOICES = [(process, rules) for process in library.names() for rules in library.pilot_sets(process) if rules]


def test_the_lawful_choices_are_all_that_exclude_nothing() -> None:
    assert len(library.pilot_sets("ehc_plan")) == 9  # three ways of mediation, three of the list
    assert len(library.pilot_sets(MEDIATION)) == 3
    assert library.pilot_sets("suspension") == ((),)
    assert len(CHOICES) == 8 + 8 + 2 * 7 + 3


@pytest.mark.parametrize(("process", "rules"), CHOICES, ids=["+".join((process, *rules)) for process, rules in CHOICES])
def test_all_lawful_choices_of_pilots_are_proven_with_one_another_and_with_overlays(process: str, rules: tuple[str, ...]) -> None:
    """Each pilot upon those before it, and then whatever a council may want of the result."""
    for number, rule in enumerate(rules):
        [pilot] = library.pilots_of([rule])
        before, after = (library.under(process, 1, (), rules[:n]) for n in (number, number + 1))
        found = prove_pilot(before, after, pilot, ENGLAND)
        assert isinstance(found, Certificate), str(found)
    national, merged = library.get(process, 1), library.under(process, 1, (), rules)
    assert [merged.deadlines[one.name] for one in _limits_of(national)] == _limits_of(national)
    drawn = [lawful_document(national, Random(seed)) for seed in range(8)]
    overlays = [parse_overlay(one) for one in (*drawn, northmoor() if process == "ehc_plan" else None) if one is not None]
    sound = [one for one in overlays if isinstance(prove(national, merge(national, one), ENGLAND), Certificate)]
    assert len(sound) >= 3
    for overlay in sound:  # what the law alone lets a council have, it has under every choice of pilots too
        found = prove(merged, merge(national, *library.pilots_of(rules), overlay), ENGLAND)
        assert isinstance(found, Certificate), str(found)


def test_what_a_council_wants_of_mediation_leaves_the_way_through_the_gate_as_it_is() -> None:
    pilot, national = library.pilot("mediation_mandatory"), library.get(MEDIATION, 1)
    shown = 0
    for seed in range(4):
        council = lawful(laid(pilot, MEDIATION), Random(seed))
        if council is not None:
            assert list(Adding(national, council, pilot, ENGLAND).ways_through()) == []
            shown += 1
    assert shown
