"""What a council sets for itself, as those see it who work by it: a version, its history, what differs, and its proof."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

import strawberry
from strawberry import Private

from graphql_api.context import Context
from graphql_api.types.paging import PageInfo
from graphql_api.types.person import Person, person_by
from graphql_api.types.results import Denied, Fault, Invalid, NotFound, Refused, Unavailable
from store.configurations import Entry, Version
from tenants.configuration import Configuration as Read
from tenants.configuration import parse_configuration
from tenants.configuration_text import as_yaml


@strawberry.type(description="Something that was done with a version.")
class ConfigurationEntry:
    context: Private[Context]
    person_key: Private[UUID]
    at: datetime = strawberry.field(description="When.")
    what: str = strawberry.field(description="drafted, edited, proposed, approved, published, superseded or withdrawn.")
    why: str = strawberry.field(description="Why, in the words of who did it.")
    revision: int = strawberry.field(description="The revision that it led to.")
    digest: str = strawberry.field(description="The fingerprint of the document then.")

    @strawberry.field(description="Who did it, for those who may see people.")
    async def by(self) -> Person | None:
        return await person_by(self.context, self.person_key)


@strawberry.type(description="How letters look, besides what the law prescribes.")
class LetterHead:
    logo: str = strawberry.field(description="A data URL of a PNG or an SVG; empty: none.")
    address: str = strawberry.field(description="Empty: none.")
    telephone: str = strawberry.field(description="Empty: none.")
    email: str = strawberry.field(description="Empty: none.")
    sign_off: str = strawberry.field(description="Empty: none.")


@strawberry.type(description="Who besides is told when a limit is near or has passed.")
class EscalationRule:
    process: str = strawberry.field(description="Of which process.")
    deadline: str | None = strawberry.field(description="Of which limit; null: of every one.")
    on: str = strawberry.field(description="warning or breach.")
    to: str = strawberry.field(description="The subject or the id of the person.")
    say: str = strawberry.field(description="Who that is, in words.")


@strawberry.type(description="People who work on the same processes.")
class ConfiguredTeam:
    name: str = strawberry.field(description="Its name in the document.")
    say: str = strawberry.field(description="Its name in words.")
    members: list[str] = strawberry.field(description="The subjects or ids of its people.")
    processes: list[str] = strawberry.field(description="On which; empty: on all.")


@strawberry.type(description="A council's own rules for one process, which refine the law and never relax it.")
class OverlaySet:
    name: str = strawberry.field(description="Its name in the document.")
    process: str = strawberry.field(description="Of which process.")
    why: str = strawberry.field(description="Why, in words that families read.")
    digest: str = strawberry.field(description="The fingerprint by which cases are pinned to it.")


@strawberry.type(description="An overlay to which no new case is pinned, because the law of this release does not allow it.")
class LeftOut:
    overlay: str = strawberry.field(description="Its name.")
    process: str = strawberry.field(description="Of which process.")
    why: str = strawberry.field(description="What the law says.")


@strawberry.type(description="One version of what a council sets for itself. What is or was in force never changes.")
class Configuration:
    context: Private[Context]
    row: Private[Version]
    entries: Private[list[Entry]]
    version: int = strawberry.field(description="Its number.")
    status: str = strawberry.field(description="draft, proposed, approved, published, superseded or withdrawn.")
    revision: int = strawberry.field(description="One more with every change: a change says which one it was made on.")
    digest: str = strawberry.field(description="The fingerprint of the document.")
    based_on: int | None = strawberry.field(description="The version that was in force when it was begun or last changed.")
    restores: int | None = strawberry.field(description="The earlier version that it brings back, if it does.")
    why: str = strawberry.field(description="Why, in the words of who drafted it.")
    proved: bool = strawberry.field(description="Whether a proof vouches for it as it stands.")
    left_out: list[LeftOut] = strawberry.field(description="Overlays that the law of this release does not allow any more.")

    @strawberry.field(description="Days on which the council is closed; no date of law moves.")
    def closed_days(self) -> list[date]:
        return list(_read(self.row).closed_days)

    @strawberry.field(description="The whole document as YAML: what draftConfiguration and editConfiguration take.")
    def yaml(self) -> str:
        return _yaml(self.row)

    @strawberry.field(description="The council's own rules, of one process each.")
    def overlays(self) -> list[OverlaySet]:
        return [OverlaySet(name=one.name, process=one.process, why=one.why, digest=one.digest) for one in _read(self.row).overlays]

    @strawberry.field(description="How letters look.")
    def letters(self) -> LetterHead:
        one = _read(self.row).letters
        return LetterHead(logo=one.logo, address=one.address, telephone=one.telephone, email=one.email, sign_off=one.sign_off)

    @strawberry.field(description="Who besides is told.")
    def escalation(self) -> list[EscalationRule]:
        return [
            EscalationRule(process=one.process, deadline=one.deadline or None, on=one.on, to=one.to, say=one.say)
            for one in _read(self.row).escalation
        ]

    @strawberry.field(description="The teams.")
    def teams(self) -> list[ConfiguredTeam]:
        return [
            ConfiguredTeam(name=one.name, say=one.say, members=list(one.members), processes=list(one.processes))
            for one in _read(self.row).teams
        ]

    @strawberry.field(description="Who did what with it, when and why; nothing is ever forgotten.")
    def history(self) -> list[ConfigurationEntry]:
        return [
            ConfigurationEntry(
                context=self.context,
                person_key=one.person_id,
                at=one.at,
                what=one.what,
                why=one.why,
                revision=one.revision,
                digest=one.digest,
            )
            for one in self.entries
        ]


@strawberry.type(description="A version in a list.")
class ConfigurationEdge:
    node: Configuration = strawberry.field(description="The version.")
    cursor: str = strawberry.field(description="Its place in the list.")


@strawberry.type(description="A page of versions, the latest first.")
class ConfigurationConnection:
    edges: list[ConfigurationEdge] = strawberry.field(description="The versions with their places.")
    nodes: list[Configuration] = strawberry.field(description="The versions.")
    page_info: PageInfo = strawberry.field(description="Where the page ends.")


_READ: OrderedDict[str, tuple[Read, str]] = OrderedDict()  # by digest: what was written never changes
_KEPT = 64


def _known(row: Version) -> tuple[Read, str]:
    if row.digest not in _READ:
        read = parse_configuration(row.document)
        _READ[row.digest] = (read, as_yaml(read.document))
        while len(_READ) > _KEPT:
            _READ.popitem(last=False)
    return _READ[row.digest]


def _read(row: Version) -> Read:
    return _known(row)[0]


def _yaml(row: Version) -> str:
    return _known(row)[1]


def configuration_of(context: Context, one: Version, entries: list[Entry]) -> Configuration:
    """A version for those who may see it."""
    return Configuration(
        context=context,
        row=one,
        entries=entries,
        version=one.version,
        status=one.status,
        revision=one.revision,
        digest=one.digest,
        based_on=one.based_on,
        restores=one.restores,
        why=one.why,
        proved=one.proved,
        left_out=[LeftOut(overlay=each["overlay"], process=each["process"], why=each["why"]) for each in one.left_out],
    )


# -- the proof ------------------------------------------------------------------------------------------------------------


@strawberry.type(description="The latest lawful day of one thing that the law asks, in words.")
class ProvedLimit:
    deadline: str = strawberry.field(description="Its name in the definition.")
    say: str = strawberry.field(description="For example: 6 weeks from received on.")


@strawberry.type(description="Every path of the process was walked, and none exceeds a limit of the law or loses a right.")
class ProofCertificate:
    national: str = strawberry.field(description="The fingerprint of the national process that it was held against.")
    digest: str = strawberry.field(description="The fingerprint of the council's process that it vouches for.")
    states: int = strawberry.field(description="How many places a case can stand in.")
    transitions: int = strawberry.field(description="How many steps between them.")
    longest: str = strawberry.field(description="The ending to which even the shortest lawful way is the longest.")
    limits: list[ProvedLimit] = strawberry.field(description="The latest lawful days of what the law asks of anybody.")


@strawberry.type(description="The shortest path that breaks the law.")
class ProofCounterExample:
    say: str = strawberry.field(description="All of it in one sentence.")
    what: str = strawberry.field(description="What is wrong.")
    why: str = strawberry.field(description="Which rule it breaks.")
    cites: list[str] = strawberry.field(description="By what law.")
    path: list[str] = strawberry.field(description="How a case gets there, step by step.")


@strawberry.type(description="What came of holding one process against the law.")
class ProcessProof:
    process: str = strawberry.field(description="Which.")
    version: int = strawberry.field(description="Its version.")
    amendments: list[str] = strawberry.field(description="The changes of the law that it was proved under.")
    pilots: list[str] = strawberry.field(description="The pilots beside which it was proved; empty: the law alone.")
    sound: bool = strawberry.field(description="Whether it keeps the law.")
    certificate: ProofCertificate | None = strawberry.field(description="Where it does.")
    counter_example: ProofCounterExample | None = strawberry.field(description="Where some path does not.")
    refused: list[Fault] = strawberry.field(description="What no council may do, each with its law.")


@strawberry.type(description="Pilots that do not go together with the council's own rules.")
class PilotsApart:
    process: str = strawberry.field(description="Of which process.")
    pilots: list[str] = strawberry.field(description="Which.")
    why: str = strawberry.field(description="What stands between them.")


@strawberry.type(description="Whether a configuration keeps every limit and every right. Without it nothing is published.")
class Proof:
    sound: bool = strawberry.field(description="Whether it may be proposed and published.")
    milliseconds: int = strawberry.field(description="How long it took.")
    processes: list[ProcessProof] = strawberry.field(
        description="Process by process under the law, and beside those choices of pilots where some path breaks it."
    )
    choices: int = strawberry.field(description="Beside how many choices of pilots it was proved as well.")
    apart: list[PilotsApart] = strawberry.field(
        description="Pilots that do not go together with it: a case that opens under it opens without them."
    )


def proof_of(stored: Mapping[str, Any]) -> Proof:
    """A stored proof."""
    return Proof(
        sound=stored["sound"],
        milliseconds=stored["milliseconds"],
        processes=[_process(one) for one in stored["processes"]],
        choices=stored.get("choices", 0),
        apart=[PilotsApart(**one) for one in stored.get("apart", ())],
    )


def _certificate(good: Mapping[str, Any]) -> ProofCertificate:
    limits = [ProvedLimit(deadline=name, say=say) for name, say in good["limits"].items()]
    return ProofCertificate(**{name: good[name] for name in ("national", "digest", "states", "transitions", "longest")}, limits=limits)


def _process(one: Mapping[str, Any]) -> ProcessProof:
    good, bad = one["certificate"], one["counter_example"]
    return ProcessProof(
        process=one["process"],
        version=one["version"],
        amendments=one["amendments"],
        pilots=one.get("pilots", []),
        sound=one["sound"],
        certificate=_certificate(good) if good else None,
        counter_example=ProofCounterExample(**{name: bad[name] for name in ("say", "what", "why", "cites", "path")}) if bad else None,
        refused=[Fault(path=each["path"], what=each["what"], why=each["why"], do=each["do"]) for each in one["faults"]],
    )


# -- what an act answers --------------------------------------------------------------------------------------------------


@strawberry.type(description="It is done; this is the version after it.")
class ConfigurationRecorded:
    configuration: Configuration = strawberry.field(description="The version as it stands.")
    replayed: bool = strawberry.field(description="Whether it had been done before, under the same key.")


@strawberry.type(description="Somebody else was quicker. Nothing changed, and nothing is lost.")
class ConfigurationConflict:
    say: str = strawberry.field(description="What to do.")
    configuration: Configuration = strawberry.field(description="What is there now.")


Recorded = ConfigurationRecorded | ConfigurationConflict | Refused | Denied | Invalid | NotFound | Unavailable
ConfigurationResult = Annotated[
    Recorded, strawberry.union("ConfigurationResult", description="What became of an act on a council's configuration.")
]
