"""Whether a condition holds: every condition is a name, of an act, an outcome, a truth, a floor whose time is over, or what is reckoned."""

from __future__ import annotations

from datetime import date

from statute.clocks import OPEN, Dates, current, is_over
from statute.days import Days
from statute.definition import Act, Condition, Gate, Process
from statute.types import Refused, State


class Ledger:
    """What has happened on a case as of the event under way: the state, and that event's own facts and outcome."""

    def __init__(self, process: Process, state: State, dates: Dates, act: Act, item: str, outcome: str, day: date, days: Days) -> None:
        self.process, self.state, self.dates, self.act = process, state, dates, act
        self.item, self.outcome, self.day, self.days = item, outcome, day, days

    def holds(self, name: str) -> bool:
        """Whether a named condition is true. An act of each item: of this item, else of every required one, else of any."""
        deadline = self.process.deadlines.get(name)
        if deadline is not None:
            return is_over(self.state.clocks.get(name), self.day)
        condition = self.process.conditions.get(name)
        if condition is not None:
            return self._is_so(condition)
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

    def _is_so(self, condition: Condition) -> bool:
        """A truth that is reckoned on the day of the act."""
        if condition.until:
            clock = self.state.clocks.get(current(self.process.deadlines[condition.until], self.state.clocks))
            return clock is not None and clock.due is not None and self.day <= clock.due
        if condition.passed:
            return any(self._is_owed(name) for name in condition.passed)
        if condition.at_most is not None:
            return sum(int(value) for name in condition.of if isinstance(value := self.dates.facts.get(name, 0), int)) <= condition.at_most
        day = self.dates.day(condition.of[0])
        return day is not None and condition.within is not None and day <= self.day <= self.days.last_day(day, condition.within)

    def _is_owed(self, name: str) -> bool:
        """Whether the last lawful day of a deadline is over and what it asks for was not done."""
        clock = self.state.clocks.get(current(self.process.deadlines[name], self.state.clocks))
        return clock is not None and clock.status in OPEN and clock.due is not None and self.day > clock.due

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
                held = [self.describe(name) for name in missing if name in self.process.conditions]
                to_come = [self.describe(name) for name in missing if name not in self.process.conditions]
                needed = f" Needed: {'; '.join(held)}." if held else ""
                lacks = f" Still to come: {'; '.join(to_come)}." if to_come else ""
                raise Refused(f"{gate.say}.{needed}{lacks}", gate.cites)

    def describe(self, name: str) -> str:
        """What a need means to a person, with the date for a floor."""
        deadline = self.process.deadlines.get(name)
        if deadline is not None:
            clock = self.state.clocks.get(name)
            return f"{deadline.say} (until {clock.due:%-d %B %Y})" if clock and clock.due else f"{deadline.say} (not begun)"
        if name in self.process.conditions:
            return self.process.conditions[name].say
        act = self.process.acts.get(name)
        if act is None:
            return name.replace("_", " ")
        if act.each and self.act.each != act.each:
            each = self.process.each[act.each]
            items = [each.items[item] for item in each.required if f"{name}/{item}" not in self.dates.happened]
            return f"{act.say} ({', '.join(items)})" if items else act.say
        return act.say
