"""`waymark check --overlay`: a council's file is proved, or told what it may not change and by which law."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bootstrap.checking import check_overlay, check_overlays

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
