"""The life of Isla Fenn as dated beats: who does what on which day, and what is expected to follow from it.

The first year counts from the day of the request, so that it can begin on any day; what comes later stands on the days that the law
takes from her date of birth. A case is named by the part that it plays: what opens by itself gets its name from the beat that it
follows from, and is looked for through the API.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from typing import Any

from bootstrap.demo import choice
from tenants.seeds import identity
from workflows import library

HOME, AWAY, AWAY_CODE = "westshire", "eastmere", "993"
CHILD = ("Isla", "Fenn")
BORN, RIGHTS_PASS, LAST_YEAR_HERE, ENDS = date(2022, 3, 9), date(2038, 6, 26), 2043, date(2047, 6, 13)
PARENT, YOUNG, OFFICER, DECIDER, REGISTRAR = "rory.fenn", "isla.fenn", "jo.marsh", "chris.vale", "lee.frost"
SENCO, ADVISER, PROVIDER = "priya.nair", "fern.archer", "gus.hale"
HEAD = "hugh.lane"  # joins the play: nobody is seeded as head of Oak Academy
NEW_OFFICER, NEW_DECIDER = "eva.lind", "paul.brook"
APPEAL, REVIEW = "mediation_and_appeal", "annual_review"
LATEST_PLAN = date(2030, 7, 1)  # two whole reviews must fit in before Year 6
Facts = Mapping[str, Any]


class Choice(str):
    """A fact that is one of the choices of the definition, and no text."""


@dataclass(frozen=True)
class Beat:
    """One step of the play."""

    day: date
    who: str
    mutation: str
    tell: str
    case: str = ""  # the part that the case plays; of `openCase`, the part that it will play
    given: Mapping[str, Any] = field(default_factory=dict)
    opens: Mapping[str, str] = field(default_factory=dict)  # what follows by itself: part and process
    reaches: Mapping[str, str] = field(default_factory=dict)  # other cases that hear of it: part and stage
    expects: str = "CaseChanged"
    council: str = HOME
    told: str = "whole"  # or "line", without its limits; or "", for what is done every year

    @property
    def key(self) -> str:
        """The same whenever the play is played again."""
        about = self.given.get("name") or self.given.get("process") or ""
        return "-".join(("life", self.who, self.case or self.mutation, about, self.given.get("item", ""), self.day.isoformat()))


def life(opened: date) -> list[Beat]:
    """The whole life, in the order of its days; nothing where it would begin too late to be told."""
    tribunal = [*_tribunal(opened + timedelta(days=40))]
    ordered = next(beat.day for beat in tribunal if "order" in beat.opens)
    first = [*_refused(opened), *tribunal, *_order(ordered)]
    made = next(beat.day for beat in first if "review-1" in beat.opens)
    if made > LATEST_PLAN:
        return []
    days = list(_review_days(made))
    here, there = [day for day in days if day.year <= LAST_YEAR_HERE], [day for day in days if day.year > LAST_YEAR_HERE]
    beats = [*first, *_schools(), *_excluded(), *_of_age(here), *_move(made, here[-1], len(here) + 1), *_ceasing(len(there))]
    for n, day in enumerate(here, 1):
        beats += _amending_review(n, day) if n == 2 else _review(n, day, whole=n == 1)
    for n, day in enumerate(there, 1):
        beats += _review_there(n, day)
    return sorted(beats, key=lambda beat: beat.day)


# -- how a beat is written ------------------------------------------------------------------------------------------------


def _fact(name: str, value: Any) -> dict[str, Any]:
    if isinstance(value, Choice):
        return choice(name, value)
    kind = "date" if isinstance(value, date) else "yesNo" if isinstance(value, bool) else "number" if isinstance(value, int) else "text"
    return {"name": name, "value": {kind: value.isoformat() if isinstance(value, date) else value}}


def _write(mutation: str, day: date, who: str, tell: str, case: str, name: str, facts: Facts | None = None, **more: Any) -> Beat:
    """An act by its name; `how`, `outcome`, `item` and `about` go along with it, and the rest says what follows."""
    given: dict[str, Any] = {"name": name, **{part: more.pop(part) for part in ("how", "outcome", "item", "about") if part in more}}
    return Beat(day, who, mutation, tell, case, {**given, "facts": [_fact(*one) for one in (facts or {}).items()]}, **more)


_event, _task, _decide = (partial(_write, mutation) for mutation in ("recordEvent", "completeTask", "recordDecision"))
_serve = partial(_write, "serveNotice", how="email")


def _opens(day: date, who: str, tell: str, case: str, process: str, event: str, facts: Facts, **more: Any) -> Beat:
    given = {"process": process, "event": event, "facts": [_fact(*one) for one in facts.items()]}
    return Beat(day, who, "openCase", tell, case, given, **more)


def _is_working(day: date) -> bool:
    return library.england().is_working(day)


def _working(day: date) -> date:
    while not _is_working(day):
        day += timedelta(days=1)
    return day


def _sitting(day: date) -> date:
    """A day on which the Tribunal sits."""
    while day.month == 8 or (day.month, day.day) >= (12, 24) or (day.month, day.day) <= (1, 2) or not _is_working(day):
        day += timedelta(days=1)
    return day


def _wednesday(day: date) -> date:
    """The last Wednesday up to a day on which, as four weeks earlier, people are at work: so that no review is put off by a holiday."""
    day -= timedelta(days=(day.weekday() - 2) % 7)
    while not (_is_working(day) and _is_working(day - timedelta(weeks=4))):
        day -= timedelta(weeks=1)
    return day


def _after(start: date, days: int) -> date:
    return _working(start + timedelta(days=days))


def _setting(key: str) -> str:
    return str(identity(HOME, "setting", key))


def _person(subject: str) -> str:
    return str(identity(HOME, "person", subject))


# -- the life ---------------------------------------------------------------------------------------------------------------


def _refused(o: date) -> Iterator[Beat]:
    """The request and the refusal. Each refused attempt has a day of its own: on a later one the law might answer otherwise."""
    received = {"received_on": o, "requested_by": Choice("parent")}
    yield _opens(o, PARENT, "asks for an EHC needs assessment", "request", "ehc_plan", "request_received", received)
    yield _serve(_after(o, 3), OFFICER, "tells the family of its rights", "request", "considering_notice")
    yield _task(_after(o, 3), OFFICER, "tells health, social care and the school", "request", "notify_partners")
    yield _task(_after(o, 3), OFFICER, "asks the family for its views", "request", "consult_family")
    reasons = {"reasons": "The school can meet these needs from what it has."}
    yield _decide(_after(o, 28), DECIDER, "decides not to assess", "request", "whether_to_assess", reasons, outcome="will_not_assess")
    tell = "sends the refusal, with the right to appeal"
    yield _serve(_after(o, 29), OFFICER, tell, "request", "assessment_refused", opens={"appeal-refusal": APPEAL})
    tell = "appeals at once, without a mediation certificate"
    yield _event(_after(o, 31), PARENT, tell, "appeal-refusal", "appeal_made", expects="Refused")
    tell = "records that the family contacted a mediation adviser"
    yield _event(_after(o, 37), OFFICER, tell, "appeal-refusal", "adviser_contacted", about=_person(ADVISER))
    yield _event(_after(o, 37), PARENT, "does not want mediation", "appeal-refusal", "mediation_declined")
    declined = {"route": Choice("declined")}
    yield _event(_after(o, 38), ADVISER, "issues the certificate", "appeal-refusal", "certificate_given", declined)


def _tribunal(day: date) -> Iterator[Beat]:
    """The appeal, lodged in time, heard, and allowed; its last day is when nobody can ask for permission any more."""
    tell = "appeals, in time and with the certificate"
    yield _event(_after(day, 0), PARENT, tell, "appeal-refusal", "appeal_made", opens={"tribunal": "tribunal_appeal"})
    yield _event(_after(day, 7), OFFICER, "records that the Tribunal registered the appeal", "tribunal", "registered")
    yield _event(_after(day, 7), OFFICER, "receives the papers", "tribunal", "papers_received")
    hearing, order = _sitting(day + timedelta(days=85)), _after(day, 92)
    yield _event(_after(day, 20), OFFICER, "records the day of the hearing", "tribunal", "hearing_listed", {"hearing_on": hearing})
    answer = {"grounds_of_response": "The school can meet the needs."}
    yield _task(_after(day, 35), OFFICER, "answers the appeal", "tribunal", "response_sent", answer)
    yield _task(_after(day, 60), OFFICER, "sends the bundle", "tribunal", "bundle_sent")
    yield _event(hearing, OFFICER, "records that the appeal was heard", "tribunal", "hearing_held")
    order = max(order, _working(hearing + timedelta(days=7)))
    tell, sent = "receives the Tribunal's order to assess", {"reasons_sent_on": order}
    yield _event(order, OFFICER, tell, "tribunal", "order_to_assess", sent, opens={"order": "order_compliance"})
    tell = "closes the appeal: nobody asked for permission to go on"
    yield _event(_after(order, 70), OFFICER, tell, "tribunal", "closed_unasked")


def _order(day: date) -> Iterator[Beat]:
    """What was ordered: an assessment, and the plan that came of it. `day` is the day of the order."""
    case, elm = "order", _setting("elm")
    yield _serve(_after(day, 7), OFFICER, "tells the family that Isla will be assessed", case, "assessment_notified")
    yield _decide(_after(day, 56), DECIDER, "decides that a plan is needed", case, "whether_to_issue", outcome="will_issue")
    yield _serve(_after(day, 57), OFFICER, "sends the draft plan", case, "draft_plan")
    yield _event(_after(day, 62), PARENT, "asks for Elm Tree Primary School", case, "setting_requested", item=elm)
    yield _event(_after(day, 63), OFFICER, "consults Elm Tree Primary School", case, "setting_consulted", item=elm)
    tell = "would name the school inside the family's 15 days"
    yield _decide(_after(day, 64), DECIDER, tell, case, "what_to_name", outcome="name_requested", expects="Refused")
    can = {"answer": Choice("can_meet_needs")}
    yield _task(_after(day, 70), "cat.moss", "answers for Elm Tree: it can meet the needs", case, "setting_answer", can, item=elm)
    yield _decide(_after(day, 78), DECIDER, "names the school that the family asked for", case, "what_to_name", outcome="name_requested")
    follows = {"review-1": REVIEW, "transfer-1": "phase_transfer", "appeal-plan": APPEAL}
    yield _serve(_after(day, 80), OFFICER, "sends the final plan", case, "final_plan", opens=follows)
    yield _event(_after(day, 94), PARENT, "will not appeal: the plan is right", "appeal-plan", "given_up")


def _review_days(made: date) -> Iterator[date]:
    """The days on which the family is told what each review decided: 52 weeks apart, and so within twelve months of the last."""
    day = _wednesday(made + timedelta(weeks=51))
    while day < ENDS:
        yield day
        day = _wednesday(day + timedelta(weeks=52))


def _prepared(case: str, day: date, who: str, **more: Any) -> Iterator[Beat]:
    """From the invitations to the report, in four weeks and four more; `day` is that of the decision."""
    arranged, met = _working(day - timedelta(weeks=8)), day - timedelta(weeks=4)
    yield _event(arranged, who, "fixes the day of the review meeting", case, "meeting_arranged", {"meeting_on": met}, **more)
    yield _task(arranged, who, "invites everybody", case, "invitations_sent", **more)
    yield _task(_working(met - timedelta(weeks=3)), who, "sends the advice to everybody", case, "advice_circulated", **more)
    yield _task(met, who, "holds the review meeting", case, "meeting_held", **more)
    if day >= date(2035, 9, 1):
        yield _task(met, who, "considers adulthood: this is Year 9 or later", case, "adulthood_considered", **more)
    yield _task(
        met if more.get("told") == "" else _after(met, 9), who, "sends the report of the meeting", case, "report_circulated", **more
    )


def _review(n: int, day: date, *, whole: bool = False) -> Iterator[Beat]:
    """A review after which the plan stays as it is."""
    case, told, answers = f"review-{n}", "whole" if whole else "", _after(day, 7)
    yield from _prepared(case, day, SENCO if day < date(2033, 9, 1) else OFFICER, told=told)
    reasons = {"reasons": "The provision works, and the outcomes are still the right ones."}
    yield _decide(day, DECIDER, "decides that the plan stays as it is", case, "whether_to_amend", reasons, outcome="maintain", told=told)
    follows = {f"review-{n + 1}": REVIEW, f"appeal-{case}": APPEAL}
    tell = "completes the annual review: the plan stays as it is"
    yield _serve(day, OFFICER, tell, case, "maintained_notice", opens=follows, told=told or "line")
    family = PARENT if answers < RIGHTS_PASS else YOUNG
    yield _event(answers, family, "will not appeal", f"appeal-{case}", "given_up", told=told)


def _amending_review(n: int, day: date) -> Iterator[Beat]:
    case = f"review-{n}"
    yield from _prepared(case, day, SENCO)
    hours = {"proposed_amendments": "Section F gives an hour of speech and language therapy a week."}
    yield _decide(day, DECIDER, "decides to amend the plan", case, "whether_to_amend", hours, outcome="amend")
    yield _serve(day, OFFICER, "sends the proposed amendments", case, "amendment_notice", opens={f"review-{n + 1}": REVIEW})
    views = {"views": "We agree with the therapy."}
    yield _event(_after(day, 7), PARENT, "says what the family thinks", case, "representations_made", views)
    tell = "decides after the family's 15 days: the school stays the same"
    yield _decide(_after(day, 20), DECIDER, tell, case, "how_to_amend", outcome="setting_unchanged")
    yield _serve(_after(day, 21), OFFICER, "sends the amended plan", case, "amended_plan", opens={f"appeal-{case}": APPEAL})
    yield _event(_after(day, 28), PARENT, "will not appeal", f"appeal-{case}", "given_up")


def _review_there(n: int, day: date) -> Iterator[Beat]:
    """At the other council, which begins its first review itself: the family hears of it, and the case of the move ends."""
    case, told = f"east-review-{n}", "whole" if n == 1 else ""
    more: dict[str, Any] = {"council": AWAY, "told": told}
    if n == 1:
        begun = _working(day - timedelta(weeks=8))
        yield _event(begun, NEW_OFFICER, "begins its review of the plan", "received", "review_begun", opens={case: REVIEW}, council=AWAY)
    yield from _prepared(case, day, NEW_OFFICER, **more)
    reasons = {"reasons": "The college and the training go well."}
    yield _decide(day, NEW_DECIDER, "decides that the plan stays as it is", case, "whether_to_amend", reasons, outcome="maintain", **more)
    follows, hears = {f"east-review-{n + 1}": REVIEW, f"appeal-{case}": APPEAL}, {"received": "reviewed"} if n == 1 else {}
    tell, more["told"] = "completes the annual review: the plan stays as it is", told or "line"
    yield _serve(day, NEW_OFFICER, tell, case, "maintained_notice", opens=follows, reaches=hears, **more)
    yield _event(_after(day, 7), YOUNG, "will not appeal", f"appeal-{case}", "given_up", council=AWAY, told=told)


def _moves_roll(day: date, who: str, to: str, leaves: str, tell: str) -> Beat:
    return Beat(day, who, "moveChild", tell, "", {"settingId": _setting(to), "leaves": _setting(leaves)}, expects="ChildMoved")


def _transfer(case: str, day: date, who: str, named: str, asked: Mapping[str, tuple[str, str, str]]) -> Iterator[Beat]:
    """From the review for the transfer to the amended plan; the first of those asked is the one that the family prefers."""
    first, (_, preferred, _) = next(iter(asked.items()))
    yield _task(_after(day, 0), who, f"reviews the plan for {named}", case, "transfer_review_held")
    yield _event(_after(day, 5), PARENT, f"prefers {preferred}", case, "setting_requested", item=_setting(first))
    amends = {"proposed_amendments": f"Section I names the place for {named}."}
    yield _decide(_after(day, 14), DECIDER, "proposes to amend the plan", case, "whether_to_amend", amends, outcome="propose")
    yield _serve(_after(day, 15), OFFICER, "sends the proposed amendments", case, "amendment_notice")
    for key, (answers, name, answer) in asked.items():
        yield _event(_after(day, 19), OFFICER, f"consults {name}", case, "setting_consulted", item=_setting(key))
        tell, said = f"tells the answer of {name}: {answer.replace('_', ' ')}", {"answer": Choice(answer)}
        yield _task(_after(day, 28), answers, tell, case, "setting_answer", said, item=_setting(key))
    tell = f"names {preferred}, as the family prefers"
    yield _decide(_after(day, 62), DECIDER, tell, case, "how_to_amend", outcome="name_requested")
    yield _serve(_after(day, 63), OFFICER, "sends the amended plan", case, "amended_plan", opens={f"appeal-{case}": APPEAL})
    yield _event(_after(day, 75), PARENT, "will not appeal", f"appeal-{case}", "given_up")


def _schools() -> Iterator[Beat]:
    """To secondary school in 2033, the plan amended before 15 February; to college in 2038, before 31 March. No other transfer follows."""
    asked = {"oak": ("ada.lund", "Oak Academy", "can_meet_needs"), "birch": ("ben.cole", "Birch Special School", "full")}
    yield from _transfer("transfer-1", date(2032, 11, 10), SENCO, "secondary school", asked)
    yield _moves_roll(date(2033, 9, 1), OFFICER, "oak", "elm", "puts Isla on the roll of Oak Academy")
    tell, follows = "records that Isla has started at Oak Academy", {"transfer-2": "phase_transfer"}
    yield _event(date(2033, 9, 1), OFFICER, tell, "transfer-1", "transfer_made", opens=follows)
    college = {"cedar": (OFFICER, "Cedar College", "can_meet_needs")}  # nobody is seeded to answer for it
    yield from _transfer("transfer-2", date(2037, 12, 2), HEAD, "college", college)
    yield _moves_roll(date(2038, 9, 1), OFFICER, "cedar", "oak", "puts Isla on the roll of Cedar College")
    yield _event(date(2038, 9, 1), OFFICER, "records that Isla has started at Cedar College", "transfer-2", "transfer_made")


def _excluded() -> Iterator[Beat]:
    """Year 9: a suspension of eight days, a placement in alternative provision for a term, and the way back."""
    head = {"name": "Hugh Lane", "subject": HEAD, "roles": ["school_head"], "worksAt": [_setting("oak")], "since": "2035-09-03"}
    yield Beat(date(2035, 9, 3), REGISTRAR, "addPerson", "records the new head of Oak Academy", "", head, expects="PersonAdded")
    spans = ("09-04/10-19", "10-29/12-20", "01-03/02-15", "02-25/04-04", "04-21/05-23", "06-02/07-22")
    terms = [{part: f"{2035 if span > '09' else 2036}-{span[at : at + 5]}" for part, at in (("first", 0), ("last", 6))} for span in spans]
    open_on = {"settingId": _setting("oak"), "terms": terms}
    yield Beat(date(2035, 9, 4), HEAD, "recordTerms", "records when Oak Academy is open", "", open_on, expects="TermsRecorded")
    known: dict[str, Any] = {"excluded_from": _setting("oak"), "days_before": 0, "misses_public_exam": False}
    decided = {**known, "decided_on": date(2035, 11, 5), "days": 46, "days_in_term": 46, "day_one": date(2035, 11, 6)}
    event = ("suspension", "suspended_over_five_days")
    tell = "would suspend Isla for 46 days"
    yield _opens(date(2035, 11, 5), HEAD, tell, "suspension", *event, decided, expects="Refused")
    decided = {**known, "decided_on": date(2035, 11, 9), "days": 8, "days_in_term": 8, "day_one": date(2035, 11, 12)}
    yield _opens(date(2035, 11, 9), HEAD, "suspends Isla for eight days", "suspension", *event, decided)
    case, day = "suspension", date(2035, 11, 12)
    fight = {"reasons": "A fight in the corridor."}
    yield _decide(day, HEAD, "lets the governors meet if the family asks", case, "how_it_is_reviewed", fight, outcome="if_asked")
    yield _serve(day, HEAD, "tells the family why, and what it may do", case, "notice_of_request")
    yield _task(day, HEAD, "sets work", case, "set_work")
    yield _event(date(2035, 11, 15), PARENT, "asks the governors to meet", case, "meeting_asked", {"told_on": day})
    yield _task(date(2035, 11, 19), HEAD, "arranges education from the sixth day", case, "provide_education")
    tell = "agrees on a placement in alternative provision"
    yield _event(date(2035, 11, 20), HEAD, tell, case, "placement_needed", opens={"placement": "ap_tier2"})
    yield _event(date(2035, 11, 22), HEAD, "has Isla back", case, "pupil_returned")
    right = {"reasons": "It was lawful and fair."}
    yield _decide(date(2035, 12, 5), HEAD, "records that the governors met", case, "whether_to_reinstate", right, outcome="not_reinstate")
    yield _serve(date(2035, 12, 6), HEAD, "tells the family what the governors decided", case, "upheld_letter")
    yield _event(date(2035, 12, 7), HEAD, "closes the suspension", case, "suspension_closed")
    yield from _placed("placement")


def _placed(case: str) -> Iterator[Beat]:
    yield _task(date(2035, 11, 27), HEAD, "plans the placement with the family", case, "consult_family")
    yield _event(date(2035, 11, 28), HEAD, "finds a place at the Rowan Centre", case, "provider_found", about=_person(PROVIDER))
    written = {"purpose": "To find out what helps Isla to stay calm.", "outcomes_wanted": "Full days in her own school."}
    written |= {"baseline": "Two days in five.", "return_criteria": "Four days in five, for three weeks."}
    dated = {"ends_on": date(2036, 3, 21), "first_review_on": date(2036, 2, 1), "changes_section_i": False}
    yield _task(date(2035, 12, 3), HEAD, "writes the reintegration plan", case, "reintegration_plan", {**written, **dated})
    yield _serve(date(2035, 12, 4), HEAD, "sends the family that plan", case, "plan_letter")
    yield _event(date(2036, 1, 7), HEAD, "records the first day of the placement", case, "placement_started")
    yield _task(date(2036, 2, 1), PROVIDER, "reviews the placement", case, "review_held", {"progress": "Three days in five."})
    yield _task(date(2036, 3, 7), PROVIDER, "reviews the placement again", case, "review_held", {"progress": "Four days in five."})
    yield _task(date(2036, 3, 12), HEAD, "settles how Isla comes back", case, "return_planned", {"return_steps": "Mornings first."})
    better = {"reasons": "She is ready.", "progress": "Four days in five."}
    yield _decide(date(2036, 3, 14), DECIDER, "decides that Isla goes back", case, "what_comes_next", better, outcome="go_back")
    yield _serve(date(2036, 3, 14), OFFICER, "tells the family of the return", case, "return_notice")


def _of_age(reviews: list[date]) -> Iterator[Beat]:
    """The rights pass to Isla on the day after compulsory school age: her father asks for her once more, and may not."""
    n, decided = next((n, day) for n, day in enumerate(reviews, 1) if day > RIGHTS_PASS)
    yield _task(date(2038, 6, 24), OFFICER, "tells Isla that the rights are now hers", f"review-{n}", "young_person_told")
    day = RIGHTS_PASS + timedelta(days=2)
    if day >= decided - timedelta(weeks=4):  # then this review is past the stage at which somebody may ask for it earlier
        n, day = n + 1, _after(decided, 8)
    why = {"why_early": "The training begins soon."}
    tell = "asks for an early review in her place"
    yield _event(day, PARENT, tell, f"review-{n}", "early_review_asked", why, expects="Denied")
    yield _event(day, YOUNG, "asks for an early review herself", f"review-{n}", "early_review_asked", why)
    yield _task(_after(day, 7), OFFICER, "considers that, and keeps to the year", f"review-{n}", "early_review_considered")


def _move(made: date, reviewed: date, running: int) -> Iterator[Beat]:
    """To the other council, at 21: the plan goes on the day of the move, and every case here that stood on it ends."""
    moves, told, case = _after(reviewed, 105), _after(reviewed, 36), "move"
    known = {"moves_on": moves, "aware_on": told}
    yield _opens(told, OFFICER, "learns that Isla will move to Eastmere", case, "plan_transfer", "move_known", known)
    yield _task(_after(moves, -14), OFFICER, "puts the papers together", case, "papers_prepared")
    plan, early = {"new_authority": AWAY_CODE, "plan_made_on": made, "last_reviewed_on": reviewed}, _after(moves, -13)
    sent, tell = {**plan, "transferred_on": early}, "would send the plan before the move"
    yield _event(early, OFFICER, tell, case, "plan_sent", sent, expects="Refused")
    hears = {case: "transferred", f"review-{running}": "plan_ended"}
    sent, tell = {**plan, "transferred_on": moves}, "sends the plan to Eastmere on the day of the move"
    yield _event(moves, OFFICER, tell, case, "plan_sent", sent, opens={"received": "plan_received"}, reaches=hears)
    her = {"name": "Isla Fenn", "subject": YOUNG, "roles": ["young_person"], "youngPerson": ["her"], "since": moves.isoformat()}
    yield Beat(moves, NEW_OFFICER, "addPerson", "lets Isla sign in at Eastmere too", "", her, expects="PersonAdded", council=AWAY)
    intended, day, tell = {"review_intended": "Within twelve months of the last review."}, _after(moves, 28), "decides not to assess again"
    yield _decide(day, NEW_DECIDER, tell, "received", "whether_to_assess_again", intended, outcome="not_assess_again", council=AWAY)
    yield _serve(_after(day, 1), NEW_OFFICER, "tells Isla what follows from the move", "received", "transfer_notice", council=AWAY)


def _ceasing(reviews: int) -> Iterator[Beat]:
    """The plan ends at 25, after the time to appeal. The review that runs then ends with it."""
    case, more = "ceasing", dict[str, Any](council=AWAY)
    tell = "proposes to end the plan: Isla is 25"
    yield _opens(date(2047, 3, 18), NEW_OFFICER, tell, case, "ceasing", "too_old", {"born_on": BORN}, **more)
    yield _serve(date(2047, 3, 18), NEW_OFFICER, "tells Isla that the council is considering it", case, "considering_notice", **more)
    yield _task(date(2047, 3, 20), NEW_OFFICER, "asks Isla what she thinks", case, "consult_family", **more)
    yield _task(date(2047, 3, 21), NEW_OFFICER, "asks the principal", case, "consult_head", **more)
    views = {"views": "I have my certificate, and a job from September."}
    yield _event(date(2047, 3, 28), YOUNG, "says what she thinks", case, "views_given", views, **more)
    why = {"reasons": "The academic year in which she turned 25 ends.", "aged_18_or_over": True, "in_education": True}
    yield _decide(date(2047, 4, 10), NEW_DECIDER, "decides to end the plan", case, "whether_to_cease", why, outcome="cease", **more)
    yield _serve(date(2047, 4, 11), NEW_OFFICER, "sends the decision", case, "cease_notice", opens={"appeal-ceasing": APPEAL}, **more)
    ended = {"cease_reason": Choice("max_age")}
    tell = "would end the plan while Isla can still appeal"
    yield _event(date(2047, 5, 15), NEW_OFFICER, tell, case, "plan_ceased", ended, expects="Refused", **more)
    tell, hears = "ends the plan: the time to appeal is over", {f"east-review-{reviews + 1}": "plan_ended"}
    yield _event(ENDS, NEW_OFFICER, tell, case, "plan_ceased", ended, reaches=hears, **more)
    yield _event(ENDS, NEW_OFFICER, "sees the time to appeal run out", "appeal-ceasing", "time_over", **more)
