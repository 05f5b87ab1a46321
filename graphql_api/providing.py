"""What a council offers and what its draft plans provide, as the face writes it: compared with the catalogues, explained, version by version.

Nothing here may stop a step of a procedure: a case goes on with no provision recorded at all, because nothing that plays it looks here.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import date
from types import MappingProxyType
from typing import Any

from graphql_api import inputs, register
from graphql_api.context import Context, Reading
from graphql_api.types import provided, results
from graphql_api.types import standards as shown
from graphql_api.types.case import case_key
from graphql_api.types.provision import provision_of
from policies import enforcer
from policies.actions import Act, Object
from statute.types import Fault
from store import cases, local_provision, plan_provision, turns
from tenants.provision import Departure, Gap, Item, Need, compare
from tenants.standards import MOST_MINUTES, Amount, Catalogue, Every, Phase, Provider, Section, Tier
from workflows import standards as shelf

# Where a plan is being drafted or its amendments are: process -> stages. The definitions name the stages, and a test holds them to it.
DRAFTING = MappingProxyType(
    {
        "annual_review": frozenset({"deciding", "amending"}),
        "ehc_plan": frozenset({"assessing", "with_family"}),
        "phase_transfer": frozenset({"ahead", "amending"}),
        "plan_amendment": frozenset({"proposing", "amending"}),
    }
)
NO_VERSION = "No provision was proposed in this case yet: give 0 as expectedVersion."
NO_DRAFT = "There is no draft to be published."
MOVED_ON = "Somebody else wrote since. Look at it again: nothing is lost."
LONGEST_WHAT = 200
MOST_NEEDS, MOST_ITEMS, MOST_MISSING = 40, 200, 200


@dataclass(frozen=True, slots=True)
class GivenItem:
    """One line as it was given; enumerations by the names of their members."""

    section: str
    need: str
    what: str
    details: str
    tier: str
    provided_by: str
    how_often: tuple[int, str] | None
    because: str | None


@dataclass(frozen=True, slots=True)
class Given:
    """A whole proposal as it was given."""

    phase: str
    needs: list[tuple[str, str]]
    items: list[GivenItem]
    missing: list[tuple[str, str]]


async def step(
    context: Context, reading: Reading, expected: int, new: local_provision.Step, last: local_provision.Step | None
) -> provided.LocalProvisionOutcome:
    """Add a step to what the council offers, if the one that the caller saw is still the latest."""
    session = reading.session
    known, replayed = await local_provision.find(session, new.id), False
    if known is not None:
        if replace(known, written_at=new.written_at) != new:
            return results.invalid(register.KEY_USED)
        replayed = True
    elif expected < 0 or (last.step if last else 0) != expected or not await local_provision.write(session, new):
        now = await local_provision.last(session)
        holds = await local_provision.in_force(session, reading.standing.today)
        return provided.LocalProvisionConflict(say=MOVED_ON, local_provision=shown.shown_of(context, now, holds))
    holds = await local_provision.in_force(session, reading.standing.today)
    return provided.LocalProvisionRecorded(local_provision=shown.shown_of(context, last if replayed else new, holds), replayed=replayed)


async def propose(context: Context, key: str, case_id: str, expected: int, given: Given) -> provided.ProvisionOutcome:
    """Compare it with what is looked at today, and record it with every departure and its reason; or say what is missing."""
    fault, case = inputs.faulty_key(key), case_key(case_id)
    if fault is not None:
        return results.invalid(fault)
    if case is None:
        return results.NotFound(say=results.NOT_FOUND)
    context.case_id = str(case)
    async with register.writing(context) as reading:
        session, standing = reading.session, reading.standing
        facts = await enforcer.facts_of(session, standing.actor, case, standing.today)
        file = await cases.read_case(session, case) if facts is not None else None
        if facts is None or file is None:
            return results.NotFound(say=results.NOT_FOUND)
        for obj, act in ((Object.CASE, Act.AS_LOCAL_AUTHORITY), (Object.PROVISION, Act.READ)):
            may = enforcer.decide(standing.actor, obj, act, facts)
            if not may.allowed:
                return results.Denied(reason=may.reason)
        await turns.take(session, f"provision/{case}")
        row, print_ = register.row_id(reading, "provision", key), inputs.fingerprint("proposeProvision", [str(case), asdict(given)])
        known = await plan_provision.find(session, row)
        if known is not None:
            if (known.fingerprint, known.version) != (print_, expected + 1):
                return results.invalid(register.KEY_USED)
            return provided.ProvisionProposed(provision=provision_of(context, known), replayed=True)
        if file.closed_on is not None or file.stage not in DRAFTING.get(file.process, ()):
            return results.Refused(say="No plan is being drafted in this case now, so there is no provision to propose.", citations=[])
        catalogues = await looked_at(reading, standing.today)
        faults: list[Fault] = []
        items = _items(faults, given)
        departures = [] if faults else _departures(faults, given, items, catalogues)
        if faults:
            return results.invalid(*faults)
        new = plan_provision.Proposed(
            case,
            expected + 1,
            row,
            standing.today,
            Phase[given.phase].value,
            [{"need": need, "tier": Tier[tier].value} for need, tier in given.needs],
            items,
            departures,
            [{"name": one.name, "version": one.version, "title": one.title, "digest": one.digest} for one in catalogues],
            print_,
            standing.person.id,
            standing.now,
        )
        before = await plan_provision.versions(session, case, standing.where(Object.PROVISION, Act.READ), limit=1)
        if (before[0].version if before else 0) != expected or not await plan_provision.write(session, new):
            before = await plan_provision.versions(session, case, standing.where(Object.PROVISION, Act.READ), limit=1)
            if not before:
                return results.NotFound(say=NO_VERSION)
            return provided.ProvisionConflict(say=MOVED_ON, provision=provision_of(context, before[0]))
    return provided.ProvisionProposed(provision=provision_of(context, new), replayed=False)


async def looked_at(reading: Reading, on: date) -> list[Catalogue]:
    """The catalogues with which plans are compared on a day: the national example, and what the council published."""
    local = shown.read_step(await local_provision.in_force(reading.session, on))
    return [one for one in (shelf.in_force(on), local) if one is not None]


def _items(faults: list[Fault], given: Given) -> list[dict[str, Any]]:
    """The lines as they are kept; what is wrong with them, and with the list of needs, is added to the faults."""
    stated = {need for need, _ in given.needs}
    for path, listed, most in (("needs", given.needs, MOST_NEEDS), ("items", given.items, MOST_ITEMS)):
        if not 0 < len(listed) <= most:
            faults.append(Fault(path, "names none, or too many", "a plan says what is provided for which need", f"give 1 to {most}"))
    if len(given.missing) > MOST_MISSING:
        faults.append(Fault("missing", "names too many", "each is a standard that is not met", f"give at most {MOST_MISSING}"))
    kept = []
    for n, one in enumerate(given.items[:MOST_ITEMS]):
        path = f"items.{n}"
        if one.need not in stated:
            faults.append(
                Fault(f"{path}.need", "is not among the needs", "provision is for a need of the plan", "add the need, or correct it")
            )
        if one.how_often is not None and not 0 < one.how_often[0] <= MOST_MINUTES:
            faults.append(Fault(f"{path}.howOften.minutes", "is none, or too many", "minutes are compared", f"give 1 to {MOST_MINUTES}"))
        often = {"minutes": one.how_often[0], "every": Every[one.how_often[1]].value} if one.how_often else None
        kept.append(
            {
                "section": one.section,
                "need": one.need,
                "what": register.prose_of(faults, f"{path}.what", one.what, LONGEST_WHAT),
                "details": register.prose_of(faults, f"{path}.details", one.details, empty=True),
                "tier": Tier[one.tier].value,
                "provided_by": Provider[one.provided_by].value,
                "how_often": often,
            }
        )
    return kept


def _departures(faults: list[Fault], given: Given, items: list[dict[str, Any]], catalogues: list[Catalogue]) -> list[dict[str, Any]]:
    """Each departure with its reason. One without is a fault that says what was expected by which version; so is a reason for none."""
    found = compare([Need(need, Tier[tier]) for need, tier in given.needs], Phase[given.phase], [_item(one) for one in items], *catalogues)
    titles = {one.name: f"{one.title}, version {one.version}" for one in catalogues}
    reasons: dict[str, tuple[int, str]] = {}
    for n, (name, said) in enumerate(given.missing):
        if name in reasons:
            faults.append(Fault(f"missing.{n}.standard", "is named twice", "one reason is kept", "name it once"))
        reasons[name] = (n, register.prose_of(faults, f"missing.{n}.departsBecause", said))
    kept = []
    for one in found:
        because = _because(faults, given, reasons, one)
        if because is None:
            faults.append(_unexplained(one, titles[one.catalogue]))
            continue
        kept.append(
            {
                "gap": one.gap.value,
                "catalogue": one.catalogue,
                "version": one.version,
                "standard": one.standard.name,
                "expected": one.standard.expected,
                "item": one.item,
                "because": because,
            }
        )
    missing = {one.name for one in found if one.gap is Gap.MISSING}
    near = {one.item for one in found}
    why, do = "a reason is for a departure, and more than a standard is none", "leave it out"
    faults += [Fault(f"missing.{n}.standard", "is not missing", why, do) for name, (n, _) in reasons.items() if name not in missing]
    faults += [
        Fault(f"items.{n}.departsBecause", "explains no departure", why, do)
        for n, item in enumerate(given.items)
        if item.because is not None and n not in near
    ]
    return kept


def _because(faults: list[Fault], given: Given, reasons: dict[str, tuple[int, str]], one: Departure) -> str | None:
    """The reason that was given for a departure; nothing where none was."""
    if one.item is None:
        return reasons[one.name][1] if one.name in reasons else None
    because = given.items[one.item].because
    return None if because is None else register.prose_of(faults, f"items.{one.item}.departsBecause", because)


def _unexplained(one: Departure, title: str) -> Fault:
    path = "missing" if one.item is None else f"items.{one.item}.departsBecause"
    says = {Gap.MISSING: "has nothing of", Gap.BELOW: "is below", Gap.OTHER: "is other than"}[one.gap]
    by = f"by {' or '.join(who.value.replace('_', ' ') for who in one.standard.by)}, {one.standard.tier}, section {one.standard.section}"
    what = f"{says} {one.name}: {one.standard.expected}; {by}"
    do = f"provide it, or say why not: {{standard: {one.name}, departsBecause}}" if one.item is None else "provide it, or say why not"
    return Fault(path, what, f"{title} expects it. It is not law, and a departure needs no more than a reason", do)


def _item(kept: dict[str, Any]) -> Item:
    often = kept["how_often"]
    amount = Amount(often["minutes"], Every(often["every"])) if often else None
    return Item(Section(kept["section"]), kept["need"], kept["what"], Tier(kept["tier"]), Provider(kept["provided_by"]), amount)
