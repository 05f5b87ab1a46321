"""One whole EHC plan case, played through the public GraphQL API on a training tenant, with its clock running fast.

Every step has a fixed key and every day counts from the day the case opened: played again, it goes on where it was.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from rich.console import Console

from bootstrap.client import Asked
from bootstrap.faults import StackFault
from bootstrap.settings import Settings
from bootstrap.sign_in import find, issuer
from statute.explain import written
from tenants.seeds import all_seeds, identity
from workflows import library

CASE = """
fragment Now on Case { id reference version openedOn process { name title } stage { name say ends }
  clocks { name item itemLabel say binds status due metOn force receipt { citations { instrument pinpoint evidence } } } }
"""
RESULT = """ {
  __typename
  ... on CaseChanged { replayed case { ...Now } }
  ... on Refused { say citations { instrument pinpoint evidence } }
  ... on Denied { reason }  ... on Conflict { say }  ... on NotFound { say }
  ... on Invalid { faults { path what why do } }
  ... on Received { receipt say }  ... on Unavailable { say }
} }
"""
MUTATIONS = {
    "openCase": "OpenCaseInput",
    "recordEvent": "RecordEventInput",
    "completeTask": "CompleteTaskInput",
    "recordDecision": "RecordDecisionInput",
    "serveNotice": "ServeNoticeInput",
    "claimExcuse": "ClaimExcuseInput",
}
ADVANCE = "mutation($input: AdvanceClockInput!) { advanceClock(input: $input) { __typename ... on ClockAdvanced { today } ... on Refused { say } } }"
TODAY = "{ tenant { today } }"
CLOCKS = {"westshire": "jo.marsh", "eastmere": "eva.lind"}  # who moves the clock of a training council on
ADVISERS = ("education", "medical", "psychological", "social_care", "sensory", "family")


@dataclass(frozen=True)
class Beat:
    """One step of the play: on which day from the opening, who, what, and what the audience is told."""

    day: int
    who: str
    mutation: str
    tell: str
    given: dict[str, Any] = field(default_factory=dict)
    refused: bool = False  # the law says no here, and shows it


def beats(tenant: str) -> list[Beat]:
    """The play."""

    def setting(key: str) -> str:
        return str(identity(tenant, "setting", key))

    def person(subject: str) -> str:
        return str(identity(tenant, "person", subject))

    asked = {"education": "priya.nair", "medical": "nia.bell", "psychological": "mina.shah", "social_care": "tom.reed"}
    told = {"family": "the family itself", "sensory": "a teacher of the deaf"}
    officer, decider, parent = "jo.marsh", "chris.vale", "alex.green"
    return [
        Beat(1, officer, "serveNotice", "The family is told of its rights", {"name": "considering_notice", "how": "email"}),
        Beat(1, officer, "completeTask", "Health, social care and the school are told", {"name": "notify_partners"}),
        Beat(
            2,
            decider,
            "recordDecision",
            "A decision before the family was heard",
            {"name": "whether_to_assess", "outcome": "will_assess"},
            True,
        ),
        Beat(9, officer, "completeTask", "The family is asked for its views", {"name": "consult_family"}),
        Beat(30, decider, "recordDecision", "The council decides to assess", {"name": "whether_to_assess", "outcome": "will_assess"}),
        Beat(31, officer, "serveNotice", "The decision is posted", {"name": "assessment_agreed", "how": "first_class_post"}),
        *(
            Beat(
                33,
                officer,
                "recordEvent",
                f"Advice is asked for: {item}",
                {"name": "advice_requested", "item": item, "about": person(asked[item])},
            )
            for item in asked
        ),
        *(
            Beat(33, officer, "recordEvent", f"Advice is asked for: {told[item]}", {"name": "advice_requested", "item": item})
            for item in told
        ),
        Beat(49, "priya.nair", "completeTask", "The school's advice", {"name": "advice", "item": "education"}),
        Beat(56, officer, "completeTask", "The family's advice", {"name": "advice", "item": "family"}),
        Beat(61, "mina.shah", "completeTask", "The educational psychologist's advice", {"name": "advice", "item": "psychological"}),
        Beat(66, "tom.reed", "completeTask", "Social care's advice", {"name": "advice", "item": "social_care"}),
        Beat(70, officer, "completeTask", "The teacher's advice", {"name": "advice", "item": "sensory"}),
        Beat(
            72,
            "dana.holt",
            "claimExcuse",
            "Robin missed the appointment: an excuse, with its ground and evidence",
            {
                "deadline": "advice_from_partners",
                "item": "medical",
                "ground": "missed_appointment",
                "facts": [
                    {"name": "appointment_on", "value": {"date": "+68"}},
                    {"name": "impractical_because", "value": {"text": "The next appointment is in three weeks."}},
                    {"name": "evidence", "value": {"text": "The clinic's letter."}},
                ],
            },
        ),
        Beat(89, "nia.bell", "completeTask", "The medical advice", {"name": "advice", "item": "medical"}),
        Beat(
            93,
            decider,
            "recordDecision",
            "The council decides that a plan is needed",
            {"name": "whether_to_issue", "outcome": "will_issue"},
        ),
        Beat(94, officer, "serveNotice", "The draft plan is posted", {"name": "draft_plan", "how": "first_class_post"}),
        Beat(99, parent, "recordEvent", "The family asks for Oak Academy", {"name": "setting_requested", "item": setting("oak")}),
        Beat(99, parent, "recordEvent", "The family asks for a meeting", {"name": "meeting_requested"}),
        *(
            Beat(100, officer, "recordEvent", f"A school is consulted: {key}", {"name": "setting_consulted", "item": setting(key)})
            for key in ("oak", "birch", "elm")
        ),
        Beat(
            104,
            decider,
            "recordDecision",
            "A decision inside the family's 15 days",
            {"name": "what_to_name", "outcome": "name_requested"},
            True,
        ),
        Beat(106, officer, "completeTask", "The meeting with the family", {"name": "meeting_held"}),
        *(
            Beat(
                day,
                who,
                "completeTask",
                f"{key} answers",
                {"name": "setting_answer", "item": setting(key), "facts": [choice("answer", answer)]},
            )
            for day, who, key, answer in (
                (108, "ada.lund", "oak", "can_meet_needs"),
                (111, "ben.cole", "birch", "full"),
                (113, "cat.moss", "elm", "can_meet_needs"),
            )
        ),
        Beat(
            118,
            decider,
            "recordDecision",
            "The council names the school that the family asked for",
            {"name": "what_to_name", "outcome": "name_requested"},
        ),
        Beat(119, officer, "serveNotice", "The final plan is sent", {"name": "final_plan", "how": "email"}),
    ]


def play(url: str, settings: Settings, tenant: str, console: Console, stop: Callable[[], bool] = lambda: False) -> str:
    """Play the case; its id.

    Raises:
        StackFault: the API is away, or answered otherwise than the play needs.
    """
    cast = Cast(url, settings, tenant)
    child = next(child for seed in all_seeds() if seed.tenant == tenant for child in seed.children if child.given_name == "Robin")
    case = _open(cast, tenant, str(child.id))
    opened = date.fromisoformat(case["openedOn"])
    console.print(f"\n[bold]{library.in_force('ehc_plan', opened).title}[/]  {case['reference']}  (training: nobody is real)\n")
    if case["stage"]["ends"]:
        _curtain(console, case)
        return str(case["id"])
    if case["version"] == 1:
        _print(console, opened, opened, "A parent asks for an EHC needs assessment", case, {})
    before = case
    for number, beat in enumerate(beats(tenant)):
        if stop():
            break
        today = _let_pass(cast, opened + timedelta(days=beat.day), console)
        given = {**beat.given, "key": f"demo-{number}", "caseId": case["id"]}
        if "facts" in given:
            given["facts"] = [_dated(fact, opened) for fact in given["facts"]]
        answer = cast.do(beat.who, beat.mutation, given)
        if beat.refused and answer["__typename"] == "Refused":
            if today > opened + timedelta(days=beat.day):
                continue  # played before
            cites = "; ".join(f"{cite['instrument']} {cite['pinpoint']}" for cite in answer["citations"])
            console.print(f"  {today:%d %b %Y}  [yellow]refused[/]   {beat.tell}: {answer['say']} [dim]{cites}[/]")
            continue
        if answer["__typename"] != "CaseChanged":
            raise StackFault(f"The play stopped at: {beat.tell}.", str(answer), "see api.log in the data folder.")
        if not answer["replayed"]:
            _print(console, opened, today, beat.tell, answer["case"], before)
        before = answer["case"]
    _curtain(console, before)
    return str(case["id"])


class Cast:
    """Everybody in a play at one council, each with a token of their own."""

    def __init__(self, url: str, settings: Settings, tenant: str) -> None:
        self.tenant = tenant
        self._url, self._issuer = url, issuer(settings)
        self._asked: dict[str, Asked] = {}
        self._today: date | None = None

    def person(self, subject: str) -> Asked:
        """Somebody who was seeded, or who joined since."""
        if subject not in self._asked:
            seed = next(seed for seed in all_seeds() if seed.tenant == self.tenant)
            roles = next(person.roles for person in seed.people if person.subject == subject)
            self.join(find(self.tenant, roles[0], subject).subject, roles)
        return self._asked[subject]

    def join(self, subject: str, roles: Sequence[str]) -> None:
        """Somebody signs in with these roles."""
        self._asked[subject] = Asked(self._url, self._issuer.token(subject, {self.tenant: roles}), self.tenant)

    def do(self, who: str, mutation: str, given: dict[str, Any]) -> dict[str, Any]:
        """Do something to a case; the answer, whatever it is."""
        document = f"mutation($input: {MUTATIONS[mutation]}!) {{ {mutation}(input: $input){RESULT}{CASE}"
        answer: dict[str, Any] = self.person(who)(document, input=given)[mutation]
        return answer

    def today(self) -> date:
        """The council's civil date: asked once, for only this play moves its clock on."""
        if self._today is None:
            self._today = date.fromisoformat(self.person(CLOCKS[self.tenant])(TODAY)["tenant"]["today"])
        return self._today

    def advance(self, to: date) -> date:
        """Let simulated time pass up to a day. A clock that is further on stays."""
        if self.today() < to:
            given = {"key": f"demo-clock-{to}", "to": to.isoformat()}
            answer = self.person(CLOCKS[self.tenant])(ADVANCE, input=given)["advanceClock"]
            if answer["__typename"] != "ClockAdvanced":
                raise StackFault("The training clock could not be advanced.", str(answer), "see api.log in the data folder.")
            self._today = date.fromisoformat(answer["today"])
        return self.today()


