"""The pages about the law are those of the definitions that run, and they hide nothing."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from bootstrap import limit_pages, pilot_pages
from bootstrap.law_docs import HOME, generate
from bootstrap.law_pages import READ
from statute.definition import Process
from statute.types import Evidence
from workflows import library

NAMES = library.names()


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("law")
    generate(folder)
    return folder


def newest(name: str) -> Process:
    return library.get(name, max(version for known, version in library.files() if known == name))


def test_the_committed_pages_are_those_of_the_definitions(fresh: Path) -> None:
    wanted = {path.name: path.read_text("utf-8") for path in fresh.iterdir()}
    committed = {path.name: path.read_text("utf-8") for path in HOME.iterdir()}
    stale = sorted(name for name in wanted.keys() | committed.keys() if wanted.get(name) != committed.get(name))
    assert not stale, f"docs/law is not what the definitions say ({', '.join(stale)}): run make law"


@pytest.mark.parametrize("seed", ["1", "2", "77"])
def test_the_pages_do_not_depend_on_the_order_of_sets(seed: str, fresh: Path, tmp_path: Path) -> None:
    ask = f"from pathlib import Path; from bootstrap.law_docs import generate; generate(Path({str(tmp_path)!r}))"
    subprocess.run([sys.executable, "-c", ask], env={"PYTHONHASHSEED": seed}, check=True)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {path.name: path.read_bytes() for path in fresh.iterdir()}


def test_what_is_written_is_told(tmp_path: Path) -> None:
    assert sorted(generate(tmp_path / "new" / "folder")) == sorted((tmp_path / "new" / "folder").iterdir())


def test_the_page_of_the_pilots_says_everything_that_they_add_and_what_was_read(fresh: Path) -> None:
    page = (fresh / pilot_pages.NAME).read_text("utf-8")
    assert "None of this is law" in page
    for pilot in library.offered():
        assert f"`{pilot.digest}`" in page
        assert all(said in page for said in (pilot.title, pilot.say, pilot.basis.say))
        for part in pilot.parts.values():
            told = [words for letters in (part.letters, part.words) for elements in letters.values() for words in elements.values()]
            for one in (*part.acts.values(), *part.gates.values(), *told):
                assert one.say in page
                assert all(f"{cite} ({READ[cite.evidence]})" in page for cite in one.cites)


@pytest.mark.parametrize("name", NAMES)
def test_a_page_says_everything_that_binds(name: str, fresh: Path) -> None:
    process, page = newest(name), (fresh / f"{name}.md").read_text("utf-8")
    for rules in (process.stages, process.acts, process.deadlines, process.gates, process.grounds, process.service):
        for rule in rules.values():
            assert rule.say in page
    for act in process.acts.values():
        for text in (*act.contains.values(), *(outcome.say for outcome in act.outcomes.values())):
            assert text in page
    assert process.digest in page


@pytest.mark.parametrize("name", NAMES)
def test_every_citation_stands_with_what_was_read_for_it(name: str, fresh: Path) -> None:
    process, page = newest(name), (fresh / f"{name}.md").read_text("utf-8")
    for deadline in process.deadlines.values():
        for cite in (*deadline.cites, *(cite for cites in deadline.excused_by.values() for cite in cites)):
            assert f"{cite} ({READ[cite.evidence]})" in page
    body, sources = page.split("## Sources")
    for text, evidence in process.sources.items():
        assert text in sources
        for other in Evidence:
            assert other is evidence or f"{text} ({READ[other]})" not in body


@pytest.mark.parametrize("name", NAMES)
def test_a_page_warns_at_its_top_that_nobody_reviewed_it(name: str, fresh: Path) -> None:
    process, page = newest(name), (fresh / f"{name}.md").read_text("utf-8")
    warned = "Nobody with legal authority has reviewed this" in page.split("\n## ")[0]
    assert warned is (process.reviewed is None)
    assert ("**nobody**" in (fresh / "README.md").read_text("utf-8")) is any(newest(each).reviewed is None for each in NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_each_limit_links_to_its_line_in_the_definition(name: str, fresh: Path) -> None:
    process, page = newest(name), (fresh / f"{name}.md").read_text("utf-8")
    links = re.findall(r"\]\(([^)]+\.yaml)#L(\d+)\)", page)
    lines = [(HOME / path).resolve().read_text("utf-8").splitlines()[int(number) - 1].strip() for path, number in links]
    assert [line.partition(":")[0] for line in lines] == list(process.deadlines)


def test_every_link_leads_somewhere(fresh: Path) -> None:
    for page in fresh.glob("*.md"):
        for target in re.findall(r"\]\(([^)#]+)", page.read_text("utf-8")):
            assert (HOME / target).resolve().exists() or (fresh / target).exists(), f"{page.name}: {target}"


def test_every_row_of_a_table_has_all_its_cells(fresh: Path) -> None:
    for page in fresh.glob("*.md"):
        for table in re.findall(r"(?:^\|.*\n)+", page.read_text("utf-8"), re.MULTILINE):
            assert len({len(re.findall(r"(?<!\\)\|", row)) for row in table.splitlines()}) == 1


def test_the_page_says_in_words_how_the_days_are_counted(fresh: Path) -> None:
    rows = [row for row in (fresh / "ehc_plan.md").read_text("utf-8").splitlines() if row.startswith("| [")]
    decision = next(row for row in rows if "whether their child will be assessed" in row)
    assert "within 6 weeks" in decision
    assert "that day does not count" in decision
    assert "Tuesday 17 February 2026" in decision
    window = next(row for row in rows if "what they think of the draft" in row)
    assert "at least 15 days must be given" in window
    assert "that day counts as day 1" in window
    assert "Tuesday 20 January 2026" in window


def test_what_runs_past_all_paths_is_said_or_its_counter_example_is(fresh: Path) -> None:
    for name in NAMES:
        page = (fresh / f"{name}.md").read_text("utf-8")
        assert ("Waymark walked every path" in page) is not ("A path breaks a rule" in page)


def test_every_limit_stands_on_one_page_with_its_rule_or_with_the_reason_why_it_has_none(fresh: Path) -> None:
    rows = re.findall(r"^\| `([a-z0-9_.]+)` \| (.*) \|$", (fresh / limit_pages.NAME).read_text("utf-8"), re.MULTILINE)
    limits = limit_pages.kept_limits()
    assert sorted(name for name, _ in rows) == sorted(limits)
    for name, told in rows:
        limit = limits[name]
        if limit.why:
            assert told == limit.why
            continue
        rule = limit_pages.rule_of(newest(limit.process), limit.rule)
        assert told.startswith(f"[{rule.say}](")
        assert all(f"{cite} ({READ[cite.evidence]})" in told for cite in getattr(rule, "cites", ()))


def test_each_kept_limit_links_to_the_line_of_its_rule(fresh: Path) -> None:
    links = re.findall(r"^\| `([a-z0-9_.]+)` \| .*\]\(([^)]+\.yaml)#L(\d+)\)", (fresh / limit_pages.NAME).read_text("utf-8"), re.MULTILINE)
    kept = {name: limit for name, limit in limit_pages.kept_limits().items() if not limit.why}
    assert len(links) == len(kept)
    for name, path, number in links:
        assert kept[name].process in path
        line = (HOME / path).resolve().read_text("utf-8").splitlines()[int(number) - 1]
        assert line.strip().partition(":")[0] == kept[name].rule


def test_the_index_leads_to_the_page_of_limits(fresh: Path) -> None:
    assert f"]({limit_pages.NAME})" in (fresh / "README.md").read_text("utf-8")


def test_a_limit_with_a_rule_and_a_reason_or_with_neither_is_no_entry(monkeypatch: pytest.MonkeyPatch) -> None:
    for told in ({"kept_by": "ehc_plan.family_window", "why": "it is."}, {}, {"kept": "ehc_plan.family_window"}):
        monkeypatch.setattr(library, "read_yaml", lambda _, told=told: {"ehc.draft_window": told})
        with pytest.raises(ValueError, match=r"ehc\.draft_window"):
            limit_pages.kept_limits()
    with pytest.raises(LookupError, match="no_such_rule"):
        limit_pages.rule_of(newest("ehc_plan"), "no_such_rule")
