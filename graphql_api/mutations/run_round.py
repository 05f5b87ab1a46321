"""`runRound`: a round of places for the children of one phase and entry at once. First it shows what would be; then it is confirmed.

It never makes anybody wait: whose date in law comes first is offered a place alone (`offerPlace`), before the round and without it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec
import strawberry

from graphql_api import inputs, placing, register
from graphql_api.acting import Asked
from graphql_api.context import Context, Reading
from graphql_api.loaders import ready
from graphql_api.types import placed, results
from graphql_api.types.places import Phase
from policies.actions import Act, Object
from statute import placing as core
from statute.offering import Offer
from statute.rounds import Applicant, Claim, Criteria, Round, run
from statute.types import Fault, Kind, State
from store import cases, inclusion, places
from store.tables import case_file
from workflows import library

MOST_REASONS = 10
MOST_CLAIMS = 2000
MOST_CHILDREN = 2000


@strawberry.input(description="A named reason of one child for one setting, as brother or sister there.")
class ClaimInput:
    case_id: strawberry.ID = strawberry.field(description=inputs.CASE)
    setting_id: strawberry.ID = strawberry.field(description="For which setting.")
    reason: str = strawberry.field(description="One of the reasons that the round declares.")


@strawberry.input(description="A round to be shown, or confirmed.")
class RunRoundInput:
    key: strawberry.ID = strawberry.field(description=inputs.KEY)
    name: str = strawberry.field(description="Its name, declared before and used once: it seeds the draw between equals.")
    phase: Phase = strawberry.field(description="For which phase.")
    entry: int = strawberry.field(description="For the places of those who begin in the September of that year.")
    reasons: list[str] = strawberry.field(
        default_factory=list, description="The named reasons, the strongest first; then distance, then a draw."
    )
    claims: list[ClaimInput] = strawberry.field(default_factory=list, description="Which child has which reason.")
    days: int = strawberry.field(default=placing.USUAL_DAYS, description="For how many days places are kept.")
    dry_run: bool = strawberry.field(default=True, description="Only show what would be.")
    expected_digest: str | None = strawberry.field(default=None, description="To confirm: the digest that was shown; stale: RoundMoved.")


@dataclass(frozen=True)
class Cohort:
    """Who is in a round, as of a moment."""

    files: Mapping[UUID, cases.CaseFile]
    states: Mapping[UUID, State]
    orders: Mapping[UUID, places.Order]
    applicants: list[Applicant]
    left_out: int

    def rooms(self, phase: core.Phase, entry: int) -> list[inclusion.Room]:
        """Every room that somebody wants."""
        wanted = sorted({one for order in self.orders.values() for one in order.settings})
        return [inclusion.Room(one, phase, entry) for one in wanted]


async def run_round(context: Context, given: RunRoundInput) -> placed.RanRound:
    """Show it, or keep its places and record each offer on its case."""
    fault = inputs.faulty_key(given.key)
    if fault is not None:
        return results.invalid(fault)
    async with register.writing(context) as reading:
        may = reading.standing.may(Object.TENANT, Act.RUN_ROUND)
        if not may.allowed:
            return results.Denied(reason=may.reason)
        faults = _faults(given)
        if faults:
            return results.invalid(*faults)
        done = await _in_transaction(context, reading, given)
        if not isinstance(done, placed.RoundShown) or not done.round.confirmed:
            return done
        stood = await _cohort(reading, given, confirmed=True)
    acts = _acts(given, stood, done)
    if (no := await placing.record(context, acts)) is not None:
        return no
    return done


async def _in_transaction(
    context: Context, reading: Reading, given: RunRoundInput
) -> placed.RoundShown | placed.RoundMoved | results.Invalid:
    session, standing = reading.session, reading.standing
    phase, key = core.Phase[given.phase.name], register.row_id(reading, "round", given.key)
    known = await places.read_round(session, given.name)
    if known is not None:
        if known.id != key or given.dry_run:
            why = "its name seeds the draw, so that nobody can try again until it suits"
            return results.invalid(Fault("name", "is the name of another round", why, "give a new name"))
        return placed.RoundShown(
            round=_shown(context, given, known.content["round"], known.digest, known.content["left_out"]), replayed=True
        )
    cohort = await _cohort(reading, given)
    rooms = cohort.rooms(phase, given.entry)
    slots: dict[inclusion.Room, list[int]] = {}
    if given.dry_run:
        found = await inclusion.capacities(session, rooms, phase, given.entry, standing.now)
        free = {str(setting): one.free for setting, one in found.items()}
    else:
        await places.hold_case(session, *cohort.files)
        cohort = await _cohort(reading, given)  # what was given while we waited counts
        slots = await places.hold_rooms(session, cohort.rooms(phase, given.entry), list(cohort.files), standing.now)
        free = {str(room.setting_id): len(empty) for room, empty in slots.items()}
    outcome = run(cohort.applicants, free, Criteria(given.name, tuple(given.reasons)), standing.today)
    content = inclusion.plain(outcome)
    digest = inclusion.digest_of([content, given.name, given.reasons])
    shown = _shown(context, given, content, digest, cohort.left_out)
    if given.dry_run:
        return placed.RoundShown(round=shown, replayed=False)
    if digest != given.expected_digest:
        return placed.RoundMoved(say="What would be is not what was shown any more. Look at it, and confirm it as it is now.", round=shown)
    kept = places.KeptRound(key, given.name, phase.value, given.entry, {"round": content, "left_out": cohort.left_out}, digest)
    await places.keep_round(session, kept, standing.actor.person_id, standing.now)
    await _keep(reading, given, cohort, outcome, slots, key)
    return placed.RoundShown(round=shown, replayed=False)


async def _keep(
    reading: Reading, given: RunRoundInput, cohort: Cohort, outcome: Round, slots: dict[inclusion.Room, list[int]], round_id: UUID
) -> None:
    """Write every offer of the round, and the place that each keeps."""
    session, standing, phase = reading.session, reading.standing, core.Phase[given.phase.name]
    for one in outcome.placed:
        case_id = UUID(one.case)
        state = cohort.states[case_id]
        until = placing.kept_until(library.of(state), state, standing.today, given.days)
        asked = places.Asked(case_id, f"round:{round_id}", phase, given.entry, standing.actor.person_id, until)
        slot = slots[inclusion.Room(UUID(one.setting), phase, given.entry)].pop(0) if one.setting else None
        version = cohort.orders[case_id].version
        await places.keep_offer(session, asked, version, Offer(one.setting, one.answers), slot, standing.now, round_id)


async def _cohort(reading: Reading, given: RunRoundInput, *, confirmed: bool = False) -> Cohort:
    """The open cases of the ranked pilot whose newest list is for this phase and entry, in which the caller may act for the council.

    In a fixed number of statements. Who has a place already is left out, but for looking at what was confirmed.
    """
    session, standing, phase = reading.session, reading.standing, core.Phase[given.phase.name]
    lists = await inclusion.newest_lists(session, phase, given.entry)
    where = standing.where(Object.CASE, Act.AS_LOCAL_AUTHORITY) & case_file.c.id.in_(lists)
    rows = await cases.list_cases(session, where, limit=MOST_CHILDREN, narrowed=cases.Narrowed(is_open=True))
    await ready(session, rows)
    states = {row.id: msgspec.convert(row.state, State) for row in rows}
    ranked = [one for one, state in states.items() if placing.mode_of(state) == placing.RANKED]
    orders = await places.orders_of(session, ranked)
    has = set() if confirmed else await places.placed_among(session, ranked, standing.now)
    grounds = await places.grounds_of(session, ranked)
    inside = [one for one in ranked if one in orders and orders[one].settings and one not in has]
    named = {(register.key_in("Case", one.case_id), register.key_in("Setting", one.setting_id)): one.reason for one in given.claims}
    applicants = []
    for one in inside:
        due, ends = placing.dates_of(library.of(states[one]), states[one])
        far = {entry["setting"]: entry["metres"] for entry in lists[one].content["entries"]}
        order = orders[one].settings
        claims = {str(setting): Claim(named.get((one, setting), ""), far.get(str(setting))) for setting in order}
        applicants.append(Applicant(str(one), tuple(map(str, order)), due, ends, claims, grounds.get(one, {})))
    files = {row.id: row for row in rows if row.id in inside}
    return Cohort(files, states, orders, applicants, len(lists) - len(inside))


def _acts(given: RunRoundInput, cohort: Cohort, done: placed.RoundShown) -> list[Asked]:
    """What is recorded on the cases to which a place is offered, where their process knows it."""
    acts = []
    for one in done.round.placed:
        case_id = register.key_in("Case", one.case_id)
        if (
            case_id is not None
            and case_id in cohort.states
            and one.key is not None
            and "place_offered" in library.of(cohort.states[case_id]).acts
        ):
            key = placing.key_for(given.key, str(case_id))
            acts.append(placing.asked("runRound", key, case_id, Kind.HAPPENED, "place_offered", one.key))
    return acts


def _shown(context: Context, given: RunRoundInput, content: Mapping[str, Any], digest: str, left_out: int) -> Any:
    return placed.round_of(context, given.name, content, digest, confirmed=not given.dry_run, left_out=left_out)


def _faults(given: RunRoundInput) -> list[Fault]:
    faults: list[Fault] = []
    register.text_of(faults, "name", given.name)
    if len(given.reasons) > MOST_REASONS or len(set(given.reasons)) != len(given.reasons):
        faults.append(Fault("reasons", "names too many, or one twice", "they are an order", f"give up to {MOST_REASONS}, each once"))
    if len(given.claims) > MOST_CLAIMS:
        faults.append(Fault("claims", "names too many", "a round is for one entry", f"give up to {MOST_CLAIMS}"))
    strange = {one.reason for one in given.claims} - set(given.reasons)
    if strange:
        faults.append(
            Fault("claims", "has a reason that is not declared", "criteria are declared before the round", "declare it in `reasons`")
        )
    if not 1 <= given.days <= placing.MOST_DAYS:
        faults.append(Fault("days", "is out of bounds", "a place is kept for a while", f"give 1 to {placing.MOST_DAYS}"))
    if not given.dry_run and not given.expected_digest:
        faults.append(Fault("expectedDigest", "is missing", "what is confirmed is what was shown", "run it dry first and give its digest"))
    return faults
