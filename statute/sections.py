"""The smaller sections of a definition, a rule each: named days, conditions, gates, grounds, manners of service, what an act opens."""

from __future__ import annotations

import re

from statute.definition import Condition, Covers, FactUse, Gate, Ground, NamedDay, Opening, Service, Span
from statute.reader import NAME, Reader
from statute.types import Value

EXCUSE_FACTS = (FactUse("impractical_because"), FactUse("evidence"))  # every ground: SEND reg.5(4) "impractical ... because"
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
DAY_OF_YEAR = re.compile(rf"(\d{{1,2}}) ({'|'.join(MONTHS)})")
LAST_OF_MONTH = re.compile(rf"last ({'|'.join(WEEKDAYS)}) in ({'|'.join(MONTHS)})")


def named_day(reader: Reader, name: str, value: object) -> NamedDay:
    """A day of the year: `{say, on: 15 February, in_year_of: transfers_on}`, `{say, on: last Friday in June, reaching: 16, from: born_on}`
    (the school year from 1 September, or from `year_begins`, in which the age is reached), or `{say, first_of: [a, b]}`.
    """
    path = f"days.{name}"
    rule = reader.mapping(value, path, "say", "cite on in_year_of reaching from year_begins first_of") or {}
    say, cites = reader.text(rule.get("say"), f"{path}.say"), reader.cites(rule.get("cite"), f"{path}.cite")
    if "first_of" in rule:
        return NamedDay(name, say, cites, first_of=reader.names(rule["first_of"], f"{path}.first_of"))
    month, day, weekday = _day_of_year(reader, rule.get("on"), f"{path}.on")
    if ("in_year_of" in rule) == ("reaching" in rule):
        reader.fault(path, "says no year, or two", "a day of the year needs one", "give in_year_of, or reaching and from")
    if "in_year_of" in rule:
        return NamedDay(name, say, cites, reader.text(rule["in_year_of"], f"{path}.in_year_of"), month, day, weekday)
    begins = _day_of_year(reader, rule.get("year_begins", "1 September"), f"{path}.year_begins")[:2]
    source, age = reader.text(rule.get("from"), f"{path}.from"), reader.number(rule.get("reaching"), f"{path}.reaching")
    return NamedDay(name, say, cites, source, month, day, weekday, age, begins)


def _day_of_year(reader: Reader, value: object, path: str) -> tuple[int, int, int | None]:
    """Month, day and weekday: the weekday for the last such day of the month, which then has no number."""
    text = value if isinstance(value, str) else ""
    if (match := DAY_OF_YEAR.fullmatch(text)) and 1 <= int(match[1]) <= 31:
        return MONTHS.index(match[2]) + 1, int(match[1]), None
    if match := LAST_OF_MONTH.fullmatch(text):
        return MONTHS.index(match[2]) + 1, 0, WEEKDAYS.index(match[1])
    reader.fault(path, f"{value!r} is no day of the year", "it is a day and a month", "write `15 February` or `last Friday in June`")
    return 1, 1, None


def condition(reader: Reader, name: str, value: object) -> Condition:
    """A truth that is reckoned: `{say, within: 10 weeks, of: review_held}`, `{say, at_most: 45, of: [days, days_before]}`, `{say, until: appeal_window}`,
    `{say, passed: [mediation_by_council]}`.
    """
    path = f"conditions.{name}"
    rule = reader.mapping(value, path, "say", "cite within at_most of until passed") or {}
    say, cites = reader.text(rule.get("say"), f"{path}.say"), reader.cites(rule.get("cite"), f"{path}.cite")
    if len({"within", "at_most", "until", "passed"} & rule.keys()) != 1:
        reader.fault(path, "has none or several of within, at_most, until, passed", "a condition asks one question", "keep one")
    within: Span | None = None
    of: tuple[str, ...] = ()
    if "within" in rule:
        within, of = reader.span(rule["within"], f"{path}.within"), (reader.text(rule.get("of"), f"{path}.of"),)
    at_most = reader.number(rule["at_most"], f"{path}.at_most") if "at_most" in rule else None
    if at_most is not None:
        of = reader.names(rule.get("of"), f"{path}.of")
        if not of:
            reader.fault(f"{path}.of", "adds up nothing", "a sum needs its numbers", "list the facts")
    until = reader.text(rule["until"], f"{path}.until") if "until" in rule else ""
    passed = reader.names(rule["passed"], f"{path}.passed") if "passed" in rule else ()
    if "passed" in rule and not passed:
        reader.fault(f"{path}.passed", "names nothing", "nothing could have passed", "list the deadlines")
    return Condition(name, say, cites, within, at_most, of, until, passed)


