"""A council's configuration: one strict document, the same in YAML and JSON, and what differs told in sentences."""

from __future__ import annotations

import base64
import json
import zlib
from copy import deepcopy
from typing import Any

import pytest

from statute.types import Faulty
from tenants.configuration import empty, parse_configuration
from tenants.configuration_text import as_yaml
from tenants.differences import differences
from workflows import library

WHOLE = """
configuration: 1
overlays:
  - overlay: northmoor_ehc_plan
    process: ehc_plan
    why: Northmoor wants every family to hear from it early.
    deadlines:
      final_plan_sent: {within: 18 weeks, warn: [28 days, 7 days]}
    tasks:
      call_family: {say: Call the family in the first week, by: [local_authority], at: [considering],
                    deadline: {within: 5 working_days, from: received_on}}
closed_days: [2026-12-29, 2026-12-24]
letters:
  address: |
    Civic Hall
    Northmoor NM1 1AA
  telephone: 01632 960000
  email: send@northmoor.example
  sign_off: Yours sincerely, the SEND team
escalation:
  - {process: ehc_plan, deadline: final_plan_sent, on: breach, to: northmoor-head-of-send, say: The head of SEND}
teams:
  early_years: {say: Early years team, members: [northmoor-caseworker], processes: [ehc_plan]}
"""


def document() -> dict[str, Any]:
    found: dict[str, Any] = library.read_yaml(WHOLE)
    return found


def png(width: int = 2, height: int = 2) -> str:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")

    head = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes((8, 0, 0, 0, 0))
    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0\0\0" * 2)) + chunk(b"IEND", b"")
    return "data:image/png;base64," + base64.b64encode(data).decode()


def svg(inside: str) -> str:
    return f'data:image/svg+xml,<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10">{inside}</svg>'


def test_every_part_is_read() -> None:
    found = parse_configuration(document())
    assert [overlay.name for overlay in found.overlays] == ["northmoor_ehc_plan"]
    assert [str(day) for day in found.closed_days] == ["2026-12-24", "2026-12-29"], "in order"
    assert found.letters.telephone == "01632 960000"
    assert (found.escalation[0].on, found.escalation[0].to) == ("breach", "northmoor-head-of-send")
    assert found.teams[0].members == ("northmoor-caseworker",)
    assert found.processes == ("ehc_plan",)


def test_the_same_document_in_yaml_and_json_has_one_fingerprint() -> None:
    found = parse_configuration(document())
    as_json = json.loads(json.dumps(found.document, sort_keys=True))
    assert parse_configuration(as_json) == found
    again = parse_configuration(library.read_yaml(as_yaml(as_json)))
    assert again == found
    assert as_yaml(again.document) == as_yaml(found.document)


def test_a_council_that_sets_nothing_has_a_configuration_too() -> None:
    assert empty().overlays == ()
    assert parse_configuration(library.read_yaml(as_yaml(empty().document))) == empty()


def test_every_fault_is_told_at_once_with_its_path() -> None:
    broken = document()
    broken["configuration"] = 2
    broken["overlays"][0]["deadlines"]["final_plan_sent"]["within"] = "soon"
    broken["overlays"].append(deepcopy(document()["overlays"][0]))
    broken["closed_days"].append("2026-02-30")
    broken["letters"] |= {"logo": "http://elsewhere.example/logo.png", "email": "nobody", "telephone": "one\ntwo"}
    broken["escalation"][0]["on"] = "always"
    broken["teams"]["early_years"]["members"].append("northmoor-caseworker")
    broken["colour"] = "red"
    with pytest.raises(Faulty) as faulty:
        parse_configuration(broken)
    assert {fault.path for fault in faulty.value.faults} == {
        "configuration",
        "overlays[0].deadlines.final_plan_sent.within",
        "closed_days[2]",
        "letters.logo",
        "letters.email",
        "letters.telephone",
        "escalation[0].on",
        "teams.early_years.members",
        "colour",
    }


def test_two_overlays_of_one_name_are_a_fault() -> None:
    broken = document()
    broken["overlays"].append(deepcopy(broken["overlays"][0]))
    with pytest.raises(Faulty, match=r"overlays\[1\].overlay: northmoor_ehc_plan is listed twice"):
        parse_configuration(broken)


@pytest.mark.parametrize(
    "given", [None, 3, "text", [], {}, {"configuration": True}, {"configuration": 1, "overlays": {}}, {"overlays": []}]
)
def test_whatever_is_given_is_read_or_refused_with_faults(given: object) -> None:
    with pytest.raises(Faulty):
        parse_configuration(given)


@pytest.mark.parametrize(
    "logo",
    [
        png(),
        svg('<path d="M0 0h10v10z" fill="#123456"/>'),
        svg('<defs><linearGradient id="a"><stop offset="0"/></linearGradient></defs><rect width="9" fill="url(#a)"/>'),
    ],
)
def test_a_logo_that_only_draws_is_taken(logo: str) -> None:
    assert parse_configuration({"configuration": 1, "letters": {"logo": logo}}).letters.logo == logo


@pytest.mark.parametrize(
    "logo",
    [
        svg("<script>alert(1)</script>"),
        svg('<rect onload="alert(1)"/>'),
        svg('<image href="http://elsewhere.example/a.png"/>'),
        svg('<rect fill="url(http://elsewhere.example)"/>'),
        svg('<rect style="background:url(x)"/>'),
        svg("<foreignObject/>"),
        'data:image/svg+xml,<!DOCTYPE svg [<!ENTITY a "b">]><svg xmlns="http://www.w3.org/2000/svg">&a;</svg>',
        'data:image/svg+xml,<?xml-stylesheet href="x"?><svg xmlns="http://www.w3.org/2000/svg"/>',
        "data:image/svg+xml,<svg/>",
        "data:text/html,<b>",
        png(4000),
        png()[:-12],
        png()[:-8] + "AAAA",
        "data:image/png;base64,????",
        "data:image/png;base64," + base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(30_000)).decode(),
    ],
)
def test_a_logo_that_could_run_load_or_hide_something_is_refused(logo: str) -> None:
    with pytest.raises(Faulty, match=r"letters\.logo"):
        parse_configuration({"configuration": 1, "letters": {"logo": logo}})


