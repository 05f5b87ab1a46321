"""`waymark config` beside a running stack: a document goes in, a preview tells what it would do, and it comes out again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tenants.configuration_text import as_yaml
from tests.bootstrap.conftest import Standing, waymark

pytestmark = [pytest.mark.durable, pytest.mark.timeout(240)]


def overlay(weeks: int) -> dict[str, object]:
    limit = {"within": f"{weeks} weeks"}
    return {"overlay": "ours", "process": "ehc_plan", "why": "Early.", "deadlines": {"final_plan_sent": limit}}


def test_a_document_goes_in_is_previewed_and_comes_out_as_it_was(standing: Standing, tmp_path: Path) -> None:
    standing.open(standing.pupil())
    written = as_yaml({"configuration": 1, "overlays": [overlay(18)], "closed_days": ["2026-12-24"]})
    file = tmp_path / "ours.yaml"
    file.write_text(written, "utf-8")
    made = waymark("config", "import", str(file), "--why", "It was agreed.", "--json", environment=standing.environment)
    assert made.returncode == 0, made.stderr
    version = str(json.loads(made.stdout)["version"])
    out = waymark("config", "export", "--version", version, environment=standing.environment)
    assert (out.returncode, out.stdout) == (0, written), out.stderr
    seen = waymark("config", "preview", version, "--rehearse", environment=standing.environment, patience=120)
    assert seen.returncode == 0, seen.stderr + seen.stdout
    assert "our own date becomes 18 weeks (the law says 20 weeks)" in seen.stdout
    assert "ehc_plan v1: proved" in seen.stdout
    assert "choices of pilots" in seen.stdout
    assert "may move" in seen.stdout


def test_what_the_law_does_not_allow_is_told_and_the_code_says_so(standing: Standing, tmp_path: Path) -> None:
    file = tmp_path / "late.yaml"
    file.write_text(as_yaml({"configuration": 1, "overlays": [overlay(22)]}), "utf-8")
    made = waymark("config", "import", str(file), "--why", "Slower.", "--json", environment=standing.environment)
    version = str(json.loads(made.stdout)["version"])
    seen = waymark("config", "preview", version, environment=standing.environment, patience=120)
    assert seen.returncode == 1
    assert "overlays[0].deadlines.final_plan_sent.within" in seen.stdout
    assert "SEND reg.13(2)" in seen.stdout
    file.write_text("configuration: 1\ncolour: red\n", "utf-8")
    wrong = waymark("config", "import", str(file), "--why", "Red.", environment=standing.environment)
    assert (wrong.returncode, "colour: is an unknown key" in wrong.stdout) == (1, True), wrong.stdout
    nothing = waymark("config", "export", "--version", "999", environment=standing.environment)
    assert nothing.returncode == 3, nothing.stderr
