"""A page about the law a process, for people who read no YAML; `bootstrap.law_docs` writes them all.

Nothing on them is written by hand, and a test compares them with a fresh generation: what they say is what runs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from importlib.resources.abc import Traversable

from statute.definition import Act, Deadline, FactUse, Ground, Process, Sense, Span
from statute.explain import written
from statute.explore import Certificate, explore
from statute.types import Citation, Evidence, Force, Kind
from workflows import library

DEFINITIONS = "../../workflows/definitions"
EXAMPLE = date(2026, 1, 6)
READ = {Evidence.PRIMARY: "read in the law's own text", Evidence.SECONDARY: "secondary source", Evidence.NONE: "not verified"}
FORCES = {Force.MUST: "must, by law", Force.SHOULD: "should, by guidance", Force.LOCAL: "a target, not law"}
PEOPLE = {
    "family": "the family",
    "requester": "whoever makes the request",
    "local_authority": "the council",
    "decision_maker": "the council's decision maker",
    "adviser": "the person asked for advice",
    "partner": "the partner body asked",
    "partners": "the partner bodies",
    "setting": "the school or college",
    "named_setting": "the school or college named",
    "health": "the health body",
    "health_body": "the NHS body that commissions health care",
    "school": "the school (its head or governing body)",
    "provider": "the provider of alternative provision",
    "mediation_adviser": "the mediation adviser",
    "tribunal": "the Tribunal",
    "social_care": "the council's social care service",
    "complainant": "whoever complains",
}
WALKED = """Waymark walked every path of these rules ({states} states, {transitions} steps between them) and found that an ending can
always be reached; no case ends while a duty in law still runs; no duty runs that can no longer be met; no notice cuts short the
time that the law gives; every act and every outcome is possible; and what the family may do stays within its reach. Whether the
rules are those of the law is another question: see the warning above.

