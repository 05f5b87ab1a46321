"""The pages under docs/law: `generate(folder)` writes one a process, its picture, the table of limits and the index.

Nothing on them is written by hand, and a test compares them with a fresh generation: what they say is what runs.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from bootstrap import limit_pages, pilot_pages
from bootstrap.law_pages import Page, dated, table
from statute.definition import Process
from statute.draw import draw
from workflows import library

HOME = Path(__file__).resolve().parent.parent / "docs" / "law"
INDEX = """# The law that Waymark plays

One page a process: its stages, its limits with what was read for each, what each letter must say, and what a family may do.
`make law` writes these pages from the [definitions](../../workflows/definitions); edit those, never these.
Every limit in one table, and what keeps it: [the limits](limits.md).
What councils may try beside it, none of it law: [the pilots](pilots.md).
"""


def generate(folder: Path) -> list[Path]:
    """Write the pages of every process, in its newest version, and the index; gives the files written."""
    folder.mkdir(parents=True, exist_ok=True)
    newest = {name: max(version for known, version in library.files() if known == name) for name in library.names()}
    processes = [library.get(name, version) for name, version in newest.items()]
    pages = {process.name: Page(process, library.files()[process.name, process.version]) for process in processes}
    texts = {"README.md": _index(processes), limit_pages.NAME: limit_pages.text(pages), pilot_pages.NAME: pilot_pages.text()}
    for process in processes:
        texts[f"{process.name}.md"] = "\n".join(pages[process.name].lines()) + "\n"
        texts[f"{process.name}.svg"] = draw(process)
    for name, text in texts.items():
        (folder / name).write_text(text, "utf-8")
    return [folder / name for name in texts]


def _index(processes: Iterable[Process]) -> str:
    head = ["Process", "Version", "For cases opened since", "Limits", "Reviewed by", "Digest"]
    rows = []
    for process in processes:
        link, version = f"[{process.title}]({process.name}.md)", f"{process.version} ({process.status})"
        reviewer = process.reviewed or "**nobody**"
        rows.append([link, version, dated(process.in_force_from), str(len(process.deadlines)), reviewer, f"`{process.digest}`"])
    return "\n".join([INDEX, *table(head, rows), "", "The digest is the fingerprint of exactly these rules: every case carries it.", ""])


def main() -> None:
    """Write docs/law."""
    for path in generate(HOME):
        sys.stdout.write(f"{path.relative_to(HOME.parent.parent)}\n")


if __name__ == "__main__":
    main()
