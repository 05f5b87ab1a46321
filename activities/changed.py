"""What a family is told when its case is moved to other rules: which rules, why, and every date before and after, from the journal itself."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, partial
from importlib import resources

from jinja2 import DictLoader, Environment, StrictUndefined, Template
from sqlalchemy.ext.asyncio import AsyncSession

from activities.letters import Occasion
from activities.record import event_of
from statute.advance import advance
from statute.clocks import OPEN, split_key
from statute.definition import Process
from statute.explain import written
from statute.revise import PILOT
from statute.types import Force, Kind, State
from store import cases, journal, overlays, revisions
from store.outbox import Waiting
from workflows import library

NOTICE = "rules_changed"
TITLE = "Other rules for your case"


@dataclass(frozen=True, slots=True)
class Dated:
    """One date before and after, in words."""

    say: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Changed:
    """A step that moved a case, with the case on both sides of it."""

    before: State
    after: State
    name: str
    why: str


async def changed_by(session: AsyncSession, case: cases.CaseFile, post: Waiting) -> Changed:
    """The case before and after the step that a post belongs to: its journal is played again up to there."""
    rows = await journal.history(session, case.id, limit=post.seq)
    events = [event_of(row) for row in rows]
    await library.ready([rule for event in events for rule in event.rules], partial(overlays.documents, session))
    before = state = None
    for event in events:
        rules = library.under(case.process, case.version, (), event.rules) if state is None else library.rules_for(state, event)
        before, state = state, advance(rules, state, event, library.england()).state
    if before is None or state is None or events[-1].kind is not Kind.REVISED:
        raise LookupError("this step moved nothing")
    asked = await revisions.find_key(session, events[-1].key)
    return Changed(before, state, asked.name if asked else "", asked.why if asked else "")


def render(changed: Changed, occasion: Occasion) -> str:
    """The letter as HTML."""
    was, now = library.of(changed.before), library.of(changed.after)
    return _template().render(
        title=TITLE,
        authority=occasion.authority,
        reference=occasion.reference,
        child=occasion.child,
        day=written(occasion.day),
        training=occasion.training,
        what=_what(changed, occasion.authority),
        why=changed.why or "the council changed its rules",
        dates=_dates(was, changed),
        gone=_gone(was, now, changed),
    )


def _what(changed: Changed, authority: str) -> str:
    ended = [
        library.pilot(rule.removeprefix(PILOT)).title
        for rule in changed.before.rules
        if rule.startswith(PILOT) and rule not in changed.after.rules
    ]
    if ended:
        return f"{' and '.join(ended)} has ended for your case. From today it goes on under the law as it is for everybody, and {authority}'s usual rules."
    return f"{authority} changed its own rules beside the law, and your case goes on under the new ones."


def _dates(was: Process, changed: Changed) -> list[Dated]:
    """Every open date that the law or guidance gives: before and after the step."""
    found = []
    for key, clock in changed.before.clocks.items():
        name, item = split_key(key)
        deadline = was.deadlines[name]
        after = changed.after.clocks.get(key)
        if clock.status not in OPEN or clock.due is None or deadline.force is Force.LOCAL or after is None or after.due is None:
            continue
        which = was.each[deadline.each].items.get(item, "") if deadline.each else ""  # a school that was named later has no words here
        say = f"{deadline.say} ({which})" if which else deadline.say
        found.append((clock.due, Dated(say, written(clock.due), written(after.due))))
    return [dated for _, dated in sorted(found, key=lambda one: (one[0], one[1].say))]


def _gone(was: Process, now: Process, changed: Changed) -> list[str]:
    """What the council asked of itself under the former rules alone, and had not done yet."""
    names = {split_key(key)[0] for key, clock in changed.before.clocks.items() if clock.status in OPEN}
    return sorted({was.deadlines[name].say for name in names if name not in now.deadlines})


@cache
def _template() -> Template:
    source = resources.files("activities").joinpath("templates", "rules_changed.html").read_text("utf-8")
    environment = Environment(loader=DictLoader({NOTICE: source}), autoescape=True, undefined=StrictUndefined)
    return environment.get_template(NOTICE)
