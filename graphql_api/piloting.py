"""What the mutations on flags and pilots share: who may, reasons in words, one act a key, and what stands against a setting."""

from __future__ import annotations

from datetime import date
from uuid import UUID, uuid5

import strawberry

from graphql_api import inputs
from graphql_api.context import Reading
from graphql_api.register import KEY_USED, key_in
from graphql_api.types import results
from graphql_api.types.law import citations
from policies.actions import Act, Object
from statute.pilot import Pilot
from statute.revise import PILOT
from statute.tenant_overlay import Relaxation
from statute.types import Fault, Faulty
from store import configurations, flags, pilots
from store.evaluated import groups_of
from tenants.flags import KNOWN, LEAST_IN_COHORT, Cohort, faults_of
from workflows import library

NO_SETTING = "There is no such setting of a flag here, or none that you may see."
NO_PILOT = "There is no such pilot."
LONGEST_REASON = 1000
SHORTEST_REASON = 10


@strawberry.input(
    description="A group of cases, never a child. All that is given has to hold; nothing given: every case that the pilot changes."
)
class CohortInput:
    processes: list[str] = strawberry.field(
        default_factory=list, description="Cases of these processes; none: of all that the pilot changes."
    )
    phases: list[str] = strawberry.field(default_factory=list, description="early_years, primary, secondary, post_16; none: all.")
    born_from: int | None = strawberry.field(
        default=None, description="Born in this academic year or later: 2015 is September 2015 to August 2016."
    )
    born_to: int | None = strawberry.field(default=None, description="Born in this academic year or earlier.")
    percent: int = strawberry.field(default=100, description="A stable share of the children, by chance.")

    def plain(self) -> Cohort:
        """As the flags take it."""
        return Cohort(tuple(self.processes), tuple(self.phases), self.born_from, self.born_to, self.percent)


def denied(reading: Reading, obj: Object, act: Act) -> results.Denied | None:
    """Why this person may not; nothing where they may."""
    may = reading.standing.may(obj, act)
    return None if may.allowed else results.Denied(reason=may.reason)


def event_id(reading: Reading, mutation: str, key: str) -> UUID:
    """The id of what a request does: the same for the same person and key, so that a repetition finds it."""
    return uuid5(reading.standing.actor.person_id, f"{mutation}:{key}")


def reason_of(faults: list[Fault], path: str, given: str) -> str:
    """A reason as it is kept: others will have to understand it years later."""
    text = " ".join(given.split())
    if not SHORTEST_REASON <= len(text) <= LONGEST_REASON or any(ord(one) < 32 or 127 <= ord(one) < 160 for one in text):
        why = "families and auditors read it, years later"
        faults.append(Fault(path, "is too short, too long or not text", why, f"give {SHORTEST_REASON} to {LONGEST_REASON} characters"))
    return text


async def seen_before(reading: Reading, event: UUID, print_: str) -> flags.Done | results.Invalid | None:
    """What was done under this key; Invalid where it was something else."""
    known = await flags.noted(reading.session, event)
    if known is None:
        return None
    return known if known.detail.get("asked") == print_ else results.invalid(KEY_USED)


def done(
    reading: Reading, event: UUID, what: str, name: str, why: str, asked: str, flag_id: UUID | None = None, **detail: str
) -> flags.Done:
    """An entry of the history."""
    standing = reading.standing
    return flags.Done(standing.now, standing.actor.person_id, what, name, why, flag_id, {"asked": asked, **detail}, event)


def setting_key(given: str) -> UUID | None:
    """The key of a setting of a flag."""
    return key_in("FlagSetting", given)


def pilot_named(name: str) -> Pilot | None:
    """A pilot on the shelf."""
    return next((one for one in library.offered() if one.name == name), None)


def pilot_of(flag: str, variant: str) -> Pilot | None:
    """The pilot that a variant stands for."""
    return next((one for one in library.offered() if (one.flag, one.variant) == (flag, variant)), None)


def chosen(faults: list[Fault], name: str, variant: str) -> Pilot | None:
    """The pilot of a flag and a variant as they were asked for."""
    known = KNOWN.get(name)
    if known is None:
        faults.append(Fault("name", "is no flag", "only what stands for a pilot on the shelf can be chosen", f"use {', '.join(KNOWN)}"))
        return None
    if variant == known.default:
        do = "withdraw the setting that is in force, or give it a last day"
        faults.append(Fault("variant", "is the law as it is", "it holds wherever nothing is set", do))
        return None
    pilot = pilot_of(name, variant)
    if pilot is None:
        choices = ", ".join(one for one in known.variants if one != known.default)
        faults.append(Fault("variant", "is no choice of this flag", "it stands for no pilot on the shelf", f"use {choices}"))
    return pilot