def openings(reader: Reader, value: object, path: str) -> tuple[Opening, ...]:
    """`annual_review`, or several: `[annual_review, {process: appeal, event: ..., with: {decision: plan_made}, dated: [sent_on]}]`."""
    found = []
    for number, given in enumerate(value if isinstance(value, list) else [value]):
        where = f"{path}[{number}]"
        if isinstance(given, dict):
            rule = reader.mapping(given, where, "process", "event with dated") or {}
            facts: dict[str, Value] = {}
            for name, told in reader.entries(rule, "with", where):
                if isinstance(told, (str, bool, int)):
                    facts[name] = told
                else:
                    reader.fault(
                        f"{where}.with.{name}", "is no value of a fact", "the next case is opened with it", "write a choice or a truth"
                    )
            process, event = (reader.text(rule.get(key, ""), f"{where}.{key}", empty=key == "event") for key in ("process", "event"))
            found.append(Opening(process, event, facts, reader.names(rule.get("dated", []), f"{where}.dated")))
        elif isinstance(given, str) and NAME.fullmatch(given):
            found.append(Opening(given))
        else:
            reader.fault(where, f"{given!r} names no process", "what follows is a process", "write its name")
    return tuple(found)


def gate(reader: Reader, name: str, value: object) -> Gate:
    """A condition on acts."""
    path = f"gates.{name}"
    rule = reader.mapping(value, path, "say holds needs cite", "when unless") or {}
    lists = {key: reader.names(rule.get(key, []), f"{path}.{key}") for key in ("holds", "needs", "when", "unless")}
    return Gate(name=name, say=reader.text(rule.get("say"), f"{path}.say"), cites=reader.cites(rule.get("cite"), f"{path}.cite"), **lists)


def ground(reader: Reader, name: str, value: object) -> Ground:
    """A named legal excuse."""
    path = f"grounds.{name}"
    rule = reader.mapping(value, path, "say", "facts lasts covers") or {}
    lasts, within_limit = None, False
    if "lasts" in rule:
        period = reader.mapping(rule["lasts"], f"{path}.lasts", "from until at_least", "within_limit") or {}
        span = reader.span(period.get("at_least"), f"{path}.lasts.at_least")
        lasts = (reader.text(period.get("from"), f"{path}.lasts.from"), reader.text(period.get("until"), f"{path}.lasts.until"), span)
        within_limit = reader.truth(period.get("within_limit", False), f"{path}.lasts.within_limit")
    covers = None
    if "covers" in rule:
        window = reader.mapping(rule["covers"], f"{path}.covers", "fact begins ends") or {}
        begins, ends = (reader.relative(window.get(key), f"{path}.covers.{key}", "before") for key in ("begins", "ends"))
        covers = Covers(reader.text(window.get("fact"), f"{path}.covers.fact"), begins, ends)
    facts = reader.fact_uses(rule.get("facts", []), f"{path}.facts")
    return Ground(name, reader.text(rule.get("say"), f"{path}.say"), (*facts, *EXCUSE_FACTS), lasts, within_limit, covers)


def service(reader: Reader, name: str, value: object) -> Service:
    """A manner of serving a notice."""
    path = f"service.{name}"
    rule = reader.mapping(value, path, "say after", "cite") or {}
    return Service(
        name,
        reader.text(rule.get("say"), f"{path}.say"),
        reader.span(rule.get("after"), f"{path}.after"),
        reader.cites(rule.get("cite"), f"{path}.cite"),
    )
