"""The definitions on the shelf: strict YAML 1.2, found by name and version, each parsed and checked once.

`published.lock` keeps the SHA-256 of every published file: a published definition never changes, the law gets a new version.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import date
from functools import cache, lru_cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import YAMLError

from statute.days import Days
from statute.definition import Process
from statute.overlay import Amendment, merge, parse_amendment
from statute.parse import parse
from statute.pilot import Pilot, parse_pilot
from statute.pilot_guard import clashes
from statute.revise import CONFIGURATION, PILOT, own
from statute.tenant_overlay import Overlay, Relaxation, parse_overlay
from statute.types import Event, Fault, Faulty, Kind, Refused, State

log = logging.getLogger("waymark.workflows")
LOCK = "published.lock"
AMENDMENTS = "amendments"
PILOTS = "pilots"
APART = frozenset({"calendars", "standards", AMENDMENTS, PILOTS})  # folders of the shelf that hold no processes
_LEARNED: dict[str, Overlay] = {}  # by digest: content, so that what one case was taught is the same for every other


class Unknown(LookupError):  # noqa: N818 - it says what is so, not that something broke
    """No such process, or no such version of it."""


def shelf() -> Traversable:
    """The folder of the definitions inside the installed package."""
    return resources.files("workflows").joinpath("definitions")


def read_yaml(text: str) -> Any:
    """A document as plain values.

    Raises:
        Faulty: not YAML 1.2, a key twice, or more than one document.
    """
    try:
        return YAML(typ="safe", pure=True).load(text)
    except DuplicateKeyError as error:
        raise Faulty((_yaml_fault(error, "has a key twice", "only one of them would count", "keep one"),)) from None
    except YAMLError as error:
        problem = str(getattr(error, "problem", "") or "it cannot be read")
        raise Faulty((_yaml_fault(error, "is not YAML 1.2", problem, "mend it there"),)) from None
    except Exception as error:  # on broken tags and numbers the reader fails in many ways
        raise Faulty((Fault("(the document)", "cannot be read", f"the reader failed: {error!r}"[:200], "mend it"),)) from None


def _yaml_fault(error: YAMLError, what: str, why: str, do: str) -> Fault:
    mark = getattr(error, "problem_mark", None)
    return Fault(f"line {mark.line + 1}" if mark else "(the document)", what, why, do)


def parse_text(text: str) -> Process:
    """A process from the text of a definition. Raises Faulty with every fault."""
    return parse(read_yaml(text))


def files() -> dict[tuple[str, int], Traversable]:
    """Every definition file by name and version."""
    found = {}
    for nation in shelf().iterdir():
        if not nation.is_dir() or nation.name in APART:
            continue
        for folder in nation.iterdir():
            for file in folder.iterdir() if folder.is_dir() else ():
                if file.name.startswith("v") and file.name.endswith(".yaml"):
                    found[folder.name, int(file.name[1:-5])] = file
    return found


@cache
def get(name: str, version: int) -> Process:
    """A process by its exact name and version: never "the latest".

    Raises:
        Unknown: it is not on the shelf.
        Faulty: the file is broken.
    """
    file = files().get((name, version))
    if file is None:
        raise Unknown(f"no process {name} version {version}: there are {', '.join(f'{n} v{v}' for n, v in sorted(files()))}")
    return parse_text(file.read_text("utf-8"))


def learn(documents: Mapping[str, Any]) -> None:
    """Take in overlays by their digests, so that cases pinned to them can be played. An overlay never changes: its digest is its content.

    Raises:
        Faulty: a document that is no overlay, or not the one that its digest names.
    """
    for digest, document in documents.items():
        if digest not in _LEARNED:
            overlay = parse_overlay(document)
            if overlay.digest != digest:
                why = "a case is played by the rules that it is pinned to and by no others"
                raise Faulty((Fault(f"overlays.{digest}", f"is the overlay {overlay.digest}", why, "restore the one that was published"),))
            _LEARNED[digest] = overlay


def unlearned(rules: Iterable[str]) -> tuple[str, ...]:
    """Which of these rules nobody taught this process yet."""
    return tuple(dict.fromkeys(rule for rule in own(rules) if rule not in _LEARNED))


async def ready(rules: Iterable[str], fetch: Callable[[Sequence[str]], Awaitable[Mapping[str, Any]]]) -> None:
    """Fetch and learn what is not known here of the rules of some cases: nothing is asked for where all is known."""
    if missing := unlearned(rules):
        learn(await fetch(missing))


def change(rule: str) -> Pilot | Overlay:
    """A pilot by its name on the shelf (`pilot:NAME`), or an overlay by its digest.

    Raises:
        Unknown: there is no such pilot, or nobody taught the overlay.
    """
    if rule.startswith(PILOT):
        return pilot(rule.removeprefix(PILOT))
    if rule not in _LEARNED:
        raise Unknown(f"the overlay {rule} is not known here")
    return _LEARNED[rule]


@lru_cache(maxsize=1024)  # there are as many as there are councils with configurations of their own, times processes
def under(name: str, version: int, amendments: tuple[str, ...] = (), rules: tuple[str, ...] = ()) -> Process:
    """A process under changes of the law, and then under pilots and overlays of a council.

    Raises:
        Unknown: one of them is not on the shelf, or was not learned.
        Relaxation: an overlay does not fit the law as it is now.
    """
    if not amendments and not rules:
        return get(name, version)
    return merge(get(name, version), *(amendment(one) for one in amendments), *(change(one) for one in rules))


def together(process: Process, rules: tuple[str, ...], flags: Mapping[str, str]) -> tuple[tuple[str, ...], Mapping[str, str]]:
    """The rules and flags under which a case can open: without the pilots where they do not go together with the council's own rules,
    and without those where they do not go together with the law.

    Whoever approves a flag, and whoever publishes a configuration, looks at both; what slipped through must refuse no family its request.
    """
    for kept in dict.fromkeys((rules, own(rules))):
        try:
            under(process.name, process.version, (), kept)
        except (Relaxation, Faulty) as wrong:
            told = {"of": process.name, "error": type(wrong).__name__}
            log.error("pilots or a council's own rules do not go together with the law", extra=told)
        else:
            return kept, flags if kept == rules else {}
    return (), {}  # the law alone: a release that is newer than the last look at what councils published


def of(state: State) -> Process:
    """The rules of a case: those that it was opened under, with the changes it was moved to since."""
    return under(state.process, state.version, state.amendments, state.rules)


def rules_for(state: State, event: Event) -> Process:
    """The rules that an event is played by: for `revised`, those that it moves the case to.

    Raises:
        Refused: there is no such amendment, it is a draft, it was not in force on that day, or the council's own rules do not fit it.
    """
    if event.kind is not Kind.REVISED or event.name in state.amendments:
        return of(state)
    if event.name == CONFIGURATION:
        return _fitting(state.process, state.version, state.amendments, event.rules)
    try:
        found = amendment(event.name)
    except Unknown as unknown:
        raise Refused(str(unknown), faults=(Fault("name", "is no amendment", str(unknown), "name one that is on the shelf"),)) from None
    if found.status != "published" or not found.holds(event.on):
        raise Refused(f"{found.title} is not in force on {event.on:%-d %B %Y}")
    if state.process not in found.changes:
        raise Refused(f"{found.title} says nothing of this process")
    return _fitting(state.process, state.version, (*state.amendments, event.name), state.rules)


def _fitting(name: str, version: int, amendments: tuple[str, ...], rules: tuple[str, ...]) -> Process:
    try:
        return under(name, version, amendments, rules)
    except Unknown as unknown:
        raise Refused(str(unknown), faults=(Fault("rules", "are not known", str(unknown), "publish them first"),)) from None
    except (Relaxation, Faulty) as wrong:
        raise Refused(f"The council's own rules do not fit: {wrong}") from None


@cache
def amendment(name: str) -> Amendment:
    """A change of the law by its name.

    Raises:
        Unknown: it is not on the shelf.
        Faulty: the file is broken.
    """
    if name not in amendments():
        raise Unknown(f"no amendment {name}: there are {', '.join(amendments())}")
    return parse_amendment(read_yaml(shelf().joinpath(AMENDMENTS, f"{name}.yaml").read_text("utf-8")))


@cache
def pilot(name: str) -> Pilot:
    """A pilot by its name. A published one never changes, for cases are pinned to its name: what is otherwise has another name.

    Raises:
        Unknown: it is not on the shelf.
        Faulty: the file is broken.
    """
    if name not in pilots():
        raise Unknown(f"no pilot {name}: there are {', '.join(pilots())}")
    return parse_pilot(read_yaml(shelf().joinpath(PILOTS, f"{name}.yaml").read_text("utf-8")))


@cache
def pilots() -> tuple[str, ...]:
    """The names of all pilots, sorted."""
    files = [file.name for file in shelf().joinpath(PILOTS).iterdir() if file.name.endswith(".yaml")]
    return tuple(sorted(name.removesuffix(".yaml") for name in files if not name.endswith(".examples.yaml")))


@cache
def offered() -> tuple[Pilot, ...]:
    """Every pilot on the shelf, by name, drafts too: who pins a case asks each whether it holds."""
    return tuple(pilot(name) for name in pilots())


def pilots_of(rules: Iterable[str]) -> tuple[Pilot, ...]:
    """The pilots among the rules of a case, in the order in which they are laid."""
    return tuple(pilot(rule.removeprefix(PILOT)) for rule in rules if rule.startswith(PILOT))


@cache
def pilot_sets(process: str) -> tuple[tuple[str, ...], ...]:
    """Every lawful choice among the pilots that say something of a process, as rules: none first, and never two that exclude one another."""
    found: list[tuple[str, ...]] = [()]
    for name in pilots():
        if process in pilot(name).parts:
            found += [(*rules, f"{PILOT}{name}") for rules in found if not clashes((*pilots_of(rules), pilot(name)))]
    return tuple(found)


@cache
def amendments() -> tuple[str, ...]:
    """The names of all changes of the law, sorted."""
    return tuple(sorted(file.name.removesuffix(".yaml") for file in shelf().joinpath(AMENDMENTS).iterdir() if file.name.endswith(".yaml")))


@cache
def in_force(name: str, on: date) -> Process:
    """The version that applies to a case opened on a day. Raises Unknown."""
    versions = [get(known, version) for known, version in files() if known == name]
    lawful = [process for process in versions if process.in_force_from <= on and process.status == "published"]
    if not lawful:
        raise Unknown(f"no published version of {name} is in force on {on:%-d %B %Y}")
    return max(lawful, key=lambda process: (process.in_force_from, process.version))


def all_in_force(on: date) -> tuple[Process, ...]:
    """Every process that a case can be opened under on a day, by name: drafts and what is still to come are not among them."""
    found = []
    for name in names():
        with suppress(Unknown):
            found.append(in_force(name, on))
    return tuple(found)


def drafts() -> tuple[str, ...]:
    """The names of processes that are proposed and in no version published: nobody can open a case of them."""
    published = {name for name, version in files() if get(name, version).status == "published"}
    return tuple(name for name in names() if name not in published)


def names() -> tuple[str, ...]:
    """The names of all processes, sorted."""
    return tuple(sorted({name for name, _ in files()}))


@cache
def england() -> Days:
    """England's calendar: its bank holidays, from the dated table beside the definitions."""
    document = read_yaml(shelf().joinpath("calendars", "england_bank_holidays.yaml").read_text("utf-8"))
    return Days(holidays=frozenset(day for days in document["years"].values() for day in days))


def changed_since_published() -> list[str]:
    """Published files whose content is not the one in `published.lock`, or that the lock does not know."""
    locked = dict(line.split()[::-1] for line in shelf().joinpath(LOCK).read_text("utf-8").splitlines() if line.strip())
    wrong = []
    changes = {f"{AMENDMENTS}/{name}.yaml": amendment(name).status for name in amendments()}
    changes |= {f"{PILOTS}/{name}.yaml": pilot(name).status for name in pilots()}
    for path, status in changes.items():
        digest = hashlib.sha256(shelf().joinpath(path).read_bytes()).hexdigest()
        if status == "published" and locked.get(path) != digest:
            wrong.append(f"{path} {digest}")
    for (name, version), file in sorted(files().items()):
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        if get(name, version).status == "published" and locked.get(f"{name}/v{version}.yaml") != digest:
            wrong.append(f"{name}/v{version}.yaml {digest}")
    return wrong