def dated(faults: list[Fault], pilot: Pilot, starts_on: date, ends_on: date | None, today: date) -> None:
    """What is wrong with the days: a flag never reaches back, nor beyond its pilot."""
    if starts_on < today:
        faults.append(Fault("startsOn", "has passed", "no case is put under other rules afterwards", "begin today or later"))
    if ends_on is not None and ends_on < starts_on:
        faults.append(Fault("endsOn", "lies before the first day", "a setting has at least one day", "correct one of the two"))
    if not pilot.holds(starts_on) or (pilot.until is not None and (ends_on is None or ends_on > pilot.until)):
        until = f" to {pilot.until:%-d %B %Y}" if pilot.until else ""
        what = "reaches beyond the pilot"
        faults.append(Fault("startsOn", what, f"{pilot.title} is in force from {pilot.since:%-d %B %Y}{until}", "choose days within"))


async def cohort_faults(reading: Reading, cohort: Cohort, pilot: Pilot) -> list[Fault]:
    """What is wrong with a cohort; among the rest, that hardly any child was born in its years: that would be a flag for a child."""
    faults = faults_of(cohort, frozenset(pilot.parts))
    if not faults and (cohort.born_from is not None or cohort.born_to is not None):
        many = await pilots.born_between(reading.session, cohort.born_from, cohort.born_to)
        if many < LEAST_IN_COHORT:
            what = f"takes in fewer than {LEAST_IN_COHORT} of the children whom the council knows"
            faults.append(Fault("cohort", what, "a flag is set for a group and never for a child", "widen the years"))
    return faults


async def against(reading: Reading, setting: flags.Flag, pilot: Pilot) -> results.Refused | None:
    """Why a setting may not be approved as things stand: the law's reasons first."""
    today = reading.standing.today
    day = max(today, setting.starts_on)
    if setting.ends_on is not None and setting.ends_on < today:
        return results.Refused(say="Its last day has passed: propose it anew with other days.", citations=[])
    if pilot.status != "published":
        return results.Refused(say=f"{pilot.title} is a draft, and nobody runs under what is not settled.", citations=[])
    if pilot.eligible != "any" and pilot.eligible not in groups_of(reading.standing.tenant):
        say = f"{pilot.title} is for the councils of the {pilot.eligible.replace('_', ' ')}."
        return results.Refused(say=say, citations=citations(pilot.basis.cites))
    if pilot.beyond:
        enrolled = (await pilots.enrolments(reading.session, hold=True)).get(pilot.name)
        if enrolled is None or not enrolled.holds(day):
            say = f"{pilot.title} goes beyond the law in force, and the national pilot authority has not enrolled this council for {day:%-d %B %Y}."
            return results.Refused(say=say, citations=citations(pilot.departs_from))
    other = await flags.beside(reading.session, setting)
    if other is not None:
        until = f"{other.ends_on:%-d %B %Y}" if other.ends_on else "further notice"
        say = f"{other.variant} is approved from {other.starts_on:%-d %B %Y} to {until}: with two at once nobody could say which holds. Withdraw it, or choose other days."
        return results.Refused(say=say, citations=[])
    return await _unfit(reading, pilot, day)


async def _unfit(reading: Reading, pilot: Pilot, day: date) -> results.Refused | None:
    """Whether the council's own rules can be laid upon the pilot: a case must be able to open under both."""
    for name in sorted(pilot.parts):
        try:
            process = library.in_force(name, day)
        except library.Unknown:
            continue
        own = await configurations.in_force(reading.session, name)
        library.learn(own)
        try:
            library.under(process.name, process.version, (), (f"{PILOT}{pilot.name}", *own))
        except (Relaxation, Faulty) as wrong:
            say = f"The council's own rules for {process.title} do not go together with {pilot.title}: {str(wrong)[:300]}"
            return results.Refused(say=say, citations=citations(pilot.basis.cites))
    return None


def fingerprint(mutation: str, *asked: object) -> str:
    """What was asked for, without its key."""
    return inputs.fingerprint(mutation, list(asked))
