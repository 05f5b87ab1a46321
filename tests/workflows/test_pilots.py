"""The pilots on the shelf: each stands under its own name, says what it is, and every rule of it is played in a dated example beside it."""

from __future__ import annotations

import pytest

from tests.workflows.played import Example, differences, expectations, pilot_examples, steps
from tests.workflows.test_examples import play
from workflows import library

NAMES = ("ap_three_tiers", "mediation_mandatory", "mediation_strengthened", "tailored_list_advisory", "tailored_list_ranked")


@pytest.mark.parametrize("example", pilot_examples(), ids=lambda example: example.name)
def test_it_goes_as_the_example_of_the_pilot_says(example: Example) -> None:
    assert differences(expectations(example), play(example)) == []


def test_every_rule_of_a_pilot_has_an_example() -> None:
    told: dict[tuple[str, str], list[Example]] = {}
    for example in pilot_examples():
        [rule] = example.rules
        told.setdefault((rule.removeprefix("pilot:"), example.process), []).append(example)
    for name in library.pilots():
        for process, part in library.pilot(name).parts.items():
            if not part.acts:
                continue  # words alone
            played = told[name, process]
            done = {move.name for example in played for move in steps(example)}
            expected = [expectations(example) for example in played]
            clocks = {key.partition("/")[0] for then in expected for key in (*then.due, *then.status)}
            sentences = [then.refused.says for then in expected if then.refused]
            assert part.acts.keys() - done == set(), f"{name}: acts without an example"
            assert {task.deadline for task in part.limits.values()} | part.deadlines.keys() - clocks - {"reviews"} <= clocks | {"reviews"}
            assert all(any(sentence in gate.say for sentence in sentences) for gate in part.gates.values()), (
                f"{name}: gates without an example"
            )


def test_the_pilots_are_there_and_stand_under_their_own_names() -> None:
    assert library.pilots() == NAMES
    for name in library.pilots():
        assert library.pilot(name).name == name
    with pytest.raises(library.Unknown, match="no pilot mediation: there are ap_three_tiers"):
        library.pilot("mediation")
    with pytest.raises(library.Unknown):
        library.under("ehc_plan", 1, (), ("pilot:mediation",))


def test_two_go_beyond_the_law_in_force_and_say_of_which() -> None:
    beyond = {name: [str(cite) for cite in library.pilot(name).departs_from] for name in library.pilots() if library.pilot(name).beyond}
    assert beyond == {"mediation_mandatory": ["CFA s.55(4)"], "tailored_list_ranked": ["CFA s.38(3)", "CFA s.39(4)"]}


def test_pilots_that_are_laid_together_speak_of_a_process_together() -> None:
    both = library.under("ehc_plan", 1, (), ("pilot:mediation_strengthened", "pilot:tailored_list_ranked"))
    assert {"mediation_offered", "preferences_answered"} < both.acts["final_plan"].contains.keys()
    assert library.pilots_of(("pilot:ap_three_tiers", "0123456789ab")) == (library.pilot("ap_three_tiers"),)


def test_a_published_pilot_is_locked() -> None:
    locked = library.shelf().joinpath(library.LOCK).read_text("utf-8")
    assert all(f"pilots/{name}.yaml" in locked for name in library.pilots())
    assert library.changed_since_published() == []
