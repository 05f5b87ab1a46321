"""Reading a definition: what is wrong is told, all of it, where it is and what to do; nothing else ever comes out."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import event as note
from hypothesis import given
from hypothesis import strategies as st

from statute.days import Days
from statute.definition import Process, Sense
from statute.parse import digest_of, parse
from statute.types import Evidence, Fault, Faulty, Force
from tests.statute.lives import SPOILS, Life, Wish
from tests.statute.witness import Witness
from workflows.library import parse_text, read_yaml

SMALL = """
process: small
version: 1
title: A small procedure
status: draft
reviewed: null
in_force: {from: 2020-01-01, applies_to: cases_opened_since}
law: {LAW: {title: The Law, number: 2020 c. 1}}
sources: {primary: [LAW s.1], secondary: [LAW s.2], none: [LAW s.3]}
facts: {received_on: date, gone_from: planned_date, back_on: planned_date, agreed: truth, reasons: text, impractical_because: text, evidence: text}
opens_with: [asked]
stages:
  open: {say: It is open}
  closed: {ends: true, say: It is closed}
each:
  person: {say: People who are asked, items: {teacher: A teacher, doctor: A doctor}, required: [teacher]}
events:
  asked: {say: Somebody asked, by: [family], facts: [received_on, reasons?], cite: LAW s.1}
  person_asked: {say: A person was asked, by: [local_authority], at: [open], each: person}
tasks:
  person_answers: {say: Answer, by: [adviser], at: [open], each: person}
decisions:
  whether: {ask: Shall it be?, at: [open], who: decision_maker, cite: LAW s.1, outcomes: {shall: {say: It shall, send: answer}}}
notices:
  answer: {say: The answer, to: [family], contains: [reasons, right], moves_to: closed}
elements: {right: You may appeal}
gates:
  asked_first: {say: Ask first, holds: [whether], needs: [person_asked], unless: [agreed], cite: LAW s.3}
deadlines:
  answered: {say: Answer in time, binds: local_authority, force: must, cite: LAW s.1, within: 6 weeks, from: received_on, met_by: [answer],
             warn: [5 days, 14 days], excused_by: {away: LAW s.2}}
  person_answered: {say: Answer, binds: adviser, force: should, within: 15 days, from: person_asked, each: person, met_by: [person_answers],
                    stopped_by: [answer]}
grounds:
  away: {say: They were away, facts: [gone_from, back_on], lasts: {from: gone_from, until: back_on, at_least: 4 weeks}}
service:
  by_hand: {say: Handed over, after: 0 days}