def told(**changes: Any) -> list[str]:
    law = {"ehc_plan": library.get("ehc_plan", 1)}
    new = document() | changes
    return differences(parse_configuration(document()), parse_configuration({k: v for k, v in new.items() if v is not None}), law)


def test_what_differs_is_told_in_sentences() -> None:
    law = {"ehc_plan": library.get("ehc_plan", 1)}
    whole = differences(empty(), parse_configuration(document()), law)
    say, title = law["ehc_plan"].deadlines["final_plan_sent"].say, law["ehc_plan"].title
    assert f"{title}: “{say}”: our own date becomes 18 weeks (the law says 20 weeks)" in whole
    assert f"{title}: “{say}”: a warning comes 28 days and 7 days before the last day" in whole
    task = "Call the family in the first week (for the local authority, within 5 working days from “received on”)"
    assert f"{title}: a task: {task}" in whole
    assert "The council is closed on 24 December 2026; no date of law moves" in whole
    assert "Letters give as address: Civic Hall, Northmoor NM1 1AA" in whole
    assert f"{title}: when “{say}” has passed, northmoor-head-of-send is told (The head of SEND)" in whole
    assert f"Team “Early years team”: 1 person ({title})" in whole


def test_nothing_differs_from_itself() -> None:
    assert told() == []


def test_what_is_gone_is_told_too() -> None:
    law = {"ehc_plan": library.get("ehc_plan", 1)}
    gone = differences(parse_configuration(document()), empty(), law)
    say, title = law["ehc_plan"].deadlines["final_plan_sent"].say, law["ehc_plan"].title
    assert f"{title}: “{say}” goes back to 20 weeks" in gone
    assert f"{title}: no longer a task: Call the family in the first week" in gone
    assert "The council is open on 29 December 2026" in gone
    assert "There is no team “Early years team” any more" in gone


def test_a_changed_number_and_a_changed_letter_are_told_once_each() -> None:
    overlays = document()["overlays"]
    overlays[0]["deadlines"]["final_plan_sent"]["within"] = "19 weeks"
    found = told(overlays=overlays, letters=document()["letters"] | {"telephone": "01632 960001"})
    assert len(found) == 2
    assert found[0].endswith("our own date becomes 19 weeks (the law says 20 weeks)")
    assert found[1] == "Letters give as telephone: 01632 960001"


def test_every_part_of_an_overlay_has_a_sentence() -> None:
    overlay = {
        "overlay": "all",
        "process": "ehc_plan",
        "why": "Because.",
        "facts": {"panel_note": "text"},
        "deadlines": {"family_window": {"at_least": "21 days"}, "settings_answer": {"within": "20 days", "why": "Small schools."}},
        "gates": {"family_heard": {"needs": ["notify_partners"]}, "settings_consulted": {"without": ["name_type_only"]}},
        "decisions": {"whether_to_assess": {"record": {"will_not_assess": ["panel_note"]}}},
        "notices": {"assessment_refused": {"contains": {"local_helpline": "You may ring us."}}},
        "without": {"final_plan_sent": ["exceptional_personal_circumstances"]},
    }
    law = {"ehc_plan": library.get("ehc_plan", 1)}
    found = differences(empty(), parse_configuration({"configuration": 1, "overlays": [overlay]}), law)
    assert len(found) == 8
    back = differences(parse_configuration({"configuration": 1, "overlays": [overlay]}), empty(), law)
    assert len(back) == 8
    heard = "“The family must be consulted before the council decides” also waits for “Tell health, social care and the school or nursery”"
    assert any(heard in line for line in found)
    assert any("also records: panel note" in line for line in found)
    assert any("You may ring us." in line for line in back)


def test_aliases_make_no_endless_document_of_a_short_text() -> None:
    lines = ["configuration: 1", "teams:", f"  t0: &t {{say: A team, members: [{', '.join(f'person-{n}' for n in range(400))}]}}"]
    lines += [f"  t{n}: *t" for n in range(1, 90)]
    with pytest.raises(Faulty, match="without aliases"):
        parse_configuration(library.read_yaml("\n".join(lines)))


def test_a_length_of_time_a_repetition_and_a_breach_of_law_are_told_apart() -> None:
    """The council's own lengths of the three tiers, in words; and what the law forbids is not told as if a council could set it."""
    law = {name: library.get(name, 1) for name in ("ap_tier2", "ehc_plan")}
    tier = {
        "overlay": "tier",
        "process": "ap_tier2",
        "why": "Ours.",
        "deadlines": {"reviews": {"every": "4 weeks"}, "twelve_weeks": {"within": "8 weeks"}},
    }
    late = {"overlay": "late", "process": "ehc_plan", "why": "Ours.", "deadlines": {"final_plan_sent": {"within": "22 weeks"}}}
    wanted = parse_configuration({"configuration": 1, "overlays": [tier, late]})
    found = [line.partition(": ")[2] for line in differences(empty(), wanted, law)]
    assert "“Review the placement” becomes every 4 weeks (every 6 weeks where a council sets nothing)" in found
    assert "“Send the final plan” would become 22 weeks, where the law says 20 weeks" in found
    back = [line.partition(": ")[2] for line in differences(wanted, empty(), law)]
    assert "“Review the placement” goes back to every 6 weeks" in back
