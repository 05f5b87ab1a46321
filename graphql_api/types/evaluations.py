"""How a pilot went, as those see it who answer for it: counts of both groups, small numbers hidden, and medians of ten cases or more."""

from __future__ import annotations

from datetime import date

import strawberry

from graphql_api.context import Context
from policies.actions import Act, Object
from statute.definition import Process
from store.evaluation import Evaluation, evaluation
from tenants.flags import KNOWN
from workflows import library

SAY = {
    "cases": "Cases opened",
    "outcome": "Where they stand",
    "decided": "When the family heard whether the council would assess",
    "planned": "When the final plan was sent",
    "appealed": "Whether the family appealed",
    "mediated": "What became of mediation",
    "council_stayed_away": "Whether nobody came for the council to a meeting that was set",
    "decision": "Weeks to the decision whether to assess",
    "plan": "Weeks to the final plan",
    "end": "Weeks to the end of the case",
    "open": "Not ended yet",
    "not_yet": "Not yet",
    "within_6_weeks": "Within 6 weeks",
    "within_20_weeks": "Within 20 weeks",
    "later": "Later",
    "no": "No",
    "yes": "Yes",
    "not_held": "No mediation was held",
    "held": "Held, and nothing agreed that the law gives a time for",
    "agreed": "Something was agreed",
}


@strawberry.type(description="A number of cases in each group; null where it is hidden.")
class EvaluationFigure:
    name: str = strawberry.field(description="What is counted.")
    say: str = strawberry.field(description="That, in words.")
    pilot: int | None = strawberry.field(description="Of the cases that opened under the pilot.")
    standard: int | None = strawberry.field(description="Of the cases that opened under the law alone in the same time.")
    pilot_percent: int | None = strawberry.field(description="That, as a percentage of the pilot's cases.")
    standard_percent: int | None = strawberry.field(description="That, as a percentage of the other cases.")
    hidden: bool = strawberry.field(description="Hidden, because it or what could be worked out from it is 1 to 4.")


@strawberry.type(description="Every case of a process once, by what became of it.")
class EvaluationTable:
    name: str = strawberry.field(description="By what.")
    say: str = strawberry.field(description="That, in words.")
    figures: list[EvaluationFigure] = strawberry.field(description="How many.")


@strawberry.type(description="A median in whole weeks; null for fewer than ten cases.")
class EvaluationMedian:
    name: str = strawberry.field(description="Of what.")
    say: str = strawberry.field(description="That, in words.")
    pilot: int | None = strawberry.field(description="Of the cases that opened under the pilot.")
    standard: int | None = strawberry.field(description="Of the cases that opened under the law alone in the same time.")


@strawberry.type(description="One process of a pilot.")
class ProcessEvaluation:
    process: str = strawberry.field(description="Its name.")
    title: str = strawberry.field(description="Its title.")
    first: date = strawberry.field(description="When the first case under the pilot opened.")
    last: date = strawberry.field(description="When the latest did: cases under the law alone are counted from the one to the other.")
    cases: EvaluationFigure = strawberry.field(description="How many cases.")
    tables: list[EvaluationTable] = strawberry.field(description="What became of them.")
    medians: list[EvaluationMedian] = strawberry.field(description="How long it took.")


@strawberry.type(
    description="How a pilot went in this council. Groups are by what was pinned at the opening; a case that was returned since is still the pilot's."
)
class PilotEvaluation:
    pilot: str = strawberry.field(description="Its name.")
    said: str = strawberry.field(description="How to read it.")
    processes: list[ProcessEvaluation] = strawberry.field(description="Process by process; only those in which a case opened under it.")


async def evaluation_of(context: Context, name: str) -> PilotEvaluation | None:
    """How a pilot went: two statements a process; nothing for those who may not read it."""
    pilot = next((one for one in library.offered() if one.name == name), None)
    found: list[ProcessEvaluation] = []
    async with context.read() as reading:
        if pilot is None or not reading.standing.may(Object.PILOT, Act.EVALUATE).allowed:
            return None
        for part in sorted(pilot.parts):
            versions = [library.get(known, version) for known, version in library.files() if known == part]
            stages = tuple(dict.fromkeys(stage.name for process in versions for stage in process.stages.values() if stage.ends))
            one = await evaluation(reading.session, part, pilot.flag, pilot.variant, KNOWN[pilot.flag].default, stages)
            if one is not None:
                found.append(_process(one, max(versions, key=lambda process: process.version)))
    said = (
        "Cases that opened under the pilot beside those that opened under the law alone, in the same council and time. "
        "Councils, families and chance chose who is in which group, so a difference is no proof. Numbers from 1 to 4 are hidden, with what they follow from."
    )
    return PilotEvaluation(pilot=pilot.name, said=said, processes=found)


def _process(one: Evaluation, process: Process) -> ProcessEvaluation:
    def said(name: str) -> str:
        return process.stages[name].say if name in process.stages else SAY.get(name, name)

    def figure(name: str, pilot: int | None, standard: int | None) -> EvaluationFigure:
        shares = {"pilot_percent": _percent(pilot, one.cases.pilot), "standard_percent": _percent(standard, one.cases.standard)}
        return EvaluationFigure(
            name=name, say=said(name), pilot=pilot, standard=standard, hidden=pilot is None or standard is None, **shares
        )

    return ProcessEvaluation(
        process=one.process,
        title=process.title,
        first=one.first,
        last=one.last,
        cases=figure("cases", one.cases.pilot, one.cases.standard),
        tables=[
            EvaluationTable(
                name=table.name, say=SAY[table.name], figures=[figure(each.name, each.pilot, each.standard) for each in table.columns]
            )
            for table in one.tables
        ],
        medians=[
            EvaluationMedian(
                name=each.name,
                say=SAY[each.name],
                pilot=None if each.pilot is None else int(each.pilot),
                standard=None if each.standard is None else int(each.standard),
            )
            for each in one.medians
        ],
    )


def _percent(many: int | None, of: int | None) -> int | None:
    """From numbers that are published, and so no more than they say."""
    return round(100 * many / of) if many is not None and of else None
