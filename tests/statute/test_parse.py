"""Reading a definition: every fault at once, each with its place and a way out, and nothing but `Faulty` whatever comes in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from statute.definition import Act, Sense, Span, Unit
from statute.parse import digest_of, parse
from statute.types import Evidence, Fault, Faulty, Force, Kind
from tests.statute.small import SMALL, document
from workflows.library import files, parse_text, read_yaml

Spoil = Callable[[dict[str, Any]], object]
EHC = files()["ehc_plan", 1].read_text("utf-8")


def faults_of(given_document: object) -> dict[str, list[Fault]]:
    """The faults of a document by path; fails if it is sound."""
    with pytest.raises(Faulty) as caught:
        parse(given_document)
    found: dict[str, list[Fault]] = {}
    for fault in caught.value.faults:
        assert all(part.strip() for part in (fault.path, fault.what, fault.why, fault.do)), fault
        assert str(fault) in str(caught.value)
        found.setdefault(fault.path, []).append(fault)
    return found


def spoilt(*spoils: Spoil) -> dict[str, list[Fault]]:
    whole = document()
    for spoil in spoils:
        spoil(whole)
    return faults_of(whole)


def test_a_sound_document_is_read_as_it_is_written() -> None:
    process = parse(document())
    assert (process.name, process.version, process.status, process.reviewed) == ("small", 1, "draft", None)
    assert (process.in_force_from, process.applies_to, process.first_stage) == (date(2020, 1, 1), "open_cases", "waiting")
    assert process.endings == {"answered"}
    assert {name: act.kind for name, act in process.acts.items()} == {
        "asked": Kind.OPENED,
        "school_asked": Kind.HAPPENED,
        "certificate_given": Kind.HAPPENED,
        "given_up": Kind.HAPPENED,
        "school_answers": Kind.DONE,
        "papers_sent": Kind.DONE,
        "office_checks": Kind.DONE,
        "whether": Kind.DECIDED,
        "answer": Kind.SERVED,
    }
    answer = process.acts["answer"]
    assert (answer.follows, answer.at, answer.by) == (("whether", frozenset({"it_is", "it_is_not"})), {"waiting"}, ("local_authority",))
    assert answer.moves == {"waiting": "answered"}
    assert process.acts["whether"].gates == (process.gates["checked_first"],)
    assert [str(cite) for cite in answer.cites] == ["ACT s.2"]
    assert answer.cites[0].evidence is Evidence.PRIMARY
    assert {name: deadline.sense for name, deadline in process.deadlines.items()} == {
        "answered_in_time": Sense.WITHIN,
        "papers_before": Sense.BEFORE,
        "papers_by": Sense.BY,
        "lodged": Sense.LATEST_OF,
        "school_time": Sense.WITHIN,
        "office_time": Sense.WITHIN,
    }
    assert process.deadlines["lodged"].spans == ((Span(2, Unit.MONTHS), "asked_on"), (Span(1, Unit.MONTHS), "certificate_on"))
    assert process.deadlines["office_time"].spans == ((None, "asked_on"),)
    assert process.deadlines["answered_in_time"].warn == (3, 1)
    assert process.deadlines["school_time"].force is Force.SHOULD
    assert [use.name for use in process.grounds["closed"].facts] == ["closed_from", "reopens_on", "impractical_because", "evidence"]
    assert {use.name: use.required for use in process.acts["asked"].facts} == {
        "asked_on": True,
        "meeting_on": False,
        "places": False,
        "sort": False,
    }


def test_the_indexes_say_which_clocks_an_act_concerns() -> None:
    process = parse(document())
    for name, deadline in process.deadlines.items():
        for index, names in (
            (process.starts, [trigger for _, trigger in deadline.spans]),
            (process.meets, deadline.met_by),
            (process.stops, deadline.stopped_by),
        ):
            found = {key for key, deadlines in index.items() if any(other.name == name for other in deadlines)}
            assert found == set(names)


def test_ten_faults_of_shape_are_told_at_once_each_where_it_is() -> None:
    text = (
        SMALL.replace("title: A question and its answer", "titel: A question and its answer")
        .replace("version: 1", "version: one")
        .replace("applies_to: open_cases", "applies_to: everybody")
        .replace("places: number", "places: amount")
        .replace("waiting: {say:", "waiting: {sya:")
        .replace("{say: A school was asked, by: [council]", "{say: A school was asked, by: council")
        .replace("within: 14 days, from: asked_on", "within: a fortnight, from: asked_on")
        .replace("force: must, cite: ACT s.2, by: meeting_on", "force: must, by: meeting_on")
        .replace("at_least: 7 days", "at_least: 7 dayz")
        .replace("primary: [ACT s.1, ACT s.2]", "primary: [ACT s.1, ACT s.1]")
    )
    with pytest.raises(Faulty) as caught:
        parse_text(text)
    paths = {fault.path for fault in caught.value.faults}
    assert {
        "titel",
        "title",
        "version",
        "in_force.applies_to",
        "facts.places",
        "stages.waiting.sya",
        "stages.waiting.say",
        "events.school_asked.by",
        "deadlines.answered_in_time.within",
        "deadlines.papers_by.cite",
        "grounds.closed.lasts.at_least",
        "sources.primary[1]",
        "notices.answer.cite",  # ACT s.2 lost its evidence mark
    } <= paths


def test_ten_faults_of_sense_are_told_at_once_each_where_it_is() -> None:
    def spoil(whole: dict[str, Any]) -> None:
        whole["facts"]["waiting"] = "truth"  # also a stage
        whole["events"]["school_asked"]["at"] = ["nowhere"]
        whole["events"]["given_up"]["moves_to"] = "gone"
        whole["tasks"]["papers_sent"]["facts"] = ["letters"]
        whole["tasks"]["office_checks"]["each"] = "bureau"
        whole["decisions"]["whether"]["outcomes"]["it_is"]["send"] = "papers_sent"
        whole["notices"]["answer"]["contains"] = []
        whole["gates"]["checked_first"]["needs"] = ["whoever"]
        whole["deadlines"]["answered_in_time"]["from"] = "why"
        whole["deadlines"]["papers_by"]["met_by"] = []
        whole["deadlines"]["lodged"]["stopped_by"] = ["papers_sent"]
        whole["deadlines"]["office_time"]["warn"] = ["3 days"]
        whole["grounds"]["closed"]["facts"] = ["closed_from"]
        whole["stages"]["forgotten"] = {"say": "Nobody comes here"}

    assert set(spoilt(spoil)) == {
        "stages.waiting",
        "acts.school_asked.at",
        "acts.given_up.moves_to",
        "acts.papers_sent.facts",
        "acts.office_checks.each",
        "acts.whether.outcomes.it_is.send",
        "acts.answer.contains",
        "gates.checked_first.needs",
        "deadlines.answered_in_time.from",
        "deadlines.papers_by.met_by",
        "deadlines.lodged.stopped_by",
        "deadlines.office_time.warn",
        "grounds.closed",
        "stages.forgotten",
    }


def test_a_misspelt_key_is_told_with_the_one_that_was_meant() -> None:
    def spoil(whole: dict[str, Any]) -> None:
        rule = whole["deadlines"]["answered_in_time"]
        rule["excused_bye"] = rule.pop("excused_by")

    [fault] = spoilt(spoil)["deadlines.answered_in_time.excused_bye"]
    assert (fault.what, fault.do) == ("is an unknown key", "did you mean `excused_by`")


def test_a_key_like_no_other_is_told_with_all_that_there_are() -> None:
    [fault] = spoilt(lambda whole: whole["stages"]["waiting"].update(zzz=1))["stages.waiting.zzz"]
    assert fault.do == "use one of: say, ends"


def test_a_must_without_a_citation_is_a_fault_and_a_should_is_not() -> None:
    [fault] = spoilt(lambda whole: whole["deadlines"]["papers_before"].pop("cite"))["deadlines.papers_before.cite"]
    assert fault.what == "a `must` without a citation"
    whole = document()
    assert "cite" not in whole["deadlines"]["school_time"]
    assert parse(whole).deadlines["school_time"].cites == ()


def test_a_citation_without_an_evidence_mark_is_a_fault() -> None:
    [fault] = spoilt(lambda whole: whole["sources"]["secondary"].remove("ACT s.3"))["deadlines.answered_in_time.excused_by.closed"]
    assert fault.what == "ACT s.3 has no evidence mark"


@pytest.mark.parametrize("cite", ["OTHER s.1", "ACT", "s.1", "", 5, {"ACT": "s.1"}, ["ACT s.1", "ACT"]])
def test_what_is_no_citation_is_a_fault(cite: object) -> None:
    assert "is no citation" in spoilt(lambda whole: whole["tasks"]["papers_sent"].update(cite=cite))["tasks.papers_sent.cite"][0].what


def test_a_citation_has_one_evidence_mark() -> None:
    [fault] = spoilt(lambda whole: whole["sources"]["none"].append("ACT s.1"))["sources.none[1]"]
    assert fault.what == "ACT s.1 is listed twice"


@pytest.mark.parametrize(
    "senses", [{}, {"within": "6 weeks", "at_least": "15 days"}, {"before": "2 weeks before asked_on", "by": "asked_on"}]
)
def test_a_deadline_has_exactly_one_sense(senses: dict[str, str]) -> None:
    def spoil(whole: dict[str, Any]) -> None:
        rule = whole["deadlines"]["answered_in_time"]
        del rule["within"]
        rule.update(senses)

    [fault] = spoilt(spoil)["deadlines.answered_in_time"]
    assert fault.what == f"has {', '.join(senses) or 'none'} of within, at_least, before, by, latest_of, every"


@pytest.mark.parametrize(
    "span",
    ["6", "weeks", "six weeks", "-6 weeks", "6.5 weeks", "6 fortnights", "6 weeks ", "99999 days", "", 6, True, ["6 weeks"], "٦ weeks x"],
)
def test_what_is_no_span_is_a_fault(span: object) -> None:
    assert "deadlines.answered_in_time.within" in spoilt(lambda whole: whole["deadlines"]["answered_in_time"].update(within=span))


@pytest.mark.parametrize("relative", ["2 weeks after meeting_on", "2 weeks from meeting_on", "2 weeks before", "before meeting_on", 14])
def test_a_deadline_before_a_day_says_before_which(relative: object) -> None:
    assert "deadlines.papers_before.before" in spoilt(lambda whole: whole["deadlines"]["papers_before"].update(before=relative))


@pytest.mark.parametrize("name", ["yes", "no", "on", "off", "true", "Answer", "the answer", "1st", "", "a-b", "x" * 65, 5, None, True, "é"])
def test_what_yaml_or_people_could_mistake_is_not_a_name(name: object) -> None:
    found = spoilt(lambda whole: whole["stages"].update({name: {"say": "Nobody comes here"}}))
    assert found[f"stages.{name}"][0].what == "is not a name"


@pytest.mark.parametrize(
    ("section", "name"),
    [
        ("stages", "waiting"),
        ("facts", "asked_on"),
        ("elements", "what_it_says"),
        ("deadlines", "lodged"),
        ("gates", "checked_first"),
        ("service", "by_hand"),
    ],
)
def test_a_rule_that_says_nothing_is_a_fault(section: str, name: str) -> None:
    found = spoilt(lambda whole: whole[section].update({name: None}))
    assert [fault.what for fault in found[f"{section}.{name}"]] == ["is empty"]


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("deadlines.lodged", "stopped_by"),
        ("deadlines.lodged", "force"),
        ("deadlines.answered_in_time", "excused_by"),
        ("tasks.papers_sent", "say"),
        ("tasks.papers_sent", "cite"),
        ("gates.checked_first", "unless"),
        ("in_force", "from"),
        ("", "status"),
        ("", "gates"),
    ],
)
def test_a_key_without_a_value_does_not_lose_a_rule_silently(path: str, key: str) -> None:
    def spoil(whole: dict[str, Any]) -> None:
        rule = whole
        for part in filter(None, path.split(".")):
            rule = rule[part]
        rule[key] = None

    [fault] = spoilt(spoil)[f"{path}.{key}".lstrip(".")]
    assert fault.what == "is empty"


def test_nobody_with_legal_authority_may_have_reviewed_a_file() -> None:
    whole = document()
    whole["reviewed"] = None
    assert parse(whole).reviewed is None
    whole["reviewed"] = "A. Solicitor, 3 March 2026"
    assert parse(whole).reviewed == "A. Solicitor, 3 March 2026"


def test_a_name_means_one_thing() -> None:
    found = spoilt(lambda whole: whole["facts"].update(papers_sent="truth"))
    assert found["acts.papers_sent"][0].what == "is also the name of one of the facts"


def test_a_notice_says_only_what_is_an_element_or_a_fact() -> None:
    [fault] = spoilt(lambda whole: whole["notices"]["answer"].update(contains=["what_it_says", "greetings"]))["notices.answer.contains"]
    assert fault.what == "no element or fact is called greetings"


@pytest.mark.parametrize(
    ("spoil", "path", "what"),
    [
        (lambda whole: whole["events"]["given_up"].update(at=["waiting", "answered"]), "acts.given_up.at", "answered is an ending"),
        (lambda whole: whole["events"]["given_up"].pop("at"), "acts.given_up.at", "names no stage"),
        (lambda whole: whole["events"]["given_up"].update(by=[]), "acts.given_up.by", "names nobody"),
        (lambda whole: whole["gates"]["checked_first"].update(needs=[]), "gates.checked_first", "holds nothing or needs nothing"),
        (lambda whole: whole["deadlines"]["answered_in_time"].update(excused_by={"closed": []}), "deadlines.answered_in_time.excused_by.closed", "has no citation"),
        (lambda whole: whole["deadlines"]["answered_in_time"].update(excused_by={"ill": "ACT s.3"}), "deadlines.answered_in_time.excused_by", "ill is no ground"),
        (lambda whole: whole["facts"].update(reopens_on="text"), "grounds.closed.facts", "reopens_on is optional or not dated"),
        (lambda whole: whole["grounds"]["closed"].update(facts=["closed_from", "reopens_on?"]), "grounds.closed.facts", "reopens_on is optional or not dated"),
        (lambda whole: whole.update(opens_with=["papers_sent", "nothing"]), "opens_with", "nothing is no event"),
        (lambda whole: whole.update(opens_with=[]), "opens_with", "is empty"),
        (lambda whole: whole["stages"]["answered"].pop("ends"), "stages.waiting", "has no way to an ending"),
        (lambda whole: whole["deadlines"]["school_time"].update(each="schools"), "deadlines.school_time.each", "schools is no each"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_a_fault(spoil: Spoil, path: str, what: str) -> None:
    assert any(what in fault.what for fault in spoilt(spoil).get(path, [])), spoilt(spoil)


def test_a_floor_cannot_be_excused() -> None:
    whole = read_yaml(EHC)
    whole["deadlines"]["family_window"]["excused_by"] = {"missed_appointment": "SEND reg.8(2)"}
    assert list(faults_of(whole)) == ["deadlines.family_window.excused_by"]


def test_the_fingerprint_is_of_the_rules_and_not_of_their_spelling() -> None:
    whole = document()
    again = dict(reversed(list(whole.items())))
    assert digest_of(whole) == digest_of(again) == parse(whole).digest
    assert parse_text(SMALL.replace("\n", " # a remark\n", 1) + "\n# the end\n").digest == parse(whole).digest
    whole["deadlines"]["answered_in_time"]["within"] = "15 days"
    assert parse(whole).digest != digest_of(document())


@pytest.mark.parametrize("nothing", [None, [], "", 0, "process: small", b"process", {}, {"process": "small"}, [document()]])
def test_what_is_no_definition_at_all_is_a_fault(nothing: object) -> None:
    assert faults_of(nothing)


def test_a_document_that_is_endless_deep_or_huge_is_refused_at_once() -> None:
    loop: dict[str, Any] = document()
    loop["elements"]["what_it_says"] = loop
    deep: Any = "end"
    for _ in range(5_000):
        deep = [deep]
    bomb: Any = ["boo"] * 10
    for _ in range(30):
        bomb = [bomb] * 10
    for spoil in (loop, {**document(), "title": deep}, {**document(), "title": bomb}, {**document(), "title": ["x"] * 200_000}):
        assert [fault.what for fault in faults_of(spoil)["(the document)"]] == ["is too deep or too large"]


def test_every_act_of_the_twenty_weeks_knows_its_place() -> None:
    acts: dict[str, Act] = dict(parse_text(EHC).acts)
    assert [name for name, act in acts.items() if act.kind is Kind.SERVED and not act.follows[0]] == ["considering_notice"]
    assert acts["draft_plan"].moves == {"assessing": "with_family"}, "a draft sent anew leads nowhere else"
    assert acts["final_plan"].at == {"with_family"}
