"""The page of all limits: which rule of which process keeps each limit of the law, or why none does.

It is written from the map beside the definitions and from the definitions alone, so that whoever has the project can make it again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bootstrap.law_pages import FORCES, Page, cited, in_words, small, table
from statute.definition import Condition, Deadline, Gate, Ground, Process, Sense
from workflows import library

MAP, NAME = "limits.yaml", "limits.md"
HEAD = ["Limit", "What", "Limit in words", "Force", "Law, and what was read"]
INTRO = """# The limits, and what keeps each

The limits of time that the law, its guidance and good practice know in these processes: {kept} of {all} are kept by a rule of a
definition, for the others it says why none keeps them. Each sentence links to its line. `make law` writes this page; do not edit it here.

> **Warning. Nobody with legal authority has reviewed this.** "Not verified" means that the text of the law was not read for it.
"""

Rule = Deadline | Gate | Condition | Ground


@dataclass(frozen=True, slots=True)
class Kept:
    """What the map says of one limit: the process and the rule in it that keep it, or the reason why there is none."""

    process: str = ""
    rule: str = ""
    why: str = ""


def kept_limits() -> dict[str, Kept]:
    """The map beside the definitions, in its order.

    Raises:
        ValueError: an entry says neither, or both.
    """
    found = {}
    for name, told in library.read_yaml(library.shelf().joinpath(MAP).read_text("utf-8")).items():
        if set(told) == {"kept_by"}:
            process, _, rule = told["kept_by"].partition(".")
            found[name] = Kept(process, rule)
        elif set(told) == {"why"}:
            found[name] = Kept(why=told["why"])
        else:
            raise ValueError(f"{name} is kept by a rule, or there is a reason why not: {told}")
    return found


def rule_of(process: Process, name: str) -> Rule:
    """The rule of that name. Raises LookupError: it has none."""
    for rules in (process.deadlines, process.gates, process.conditions, process.grounds):
        if name in rules:
            return rules[name]
    raise LookupError(f"{process.name} has no deadline, gate, condition or ground called {name}")


def text(pages: Mapping[str, Page]) -> str:
    """The page as Markdown, a table for each process."""
    return "\n".join(_lines(pages)) + "\n"


def _lines(pages: Mapping[str, Page]) -> Iterator[str]:
    limits = kept_limits()
    kept = {name: limit for name, limit in limits.items() if not limit.why}
    yield INTRO.format(kept=len(kept), all=len(limits))
    for process in dict.fromkeys(limit.process for limit in kept.values()):
        page = pages[process]
        yield f"## [{page.process.title}]({process}.md)"
        yield ""
        rows = [_row(page, name, rule_of(page.process, limit.rule)) for name, limit in kept.items() if limit.process == process]
        yield from table(HEAD, rows)
        yield ""
    yield from ("## Kept by no rule", "")
    yield from table(["Limit", "Why"], [[f"`{name}`", limit.why] for name, limit in limits.items() if limit.why])


def _row(page: Page, limit: str, rule: Rule) -> list[str]:
    what = f"[{rule.say}]({page.source}#L{page.line_of[rule.name]})"
    if isinstance(rule, Deadline):
        return [f"`{limit}`", what, _in_words(page, rule), FORCES[rule.force], cited(rule.cites)]
    if isinstance(rule, Gate):
        held = "; ".join(small(page.process.acts[name].say) for name in rule.holds)
        return [f"`{limit}`", what, f"holds: {held}", "refused without it", cited(rule.cites)]
    if isinstance(rule, Condition):
        return [f"`{limit}`", what, _condition(page, rule), "reckoned on the day", cited(rule.cites)]
    aside = [cite for deadline in page.process.deadlines.values() for cite in deadline.excused_by.get(rule.name, ())]
    return [f"`{limit}`", what, f"at least {rule.lasts[2]}" if rule.lasts else "no number", "an excuse", cited(dict.fromkeys(aside))]


def _in_words(page: Page, deadline: Deadline) -> str:
    limit, semicolon, more = page._limit(deadline).partition(";")
    since, _, day_one = page._counted(deadline).partition("; ")
    if deadline.sense is Sense.LATEST_OF:
        return f"{limit}; {day_one}{semicolon}{more}"
    between = {Sense.BEFORE: " ", Sense.BY: ": "}.get(deadline.sense, ", counted from ")
    return f"{limit}{between}{since}{f'; {day_one}' if day_one else ''}{semicolon}{more}"


def _condition(page: Page, condition: Condition) -> str:
    if condition.within is not None:
        act = page.process.acts.get(condition.of[0])
        since = f"the day of: {small(act.say)}" if act else f"the day recorded as “{in_words(condition.of[0])}”"
        return f"no more than {condition.within} after {since}"
    if condition.at_most is not None:
        return f"at most {condition.at_most}: {' and '.join(in_words(name) for name in condition.of)}"
    return f"until the last day of: {small(page.process.deadlines[condition.until].say)}"
