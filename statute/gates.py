"""Whether a condition holds: every condition is a name, of an act, an outcome, a truth, or a floor whose time is over."""

from __future__ import annotations

from datetime import date

from statute.clocks import Dates, is_over
from statute.definition import Act, Gate, Process
from statute.types import Refused, State


class Ledger:
    """What has happened on a case as of the event under way: the state, and that event's own facts and outcome."""

    def __init__(self, process: Process, state: State, dates: Dates, act: Act, item: str, outcome: str, day: date) -> None:
        self.process, self.state, self.dates, self.act = process, state, dates, act
        self.item, self.outcome, self.day = item, outcome, day

    def holds(self, name: str) -> bool:
        """Whether a named condition is true. An act of each item: of this item, else of every required one, else of any."""
        deadline = self.process.deadlines.get(name)
        if deadline is not None:
            return is_over(self.state.clocks.get(name), self.day)
        act = self.process.acts.get(name)
        if act is None:
            if name in self.act.outcomes:  # the question is being answered now: an earlier answer to it no longer counts
                return name == self.outcome
            return name in self.state.decided.values() or self.dates.facts.get(name) is True
        if not act.each:
            return name in self.dates.happened
        if self.act.each == act.each:
            return f"{name}/{self.item}" in self.dates.happened
        required = self.process.each[act.each].required
        if required:
            return all(f"{name}/{item}" in self.dates.happened for item in required)
        return any(key.startswith(f"{name}/") for key in self.dates.happened)

    def missing(self, gate: Gate) -> tuple[str, ...]:
        """The needs that hold a gate shut; none where it does not apply."""
        if any(not self.holds(name) for name in gate.when) or any(self.holds(name) for name in gate.unless):
            return ()
        return tuple(name for name in gate.needs if not self.holds(name))

    def pass_gates(self) -> None:
        """Refuse the act if a gate holds it.

        Raises:
            Refused: with the gate's sentence, what is missing, and the citation.
        """
        for gate in self.act.gates:
            missing = self.missing(gate)
            if missing:
                lacks = "; ".join(self.describe(name) for name in missing)
                raise Refused(f"{gate.say}. Still to come: {lacks}.", gate.cites)

    def describe(self, name: str) -> str:
        """What a need means to a person, with the date for a floor."""
        deadline = self.process.deadlines.get(name)
        if deadline is not None:
            clock = self.state.clocks.get(name)
            return f"{deadline.say} (until {clock.due:%-d %B %Y})" if clock and clock.due else f"{deadline.say} (not begun)"
        act = self.process.acts.get(name)
        if act is None:
            return name.replace("_", " ")
        if act.each and self.act.each != act.each:
            each = self.process.each[act.each]
            items = [each.items[item] for item in each.required if f"{name}/{item}" not in self.dates.happened]
            return f"{act.say} ({', '.join(items)})" if items else act.say
        return act.say
