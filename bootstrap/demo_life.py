"""A whole life with a plan, played through the public GraphQL API of two training councils, with their clocks running fast.

Isla Fenn is refused at four and has her plan at five, is reviewed every year, goes to secondary school and to college, is suspended
once, gets her rights at sixteen, moves to another council at twenty-one, and is twenty-five when the plan ends. Only the first case
is opened by somebody who must think of it; almost everything else opened because something was done, and is found through the API.
Every step has a fixed key and a fixed day: played again, it goes on where it was.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any

from rich.console import Console

from bootstrap.client import Asked
from bootstrap.demo import CASE, Cast
from bootstrap.demo_life_beats import AWAY, BORN, CHILD, HEAD, HOME, NEW_OFFICER, OFFICER, RIGHTS_PASS, YOUNG, Beat, life
from bootstrap.faults import StackFault
from bootstrap.settings import Settings
from tenants.seeds import all_seeds

LONGEST = 20.0  # seconds for what follows by itself; it takes about one
OFFICERS = {HOME: OFFICER, AWAY: NEW_OFFICER}  # who looks for what follows
REGISTER = {"moveChild": "ChildMoved", "addPerson": "PersonAdded", "recordTerms": "TermsRecorded"}
WHY_NOT = "... on Invalid { faults { path what } } ... on Denied { reason } ... on NotFound { say }"
OWN = "query($filter: CaseFilter!) { cases(first: 100, orderBy: OPENED_ON, filter: $filter) { nodes { ...Now } } }" + CASE
LINKED = "query($id: ID!) { case(id: $id) { linked { ...Now } } }" + CASE
ONE = "query($id: ID!) { case(id: $id) { ...Now } }" + CASE
CHILDREN = "{ children(first: 100) { nodes { id givenName familyName bornOn } } }"
RELATIONS = "{ viewer { name relations { kind since } } }"
TIMELINE = """query($id: ID!, $after: String) { node(id: $id) { ... on Child { cases { version process { name } stage { name ends } }
  timeline(first: 100, after: $after) { nodes { on kind } pageInfo { hasNextPage endCursor } } } } }"""
Case = dict[str, Any]


def play(url: str, settings: Settings, console: Console) -> dict[str, dict[str, Any]]:
    """Play the life; what is to be seen of it at each council in the end.

    Raises:
        StackFault: the API is away, or answered otherwise than the play needs.
    """
    return _Player(url, settings, console).play()


class _Player:
    """The cast of both councils, and the cases by the parts that they play."""

    def __init__(self, url: str, settings: Settings, console: Console) -> None:
        self._casts = {council: Cast(url, settings, council) for council in (HOME, AWAY)}
        self._casts[HOME].join(HEAD, ["school_head"])
        self._casts[AWAY].join(YOUNG, ["young_person"])
        self._names = {person.subject: person.name for seed in all_seeds() for person in seed.people} | {HEAD: "Hugh Lane"}
        self._console = console
        self._cases: dict[str, Case] = {}
        self._children: dict[str, str] = {}
        self._year = 0

    def play(self) -> dict[str, dict[str, Any]]:
        beats = life(self._begin())
        if not beats:
            why = f"The training clock of {HOME} stands too far ahead: its first plan must be made before she is eight."
            raise StackFault("This life cannot begin any more.", why, "play it on a stack with a new data folder (WAYMARK_HOME).")
        self._console.print(f"\n[bold]The life of {' '.join(CHILD)} with a plan[/], born {BORN:%d %B %Y}  (training: nobody is real)\n")
        for beat in beats:
            self._play(beat)
        return {council: self._curtain(council) for council in self._casts}

    def _begin(self) -> date:
        """The day of the first request: that of the first playing."""
        known = self._of_child(HOME, "ehc_plan")
        return date.fromisoformat(known[-1]["openedOn"]) if known else self._casts[HOME].today()

    # -- one beat -------------------------------------------------------------------------------------------------------

    def _play(self, beat: Beat) -> None:
        there = self._council_of(beat)
        if there != beat.council:
            self._casts[there].advance(beat.day)
        today = self._casts[beat.council].advance(beat.day)
        if beat.expects in ("Refused", "Denied") and today > beat.day:
            return  # shown before; on a later day the answer might be another one
        answer = self._ask(beat)
        done = answer["__typename"] == beat.expects
        if not done and not (today > beat.day and _out_of_sight(answer)):
            raise StackFault(f"The play stopped at: {self._names[beat.who]} {beat.tell}.", str(answer), "see api.log in the data folder.")
        told = beat.told if done and not answer.get("replayed") else ""
        before = self._cases.get(beat.case)
        if "case" in answer:
            self._cases[beat.case] = answer["case"]
        elif beat.mutation == "openCase" and beat.expects == "CaseChanged":
            self._cases[beat.case] = self._new(beat, self._of_child(beat.council, beat.given["process"]))
        if told:
            self._tell(beat, answer)
        if told == "whole" and "case" in answer:
            self._tell_clocks(answer["case"], before)
        for part, process in beat.opens.items():
            self._cases[part] = self._following(beat, process)
            self._say(told, f"[cyan]opens[/] {_title(self._cases[part])}")
            if told == "whole":
                self._tell_clocks(self._cases[part], None)
        for part, stage in beat.reaches.items():
            self._reached(beat, part, stage)
            self._say(told, f"[cyan]and so[/] {_title(self._cases[part])}: {self._cases[part]['stage']['say']}")

    def _ask(self, beat: Beat) -> dict[str, Any]:
        cast, given = self._casts[beat.council], {**beat.given, "key": beat.key}
        if beat.mutation in ("openCase", "moveChild"):
            given["childId"] = self._child(beat.council)
        if beat.mutation in REGISTER:
            if "youngPerson" in given:
                given["youngPerson"] = [self._child(beat.council)]
            wanted = f"__typename ... on {REGISTER[beat.mutation]} {{ replayed }} {WHY_NOT}"
            kind = beat.mutation[0].upper() + beat.mutation[1:]
            document = f"mutation($input: {kind}Input!) {{ {beat.mutation}(input: $input) {{ {wanted} }} }}"
            answer: dict[str, Any] = cast.person(beat.who)(document, input=given)[beat.mutation]
            return answer
        if beat.mutation != "openCase":
            given["caseId"] = self._cases[beat.case]["id"]
        return cast.do(beat.who, beat.mutation, {**given, "on": beat.day.isoformat()})

    # -- what follows by itself ------------------------------------------------------------------------------------------

    def _child(self, council: str) -> str:
        """Her id at a council, once it knows her; ''."""
        if council not in self._children:
            for one in self._officer(council)(CHILDREN)["children"]["nodes"]:
                if (one["givenName"], one["familyName"]) == CHILD:
                    self._children[council] = one["id"]
        return self._children.get(council, "")

    def _officer(self, council: str) -> Asked:
        return self._casts[council].person(OFFICERS[council])

    def _of_child(self, council: str, process: str) -> list[Case]:
        """Her cases of a process, the newest first."""
        child = self._child(council)
        given = {"childId": child, "process": process}
        return list(self._officer(council)(OWN, filter=given)["cases"]["nodes"]) if child else []

    def _council_of(self, beat: Beat) -> str:
        """Where the cases open that follow: those of a plan that was sent at the other council."""
        return AWAY if "plan_received" in beat.opens.values() else beat.council

    def _new(self, beat: Beat, found: list[Case]) -> Case:
        """The one of these that the play does not know yet."""
        known = {case["id"] for case in self._cases.values()}
        new = [case for case in found if case["id"] not in known]
        if not new:
            raise self._did_not_come(beat, "no such case is to be found")
        return new[-1]

    def _following(self, beat: Beat, process: str) -> Case:
        """The case of a process that opened because of this beat: linked to its case. No row of one council points into another."""
        there, known = self._council_of(beat), {case["id"] for case in self._cases.values()}
        for _ in _patiently():
            if there == beat.council:
                linked = self._officer(there)(LINKED, id=self._cases[beat.case]["id"])["case"]["linked"]
                found = [case for case in linked if case["process"]["name"] == process]
            else:
                found = self._of_child(there, process)
            if any(case["id"] not in known for case in found):
                return self._new(beat, found)
        raise self._did_not_come(beat, f"no case of {process} opened")

    def _reached(self, beat: Beat, part: str, stage: str) -> None:
        """Wait until another case has heard of it."""
        for _ in _patiently():
            self._cases[part] = self._officer(beat.council)(ONE, id=self._cases[part]["id"])["case"]
            if self._cases[part]["stage"]["name"] == stage:
                return
        raise self._did_not_come(beat, f"{_title(self._cases[part])} is not at {stage} but at {self._cases[part]['stage']['name']}")

    def _did_not_come(self, beat: Beat, what: str) -> StackFault:
        why = f"After {LONGEST:.0f} s {what}, as should follow when {self._names[beat.who]} {beat.tell} on {beat.day}."
        return StackFault("What should follow by itself did not come.", why, "see worker.log in the data folder.")

    # -- telling it --------------------------------------------------------------------------------------------------------

    def _tell(self, beat: Beat, answer: dict[str, Any]) -> None:
        if beat.day.year != self._year:
            self._year = beat.day.year
            self._console.print(f"[bold]{self._year}[/]")
        months = (beat.day.year - BORN.year) * 12 + beat.day.month - BORN.month - (beat.day.day < BORN.day)
        line = f"  {beat.day:%a %d %b}  {months // 12:>2} y {months % 12:>2} m   {self._names[beat.who]} {beat.tell}"
        if "case" in answer:
            line += f"  [dim]{answer['case']['reference']}: {answer['case']['stage']['say']}[/]"
        if beat.expects in ("Refused", "Denied"):
            line += (
                f": [yellow]{'refused' if beat.expects == 'Refused' else 'not theirs to do'}[/]. {answer.get('say') or answer['reason']}"
            )
            line += f"  [dim]{_cites(answer.get('citations', ()))}[/]"
        self._console.print(line)
        if beat.who == YOUNG and beat.day <= RIGHTS_PASS.replace(month=12):
            mine = self._casts[HOME].person(YOUNG)(RELATIONS)["viewer"]["relations"]
            since = ", ".join(f"{one['kind'].replace('_', ' ')} since {one['since']}" for one in mine)
            self._say("whole", f"[dim]she signs in herself: {since}[/]")

    def _tell_clocks(self, case: Case, before: Case | None) -> None:
        """The legal limits that began or were kept, and whatever was not kept."""
        known = {(clock["name"], clock["item"]): (clock["status"], clock["due"]) for clock in (before or {}).get("clocks", ())}
        for clock in case["clocks"]:
            late = clock["status"] in ("PASSED", "MET_LATE")
            new = known.get((clock["name"], clock["item"])) != (clock["status"], clock["due"]) and clock["status"] != "STOPPED"
            if not new or not (clock["force"] == "MUST" or late):
                continue
            word = {"RUNNING": "due", "MET": "done, was due"}.get(clock["status"], clock["status"].lower().replace("_", " ") + ", was due")
            due = f"{word} {date.fromisoformat(clock['due']):%a %d %b %Y}" if clock["due"] else word.replace(", was due", "")
            colour = "green" if clock["status"] == "MET" else "red" if late and clock["binds"] != "family" else "default"
            soon = "" if clock["due"] or clock["status"] != "RUNNING" else " as soon as practicable"
            self._say("whole", f"[{colour}]{due}{soon}[/]: {clock['say']}  [dim]{_cites(clock['receipt']['citations'])}[/]")

    def _say(self, told: str, text: str) -> None:
        if told:
            self._console.print(f"{'':27}{text}")

    def _curtain(self, council: str) -> dict[str, Any]:
        """What is left of it, read through the API as one life: by the council, and by Isla herself."""
        entries, cases = self._timeline(self._officer(council), council)
        hers, _ = self._timeline(self._casts[council].person(YOUNG), council)
        days = [entry["on"] for entry in entries]
        found = {
            "cases": dict(Counter(f"{case['process']['name']}: {case['stage']['name']}" for case in cases)),
            "open": sum(not case["stage"]["ends"] for case in cases),
            "entries": len(entries),
            "hers": len(hers),
            "first": days[0],
            "letters": sum(entry["kind"] == "served" for entry in entries),
            "one": days == sorted(days) and len(entries) == sum(case["version"] for case in cases),
        }
        self._console.print(
            f"\n[bold]{council}[/]: {len(cases)} cases, {found['open']} of them open; {len(entries)} journal entries, {found['letters']} letters "
            f"served.\n  Her timeline is {'one' if found['one'] else '[red]not one[/]'}, from {days[0]} to {days[-1]}; she reads {len(hers)} of "
            "its entries herself."
        )
        return found

    def _timeline(self, asked: Asked, council: str) -> tuple[list[dict[str, Any]], list[Case]]:
        """All that happened to her at a council, in order, and her cases there: as one person may read it."""
        entries: list[dict[str, Any]] = []
        after = None
        while True:
            page = asked(TIMELINE, id=self._child(council), after=after)["node"]
            entries += page["timeline"]["nodes"]
            after = page["timeline"]["pageInfo"]["endCursor"]
            if not page["timeline"]["pageInfo"]["hasNextPage"]:
                return entries, page["cases"]


def _patiently() -> Iterator[None]:
    """Ask again, often at first, until it takes too long."""
    give_up, wait = time.monotonic() + LONGEST, 0.03
    while time.monotonic() < give_up:
        yield
        time.sleep(wait)
        wait = min(wait * 1.5, 0.5)


def _out_of_sight(answer: dict[str, Any]) -> bool:
    """On a later day: who did it may no longer see the case, or the child has left that school since."""
    left = [fault["path"] for fault in answer.get("faults", ())] == ["leaves"]
    return left or answer["__typename"] in ("NotFound", "Received")


def _title(case: Case) -> str:
    return f"{case['reference']} {case['process']['title']}"


def _cites(citations: Any) -> str:
    return "; ".join(f"{cite['instrument']} {cite['pinpoint']}" for cite in citations)
