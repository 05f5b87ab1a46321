"""The second player of the dated examples: the public GraphQL API, on the real shell and the real database, day by day.

Each step is asked by somebody who may: the family asks, an officer serves, a decision maker decides, the adviser who was asked
advises, the school that was consulted answers. Each example has a child and settings of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID, uuid4

from graphql_api.identifiers import global_id
from statute.definition import FactType, Process, Sense
from statute.types import Kind
from store import mediators, people
from store.session import Database
from store.terms import Term, record_terms
from tenants.mediators import Accreditation, Entry, Step
from tests.graphql_api.conftest import Api
from tests.seeds import WESTSHIRE
from tests.workflows.played import Example, Move, Refusal, Seen, SeenClock, Value, steps
from workflows import library

EVER = date(2000, 1, 1)  # before any example: since when everybody stands where they stand
BORN = date(2015, 5, 4)  # of a child whose example does not say it
ROLES = {
    "family": "parent",
    "local_authority": "la_caseworker",
    "decision_maker": "decision_maker",
    "school": "school_senco",
    "medical": "health_adviser",
    "psychological": "educational_psychologist",
    "social_care": "social_care_adviser",
    "mediation_adviser": "mediation_adviser",
    "tribunal": "tribunal_staff",
    "provider": "ap_provider",
}
ASSIGNED = {"mediation_and_appeal": "mediation_adviser", "tribunal_appeal": "tribunal"}
MUTATIONS = {Kind.HAPPENED: "recordEvent", Kind.DONE: "completeTask", Kind.DECIDED: "recordDecision", Kind.SERVED: "serveNotice"}
ANSWER = """{ __typename ... on CaseChanged { case { id } } ... on Refused { say citations { instrument pinpoint } }
  ... on Invalid { faults { path what } } ... on Denied { reason } ... on NotFound { say } }"""
CASE = "query($id: ID!) { case(id: $id) { stage { name } clocks { name item due status metOn force } } }"
TRIES = 3  # the API asks for the same key again where no answer came in time
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@dataclass
class Cast:
    """The people of the council, the school of every child whose example names none, and the day that the API takes for today."""

    database: Database
    persons: Mapping[str, people.Person]
    school: people.Setting
    day: date = EVER

    def now(self) -> datetime:
        """Nine in the morning of that day: injected into the API."""
        return datetime.combine(self.day, time(9), UTC)


async def cast(database: Database) -> Cast:
    """Somebody for every capacity."""
    found = {name: people.Person(uuid4(), f"Played {name}", None, f"played|{name}", [role]) for name, role in ROLES.items()}
    school = people.Setting(uuid4(), "Played School", None, "mainstream_school")
    async with database.tenant(WESTSHIRE.slug) as session:
        await people.add_setting(session, school)
        for person in found.values():
            await people.add_person(session, person)
        held = Entry(1, Step.ADDED, Accreditation("Played Body", "1", EVER, date(2099, 8, 31), "Played Service"))
        one = found["mediation_adviser"].id
        await mediators.write(session, mediators.Kept(one, held, uuid4(), one, datetime.combine(EVER, time(9), UTC)))
        await people.add_relation(session, people.Relation(uuid4(), found["school"].id, "works_at", EVER, None, school.id))
    return Cast(database, found, school)


@dataclass
class Player:
    """One example, being played."""

    cast: Cast
    api: Api
    example: Example
    child: UUID = field(default_factory=uuid4)
    settings: dict[str, UUID] = field(default_factory=dict)  # by the names that the example gives them
    case_id: str = ""
    advisers: dict[str, str] = field(default_factory=dict)  # who was asked for which advice
    consulted: set[str] = field(default_factory=set)
    assigned: str = ""

    @property
    def process(self) -> Process:
        return library.get(self.example.process, self.example.version)

    async def play(self) -> Seen:
        """Do every step, and look at the case."""
        moves, refusal = steps(self.example), None
        await self._register(moves)
        for move in moves:
            self.cast.day = move.recorded
            if move.kind != "time":
                refusal = await self._do(move)
                assert refusal is None or move is moves[-1], f"{move.name} of {move.on} was refused: {refusal}"
        return await self._look(moves, refusal)

    async def _register(self, moves: list[Move]) -> None:
        """The child, its family, and the settings that the example names: the child is on the roll of the first."""
        self.settings = {name: uuid4() for name in dict.fromkeys(_settings(self.process, moves))}
        born_on = next((str(move.facts["born_on"]) for move in moves if "born_on" in move.facts), BORN.isoformat())
        roll = next(iter(self.settings.values()), self.cast.school.id)
        async with self.cast.database.tenant(WESTSHIRE.slug) as session:
            for name, key in self.settings.items():
                await people.add_setting(session, people.Setting(key, name, None, "mainstream_school"))
                works = people.Relation(uuid4(), self.cast.persons["school"].id, "works_at", EVER, None, key)
                await people.add_relation(session, works)
            await people.add_child(session, people.Child(self.child, "Somebody", "Played", date.fromisoformat(born_on), None, roll))
            for kind in ("parent", "young_person"):  # a parent who stands in goes on speaking for somebody of age
                await people.add_relation(session, people.Relation(uuid4(), self.cast.persons["family"].id, kind, EVER, self.child))

    async def _do(self, move: Move) -> Refusal | None:
        if move.terms:
            async with self.cast.database.tenant(WESTSHIRE.slug) as session:
                for name, told in move.terms.items():
                    await record_terms(session, self.settings[name], _terms(told))
        person = self.cast.persons[self._who(move)]
        mutation, given = self._asked(move)
        kind = mutation[0].upper() + mutation[1:] + "Input"
        document = f"mutation($input: {kind}!) {{ {mutation}(input: $input) {ANSWER} }}"
        given["key"] = uuid4().hex
        for _ in range(TRIES):
            answer = (await self.api.ask(WESTSHIRE, person, document, input=given))[mutation]
            if answer["__typename"] not in ("Unavailable", "Received"):
                break
        if answer["__typename"] != "CaseChanged":
            return self._refusal(answer)
        self.case_id = answer["case"]["id"]
        return None

    def _who(self, move: Move) -> str:
        """The capacity that the example names, else the first of the definition in which somebody stands to this case."""
        act = self.process.acts.get(move.name) if move.kind == "act" else None
        by = (move.capacity,) if move.capacity else act.by if act else ("decision_maker",)
        opens = act is not None and act.kind is Kind.OPENED
        stand = {
            "family": "family",
            "local_authority": "local_authority",
            "decision_maker": "decision_maker",
            "school": "school",
            "requester": "school" if opens else "",
            "setting": "school" if move.item in self.consulted else "",
            "adviser": self.advisers.get(move.item, ""),
            self.assigned: self.assigned,
        }
        found = next((stand[capacity] for capacity in by if stand.get(capacity)), None)
        assert found is not None, f"nobody here does {move.name} as {' or '.join(by)}"
        return found

    def _asked(self, move: Move) -> tuple[str, dict[str, Any]]:
        """The mutation, and what it is given."""
        act = self.process.acts.get(move.name) if move.kind == "act" else None
        facts = [{"name": name, "value": self._value(name, value)} for name, value in move.facts.items()]
        given: dict[str, Any] = {"on": move.on.isoformat(), "facts": facts}
        if act is not None and act.kind is Kind.OPENED:
            return "openCase", {"process": self.process.name, "childId": str(self.child), "event": move.name, **given}
        given["caseId"] = self.case_id
        if move.kind == "excuse":
            return "claimExcuse", {"deadline": move.name, "ground": move.outcome, "item": self._id(move.item), **given}
        given["name"] = move.name
        mutation = MUTATIONS[act.kind if act else Kind.HAPPENED]
        if mutation == "recordDecision":
            return mutation, {"outcome": move.outcome, **given}
        if mutation == "serveNotice":
            return mutation, {"how": move.how, **given}
        return mutation, {"item": self._id(move.item), **(self._directed(move, act.relates) if act else {}), **given}

    def _directed(self, move: Move, relates: str) -> dict[str, str]:
        """Whom the act is directed at, and so has a part in the case from then on."""
        named = ""
        if relates == "consulted":
            self.consulted.add(move.item)
        elif relates == "asked":
            named = {"education": "school"}.get(move.item, move.item if move.item in ROLES else "psychological")
            self.advisers[move.item] = named
        elif relates == "assigned" and self._who(move) in ("local_authority", "school"):  # nobody else lets anybody in
            named = self.assigned = ASSIGNED.get(self.process.name, "provider")
        return {"about": global_id("Person", self.cast.persons[named].id)} if named else {}

    def _value(self, name: str, value: Value) -> dict[str, Any]:
        """A fact by its type; what is none of its type goes as the text that it is."""
        rule = self.process.facts.get(name)
        if isinstance(value, bool):
            return {"yesNo": value}
        if isinstance(value, int):
            return {"number": value}
        if rule is not None and rule.type in (FactType.DATE, FactType.PLANNED_DATE) and _DAY.fullmatch(value):
            return {"date": value}
        if rule is not None and rule.type is FactType.SETTING:
            return {"text": self._id(value)}
        return {"choice" if rule is not None and rule.type is FactType.CHOICE else "text": value}

    def _id(self, name: str) -> str | None:
        return global_id("Setting", self.settings[name]) if name in self.settings else name or None

    def _named(self, said: str) -> str:
        """What was said, with the settings by the names that the example gives them."""
        for name, key in self.settings.items():
            said = said.replace(str(key), name)
        return said

    def _refusal(self, answer: dict[str, Any]) -> Refusal:
        """The answer as an example puts it. `Invalid` says one by one what the core says in one sentence; `Denied` says its name first."""
        kind = answer["__typename"]
        if kind == "Invalid":
            said = "; ".join(f"{fault['path']} {fault['what']}" for fault in answer["faults"])
            return Refusal(self._named(said), (), tuple(fault["path"] for fault in answer["faults"]))
        if kind == "Refused":
            cites = tuple(f"{one['instrument']} {one['pinpoint']}" for one in answer["citations"])
            return Refusal(self._named(answer["say"]), cites, ())
        assert kind == "Denied", answer
        return Refusal(f"Denied: {answer['reason']}", (), ())

    async def _look(self, moves: list[Move], refusal: Refusal | None) -> Seen:
        """The case as an officer reads it at the end."""
        case = (await self.api.ask(WESTSHIRE, self.cast.persons["local_authority"], CASE, id=self.case_id))["case"]
        done = frozenset(move.name for move in moves if move.kind == "act")
        clocks = {
            f"{one['name']}/{self._named(one['item'])}" if one["item"] else one["name"]: self._as_of(moves[-1].recorded, one, done)
            for one in case["clocks"]
        }
        return Seen(stage=case["stage"]["name"], clocks=clocks, refusal=refusal)

    def _as_of(self, today: date, one: dict[str, Any], done: frozenset[str]) -> SeenClock:
        """A clock as it stood on the last day of the example.

        The API's today is injected, the durable shell's own clock is the real one: as soon as it has a step it lives on to the present,
        so a limit that the example has running may be seen passed (and may have been warned of), and a floor be over; for an example
        in years to come it is the other way round. Running and passed are thus one thing to this player, a duty not done yet, and which
        of them it was on that day is read off the date that the API gives; so with a floor that no act has met. Whatever an act did to
        a clock (met, met late, stopped, disapplied, and on which day) is compared as it is.
        """
        due, met_on = (date.fromisoformat(one[name]) if one[name] else None for name in ("due", "metOn"))
        status, rule = one["status"].lower(), self.process.deadlines[one["name"]]
        over = due is not None and due < today
        if rule.sense is Sense.AT_LEAST:
            if status in ("running", "met") and not done.intersection(rule.met_by):
                status, met_on = ("met", due) if over else ("running", None)
        elif status in ("running", "passed"):
            status = "passed" if over else "running"
        return SeenClock(due, status, met_on, one["force"].lower())


def _settings(process: Process, moves: list[Move]) -> Iterator[str]:
    """The names of settings: in a fact, as an item, or because their terms are told."""
    for move in moves:
        yield from move.terms
        yield from (
            str(value) for name, value in move.facts.items() if name in process.facts and process.facts[name].type is FactType.SETTING
        )
        rule = process.acts.get(move.name) if move.kind == "act" else process.deadlines.get(move.name)
        if rule is not None and move.item and rule.each and not process.each[rule.each].items:
            yield move.item


def _terms(told: tuple[str, ...]) -> list[Term]:
    """Terms as an example writes them: `first/last`, and the days on which it is closed as `-day`."""
    spans = [[date.fromisoformat(day) for day in part.split("/")] for part in told if not part.startswith("-")]
    closed = [date.fromisoformat(part[1:]) for part in told if part.startswith("-")]
    return [Term(first, last, tuple(day for day in closed if first <= day <= last)) for first, last in spans]
