"""Whether a council may choose pilots on a day: `choice(pilots, council, day)` gives every reason against it, with the law that it would leave.

What a pilot may do to a process is `statute.pilot_guard`; this is who may use it, and when. Nothing here looks at a child.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date

from statute.definition import FactType, Process
from statute.pilot import Pilot
from statute.pilot_guard import clashes
from statute.tenant_overlay import Violation
from statute.types import Citation, Event, Force


@dataclass(frozen=True, slots=True)
class Council:
    """What is asked of a council: the groups it belongs to (change_programme), the pilots in which the national pilot authority enrolled it,
    and whether the family agreed, where a pilot asks for that.
    """

    groups: Collection[str] = ()
    enrolled: Collection[str] = ()
    consented: bool = False


def began(process: Process, opening: Event) -> date:
    """The day whose pilots a case is under: that of its opening, or an earlier one told with it from which a limit of the law counts.

    So that nothing which is switched on today touches a case whose letter was sent, or whose request was received, before.
    """
    counted = {name for deadline in process.deadlines.values() if deadline.force is Force.MUST for _, name in deadline.spans}
    told = [opening.on]
    for name in counted & opening.facts.keys() & process.facts.keys():
        if process.facts[name].type is FactType.DATE:
            with suppress(ValueError):  # what is no day is refused when the case is opened
                told.append(date.fromisoformat(str(opening.facts[name])))
    return min(told)


def choice(pilots: Sequence[Pilot], council: Council, day: date) -> list[Violation]:
    """Why these pilots may not be chosen for a case that opens on a day; empty: they may."""
    found = clashes(pilots)
    for pilot in pilots:
        path = f"flags.{pilot.flag}"
        if pilot.status != "published":
            found.append(_against(path, pilot, "is a draft", "nobody runs under what is not settled", "wait until it is published"))
        if not pilot.holds(day):
            dates = f"from {pilot.since:%-d %B %Y}" + (f" to {pilot.until:%-d %B %Y}" if pilot.until else "")
            found.append(
                _against(
                    path,
                    pilot,
                    f"does not hold on {day:%-d %B %Y}, only {dates}",
                    "outside its dates the law alone holds",
                    "choose the law as it is",
                )
            )
        if pilot.eligible != "any" and pilot.eligible not in council.groups:
            what = f"is for the councils of the {pilot.eligible.replace('_', ' ')}"
            found.append(_against(path, pilot, what, "its basis reaches no further", "choose the law as it is"))
        if pilot.beyond and pilot.name not in council.enrolled:
            what = "goes beyond the law in force, and the national pilot authority has not enrolled this council"
            found.append(_against(path, pilot, what, "no council leaves the law by itself", "ask to be enrolled", pilot.departs_from))
        if pilot.consent == "family" and not council.consented:
            what = "asks for the family's consent, which it did not give"
            found.append(
                _against(
                    path, pilot, what, "without it the law alone holds", "ask the family, or choose the law as it is", pilot.departs_from
                )
            )
    return found


def _against(path: str, pilot: Pilot, what: str, why: str, do: str, cites: tuple[Citation, ...] = ()) -> Violation:
    cites = cites or pilot.basis.cites
    return Violation(path, f"{pilot.title} {what}", f"{why}: {', '.join(map(str, cites))}", do, cites)