The shortest lawful way to each ending:
"""
KINDS = {Kind.OPENED: "opens the case", Kind.HAPPENED: "happens", Kind.DONE: "task", Kind.DECIDED: "decision", Kind.SERVED: "notice"}
LIMITS = {
    Sense.WITHIN: "within {}",
    Sense.AT_LEAST: "at least {} must be given",
    Sense.BEFORE: "at least {} before",
    Sense.BY: "by that day",
    Sense.EVERY: "every {}, counted anew from each time",
}
UNREVIEWED = (
    "> **Warning. Nobody with legal authority has reviewed this.** It was read from the sources listed at the end, and some of it was"
    " not checked at all: each citation says what was read for it. Do not rely on it in place of the law or of legal advice."
)


def dated(day: date) -> str:
    return f"{day:%-d %B %Y}"


def in_words(name: str) -> str:
    return name.replace("_", " ")


def _who(names: Iterable[str]) -> str:
    return " or ".join(PEOPLE.get(name, in_words(name)) for name in names)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def table(head: list[str], rows: list[list[str]]) -> list[str]:
    return [f"| {' | '.join(map(_cell, row))} |" for row in (head, ["---"] * len(head), *rows)]


def cited(cites: Iterable[Citation]) -> str:
    return "<br>".join(f"{cite} ({READ[cite.evidence]})" for cite in cites) or "no citation"


def _taken(uses: Iterable[FactUse]) -> str:
    return ", ".join(f"{in_words(use.name)}{'' if use.required else ' (if known)'}" for use in uses)


def small(text: str) -> str:
    """A sentence as it reads inside another one."""
    return text if len(text) > 1 and text[1].isupper() else text[:1].lower() + text[1:]


class Page:
    """One process as Markdown."""

    def __init__(self, process: Process, file: Traversable) -> None:
        self.process = process
        nation = next(nation.name for nation in library.shelf().iterdir() if nation.joinpath(process.name, file.name).is_file())
        self.source = f"{DEFINITIONS}/{nation}/{process.name}/{file.name}"
        self.line_of = _lines_of_rules(file.read_text("utf-8"))

    def lines(self) -> Iterator[str]:
        """The page, line by line."""
        process = self.process
        yield f"# {process.title}"
        yield ""
        yield UNREVIEWED if process.reviewed is None else f"Reviewed: {process.reviewed}"
        yield ""
        yield f"Version {process.version}, {process.status}, for cases opened since {dated(process.in_force_from)}."
        yield f"Digest of the rules: `{process.digest}`. Written from [the definition]({self.source}) by `make law`; do not edit it here."
        for title, part in (
            ("What it is", self._what()),
            ("Limits", self._limits()),
            ("Excuses", self._excuses()),
            ("Rights of the family", self._rights()),
            ("Decisions", self._decisions()),
            ("What each notice must contain", self._notices()),
            ("What must come first", self._gates()),
            ("Who may do what", self._acts()),
            ("Every path was walked", self._proof()),
            ("Sources", self._sources()),
        ):
            yield from ("", f"## {title}", "", *part)

    def _what(self) -> Iterator[str]:
        process = self.process
        yield "It begins when one of these happens:"
        yield ""
        yield from (f"- {process.acts[name].say}" for name in process.opens_with)
        yield ""
        yield f"![Picture of the stages and of what leads from one to the next]({process.name}.svg)"
        yield ""
        rows = []
        for name, stage in process.stages.items():
            onward: dict[str, list[str]] = {}
            for act in process.acts.values():
                if name in act.moves:
                    onward.setdefault(act.moves[name], []).append(act.say)
            ways = [f"{' / '.join(says)} → *{process.stages[target].say}*" for target, says in onward.items()]
            opened = sorted({in_words(other.process) for act in process.acts.values() if name in act.moves.values() for other in act.opens})
            rows.append([stage.say, "<br>".join(ways) or f"the case ends{'; what follows: ' + ', '.join(opened) if opened else ''}"])
        yield from table(["Stage", "What leads on"], rows)

    def _limits(self) -> Iterator[str]:
        process = self.process
        rows = []
        for deadline in process.deadlines.values():
            link = f"[{deadline.say}]({self.source}#L{self.line_of[deadline.name]})"
            only = ""
            if deadline.only:
                items = process.each[deadline.each].items
                only = f" ({'; '.join(items.get(item, item) for item in items if item in deadline.only)})"
            excuses = f"[{len(deadline.excused_by)}](#excuses)" if deadline.excused_by else "none"
            bound = [_who([deadline.binds]), FORCES[deadline.force], self._limit(deadline), self._counted(deadline)]
            rows.append([link + only, *bound, _example(deadline), cited(deadline.cites), excuses])
        yield "Each limit links to its line in the definition. It runs whether or not anybody looks, and late stays late on the record."
        yield ""
        example = f"Example: last day if it counts from {written(EXAMPLE)}"
        yield from table(["What", "Who is bound", "Force", "Limit", "Counted from", example, "Law, and what was read", "Excuses"], rows)
        yield from ("", "What meets each of them, and what makes it fall away:", "")
        rows = [[d.say, self._list(d.met_by), self._list(d.stopped_by)] for d in process.deadlines.values()]
        yield from table(["Limit", "Met by", "Falls away with"], rows)
        if process.service:
            yield from ("", "A notice counts on the day on which it is taken to arrive:", "")
            arrives = {name: f"{way.after} later" if way.after.number else "the same day" for name, way in process.service.items()}
            rows = [[way.say, arrives[name], cited(way.cites)] for name, way in process.service.items()]
            yield from table(["How it is served", "When it is taken to arrive", "Law, and what was read"], rows)

    def _limit(self, deadline: Deadline) -> str:
        spans = [self._span(deadline, span, name) for span, name in deadline.spans]
        limit = f"the later of {' and '.join(spans)}" if deadline.sense is Sense.LATEST_OF else spans[0]
        if deadline.judged_by_sending:
            limit += "; the day of sending counts, not of arrival"
        return f"{limit}; a last day on which nothing is open moves ({in_words(deadline.rolls)})" if deadline.rolls else limit

    def _span(self, deadline: Deadline, span: Span | None, name: str) -> str:
        if span is None:
            return "as soon as practicable (no number in law)"
        if deadline.sense is Sense.LATEST_OF:
            return f"{span} from {self._from(name)}"
        return LIMITS[deadline.sense].format(span)

    def _from(self, name: str) -> str:
        if name in self.process.deadlines:
            return f"the last day of: {small(self.process.deadlines[name].say)}"
        if name in self.process.days:
            return small(self.process.days[name].say)
        act = self.process.acts.get(name)
        return f"the day of: {small(act.say)}" if act else f"the day recorded as “{in_words(name)}”"

    def _counted(self, deadline: Deadline) -> str:
        froms = " / ".join(self._from(name) for _, name in deadline.spans)
        if deadline.spans[0][0] is None or deadline.sense in (Sense.BEFORE, Sense.BY):
            return froms
        return f"{froms}; that day {'counts as day 1' if deadline.include_trigger else 'does not count, the next is day 1'}"

    def _list(self, names: Iterable[str]) -> str:
        return "<br>".join(self.process.acts[name].say for name in names) or "nothing"

    def _excuses(self) -> Iterator[str]:
        process = self.process
        if not process.grounds:
            yield "The law gives none."
            return
        yield "An excuse sets a limit aside where keeping it is impractical *because of* the ground. It is recorded with the evidence,"
        yield "and it moves no date: the duty remains, as soon as practicable."
        yield ""
        rows = []
        for name, ground in process.grounds.items():
            aside = [f"{d.say}: {cited(d.excused_by[name])}" for d in process.deadlines.values() if name in d.excused_by]
            rows.append([ground.say, self._window(ground), "<br>".join(aside)])
        yield from table(["Ground", "What must be shown", "Which limit it sets aside, and by what law"], rows)

    def _window(self, ground: Ground) -> str:
        shown = [f"to be recorded: {_taken(ground.facts)}"]
        if ground.lasts:
            first, until, least = ground.lasts
            within = "; only days within the limit's own period count" if ground.within_limit else ""
            shown.append(f"at least {least} from “{in_words(first)}” until “{in_words(until)}”{within}")
        if ground.covers:
            begins, ends = (f"{span} before “{in_words(name)}”" for span, name in (ground.covers.begins, ground.covers.ends))
            shown.append(f"“{in_words(ground.covers.fact)}” falls between {begins} and {ends}")
        return "<br>".join(shown)

    def _rights(self) -> Iterator[str]:
        process = self.process
        acts = [act for act in process.acts.values() if "family" in act.by]
        floors = [d for d in process.deadlines.values() if d.sense is Sense.AT_LEAST]
        told = [f"{act.say}: {text}" for act in process.acts.values() for name, text in act.contains.items() if name.startswith("right_")]
        yield "The family may do this itself; nobody has to agree first:"
        yield ""
        yield from (f"- {act.say} ({self._where(act)}). {cited(act.cites)}" for act in acts)
        if floors:
            yield from ("", "Time must be given:", "")
            yield from (f"- {d.say}: {self._limit(d)}, counted from {self._counted(d)}. {cited(d.cites)}" for d in floors)
        yield from ("", "The family must be told, in the letter named:", "", *(f"- {text}" for text in told))

    def _where(self, act: Act) -> str:
        if act.kind is Kind.OPENED:
            return "opens the case"
        return "while: " + "; ".join(small(stage.say) for name, stage in self.process.stages.items() if name in act.at)

    def _decisions(self) -> Iterator[str]:
        for act in (act for act in self.process.acts.values() if act.outcomes):
            yield f"**{act.say}** Decided by {_who(act.by)}. {cited(act.cites)}"
            yield ""
            for outcome in act.outcomes.values():
                taken = f"; to be recorded: {_taken(outcome.record)}" if outcome.record else ""
                yield f"- {outcome.say}{taken}. It counts once the notice is served: “{self.process.acts[outcome.send].say}”."
            yield ""

    def _notices(self) -> Iterator[str]:
        for act in (act for act in self.process.acts.values() if act.kind is Kind.SERVED):
            yield f"### {act.say}"
            yield ""
            yield f"To {' and '.join(_who([name]) for name in act.to) or 'whom it concerns'}. {cited(act.cites)}"
            yield ""
            yield from (f"- {text or f'what was recorded as “{in_words(name)}”'}" for name, text in act.contains.items())
            yield ""

    def _gates(self) -> Iterator[str]:
        rows = []
        for gate in self.process.gates.values():
            when = [f"only where {' and '.join(map(self._said, gate.when))}"] if gate.when else []
            when += [f"not where {' or '.join(map(self._said, gate.unless))}"] if gate.unless else []
            held, needed = ("<br>".join(map(self._said, names)) for names in (gate.holds, gate.needs))
            rows.append([gate.say, held, needed, "; ".join(when) or "always", cited(gate.cites)])
        yield "What is held is refused, with the citation, until what it needs has happened."
        yield ""
        yield from table(["Rule", "What is held", "What it needs", "When", "Law, and what was read"], rows)

    def _said(self, name: str) -> str:
        process = self.process
        for act in process.acts.values():
            if name in act.outcomes:
                return f"“{act.outcomes[name].say}”"
        known = process.acts.get(name) or process.deadlines.get(name) or process.conditions.get(name)
        over = " (in full)" if name in process.deadlines else ""
        return f"“{known.say}”{over}" if known else f"“{in_words(name)}” is yes"

    def _acts(self) -> Iterator[str]:
        rows = []
        for act in self.process.acts.values():
            rows.append([act.say, KINDS[act.kind], _who(act.by), self._where(act), _taken(act.facts) or "nothing more"])
        yield from table(["What", "Kind", "Who", "When", "What is recorded"], rows)
        for each in self.process.each.values():
            if each.items:
                needed = [f"{text} (required)" if name in each.required else text for name, text in each.items.items()]
                yield from ("", f"{each.say}:", "", *(f"- {text}" for text in needed))

    def _proof(self) -> Iterator[str]:
        found = explore(self.process)
        if not isinstance(found, Certificate):
            yield f"> **A path breaks a rule.** {found}"
            return
        yield WALKED.format(states=found.states, transitions=found.transitions)
        for name, route in found.routes.items():
            yield f"- **{self.process.stages[name].say}**: {' → '.join(route)}"

    def _sources(self) -> Iterator[str]:
        process = self.process
        yield from table(["Short", "Title", "Number"], [[short, law["title"], law["number"]] for short, law in process.law.items()])
        yield ""
        for evidence, words in READ.items():
            listed = [text for text, mark in process.sources.items() if mark is evidence]
            yield f"- **{words[0].upper()}{words[1:]}** ({len(listed)}): {', '.join(listed) or 'none'}"


def _example(deadline: Deadline) -> str:
    if deadline.sense not in (Sense.WITHIN, Sense.AT_LEAST):
        return ""
    span = deadline.spans[0][0]
    if span is None or span.unit.value == "school_days":
        return "no date"
    days = library.england()
    return written(days.roll(days.last_day(EXAMPLE, span, include_trigger=deadline.include_trigger), deadline.rolls))


def _lines_of_rules(text: str) -> dict[str, int]:
    """The line on which each deadline, gate, condition and ground of a definition begins."""
    found: dict[str, int] = {}
    section = ""
    for number, line in enumerate(text.splitlines(), 1):
        if match := re.match(r"([a-z_]+):", line):
            section = match[1]
        elif section in ("deadlines", "gates", "conditions", "grounds") and (match := re.match(r"  ([a-z][a-z0-9_]*):", line)):
            found[match[1]] = number
    return found
