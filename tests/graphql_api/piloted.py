"""Flags and pilots over HTTP: one act, its answer in one shape, and the people of Westshire who set, enrol and switch off."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from store import people
from store.session import Database
from tests.graphql_api.clerk import NO, hired
from tests.graphql_api.conftest import Api
from tests.seeds import WESTSHIRE, Place, seed_id

SETTING = """id name variant startsOn endsOn status revision inForce legalBasis why cohort { processes phases bornFrom bornTo percent }
  proposedBy { name } approvedBy { name }"""
REVISION = "id kind name why status total moved stayed ended waiting stayedCases { nodes { caseId reference reason } }"
PILOT = f"name switchedOn openCases eligibleHere beyondCurrentLaw enrolment {{ since until holds revision }} setting {{ variant }} killed {{ {REVISION} }}"
CHANGED = f"FlagChanged {{ replayed setting {{ {SETTING} }} }} ... on FlagConflict {{ say setting {{ revision }} }}"
YES = {
    "proposeFlag": CHANGED,
    "approveFlag": CHANGED,
    "withdrawFlag": CHANGED,
    "enrolPilot": f"EnrolmentChanged {{ replayed pilot {{ {PILOT} }} }} ... on EnrolmentConflict {{ say pilot {{ name }} }}",
    "endEnrolment": f"EnrolmentChanged {{ replayed pilot {{ {PILOT} }} }} ... on EnrolmentConflict {{ say pilot {{ name }} }}",
    "killPilot": f"PilotKilled {{ replayed pilot {{ {PILOT} }} revision {{ {REVISION} }} }}",
    "recordConsent": f"ConsentRecorded {{ replayed given revision {{ {REVISION} }} }}",
}
WHY = "To see whether it helps families."
BASIS = "The council's own decision under section 53."


class Board:
    """Everybody who has to do with flags in Westshire."""

    def __init__(self, api: Api, **people_by_role: people.Person) -> None:
        self.api = api
        self.first, self.second = people_by_role["first"], people_by_role["second"]
        self.manager, self.auditor, self.authority = (people_by_role[name] for name in ("manager", "auditor", "authority"))

    async def do(self, mutation: str, by: people.Person, *, place: Place = WESTSHIRE, **given: Any) -> dict[str, Any]:
        """One act; a key is made where none is given."""
        kind = mutation[0].upper() + mutation[1:] + "Input"
        document = f"mutation($input: {kind}!) {{ {mutation}(input: $input) {{ {NO} ... on {YES[mutation]} }} }}"
        answer: dict[str, Any] = (await self.api.ask(place, by, document, input={"key": uuid4().hex, "why": WHY, **given}))[mutation]
        return answer

    async def consent(self, by: people.Person, **given: Any) -> dict[str, Any]:
        """What a family said."""
        document = f"mutation($input: RecordConsentInput!) {{ recordConsent(input: $input) {{ {NO} ... on {YES['recordConsent']} }} }}"
        answer: dict[str, Any] = (await self.api.ask(WESTSHIRE, by, document, input={"key": uuid4().hex, **given}))["recordConsent"]
        return answer

    async def propose(
        self, name: str = "mediation", variant: str = "strengthened", by: people.Person | None = None, **given: Any
    ) -> dict[str, Any]:
        """Somebody proposes."""
        today = {"startsOn": date.today().isoformat()}  # noqa: DTZ011 - the council's clock is the real one
        return await self.do("proposeFlag", by or self.first, **{"name": name, "variant": variant, "legalBasis": BASIS, **today, **given})

    async def approve(self, setting: dict[str, Any], by: people.Person | None = None, **given: Any) -> dict[str, Any]:
        """Somebody else approves."""
        return await self.do("approveFlag", by or self.second, **{"id": setting["id"], "expectedRevision": setting["revision"], **given})

    async def set(self, name: str = "mediation", variant: str = "strengthened", **given: Any) -> dict[str, Any]:
        """Both, as they should."""
        proposed = await self.propose(name, variant, **given)
        assert proposed["__typename"] == "FlagChanged", proposed
        approved = await self.approve(proposed["setting"])
        assert approved["__typename"] == "FlagChanged", approved
        return dict(approved["setting"])

    async def enrol(self, pilot: str = "mediation_mandatory", by: people.Person | None = None, **given: Any) -> dict[str, Any]:
        """The national pilot authority takes the council in."""
        since = {"since": date.today().isoformat()}  # noqa: DTZ011
        return await self.do("enrolPilot", by or self.authority, **{"pilot": pilot, **since, **given})

    async def pilot(self, name: str, by: people.Person | None = None) -> dict[str, Any]:
        """A pilot as somebody sees it."""
        found = (await self.api.ask(WESTSHIRE, by or self.first, f"{{ pilots {{ {PILOT} }} }}"))["pilots"]
        return dict(next(one for one in found if one["name"] == name))


async def board(api: Api, database: Database) -> Board:
    """Two administrators, a manager, an auditor and the national pilot authority."""
    second = people.Person(seed_id("westshire|second"), "Another administrator", None, "second", ["la_administrator"])
    async with database.tenant(WESTSHIRE.slug) as session:
        await people.add_person(session, second)
    found = {"first": await hired(database, "la_administrator"), "second": second, "manager": await hired(database, "la_manager")}
    return Board(api, **found, auditor=await hired(database, "auditor"), authority=await hired(database, "national_pilot_authority"))


def day(days: int) -> str:
    """A day from today on."""
    return (date.today() + timedelta(days=days)).isoformat()  # noqa: DTZ011