"""


def faults(text: str) -> list[Fault]:
    """What is wrong with a text; every fault fit to be read."""
    with pytest.raises(Faulty) as caught:
        parse_text(text)
    for fault in caught.value.faults:
        assert all(part.strip() for part in (fault.path, fault.what, fault.why, fault.do)), fault
        assert str(fault) in str(caught.value)
    return list(caught.value.faults)


def changed(old: str, new: str) -> str:
    assert SMALL.count(old) == 1, f"{old} stands {SMALL.count(old)} times in the small definition"
    return SMALL.replace(old, new)


def test_a_small_sound_definition_is_read() -> None:
    process = parse_text(SMALL)
    answered = process.deadlines["answered"]
    assert (answered.force, answered.sense, answered.warn) == (Force.MUST, Sense.WITHIN, (14, 5))
    assert str(answered.spans[0][0]) == "6 weeks"
    assert answered.cites[0].evidence is Evidence.PRIMARY
    assert process.gates["asked_first"].cites[0].evidence is Evidence.NONE
    assert process.acts["answer"].follows == ("whether", frozenset({"shall"}))
    assert process.acts["answer"].moves == {"open": "closed"}
    assert process.endings == {"closed"}
    assert [use.required for use in process.acts["asked"].facts] == [True, False]


def test_ten_faults_are_told_at_once_each_with_its_place() -> None:
    text = SMALL
    for old, new in [
        ("status: draft", "status: final"),
        ("applies_to: cases_opened_since", "applies_to: everybody"),
        ("received_on: date,", "received_on: day,"),
        ("closed: {ends: true,", "closed: {ends: 1,"),
        ("facts: [received_on, reasons?], cite: LAW s.1", "facts: [received_on, reasons?], cite: LAW s.9"),
        ("{say: Answer, by: [adviser]", "{sya: Answer, by: [adviser]"),
        ("contains: [reasons, right]", "contains: [reasons, wrong]"),
        ("force: must, cite: LAW s.1, within", "force: must, within"),
        ("within: 15 days", "within: 3 fortnights"),
        ("after: 0 days}", "after: soon}"),
    ]:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    assert [fault.path for fault in faults(text)] == [
        "facts.received_on",
        "stages.closed.ends",
        "events.asked.cite",
        "tasks.person_answers.sya",
        "tasks.person_answers.say",
        "notices.answer.contains",
        "deadlines.answered.cite",
        "deadlines.person_answered.within",
        "status",
        "in_force.applies_to",
        "service.by_hand.after",
    ]


def test_ten_references_to_nothing_are_told_at_once() -> None:
    text = SMALL
    for old, new in [
        ("opens_with: [asked]", "opens_with: [begged]"),
        ("at: [open], each: person}\ntasks", "at: [opne], each: person}\ntasks"),
        ("by: [adviser], at: [open], each: person}", "by: [adviser], at: [open], each: persons}"),
        ("send: answer}", "send: letter}"),
        ("moves_to: closed", "at: [open], moves_to: shut"),
        ("needs: [person_asked], unless: [agreed]", "needs: [person_aksed], unless: [agreed]"),
        ("from: received_on, met_by: [answer]", "from: reasons, met_by: [answer]"),
        ("excused_by: {away: LAW s.2}", "excused_by: {gone: LAW s.2}"),
        ("met_by: [person_answers]", "met_by: [persons_answer]"),
        ("facts: [gone_from, back_on], lasts", "facts: [gone_from], lasts"),
    ]:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    told = faults(text)
    assert {fault.path for fault in told} >= {
        "opens_with",
        "acts.person_asked.at",
        "acts.person_answers.each",
        "acts.whether.outcomes.shall.send",
        "acts.answer.moves_to",
        "gates.asked_first.needs",
        "deadlines.answered.from",
        "deadlines.answered.excused_by",
        "deadlines.person_answered.met_by",
        "grounds.away",
    }
    assert any("person_aksed" in fault.what for fault in told)


WRITING = [
    ("title: A small procedure", "titel: A small procedure", "titel", "did you mean `title`"),
    ("within: 6 weeks,", "witihn: 6 weeks,", "deadlines.answered.witihn", "did you mean `within`"),
    ("within: 6 weeks,", "within: 6 weeks, at_least: 15 days,", "deadlines.answered", "has within, at_least of"),
    ("within: 6 weeks,", "", "deadlines.answered", "has none of within"),
    ("within: 6 weeks,", "within: 42,", "deadlines.answered.within", "42 is not a span"),
    ("within: 6 weeks,", "within: 6 lunar_months,", "deadlines.answered.within", "is not a span"),
    ("[5 days, 14 days]", "[5 days, 2 weeks]", "deadlines.answered.warn", "'2 weeks' is not a span"),
    ("[5 days, 14 days]", "5", "deadlines.answered.warn", "is a number, not a list"),
    ("from: received_on, met_by", "met_by", "deadlines.answered.from", ""),
    ("force: must, cite: LAW s.1, within", "force: must, within", "deadlines.answered.cite", "a `must` without a citation"),
    ("force: must, cite: LAW s.1, within", "force: must, cite: ACT s.1, within", "deadlines.answered.cite", "is no citation"),
    ("force: must, cite: LAW s.1, within", "force: must, cite: LAW, within", "deadlines.answered.cite", "is no citation"),
    ("force: must, cite: LAW s.1, within", "force: must, cite: LAW s.4, within", "deadlines.answered.cite", "has no evidence mark"),
    ("force: must, cite", "force: shall, cite", "deadlines.answered.force", "use one of: must, should, local"),
    ("none: [LAW s.3]}", "none: [LAW s.3, LAW s.1]}", "sources.none[1]", "LAW s.1 is listed twice"),
    ("none: [LAW s.3]}", "none: [{LAW: s.3}]}", "sources.none[0]", "is not a text"),
    ("secondary: [LAW s.2]", "hearsay: [LAW s.2]", "sources.hearsay", "is an unknown key"),
    ("version: 1", "version: one", "version", "not a number above zero"),
    ("version: 1", "version: true", "version", "not a number above zero"),
    ("from: 2020-01-01", "from: 2020", "in_force.from", "not a date"),
    ("{title: The Law, number: 2020 c. 1}", "{title: The Law}", "law.LAW.number", "is missing"),
    ("closed: {ends: true,", "closed: {ends: yes,", "stages.closed.ends", "'yes', not true or false"),
    ("by: [family], facts", "by: family, facts", "events.asked.by", "is a text, not a list"),
    ("agreed: truth,", "agreed: truth, off: truth,", "facts.off", "is not a name"),
    ("agreed: truth,", "agreed: truth, yes: truth,", "facts.yes", "is not a name"),
    ("agreed: truth,", "agreed: truth, on: truth,", "facts.on", "is not a name"),
    ("agreed: truth,", "agreed: truth, Agreed: truth,", "facts.Agreed", "is not a name"),
    ("elements: {right: You may appeal}", "elements: {right: 7}", "elements.right", "is a number, not a text"),
    ("elements: {right: You may appeal}", "elements:", "elements", "is empty"),
    ("at_least: 4 weeks}", "at_least: 4 weeks, within_limit: no}", "grounds.away.lasts.within_limit", "'no', not true or false"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "path", "told"), WRITING, ids=[row[2] for row in WRITING])
def test_a_mistake_in_the_writing_is_told_where_it_is(old: str, new: str, path: str, told: str) -> None:
    found = [(fault.path, f"{fault.what} {fault.do}") for fault in faults(changed(old, new))]
    assert any(where == path and told in what for where, what in found), found


SENSE = [
    ("stages:\n  open: {say: It is open}", "stages:\n  open: {say: It is open}\n  lost: {say: It is lost}", "stages.lost", "cannot be reached"),
    ("contains: [reasons, right], moves_to: closed", "contains: [reasons, right]", "stages.open", "has no way to an ending"),
    ("by: [adviser], at: [open]", "by: [], at: [open]", "acts.person_answers.by", "names nobody"),
    ("by: [adviser], at: [open]", "by: [adviser]", "acts.person_answers.at", "names no stage"),
    ("by: [adviser], at: [open]", "by: [adviser], at: [open, closed]", "acts.person_answers.at", "closed is an ending"),
    ("contains: [reasons, right], moves_to", "moves_to", "acts.answer.contains", "is empty"),
    ("from: received_on, met_by: [answer],", "from: received_on,", "deadlines.answered.met_by", "a duty that nothing meets"),
    ("from: received_on, met_by: [answer],", "from: received_on, met_by: [answer], stopped_by: [answer],", "deadlines.answered.stopped_by", "both meets and stops"),
    ("excused_by: {away: LAW s.2}", "excused_by: {away: []}", "deadlines.answered.excused_by.away", "has no citation"),
    ("within: 6 weeks, from", "at_least: 6 weeks, from", "deadlines.answered.excused_by", "excuses a floor"),
    ("within: 6 weeks, from", "within: as_soon_as_practicable, from", "deadlines.answered.warn", "warns before no date"),
    ("holds: [whether], needs: [person_asked]", "holds: [whether], needs: []", "gates.asked_first", "needs nothing"),
    ("unless: [agreed]", "unless: [reasons]", "gates.asked_first.unless", "reasons is no condition"),
    ("facts: [gone_from, back_on], lasts", "facts: [gone_from?, back_on], lasts", "grounds.away.facts", "optional or not dated"),
    ("gone_from: planned_date,", "gone_from: text,", "grounds.away.facts", "optional or not dated"),
    ("impractical_because: text,", "", "grounds.away.facts", "impractical_because is no fact"),
    ("each: person, met_by", "each: person, only: [nurse], met_by", "deadlines.person_answered.only", "nurse is no item"),
    ("required: [teacher]", "required: [teecher]", "each.person.required", "teecher is no item"),
    ("agreed: truth,", "agreed: truth, whether: truth,", "acts.whether", "is also the name of one of the facts"),
    ("agreed: truth,", "agreed: truth, shall: truth,", "outcomes.shall", "is also the name of one of the facts"),
    ("  person_answers: {say", "  asked: {say: Ask again, by: [family], at: [open]}\n  person_answers: {say", "tasks.asked", "is also the name of one of the events"),
    ("agreed: truth,", "agreed: truth, answer_given: [],", "facts.answer_given", "is a choice of nothing"),
    ("opens_with: [asked]", "opens_with: []", "opens_with", "is empty"),
    ("opens_with: [asked]", "opens_with: [asked, person_answers]", "opens_with", "person_answers is no event"),
    ("from: person_asked, each: person, met_by", "from: person_asked, met_by", "deadlines.person_answered.each", "person"),
    ("from: received_on, met_by: [answer]", "from: received_on, each: person, met_by: [answer]", "deadlines.answered.each", "person"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "path", "told"), SENSE, ids=[row[2] for row in SENSE])
def test_a_mistake_in_the_sense_is_told_where_it_is(old: str, new: str, path: str, told: str) -> None:
    found = [(fault.path, f"{fault.what} {fault.why} {fault.do}") for fault in faults(changed(old, new))]
    assert any(where == path and told in what for where, what in found), found


@pytest.mark.parametrize("text", ["", "[]", "7", "hello", "null", "- a\n- b", "process"])
def test_what_is_no_mapping_is_no_definition(text: str) -> None:
    assert [fault.path for fault in faults(text)] == ["(the document)"]


def test_a_key_written_twice_is_a_fault_with_its_line() -> None:
    told = faults(changed("version: 1", "version: 1\nversion: 2"))
    assert [(fault.path, fault.what) for fault in told] == [("line 4", "has a key twice")]


@pytest.mark.parametrize(
    "text", ["a: [", "a: b: c", "\tx: y", "a: &x [*x, *y]", "--- 1\n--- 2", "!!python/object:os.system {}", "a: \x00", "? [a]\n: b"]
)
def test_what_is_no_yaml_is_a_fault(text: str) -> None:
    assert faults(text)


def test_aliases_that_multiply_are_told_and_not_followed() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    assert "too deep or too large" in faults("\n".join(lines))[0].what
    assert "too deep or too large" in faults("a: &a [*a]")[0].what


def test_yaml_is_read_as_1_2_so_that_words_stay_words() -> None:
    assert read_yaml("{a: yes, b: no, c: on, d: off, e: 012, f: 1:30, on: 1}") == {
        "a": "yes", "b": "no", "c": "on", "d": "off", "e": 12, "f": "1:30", "on": 1,
    }  # fmt: skip


def test_the_fingerprint_changes_with_every_rule_and_not_with_their_order() -> None:
    document = read_yaml(SMALL)
    backwards = dict(reversed(document.items()))
    assert digest_of(document) == digest_of(backwards) == parse_text(SMALL).digest
    for old, new in [("6 weeks", "7 weeks"), ("LAW s.2}", "LAW s.3}"), ("You may appeal", "You may appeal.")]:
        assert parse_text(changed(old, new)).digest != parse_text(SMALL).digest


WORDS = """
    process version title status in_force law sources facts opens_with stages each events tasks decisions notices elements gates deadlines
    grounds service say by at cite from within at_least latest_of warn met_by outcomes send record lasts covers items required LAW x on
