"""`waymark check --overlay`: a council's file is proved, or told what it may not change and by which law."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bootstrap.checking import check_all, check_overlay, check_overlays, check_text
from workflows import library

EXAMPLE = re.search(r"```yaml\n(.*?)```", Path("docs/overlays.md").read_text("utf-8"), re.DOTALL)


def test_the_overlay_of_the_documentation_is_proved() -> None:
    assert EXAMPLE is not None
    report = check_overlay("northmoor", EXAMPLE[1])
    assert report["sound"], report["lines"]
    assert report["states"] > 100
    assert report["lines"][0].startswith("northmoor: proved; no limit of the law is exceeded and no right is lost")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("overlay: a\nprocess: ehc_plan\nwhy: Because.\ndeadlines: {final_plan_sent: {within: 21 weeks}}\n", "SEND reg.13(2)"),
        ("overlay: a\nprocess: ehc_plan\nwhy: Because.\ndeadlines: {family_window: {at_least: 10 days}}\n", "SEND reg.13(1)(a)"),
        ("overlay: a\nprocess: ehc_plam\nwhy: Because.\n", "ehc_plam is no process"),
        ("overlay: a\nprocess: ehc_plan\nwhy: Because.\nstages: {none: {say: None}}\n", "stages"),
        ("overlay: [", "is not YAML 1.2"),
    ],
)
def test_what_would_relax_the_law_is_told_with_the_law(tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "overlay.yaml"
    file.write_text(text, "utf-8")
    [report], sound = check_overlays([file])
    assert not sound
    assert report["faults"]
    assert any(told in line for line in report["lines"]), report["lines"]


def test_the_catalogue_of_the_documentation_is_sound_and_says_that_it_is_no_law() -> None:
    [example] = re.findall(r"```yaml\n(.*?)```", Path("docs/standards.md").read_text("utf-8"), re.DOTALL)
    report = check_text("westshire", example)
    assert report["sound"], report["lines"]
    assert report["lines"][0].startswith("westshire: sound; 1 entries, no law, digest")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("local_provision: true\ntitle: A\nsay: B\nprovisions: {}\noffers: {a: {tier: gold}}\n", "offers.a.tier"),
        ("national_standards: true\nstatus: law\n", "status"),
    ],
)
def test_what_is_wrong_with_a_catalogue_is_told_before_anybody_drafts_it(tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "plan.yaml"
    file.write_text(text, "utf-8")
    [report], sound = check_all([file])
    assert not sound
    assert told in [fault["path"] for fault in report["faults"]]


def test_a_pilot_is_proved_or_told_what_it_may_not_do() -> None:
    text = library.shelf().joinpath(library.PILOTS, "tailored_list_ranked.yaml").read_text("utf-8")
    report = check_text("mine", text)
    assert report["sound"]
    assert "adds and takes nothing in 2 processes, beyond CFA s.38(3), CFA s.39(4)" in report["lines"][0]
    wrong = check_text("mine", text.replace("holds: [place_offered]", "holds: [setting_requested]"))
    assert not wrong["sound"]
    told = {fault["path"]: fault["why"] for fault in wrong["faults"]}
    assert "CFA s.38(3)" in told["processes.ehc_plan.gates.offered_from_a_list"]
    assert not check_text("mine", text.replace("flag:", "flga:"))["sound"]