def _let_pass(cast: Cast, to: date, console: Console) -> date:
    """Advance the clock, and say which bank holidays go by."""
    today = cast.today()
    for day in sorted(holiday for holiday in library.england().holidays if today < holiday <= to and holiday.weekday() < 5):
        console.print(f"  {day:%d %b %Y}  [dim]bank holiday: offices are closed, and the weeks run on[/]")
    return cast.advance(to)


def _open(cast: Cast, tenant: str, child: str) -> dict[str, Any]:
    today = cast.person("alex.green")(TODAY)["tenant"]["today"]
    # The day of the first playing is part of the act: found again by its key, whatever today is.
    known = cast.person("alex.green")("query { cases(first: 50) { nodes { ...Now } } }" + CASE)["cases"]["nodes"]
    for case in known:
        if case["process"]["name"] == "ehc_plan":
            return dict(case)
    facts = [{"name": "received_on", "value": {"date": today}}, choice("requested_by", "parent")]
    answer = cast.do("alex.green", "openCase", {"key": f"demo-open-{tenant}", "process": "ehc_plan", "childId": child, "facts": facts})
    if answer["__typename"] != "CaseChanged":
        raise StackFault("The play could not begin.", str(answer), "see api.log in the data folder.")
    return dict(answer["case"])


def choice(name: str, chosen: str) -> dict[str, Any]:
    """A fact that is one of the choices of the definition."""
    return {"name": name, "value": {"choice": chosen}}


