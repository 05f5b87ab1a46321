"""What differs between two configurations of a council, in sentences that an officer and a parent can read. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from statute.definition import Deadline, Process, Sense, Span
from statute.permitted import targets
from statute.tenant_overlay import Overlay, Task, Tuned
from statute.types import Force
from tenants.configuration import Configuration, Escalation, Letters


@dataclass(frozen=True, slots=True)
class _Line:
    """One thing that a configuration sets: what it is, as a value to compare, and how it is told while it holds and once it is gone."""

    value: object
    holds: str
    gone: str


def differences(old: Configuration, new: Configuration, law: Mapping[str, Process]) -> list[str]:
    """What is otherwise in `new`: one sentence each, in the order of the document. `law` are the national processes, by name."""
    before, after = dict(_lines(old, law)), dict(_lines(new, law))
    found = [line.holds for key, line in after.items() if key not in before or before[key].value != line.value]
    return found + [line.gone for key, line in before.items() if key not in after]


def _lines(configuration: Configuration, law: Mapping[str, Process]) -> Iterator[tuple[str, _Line]]:
    for overlay in configuration.overlays:
        process = law.get(overlay.process)
        title = process.title if process else _words(overlay.process)
        for key, line in _overlay(overlay, process):
            yield f"{overlay.process} {key}", _Line(line.value, f"{title}: {line.holds}", f"{title}: {line.gone}")
    yield from _closed(configuration.closed_days)
    yield from _letters(configuration.letters)
    for told in configuration.escalation:
        yield _escalation(told, law.get(told.process))
    for team in configuration.teams:
        where = f" ({', '.join(_title(law, name) for name in team.processes)})" if team.processes else ""
        who = f"{len(team.members)} {'person' if len(team.members) == 1 else 'people'}"
        yield f"team {team.name}", _Line(team, f"Team “{team.say}”: {who}{where}", f"There is no team “{team.say}” any more")


def _overlay(overlay: Overlay, process: Process | None) -> Iterator[tuple[str, _Line]]:
    yield f"why {overlay.name}", _Line(overlay.why, f"families read why: “{overlay.why}”", f"families no longer read: “{overlay.why}”")
    for name, tuned in overlay.deadlines.items():
        yield from _deadline(name, tuned, process.deadlines.get(name) if process else None)
    for name, change in overlay.gates.items():
        for need in change.needs:
            said = f"“{_called(process, name)}” also waits for “{_called(process, need)}”"
            yield f"gate {name} {need}", _Line(need, said, f"“{_called(process, name)}” no longer waits for “{_called(process, need)}”")
        for lost in change.without:
            said = f"“{_called(process, name)}” has no exception “{_called(process, lost)}” any more"
            yield (
                f"gate {name} without {lost}",
                _Line(lost, said, f"“{_called(process, name)}” has the exception “{_called(process, lost)}” again"),
            )
    for name, decision in overlay.decisions.items():
        if decision.who:
            said = f"“{_called(process, name)}” is decided by the {_words(decision.who)}"
            yield f"decision {name}", _Line(decision.who, said, f"“{_called(process, name)}” is decided by whom the law names")
        for outcome, uses in decision.record.items():
            facts = ", ".join(_words(use.name) + ("" if use.required else " (if there is one)") for use in uses)
            said = f"“{_words(outcome)}” of “{_called(process, name)}” also records: {facts}"
            yield (
                f"record {name} {outcome}",
                _Line(uses, said, f"“{_words(outcome)}” of “{_called(process, name)}” records nothing besides the law's"),
            )
    for name, elements in overlay.notices.items():
        for element, text in elements.items():
            said = f"the letter “{_called(process, name)}” also says: “{text}”"
            yield f"notice {name} {element}", _Line(text, said, f"the letter “{_called(process, name)}” no longer says: “{text}”")
    for name, grounds in overlay.without.items():
        for ground in grounds:
            said = f"the council gives up an excuse from “{_say(process, name)}”: {_ground(process, ground)}"
            gone = f"the council may be excused again from “{_say(process, name)}”: {_ground(process, ground)}"
            yield f"without {name} {ground}", _Line(ground, said, gone)
    for task in overlay.tasks.values():
        yield f"task {task.name}", _Line(task, f"a task: {_task(task)}", f"no longer a task: {task.say}")


def _deadline(name: str, tuned: Tuned, deadline: Deadline | None) -> Iterator[tuple[str, _Line]]:
    say = deadline.say if deadline else _words(name)
    law = deadline.spans[0][0] if deadline else None
    if tuned.span is not None:
        back = f"“{say}” goes back to {_every(deadline, law)}" if deadline and law else f"“{say}” is as the definition says"
        because = f", because: {tuned.why}" if tuned.why else ""
        yield f"deadline {name}", _Line((tuned.span, tuned.why), f"{_number(say, deadline, law, tuned.span)}{because}", back)
    if tuned.warn is not None:
        days = " and ".join(f"{day} {'day' if day == 1 else 'days'}" for day in tuned.warn)
        said = f"“{say}”: a warning comes {days} before the last day" if days else f"“{say}”: no warning comes before the last day"
        yield f"warn {name}", _Line(tuned.warn, said, f"“{say}”: warnings come as the definition says")


def _number(say: str, deadline: Deadline | None, law: Span | None, span: Span) -> str:
    if deadline is None or law is None:
        return f"“{say}” becomes {span}"
    if targets(deadline, span):
        return f"“{say}”: our own date becomes {_every(deadline, span)} (the law says {_every(deadline, law)})"
    if deadline.sense is Sense.AT_LEAST:
        return f"“{say}”: the time given becomes {span} (at least {law} by the definition)"
    if deadline.force is Force.SHOULD:
        return f"“{say}” becomes {_every(deadline, span)} (guidance says {_every(deadline, law)})"
    if deadline.force is Force.MUST:
        return f"“{say}” would become {_every(deadline, span)}, where the law says {_every(deadline, law)}"
    return f"“{say}” becomes {_every(deadline, span)} ({_every(deadline, law)} where a council sets nothing)"


def _every(deadline: Deadline, span: Span) -> str:
    return f"every {span}" if deadline.sense is Sense.EVERY else str(span)


def _task(task: Task) -> str:
    who = " or ".join(_words(one) for one in task.by)
    limit = f", within {task.within} from “{_words(task.since)}”" if task.within else ""
    return f"{task.say} (for the {who}{limit})"


def _closed(days: tuple[date, ...]) -> Iterator[tuple[str, _Line]]:
    for day in days:
        told = f"{day:%-d %B %Y}"
        yield f"closed {day}", _Line(day, f"The council is closed on {told}; no date of law moves", f"The council is open on {told}")


def _letters(letters: Letters) -> Iterator[tuple[str, _Line]]:
    if letters.logo:
        yield "letters logo", _Line(letters.logo, "Letters have this logo now", "Letters have no logo")
    for name in ("address", "telephone", "email", "sign_off"):
        text = getattr(letters, name)
        if text:
            what = "end with" if name == "sign_off" else f"give as {'e-mail' if name == 'email' else name}"
            flat = ", ".join(line.strip() for line in text.splitlines() if line.strip())
            yield f"letters {name}", _Line(text, f"Letters {what}: {flat}", f"Letters no longer {what}: {flat}")


def _escalation(told: Escalation, process: Process | None) -> tuple[str, _Line]:
    title = process.title if process else _words(told.process)
    what = f"“{_say(process, told.deadline)}”" if told.deadline else "any limit"
    when = "is near" if told.on == "warning" else "has passed"
    said = f"{title}: when {what} {when}, {told.to} is told"
    key = f"told {told.process} {told.deadline} {told.on} {told.to}"
    return key, _Line(told, f"{said}{f' ({told.say})' if told.say else ''}", f"{said} no longer")


def _say(process: Process | None, deadline: str) -> str:
    found = process.deadlines.get(deadline) if process else None
    return found.say if found else _words(deadline)


def _called(process: Process | None, name: str) -> str:
    """What a gate, an exception or an act is called in the definition."""
    for part in (process.gates, process.conditions, process.acts) if process else ():
        if name in part:
            return part[name].say
    return _words(name)


def _ground(process: Process | None, name: str) -> str:
    found = process.grounds.get(name) if process else None
    return found.say if found else _words(name)


def _title(law: Mapping[str, Process], name: str) -> str:
    return law[name].title if name in law else _words(name)


def _words(name: str) -> str:
    return name.replace("_", " ")
