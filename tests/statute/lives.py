"""Made-up lives of a case: whatever people might send, the lawful, the late and the nonsense, from a few numbers each."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from statute.allowed import allowed
from statute.definition import Act, FactRule, FactType, FactUse, Process, Unit
from statute.types import Clock, Event, Kind, State, Status, Value
from workflows import library

SECRET = "Kanarienvogel"  # stands in every free text, and must not come out anywhere
BEGINNING = date(2026, 1, 6)
LAST = date(9999, 12, 31)
SCHOOL = "hill_school"
ENGLAND = library.england()
SPOILS = (
    "missing fact", "unknown fact", "wrong type", "no such day", "end of time", "too long", "empty text", "wrong capacity", "wrong kind",
    "unknown name", "future", "before the case", "item", "outcome", "how", "old key",
)  # fmt: skip


@dataclass(frozen=True)
class Wish:
    """What somebody wants to do next. `detail` decides everything else; `spoil` makes it nonsense in one way."""

    days: int  # that pass before
    detail: int
    spoil: str = ""


class Life:
    """A case and its day, to which wishes are put. One that `lingers` hardly ever comes to an end."""

    def __init__(self, process: Process, *, lingers: bool = False, wanted: Collection[str] = ()) -> None:
        self.wanted = wanted  # acts that nobody has done yet: taken where they are offered
        self.process, self.lingers, self.today, self.number, self.state = process, lingers, BEGINNING, 0, None
        self.keys: list[str] = []
        ends = {act.name for act in process.acts.values() if set(act.moves.values()) & process.endings}
        self.rare = [act for act in process.acts.values() if act.name in ends and act.kind in (Kind.HAPPENED, Kind.DONE)]
        self.final = frozenset(ends)
        self.counts_school_days = any(
            span is not None and span.unit is Unit.SCHOOL_DAYS for deadline in process.deadlines.values() for span, _ in deadline.spans
        )

    state: State | None

    def event(self, wish: Wish) -> Event:
        """The event that a wish comes to, here and today."""
        self.today += timedelta(days=wish.days)
        self.number += 1
        chance = Random(wish.detail)
        at = datetime.combine(self.today, time(chance.randrange(24), chance.randrange(60)), UTC)
        key = f"00000000-0000-4000-8000-{self.number:012d}"  # as long as the keys that clients make
        if self.state is None:
            name = chance.choice(self.process.opens_with)
            return self._spoilt(self._act(self.process.acts[name], key, at, chance, lag=chance.randrange(4)), wish.spoil, chance)
        if chance.random() < 0.15:
            return Event(kind=Kind.TIME_PASSED, name="time_passed", on=self.today, at=at, key=key, capacity="engine")
        open_clocks = [name for name, clock in self.state.clocks.items() if clock.status in (Status.RUNNING, Status.PASSED)]
        if chance.random() < 0.12 and self.process.grounds:
            event = self._excuse(chance.choice(open_clocks or list(self.process.deadlines)), key, at, chance)
        else:
            lag = 0 if chance.random() < 0.8 else chance.randrange(40)
            event = self._act(self._chosen(chance), key, at, chance, lag)
        return self._spoilt(event, wish.spoil, chance)

    def _chosen(self, chance: Random) -> Act:
        assert self.state is not None
        if self.rare and chance.random() < 0.01:
            return chance.choice(self.rare)
        if chance.random() < 0.15:  # what is offered leads deeper than what merely has its place here
            everybody = {capacity for act in self.process.acts.values() for capacity in act.by}
            offers = allowed(self.process, self.state, everybody, self.today, ENGLAND)
            offered = [self.process.acts[offer.name] for offer in offers if offer.name in self.process.acts]
            if offered:
                return chance.choice([act for act in offered if act.name in self.wanted] or offered)
        acts = [act for act in self.process.acts.values() if act not in self.rare and not (self.lingers and act.name in self.final)]
        acts = acts or list(self.process.acts.values())
        here = [act for act in acts if self.state.stage in act.at]
        new = [act for act in here if act.again or act.each or act.name not in self.state.happened]
        return chance.choice(new if new and chance.random() < 0.9 else here if here and chance.random() < 0.8 else acts)

    def _act(self, act: Act, key: str, at: datetime, chance: Random, lag: int) -> Event:
        outcome = chance.choice(list(act.outcomes)) if act.outcomes else ""
        uses = (*act.facts, *(act.outcomes[outcome].record if outcome else ()))
        item = ""
        if act.each:
            each = self.process.each[act.each]
            item = chance.choice([*each.items, *each.required] or [f"setting_{chance.randrange(3)}"])
        schools = {item, *(str(self.process.facts[use.name].type is FactType.SETTING and SCHOOL) for use in uses)} - {"", "False"}
        return Event(
            kind=act.kind,
            name=act.name,
            on=self.today - timedelta(days=lag),
            at=at,
            key=key,
            actor="11111111-1111-4111-8111-111111111111",
            terms=terms_around(self.today, schools) if self.counts_school_days else {},
            capacity=chance.choice(act.by),
            item=item,
            outcome=outcome,
            how=chance.choice(list(self.process.service) or [""]) if act.kind is Kind.SERVED else "",
            facts=self._facts(uses, chance),
        )

    def _excuse(self, clock: str, key: str, at: datetime, chance: Random) -> Event:
        name, _, item = clock.partition("/")
        deadline = self.process.deadlines[name]
        grounds = list(deadline.excused_by) if deadline.excused_by and chance.random() < 0.8 else list(self.process.grounds)
        ground = chance.choice(grounds)
        facts = self._facts(self.process.grounds[ground].facts, chance)
        found = self.state.clocks.get(clock) if self.state else None
        facts.update(_plausible(facts, found, self.today, chance))
        capacity = "decision_maker" if chance.random() < 0.9 else "local_authority"
        return Event(kind=Kind.EXCUSED, name=name, on=self.today, at=at, key=key, capacity=capacity, item=item, outcome=ground, facts=facts)

    def _facts(self, uses: Iterable[FactUse], chance: Random) -> dict[str, Value]:
        return {use.name: self._value(self.process.facts[use.name], chance) for use in uses if use.required or chance.random() < 0.5}

    def _value(self, rule: FactRule, chance: Random) -> Value:
        if rule.type is FactType.TRUTH:
            return chance.random() < 0.8
        if rule.type is FactType.NUMBER:
            return chance.randrange(30)
        if rule.type is FactType.SETTING:
            return SCHOOL
        if rule.type is FactType.AUTHORITY:
            return "992"
        if rule.type is FactType.CHOICE:
            return chance.choice(rule.choices or ("nothing",))
        if rule.type is FactType.TEXT:
            return f"{SECRET} and why"
        back = (
            chance.randrange(3)
            if rule.name == "received_on"
            else chance.randrange(3000, 7000)
            if rule.name == "born_on"
            else chance.randrange(60)
        )
        ahead = chance.randrange(60) if rule.type is FactType.PLANNED_DATE else 0
        return (self.today + timedelta(days=ahead - back)).isoformat()

    def _spoilt(self, event: Event, spoil: str, chance: Random) -> Event:
        facts = dict(event.facts)
        days = [name for name, value in facts.items() if self.process.facts[name].type in (FactType.DATE, FactType.PLANNED_DATE)]
        texts = [name for name, value in facts.items() if self.process.facts[name].type is FactType.TEXT]
        if spoil == "missing fact" and facts:
            del facts[chance.choice(list(facts))]
        elif spoil == "unknown fact":
            facts[chance.choice(["", "reasonz", "born_on", "on", "x" * 500])] = chance.choice(["2026-01-06", True, 5])
        elif spoil == "wrong type" and facts:
            facts[chance.choice(list(facts))] = chance.choice(
                [True, -1, 10**30, "", "yes", "2026-13-45", "0000-00-00", "20260106", "\x00", "٢٠٢٦-٠١-٠٦"]
            )
        elif spoil == "no such day" and days:
            facts[chance.choice(days)] = chance.choice(["2026-02-30", "1582-10-10", "0001-01-01", "1899-12-31", "2026-01-06T00:00"])
        elif spoil == "end of time" and days:
            facts.update(dict.fromkeys(days if chance.random() < 0.5 else [chance.choice(days)], LAST.isoformat()))
        elif spoil == "too long" and texts:
            facts[chance.choice(texts)] = SECRET * 2000
        elif spoil == "empty text" and texts:
            facts[chance.choice(texts)] = " \n\t"
        elif spoil == "future":
            return replace(event, on=event.on + timedelta(days=chance.choice([1, 30, 40, 5000])))
        elif spoil == "before the case":
            return replace(event, on=chance.choice([BEGINNING - timedelta(days=1), date(1899, 1, 1), date.min]))
        elif spoil in ("wrong capacity", "unknown name", "item", "outcome", "how"):
            word = chance.choice(["", "family", "nobody", "education", "by_hand", "will_assess", "a/b", "x" * 65, "\U0001f426"])
            return replace(event, **{spoil.split()[-1]: word})
        elif spoil == "wrong kind":
            return replace(event, kind=chance.choice(list(Kind)))
        elif spoil == "old key" and self.keys:
            return replace(event, key=chance.choice(self.keys))
        return replace(event, facts=facts)


def terms_around(today: date, schools: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Terms that go on for years around a day, but for Christmas and August."""
    years = tuple(
        term for year in range(today.year - 1, today.year + 3) for term in (f"{year}-01-05/{year}-07-20", f"{year}-09-02/{year}-12-18")
    )
    return dict.fromkeys(sorted(schools), years)


