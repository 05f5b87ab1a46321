"""`recordTerms`: when a school or college is open. Limits in school days that begin from now on are counted on it; a date once given stays."""

from __future__ import annotations

from datetime import date

import strawberry

from graphql_api import inputs, register
from graphql_api.context import Context
from graphql_api.types import registered, results
from graphql_api.types.people import setting_of
from policies import enforcer
from policies.actions import Act, Object
from statute.days import LONGEST_TERM
from statute.types import Fault
from store import people
from store.terms import Term, record_terms, terms_of

MOST_TERMS = 40


@strawberry.input(description="A term: from its first to its last day, less the days on which the setting is closed.")
class TermInput:
    first: date = strawberry.field(description="Its first day.")
    last: date = strawberry.field(description="Its last day, included.")
    closed: list[date] = strawberry.field(default_factory=list, description="The days in it on which the setting is closed.")


@strawberry.input(description="Terms of a setting. Those that begin on the same days are replaced; others stay.")
class RecordTermsInput:
    key: strawberry.ID = strawberry.field(description=inputs.KEY)
    setting_id: strawberry.ID = strawberry.field(description="The school or college.")
    terms: list[TermInput] = strawberry.field(description="Its terms.")


async def record(context: Context, given: RecordTermsInput) -> registered.RecordedTerms:
    """Record them, all or none. A case keeps the days that it was counted with."""
    fault = inputs.faulty_key(given.key)
    if fault is not None:
        return results.invalid(fault)
    async with register.writing(context) as reading:
        standing, key = reading.standing, register.key_in("Setting", given.setting_id)
        facts = await register.stands_to_setting(reading, key)
        if facts is None or key is None:
            return results.NotFound(say=register.NO_SETTING)
        may = enforcer.decide(standing.actor, Object.SETTING, Act.RECORD_TERMS, facts)
        if not may.allowed:
            return results.Denied(reason=may.reason)
        found = await people.read_setting(reading.session, key, hold=True)  # two who record at once do so one after the other
        if found is None:
            return results.NotFound(say=register.NO_SETTING)
        known = await terms_of(reading.session, key)
        terms = [Term(one.first, one.last, tuple(sorted(set(one.closed)))) for one in given.terms]
        faults = _faults(terms) or _overlaps(terms, known)
        if faults:
            return results.invalid(*faults)
        same = set(terms) <= set(known)
        if not same:
            await record_terms(reading.session, key, terms)
    return registered.TermsRecorded(setting=setting_of(context, found), replayed=same)


def _faults(terms: list[Term]) -> list[Fault]:
    """What is wrong with each term by itself."""
    if not 0 < len(terms) <= MOST_TERMS:
        return [Fault("terms", "names none, or too many", "all are recorded at once, or none", f"give 1 to {MOST_TERMS}")]
    found = []
    for n, term in enumerate(terms):
        if term.last < term.first:
            found.append(Fault(f"terms.{n}.last", "lies before its first day", "a term has at least one day", "correct one of the two"))
        elif term.last - term.first > LONGEST_TERM:
            why = "school days are counted in it"
            found.append(
                Fault(f"terms.{n}.last", f"lies more than {LONGEST_TERM.days} days after its first day", why, "give shorter terms")
            )
        outside = [day for day in term.closed if not term.first <= day <= term.last]
        if outside:
            why, do = "outside terms no day is a school day", "leave them out"
            days = ", ".join(map(str, outside[:3]))
            found.append(Fault(f"terms.{n}.closed", f"has days outside the term, as {days}", why, do))
    return found


def _overlaps(terms: list[Term], known: tuple[Term, ...]) -> list[Fault]:
    """Which terms overlap with one another, or with one that stays."""
    found, firsts = [], {term.first for term in terms}
    stays = [term for term in known if term.first not in firsts]
    for n, term in enumerate(terms):
        other = next((one for one in terms[:n] if _meet(one, term)), None)
        kept = next((one for one in stays if _meet(one, term)), None)
        why = "a day is in one term"
        if other is not None:
            found.append(Fault(f"terms.{n}", f"overlaps with the one that begins on {other.first}", why, "correct one of the two"))
        elif kept is not None:
            do = "give that term as well, as it is to be"
            found.append(Fault(f"terms.{n}", f"overlaps with the one recorded from {kept.first} to {kept.last}", why, do))
    return found


def _meet(one: Term, other: Term) -> bool:
    return one.first <= other.last and other.first <= one.last
