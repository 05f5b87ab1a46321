"""Every limit of the list is kept by a rule of a definition that says the same, or there is a reason why not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bootstrap.limit_pages import kept_limits
from statute.definition import Condition, Deadline, Gate, Process, Sense, Span, Unit
from statute.types import Citation, Evidence, Force, Kind
from tests.law.first_clock import UNITS, triggers_of
from tests.law.listed import LIST, Kept, kept, limits, newest
from tests.law.second_clock import NO_NUMBER
from tests.law.words import ACTS, EXCEPTIONS, FORCES, GROUNDS, OWN, OWNERS, SENSES, STRENGTH, TRIGGERS
from workflows import library

GIVEN = Path(__file__).resolve().parents[3] / "shared" / "law" / "limits.yaml"


def weakest(cites: Iterable[Citation]) -> int:
    return min((STRENGTH[cite.evidence] for cite in cites), default=0)


def differences(one: Kept) -> Iterator[tuple[str, str]]:
    """What a rule says otherwise than the list: which of its words, and how."""
    limit, rule = one.limit, one.rule
    if isinstance(rule, Deadline):
        yield from _deadline(one, rule)
        yield from _whose_and_whence(one, rule)
    elif isinstance(rule, Condition):
        measures = {str(rule.within), str(rule.at_most)}
        if not {f"{limit['max']} {UNITS.get(limit['unit'], '')}", str(limit["max"])} & measures:
            yield "number", f"{limit['max']} {limit['unit']} and {measures}"
        if limit["sense"] != ("cap" if rule.at_most is not None else "lookback"):
            yield "sense", f"{limit['sense']} and a condition"
    else:
        yield "sense", f"{limit['sense']} and a {type(rule).__name__.lower()}"
    cites = rule.cites if isinstance(rule, Deadline | Condition | Gate) else ()
    if weakest(cites) > STRENGTH[Evidence(limit["evidence"])]:
        yield "evidence", f"{limit['evidence']} and {', '.join(f'{cite} ({cite.evidence})' for cite in cites)}"


def _deadline(one: Kept, rule: Deadline) -> Iterator[tuple[str, str]]:
    limit = one.limit
    if not any(_same_span(limit, span) for span, _ in rule.spans):
        yield "number", f"{limit['max']} {limit['unit']} and {', '.join(str(span) for span, _ in rule.spans)}"
    if rule.sense not in SENSES.get(limit["sense"], set()):
        yield "sense", f"{limit['sense']} and {rule.sense}"
    if rule.sense is not Sense.BEFORE and rule.include_trigger != (limit["count"] == "include_trigger_day"):
        yield "counting", f"{limit['count']} and {rule.include_trigger}"
    rolls = "tribunal_vacation" if "hesc" in limit["count"] else "next_working_day" if limit["unit"] == "calendar_days_hesc" else ""
    if rule.rolls != rolls:
        yield "rolling", f"{rolls or 'no rolling'} and {rule.rolls or 'no rolling'}"
    if rule.force not in FORCES[limit["kind"]]:
        yield "force", f"{limit['kind']} and {rule.force}"
    exempt = {GROUNDS.get(name, name) for name in limit["exemptions"] if name not in ACTS}
    unmet = [name for name in limit["exemptions"] if name in ACTS and not ACTS[name] & _lets_go(one.process, rule)]
    if exempt != set(rule.excused_by) or unmet:
        yield "exemptions", f"{limit['exemptions']} and {sorted(rule.excused_by)}"


def _lets_go(process: Process, rule: Deadline) -> set[str]:
    """The acts that stop a deadline, and the leave that lets in what would meet it too late."""
    return {*rule.stopped_by, *(name for gate in process.gates.values() if set(gate.holds) & set(rule.met_by) for name in gate.unless)}


def _whose_and_whence(one: Kept, rule: Deadline) -> Iterator[tuple[str, str]]:
    bound = {"local_authority"} if rule.sense is Sense.AT_LEAST else OWNERS[one.limit["owner_role"]]
    if rule.binds not in bound:
        yield "owner", f"{one.limit['owner_role']} and {rule.binds}"
    trigger, names = str(one.limit["trigger"]), triggers_of(one)
    if not set(names) & TRIGGERS.get(str(one.limit["id"]), TRIGGERS.get(trigger, set())):
        yield "trigger", f"{trigger} and {', '.join(names)}"
    notices = [name for name in names if name in one.process.acts and one.process.acts[name].kind is Kind.SERVED]
    if notices and trigger.endswith(("_sent", "_served")) and rule.counts_from_sending is not trigger.endswith("_sent"):
        yield "trigger", f"{trigger} and the {'sending' if rule.counts_from_sending else 'arrival'} of {', '.join(notices)}"


def _same_span(limit: Mapping[str, Any], span: Span | None) -> bool:
    if limit["unit"] in NO_NUMBER or span is None:
        return limit["unit"] in NO_NUMBER and span is None
    if limit["unit"] == "immediately":
        return span.number == 0
    if limit["unit"] in ("date", "end_of_academic_year"):
        return span.number <= 1 and span.unit is Unit.DAYS  # the day itself is the two clocks' business
    return (span.number, span.unit.value) == (limit["max"], UNITS.get(limit["unit"]))


@pytest.mark.skipif(not GIVEN.exists(), reason="the list that came with the project is not beside this checkout")
def test_the_list_is_the_one_that_was_given() -> None:
    assert LIST.read_bytes() == GIVEN.read_bytes()


def test_every_limit_of_the_list_stands_in_the_map_once_in_its_order_and_nothing_else_does() -> None:
    told = kept_limits()
    assert ([name for name in limits() if name not in told], [name for name in told if name not in limits()]) == ([], [])
    assert list(told) == list(limits())
    assert len(limits()) == 106


def test_every_rule_that_the_map_names_exists_and_every_reason_is_a_sentence() -> None:
    assert {one.name for one in kept() if not one.also} == {name for name, told in kept_limits().items() if not told.why}
    assert [told.why for told in kept_limits().values() if told.why and not (told.why.endswith(".") and " " in told.why)] == []


def test_what_keeps_a_limit_says_what_the_list_says() -> None:
    found = {(one.name, what): f"{one.name} ({one.where}), {what}: {how}" for one in kept() for what, how in differences(one)}
    assert [text for key, text in found.items() if key not in EXCEPTIONS] == []
    assert [key for key in EXCEPTIONS if key not in found] == [], "these agree now: they are exceptions no more"


def test_no_definition_has_a_number_that_the_list_does_not_know() -> None:
    known = {one.where for one in kept()} | OWN.keys()
    published = [process for process in map(newest, library.names()) if process.status == "published"]
    numbers = {f"{process.name}.{deadline.name}" for process in published for deadline in process.deadlines.values() if _counts(deadline)}
    assert sorted(numbers - known) == []
    assert sorted(OWN.keys() - numbers) == [], "these are no deadlines with a number any more"


def _counts(deadline: Deadline) -> bool:
    """Whether it measures a time, and does not only point at a day or at the last day of another deadline."""
    plain = {Sense.BY: 0, Sense.BEFORE: 1, Sense.AT_LEAST: 0}.get(deadline.sense)
    return any(span is not None and (span.number, span.unit) != (plain, Unit.DAYS) for span, _ in deadline.spans)


@pytest.mark.parametrize(
    ("what", "wrong"),
    [
        ("number", {"spans": ((Span(7, Unit.WEEKS), "advice_requested"),)}),
        ("number", {"spans": ((Span(6, Unit.MONTHS), "advice_requested"),)}),
        ("number", {"spans": ((None, "advice_requested"),)}),
        ("sense", {"sense": Sense.BY}),
        ("owner", {"binds": "family"}),
        ("trigger", {"spans": ((Span(6, Unit.WEEKS), "received_on"),)}),
        ("counting", {"include_trigger": True}),
        ("rolling", {"rolls": "next_working_day"}),
        ("force", {"force": Force.SHOULD}),
        ("exemptions", {"excused_by": {}}),
        ("evidence", {"cites": (Citation("SEND", "reg.8(1)", Evidence.PRIMARY),)}),
    ],
)
def test_a_rule_that_says_something_else_is_noticed(what: str, wrong: dict[str, Any]) -> None:
    one = next(one for one in kept() if one.name == "ehc.advice_s31_bodies")
    assert [key for key, _ in differences(one)] == []
    assert [key for key, _ in differences(replace(one, rule=replace(one.deadline, **wrong)))] == [what]
