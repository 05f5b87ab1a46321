"""A small process with one rule of each sort, for tests that need a sort of rule the twenty weeks do not have."""

from __future__ import annotations

from copy import deepcopy
from functools import cache
from typing import Any

from workflows.library import read_yaml

SMALL = """
process: small
version: 1
title: A question and its answer
status: draft
in_force: {from: 2020-01-01, applies_to: open_cases}
law: {ACT: {title: An Act, number: 2020 c. 1}, IA: {title: Another, number: 1978 c. 30}}
sources: {primary: [ACT s.1, ACT s.2], secondary: [ACT s.3], none: [IA s.7]}
facts:
  {asked_on: date, meeting_on: planned_date, closed_from: planned_date, reopens_on: planned_date, certificate_on: date,
   why: text, impractical_because: text, evidence: text, agreed: truth, places: number, sort: [new, old]}
opens_with: [asked]
stages:
  waiting: {say: The answer is being prepared}
  answered: {ends: true, say: The answer was given}
each:
  school: {say: Schools}
  office: {say: Offices, required: [first], items: {first: The first office, second: The second office}}
events:
  asked: {say: Somebody asked, by: [family], cite: ACT s.1, facts: [asked_on, meeting_on?, places?, sort?]}
  school_asked: {say: A school was asked, by: [council], at: [waiting], each: school, cite: ACT s.1}
  certificate_given: {say: A certificate was given, by: [council], at: [waiting], facts: [certificate_on]}
  given_up: {say: The question was given up, by: [family], at: [waiting], moves_to: answered}
tasks:
  school_answers: {say: A school answers, by: [school, council], at: [waiting], each: school, facts: [agreed?]}
  papers_sent: {say: Send the papers, by: [council], at: [waiting], cite: ACT s.2}
  office_checks: {say: An office checks it, by: [council], at: [waiting], each: office}
decisions:
  whether:
    ask: Is it so?
    at: [waiting]
    who: decision_maker
    cite: ACT s.2
    outcomes:
      it_is: {say: It is so, send: answer}
      it_is_not: {say: It is not so, send: answer, record: [why]}
notices:
  answer: {say: The answer, to: [family], cite: ACT s.2, moves_to: answered, contains: [what_it_says, why]}
elements: {what_it_says: It says how it is.}
gates:
  checked_first: {say: The offices check it first, holds: [whether], needs: [office_checks], cite: ACT s.2}
deadlines:
  answered_in_time:
    {say: Answer, binds: council, force: must, cite: ACT s.2, within: 14 days, from: asked_on, met_by: [answer], stopped_by: [given_up],
     rolls: next_working_day, warn: [3 days, 1 day], excused_by: {closed: ACT s.3}}
  papers_before:
    {say: Send the papers before the meeting, binds: council, force: must, cite: ACT s.2, before: 2 weeks before meeting_on,
     met_by: [papers_sent], stopped_by: [answer, given_up]}
  papers_by:
    {say: Send the papers by the day of the meeting, binds: council, force: must, cite: ACT s.2, by: meeting_on,
     met_by: [papers_sent], stopped_by: [answer, given_up]}
  lodged:
    {say: Lodge it, binds: family, force: must, cite: ACT s.2, latest_of: [2 months from asked_on, 1 month from certificate_on],
     met_by: [papers_sent], stopped_by: [answer, given_up], rolls: tribunal_vacation}
  school_time:
    {say: Answer within five days on which the school meets, binds: school, force: should, within: 5 school_days, from: school_asked, each: school,
     met_by: [school_answers], stopped_by: [answer, given_up]}
  office_time:
    {say: Check it soon, binds: council, force: local, within: as_soon_as_practicable, from: asked_on, met_by: [office_checks],
     stopped_by: [answer, given_up]}
grounds:
  closed: {say: The office was closed for at least a week, facts: [closed_from, reopens_on], lasts: {from: closed_from, until: reopens_on, at_least: 7 days}}
service:
  by_hand: {say: Handed over, after: 0 days}
  by_post: {say: Posted, after: 2 working_days, cite: IA s.7}
"""


@cache
def _read() -> dict[str, Any]:
    found = read_yaml(SMALL)
    assert isinstance(found, dict)
    return found


def document() -> dict[str, Any]:
    """A fresh copy of the small process as a document, to be spoilt."""
    return deepcopy(_read())
