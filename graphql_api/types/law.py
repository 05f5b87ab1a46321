"""The law as clients see it: processes, stages, citations with what was read for them."""

from __future__ import annotations

from enum import Enum

import strawberry

from statute import definition
from statute import types as core
from statute.draw import draw


@strawberry.enum(description="How strongly a rule binds.")
class Force(Enum):
    MUST = strawberry.enum_value("must", description="A statute.")
    SHOULD = strawberry.enum_value("should", description="Statutory guidance.")
    LOCAL = strawberry.enum_value("local", description="The council's own.")


@strawberry.enum(description="What was read for a citation.")
class Evidence(Enum):
    PRIMARY = strawberry.enum_value("primary", description="The text of the law.")
    SECONDARY = strawberry.enum_value("secondary", description="A secondary source.")
    NONE = strawberry.enum_value("none", description="Nothing: from knowledge, not verified.")


@strawberry.type(description="One pinpoint in one instrument.")
class Citation:
    instrument: str = strawberry.field(description="Its short name, as in the definition.")
    pinpoint: str = strawberry.field(description="Where in it.")
    evidence: Evidence = strawberry.field(description="What was read for it.")


def citations(cites: tuple[core.Citation, ...]) -> list[Citation]:
    """Citations for clients."""
    return [Citation(instrument=one.instrument, pinpoint=one.pinpoint, evidence=Evidence(one.evidence.value)) for one in cites]


@strawberry.type(description="A fact that an act takes.")
class NeededFact:
    name: str = strawberry.field(description="Its name.")
    type: str = strawberry.field(description="date, planned_date, text, truth, number, choice, setting or authority.")
    choices: list[str] = strawberry.field(description="The choices, where there are some.")
    required: bool = strawberry.field(description="Whether it must be given.")


@strawberry.type(description="A legal ground: it disapplies a limit where complying is impractical because of it.")
class Ground:
    name: str = strawberry.field(description="As in the definition: the `ground` of claimExcuse.")
    say: str = strawberry.field(description="What it is.")
    facts: list[NeededFact] = strawberry.field(
        description="What must be recorded for it: its own facts, why it made it impractical, and the evidence."
    )


def needed(rules: definition.Process, use: definition.FactUse) -> NeededFact:
    """A fact that an act takes, with its type and choices."""
    rule = rules.facts[use.name]
    return NeededFact(name=rule.name, type=rule.type.value, choices=list(rule.choices), required=use.required)


def ground_of(rules: definition.Process, name: str) -> Ground:
    """A ground by its name; the two facts that every ground records are among its own."""
    ground = rules.grounds[name]
    return Ground(name=ground.name, say=ground.say, facts=[needed(rules, use) for use in ground.facts])


@strawberry.type(description="Where a case stands.")
class Stage:
    name: str = strawberry.field(description="As in the definition.")
    say: str = strawberry.field(description="What it means, in a sentence.")
    ends: bool = strawberry.field(description="Whether the case has ended there.")


@strawberry.type(description="A rule about a date.")
class Deadline:
    name: str = strawberry.field(description="As in the definition.")
    say: str = strawberry.field(description="One sentence fit for a parent.")
    binds: str = strawberry.field(description="Whose duty it is.")
    force: Force = strawberry.field(description="How strongly it binds.")
    citations: list[Citation] = strawberry.field(description="The law that it comes from.")


@strawberry.type(description="A kind of statutory procedure, as it is in force for this council.")
class Process:
    source: strawberry.Private[definition.Process]

    @strawberry.field(description="Its name.")
    def name(self) -> str:
        return self.source.name

    @strawberry.field(description="Its version.")
    def version(self) -> int:
        return self.source.version

    @strawberry.field(description="Its title.")
    def title(self) -> str:
        return self.source.title

    @strawberry.field(description="The fingerprint of exactly these rules.")
    def digest(self) -> str:
        return self.source.digest

    @strawberry.field(description="Who with legal authority reviewed it; null: nobody.")
    def reviewed(self) -> str | None:
        return self.source.reviewed

    @strawberry.field(description="Its stages.")
    def stages(self) -> list[Stage]:
        return [stage_of(self.source, name) for name in self.source.stages]

    @strawberry.field(description="Its deadlines.")
    def deadlines(self) -> list[Deadline]:
        return [
            Deadline(name=one.name, say=one.say, binds=one.binds, force=Force(one.force.value), citations=citations(one.cites))
            for one in self.source.deadlines.values()
        ]

    @strawberry.field(description="A picture of its stages, as SVG.")
    def diagram(self) -> str:
        return draw(self.source)


def stage_of(process: definition.Process, name: str) -> Stage:
    """A stage for clients."""
    stage = process.stages[name]
    return Stage(name=stage.name, say=stage.say, ends=stage.ends)
