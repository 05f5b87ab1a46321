"""The dated examples that stand beside a definition, in a form that knows neither the core nor the network.

`examples()` reads them strictly, `steps` gives what to do day by day, `expectations` what must then be so, and `differences`
compares that with what was `Seen`, whoever played it: the pure core, or the whole stack through its one door.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any

from tests.texts import values
from workflows.library import PILOTS, shelf

TOP = frozenset({"process", "version", "pilots", "stories", "examples"})
EXAMPLE = frozenset({"name", "scenario", "given", "when", "then"})
ACT = frozenset({"act", "on", "recorded", "item", "outcome", "how", "capacity", "facts", "terms"})
EXCUSE = frozenset({"excuse", "ground", "on", "recorded", "item", "capacity", "facts"})
MAPPINGS = frozenset({"due", "status", "met_on", "force", "happened"})
TOLD = frozenset({"letters", "warnings", "breaches", "opens", "sends", "tells", "announces"})
THEN = frozenset({"stage", "no_clock", "allowed", "not_allowed", "nothing_runs", "refused"}) | MAPPINGS | TOLD
REFUSED = frozenset({"says", "cites", "faults"})
PRACTICABLE = "as_soon_as_practicable"

Value = str | int | bool


class Unreadable(ValueError):  # noqa: N818
    """An example that says something nobody would check; carries every fault."""


@dataclass(frozen=True)
class Example:
    """One dated scenario, as it is written."""

    process: str
    version: int
    name: str
    scenario: int | None
    given: tuple[Mapping[str, Any], ...]
    when: tuple[Mapping[str, Any], ...]
    then: Mapping[str, Any]
    rules: tuple[str, ...] = ()  # the pilots under which it is played


@dataclass(frozen=True)
class Move:
    """One thing to do. `kind`: `time` (let it become `recorded`), `act` or `excuse` (`outcome` is the ground).

    `on` is the day it happened, `recorded` the day on which it is told. No capacity: whoever may do it first by the definition.
    """

    kind: str
    on: date
    recorded: date
    name: str = ""
    item: str = ""
    outcome: str = ""
    how: str = ""
    capacity: str = ""
    facts: Mapping[str, Value] = field(default_factory=dict)
    terms: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # the school days of settings, as told with it
    tried: bool = False  # belongs to `when`: what it tells of counts


@dataclass(frozen=True)
class Refusal:
    """What the last step of `when` must be answered: a part of the sentence, the citations, the paths of the faults."""

    says: str
    cites: tuple[str, ...]
    faults: tuple[str, ...]


@dataclass(frozen=True)
class Expected:
    """What must be so at the end. None: the example does not say."""

    stage: str | None
    due: Mapping[str, date | None]
    status: Mapping[str, str]
    met_on: Mapping[str, date]
    force: Mapping[str, str]
    happened: Mapping[str, date]
    no_clock: tuple[str, ...]
    allowed: tuple[str, ...]
    not_allowed: tuple[str, ...]
    nothing_runs: bool | None
    told: Mapping[str, tuple[str, ...]]
    refused: Refusal | None


@dataclass(frozen=True)
class SeenClock:
    """A clock, by whatever way it was read."""

    due: date | None
    status: str
    met_on: date | None
    force: str


@dataclass(frozen=True)
class Seen:
    """What a player saw at the end. Whatever it cannot see stays None, and is not compared."""

    stage: str
    clocks: Mapping[str, SeenClock]
    refusal: Refusal | None
    happened: Mapping[str, date] | None = None
    allowed: Collection[str] | None = None
    told: Mapping[str, Collection[str]] | None = None  # letters, warnings, breaches, opens: of the steps of `when`


@cache
def examples() -> tuple[Example, ...]:
    """Every example on the shelf."""
    found: list[Example] = []
    for nation in sorted(shelf().iterdir(), key=lambda folder: folder.name):
        for folder in sorted(nation.iterdir(), key=lambda folder: folder.name) if nation.is_dir() else ():
            file = folder.joinpath("examples.yaml") if folder.is_dir() else None
            if file is not None and file.is_file():
                found.extend(read(file.read_text("utf-8")))
    return tuple(found)


@cache
def pilot_examples() -> tuple[Example, ...]:
    """Every example beside a pilot."""
    files = [file for file in shelf().joinpath(PILOTS).iterdir() if file.name.endswith(".examples.yaml")]
    return tuple(example for file in sorted(files, key=lambda file: file.name) for example in read(file.read_text("utf-8")))


def read(text: str) -> tuple[Example, ...]:
    """The examples of one file.

    Raises:
        Unreadable: with every fault; an unknown key is one, for what it says would never be checked.
    """
    document = values(text)
    faults = list(_keys("", document, TOP, required=("process", "version", "examples")))
    if faults:
        raise Unreadable("\n".join(faults))
    stories, found, names = document.get("stories") or {}, [], set()
    for number, given in enumerate(document["examples"]):
        path = f"examples[{number}]"
        wrong = list(_keys(path, given, EXAMPLE, required=("name", "when", "then")))
        if not wrong:
            path = given["name"]
            wrong = [*_told_twice(path, names), *_then_faults(path, given["then"], given["when"])]
            names.add(path)
            for part in ("given", "when"):
                try:
                    moves = tuple(_unfolded(given.get(part) or [], stories, f"{path}: {part}"))
                except Unreadable as unreadable:
                    wrong.append(str(unreadable))
                    continue
                wrong += [fault for step in moves for fault in _step_faults(f"{path}: {part}", step)]
                given = {**given, part: moves}
        faults += wrong
        if not wrong:
            scenario = given.get("scenario")
            rules = tuple(f"pilot:{name}" for name in document.get("pilots", ()))
            parts = (given["given"], given["when"], given["then"])
            found.append(Example(document["process"], document["version"], path, scenario, *parts, rules))
    if faults:
        raise Unreadable("\n".join(faults))
    return tuple(found)


def steps(example: Example) -> list[Move]:
    """What to do, in order. Time passes by itself, a step of its own, wherever the next thing is recorded on a later day."""
    moves: list[Move] = []
    for tried, part in ((False, example.given), (True, example.when)):
        for step in part:
            today = moves[-1].recorded if moves else date.min
            if "today" in step:
                moves.append(Move("time", step["today"], step["today"], tried=tried))
                continue
            recorded = step.get("recorded") or max(step["on"], today)
            if moves and recorded > today:
                moves.append(Move("time", recorded, recorded, tried=tried))
            kind = "act" if "act" in step else "excuse"
            facts = {name: value.isoformat() if isinstance(value, date) else value for name, value in (step.get("facts") or {}).items()}
            moves.append(
                Move(
                    kind=kind,
                    on=step["on"],
                    recorded=recorded,
                    name=step[kind],
                    item=step.get("item", ""),
                    outcome=step.get("outcome", step.get("ground", "")),
                    how=step.get("how", ""),
                    capacity=step.get("capacity", ""),
                    facts=facts,
                    terms={setting: tuple(told) for setting, told in (step.get("terms") or {}).items()},
                    tried=tried,
                )
            )
    return moves


def expectations(example: Example) -> Expected:
    """What must be so once the steps were played."""
    then = example.then
    refused = then.get("refused")
    return Expected(
        stage=then.get("stage"),
        due={clock: None if day == PRACTICABLE else day for clock, day in then.get("due", {}).items()},
        status=then.get("status", {}),
        met_on=then.get("met_on", {}),
        force=then.get("force", {}),
        happened=then.get("happened", {}),
        no_clock=tuple(then.get("no_clock", ())),
        allowed=tuple(then.get("allowed", ())),
        not_allowed=tuple(then.get("not_allowed", ())),
        nothing_runs=then.get("nothing_runs"),
        told={kind: tuple(then[kind]) for kind in TOLD if kind in then},
        refused=Refusal(refused["says"], tuple(refused.get("cites", ())), tuple(refused.get("faults", ()))) if refused else None,
    )


def differences(expected: Expected, seen: Seen) -> list[str]:
    """Everything that is not as the example says, in sentences."""
    found = list(_refusal_differences(expected.refused, seen.refusal))
    if expected.stage is not None and seen.stage != expected.stage:
        found.append(f"the stage is {seen.stage}, not {expected.stage}")
    for attribute in ("due", "status", "met_on", "force"):
        for name, value in getattr(expected, attribute).items():
            clock = seen.clocks.get(name)
            if clock is None:
                found.append(f"there is no clock {name}")
            elif getattr(clock, attribute) != value:
                found.append(f"{attribute} of {name} is {getattr(clock, attribute)}, not {value}")
    found += [f"there is a clock {name}" for name in expected.no_clock if name in seen.clocks]
    running = sorted(name for name, clock in seen.clocks.items() if clock.status == "running")
    if expected.nothing_runs is not None and expected.nothing_runs == bool(running):
        found.append(f"clocks that run: {', '.join(running) or 'none'}")
    if seen.happened is not None:
        happened = seen.happened
        found += [
            f"{name} counts as of {happened.get(name)}, not {day}" for name, day in expected.happened.items() if happened.get(name) != day
        ]
    if seen.allowed is not None:
        found += [f"{name} is not offered" for name in expected.allowed if name not in seen.allowed]
        found += [f"{name} is offered" for name in expected.not_allowed if name in seen.allowed]
    if seen.told is not None:
        for kind, names in expected.told.items():
            told = sorted(seen.told.get(kind, ()))
            if told != sorted(names):
                found.append(f"{kind}: {', '.join(told) or 'none'}, not {', '.join(names) or 'none'}")
    return found


def _refusal_differences(expected: Refusal | None, seen: Refusal | None) -> Iterator[str]:
    if seen is None:
        if expected is not None:
            yield f"it was accepted, and should be refused: {expected.says}"
    elif expected is None:
        yield f"it was refused: {seen.says} ({', '.join(seen.cites) or 'no citation'})"
    else:
        if expected.says not in seen.says:
            yield f"it was refused with {seen.says!r}, which does not say {expected.says!r}"
        for kind, wanted, given in (("citations", expected.cites, seen.cites), ("faults", expected.faults, seen.faults)):
            if sorted(wanted) != sorted(given):
                yield f"the {kind} of the refusal are {', '.join(given) or 'none'}, not {', '.join(wanted) or 'none'}"


def _unfolded(given: Any, stories: Mapping[str, Any], path: str, told: tuple[str, ...] = ()) -> Iterator[Mapping[str, Any]]:
    if not isinstance(given, list) or not all(isinstance(step, dict) for step in given):
        raise Unreadable(f"{path} is no list of steps")
    for step in given:
        if "story" not in step:
            yield step
        elif set(step) != {"story"} or step["story"] not in stories or step["story"] in told:
            raise Unreadable(f"{path}: {step} names no story")
        else:
            yield from _unfolded(stories[step["story"]], stories, f"{path}: {step['story']}", (*told, step["story"]))


def _told_twice(path: str, names: set[str]) -> Iterator[str]:
    if path in names:
        yield f"{path}: is told twice"


def _keys(path: str, given: Any, known: frozenset[str], required: tuple[str, ...] = ()) -> Iterator[str]:
    if not isinstance(given, dict):
        yield f"{path}: is no mapping"
        return
    yield from (f"{path}: {key} is an unknown key" for key in given if key not in known)
    yield from (f"{path}: {key} is missing" for key in required if key not in given)


def _step_faults(path: str, step: Mapping[str, Any]) -> Iterator[str]:
    if "today" in step:
        yield from _keys(path, step, frozenset({"today"}))
    elif "excuse" in step:
        yield from _keys(path, step, EXCUSE, required=("ground", "on"))
    else:
        yield from _keys(path, step, ACT, required=("act", "on"))
    yield from (f"{path}: {key} is no day" for key in ("today", "on", "recorded") if key in step and type(step[key]) is not date)


def _then_faults(path: str, then: Any, when: Any) -> Iterator[str]:
    yield from _keys(f"{path}: then", then, THEN)
    if not isinstance(then, dict):
        return
    if not then:
        yield f"{path}: then says nothing"
    yield from (f"{path}: then.{key} is no mapping" for key in MAPPINGS & then.keys() if not isinstance(then[key], dict))
    lists = (TOLD | {"no_clock", "allowed", "not_allowed"}) & then.keys()
    yield from (f"{path}: then.{key} is no list" for key in lists if not isinstance(then[key], list))
    if "refused" in then:
        yield from _keys(f"{path}: then.refused", then["refused"], REFUSED, required=("says",))
    if "refused" in then and not when:
        yield f"{path}: nothing was tried that could be refused"