"""
KEYS = st.sampled_from(WORDS.split())
LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=True), st.text(max_size=6), st.binary(max_size=3),
    st.dates(), st.just(datetime(2026, 1, 6, 12, tzinfo=UTC)), KEYS,
    st.sampled_from(["6 weeks", "1 week before asked", "2 months from asked", "LAW s.1", "as_soon_as_practicable", "must", "asked", "date", "a?"]),
)  # fmt: skip
DOCUMENTS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.one_of(KEYS, KEYS, st.text(max_size=5), st.none(), st.integers(), st.dates()), inner, max_size=5),
    ),
    max_leaves=25,
)


def read(document: Any) -> Process | None:
    """A process, or None where it is faulty; anything else is a broken promise."""
    try:
        return parse(document)
    except Faulty as faulty:
        told = faulty.faults
    assert told
    assert all(part for fault in told for part in (fault.path, fault.what, fault.why, fault.do)), told
    return None


@pytest.mark.thorough
@given(DOCUMENTS)
def test_any_document_at_all_is_a_process_or_faulty(document: Any) -> None:
    read(document)


def places(document: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place of a document."""
    found = [path]
    for key, value in document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ():
        found += places(value, (*path, key))
    return found


SOUND = read_yaml(SMALL)
PLACES = places(SOUND)[1:]