def _plausible(facts: Mapping[str, Value], clock: Clock | None, today: date, chance: Random) -> dict[str, Value]:
    """Periods of about four weeks near the clock, so that grounds are borne out about as often as not."""
    first = (clock.since if clock else today) + timedelta(days=chance.randrange(-10, 60))
    until = first + timedelta(days=chance.choice([27, 28, 29, 40]))
    asked = min(first + timedelta(days=chance.randrange(-9, 30)), today)
    near = {"closed_from": first, "absent_from": first, "reopens_on": until, "returned_on": until, "advice_asked_on": asked}
    return {name: day.isoformat() for name, day in near.items() if name in facts}


def wellformed(process: Process, act: Act, today: date, item: str, outcome: str, capacity: str) -> Event:
    """An act done today just as the rules ask for it."""
    values: dict[FactType, Value] = {
        FactType.TRUTH: True, FactType.NUMBER: 1, FactType.TEXT: "Because", FactType.SETTING: SCHOOL, FactType.AUTHORITY: "992",
    }  # fmt: skip
    uses = (*act.facts, *(act.outcomes[outcome].record if outcome else ()))
    facts = {
        use.name: rule.choices[0] if rule.choices else values.get(rule.type, today.isoformat())
        for use in uses
        for rule in [process.facts[use.name]]
    }
    return Event(
        kind=act.kind,
        name=act.name,
        on=today,
        at=datetime.combine(today, time(12), UTC),
        key=f"well-formed-{act.name}-{item}-{outcome}",
        capacity=capacity,
        item=item,
        outcome=outcome,
        how=next(iter(process.service)) if act.kind is Kind.SERVED else "",
        facts=facts,
        terms=terms_around(today, {SCHOOL}) if FactType.SETTING in {rule.type for rule in process.facts.values()} else {},
    )
