"""The national catalogue on the shelf: sound, locked, dated, and honest that it is an example."""

from __future__ import annotations

import re
from datetime import date
from importlib.resources.abc import Traversable
from pathlib import Path

import pytest

from statute.types import Faulty
from tenants.standards import NEEDS, Phase, Tier
from workflows import library, standards


def test_every_version_is_sound_and_says_that_it_is_no_law() -> None:
    assert standards.versions()
    for version, file in standards.files().items():
        found = standards.get(version)
        assert found.version == version
        assert "not law" in found.say
        assert "AN EXAMPLE, AND NOT LAW" in file.read_text("utf-8")


def test_every_need_has_something_to_expect_at_every_tier_and_in_every_phase() -> None:
    [latest, *_] = standards.versions()
    assert [(need, tier, phase) for need in NEEDS for tier in Tier for phase in Phase if not latest.of(need, tier, phase)] == []


def test_a_published_version_is_the_one_that_was_published(monkeypatch: pytest.MonkeyPatch) -> None:
    assert standards.changed_since_published() == []
    real = standards.files()

    class Changed:
        name = "v1.yaml"

        def read_bytes(self) -> bytes:
            return real[1].read_bytes() + b"\n"

    def one() -> dict[int, Traversable]:
        return {1: Changed()}  # type: ignore[dict-item]

    monkeypatch.setattr(standards, "files", one)
    assert [line.split()[0] for line in standards.changed_since_published()] == ["standards/v1.yaml"]


def test_the_version_of_a_day_is_the_latest_that_began_by_then() -> None:
    assert standards.in_force(date(2024, 8, 31)) is None
    assert standards.in_force(date(2024, 9, 1)) is standards.get(1)
    with pytest.raises(library.Unknown, match="there are 1"):
        standards.get(99)


def test_the_catalogue_is_no_process() -> None:
    assert "standards" not in library.names()
    assert not {name for name, _ in library.files()} & {"standards", "v1"}


def test_a_text_that_is_no_yaml_is_told_so() -> None:
    with pytest.raises(Faulty):
        standards.local("a: [", 1, date(2026, 9, 1))


def test_no_part_of_a_procedure_knows_of_standards() -> None:
    """They may stop no statutory step: what plays, records and follows a case does not even import them."""
    root = Path(standards.__file__).parent.parent
    modules = [*root.joinpath("statute").glob("*.py"), *root.joinpath("activities").glob("*.py"), root / "graphql_api" / "acting.py"]
    modules += [path for path in root.joinpath("workflows").glob("*.py") if path.name != "standards.py"]
    assert len(modules) > 30
    knows = re.compile(r"^\s*(from|import) .*\b(standards|provision|provisions)\b", re.M)
    assert [path.name for path in modules if knows.search(path.read_text("utf-8"))] == []
    assert knows.search((root / "bootstrap" / "checking.py").read_text("utf-8")), "it would be noticed"
