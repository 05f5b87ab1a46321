"""The page of the pilots: what each adds to which process, on what it is founded, and what holds a step of the family and when not.

Nothing on it is written by hand, and a test compares it with a fresh generation: what it says is what runs.
"""

from __future__ import annotations

from collections.abc import Iterator

from bootstrap.law_pages import DEFINITIONS, PEOPLE, UNREVIEWED, cited, dated, in_words, table
from statute.definition import Act, Gate
from statute.pilot import Part, Pilot
from statute.types import Kind
from workflows import library

NAME = "pilots.md"
INTRO = """# The pilots

Policy and proposals that a council may try beside the law, each by a flag. **None of this is law.** A pilot adds and takes nothing: every limit, act and right of the
[processes](README.md) stays as it is. What keeps that so: [docs/pilots.md](../pilots.md). Written from [the pilots]({pilots}) by `make law`; do not edit it here.
"""
KINDS = {Kind.HAPPENED: "option", Kind.DONE: "task", Kind.SERVED: "letter"}


def text() -> str:
    """The page."""
    found = library.offered()
    head = ["Pilot", "Chosen by", "Beyond the law in force", "For", "Digest"]
    rows = [[f"[{one.title}](#{one.name})", f"`{one.flag}: {one.variant}`", _beyond(one), _whom(one), f"`{one.digest}`"] for one in found]
    lines = [INTRO.format(pilots=f"{DEFINITIONS}/{library.PILOTS}"), UNREVIEWED, "", *table(head, rows)]
    for one in found:
        lines += ["", *_pilot(one)]
    return "\n".join(lines) + "\n"


def _beyond(pilot: Pilot) -> str:
    return f"**yes**: {', '.join(map(str, pilot.departs_from))}" if pilot.beyond else "no"


def _whom(pilot: Pilot) -> str:
    whom = "any council" if pilot.eligible == "any" else f"councils of the {in_words(pilot.eligible)}"
    if pilot.beyond:
        whom += " that the national pilot authority enrolled"
    return f"{whom}, with the family's consent" if pilot.consent == "family" else whom


def _pilot(pilot: Pilot) -> Iterator[str]:
    until = f" to {dated(pilot.until)}" if pilot.until else ", and no end is known"
    yield f'## <a id="{pilot.name}"></a>{pilot.title}'
    yield ""
    yield f"{pilot.say} {pilot.why}"
    yield ""
    yield f"Founded on: {pilot.basis.say} {cited(pilot.basis.cites).replace('<br>', '; ')}. From {dated(pilot.since)}{until}."
    if pilot.beyond:
        yield f"It goes beyond {cited(pilot.departs_from).replace('<br>', '; ')}. Every case and letter under it says so."
    for process, part in pilot.parts.items():
        yield ""
        yield f"### In [{library.get(process, 1).title}]({process}.md)"
        yield ""
        yield from table(["What it adds", "Kind", "By", "Its own limit", "Founded on, and what was read"], list(_rows(process, part)))
        for gate in part.gates.values():
            yield ""
            yield from _gate(process, part, gate)


def _rows(process: str, part: Part) -> Iterator[list[str]]:
    for act in part.acts.values():
        limit = part.limits.get(act.name)
        within = f"{limit.within} from {in_words(limit.since)}, a target and not law" if limit else ""
        yield [act.say, KINDS[act.kind], " or ".join(PEOPLE.get(name, in_words(name)) for name in act.by), within, cited(act.cites)]
        for words in part.letters.get(act.name, {}).values():
            yield [f"“{words.say}”", "in that letter", "", "", cited(words.cites)]
    for notice, elements in part.words.items():
        for words in elements.values():
            yield [f"“{words.say}”", f"in the letter: {library.get(process, 1).acts[notice].say}", "", "", cited(words.cites)]
    for name, rule in part.deadlines.items():
        yield [library.get(process, 1).deadlines[name].say, "a number that the council sets", "", f"{rule.span}", rule.why]


def _gate(process: str, part: Part, gate: Gate) -> Iterator[str]:
    yield f"**{gate.say}** ({cited(gate.cites).replace('<br>', '; ')})."
    yield f"It holds: {_told(process, part, gate.holds)}. It needs: {_told(process, part, gate.needs)}."
    if gate.when:
        yield f"Only while all of these are so: {_told(process, part, gate.when)}."
    if gate.unless:
        yield f"Any of these opens it: {_told(process, part, gate.unless)}."


def _told(process: str, part: Part, names: tuple[str, ...]) -> str:
    rules = library.get(process, 1)
    found: list[str] = []
    for name in names:
        known: Act | None = part.acts.get(name) or rules.acts.get(name)
        condition = part.conditions.get(name) or rules.conditions.get(name)
        found.append(f"“{known.say}”" if known else f"“{condition.say}”" if condition else f"“{in_words(name)}”")
    return ", ".join(found)