def put(document: Any, path: tuple[Any, ...], value: Any, how: str) -> Any:
    """A copy of a document with one thing changed at a place."""
    if not path:
        return value
    key, rest = path[0], path[1:]
    copy = dict(document) if isinstance(document, dict) else list(document)
    if rest:
        copy[key] = put(document[key], rest, value, how)
    elif how == "remove":
        del copy[key]
    elif how == "rename" and isinstance(copy, dict):
        copy = {value if name == key and isinstance(value, (str, int, date, type(None))) else name: kept for name, kept in copy.items()}
    else:
        copy[key] = value
    return copy


@given(
    st.sampled_from(PLACES), st.one_of(LEAVES, DOCUMENTS), st.sampled_from(["put", "put", "rename", "remove"]), st.integers(0, 2**32 - 1)
)
def test_a_sound_definition_with_one_thing_changed_is_faulty_or_plays_without_breaking(
    path: Any, value: Any, how: str, detail: int
) -> None:
    """What `parse` lets through, `advance` can play: a Step or Refused, whatever comes."""
    process = read(put(SOUND, path, value, how))
    note("it plays" if process else "it is faulty")
    if process is None:
        return
    life, witness = Life(process), Witness(process, Days(), own_laws_only=True)
    for number in range(25):
        event = life.event(Wish(days=number % 20, detail=detail + number, spoil=SPOILS[number % len(SPOILS)] if number % 5 == 0 else ""))
        witness.play(event)
        life.state = witness.state
