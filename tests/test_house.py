"""The rules of the house, kept by machine: ceilings, names, places, and what may never be in a file."""

from __future__ import annotations

import ast
import re
import subprocess
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from workflows import library

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("activities", "bootstrap", "graphql_api", "policies", "statute", "store", "tenants", "workflows")
SPECIAL = {"workflows/case.py": 250}
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "core", "manager", "managers", "handle"}
# Written in pieces, so that this file does not break its own rule.
REGISTRIES = tuple(
    "".join(parts) for parts in (("py", "pi.org"), ("files.python", "hosted.org"), ("registry.npm", "js.org"), ("deb.", "debian.org"))
)
PLACES = tuple("".join(parts) for parts in (("/wo", "rk/"), ("/ro", "ot/.")))


def tracked() -> list[Path]:
    names = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\n")
    return [ROOT / name for name in names if name and (ROOT / name).is_file()]


def too_long(text: str, ceiling: int) -> bool:
    return text.count("\n") > ceiling


def offences(text: str) -> list[str]:
    """What may not stand in any file."""
    return [word for word in (*REGISTRIES, *PLACES) if word in text]


def modules() -> list[Path]:
    return [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]


def test_no_module_is_longer_than_its_ceiling() -> None:
    long = [path for path in modules() if too_long(path.read_text("utf-8"), SPECIAL.get(str(path.relative_to(ROOT)), 400))]
    assert long == []


def test_no_definition_is_longer_than_250_lines() -> None:
    assert [name for name, file in library.files().items() if too_long(file.read_text("utf-8"), 250)] == []


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert [path for path in modules() if path.stem in FORBIDDEN_NAMES or path.parent.name in FORBIDDEN_NAMES] == []


def test_there_is_no_way_to_override_a_deadline() -> None:
    word = "override" + "_deadline"
    assert [path for path in modules() if word in path.read_text("utf-8")] == []


def test_packages_say_nothing_on_import() -> None:
    assert [path for path in modules() if path.name == "__init__.py" and path.read_text("utf-8").count("\n") > 3] == []


@pytest.mark.parametrize("package", PACKAGES)
def test_each_package_is_ours_alone(package: str) -> None:
    assert set(packages_distributions().get(package, ["waymark"])) == {"waymark"}


def test_no_file_names_a_registry_or_a_place_of_one_machine() -> None:
    found = {}
    for path in tracked():
        if path.suffix in {".js", ".png", ".css"}:
            continue
        named = offences(path.read_text("utf-8", "replace"))
        if named:
            found[str(path.relative_to(ROOT))] = named
    assert found == {}


def test_a_published_definition_is_the_one_that_was_published() -> None:
    assert library.changed_since_published() == []


def test_the_readme_sends_nobody_to_a_file_that_is_not_there() -> None:
    rows = re.findall(r"^\|[^|]+\|(.+)\|$", (ROOT / "README.md").read_text("utf-8"), re.M)
    named = [name for row in rows for name in re.findall(r"`([^`]+)`", row)]
    assert named
    assert [name for name in named if not (ROOT / name).exists()] == []


def builds_a_process(text: str) -> bool:
    """Whether a module makes a definition, or another of one: by its constructor, or by `replace` with one of its parts."""
    parts, tree = {"acts", "deadlines", "stages", "grounds", "conditions"}, ast.parse(text)
    imported = any(
        isinstance(node, ast.ImportFrom)
        and node.module == "statute.definition"
        and any(one.name == "Process" and not one.asname for one in node.names)
        for node in ast.walk(tree)
    )
    calls = [(node.func.id, node) for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    return any(
        (imported and name == "Process") or (name == "replace" and parts & {one.arg for one in call.keywords}) for name, call in calls
    )


def test_merge_alone_makes_another_process_of_a_definition() -> None:
    """A rule that is guarded at one door is guarded. `shape` forgets the numbers of a process to walk it, and nobody plays that."""
    found = {str(path.relative_to(ROOT)) for path in modules() if builds_a_process(path.read_text("utf-8"))}
    assert found == {"statute/parse.py", "statute/overlay.py", "statute/shape.py"}


def numbered(titles: dict[str, str]) -> list[str]:
    """Decisions whose number another has, or whose first line has another number. By the names of their files, with their first lines."""
    numbers = [name[:4] for name in titles]
    return [name for name, first in titles.items() if numbers.count(name[:4]) > 1 or not first.startswith(f"# {name[:4]}. ")]


def test_each_decision_has_a_number_of_its_own() -> None:
    files = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert numbered({file.name: file.read_text("utf-8").split("\n", 1)[0] for file in files}) == []


def test_the_rules_can_notice() -> None:
    assert too_long("\n" * 401, 400)
    assert offences(f"see {PLACES[0]}main")
    assert numbered({"0001-a.md": "# 0001. A", "0001-b.md": "# 0001. B"}) == ["0001-a.md", "0001-b.md"]
    assert numbered({"0001-a.md": "# 0002. A", "0003-c.md": "# 0003. C"}) == ["0001-a.md"]
    assert builds_a_process("from statute.definition import Process\nProcess(name='a')")
    assert builds_a_process("replace(national, deadlines={})")
    assert not builds_a_process("from graphql_api.types.law import Process\nProcess(source=1)")
