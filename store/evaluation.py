"""How a pilot went: its cases beside those that opened under the law alone, in the same council, processes and time.

Who is in which group is what the opening in the journal says, also for a case that was returned since: leaving is one of the outcomes of a
pilot, and those who left are still its cases. Small numbers are hidden (`store/suppression.py`), so that no figure is about a child.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Text, bindparam, text
from sqlalchemy.ext.asyncio import AsyncSession

from store.suppression import EVERYTHING, Atoms, hidden

PILOT, STANDARD = "pilot", "standard"
GROUPS = (PILOT, STANDARD)
LEAST_FOR_MEDIAN = 10  # cases: the median of fewer may be one child's

# what is counted in each process, besides where its cases stand; columns in the order in which they are shown
TABLES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "ehc_plan": {
        "decided": ("not_yet", "within_6_weeks", "later"),
        "planned": ("not_yet", "within_20_weeks", "later"),
        "appealed": ("no", "yes"),
    },
    "mediation_and_appeal": {"mediated": ("not_held", "held", "agreed"), "council_stayed_away": ("no", "yes")},
}
MEDIANS: Mapping[str, tuple[str, ...]] = {"ehc_plan": ("decision", "plan", "end")}

_CASES = """
with piloted as (
    select c.tenant, c.id, c.opened_on, c.closed_on, c.stage, c.state,
           case when j.event -> 'flags' ->> :flag = :variant then 'pilot'
                when coalesce(j.event -> 'flags' ->> :flag, :law) = :law then 'standard' end as grp,
           coalesce((c.state -> 'facts' ->> 'received_on')::date, c.opened_on) as began
      from waymark.case_file c
      join waymark.journal j on j.tenant = c.tenant and j.case_id = c.id and j.seq = 1
     where c.process = :process
), period as (
    select min(opened_on) as first, max(opened_on) as last from piloted where grp = 'pilot'
), measured as (
    select grp, opened_on, case when closed_on is null then 'open' else stage end as outcome,
           least((state -> 'happened' ->> 'assessment_agreed')::date, (state -> 'happened' ->> 'assessment_refused')::date) - began as decision,
           (state -> 'happened' ->> 'final_plan')::date - began as plan,
           closed_on - began as ended,
           case when state -> 'happened' ? 'appeal_lodged' then 'yes' else 'no' end as appealed,
           case when exists (select from jsonb_object_keys(coalesce(state -> 'happened', '{}')) as act where act like 'agreed\\_%') then 'agreed'
                when state -> 'happened' ? 'mediation_held' then 'held' else 'not_held' end as mediated,
           case when exists (select from waymark.journal j where j.tenant = p.tenant and j.case_id = p.id and j.name = 'meeting_missed'
                                and j.event -> 'facts' ->> 'stayed_away' = 'council') then 'yes' else 'no' end as council_stayed_away
      from piloted p, period
     where grp is not null and opened_on between period.first and period.last
)
"""
_GIVEN = [bindparam(name, type_=Text()) for name in ("process", "flag", "variant", "law")]
_COUNTS = text(
    _CASES
    + """
select grp, outcome,
       case when decision is null then 'not_yet' when decision <= 42 then 'within_6_weeks' else 'later' end as decided,
       case when plan is null then 'not_yet' when plan <= 140 then 'within_20_weeks' else 'later' end as planned,
       appealed, mediated, council_stayed_away, count(*) as many, min(opened_on) as first, max(opened_on) as last
  from measured
 group by grp, outcome, decided, planned, appealed, mediated, council_stayed_away
"""
).bindparams(*_GIVEN)
_MEDIANS = text(
    _CASES
    + """
select grp,
       count(decision) as decisions, percentile_cont(0.5) within group (order by decision) / 7 as decision,
       count(plan) as plans, percentile_cont(0.5) within group (order by plan) / 7 as plan,
       count(ended) as ends, percentile_cont(0.5) within group (order by ended) / 7 as "end"
  from measured
 group by grp
"""
).bindparams(*_GIVEN)


@dataclass(frozen=True, slots=True)
class Column:
    """How many cases of each group; none where it is hidden."""

    name: str
    pilot: int | None
    standard: int | None


@dataclass(frozen=True, slots=True)
class Table:
    """Every case once, by what became of it."""

    name: str
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Median:
    """Weeks from the beginning, of those to whom it happened; none for fewer than ten."""

    name: str
    pilot: float | None
    standard: float | None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One process of a pilot: the period from its first case to its latest, and both groups."""

    process: str
    first: date
    last: date
    cases: Column
    tables: tuple[Table, ...]
    medians: tuple[Median, ...]


async def evaluation(session: AsyncSession, process: str, flag: str, variant: str, law: str, stages: Iterable[str]) -> Evaluation | None:
    """How a variant of a flag went in a process, beside the law; nothing where no case was opened under it. `stages` are those at which cases end."""
    given = {"process": process, "flag": flag, "variant": variant, "law": law}
    rows = (await session.execute(_COUNTS, given)).all()
    first = min((row.first for row in rows if row.grp == PILOT), default=None)
    if first is None:
        return None
    medians = {row.grp: row for row in await session.execute(_MEDIANS, given)}
    counted = TABLES.get(process, {})
    names, columns = ("outcome", *counted), (("open", *stages), *counted.values())
    groups = [_atoms((row for row in rows if row.grp == group), names) for group in GROUPS]
    concealed = hidden(groups, columns)
    tables = tuple(Table(name, tuple(_column(groups, n, one, concealed) for one in columns[n])) for n, name in enumerate(names))
    totals = [None if EVERYTHING in concealed else sum(group.values()) for group in groups]
    return Evaluation(
        process,
        first,
        max(row.last for row in rows if row.grp == PILOT),
        Column("cases", *totals),
        tables,
        tuple(Median(name, *(_median(medians.get(group), name) for group in GROUPS)) for name in MEDIANS.get(process, ("end",))),
    )


def _atoms(rows: Iterable[Any], names: Iterable[str]) -> Atoms:
    found: dict[tuple[str, ...], int] = {}
    for row in rows:
        atom = tuple(getattr(row, name) for name in names)
        found[atom] = found.get(atom, 0) + row.many
    return found


def _column(groups: Iterable[Atoms], table: int, name: str, concealed: Mapping[int, frozenset[str]]) -> Column:
    if name in concealed[table]:
        return Column(name, None, None)
    return Column(name, *(sum(many for atom, many in group.items() if atom[table] == name) for group in groups))


def _median(row: Any, name: str) -> float | None:
    if row is None or getattr(row, f"{name}s") < LEAST_FOR_MEDIAN:
        return None
    return round(float(getattr(row, name)))
