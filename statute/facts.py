"""Whether the facts given with an act are the ones it takes, of the right type, and possible on their day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from difflib import get_close_matches

from statute.definition import FactRule, FactType, FactUse, Process
from statute.types import Fault, Value

LONGEST_TEXT = 20_000  # characters: a long letter; documents are not facts
EARLIEST, LATEST = date(1900, 1, 1), date(2200, 1, 1)


def faults_in(process: Process, uses: tuple[FactUse, ...], given: Mapping[str, Value], today: date, born_on: date | None) -> list[Fault]:
    """Everything wrong with `given`, all at once. `today` is the civil date on which it is recorded."""
    faults = []
    names = [use.name for use in uses]
    for name, value in given.items():
        if name not in names:
            close = get_close_matches(name, names, 1)
            advice = f"did you mean {close[0]}" if close else f"this act takes: {', '.join(names) or 'no facts'}"
            faults.append(Fault(f"facts.{name}", "is not a fact of this act", "only named facts are recorded", advice))
            continue
        what = _wrong(process.facts[name], value, today, born_on)
        if what:
            faults.append(Fault(f"facts.{name}", *what))
    for use in uses:
        if use.required and use.name not in given:
            faults.append(
                Fault(f"facts.{use.name}", "is missing", "the act is not complete without it", f"give {use.name.replace('_', ' ')}")
            )
    return faults


def _wrong(rule: FactRule, value: Value, today: date, born_on: date | None) -> tuple[str, str, str] | None:
    if rule.type is FactType.TRUTH:
        return None if isinstance(value, bool) else ("is not yes or no", "the rule asks for a truth", "give yesNo")
    if rule.type is FactType.NUMBER:
        wrong = isinstance(value, bool) or not isinstance(value, int)
        return ("is not a number", "the rule asks for a whole number", "give number") if wrong else None
    if not isinstance(value, str):
        return ("is not a text", f"the rule asks for {rule.type.value.replace('_', ' ')}", f"give {rule.type.value}")
    if rule.type is FactType.CHOICE:
        return None if value in rule.choices else (f"is none of {', '.join(rule.choices)}", "the law knows these", "choose one of them")
    if rule.type is FactType.AUTHORITY:
        known = len(value) == 3 and value.isascii() and value.isdigit()
        return (
            None if known else ("is not the code of a council", "the Department for Education knows each by three digits", "give them: 886")
        )
    if rule.type is FactType.SETTING:
        return (
            None
            if value and len(value) <= 64 and "/" not in value
            else ("is not the id of a setting", "its school days are asked for", "give its id")
        )
    if rule.type is FactType.TEXT:
        if not value.strip():
            return ("is empty", "somebody will have to read it", "write it out")
        return ("is too long", f"at most {LONGEST_TEXT} characters fit", "attach a document instead") if len(value) > LONGEST_TEXT else None
    return _wrong_day(rule, value, today, born_on)


def _wrong_day(rule: FactRule, value: str, today: date, born_on: date | None) -> tuple[str, str, str] | None:
    try:
        day = date.fromisoformat(value)
    except ValueError:
        day = None
    if day is None or day.isoformat() != value:  # Python also reads 20260302 and 2026-W10-1: one day would be kept in three ways
        return ("is not a date", "the rule asks for a civil date", "write it as 2026-03-02")
    if day < EARLIEST:
        return ("is too long ago", "nothing in this process is that old", "check the year")
    if day > LATEST:
        return ("is too far ahead", "nothing in this process lies that far ahead", "check the year")
    if rule.type is FactType.DATE and day > today:
        return (
            f"is in the future ({day:%-d %B %Y})",
            f"today is {today:%-d %B %Y}, and it is recorded once it happened",
            "give the day it happened",
        )
    if born_on is not None and day < born_on:
        return ("is before the child was born", "nothing happens to a child before its birth", "check the day, or the date of birth")
    return None