def _dated(fact: dict[str, Any], opened: date) -> dict[str, Any]:
    """`+68` is the 68th day from the opening."""
    given = fact["value"].get("date", "")
    return {**fact, "value": {"date": (opened + timedelta(days=int(given))).isoformat()}} if given.startswith("+") else fact


def _print(console: Console, opened: date, today: date, tell: str, case: dict[str, Any], before: dict[str, Any]) -> None:
    week = (today - opened).days // 7
    bar = "█" * min(week, 20) + "░" * max(20 - week, 0)
    console.print(f"  {today:%d %b %Y}  [green]{bar}[/] {tell}  [dim]({case['stage']['name']}, version {case['version']})[/]")
    known = {(clock["name"], clock["item"]): clock["status"] for clock in before.get("clocks", ())}
    for clock in case["clocks"]:
        old = known.get((clock["name"], clock["item"]))
        if old == clock["status"]:
            continue
        cites = "; ".join(f"{cite['instrument']} {cite['pinpoint']}" for cite in clock["receipt"]["citations"])
        due = f"{date.fromisoformat(clock['due']):%a %d %b %Y}" if clock["due"] else "as soon as practicable"
        label = f" ({clock['itemLabel']})" if clock["itemLabel"] else ""
        condition = "due" if clock["status"] == "RUNNING" else clock["status"].lower().replace("_", " ") + ", was due"
        console.print(f"{'':15}{clock['say']}{label}: {condition} {due}  [dim]{cites}[/]")


def _curtain(console: Console, case: dict[str, Any]) -> None:
    plan = next((clock for clock in case["clocks"] if clock["name"] == "final_plan_sent"), None)
    if plan and plan["metOn"]:
        sent, due = date.fromisoformat(plan["metOn"]), date.fromisoformat(plan["due"])
        console.print(f"\n[bold]{case['stage']['say']}.[/] Sent on {written(sent)}; the law's last day was {written(due)}.")
