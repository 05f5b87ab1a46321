"""Overlays that somebody might write: one that a council would, and blind ones, of which only some are lawful."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from copy import deepcopy
from datetime import date, timedelta
from random import Random
from typing import Any

from statute.definition import Process, Sense, Span, Unit
from statute.overlay import merge
from statute.tenant_overlay import Relaxation, parse_overlay
from statute.types import Faulty, Kind
from workflows.library import read_yaml

NORTHMOOR = """
overlay: northmoor_ehc_plan
process: ehc_plan
why: Northmoor wants every family to hear from it early.
facts: {panel_note: text, panel_met: truth}
deadlines:
  decision_notified: {within: 5 weeks, warn: [21 days, 7 days]}
  final_plan_sent: {within: 18 weeks}
  family_window: {at_least: 21 days}
  settings_answer: {within: 20 days, why: Small schools asked for more time.}
  advice_by_guidance: {within: 5 weeks, why: Our own psychologists agreed to this.}
  draft_plan_target: {within: 13 weeks}
gates:
  family_heard: {needs: [notify_partners]}
  settings_consulted: {without: [name_type_only]}
decisions:
  whether_to_assess: {who: decision_maker, record: {will_not_assess: [panel_note, panel_met?]}}
notices:
  assessment_refused: {contains: {local_helpline: You may ring us on 01632 960000.}}
without: {final_plan_sent: [exceptional_personal_circumstances]}
tasks:
  call_family:
    {say: Call the family in the first week, by: [local_authority], at: [considering],
     deadline: {within: 5 working_days, from: received_on, warn: [1 day]}}
  hold_panel: {say: Hold a panel, by: [local_authority], at: [assessing]}
"""


def northmoor() -> dict[str, Any]:
    """What a council might want of the twenty weeks, as a document to be spoilt."""
    found = read_yaml(NORTHMOOR)
    assert isinstance(found, dict)
    return deepcopy(found)


def document(process: str = "ehc_plan", **changes: Any) -> dict[str, Any]:
    return {"overlay": "planted", "process": process, "why": "A planted one.", **changes}


def blind(process: Process, chance: Random) -> dict[str, Any]:
    """Some changes, drawn without any thought for the law."""
    pick = chance.choice
    changes: dict[str, Any] = {}

    def into(section: str, name: str, key: str, value: object) -> None:
        changes.setdefault(section, {}).setdefault(name, {})[key] = value

    acts = list(process.acts.values())
    for number in range(chance.randrange(1, 9)):
        what = chance.randrange(9)
        if what < 4:
            deadline = pick(list(process.deadlines.values()))
            span = deadline.spans[0][0]
            unit = pick(list(Unit)) if span is None or chance.random() < 0.1 else span.unit
            about = max(1, (span.number if span else 10) + chance.randrange(-8, 9))
            into("deadlines", deadline.name, deadline.sense.value, f"{about} {unit.value}")
            if chance.random() < 0.7:
                into("deadlines", deadline.name, "why", "Because.")
            if chance.random() < 0.3:
                into("deadlines", deadline.name, "warn", [f"{chance.randrange(1, 40)} days"])
        elif what == 4 and process.gates:
            gate = pick(list(process.gates.values()))
            if gate.unless and chance.random() < 0.7:
                into("gates", gate.name, "without", [pick(gate.unless)])
            else:
                into("gates", gate.name, "needs", [pick(acts).name])
        elif what == 5:
            decisions = [act for act in acts if act.outcomes]
            if decisions:
                changes.setdefault("facts", {})[f"own_{number}"] = pick(["text", "truth"])
                act = pick(decisions)
                into("decisions", act.name, "record", {pick(list(act.outcomes)): [f"own_{number}{pick(['', '?'])}"]})
        elif what == 6:
            notices = [act for act in acts if act.kind is Kind.SERVED]
            if notices:
                into("notices", pick(notices).name, "contains", {f"own_words_{number}": "More."})
        elif what == 7:
            excused = [deadline for deadline in process.deadlines.values() if deadline.excused_by]
            if excused:
                deadline = pick(excused)
                changes.setdefault("without", {})[deadline.name] = [pick(list(deadline.excused_by))]
        else:
            at = [stage.name for stage in process.stages.values() if not stage.ends]
            task: dict[str, Any] = {"say": "Do more", "by": [pick(["local_authority", "school", "family"])], "at": [pick(at)]}
            if chance.random() < 0.7:
                task["deadline"] = {"within": f"{chance.randrange(1, 30)} days", "from": pick(acts).name}
            changes.setdefault("tasks", {})[f"own_task_{number}"] = task
    return changes


def lawful(process: Process, chance: Random) -> Process | None:
    """The process under one of the blind overlays that load; what a part of it alone would break is left out first."""
    found = lawful_document(process, chance)
    return _loads(process, found) if found else None


def lawful_document(process: Process, chance: Random) -> dict[str, Any] | None:
    """One of the blind overlays, without the parts that would not load. None: nothing is left."""
    kept: dict[str, Any] = {}
    for section, rules in blind(process, chance).items():
        for name, rule in rules.items():
            if section != "facts" and _loads(process, _whole(process, {**kept, section: {**kept.get(section, {}), name: rule}})):
                kept.setdefault(section, {})[name] = rule
    found = _whole(process, kept)
    return found if kept and _loads(process, found) else None


def _whole(process: Process, changes: dict[str, Any]) -> dict[str, Any]:
    """The document of these changes, with the facts that its decisions record."""
    used = {use.rstrip("?") for decision in changes.get("decisions", {}).values() for uses in decision["record"].values() for use in uses}
    facts = {"facts": dict.fromkeys(sorted(used), "text")} if used else {}
    return document(process.name, **changes, **facts)


def _loads(process: Process, given: dict[str, Any]) -> Process | None:
    try:
        return merge(process, parse_overlay(given))
    except (Faulty, Relaxation):
        return None


def counted(day: date, span: Span, holidays: frozenset[date], *, back: bool = False) -> date:
    """A day some time from another, reckoned with the fingers: no part of the product has a hand in it. School days are working days here."""
    if span.unit is Unit.MONTHS:
        year, month = divmod(day.year * 12 + day.month - 1 + (-span.number if back else span.number), 12)
        return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
    left = span.number * (7 if span.unit is Unit.WEEKS else 1)
    while left:
        day += timedelta(days=-1 if back else 1)
        vacation = day.month == 8 or (day.month, day.day) >= (12, 25) or (day.month, day.day) == (1, 1)
        works = day.weekday() < 5 and day not in holidays
        skipped = (span.unit in (Unit.TRIBUNAL_DAYS, Unit.TRIBUNAL_WORKING_DAYS) and vacation) or (
            span.unit in (Unit.WORKING_DAYS, Unit.SCHOOL_DAYS, Unit.TRIBUNAL_WORKING_DAYS) and not works
        )
        left -= not skipped
    return day


def worse(national: Process, merged: Process, day: date, holidays: frozenset[date]) -> Iterator[str]:
    """The limits in law, and the times of the family, that would be worse for it than nationally if they counted from a day."""
    for name, deadline in national.deadlines.items():
        giving = deadline.binds == "family" or deadline.sense is Sense.AT_LEAST
        if not giving and deadline.force.value != "must":
            continue
        for (before, _), (after, _) in zip(deadline.spans, merged.deadlines[name].spans, strict=True):
            if before is None or after is None:
                if before is not after:
                    yield name
                continue
            back = deadline.sense is Sense.BEFORE
            then, now = counted(day, before, holidays, back=back), counted(day, after, holidays, back=back)
            if now < then if giving else now > then:
                yield name
