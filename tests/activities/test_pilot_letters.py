"""Each letter of a case under a pilot beyond the law in force says so, beside everything that the law prescribes."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from activities import changed
from activities.letters import Occasion, beyond_the_law, render
from statute.advance import advance
from tests.reliability.life import events
from workflows import library


@pytest.mark.parametrize(
    ("name", "told"), [("mediation_mandatory", 1), ("tailored_list_ranked", 1), ("mediation_strengthened", 0), ("ap_three_tiers", 0)]
)
def test_only_a_pilot_beyond_the_law_in_force_is_told_in_every_letter(name: str, told: int) -> None:
    assert len(beyond_the_law([library.pilot(name)])) == told


def test_the_letter_holds_what_the_law_prescribes_and_what_the_pilot_is() -> None:
    rules = ("pilot:mediation_mandatory", "pilot:tailored_list_ranked")
    notice = library.under("ehc_plan", 1, (), rules).acts["final_plan"]
    said = beyond_the_law(library.pilots_of(rules))
    html = render(notice, Occasion("Westshire", "W-1", "Ada", date(2026, 5, 1), False, pilots=said), {})
    assert all(text in html for text in notice.contains.values() if "'" not in text)
    assert html.count("is a pilot and no law. It goes beyond the law in force") == 2
    assert "CFA s.55(4)" in html
    plain = render(library.get("ehc_plan", 1).acts["final_plan"], Occasion("Westshire", "W-1", "Ada", date(2026, 5, 1), False), {})
    assert "pilot" not in plain


def test_the_letter_of_a_move_tells_which_of_several_alike_each_date_is() -> None:
    """Four advisers are asked at once: four lines of the same words would say nothing to a family."""
    process, state = library.get("ehc_plan", 1), None
    for event in events(process, library.england(), datetime(2026, 1, 6, 12, tzinfo=UTC), upto=42):
        state = advance(process, state, event, library.england()).state
    assert state is not None
    html = changed.render(changed.Changed(state, state, "", ""), Occasion("Westshire", "W-1", "Ada", date(2026, 2, 16), False))
    assert "Give the advice that was asked for (" in html
    assert "Give the advice that was asked for<" not in html
